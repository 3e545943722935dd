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
// findings each; a step counts half a finding of either sort beside its own, so that
// none is zero or infinite.
func (m *measured) curve(k labels.Kind) []Point {
	fs := slices.DeleteFunc(slices.Clone(m.findings[k]),
		func(f finding) bool { return f.score < least || f.unsound && !f.right })
	slices.SortStableFunc(fs, func(a, b finding) int { return cmp.Compare(a.score, b.score) })
	if len(fs) == 0 || m.injected[k] == 0 || m.sound == 0 {
		return nil
	}
	type step struct{ from, hits, misses float64 }
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
		for len(out) > 0 {
			last := out[len(out)-1]
			if (last.hits+0.5)*(s.misses+0.5) < (s.hits+0.5)*(last.misses+0.5) {
				break
			}
			s = step{last.from, s.hits + last.hits, s.misses + last.misses}
			out = out[:len(out)-1]
		}
		out = append(out, s)
	}
	points := make([]Point, len(out))
	for i, s := range out {
		points[i] = Point{s.from, (s.hits + 0.5) / float64(m.injected[k]) / ((s.misses + 0.5) / float64(m.sound))}
	}
	return points
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
