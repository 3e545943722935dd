package main

import (
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
)

// clusters is confident learning on clusters of boxes: Chachuła et al., "Combating
// noisy labels in object detection datasets" (2022). The boxes of an image that
// overlap by half are one cluster, with a distribution over classes and background:
// the highest score of each class in it, and one less the highest of all. Confident
// learning (Northcutt et al. 2021, equation 1) takes a cluster for one of class c
// if it has at least the mean that those labelled c have; a label is the more
// suspicious the larger the margin of another class, or of background, over its own,
// and those below the threshold come after all others.
func clusters(images []image, object func(i, j int, k labels.Kind, s float64), detection func(i, j int, s float64)) {
	type cluster struct {
		of  map[int32]float64
		top float64
	}
	around := make([][]cluster, len(images))
	mean, n := map[int32]float64{}, map[int32]float64{}
	var nothing, gaps float64 // background's: over clusters without a label
	for i := range images {
		im := &images[i]
		for _, o := range im.Objects {
			c := cluster{of: map[int32]float64{}}
			for _, d := range im.Detections {
				if iou.Of(o.Box, d.Box) >= 0.5 {
					c.of[d.Class] = max(c.of[d.Class], d.Score)
					c.top = max(c.top, d.Score)
				}
			}
			around[i] = append(around[i], c)
			mean[o.Class] += c.of[o.Class]
			n[o.Class]++
		}
		unmatched(im, 0.5, func(j int) {
			nothing += 1 - im.Detections[j].Score
			gaps++
		})
	}
	score := func(p, label, threshold float64) float64 {
		s := (1 + p - label) / 4
		if p >= threshold {
			s += 0.5
		}
		return s
	}
	background := nothing / max(1, gaps)
	for i := range images {
		im := &images[i]
		for j, o := range im.Objects {
			c := around[i][j]
			swapped := 0.0
			for class, p := range c.of {
				if class != o.Class {
					swapped = max(swapped, score(p, c.of[o.Class], mean[class]/max(1, n[class])))
				}
			}
			object(i, j, labels.Class, swapped)
			object(i, j, labels.Spurious, score(1-c.top, c.of[o.Class], background))
		}
		unmatched(im, 0.5, func(j int) {
			d := im.Detections[j]
			detection(i, j, score(d.Score, 1-d.Score, mean[d.Class]/max(1, n[d.Class])))
		})
	}
}
