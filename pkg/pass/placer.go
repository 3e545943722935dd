package pass

import (
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// Placer computes again where matched objects are in the trainer's frame: 32 bytes for each
// object need not be kept for it. It is quick where the objects of an image are asked for one
// after the other.
type Placer struct {
	pass          *Pass
	source, image int // of the frame
	frame         anchors.Frame
	reach         iou.LevelReacher // nil unless the trainer lays points
	counts        []int
}

// NewPlacer returns a placer for one goroutine.
func (p *Pass) NewPlacer() *Placer {
	reach, _ := p.Trainer.Preset.Matcher.Reacher(0).(iou.LevelReacher)
	return &Placer{pass: p, image: -1, reach: reach}
}

// AtLevels returns how many points of each level a box of the image that Box was last asked about may have; nil
// unless the trainer lays points. It is valid until the next call.
func (p *Placer) AtLevels(box geom.Box) []int {
	if p.reach == nil {
		return nil
	}
	p.reach.Prepare(p.frame.Grids, nil)
	p.counts = p.reach.AtLevels(box, p.counts[:0])
	return p.counts
}

// Box returns the corners of a matched object in the trainer's frame, as they were matched.
func (p *Placer) Box(source, object int) geom.Box {
	o := p.pass.Data.Object(source, object)
	if source != p.source || int(o.Image) != p.image {
		p.source, p.image = source, int(o.Image)
		p.pass.Trainer.Layout.Lay(&p.frame, p.pass.Data.Image(source, int(o.Image)).Size)
	}
	box, _ := p.pass.Trainer.Place(&p.frame, trainer.AnnotationOf(o, p.pass.Data.Classes))
	return box
}
