package labels

import (
	"cmp"
	"math"
	"slices"
)

// Suspect is a label that may be wrong. Object and Other are indices in
// Image.Objects, Detection is one in Image.Detections; a caller with a data set has
// to translate them.
type Suspect struct {
	Kind      Kind
	Score     float64 // the probability that it is, at the prevalence of the judge
	Any       float64 // the probability that it is wrong in one way or another
	Object    int32   // -1 for Missing
	Detection int32   // the detection that contradicts the label, -1 if none does
	Other     int32   // the object that it repeats, or the one beside which one is missing, -1 if there is none
	IoU       float64 // with the detection, with Other if there is one
	// Certain, of Class: the detector finds another class here with a score above 0.8, by a detection that lies on no
	// other object more, and not the label's own class.
	Certain bool
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
	// the order of their detections. Repeated detections of one object are one.
	Missing []Suspect

	image    Image
	evidence Evidence
}

// Image judges the labels of an image of the source that j learnt from.
func (j *Judge) Image(v *Verdicts, im *Image) {
	n := len(im.Objects)
	v.Chances, v.Likeliest = slices.Grow(v.Chances[:0], n)[:n], slices.Grow(v.Likeliest[:0], n)[:n]
	for k := range n {
		v.Chances[k], v.Likeliest[k] = math.NaN(), Suspect{}
	}
	v.Kinds, v.Missing = v.Kinds[:0], v.Missing[:0]
	v.image.copyFrom(im)
	objects, detections := v.image.settle()
	was := func(of []int32, i int32) int32 {
		if i < 0 {
			return -1
		}
		return of[i]
	}
	Look(&v.evidence, &v.image)
	j.Judge(&v.evidence, &v.image, func(s Suspect) {
		s.Object, s.Detection, s.Other = was(objects, s.Object), was(detections, s.Detection), was(objects, s.Other)
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
	slices.SortStableFunc(v.Kinds, func(a, b Suspect) int { return cmp.Compare(a.Object, b.Object) })
	slices.SortFunc(v.Missing, func(a, b Suspect) int { return cmp.Compare(a.Detection, b.Detection) })
}

// Judge yields what an image's labels are suspected of, which is settled as its evidence is:
// every kind for every object, and of each detection that lies on no object whether one is
// missing.
func (j *Judge) Judge(e *Evidence, im *Image, yield func(Suspect)) {
	f := im.fold()
	if len(j.objects[f]) == 0 {
		return
	}
	var x []float64
	said, asked := j.heard.about(im)
	for k := range e.Objects {
		var r ratios
		if asked {
			r = said.objects[k]
		} else {
			x = j.rates[f].object(x[:0], e, im, k)
			r = j.objects[f].wrong(x)
		}
		p := j.wrong(r)
		o := &e.Objects[k]
		sound := 1.0
		for kind := Spurious; kind < NumKinds; kind++ {
			sound *= 1 - p[kind]
		}
		for kind := Spurious; kind < NumKinds; kind++ {
			s := Suspect{kind, p[kind], 1 - sound, int32(k), -1, -1, 0, false}
			switch kind {
			case Spurious:
				s.Detection, s.IoU = o.Any.detection, o.Any.iou
			case Location: // only where the detector finds the object can the box be better
				if o.Same.score >= shown {
					s.Detection, s.IoU = o.Same.detection, o.Same.iou
				}
			case Class:
				s.Detection, s.IoU = o.Other.detection, o.Other.iou
				s.Certain = o.Other.score > certain && o.Other.iou >= same && o.fit <= confusing &&
					e.Detections[o.Other.detection].Near == int32(k)
			case Duplicate:
				s.Other, s.IoU = o.Twin, o.TwinIoU
			}
			if j.known[kind] {
				yield(s)
			}
		}
	}
	overlooked := 0
	for d := range e.Detections {
		at := &e.Detections[d]
		if !j.known[Missing] || !e.overlooked(d) {
			continue
		}
		var r float64
		if asked {
			r = said.overlooked[overlooked]
		} else {
			x = j.rates[f].detection(x[:0], e, im, d)
			r = j.missed[f].missing(x)
		}
		overlooked++
		p := j.missing(r)
		yield(Suspect{Missing, p, p, -1, int32(d), at.Near, at.IoU, false})
	}
}

// wrong returns the probability of each kind of error of an object, scaled.
func (j *Judge) wrong(r ratios) (p [NumKinds]float64) {
	p = j.posterior(r)
	for kind := Spurious; kind < NumKinds; kind++ {
		p[kind] = j.scales[kind].of(p[kind])
	}
	return p
}

// missing returns the probability that an object is missing where a detection is, scaled.
func (j *Judge) missing(ratio float64) float64 { return j.scales[Missing].of(j.overlooked(ratio)) }

// posterior is Bayes' rule: the probability of each kind at the judge's prevalence.
func (j *Judge) posterior(r ratios) (p [NumKinds]float64) {
	sum := 1.0
	for kind := Spurious; kind < NumKinds; kind++ {
		sum -= j.prevalence[kind]
	}
	for kind := Spurious; kind < NumKinds; kind++ {
		if j.known[kind] {
			p[kind] = float64(j.prevalence[kind] * math.Exp(r[kind]))
			sum += p[kind]
		}
	}
	for kind := range p {
		p[kind] /= sum
	}
	return p
}

// overlooked is Bayes' rule for a detection, by the ratio of panel.missing.
func (j *Judge) overlooked(ratio float64) float64 {
	odds := float64(j.prevalence[Missing] * math.Exp(ratio))
	return odds / (1 + odds)
}
