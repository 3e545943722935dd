package results

import (
	"fmt"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// Beside says that most sure detections have another one in their place whose class stands so many places off in the
// list of categories, as where the results of two models are joined whose lists differ by one name. It is so in all
// images or in a stretch.
type Beside struct {
	By      int // places, above 0; 0 if there is nothing to tell
	Sure    int // detections with a score of 0.3 or more
	Twins   int // of these: with such a one in their place, by IoU 0.7, that is as sure
	Others  int // the most of them with one that stands another number of places off, up to three
	Classes int // of the detections of Twins
	most    int // of Twins, that are of one class
	Within  Within
}

// Found reports whether two in three of the sure detections, 50 at least, have such a twin, of five classes or more,
// none with more than two thirds, and twice as many as have one at another distance. A detector that takes one thing
// for two classes does so with a few pairs of classes, wherever these stand in the list, and is seldom sure of both.
// In the real pairs 1.5 % of the sure detections have such a twin at most, and 42 % in drawn digits.
func (b *Beside) Found() bool {
	return b.By != 0 && b.Twins >= 50 && 3*b.Twins >= 2*b.Sure && b.Twins >= 2*b.Others && b.Classes >= 5 &&
		3*b.most <= 2*b.Twins
}

// besides is what the sure detections of an image have in their place.
type besides struct {
	sure  int
	twins [sample.MostPlaces + 1][]int32 // by places: the classes of those with a twin
}

// besidesOf looks at the surest detections of an image.
func besidesOf(all boxSet, list map[int32]int) (out besides) {
	for k := range all {
		if all[k].Score < confident {
			break // the surest stand first
		}
		out.sure++
		is, known := list[all[k].Class]
		if !known {
			continue
		}
		var has [sample.MostPlaces + 1]bool
		b := all[k].Box.Box()
		for j := range all {
			if all[j].Score < confident {
				break // one detector is not sure of two classes
			}
			c := all[j].Box.Box()
			if all[j].Class == all[k].Class || c.X0 >= b.X1 || b.X0 >= c.X1 || iou.Of(b, c) <= sure {
				continue
			}
			if at, ok := list[all[j].Class]; ok && max(at-is, is-at) < len(has) {
				has[max(at-is, is-at)] = true
			}
		}
		for by := range has {
			if has[by] {
				out.twins[by] = append(out.twins[by], all[k].Class)
			}
		}
	}
	return out
}

// besideEach looks for twins in the images that are looked at, of the surest detections of each: in all of them, or
// else in a stretch in which half of those of most images have one.
func (v *Verdict) besideEach(d *dataset.Dataset) Beside {
	images := make([]besides, len(v.sample))
	rank := make([]map[int32]int, len(d.Sources))
	for s := range rank {
		rank[s] = sample.ListRanks(&d.Sources[s])
	}
	var by, most int
	var twins [sample.MostPlaces + 1]int
	members := make([]int, len(v.sample))
	for i := range v.sample {
		s := &v.sample[i]
		members[i] = i
		images[i] = besidesOf(s.detections[:min(maxTraced, len(s.detections))], rank[s.source])
		for n := range twins {
			if twins[n] += len(images[i].twins[n]); twins[n] > most {
				by, most = n, twins[n]
			}
		}
	}
	if by == 0 {
		return Beside{}
	}
	if b := besideOf(images, members, by); b.Found() {
		return b
	}
	at := -1
	w := v.within(d, func(*sampled) vote {
		at++
		switch m := &images[at]; {
		case m.sure == 0:
			return abstains
		case 2*len(m.twins[by]) >= m.sure:
			return has
		}
		return hasNot
	})
	b := besideOf(images, w.members, by)
	b.Within = w
	return b
}

// besideOf adds up some images.
func besideOf(images []besides, members []int, by int) Beside {
	b, of := Beside{By: by}, map[int32]int{}
	var twins [sample.MostPlaces + 1]int
	for _, i := range members {
		m := &images[i]
		b.Sure += m.sure
		for n := range m.twins {
			twins[n] += len(m.twins[n])
		}
		for _, c := range m.twins[by] {
			of[c]++
			b.most = max(b.most, of[c])
		}
	}
	b.Twins = twins[by]
	twins[by] = 0
	b.Others = slices.Max(twins[:])
	b.Classes = len(of)
	return b
}

// message says that two models' results are joined.
func (b *Beside) message() string {
	where := ""
	if b.Within.Found() {
		where = ", in a part of the images (" + b.Within.Part + ")"
	}
	return fmt.Sprintf("the results of two models with different lists of classes seem to be joined%s: of %s with "+
		"a score of %s or more, %s have another one in their place whose class stands %s off in the list of "+
		"categories, in %s; %s at most have one at another distance. Nothing is concluded about labels. Write the "+
		"category ids of the annotation file in both, by name, before they are "+
		"joined", where, say.Plural(b.Sure, "detection"), text.Short(confident), say.Group(b.Twins),
		say.Plural(b.By, "place"),
		say.Plural(b.Classes, "class"), say.Group(b.Others))
}
