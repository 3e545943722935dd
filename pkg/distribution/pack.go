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
	w.Len(len(s.Classes))
	last := int32(-1)
	for i := range s.Classes {
		of := &s.Classes[i]
		w.Uint(uint64(of.Class - last - 1))
		w.Int(of.Objects)
		w.Int(of.Images)
		packAll(w, of.Overlapping[:])
		last = of.Class
	}
}

// Pack packs a detail.
func (s *Detail) Pack(w *pack.Writer) {
	w.Len(len(s.ClassPlaces))
	last := int32(-1)
	for _, of := range s.ClassPlaces {
		w.Uint(uint64(of.Class - last - 1))
		w.Text(string(of.Places))
		last = of.Class
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
	s := newSource()
	s.Images, s.Objects = r.Int(), r.Int()
	for f := range s.Counts {
		unpackAll(r, s.Counts[f])
	}
	last := int32(-1)
	for range r.Len(3 + len(Thresholds)) {
		of := OfClass{Class: unpackNext(r, last, classes), Objects: r.Int(), Images: r.Int()}
		unpackAll(r, of.Overlapping[:])
		s.Classes = append(s.Classes, of)
		last = of.Class
	}
	if r.Err() != nil {
		s.Classes = nil
	}
	return s
}

// unpackNext reads the number of a class above the last one, of so many classes.
func unpackNext(r *pack.Reader, last int32, classes int) int32 {
	return last + 1 + int32(r.Below(max(0, classes-int(last)-1)))
}

// UnpackDetail reads what Detail.Pack packed, with so many classes.
func UnpackDetail(r *pack.Reader, classes int) *Detail {
	s := newDetail()
	last := int32(-1)
	for range r.Len(2) {
		of := ClassPlaces{unpackNext(r, last, classes), unpackPlaces(r)}
		if last = of.Class; len(of.Places) == 0 {
			r.Fail()
		}
		s.ClassPlaces = append(s.ClassPlaces, of)
	}
	if r.Err() != nil {
		s.ClassPlaces = nil
	}
	for range r.Len(3) {
		p := Pair{int32(r.Below(classes)), int32(r.Below(classes))}
		if p.A >= p.B {
			r.Fail()
			return newDetail()
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
