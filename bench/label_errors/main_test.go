package main

import (
	"slices"
	"testing"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/labels"
)

// TestMissingAP: of two objects one is found, in the second place, and once more
// in the third, which does not count.
func TestMissingAP(t *testing.T) {
	box := geom.Box{X0: 0, Y0: 0, X1: 10, Y1: 10}
	im := image{dropped: []geom.Box{box, {X0: 50, Y0: 50, X1: 60, Y1: 60}}}
	im.Detections = []labels.Detection{{Box: geom.Box{X0: 80, Y0: 80, X1: 90, Y1: 90}}, {Box: box}, {Box: box}}
	if got := missingAP([]image{im}, []scored{{0.9, 0, 0, 0}, {0.8, 0, 1, 0}, {0.7, 0, 2, 0}}); got != 0.25 {
		t.Errorf("got %v, want 1/2 for one object of two", got)
	}
}

// TestRankingsSeeTheObvious: each of the others' rankings puts an obvious error of each of its
// kinds above a right label, in a world of sure detections.
func TestRankingsSeeTheObvious(t *testing.T) {
	var images []image
	at := func(x float64) geom.Box { return geom.Box{X0: x, Y0: 10, X1: x + 20, Y1: 40} }
	for range 40 { // right labels, for the rates
		im := image{Image: labels.Image{Size: geom.Size{W: 200, H: 100}, Objects: []labels.Object{{Box: at(10), Class: 0}, {Box: at(100), Class: 1}}}}
		for _, o := range im.Objects {
			im.Detections = append(im.Detections, labels.Detection{Box: o.Box, Class: o.Class, Score: 0.97})
			im.truth = append(im.truth, fate{})
		}
		images = append(images, im)
	}
	swapped, moved, alone, free := &images[0], &images[1], &images[2], &images[3]
	swapped.Objects[0].Class, swapped.truth[0] = 1, fate{wrong: true, kind: labels.Class}
	moved.Objects[0].Box, moved.truth[0] = geom.Box{X0: 14, Y0: 13, X1: 34, Y1: 43}, fate{wrong: true, kind: labels.Location}
	alone.Detections, alone.truth[0] = alone.Detections[1:], fate{wrong: true, kind: labels.Spurious}
	free.Objects, free.truth, free.dropped = free.Objects[1:], free.truth[1:], []geom.Box{at(10)}
	for _, r := range rankings[1:] {
		got := measure(images, r)
		for k, f := range got.of {
			if r.name == "detector's score" && labels.Kind(k) == labels.Location {
				continue // it sees no difference as long as the boxes meet
			}
			if labels.Kind(k) == labels.Missing {
				continue // has no AUROC
			}
			if slices.Contains(r.kinds, labels.Kind(k)) && f.auroc < 0.95 {
				t.Errorf("%s, %v: AUROC %v", r.name, labels.Kind(k), f.auroc)
			}
		}
		if got.of[labels.Missing].ap != 1 {
			t.Errorf("%s: missing AP %v", r.name, got.of[labels.Missing].ap)
		}
	}
}

// TestChosen: the width is the least at which nine of ten cases of each group but the one held; what the group itself
// would need and detections of trained models play no part.
func TestChosen(t *testing.T) {
	of := func(first int) []held { // of ten cases nine hold from a width on, eight below
		out := make([]held, len(widths))
		for w := range out {
			for i := range 10 {
				share := 0.5
				if i == 0 || i == 1 && w < first {
					share = 2
				}
				out[w].add(0.1, share, 1)
			}
		}
		return out
	}
	counts := map[string]*coverage{}
	for g, first := range map[string]int{"a": 0, "b": 2, "c": 5, inSample: 9} {
		counts[g] = &coverage{}
		counts[g][labels.Class] = of(first)
	}
	for but, want := range map[string]int{"a": 5, "b": 5, "c": 2, "": 5} {
		if got := chosen(counts, int(labels.Class), but); got != want {
			t.Errorf("without %q: width %d, want %d", but, got, want)
		}
	}
	if h := counts["b"][labels.Class][1]; h != (held{10, 8, 0, 2}) {
		t.Errorf("got %+v", h)
	}
}

// TestRedrawn: images of another draw are in the same folds of five, and have other keys.
func TestRedrawn(t *testing.T) {
	images := make([]image, 100)
	for i := range images {
		images[i].Key = uint64(i) * 0x9e3779b97f4a7c15
	}
	for draw := range simulations {
		for i, im := range redrawn(images, draw) {
			if im.Key%5 != images[i].Key%5 || (im.Key == images[i].Key) != (draw == 0) {
				t.Errorf("draw %d: key %d has become %d", draw, images[i].Key, im.Key)
			}
		}
	}
}

// TestSpread: 1, 2 and 6 have the mean 3 and the variance (4 + 1 + 9)/2 = 7.
func TestSpread(t *testing.T) {
	of := []measured{{cpu: 1}, {cpu: 2}, {cpu: 6}}
	if got := spread(of, func(m *measured) float64 { return m.cpu }); got != "3.000 ± 2.646" {
		t.Errorf("got %s, want 3.000 ± 2.646", got)
	}
}

// TestNamesAreOfSets: what tables list by name is a data set of the benchmark.
func TestNamesAreOfSets(t *testing.T) {
	known := map[string]bool{}
	for i := range sets {
		known[sets[i].name] = true
	}
	for _, name := range slices.Concat(steadied, drawnSets) {
		if !known[name] {
			t.Errorf("no data set is called %q", name)
		}
	}
	for i := range estimated {
		known[estimated[i].group+", "+estimated[i].name] = true
	}
	for name := range unspoilt {
		if !known[name] {
			t.Errorf("no data set with estimates is called %q", name)
		}
	}
}
