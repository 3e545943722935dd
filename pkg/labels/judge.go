package labels

import (
	"math"
	"slices"

	"focalaudit/pkg/boost"
)

// Suspect is a label that may be wrong. Object and Other are indices in
// Image.Objects, Detection is one in Image.Detections; a caller with a data set has
// to translate them.
type Suspect struct {
	Kind      Kind
	Score     float64 // the chance that it is, as simulated, at Prevalence
	Any       float64 // the chance that it is wrong in one way or another
	Object    int32   // -1 for Missing
	Detection int32   // the detection that contradicts the label, -1 if none does
	Other     int32   // the object that it repeats, or the one beside which one is missing, -1 if there is none
	IoU       float64 // with the detection, with Other if there is one
}

// Verdicts are the suspicions against the labels of one image. The zero value is
// ready to use; one that is used again keeps its memory.
type Verdicts struct {
	// Chances, by object: that its label is wrong in one way or another. NaN if no
	// kind of error could be learnt.
	Chances []float64
	// Likeliest, by object: its likeliest kind, the first one among equals. The zero
	// Suspect if no kind could be learnt.
	Likeliest []Suspect
	// Kinds has every kind that could be learnt for every object, object by object.
	Kinds []Suspect
	// Missing are the objects that seem not to be annotated, whatever their score, in
	// the order of their detections.
	Missing []Suspect

	evidence Evidence
}

// Image judges the labels of image i of the source that j learnt from.
func (j *Judge) Image(v *Verdicts, i int, im *Image) {
	n := len(im.Objects)
	v.Chances, v.Likeliest = slices.Grow(v.Chances[:0], n)[:n], slices.Grow(v.Likeliest[:0], n)[:n]
	for k := range n {
		v.Chances[k], v.Likeliest[k] = math.NaN(), Suspect{}
	}
	v.Kinds, v.Missing = v.Kinds[:0], v.Missing[:0]
	Look(&v.evidence, im)
	j.Judge(i, &v.evidence, im, func(s Suspect) {
		if s.Kind == Missing {
			v.Missing = append(v.Missing, s)
			return
		}
		v.Kinds = append(v.Kinds, s)
		v.Chances[s.Object] = s.Any
		if best := &v.Likeliest[s.Object]; s.Score > best.Score {
			*best = s
		}
	})
}

// Judge yields what image i's labels are suspected of: every kind for every
// object, and of each detection that lies on no object whether one is missing.
func (j *Judge) Judge(i int, e *Evidence, im *Image, yield func(Suspect)) {
	f := foldOf(i)
	if j.objects[f] == nil {
		return
	}
	var x []float64
	var p [NumKinds]float64
	for k := range e.Objects {
		x = j.rates.object(x[:0], e, im, k)
		j.object(f, x, &p)
		o := &e.Objects[k]
		sound := 1.0
		for kind := Spurious; kind < NumKinds; kind++ {
			p[kind] = j.scales[kind].of(p[kind])
			sound *= 1 - p[kind]
		}
		for kind := Spurious; kind < NumKinds; kind++ {
			s := Suspect{kind, p[kind], 1 - sound, int32(k), -1, -1, 0}
			switch kind {
			case Spurious:
				s.Detection, s.IoU = o.Any.detection, o.Any.iou
			case Location:
				s.Detection, s.IoU = o.Any.detection, o.Any.iou
			case Class:
				s.Detection, s.IoU = o.Other.detection, o.Other.iou
			case Duplicate:
				s.Other, s.IoU = o.Twin, o.TwinIoU
			}
			if j.known[kind] {
				yield(s)
			}
		}
	}
	for d := range e.Detections {
		if at := &e.Detections[d]; j.known[Missing] && e.overlooked(d) {
			x = j.rates.detection(x[:0], e, im, d)
			p := j.scales[Missing].of(j.overlooked(f, x))
			yield(Suspect{Missing, p, p, -1, int32(d), at.Near, at.IoU})
		}
	}
}

// weigh turns the shares among rows into chances at the prevalence.
func (j *Judge) weigh(m *boost.Model, p []float64) {
	sum, left := 0.0, 1.0
	for k := range p {
		p[k] /= m.Prior(k)
		switch {
		case k == right:
			continue
		case !j.known[k]:
			p[k] = 0
		}
		p[k] = float64(p[k] * Prevalence[k])
		left -= Prevalence[k]
		sum += p[k]
	}
	p[right] = float64(p[right] * left)
	sum += p[right]
	for k := range p {
		p[k] /= sum
	}
}
