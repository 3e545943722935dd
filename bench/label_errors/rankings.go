package main

import (
	"cmp"
	"context"
	"math"
	"slices"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
)

var rankings = []ranker{
	{"focalaudit", []labels.Kind{labels.Missing, labels.Class, labels.Location, labels.Spurious, labels.Duplicate}, learntOn(1)},
	{"detector's score", []labels.Kind{labels.Missing, labels.Class, labels.Location, labels.Spurious}, scoreAlone},
	{"support", []labels.Kind{labels.Missing, labels.Class, labels.Location, labels.Spurious}, support},
	{"ObjectLab", []labels.Kind{labels.Missing, labels.Class, labels.Location}, objectLab},
	{"mistakenness", []labels.Kind{labels.Missing, labels.Class, labels.Location, labels.Spurious}, mistakenness},
	{"clusters", []labels.Kind{labels.Missing, labels.Class, labels.Spurious}, clusters},
}

// onSamples are the program's ranking, learnt on a part of the images.
var onSamples = []ranker{
	{"learnt on the first half", []labels.Kind{labels.Missing, labels.Class, labels.Location, labels.Spurious}, learntOn(2)},
	{"learnt on the first tenth", []labels.Kind{labels.Missing, labels.Class, labels.Location, labels.Spurious}, learntOn(10)},
}

// learntOn is the program's ranking, by a model that is learnt on the first one in so many images and judges them all
// (analyze run --learn).
func learntOn(oneIn int) func([]image, func(i, j int, k labels.Kind, s float64), func(i, j int, s float64)) {
	return func(images []image, object func(i, j int, k labels.Kind, s float64), detection func(i, j int, s float64)) {
		ours(images[:len(images)/oneIn], images, object, detection)
	}
}

func ours(
	sample, images []image, object func(i, j int, k labels.Kind, s float64), detection func(i, j int, s float64),
) {
	classes := int32(0)
	for i := range images {
		for _, o := range images[i].Objects {
			classes = max(classes, o.Class+1)
		}
	}
	at := func(i int, im *labels.Image) { *im = sample[i].Image }
	source := labels.Source{N: len(sample), Classes: int(classes), At: at}
	judge, err := labels.Learn(context.Background(), source, 2, nil)
	if err != nil {
		panic(err) // only a context that is done
	}
	var v labels.Verdicts
	for i := range images {
		judge.Image(&v, &images[i].Image)
		for _, s := range v.Kinds {
			object(i, int(s.Object), s.Kind, s.Score)
			object(i, int(s.Object), anyKind, s.Any)
		}
		for _, s := range v.Missing {
			detection(i, int(s.Detection), s.Score)
		}
	}
}

// anyKind is how wrong a label is, whatever the kind: the order of a list of all
// kinds. A ranking that has none is taken at its highest score.
const anyKind = labels.NumKinds

// scoreAlone uses nothing but the score of the detection that lies on an object:
// 1 less that of the surest one of its class, for all kinds; and for missing
// objects the score of detections that lie on none.
func scoreAlone(images []image, object func(i, j int, k labels.Kind, s float64), detection func(i, j int, s float64)) {
	for i := range images {
		im := &images[i]
		for j, o := range im.Objects {
			best := 0.0
			for _, d := range im.Detections {
				if d.Class == o.Class && iou.Of(o.Box, d.Box) >= 0.5 {
					best = max(best, d.Score)
				}
			}
			for _, k := range []labels.Kind{labels.Class, labels.Location, labels.Spurious} {
				object(i, j, k, 1-best)
			}
		}
		unmatched(im, 0.5, func(j int) { detection(i, j, im.Detections[j].Score) })
	}
}

// support is the simplest ranking that has all kinds: with S and O the highest
// score times IoU of detections of an object's class and of another one, class is
// O - S, spurious 1 - S, location the score times (1 - IoU) of the detection behind
// S; missing objects are the detections on nothing, by their score.
func support(images []image, object func(i, j int, k labels.Kind, s float64), detection func(i, j int, s float64)) {
	for i := range images {
		im := &images[i]
		for j, o := range im.Objects {
			same, other, off := 0.0, 0.0, 0.0
			for _, d := range im.Detections {
				v := iou.Of(o.Box, d.Box)
				switch {
				case d.Class != o.Class:
					other = max(other, d.Score*v)
				case d.Score*v > same:
					same, off = d.Score*v, d.Score*(1-v)
				}
			}
			object(i, j, labels.Class, (1+other-same)/2)
			object(i, j, labels.Spurious, 1-same)
			object(i, j, labels.Location, off)
		}
		unmatched(im, 0.5, func(j int) { detection(i, j, im.Detections[j].Score) })
	}
}

// unmatched yields the detections that overlap no object, annotated or ignored,
// by more than an IoU.
func unmatched(im *image, most float64, yield func(j int)) {
	for j, d := range im.Detections {
		v := 0.0
		for _, o := range im.Objects {
			v = max(v, iou.Of(d.Box, o.Box))
		}
		for _, s := range im.Silent {
			v = max(v, iou.Of(d.Box, s))
		}
		if v <= most {
			yield(j)
		}
	}
}

// objectLab has the scores of Tkachenko, Thyagarajan and Mueller, "ObjectLab:
// Automated Diagnosis of Mislabeled Images in Object Detection Data" (2023), with
// the settings of cleanlab's object_detection module: similarity is 0.9 IoU and
// 0.1 e^(-0.1·distance of the centres in px); a box is badly located by 1 less
// the similarity with the nearest prediction of its class of 0.5 or more, swapped
// by the similarity with the nearest one of another class of 0.95 or more; a
// prediction of 0.95 or more that overlaps no label is overlooked.
func objectLab(images []image, object func(i, j int, k labels.Kind, s float64), detection func(i, j int, s float64)) {
	for i := range images {
		im := &images[i]
		for j, o := range im.Objects {
			located, swapped, seen := 0.0, 0.0, false
			for _, d := range im.Detections {
				s := similarity(o.Box, d.Box)
				switch {
				case d.Class == o.Class && d.Score >= 0.5:
					located, seen = max(located, s), true
				case d.Class != o.Class && d.Score >= 0.95:
					swapped = max(swapped, s)
				}
			}
			if seen {
				object(i, j, labels.Location, 1-located)
			}
			object(i, j, labels.Class, swapped)
		}
		unmatched(im, 0, func(j int) {
			if s := im.Detections[j].Score; s >= 0.95 {
				detection(i, j, s)
			}
		})
	}
}

func similarity(a, b geom.Box) float64 {
	dx, dy := (a.X0+a.X1-b.X0-b.X1)/2, (a.Y0+a.Y1-b.Y0-b.Y1)/2
	return 0.9*iou.Of(a, b) + 0.1*math.Exp(-0.1*math.Hypot(dx, dy))
}

// mistakenness has the scores of FiftyOne's compute_mistakenness
// (fiftyone-brain, internal/core/mistakenness.py): annotations are matched with
// predictions at IoU 0.5 whatever their class; with confidence c the mistakenness
// is (c+1)/2 where the class differs and (1-c)/2 where it agrees, and of the place
// (c(2i-1)+1)/2 with i = 2(1-IoU); an annotation without a match is spurious, a
// prediction above 0.95 without one missing.
func mistakenness(images []image, object func(i, j int, k labels.Kind, s float64), detection func(i, j int, s float64)) {
	for i := range images {
		im := &images[i]
		taken := make([]bool, len(im.Objects))
		for _, j := range bySurety(im) {
			d := &im.Detections[j]
			best, on := 0.5, -1
			for k, o := range im.Objects {
				if v := iou.Of(o.Box, d.Box); !taken[k] && v >= best {
					best, on = v, k
				}
			}
			if on < 0 {
				if d.Score > 0.95 && alone(im, d.Box) {
					detection(i, j, d.Score)
				}
				continue
			}
			taken[on] = true
			sign := -1.0
			if im.Objects[on].Class != d.Class {
				sign = 1
			}
			object(i, on, labels.Class, (sign*d.Score+1)/2)
			object(i, on, labels.Location, (d.Score*(4*(1-best)-1)+1)/2)
		}
		for k := range taken {
			if !taken[k] {
				object(i, k, labels.Spurious, 1)
			}
		}
	}
}

// bySurety returns the detections, the surest first.
func bySurety(im *image) []int {
	order := make([]int, len(im.Detections))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(im.Detections[b].Score, im.Detections[a].Score) })
	return order
}

// alone reports whether a box is not about an ignored object.
func alone(im *image, b geom.Box) bool {
	return !slices.ContainsFunc(im.Silent, func(s geom.Box) bool { return iou.Of(b, s) > 0.5 })
}
