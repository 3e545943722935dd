// Package trainer is one trainer as a whole: what it does between an annotation file
// and its assigned anchors.
//
//  1. A Preset is plain data: it comes from a YAML file, one of those embedded here or
//     the user's own (Load), and is checked once (Validate).
//  2. New makes it a Trainer: anchors lays its grids, a loader (one file each:
//     torchvision.go, detectron2.go, …) places or drops annotations, and a rule of
//     package iou assigns the anchors. Nobody outside asks which loader or rule it is.
//  3. Trainer.NewScene gives one goroutine room for an image; Scene.See does all of it
//     for one image after the other.
//
// docs/methods.md names the source of each rule, docs/trainers.md what each preset was
// compared with.
package trainer

import (
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"math/bits"
	"strconv"
)

// Trainer is a preset made ready. It is safe for concurrent use.
type Trainer struct {
	Preset Preset
	Layout *anchors.Layout
	loader loader
}

// New makes a preset ready, or reports its first mistake.
func New(p Preset) (*Trainer, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &Trainer{Preset: p, Layout: anchors.New(p.Spec()), loader: loaders[p.Boxes]}, nil
}

// Place returns the corners of an annotation in a frame, computed as the trainer
// computes them, or why the trainer leaves it out.
func (t *Trainer) Place(f *anchors.Frame, a Annotation) (geom.Box, Drop) {
	return t.loader.place(t, f, a)
}

// MinSide returns the least side, in px, of an annotated image that the trainer's loader
// takes.
func (t *Trainer) MinSide() int { return t.loader.minSide }

// Skips reports whether the trainer's loader skips an image of a size with these
// annotations, of the given classes, for having none to train on.
func (t *Trainer) Skips(size geom.Size, objects []dataset.Object, classes []dataset.Class) bool {
	switch t.Preset.Skip {
	case SkipNone:
		return false
	case SkipMMDet:
		if min(size.W, size.H) < MMDetMinSide {
			return true
		}
	}
	for i := range objects {
		if t.Preset.Skip.keeps(&objects[i], classes) {
			return false
		}
	}
	return true
}

// keeps reports whether an annotation keeps its image from being skipped.
func (s Skip) keeps(o *dataset.Object, classes []dataset.Class) bool {
	switch s {
	case SkipMMDet:
		return o.Class >= 0 && classes[o.Class].Known
	case SkipAllCrowd:
		return !notZero.has(o.Flags.CrowdValue())
	}
	return o.Box.W > 1 && o.Box.H > 1
}

// LevelName returns the name of a level: P and the power of two of its stride
// where that is one, as feature pyramids are numbered.
func (t *Trainer) LevelName(level int) string {
	if t.Preset.Anchors.Arithmetic == anchors.Queries {
		return "queries"
	}
	stride := int(t.Preset.Anchors.Levels[level].Stride)
	if stride&(stride-1) == 0 {
		return "P" + strconv.Itoa(bits.TrailingZeros(uint(stride)))
	}
	return "stride " + strconv.Itoa(stride)
}

// Shapes returns the number of shapes of each level.
func (t *Trainer) Shapes() []int {
	shapes := make([]int, len(t.Preset.Anchors.Levels))
	for i := range shapes {
		shapes[i] = t.Layout.Shapes(i)
	}
	return shapes
}
