package labels

import (
	"cmp"
	"math"
	"slices"
)

// Supposed is how common errors are taken to be, by kind and per label, before anything is
// known of them. Second boxes are rarer: 107 of COCO train2017's 849,942 boxes repeat another
// of their class at an IoU of 0.9, 1 in 8,000, and some differ by more.
var Supposed = [NumKinds]float64{Missing: 0.01, Spurious: 0.01, Location: 0.01, Class: 0.01, Duplicate: 0.0002}

// Estimate is how common a kind of error is.
type Estimate struct {
	Share     float64 // errors per label
	Low, High float64 // the interval of 95 %, of kinds that have one (Bounds); NaN for the others
	Vague     bool    // too many labels look wrong to say anything: Share is the supposed one
	Steps     []Step  // what it follows from, nil if the kind could not be learnt
	Of        int     // labels

	Count, Most Counted // of the steps that bound the share most, and of those which the share follows from
}

// Counted is how many labels a step has, and how many it would have if all were wrong.
type Counted struct {
	Labels   float64
	Exposure float64
}

// Bounds says which ends of an interval an estimate has, and how many times as much counts are taken to vary as
// Poisson's: as little as had the interval hold the true share in nine of ten measured cases of each group of data sets
// (bench/label_errors -only estimates; docs/label-errors.md has the figures, and those of each group by what the others
// chose). Boxes that annotators draw loosely look like wrong ones, so that location has no lower end. Real spurious
// labels are harder to see than simulated ones, objects that the detector overlooks can't be counted, and of second
// boxes half are found: these kinds have no interval.
var Bounds = [NumKinds]struct {
	Low, High bool
	Widened   float64
}{Class: {true, true, 1.75}, Location: {false, true, 1}}

// vague is the bound from which on an estimate says nothing: twice the highest rate at which
// estimates were measured. Where a detector tells nothing, labels as they are look as much like
// errors as errors do, and the bound is 1.
const vague = 0.2

// faded returns which part of a bound is not believed. A limit would turn all suspects of a kind with one label; so
// belief ends by degrees, over a factor of 2: from the limit on, or around it, from 14 to 28 %. Around it a bound is
// taken one standard deviation of its count lower, so that few labels do not pass the limit by chance.
func faded(bound, count float64, around bool) float64 {
	none := math.Log2(bound / vague)
	if around {
		none = max(none, 0.5+math.Log2(float64(bound*(1-1/math.Sqrt(count+1)))/vague))
	}
	return max(0, min(1, none))
}

// Step is a part of the simulated errors, those with the highest scores, and the labels as they
// are with scores as high.
type Step struct {
	Caught float64 // part of the simulated errors
	Above  float64 // labels as they are; for missing objects, detections
	Share  float64 // errors per label that would explain all of them
}

// caught are the parts of the simulated errors at which labels as they are are compared: where
// a quarter is found, right labels are rare; where seven tenths are, the count is large.
var caught = []float64{0.25, 0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70}

// slope is over how many units of a score, a logarithm of odds, a label comes to count in full, and atThreshold what
// it counts at the threshold itself. A bound is one with any weights that rise with the score, as long as simulated
// errors have them too. Where a label counts in full or not at all, the count jumps: scores move by 0.2 to 0.3 when
// one label is mended.
const (
	slope       = 1
	atThreshold = 0.25
)

// above is how much a score counts above a threshold.
func above(score, threshold float64) float64 {
	return max(0, min(1, atThreshold+(score-threshold)/slope))
}

// shape is the shape of the gamma distribution that the share of a kind is supposed to have before anything is
// counted. Data sets differ by orders of magnitude: at a tenth, most have far fewer errors than the mean, and 6 % of
// them more than five times as many.
const shape = 0.1

// weighted is a score with what it counts.
type weighted struct{ score, weight float64 }

// agreement says, by kind, how many standard deviations the quotient of a step may lie above that of another one with
// fewer errors before they are said to differ. The smallest of ten quotients is too small by chance, the more so the
// fewer labels there are, and so would the scores be that follow from it; of those that agree, that of the largest
// count varies least (Lepski 1991). Right labels look like the other kinds of errors far more often, and small data
// sets can't show that steps differ: these kinds keep the smallest bound. docs/label-errors.md has the figures.
var agreement = [NumKinds]float64{Class: 2}

// A step that was chosen would jump to another one when a label is mended. So all steps are averaged, by weights that
// nearly choose: by a power of their bounds, the smallest first; among steps that agree, by a power of what they
// would count; and a step comes to disagree over some standard deviations.
const (
	byBound  = 16
	byCount  = 4
	doubting = 1
)

// excess is how many standard deviations the quotient of the last step is above that of the one before it from which
// it differs most: of what a count of labels that are in the last alone varies by.
func excess(counts []Counted) float64 {
	last := counts[len(counts)-1]
	share, most := (last.Labels+shape)/last.Exposure, math.Inf(-1)
	for _, c := range counts[:len(counts)-1] {
		if sd := math.Sqrt(share * (1/c.Exposure - 1/last.Exposure)); sd > 0 {
			most = max(most, (share-c.Labels/c.Exposure)/sd)
		}
	}
	return most
}

// compared estimates how common errors are. Simulated errors with weights, which stand for an error of each of so many
// labels (mass), are compared with labels as they are, by the logarithms of the odds that they are wrong: if a share π
// of them is wrong, at least π times the simulated ones above a score are there. So the smallest quotient bounds π:
// that with the smallest upper end, one standard deviation of a count above it. With an agreement z, the share follows
// from the last steps that agree with all before them. Counts are Poisson's, and π has a gamma distribution before
// anything is counted, so that its mean afterwards is (count + shape) / (exposure + shape/supposed): few labels leave
// it where it was.
func compared(simulated []weighted, asTheyAre []float64, mass float64, of int, supposed, z float64) Estimate {
	slices.SortFunc(simulated, func(a, b weighted) int { return cmp.Compare(b.score, a.score) })
	slices.SortFunc(asTheyAre, func(a, b float64) int { return cmp.Compare(b, a) })
	var total float64
	for _, s := range simulated {
		total += s.weight
	}
	e := Estimate{Share: supposed, Of: of}
	var counts []Counted
	var bounds, agree []float64
	for i, threshold := range thresholds(simulated, total) {
		found, count := 0.0, 0.0
		for _, s := range simulated {
			found += float64(s.weight * above(s.score, threshold))
		}
		for _, score := range asTheyAre {
			count += above(score, threshold)
		}
		exposure := float64(float64(of)*found) / mass
		e.Steps = append(e.Steps, Step{found / total, count, (count + shape) / (exposure + shape/supposed)})
		counts = append(counts, Counted{count, exposure})
		bounds = append(bounds, (count+1+math.Sqrt(count+1))/exposure)
		agree = append(agree, 1)
		if i > 0 {
			agree[i] = 1 - sigmoid((excess(counts)-z)/doubting)
		}
	}
	if len(counts) == 0 {
		return e
	}
	least := slices.Min(bounds)
	var smallest, agreeing []float64
	for i, c := range counts {
		smallest = append(smallest, math.Pow(least/bounds[i], byBound))
		agreeing = append(agreeing, float64(agree[i]*math.Pow(c.Exposure/counts[len(counts)-1].Exposure, byCount)))
	}
	if z == 0 {
		agreeing = smallest
	}
	e.Count, e.Most = averaged(counts, smallest), averaged(counts, agreeing)
	e.Share = 0
	sum := 0.0
	for i, w := range agreeing {
		e.Share += float64(w * e.Steps[i].Share)
		sum += w
	}
	e.Share /= sum
	e.Low, e.High = e.Interval(1)
	return e
}

// thresholds returns the scores above which the parts of the simulated errors lie, which have falling scores.
func thresholds(simulated []weighted, total float64) (out []float64) {
	at, sum := 0, 0.0
	for _, q := range caught {
		for at < len(simulated) && sum < float64(q*total) {
			sum += simulated[at].weight
			at++
		}
		if at > 0 {
			out = append(out, simulated[at-1].score)
		}
	}
	return out
}

// averaged is the mean of counts by weights.
func averaged(counts []Counted, weights []float64) (mean Counted) {
	sum := 0.0
	for i, w := range weights {
		mean.Labels += float64(w * counts[i].Labels)
		mean.Exposure += float64(w * counts[i].Exposure)
		sum += w
	}
	return Counted{mean.Labels / sum, mean.Exposure / sum}
}

// Interval returns the 95 % interval of the share, if the standard deviation of counts is `widened` times Poisson's:
// its low end is that of the steps which bound the share most, its high end the higher one of these and of those
// which the share follows from.
func (e *Estimate) Interval(widened float64) (low, high float64) {
	low, high = poisson(e.Count.Labels, widened)
	_, most := poisson(e.Most.Labels, widened)
	return low / e.Count.Exposure, min(1, max(high/e.Count.Exposure, most/e.Most.Exposure))
}

// poisson returns the 95 % interval of the mean of a count whose standard deviation is `widened` times Poisson's. At 1
// it is Byar's approximation (Rothman and Boice, "Epidemiologic Analysis with a Programmable Calculator", 1979), whose
// ends are within 0.03 of the exact ones.
func poisson(count, widened float64) (low, high float64) {
	z := 1.959964 * widened
	end := func(n, z float64) float64 {
		third := 1 - 1/(9*n) + z/(3*math.Sqrt(n))
		return n * float64(third*third*third)
	}
	if count > 0 {
		low = max(0, end(count, -z))
	}
	return low, end(count+1, z)
}

// estimate estimates the prevalence of every kind that is known.
func (l *learner) estimate(f *fitting, a *answers) (out [NumKinds]Estimate) {
	n := l.total
	j := *l.judge
	j.prevalence = Supposed // by which scores are ordered
	for kind := range NumKinds {
		if !j.known[kind] {
			out[kind] = Estimate{Share: Supposed[kind], Low: math.NaN(), High: math.NaN(), Of: n}
			continue
		}
		z := agreement[kind]
		if f.weights[0] == nil { // errors that are simulated on wrong labels count in full, which makes quotients too large
			z = 0
		}
		var simulated []weighted
		var asTheyAre []float64
		mass := 0.0
		if kind == Missing {
			for i, k := range l.seen.Kind {
				if k == isMissed && f.has(&l.seen.at[i], k) {
					simulated = append(simulated, weighted{a.seen[i], f.weight(1, i)})
				}
			}
			asTheyAre = slices.Clone(a.unmatched)
			mass = float64(rate*f.simulations) * float64(n)
		} else {
			for i, k := range l.objects.Kind {
				if k == uint8(kind) && f.has(&l.objects.at[i], k) {
					simulated = append(simulated, weighted{logit(j.posterior(a.objects[i])[kind]), f.weight(0, i)})
					mass += f.weight(0, i)
				}
			}
			for _, r := range a.labels {
				asTheyAre = append(asTheyAre, logit(j.posterior(r)[kind]))
			}
		}
		out[kind] = compared(simulated, asTheyAre, mass, n, Supposed[kind], z)
		out[kind].bound(kind)
		bound := out[kind].Share
		// what an interval was measured for counts in full, and so does all that only weighs what is learnt from
		around := !Bounds[kind].High && f.weights[0] != nil
		if none := faded(bound, out[kind].Count.Labels, around); none > 0 {
			out[kind] = Estimate{
				Share: math.Pow(Supposed[kind], none) * math.Pow(bound, 1-none),
				Low:   math.NaN(), High: math.NaN(), Vague: true, Steps: out[kind].Steps, Of: n,
			}
		}
		if kind == Duplicate { // both boxes look like a second one
			out[kind].Share /= 2
		}
	}
	return out
}

// bound leaves of the interval the ends that can be given.
func (e *Estimate) bound(kind Kind) {
	b := Bounds[kind]
	if !b.High {
		e.Low, e.High = math.NaN(), math.NaN()
		return
	}
	if e.Count.Exposure > 0 {
		e.Low, e.High = e.Interval(b.Widened)
	}
	if !b.Low {
		e.Low = 0
	}
}

// doubt makes rows count the less, the likelier the label that they come from is wrong.
func (l *learner) doubt(f *fitting, a *answers) {
	e := l.estimate(f, a)
	doubts := make([]float64, l.total)
	for i, r := range a.labels {
		sum := 0.0
		for k := Spurious; k < NumKinds; k++ {
			if l.judge.known[k] {
				sum += float64(e[k].Share * math.Exp(r[k]))
			}
		}
		doubts[l.asTheyAre.at[i].label] = min(1, sum)
	}
	gaps := map[int32]float64{}
	for i, r := range a.unmatched {
		gaps[l.unmatched.at[i].seen] = min(1, e[Missing].Share*math.Exp(r))
	}
	of := func(r *rows) []float64 {
		w := make([]float64, r.Len())
		for i, at := range r.at {
			switch {
			case at.label >= 0:
				w[i] = 1 - doubts[at.label]
			case at.seen >= 0:
				w[i] = 1 - gaps[at.seen]
			default:
				w[i] = 1
			}
		}
		return w
	}
	f.weights = [2][]float64{of(l.objects), of(l.seen)}
}
