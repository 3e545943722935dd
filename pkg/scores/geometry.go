package scores

import "focalaudit/pkg/loss"

// Geometry is an illustration of a trained detector, made from the labels: the
// nearer an anchor's best IoU is to what makes it positive, the surer it is. With
// lo = low/2 and mid halfway from low to high, f = (v-lo)/(2(mid-lo)) cut to [0,1],
// and logit p = (2f-1)·logit(1-π): π at lo, 1/2 at mid.
func Geometry(v, low, high float32, pi float64) float64 {
	lo, mid := float64(low)/2, (float64(low)+float64(high))/2
	f := max(0, min(1, (float64(v)-lo)/(2*(mid-lo))))
	return (loss.Logit((1 - 2*f) * float64(loss.LogitOf(pi)))).P()
}

// GeometryFrom is the IoU up to which the score is π.
func GeometryFrom(low float32) float32 { return low / 2 }
