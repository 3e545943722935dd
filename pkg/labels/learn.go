package labels

import (
	"context"
	"math/rand/v2"
	"sync"

	"focalaudit/pkg/boost"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/inject"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/par"
)

// Prevalence is how common errors are taken to be, by kind, per object in use, when
// scores are given. The chance of an error depends on it; the order within a kind
// does not. Nobody knows how common errors are before they looked; 1 % is what the
// program supposes wherever it has to. Second boxes are rarer: 107 of COCO
// train2017's 849,942 boxes repeat another of their class at an IoU of 0.9, 1 in
// 8,000, and some differ by more.
var Prevalence = [NumKinds]float64{Missing: 0.01, Spurious: 0.01, Location: 0.01, Class: 0.01, Duplicate: 0.0002}

// Settings of the simulation: chosen on VOC2007, perModel and the look-alikes with
// KITTI in view too; docs/label-errors.md has what they give on each set.
const (
	folds      = 5     // an image is judged by models that never saw it
	rate       = 0.08  // of each kind: often enough to learn, too rare to change what is usual
	enough     = 8000  // simulated errors of a kind; small data sets are used several times
	minRounds  = 3     // ...but not fewer times than these
	maxRounds  = 24    // ...or more often than these
	perModel   = 8     // simulations that one model learns from: more would show it the same objects again and again
	maxObjects = 30000 // of the sample of images that larger data sets are learnt from
	least      = 20    // errors of a kind without which nothing is said of it
)

// The models by which errors are told from right labels: of objects, for which there
// is much to tell apart, and of detections.
var (
	model  = boost.Settings{Trees: 80, Leaves: 8, Rate: 0.1, Lambda: 1, Least: 40}
	simple = boost.Settings{Trees: 60, Leaves: 6, Rate: 0.1, Lambda: 1, Least: 20}
)

// The kinds of a row: of objects, and of detections.
const (
	right    = 0 // a label as it was; a detection of nothing
	isMissed = 1
)

// kindOf is a row's kind by what was done to its object; the other kinds of
// objects follow the order of Kind, from Spurious on.
var kindOf = [inject.NumErrors]uint8{
	inject.Spurious: uint8(Spurious), inject.Shifted: uint8(Location),
	inject.Swapped: uint8(Class), inject.Duplicated: uint8(Duplicate),
}

// Source gives the images of a data set. At fills im with image i; it may be
// called from any goroutine, each with an im of its own.
type Source struct {
	N       int
	Classes int
	At      func(i int, im *Image)
}

// Judge knows how a detector does on a data set, and what errors would look like.
type Judge struct {
	rates   *Rates
	objects [folds]ensemble // by the fold that they have not seen
	missed  [folds]ensemble
	perBag  float64        // simulations that a model learnt from
	known   [NumKinds]bool // of which there were enough to learn from
	scales  [NumKinds]scale
}

// foldOf spreads images over the folds, whatever the stride of a sample: by the upper
// half of Knuth's multiplicative hash, 2^32 over the golden ratio.
func foldOf(i int) int { return int(((uint32(i) * 2654435761) >> 16) % folds) }

// Learn learns what errors look like in a data set. Everything follows from the
// images and their order.
func Learn(ctx context.Context, s Source, workers int) (*Judge, error) {
	j := &Judge{rates: newRates()}
	objects, err := j.count(ctx, s, workers)
	if err != nil || objects == 0 {
		return j, err
	}
	sample := s.sample(objects)
	rounds, err := j.simulate(ctx, sample, s.Classes, workers)
	if err != nil {
		return nil, err
	}
	return j, j.fit(ctx, rounds, workers)
}

// count counts how the detector does, and the objects.
func (j *Judge) count(ctx context.Context, s Source, workers int) (objects int, err error) {
	type scratch struct {
		im    Image
		e     Evidence
		rates *Rates
	}
	var mu sync.Mutex
	var all []*scratch
	err = par.DoWith(ctx, workers, s.N, func() *scratch {
		w := &scratch{rates: newRates()}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, w)
		return w
	}, func(w *scratch, i int) error {
		s.At(i, &w.im)
		Look(&w.e, &w.im)
		w.rates.add(&w.e, &w.im)
		return nil
	})
	for _, w := range all {
		j.rates.merge(w.rates)
	}
	return int(j.rates.all.n), err
}

// sampled is an image to learn from.
type sampled struct {
	Image
	fold int
}

// sample takes every n-th image, so that there are at most maxObjects or so.
func (s Source) sample(objects int) []sampled {
	stride := (objects + maxObjects - 1) / maxObjects
	out := make([]sampled, 0, s.N/stride+1)
	for i := 0; i < s.N; i += stride {
		im := sampled{fold: foldOf(i)}
		s.At(i, &im.Image)
		out = append(out, im)
	}
	return out
}

// round is what one simulation gives, by fold.
type round struct{ objects, detections [folds]boost.Rows }

// simulate puts errors into the sample, again and again.
func (j *Judge) simulate(ctx context.Context, sample []sampled, classes, workers int) ([]*round, error) {
	clean := make([]inject.Image, len(sample))
	objects := 0
	for i := range sample {
		clean[i].Size = sample[i].Size
		for _, o := range sample[i].Objects {
			clean[i].Objects = append(clean[i].Objects, inject.Object{Box: o.Box.Rect(), Class: o.Class})
		}
		objects += len(sample[i].Objects)
	}
	n := max(minRounds, min(maxRounds, int(enough/(rate*float64(objects)))))
	rounds := make([]*round, n)
	err := par.Do(ctx, workers, n, func(k int) error {
		rates := inject.Rates{Drop: rate, Shift: rate, Swap: rate, Spurious: rate / 2, Duplicate: rate}
		wrong := inject.Inject(clean, classes, rates, uint64(k))
		j.lookalikes(ctx, sample, wrong, rate/2*float64(objects), uint64(k))
		rounds[k] = j.round(ctx, sample, wrong, k == 0)
		return ctx.Err()
	})
	return rounds, err
}

// lookalikes adds spurious labels where people make them: on what looks like an
// object. These are n detections or so that lie on no label, rather those that are
// seldom right.
func (j *Judge) lookalikes(ctx context.Context, sample []sampled, wrong []inject.Image, n float64, seed uint64) {
	var e Evidence
	var all float64
	weight := func(i, d int) float64 {
		if !e.overlooked(d) || e.Detections[d].IoU > loose {
			return 0
		}
		of := &sample[i].Detections[d]
		return (1 - j.rates.precision(of.Class, of.Score)) * of.Score
	}
	for i := range sample {
		if ctx.Err() != nil {
			return
		}
		Look(&e, &sample[i].Image)
		for d := range sample[i].Detections {
			all += weight(i, d)
		}
	}
	for i := range sample {
		if ctx.Err() != nil {
			return
		}
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		Look(&e, &sample[i].Image)
		for d, of := range sample[i].Detections {
			if w := weight(i, d); w > 0 && rng.Float64() < n*w/all {
				wrong[i].Objects = append(wrong[i].Objects, inject.Object{
					Box: of.Box.Rect(), Class: of.Class, Error: inject.Spurious,
				})
			}
		}
	}
}

// round gathers the rows of one simulation: the errors, and in the first round
// what is right as well.
func (j *Judge) round(ctx context.Context, sample []sampled, wrong []inject.Image, first bool) *round {
	r := &round{}
	for f := range folds {
		r.objects[f].Width, r.detections[f].Width = objectWidth, detectionWidth
	}
	var e Evidence
	var im Image
	var x []float64
	for i := range sample {
		if ctx.Err() != nil {
			break
		}
		in := &sample[i]
		im.Size, im.Detections, im.Silent, im.Objects = in.Size, in.Detections, in.Silent, im.Objects[:0]
		for _, o := range wrong[i].Objects {
			im.Objects = append(im.Objects, Object{o.Box.Box(), o.Class})
		}
		Look(&e, &im)
		for k, o := range wrong[i].Objects {
			if kind := kindOf[o.Error]; !inject.FirstOfTwo(wrong[i].Objects, k) && (first || kind != right) {
				x = j.rates.object(x[:0], &e, &im, k)
				r.objects[in.fold].Add(x, kind)
			}
		}
		for d := range im.Detections {
			if !e.overlooked(d) {
				continue
			}
			kind := uint8(right)
			if on(im.Detections[d].Box, wrong[i].Dropped) {
				kind = isMissed
			}
			if first || kind != right {
				x = j.rates.detection(x[:0], &e, &im, d)
				r.detections[in.fold].Add(x, kind)
			}
		}
	}
	return r
}

// on reports whether a box is that of one of the objects.
func on(b geom.Box, objects []inject.Object) bool {
	for _, o := range objects {
		if iou.Of(b, o.Box.Box()) >= same {
			return true
		}
	}
	return false
}

// fit fits the models, each on all folds but one.
func (j *Judge) fit(ctx context.Context, rounds []*round, workers int) error {
	for k := Spurious; k < NumKinds; k++ {
		n := 0
		for _, r := range rounds {
			for f := range folds {
				n += count(r.objects[f].Kind, uint8(k))
			}
		}
		j.known[k] = n >= least
	}
	n := 0
	for _, r := range rounds {
		for f := range folds {
			n += count(r.detections[f].Kind, isMissed)
		}
	}
	j.known[Missing] = n >= least
	// Rows have the right ones of one round, and the missed ones of all.
	bags := (len(rounds) + perModel - 1) / perModel
	j.perBag = float64(len(rounds)) / float64(bags)
	for f := range folds {
		j.objects[f], j.missed[f] = make(ensemble, bags), make(ensemble, bags)
	}
	err := par.Do(ctx, workers, 2*folds*bags, func(i int) error {
		f, bag := i/2%folds, i/2/folds
		if i%2 == 0 {
			j.objects[f][bag] = boost.Fit(ctx, rowsOf(rounds, bag, bags, ofObjects, func(g int) bool { return g != f }),
				int(NumKinds), model)
		} else {
			j.missed[f][bag] = boost.Fit(ctx, rowsOf(rounds, bag, bags, ofDetections, func(g int) bool { return g != f }),
				2, simple)
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	var heldOut [2 * folds][]chances
	err = par.Do(ctx, workers, 2*folds, func(i int) error {
		f := i / 2
		of := ofObjects
		if i%2 == 1 {
			of = ofDetections
		}
		rest := rowsOf(rounds, 0, 1, of, func(g int) bool { return g == f })
		heldOut[i] = make([]chances, rest.Len())
		for k := range heldOut[i] {
			c, x := &heldOut[i][k], rest.X[k*rest.Width:(k+1)*rest.Width]
			c.kind = rest.Kind[k]
			if i%2 == 0 {
				j.object(f, x, &c.p)
			} else {
				c.p[0] = j.overlooked(f, x)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	j.calibrate(heldOut[:], len(rounds))
	return nil
}

func ofObjects(r *round) *[folds]boost.Rows    { return &r.objects }
func ofDetections(r *round) *[folds]boost.Rows { return &r.detections }

// rowsOf puts together the rows of every bags-th round, from bag on, that are in
// the folds asked for; what is right comes from the first round.
func rowsOf(rounds []*round, bag, bags int, of func(*round) *[folds]boost.Rows, in func(fold int) bool) *boost.Rows {
	rows := &boost.Rows{Width: of(rounds[0])[0].Width}
	for k, r := range rounds {
		for g := range folds {
			if !in(g) {
				continue
			}
			from := &of(r)[g]
			for i, kind := range from.Kind {
				if kind == right || k%bags == bag {
					rows.Add(from.X[i*from.Width:(i+1)*from.Width], kind)
				}
			}
		}
	}
	return rows
}

// ensemble is models that learnt from different simulations.
type ensemble []*boost.Model

// object sets p to the chance of each kind of error of an object: the mean of
// what the models say.
func (j *Judge) object(f int, x []float64, p *[NumKinds]float64) {
	*p = [NumKinds]float64{}
	var one [NumKinds]float64
	for _, m := range j.objects[f] {
		m.Predict(x, one[:])
		j.weigh(m, one[:])
		for k := range p {
			p[k] += one[k] / float64(len(j.objects[f]))
		}
	}
}

// overlooked is the chance that a detection is of an overlooked object.
func (j *Judge) overlooked(f int, x []float64) (p float64) {
	var one [2]float64
	for _, m := range j.missed[f] {
		m.Predict(x, one[:])
		odds := one[isMissed] / one[right] * Prevalence[Missing] / (rate * j.perBag)
		p += odds / (1 + odds) / float64(len(j.missed[f]))
	}
	return p
}

// chances are what the models say of a row that they have not seen.
type chances struct {
	kind uint8
	p    [NumKinds]float64
}

func count(kinds []uint8, kind uint8) (n int) {
	for _, k := range kinds {
		if k == kind {
			n++
		}
	}
	return n
}
