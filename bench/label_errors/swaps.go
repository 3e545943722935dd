package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/labels"
)

// swappedSets are the sets whose classes are replaced.
var swappedSets = []string{"VOC2007 test, YOLOv3", "Iberian mammals, YOLOv8", "glyphs, out of fold"}

// How many labels are looked at, at least if there are as many, and how many of them are replaced; and the score from
// which a label counts as exposed.
const (
	swapLabels = 4800
	swapped    = 200
	exposed    = 0.25
)

// replacement is how classes are replaced.
type replacement struct {
	name   string
	random bool // by any other one, not by the next of the list
	one    bool // of one class only
}

var replacements = []replacement{
	{name: "next"}, {name: "random", random: true}, {name: "next, of one class", one: true},
}

// swaps prints how labels are found in which one class was written for another again and again, under detections that
// are right and certain and under the detector's own.
func (b *bench) swaps() error {
	fmt.Print("**One class written for another**: AP of class, and how many of the replaced labels have a score of 0.25 or more\n\n" +
		"| labels | detections | classes | AP | exposed | of |\n|---|---|---|--:|--:|--:|\n")
	for i := range sets {
		if !slices.Contains(swappedSets, sets[i].name) {
			continue
		}
		s, err := sets[i].load(b.data)
		if err != nil {
			return err
		}
		for _, right := range []bool{true, false} {
			for _, r := range replacements {
				ap, found, n, err := s.swap(right, r)
				if err != nil {
					return err
				}
				detections := "its own"
				if right {
					detections = "right"
				}
				fmt.Printf("| %s | %s | %s | %.3f | %d | %d |\n", s.name, detections, r.name, ap, found, n)
			}
		}
	}
	fmt.Println()
	return nil
}

// swap replaces classes and returns the AP of class, how many of the replaced labels are exposed, and how many there
// are.
func (s *set) swap(right bool, r replacement) (ap float64, found, n int, err error) {
	rng := rand.New(rand.NewPCG(1, 2))
	var images []labels.Image
	var all []place // all labels whose class may be replaced
	total := 0
	for i := 0; i < len(s.images) && total <= swapLabels; i++ {
		im := s.images[i]
		im.Objects = slices.Clone(im.Objects)
		if right {
			im.Detections = nil
			for _, o := range im.Objects {
				im.Detections = append(im.Detections, certainly(o, im.Size, rng))
			}
		}
		im.SetKey()
		total += len(im.Objects)
		images = append(images, im)
		for k := range im.Objects {
			if !r.one || im.Objects[k].Class == images[0].Objects[0].Class {
				all = append(all, place{image: i, object: k})
			}
		}
	}
	rng.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
	wrong := map[place]bool{}
	for _, at := range all[:min(swapped, len(all)/3)] {
		o, by := &images[at.image].Objects[at.object], int32(1)
		if r.random {
			by += int32(rng.IntN(s.classes - 1))
		}
		o.Class = (o.Class + by) % int32(s.classes)
		wrong[at] = true
	}
	ap, found, err = classesJudged(images, s.classes, wrong)
	return ap, found, len(wrong), err
}

// certainly returns a detection of an object by a detector that makes no mistake, but for 3 % of each side.
func certainly(o labels.Object, size geom.Size, rng *rand.Rand) labels.Detection {
	w, h := o.Box.X1-o.Box.X0, o.Box.Y1-o.Box.Y0
	off := func(side float64) float64 { return side * 0.03 * rng.NormFloat64() }
	d := labels.Detection{Class: o.Class}
	d.Box.X0, d.Box.Y0 = max(0, o.Box.X0+off(w)), max(0, o.Box.Y0+off(h))
	d.Box.X1, d.Box.Y1 = min(float64(size.W), o.Box.X1+off(w)), min(float64(size.H), o.Box.Y1+off(h))
	d.Score = 1 - 0.1*rng.Float64()
	return d
}

// classesJudged has the engine judge the classes of images.
func classesJudged(images []labels.Image, classes int, wrong map[place]bool) (ap float64, found int, err error) {
	j, err := labels.Learn(context.Background(), labels.Source{N: len(images), Classes: classes,
		At: func(i int, im *labels.Image) {
			im.Key, im.Size = images[i].Key, images[i].Size
			im.Objects = append(im.Objects[:0], images[i].Objects...)
			im.Detections = append(im.Detections[:0], images[i].Detections...)
			im.Silent = append(im.Silent[:0], images[i].Silent...)
		}}, 2, nil)
	if err != nil {
		return 0, 0, err
	}
	type judgement struct {
		score float64
		wrong bool
	}
	var list []judgement
	var v labels.Verdicts
	for i := range images {
		j.Image(&v, &images[i])
		for _, s := range v.Kinds {
			if s.Kind == labels.Class {
				list = append(list, judgement{s.Score, wrong[place{image: i, object: int(s.Object)}]})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b judgement) int { return cmp.Compare(b.score, a.score) })
	hits := 0.
	for i, x := range list {
		if x.wrong {
			hits++
			ap += hits / float64(i+1) / float64(len(wrong))
			if x.score >= exposed {
				found++
			}
		}
	}
	return ap, found, nil
}
