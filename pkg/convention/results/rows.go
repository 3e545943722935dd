package results

import (
	"fmt"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/text"
)

// Rows compares the class of the surest confident detection of an object with the labels of the
// records beside it: the column of labels may stand one row off.
type Rows struct {
	By        int // 1 if labels belong to the record behind theirs, -1 if to the one before, 0 if they are in place
	Own, Next int // objects detected as their own record says, as the neighbour's says
	Of        int // objects detected whose label differs from the neighbour's
}

// leastRows is how many objects must tell that labels are one row off.
const leastRows = 20

// rows looks for labels that stand one row off. Only objects tell whose label differs from the neighbour's:
// 20 at least, six in ten detected as the neighbour's record says and a quarter at most as their own. It
// looks at neighbours only where the classes of fewer than 19 in 20 objects are those of a detection.
func (v *Verdict) rows(d *dataset.Dataset) Rows {
	if v.Swap.Pairs < leastRows || 20*v.Swap.Same > 19*v.Swap.Pairs {
		return Rows{}
	}
	for _, r := range v.besideRows(d) {
		if r.Of >= leastRows && 10*r.Next >= 6*r.Of && 4*r.Own <= r.Of {
			return r
		}
	}
	return Rows{}
}

// besideRows compares the labels of objects with those of the record before and of that behind.
func (v *Verdict) besideRows(d *dataset.Dataset) (of [2]Rows) {
	for _, image := range v.besideOf(d) {
		for side, by := range [...]int{-1, 1} {
			r, b := &of[side], &image[side]
			r.By = by
			r.Of, r.Own, r.Next = r.Of+b.Of, r.Own+b.Own, r.Next+b.Next
		}
	}
	return of
}

// message says that labels stand one row off.
func (r *Rows) message() string {
	where := "behind"
	if r.By < 0 {
		where = "before"
	}
	return fmt.Sprintf("the column of labels seems to stand one row off in the annotations: of %s whose label differs "+
		"from that of the record %s theirs, %s %s detected as that record says, and %s as their own does. Move the "+
		"labels back", say.Plural(r.Of, "object"), where, say.Group(r.Next), say.Are(r.Next), say.Group(r.Own))
}

// Sorted counts images whose labels are those of the detections, but on other boxes: labels were sorted, or
// shuffled, apart from the boxes.
type Sorted struct {
	Images, Of int      // with such labels, with objects detected of two classes at least
	Example    [2]int32 // source and image, -1 if there is none
}

// Found reports whether labels seem to be sorted: 10 images, and one in ten. In the real pairs 1 % are so at most.
func (s *Sorted) Found() bool { return s.Images >= 10 && 10*s.Images >= s.Of }

// sorted compares the labels of whole images with what is detected on their objects.
func (v *Verdict) sorted(d *dataset.Dataset) Sorted {
	found := Sorted{Example: [2]int32{-1, -1}}
	labels := newClassCounts(len(d.Classes))
	for i := range v.sample {
		s := &v.sample[i]
		first, mixed, other, within := int32(unseenClass), false, 0, true
		for _, k := range s.objects {
			if c := d.Source(int(s.source)).Objects[k].Class; c >= 0 {
				labels.add(c)
			}
		}
		for k, c := range s.seen {
			if c == unseenClass {
				continue
			}
			if first == unseenClass {
				first = c
			}
			mixed = mixed || c != first
			other += sample.One(!s.same[k])
			labels.n[c]--
			within = within && labels.n[c] >= 0
			labels.n[c] = max(0, labels.n[c])
		}
		labels.clear()
		if !mixed {
			continue
		}
		found.Of++
		if within && other > 1 {
			if found.Images++; found.Images == 1 {
				found.Example = [2]int32{s.source, s.image}
			}
		}
	}
	return found
}

// message says that labels were sorted apart from their boxes.
func (s *Sorted) message(d *dataset.Dataset) string {
	src := d.Source(int(s.Example[0]))
	return fmt.Sprintf("in %s of %s with objects of two classes or more, the labels have all detected classes, but "+
		"on other boxes. The labels of an image seem to be sorted or shuffled apart from its boxes: join "+
		"both anew. Example: %s of %s", say.Group(s.Images), say.Plural(s.Of, "image"), say.Label(&src.Images[s.Example[1]]),
		text.Printable(src.Name))
}
