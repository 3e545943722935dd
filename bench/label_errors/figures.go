package main

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/ranking"
)

// image is one with errors.
type image struct {
	labels.Image
	truth   []fate // of its objects
	dropped []geom.Box
}

// ranker scores every object for each kind, and every detection as a missing
// object; what it can't tell it leaves at 0.
type ranker struct {
	name  string
	kinds []labels.Kind
	score func(images []image, object func(image, object int, k labels.Kind, score float64),
		detection func(image, detection int, score float64))
}

// figures are a kind's.
type figures struct{ auroc, ap float64 }

// lengths are how much of the one list is looked at.
var lengths = [...]int{50, 100, 200}

type measured struct {
	of    [labels.NumKinds]figures
	first [len(lengths)]float64 // share of right entries among the first ones of the list of all kinds
	cpu   float64               // seconds
}

// average is the mean of the figures over sets: of a kind's, over those that have an error of it.
func average(drawn [][]image, r ranker) measured {
	var sum measured
	var with [labels.NumKinds]float64
	for _, images := range drawn {
		m := measure(images, r)
		for k, f := range m.of {
			if !math.IsNaN(f.ap) {
				sum.of[k].auroc += f.auroc
				sum.of[k].ap += f.ap
				with[k]++
			}
		}
		for i, p := range m.first {
			sum.first[i] += p / float64(len(drawn))
		}
	}
	for k := range sum.of {
		sum.of[k].auroc /= with[k]
		sum.of[k].ap /= with[k]
	}
	return sum
}

type scored struct {
	score         float64
	image, record int
	kind          labels.Kind
}

// ask has a ranking score everything: every object for each kind, and detections.
func ask(images []image, r ranker) (objects [labels.NumKinds + 1][]scored, detections []scored) {
	first := make([]int, len(images)+1)
	for i := range images {
		first[i+1] = first[i] + len(images[i].Objects)
	}
	for k := range objects {
		for i := range images {
			for j := range images[i].Objects {
				objects[k] = append(objects[k], scored{0, i, j, labels.Kind(k)})
			}
		}
	}
	r.score(images, func(i, j int, k labels.Kind, score float64) {
		at := &objects[k][first[i]+j]
		at.score = max(at.score, score)
	}, func(i, j int, score float64) { detections = append(detections, scored{score, i, j, labels.Missing}) })
	return objects, detections
}

func measure(images []image, r ranker) measured {
	objects, detections := ask(images, r)
	return compare(images, objects, detections)
}

// compare holds scores against the truth.
func compare(images []image, objects [labels.NumKinds + 1][]scored, detections []scored) (out measured) {
	wrong := func(s scored) bool {
		f := images[s.image].truth[s.record]
		return f.wrong && f.kind == s.kind
	}
	for k := range objects[:labels.NumKinds] {
		if labels.Kind(k) == labels.Missing {
			out.of[k].ap = missingAP(images, detections)
			continue
		}
		list := listOf(closed(images, objects[k]), wrong)
		out.of[k] = figures{list.AUROC(nil), list.AP(nil, 0)}
	}
	all := slices.Concat(detections, closed(images, oneEach(objects)))
	for i, n := range lengths {
		out.first[i] = atTop(images, all, n, wrong)
	}
	return out
}

// closed leaves out the objects of which nobody can tell whether they are right.
func closed(images []image, s []scored) []scored {
	return slices.DeleteFunc(slices.Clone(s), func(x scored) bool { return images[x.image].truth[x.record].open })
}

// oneEach returns each object with the kind that is most likely, and how wrong it
// is in any way.
func oneEach(objects [labels.NumKinds + 1][]scored) []scored {
	out := slices.Clone(objects[anyKind])
	for i := range out {
		top := 0.0
		out[i].kind = labels.Spurious
		for k := range objects[:labels.NumKinds] {
			if s := objects[k][i].score; s > top {
				top, out[i].kind = s, labels.Kind(k)
			}
		}
		out[i].score = max(out[i].score, top)
	}
	return out
}

// atTop is the precision of the first n of a list, 0 below the end of a list that
// is shorter. A second detection of one missing object does not count.
func atTop(images []image, s []scored, n int, wrong func(scored) bool) float64 {
	falling(s)
	found := map[[2]int]bool{}
	var hits, seen float64
	for _, x := range s {
		if seen == float64(n) {
			break
		}
		if x.kind != labels.Missing {
			seen++
			if wrong(x) {
				hits++
			}
			continue
		}
		on := images[x.image].droppedBy(x.record)
		if on >= 0 && found[[2]int{x.image, on}] {
			continue
		}
		seen++
		if on >= 0 {
			found[[2]int{x.image, on}] = true
			hits++
		}
	}
	return hits / float64(n)
}

// droppedBy returns the dropped object that a detection finds, -1 if none.
func (im *image) droppedBy(detection int) int {
	on := -1
	for k, b := range im.dropped {
		if iou.Of(im.Detections[detection].Box, b) >= 0.5 {
			on = k
		}
	}
	return on
}

func falling(s []scored) {
	slices.SortStableFunc(s, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
}

// listOf makes a list of scores.
func listOf(s []scored, wrong func(scored) bool) ranking.List {
	items := make([]ranking.Item, len(s))
	for i, x := range s {
		items[i] = ranking.Item{Score: x.score, Wrong: wrong(x)}
	}
	return ranking.New(items)
}

// missingAP is the average precision of detections as missing objects.
func missingAP(images []image, s []scored) float64 {
	all := 0
	for i := range images {
		all += len(images[i].dropped)
	}
	falling(s)
	found := map[[2]int]bool{}
	var hits, seen, sum float64
	for _, d := range s {
		on := images[d.image].droppedBy(d.record)
		if on >= 0 && found[[2]int{d.image, on}] {
			continue // a second detection of one object
		}
		seen++
		if on >= 0 {
			found[[2]int{d.image, on}] = true
			hits++
			sum += hits / seen
		}
	}
	return sum / float64(max(1, all))
}
