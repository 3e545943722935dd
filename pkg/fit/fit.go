// Package fit searches anchors that suit the objects of a data set where the trainer lays them: on its own
// grid, in its own arithmetic, under its own threshold.
//
// Searches that centre anchors on objects (k-means of widths and heights, yolov5's AutoAnchor) promise what no
// grid keeps: an anchor stands where its stride puts it, up to half a stride away along each axis, and that
// distance costs small objects most of their overlap.
//
//  1. NewWorld places the objects of a data set, or of a sample, between the points of each level (world.go). What
//     the best anchor of a shape reaches on a level, and how many reach the threshold, is then arithmetic.
//  2. Search varies a preset's sizes and ratios, or boxes, as the trainer's configuration can say them, and
//     returns the settings that leave the fewest objects uncovered for what they cost (search.go).
//  3. World.Beyond counts the objects that no shape at these strides can cover (limit.go).
//  4. Preset and Lines write a setting down (write.go).
//
// Counts are those of the objects taken one by one: two objects may compete for an anchor. So the caller confirms
// a setting by matching all of the data under it.
package fit

import (
	"errors"
	"fmt"
	"math"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// ErrShapeless is the error of a rule that does not choose anchors by their shape: only the input size can be changed.
var ErrShapeless = errors.New("does not choose anchors by their shape: there is nothing to fit")

// Suit returns how anchors suit objects under a preset's rule. An error says why no anchors can be fitted
// to the preset.
func Suit(p *trainer.Preset) (iou.Suit, error) {
	of, shapes := p.Matcher.Rule.(iou.Suiter)
	switch {
	case !shapes:
		return iou.Suit{}, fmt.Errorf("the rule %s %w", p.Matcher.Name(), ErrShapeless)
	case p.Anchors.Arithmetic == anchors.SSDAnchors:
		return iou.Suit{}, fmt.Errorf("the arithmetic %s chains the sizes of its levels, and fit varies each alone: "+
			"fit another preset", anchors.SSDAnchors)
	case p.Anchors.Arithmetic == anchors.EfficientDetAnchors:
		return iou.Suit{}, fmt.Errorf("the arithmetic %s has aspects in the place of ratios, which fit does not vary: "+
			"fit another preset", anchors.EfficientDetAnchors)
	}
	return of.Suit(), nil
}

// setting is what is varied, all as logarithms: sizes by level, and ratios that all levels share; or widths and
// heights of boxes by level.
type setting struct {
	sizes  [][]float64 // by level: ln px
	ratios []float64   // ln of height over width
	boxes  [][][2]float64
	shared bool // sizes are the same multiples of the stride on every level
}

// settingOf reads a setting off a preset.
func settingOf(a *anchors.Anchors) setting {
	s := setting{shared: a.Arithmetic == anchors.MMDetectionAnchors || a.Arithmetic == anchors.KerasAnchors}
	for _, l := range a.Levels {
		var sizes []float64
		for _, x := range l.Sizes {
			sizes = append(sizes, math.Log(x))
		}
		var boxes [][2]float64
		for _, b := range l.Boxes {
			boxes = append(boxes, [2]float64{math.Log(b[0]), math.Log(b[1])})
		}
		s.sizes, s.boxes = append(s.sizes, sizes), append(s.boxes, boxes)
	}
	for _, x := range a.Ratios {
		s.ratios = append(s.ratios, math.Log(x))
	}
	return s
}

// clone returns a copy.
func (s *setting) clone() setting {
	c := setting{ratios: append([]float64(nil), s.ratios...), shared: s.shared}
	for k := range s.sizes {
		c.sizes = append(c.sizes, append([]float64(nil), s.sizes[k]...))
		c.boxes = append(c.boxes, append([][2]float64(nil), s.boxes[k]...))
	}
	return c
}
