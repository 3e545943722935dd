package main

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"focalaudit/pkg/audit"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
)

// TestAheadOfOthers: on real data with injected errors our ranking has the higher
// average precision in every kind that ObjectLab and mistakenness have, and in
// AUROC. docs/label-errors.md has the figures of three seeds.
func TestAheadOfOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("several seconds")
	}
	data := filepath.Join("..", "..", "..", "shared", "data")
	for _, of := range [][2]string{
		{"iberian/instances_val.json", "iberian/detections_conf10.json"},
		{"kitti_rechecked/instances_original.json", "kitti_rechecked/detections_cascade_rcnn.json"},
	} {
		annotations, detections := filepath.Join(data, of[0]), filepath.Join(data, of[1])
		if _, err := os.Stat(annotations); err != nil {
			t.Skipf("real data are not here: %v", err)
		}
		s, _, err := load(annotations, detections)
		if err != nil {
			t.Fatal(err)
		}
		sets := [][]image{s.corrupted(rates{missing: 0.05, location: 0.05, class: 0.05, spurious: 0.05}, 1)}
		ours := average(sets, rankings[0])
		for _, r := range rankings[1:] {
			if r.name != "ObjectLab" && r.name != "mistakenness" {
				continue
			}
			theirs := average(sets, r)
			for k := range labels.NumKinds {
				if !slices.Contains(r.kinds, k) || k == labels.Class && s.classes < 2 {
					continue
				}
				if a, b := ours.of[k], theirs.of[k]; a.ap <= b.ap || a.auroc < b.auroc {
					t.Errorf("%s, %v: ours %+v, %s %+v", of[0], k, a, r.name, b)
				}
			}
		}
	}
}

// TestPreLabels: labels that somebody took over from the detector, to the last digit or rounded to
// whole pixels, are no errors for that: fewer than 1 % of them become findings, whether a tenth,
// half or all of the labels are such.
func TestPreLabels(t *testing.T) {
	if testing.Short() {
		t.Skip("several seconds")
	}
	n := named{name: "VOC2007, 500 images", annotations: "data/voc2007/instances_test2007.json",
		detections: "data/voc2007/detections_yolov3.json"}
	s, err := n.load(filepath.Join("..", "..", "..", "shared"))
	if err != nil {
		t.Skipf("real data are not here: %v", err)
	}
	s = s.part(10, 0)
	for _, share := range []int{10, 2, 1} {
		for _, rounded := range []bool{false, true} {
			images, taken := preLabelled(s, share, rounded)
			n, found := found(s.classes, images, taken)
			t.Logf("one in %d, rounded %v: %d findings among %d pre-labels", share, rounded, found, n)
			if n < 80 || float64(found) >= 0.01*float64(n) {
				t.Errorf("one in %d, rounded %v: %d of %d pre-labels are findings", share, rounded, found, n)
			}
		}
	}
}

// found counts labels that were taken over, and those of them that become findings.
func found(classes int, images []image, taken map[[2]int]bool) (n, found int) {
	source := labels.Source{N: len(images), Classes: classes, At: func(i int, im *labels.Image) { *im = images[i].Image }}
	judge, err := labels.Learn(context.Background(), source, 2, nil)
	if err != nil {
		panic(err) // only a context that is done
	}
	wrong := 0.0
	estimates := judge.Estimates()
	for _, e := range estimates[labels.Spurious:] {
		wrong += e.Share
	}
	var v labels.Verdicts
	for i := range images {
		judge.Image(&v, &images[i].Image)
		for k, chance := range v.Chances {
			if taken[[2]int{i, k}] {
				if n++; chance >= audit.Suspicious(wrong) {
					found++
				}
			}
		}
	}
	return n, found
}

// preLabelled gives one in so many labels the box of the detection that supports it most, if
// there is one of IoU 0.5, and tells which. A detection goes to one label only: two labels with one box would be
// an error, a second box, and rightly found.
func preLabelled(s *set, share int, rounded bool) (images []image, taken map[[2]int]bool) {
	taken = map[[2]int]bool{}
	labelled := 0
	for i := range s.images {
		im := image{Image: s.images[i], truth: make([]fate, len(s.images[i].Objects))}
		im.Objects = slices.Clone(im.Objects)
		given := make([]bool, len(im.Detections))
		for k := range im.Objects {
			o, best, from := &im.Objects[k], 0.0, -1
			for n, d := range s.images[i].Detections {
				v := iou.Of(d.Box, s.images[i].Objects[k].Box)
				if d.Class == o.Class && v >= 0.5 && d.Score*v > best && labelled%share == 0 && !given[n] {
					best, from = d.Score*v, n
				}
			}
			if from >= 0 {
				o.Box, taken[[2]int{i, k}], given[from] = s.images[i].Detections[from].Box, true, true
			}
			if b := o.Box; rounded && taken[[2]int{i, k}] {
				b = geom.Box{X0: math.Round(b.X0), Y0: math.Round(b.Y0), X1: math.Round(b.X1), Y1: math.Round(b.Y1)}
				if b = within(b, im.Size); !b.Empty() {
					o.Box = b
				}
			}
			labelled++
		}
		images = append(images, im)
	}
	return images, taken
}
