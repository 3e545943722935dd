package results

import (
	"fmt"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/text"
)

// RowsIn says that the labels of a stretch of the images stand one row off.
type RowsIn struct {
	Within
	Rows
	Same, SameOwn int // objects of it whose label is that of the neighbour too, of these: detected so
}

// Found reports whether there is such a stretch.
func (r *RowsIn) Found() bool { return r.By != 0 }

// beside is what the objects of an image say of their labels and those of the record beside.
type beside struct {
	Rows
	same, sameOwn int
}

// rowsIn looks for a stretch in which objects are detected as the neighbour's label says. It is asked where the whole
// does not show it, and the classes of fewer than 19 in 20 objects are those of a detection. An image has it if more of
// its objects are detected as the neighbour's record says than as their own, of those whose labels differ. Half of the
// objects of the stretch are, 20 at least, and a quarter at most as their own. Where two classes are exchanged, the
// neighbour's label is right for those that differ, and wrong for those that do not: most of these have to be right.
func (v *Verdict) rowsIn(d *dataset.Dataset) RowsIn {
	if v.Rows.By != 0 || v.Swap.Pairs < leastRows || 20*v.Swap.Same > 19*v.Swap.Pairs {
		return RowsIn{}
	}
	images := v.besideOf(d)
	for side, by := range [...]int{-1, 1} {
		at := -1
		s := v.within(d, func(*sampled) vote {
			at++
			switch r := &images[at][side]; {
			case r.Next > r.Own:
				return has
			case r.Own > r.Next:
				return hasNot
			}
			return abstains
		})
		if !s.Found() {
			continue
		}
		r := RowsIn{Within: s}
		for _, i := range s.members {
			b := &images[i][side]
			r.Rows.Of, r.Own, r.Next = r.Rows.Of+b.Of, r.Own+b.Own, r.Next+b.Next
			r.Same, r.SameOwn = r.Same+b.same, r.SameOwn+b.sameOwn
		}
		if r.Rows.Of >= leastRows && 2*r.Next >= r.Rows.Of && 4*r.Own <= r.Rows.Of && 2*r.SameOwn >= r.Same {
			r.By = by
			return r
		}
	}
	return RowsIn{}
}

// besideOf compares, image by image, the labels of objects with those of the record before and of that behind.
func (v *Verdict) besideOf(d *dataset.Dataset) [][2]beside {
	images := make([][2]beside, len(v.sample))
	order, place := -1, []int32(nil)
	var inFile []int32
	for i := range v.sample {
		s := &v.sample[i]
		src := d.Source(int(s.source))
		if order != int(s.source) {
			inFile, place = sample.FileOrder(src)
			order = int(s.source)
		}
		for k, at := range s.objects {
			if s.seen[k] == unseenClass {
				continue
			}
			for side, by := range [...]int{-1, 1} {
				next := int(place[at]) + by
				if next < 0 || next >= len(inFile) {
					continue
				}
				r := &images[i][side]
				other := src.Objects[inFile[next]].Class
				if src.Objects[at].Class == other {
					r.same++
					r.sameOwn += sample.One(s.same[k])
					continue
				}
				r.Of++
				r.Own += sample.One(s.same[k])
				r.Next += sample.One(s.seen[k] == other)
			}
		}
	}
	return images
}

// message says that labels of a stretch stand one row off.
func (r *RowsIn) message(d *dataset.Dataset) string {
	where := "behind"
	if r.By < 0 {
		where = "before"
	}
	src := d.Source(int(r.First[0]))
	return fmt.Sprintf("the column of labels seems to stand one row off in a part of the annotations, %s: of %s whose "+
		"label differs from that of the record %s theirs, %s %s detected as that record says, and %s as their own does. In "+
		"%s of %s that tell most are so, and in %s of %s in the rest. Move the labels of this part back. The first is "+
		"%s of %s",
		r.Part, say.Plural(r.Rows.Of, "object"), where, say.Group(r.Next), say.Are(r.Next), say.Group(r.Own),
		say.Group(r.Yes), say.Plural(r.Within.Of, "image"), say.Group(r.Others), say.Group(r.Rest),
		say.Label(&src.Images[r.First[1]]), text.Printable(src.Name))
}
