package convention

import "math"

// A turning is what happens to the features of boxes where their pictures are turned: a factor each, 0 if nothing is
// known of the feature.
//
// A quarter turn leaves an object's size as a part of its image, turns its shape to the inverse, and takes its height
// in the image from its place from left to right, which features do not have. A half turn leaves size and shape, and
// puts below what was above. Where pictures are turned at random, the size alone is left.
type turning [features]float64

var turnings = [...]turning{{1, -1, 0}, {1, 1, -1}, {1, 0, 0}}

// of returns how blocks fit a model if their pictures are turned so.
func (t *turning) of(m *model, blocks []blockStats) (f fit) {
	for i := range blocks {
		k := 0 // each calls for features with a spread, in their order
		m.each(&blocks[i], func(spread float64, all shares, _ func(int) shares) {
			for m.spread[k] <= 0 {
				k++
			}
			g := all.fit(spread)
			f.with, f.of = f.with+float64(t[k]*g.with), f.of+float64(math.Abs(t[k])*g.of)
			k++
		})
	}
	return f
}

// turnedPictures tells whether what differs between front and behind is how pictures are turned, as where turned copies
// are put behind them. Classes have other shapes and heights then, with right boxes, and mean what they meant: turned
// back, what one side tells of the classes fits the other side, by the slope that is asked of one side alone
// (leastOwnSlope), where the classes would explain a third of what they are asked for otherwise: it is the size alone,
// one of three features, that is left at worst. Classes that mean others may do so by chance, and are passed over then.
func turnedPictures(front, behind *model, before, after []blockStats) bool {
	for i := range turnings {
		t := &turnings[i]
		a, b := t.of(front, after), t.of(behind, before)
		if min(a.of, b.of) >= reorderedNats/features && min(a.slope(), b.slope()) >= leastOwnSlope {
			return true
		}
	}
	return false
}
