package main

import (
	"context"
	"fmt"
	"math"

	"focalaudit/pkg/labels"
)

// unspoilt has the shares of errors that are put into those of the estimated sets whose labels are taken for right.
var unspoilt = map[string][]float64{
	"VOC2007, a tenth": {0}, "VOC2007, 100 images": {0}, "Iberian, half": {0},
	"glyphs, clean labels, half": {0, 0.01, 0.05, 0.10},
}

// clean prints the estimates for labels that are taken for right: the lowest and the highest over the seeds, and where
// errors are put in, over this program's and the engine's own.
func (b *bench) clean() error {
	fmt.Print("**Labels that are taken for right**: the lowest and the highest estimate\n\n" +
		"| data | put in | class | location | spurious |\n|---|--:|--:|--:|--:|\n")
	for i := range estimated {
		of := &estimated[i]
		name := of.group + ", " + of.name
		if unspoilt[name] == nil {
			continue
		}
		s, err := of.load(b.data)
		if err != nil {
			return err
		}
		for _, share := range unspoilt[name] {
			var sets [][]image
			for seed := range of.seeds {
				part := s.part(of.every, seed)
				r := rates{missing: share, location: share, class: share, spurious: share}
				sets = append(sets, part.corrupted(r, uint64(seed+1)))
				if share > 0 {
					sets = append(sets, part.corruptedByEngine(share, uint64(seed+1)))
				}
			}
			least, most := extremes(s.classes, sets)
			fmt.Printf("| %s | %.0f %%", name, 100*share)
			for _, k := range []labels.Kind{labels.Class, labels.Location, labels.Spurious} {
				fmt.Printf(" | %.1f to %.1f %%", 100*least[k], 100*most[k])
			}
			fmt.Println(" |")
		}
	}
	fmt.Println()
	return nil
}

// extremes are the lowest and the highest shares that the engine estimates, by kind.
func extremes(classes int, sets [][]image) (least, most [labels.NumKinds]float64) {
	for k := range least {
		least[k] = math.Inf(1)
	}
	for _, images := range sets {
		at := func(i int, im *labels.Image) { *im = images[i].Image }
		source := labels.Source{N: len(images), Classes: classes, At: at}
		judge, err := labels.Learn(context.Background(), source, 2, nil)
		if err != nil {
			panic(err) // only a context that is done
		}
		for k, e := range judge.Estimates() {
			least[k], most[k] = min(least[k], e.Share), max(most[k], e.Share)
		}
	}
	return least, most
}
