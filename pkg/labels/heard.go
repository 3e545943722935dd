package labels

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"focalaudit/pkg/geom"
)

// hearings are what the models said of the sample's images as they are, when errors were counted: an image that is
// judged later and equals one of these to the last bit is not asked about again.
type hearings struct {
	last   uint64 // highest key of the sample, which has the images with the lowest ones
	images map[[sha256.Size]byte]hearing
}

// hearing is what they said of an image's objects, and of its overlooked detections, each in their order.
type hearing struct {
	objects    []ratios
	overlooked []float64
}

// hear keeps the answers of the last fit.
func (l *learner) hear(a *answers) {
	h := hearings{images: make(map[[sha256.Size]byte]hearing, len(l.sample))}
	at := 0
	for i := range l.sample {
		im, from := &l.sample[i], at
		for end := l.detections[i] + int32(len(im.Detections)); at < l.unmatched.Len() && l.unmatched.at[at].seen < end; {
			at++
		}
		h.last = max(h.last, im.Key)
		h.images[im.digest()] = hearing{a.labels[l.labels[i]:][:len(im.Objects)], a.unmatched[from:at]}
	}
	l.judge.heard = h
}

// about returns what was said of a settled image, false if the sample has none that equals it.
func (h *hearings) about(im *Image) (hearing, bool) {
	if len(h.images) == 0 || im.Key > h.last {
		return hearing{}, false
	}
	said, ok := h.images[im.digest()]
	return said, ok
}

// digest tells settled images apart by all that the models are asked about.
func (im *Image) digest() [sha256.Size]byte {
	data := make([]byte, 0, 64*(1+len(im.Objects)+len(im.Detections)+len(im.Silent)))
	add := func(of ...float64) {
		for _, x := range of {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(x))
		}
	}
	box := func(b *geom.Box) { add(b.X0, b.Y0, b.X1, b.Y1) }
	data = binary.LittleEndian.AppendUint64(data, im.Key)
	add(float64(im.Size.W), float64(im.Size.H), float64(len(im.Objects)), float64(len(im.Detections)))
	for i := range im.Objects {
		box(&im.Objects[i].Box)
		add(float64(im.Objects[i].Class))
	}
	for i := range im.Detections {
		box(&im.Detections[i].Box)
		add(float64(im.Detections[i].Class), im.Detections[i].Score)
	}
	for i := range im.Silent {
		box(&im.Silent[i])
	}
	return sha256.Sum256(data)
}
