package calibration

import (
	"cmp"
	"slices"

	"focalaudit/pkg/labels"
)

// steps is how many steps a curve begins with, before those are joined that do not
// rise.
const steps = 40

// curve is how much more common findings of a kind with a score are among labels
// that are wrong this way than among right ones, as a rising step function: the
// likelihood ratio. It is fitted by pooling adjacent violators over steps of as many
// findings each; a step counts half a finding of either sort beside its own, so that none is
// zero or infinite. Steps that no false alarm has reached then count as many as chance may have
// spared them (unseen), and are pooled once more where they do not rise any longer.
func (m *measured) curve(k labels.Kind) []Point {
	fs := slices.DeleteFunc(slices.Clone(m.findings[k]),
		func(f finding) bool { return f.score < least || f.unsound && !f.right })
	slices.SortStableFunc(fs, func(a, b finding) int { return cmp.Compare(a.score, b.score) })
	if len(fs) == 0 || m.injected[k] == 0 || m.sound == 0 {
		return nil
	}
	var out []step
	size := max(1, (len(fs)+steps-1)/steps)
	for i := 0; i < len(fs); {
		s := step{from: fs[i].score}
		for n := 0; i < len(fs) && (n < size || fs[i].score == fs[i-1].score); i++ {
			if fs[i].right {
				s.hits++
			} else {
				s.misses++
			}
			n++
		}
		out = pooled(append(out, s), 0.5)
	}
	var capped []step
	for _, s := range out {
		capped = pooled(append(capped, s), unseen)
	}
	out = capped
	points := make([]Point, len(out))
	for i, s := range out {
		ratio := (s.hits + 0.5) / float64(m.injected[k]) / (s.alarms(unseen) / float64(m.sound))
		points[i] = Point{s.from, ratio, int(s.hits), int(s.misses)}
	}
	return points
}

// step is the findings from a score on.
type step struct{ from, hits, misses float64 }

// unseen is the upper end of the 95 % interval of a count of which none was seen: -ln 0.05.
const unseen = 2.9957

// alarms are the false alarms of a step; none are as many as spared.
func (s step) alarms(spared float64) float64 {
	if s.misses == 0 {
		return spared
	}
	return s.misses + 0.5
}

// pooled joins the last step with those before it that have as high a ratio.
func pooled(out []step, spared float64) []step {
	for n := len(out); n > 1; n-- {
		last, s := out[n-2], out[n-1]
		if (last.hits+0.5)*s.alarms(spared) < (s.hits+0.5)*last.alarms(spared) {
			break
		}
		out[n-2] = step{last.from, s.hits + last.hits, s.misses + last.misses}
		out = out[:n-1]
	}
	return out
}

// least is the score below which findings are of no interest: a curve begins there.
const least = 0.005

// Ratio returns the likelihood ratio of a finding's score; ok is false for a kind
// that was not measured, or a score below its curve.
func (c *Calibration) Ratio(kind labels.Kind, score float64) (ratio float64, ok bool) {
	k := c.Kinds[kind.String()]
	if k == nil || len(k.Curve) == 0 || score < k.Curve[0].Score {
		return 0, false
	}
	i, exact := slices.BinarySearchFunc(k.Curve, score, func(p Point, s float64) int { return cmp.Compare(p.Score, s) })
	if !exact {
		i--
	}
	return k.Curve[i].Ratio, true
}

// Precision is how often findings with a likelihood ratio are right, where a share
// of the labels (the prevalence) is wrong this way: Bayes' rule.
func Precision(ratio, prevalence float64) float64 {
	odds := ratio * prevalence / (1 - prevalence)
	return odds / (1 + odds)
}
