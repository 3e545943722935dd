package labels

import (
	"math"

	"focalaudit/pkg/geom"
)

// Rates counts how a detector does on each class, over a whole data set. Counts
// are whole numbers: parts add up to the same in any order.
type Rates struct {
	objects    map[int32]*tally    // by class of the object
	confusions map[[2]int32]int64  // by class of the object and of the surest detection of another one on it
	doubtful   map[[2]int32]int64  // those of them of which the detector is not certain
	steps      [scoreSteps]share   // detections by score
	classSteps map[[2]int32]*share // by class and step of score
	all        tally
	doubts     int64 // sum of doubtful
}

// tally adds up a class's objects, in thousandths.
type tally struct {
	n, support, placed, iou int64
	aspect                  moments // of labels' shapes
}

// moments add up numbers and their squares, in thousandths.
type moments struct{ sum, squares int64 }

func (m *moments) add(x float64) {
	m.sum += thousandths(x)
	m.squares += thousandths(float64(x * x))
}

func (m *moments) merge(o moments) {
	m.sum += o.sum
	m.squares += o.squares
}

// share counts detections, and those of them on an object of their class.
type share struct{ n, right int64 }

const (
	scoreSteps = 20
	// prior is the weight, in records, of what is known of all classes when one is
	// judged: so many are needed for a share of a half to be known to a tenth.
	prior = 20
)

func newRates() *Rates {
	return &Rates{
		objects: map[int32]*tally{}, confusions: map[[2]int32]int64{}, doubtful: map[[2]int32]int64{},
		classSteps: map[[2]int32]*share{},
	}
}

// add counts the evidence of an image.
func (r *Rates) add(e *Evidence, im *Image) {
	for k := range e.Objects {
		o, class := &e.Objects[k], im.Objects[k].Class
		of := r.objects[class]
		if of == nil {
			of = &tally{}
			r.objects[class] = of
		}
		for _, t := range []*tally{of, &r.all} {
			t.n++
			t.support += thousandths(o.Same.weight())
			t.aspect.add(aspectOf(im.Objects[k].Box))
			if o.Same.detection >= 0 {
				t.placed++
				t.iou += thousandths(o.Same.iou)
			}
		}
		if o.otherFit > confusing {
			pair := [2]int32{class, im.Detections[o.Other.detection].Class}
			r.confusions[pair]++
			if o.Other.score <= certain {
				r.doubtful[pair]++
				r.doubts++
			}
		}
	}
	for i := range e.Detections {
		d := &e.Detections[i]
		if d.silent {
			continue
		}
		at := [2]int32{im.Detections[i].Class, stepOf(im.Detections[i].Score)}
		of := r.classSteps[at]
		if of == nil {
			of = &share{}
			r.classSteps[at] = of
		}
		for _, s := range []*share{of, &r.steps[at[1]]} {
			s.n++
			if d.same >= same {
				s.right++
			}
		}
	}
}

// confusing is the score, at a full fit, from which on a detection of another
// class on an object counts as a confusion.
const confusing = 0.2

// certain is the score above which a detector that contradicts a label says as much of the label as of itself. Where
// one class was written for another again and again, these contradictions would count as its habit, and excuse the
// labels: of 200 such labels a detector that makes no mistake exposed 0 to 22, and 68 to 200 if only contradictions
// count that doubts back (docs/label-errors.md has what was measured).
const certain = 0.8

func thousandths(v float64) int64 { return int64(math.Round(1000 * v)) }

func stepOf(score float64) int32 { return min(scoreSteps-1, int32(score*scoreSteps)) }

// merge adds other counts.
func (r *Rates) merge(o *Rates) {
	for c, t := range o.objects {
		if r.objects[c] == nil {
			r.objects[c] = &tally{}
		}
		r.objects[c].add(t)
	}
	r.all.add(&o.all)
	for c, n := range o.confusions {
		r.confusions[c] += n
	}
	for c, n := range o.doubtful {
		r.doubtful[c] += n
	}
	r.doubts += o.doubts
	for c, s := range o.classSteps {
		if r.classSteps[c] == nil {
			r.classSteps[c] = &share{}
		}
		r.classSteps[c].add(s)
	}
	for i := range r.steps {
		r.steps[i].add(&o.steps[i])
	}
}

func (t *tally) add(o *tally) {
	t.n += o.n
	t.support += o.support
	t.placed += o.placed
	t.iou += o.iou
	t.aspect.merge(o.aspect)
}

func (s *share) add(o *share) {
	s.n += o.n
	s.right += o.right
}

// drawn is a mean, drawn to a prior one.
func drawn(sum, n, mean float64) float64 { return (sum + float64(prior*mean)) / (n + prior) }

// support is how well objects of a class are detected: their mean weight.
func (r *Rates) support(class int32) float64 {
	mean := float64(r.all.support) / 1000 / float64(max(1, r.all.n))
	if t := r.objects[class]; t != nil {
		return drawn(float64(t.support)/1000, float64(t.n), mean)
	}
	return mean
}

// odd is how unusual a box's shape is for its class: how many standard deviations the logarithm of its aspect is
// from the class's mean.
func (r *Rates) odd(class int32, b geom.Box) float64 {
	all, n := &r.all.aspect, float64(max(1, r.all.n))
	mean, square := float64(all.sum)/1000/n, float64(all.squares)/1000/n
	if t := r.objects[class]; t != nil {
		mean = drawn(float64(t.aspect.sum)/1000, float64(t.n), mean)
		square = drawn(float64(t.aspect.squares)/1000, float64(t.n), square)
	}
	return math.Abs(aspectOf(b)-mean) / math.Sqrt(max(1e-3, square-float64(mean*mean)))
}

// iou is how well detections are placed on objects of a class: their mean IoU.
func (r *Rates) iou(class int32) float64 {
	mean := float64(r.all.iou) / 1000 / float64(max(1, r.all.placed))
	if t := r.objects[class]; t != nil {
		return drawn(float64(t.iou)/1000, float64(t.placed), mean)
	}
	return mean
}

// confusion is how often objects of a class are taken for another one, as a logarithm. A detector that mistakes one
// class for another gives many of the mistakes middling scores: certain ones count up to the number of those, and not
// beyond.
func (r *Rates) confusion(class, as int32) float64 {
	mean := float64(r.doubts) / float64(max(1, r.all.n)) / float64(max(1, len(r.objects)-1))
	n, pair := 0.0, [2]int32{class, as}
	if t := r.objects[class]; t != nil {
		n = float64(t.n)
	}
	backed := min(r.confusions[pair], 2*r.doubtful[pair])
	return math.Log(max(1e-9, drawn(float64(backed), n, mean)))
}

// precision is how often a detection of a class and score lies on an object of its
// class.
func (r *Rates) precision(class int32, score float64) float64 {
	step := stepOf(score)
	all := &r.steps[step]
	mean := (float64(all.right) + 1) / (float64(all.n) + 2)
	if s := r.classSteps[[2]int32{class, step}]; s != nil {
		return drawn(float64(s.right), float64(s.n), mean)
	}
	return mean
}
