package labels

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"focalaudit/pkg/par"
)

// Settings of the simulation; docs/label-errors.md has what chose each.
const (
	rate       = 0.08  // of each kind: often enough to learn, too rare to change what is usual
	lookalikes = 0.2   // part of the spurious ones that lie on what looks like an object
	enough     = 4000  // simulated errors of a kind and repeat; small data sets are used several times
	minRounds  = 3     // ...but not fewer times than these
	maxRounds  = 24    // ...or more often than these
	maxObjects = 30000 // of the sample of images that larger data sets are learnt from
	least      = 20    // errors of a kind, in one repeat, without which nothing is said of it
)

// Source gives the images of a data set. At fills im with image i, which nobody changes; it may
// be called from any goroutine, each with an im of its own.
type Source struct {
	N       int
	Classes int
	At      func(i int, im *Image)
}

// Judge knows how a detector does on a data set, and what errors would look like.
type Judge struct {
	rates      [folds]*Rates // by fold: of the other ones' images, so that no label speaks for itself
	objects    [folds]panel  // by fold: models that have not seen it
	missed     [folds]panel
	known      [NumKinds]bool // of which there were enough to learn from
	prevalence [NumKinds]float64
	estimates  [NumKinds]Estimate
	scales     [NumKinds]scale
	heard      hearings
}

// Learn learns what errors look like in a data set, and how common they are. progress, if not
// nil, is told from any goroutine which share of the work is done.
func Learn(ctx context.Context, s Source, workers int, progress func(share float64)) (*Judge, error) {
	j := &Judge{prevalence: Supposed}
	c, err := j.count(ctx, s, workers)
	if err != nil || c.objects == 0 {
		return j, err
	}
	sim := newSimulation(&j.rates, s.sample(c), s.Classes)
	l := learner{judge: j, simulation: sim, workers: workers, progress: progress}
	return j, l.learn(ctx)
}

// Estimates returns how common each kind of error is, as estimated.
func (j *Judge) Estimates() [NumKinds]Estimate { return j.estimates }

// survey is what a first look at a source gives.
type survey struct {
	objects int
	keys    []uint64 // by image
	labels  []int32  // by image: how many
}

// count counts how the detector does, and the objects.
func (j *Judge) count(ctx context.Context, s Source, workers int) (*survey, error) {
	type scratch struct {
		im    [2]Image
		e     Evidence
		rates [folds]*Rates
	}
	c := &survey{keys: make([]uint64, s.N), labels: make([]int32, s.N)}
	var mu sync.Mutex
	var all []*scratch
	err := par.DoWith(ctx, workers, s.N, func() *scratch {
		w := &scratch{}
		for f := range w.rates {
			w.rates[f] = newRates()
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, w)
		return w
	}, func(w *scratch, i int) error {
		im := &w.im[0]
		s.settled(i, im, &w.im[1])
		c.keys[i], c.labels[i] = im.Key, int32(len(im.Objects))
		Look(&w.e, im)
		w.rates[im.fold()].add(&w.e, im)
		return nil
	})
	for f := range j.rates {
		j.rates[f] = newRates()
		for _, w := range all {
			for g, of := range w.rates {
				if g != f {
					j.rates[f].merge(of)
				}
			}
		}
	}
	for _, n := range c.labels {
		c.objects += int(n)
	}
	return c, err
}

// settled fills im with image i, in an order that does not depend on the records'.
func (s Source) settled(i int, im, scratch *Image) {
	s.At(i, scratch)
	im.copyFrom(scratch)
	im.settle()
}

// sample takes images by rising key until there are maxObjects objects.
func (s Source) sample(c *survey) []Image {
	order := make([]int, s.N)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(c.keys[a], c.keys[b]) })
	var out []Image
	var scratch Image
	objects := 0
	for k, i := range order {
		if objects >= maxObjects && c.keys[i] != c.keys[order[k-1]] { // images of equal keys have no order of their own
			break
		}
		var im Image
		s.settled(i, &im, &scratch)
		out = append(out, im)
		objects += len(im.Objects)
	}
	slices.SortStableFunc(out, func(a, b Image) int { return compareImages(&a, &b) })
	return out
}
