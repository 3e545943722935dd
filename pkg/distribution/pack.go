package distribution

import (
	"cmp"
	"maps"
	"slices"

	"focalaudit/internal/pack"
)

// Pack packs the counts of a source, but for the detail.
func (s *Source) Pack(w *pack.Writer) {
	w.Int(s.Images)
	w.Int(s.Objects)
	for f := range s.Counts {
		packAll(w, s.Counts[f])
	}
	packAll(w, s.ClassImages)
	for c := range s.Overlapping {
		packAll(w, s.Overlapping[c][:])
	}
}

// Pack packs a detail.
func (s *Detail) Pack(w *pack.Writer) {
	for _, places := range s.ClassPlaces {
		w.Text(string(places))
	}
	w.Len(len(s.Together))
	for _, p := range slices.SortedFunc(maps.Keys(s.Together), func(a, b Pair) int {
		return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	}) {
		w.Uint(uint64(p.A))
		w.Uint(uint64(p.B))
		w.Int(s.Together[p])
	}
}

// Unpack reads what Source.Pack packed, with so many classes.
func Unpack(r *pack.Reader, classes int) *Source {
	s := newSource(classes)
	s.Images, s.Objects = r.Int(), r.Int()
	for f := range s.Counts {
		unpackAll(r, s.Counts[f])
	}
	unpackAll(r, s.ClassImages)
	for c := range s.Overlapping {
		unpackAll(r, s.Overlapping[c][:])
	}
	return s
}

// UnpackDetail reads what Detail.Pack packed, with so many classes.
func UnpackDetail(r *pack.Reader, classes int) *Detail {
	s := newDetail(classes)
	for c := range s.ClassPlaces {
		if p := unpackPlaces(r); len(p) > 0 {
			s.ClassPlaces[c] = p
		}
	}
	for range r.Len(3) {
		p := Pair{int32(r.Below(classes)), int32(r.Below(classes))}
		if p.A >= p.B {
			r.Fail()
			return newDetail(classes)
		}
		s.Together[p] = r.Int()
	}
	return s
}

func packAll(w *pack.Writer, counts []int64) {
	for _, n := range counts {
		w.Int(n)
	}
}

func unpackAll(r *pack.Reader, counts []int64) {
	for i := range counts {
		counts[i] = r.Int()
	}
}
