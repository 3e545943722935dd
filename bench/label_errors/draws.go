package main

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/labels"
)

// drawnSets are the sets that are judged by several draws of the simulation.
var drawnSets = []string{"VOC2007 test, YOLOv3", "VOC2007, a third", "VOC2007, 100 images", "Iberian mammals, YOLOv8",
	"Iberian, half", "KITTI, Cascade R-CNN", "glyphs, out of fold"}

// simulations is by how many draws of its simulation the engine judges each of them.
const simulations = 6

// draws prints how far figures depend on what the engine happens to simulate: the mean over draws and the standard
// deviation, of 5 % of each error with the first seed, of glyphs' own errors, and of KITTI as people checked it.
func (b *bench) draws() error {
	fmt.Printf("**Draws of the simulation**: means of %d and their standard deviations; the part of the first 50 that\n"+
		"two draws have in common; the root mean square of the difference of two draws' log odds, of what both have among\n"+
		"the first 200\n\n", simulations)
	fmt.Print("| set | class AP | location AP | spurious AP | missing AP | first 50 | 100 | 200 | in common" +
		" | log odds |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for i := range sets {
		n := &sets[i]
		if !slices.Contains(drawnSets, n.name) {
			continue
		}
		s, err := n.load(b.data)
		if err != nil {
			return err
		}
		images := s.known
		if images == nil {
			images = s.part(n.every, 0).corrupted(rates{missing: 0.05, location: 0.05, class: 0.05, spurious: 0.05}, 1)
		}
		var of drawn
		for d := range simulations {
			objects, gaps := ask(redrawn(images, d), rankings[0])
			of.add(images, objects, gaps)
		}
		fmt.Printf("| %s", n.name)
		for _, k := range []labels.Kind{labels.Class, labels.Location, labels.Spurious, labels.Missing} {
			if k == labels.Class && s.classes < 2 {
				fmt.Print(" | –")
				continue
			}
			fmt.Printf(" | %s", spread(of.measured, func(m *measured) float64 { return m.of[k].ap }))
		}
		of.print()
	}
	c, err := b.checkedByPeople()
	if err != nil {
		return err
	}
	var of drawn
	for d := range simulations {
		objects, gaps := ask(redrawn(c.images, d), rankings[0])
		of.add(c.images, objects, gaps)
		all := slices.Concat(oneEach(objects), c.known(gaps))
		for i, n := range lengths {
			of.measured[d].first[i] = atTop(c.images, all, n, c.wrong)
		}
	}
	fmt.Print("| KITTI, checked by people | – | – | – | –")
	of.print()
	fmt.Println()
	return nil
}

// redrawn returns images that the engine simulates other errors on: their keys are others, in the same folds.
func redrawn(images []image, draw int) []image {
	out := slices.Clone(images)
	for i := range out {
		if key := out[i].Key + uint64(draw)*5<<32; key >= out[i].Key { // else the fold would be another
			out[i].Key = key
		}
	}
	return out
}

// drawn is what several draws say of one set.
type drawn struct {
	measured []measured
	lists    []map[place]float64 // of the first 200 entries of each list the log odds; detections have numbers below 0
	tops     [][]place           // these entries
}

// add adds what a draw says.
func (d *drawn) add(images []image, objects [labels.NumKinds + 1][]scored, gaps []scored) {
	d.measured = append(d.measured, compare(images, objects, gaps))
	all := slices.Concat(gaps, oneEach(objects))
	falling(all)
	list, top := map[place]float64{}, []place(nil)
	for _, x := range all[:min(200, len(all))] {
		at := place{x.image, x.record}
		if x.kind == labels.Missing {
			at.object = -1 - x.record
		}
		list[at] = math.Log(x.score / max(1e-9, 1-x.score))
		top = append(top, at)
	}
	d.lists, d.tops = append(d.lists, list), append(d.tops, top)
}

// print prints the columns of the list.
func (d *drawn) print() {
	for i := range lengths {
		fmt.Printf(" | %s", spread(d.measured, func(m *measured) float64 { return m.first[i] }))
	}
	var common, pairs, square, both float64
	for i := range d.tops {
		for k := range i {
			pairs++
			first := d.tops[i][:min(50, len(d.tops[i]))]
			for _, at := range first {
				if slices.Contains(d.tops[k][:min(50, len(d.tops[k]))], at) {
					common += 1 / float64(len(first))
				}
			}
			for at, a := range d.lists[i] {
				if c, ok := d.lists[k][at]; ok {
					both++
					square += (a - c) * (a - c)
				}
			}
		}
	}
	fmt.Printf(" | %.2f | %.2f |\n", common/pairs, math.Sqrt(square/both))
}

// spread is the mean of a figure and its standard deviation.
func spread(of []measured, figure func(m *measured) float64) string {
	var sum, squares float64
	for i := range of {
		sum += figure(&of[i])
	}
	mean := sum / float64(len(of))
	for i := range of {
		squares += (figure(&of[i]) - mean) * (figure(&of[i]) - mean)
	}
	return fmt.Sprintf("%.3f ± %.3f", mean, math.Sqrt(squares/float64(len(of)-1)))
}
