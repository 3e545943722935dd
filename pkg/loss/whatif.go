package loss

import (
	"math"
)

// Scheme is a way to choose or weigh the anchors of an image for training.
type Scheme uint8

// The schemes. Those that draw samples are given as expectations, and so are
// ties.
const (
	AllBCE      Scheme = iota // every anchor, cross entropy
	AllAlphaBCE               // every anchor, α-balanced cross entropy
	AllFocal                  // every anchor, focal loss

	// HardNegatives takes every positive anchor, and for each the 3 negative ones of the
	// highest loss: SSD (Liu et al. 2016), section 2.2.
	HardNegatives

	// OHEM128, OHEM256 and OHEM512 take as many anchors of the highest loss: online hard
	// example mining (Shrivastava et al. 2016), at the sizes of the focal-loss paper's
	// table 1d.
	OHEM128
	OHEM256
	OHEM512

	// RPN256 takes 256 anchors at random, up to half of them positive: Faster R-CNN (Ren
	// et al. 2015), section 3.1.3.
	RPN256

	OneToThree // every positive anchor and 3 random negative ones for each

	// GHMC is the gradient harmonising mechanism with 10 bins and no momentum: Li et al.
	// 2019, as mmdetection's models/losses/ghm_loss.py has it.
	GHMC

	NumSchemes
)

// String returns the name that reports give the scheme.
func (s Scheme) String() string {
	return [...]string{
		AllBCE: "bce", AllAlphaBCE: "alpha_bce", AllFocal: "focal", HardNegatives: "hard_negatives_3_1",
		OHEM128: "ohem_128", OHEM256: "ohem_256", OHEM512: "ohem_512", RPN256: "rpn_256_1_1", OneToThree: "random_1_3",
		GHMC: "ghm_c",
	}[s]
}

// Sample is a number of anchors of one label and score in an image.
type Sample struct {
	N                    float64
	BCE, AlphaBCE, Focal float64 // loss of each
	Norm                 float64 // |p - y| of each, the gradient of cross entropy
	Easy                 bool
}

// SampleOf returns n anchors of a logit and target, priced.
func SampleOf(n int64, z Logit, y Target, f Focal, easy bool) Sample {
	return Sample{
		N: float64(n), BCE: BCE.Loss(z, y), AlphaBCE: Focal{Alpha: f.Alpha}.Loss(z, y), Focal: f.Loss(z, y),
		Norm: BCE.Grad(z, y), Easy: easy,
	}
}

// Use is what training uses under a scheme: anchors, and the sums of their
// losses.
type Use struct{ Samples, Positive, Negative, EasyNegative float64 }

func (u *Use) add(o Use) {
	u.Samples += o.Samples
	u.Positive += o.Positive
	u.Negative += o.Negative
	u.EasyNegative += o.EasyNegative
}

// Uses is what training uses under each scheme.
type Uses [NumSchemes]Use

// Merge adds another part of the data set.
func (u *Uses) Merge(o *Uses) {
	for s := range u {
		u[s].add(o[s])
	}
}

// Image adds an image. Both kinds of samples are sorted by falling cross entropy.
func (u *Uses) Image(positives, negatives []Sample) {
	p, n := total(positives), total(negatives)
	take := func(s Scheme, of []Sample, positive bool, weight float64, price func(*Sample) float64) {
		for i := range of {
			u[s].take(&of[i], positive, weight*of[i].N, price(&of[i]))
		}
	}
	bce := func(x *Sample) float64 { return x.BCE }
	all := func(s Scheme, price func(*Sample) float64) {
		take(s, positives, true, 1, price)
		take(s, negatives, false, 1, price)
	}
	all(AllBCE, bce)
	all(AllAlphaBCE, func(x *Sample) float64 { return x.AlphaBCE })
	all(AllFocal, func(x *Sample) float64 { return x.Focal })
	take(HardNegatives, positives, true, 1, bce)
	u[HardNegatives].hardest(nil, negatives, 3*p)
	u[OHEM128].hardest(positives, negatives, 128)
	u[OHEM256].hardest(positives, negatives, 256)
	u[OHEM512].hardest(positives, negatives, 512)
	drawn := min(p, 128)
	take(RPN256, positives, true, ratio(drawn, p), bce)
	take(RPN256, negatives, false, ratio(min(n, 256-drawn), n), bce)
	take(OneToThree, positives, true, 1, bce)
	take(OneToThree, negatives, false, ratio(min(n, 3*p), n), bce)
	u[GHMC].harmonise(positives, negatives)
	// Samples are counted, not summed up from parts: so they stay whole.
	for _, s := range []Scheme{AllBCE, AllAlphaBCE, AllFocal, GHMC} {
		u[s].Samples += p + n
	}
	u[HardNegatives].Samples += p + min(n, 3*p)
	u[OHEM128].Samples += min(128, p+n)
	u[OHEM256].Samples += min(256, p+n)
	u[OHEM512].Samples += min(512, p+n)
	u[RPN256].Samples += drawn + min(n, 256-drawn)
	u[OneToThree].Samples += p + min(n, 3*p)
}

// take adds the losses of n anchors, each as weighed.
func (u *Use) take(s *Sample, positive bool, n, each float64) {
	switch {
	case positive:
		u.Positive += float64(n * each)
	default:
		u.Negative += float64(n * each)
		if s.Easy {
			u.EasyNegative += float64(n * each)
		}
	}
}

// hardest takes so many anchors of the highest cross entropy. Of equal ones it
// takes each in part.
func (u *Use) hardest(positives, negatives []Sample, left float64) {
	for left > 0 && len(positives)+len(negatives) > 0 {
		// all positives and all negatives of one loss go together
		highest := math.Inf(-1)
		if len(positives) > 0 {
			highest = positives[0].BCE
		}
		if len(negatives) > 0 {
			highest = max(highest, negatives[0].BCE)
		}
		i, p := equal(positives, highest)
		j, n := equal(negatives, highest)
		part := ratio(min(left, p+n), p+n)
		for k := range positives[:i] {
			u.take(&positives[k], true, part*positives[k].N, positives[k].BCE)
		}
		for k := range negatives[:j] {
			u.take(&negatives[k], false, part*negatives[k].N, negatives[k].BCE)
		}
		positives, negatives, left = positives[i:], negatives[j:], left-p-n
	}
}

// equal returns how many samples at the beginning have a loss, and their anchors.
func equal(samples []Sample, loss float64) (i int, n float64) {
	for i < len(samples) && samples[i].BCE == loss {
		n += samples[i].N
		i++
	}
	return i, n
}

// ghmBins is the number of bins of GHM-C.
const ghmBins = 10

// harmonise weighs each anchor by 1 over the anchors of its bin of the
// gradient's norm and the bins that hold any.
func (u *Use) harmonise(positives, negatives []Sample) {
	var count [ghmBins]float64
	for _, of := range [2][]Sample{positives, negatives} {
		for i := range of {
			count[ghmBin(of[i].Norm)] += of[i].N
		}
	}
	filled := 0.0
	for _, c := range count {
		if c > 0 {
			filled++
		}
	}
	for k, of := range [2][]Sample{positives, negatives} {
		for i := range of {
			s := &of[i]
			if s.N == 0 {
				continue
			}
			u.take(s, k == 0, s.N/(count[ghmBin(s.Norm)]*filled), s.BCE)
		}
	}
}

func ghmBin(norm float64) int { return min(ghmBins-1, int(norm*ghmBins)) }

func total(samples []Sample) (n float64) {
	for i := range samples {
		n += samples[i].N
	}
	return n
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
