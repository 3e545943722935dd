package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// lostPoint are the numbers of a source that are larger than the side of their image. Where a decimal point was lost,
// 244.7 is 2447 and 45.15 is 4515: no such number is a multiple of ten, since nobody writes a fraction's last zero.
type lostPoint struct {
	n       int     // numbers that are larger than the side
	large   int     // three times as large
	tens    int     // multiples of ten among n
	cut     int     // numbers that are no whole ones, in boxes that have one of n
	boxes   int     // that have one of n
	most    float64 // times the side
	example int32   // the first of the boxes
}

// leastLost is how many numbers must be larger than the side: were their last digits any, all would have one that is
// not 0 by a chance of 0.9^132 = 9e-7.
const leastLost = 132

// found tells whether points were lost: no number is a multiple of ten (one in 200, as a number that is large by
// right), none of these boxes has a fraction, and one in four is three times as large as the side, since numbers with
// a digit more are up to ten times, and with two digits more up to a hundred times as large.
func (l *lostPoint) found() bool {
	return l.n >= leastLost && 200*l.tens <= l.n-leastLost && l.cut == 0 && 4*l.large >= l.n
}

// readLostPoint looks for such numbers where 20 boxes and 1 % reach well beyond the right or the lower edge.
func (t *tally) readLostPoint(src *dataset.Source) lostPoint {
	l := lostPoint{example: -1}
	if n := t.far[0] + t.far[1]; n < 20 || 100*n < t.n {
		return l
	}
	sample.Each(src, func(k int32, o *dataset.Object, w, h float64) {
		b := &o.Box
		n := 0
		for _, c := range [...][2]float64{{b.X, w}, {b.W, w}, {b.Y, h}, {b.H, h}} {
			if c[0] <= (1+deep)*c[1] {
				continue
			}
			n++
			l.large += sample.One(c[0] > 3*c[1])
			l.tens += sample.One(math.Mod(c[0], 10) == 0)
			l.most = max(l.most, c[0]/c[1])
		}
		if l.n += n; n == 0 {
			return
		}
		for _, v := range [...]float64{b.X, b.Y, b.W, b.H} {
			l.cut += sample.One(v != math.Trunc(v))
		}
		if l.boxes++; l.example < 0 {
			l.example = k
		}
	})
	return l
}

// finding returns the finding on lost points.
func (l *lostPoint) finding(src *dataset.Source, s int32, of int) findings.Finding {
	o := &src.Objects[l.example]
	f := say.Finding("box-convention", s, o.Offset, o.Line, "the decimal point seems to be lost in %s of %s, so that "+
		"244.7 "+
		"became 2447 and 45.15 became 4515: %s are larger than their image's side, up to %.3g times, all are whole, and "+
		"%s a multiple of ten, where one in ten would be. Programs do so that read 244.7 where the comma is the decimal "+
		"point. No factor mends all, since whole numbers are as they were: read the numbers anew from the first file. "+
		"Example: %s", say.Group(l.boxes), say.Plural(of, "box"), say.Plural(l.n, "number"), l.most,
		map[bool]string{true: "none is", false: "hardly any is"}[l.tens == 0], say.Place(src, l.example))
	f.Cases = int64(l.boxes)
	return f
}
