package results

import (
	"fmt"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
)

// Offlist says that a part of the detections have classes that stand a few places off in the list of categories, as
// where the results of two models with different lists are put together.
type Offlist struct {
	By        int // places by which they are too far down, 0 if they are not
	Pairs     int // objects that a confident detection overlaps
	Wrong     int // of these, by none of their class
	Explained int // of Wrong, that would be if moved back
	Classes   int // of the objects of Explained
	most      int // of Explained, that are of one class
}

// Found reports whether 20 objects and 3 % have the wrong class for this reason, more than half of those with a wrong
// class, of five classes or of all if there are fewer, none with more than two thirds. Detectors confuse few classes,
// and seldom with the next one in the list throughout: in the real pairs 41 % of the wrong ones are explained at most.
func (o *Offlist) Found() bool {
	return o.By != 0 && o.Explained >= 20 && 100*o.Explained >= 3*o.Pairs && 100*o.Explained >= 55*o.Wrong &&
		o.Classes >= 5 && 3*o.most <= 2*o.Explained
}

// offlist asks which move of the classes explains most of the detections with another class than their object.
func (v *Verdict) offlist(d *dataset.Dataset) Offlist {
	var best Offlist
	var counts [2*sample.MostPlaces + 1]map[int32]int // objects by class
	for i := range counts {
		counts[i] = map[int32]int{}
	}
	rank := make([]map[int32]int, len(d.Sources))
	for s := range rank {
		rank[s] = sample.ListRanks(&d.Sources[s])
	}
	for i := range v.sample {
		s := &v.sample[i]
		list := rank[s.source]
		for k, at := range s.objects {
			if s.seen[k] == unseenClass {
				continue
			}
			best.Pairs++
			if s.same[k] {
				continue
			}
			best.Wrong++
			class := d.Source(int(s.source)).Objects[at].Class
			is, known := list[s.seen[k]]
			should, also := list[class]
			if !known || !also {
				continue
			}
			for by := -sample.MostPlaces; by <= sample.MostPlaces; by++ {
				if by != 0 && (should+by+len(list))%len(list) == is {
					counts[by+sample.MostPlaces][class]++
				}
			}
		}
	}
	for at, of := range counts {
		o := Offlist{By: at - sample.MostPlaces, Pairs: best.Pairs, Wrong: best.Wrong, Classes: len(of)}
		for _, n := range of {
			o.Explained += n
			o.most = max(o.most, n)
		}
		if o.Explained > best.Explained {
			best = o
		}
	}
	return best
}

// message says which move.
func (o *Offlist) message() string {
	n, way := o.By, "behind"
	if n < 0 {
		n, way = -n, "before"
	}
	return fmt.Sprintf("a part of the classes seem to be those of another list: of %s that a detection overlaps with a "+
		"score of 0.3 or more, %s have another class than it, and %s of these stand %s %s the object's in the list of "+
		"categories, in %s. Results of models with different lists seem to be put together: write the category ids of the "+
		"annotation file, by name", say.Plural(o.Pairs, "object"), say.Group(o.Wrong), say.Group(o.Explained),
		say.Plural(n, "place"), way,
		say.Plural(o.Classes, "class"))
}
