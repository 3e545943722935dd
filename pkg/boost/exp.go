package boost

import "math"

// powers are 2 to the powers 0/64, 1/64, ... 63/64.
var powers = func() (p [64]float64) {
	p[0] = 1
	root := 2.0
	for step := 32; step > 0; step /= 2 { // roots are rounded the same way on every processor
		root = math.Sqrt(root)
		for i := step; i < 64; i += 2 * step {
			p[i] = float64(p[i-step] * root)
		}
	}
	return p
}()

// exp is e to the power of x ≤ 0, within 1e-14 of it, by the same sums on every processor: math.Exp is another
// program on amd64 than on arm64. x = k·ln 2/64 + r, with the exponential of r by its series.
//
//go:norace
func exp(x float64) float64 {
	const high, low = 0x1.62e42fep-7, 0x1.f473de6af278fp-36 // of ln 2/64
	if !(x > -700) {
		return math.Exp(x) // 0, NaN, or all but 0
	}
	k := int64(float64(x*(64/math.Ln2)) - 0.5)
	r := (x - float64(float64(k)*high)) - float64(float64(k)*low)
	s := float64(r*(1.0/120)) + 1.0/24
	s = float64(s*r) + 1.0/6
	s = float64(s*r) + 0.5
	s = float64(float64(s*r)*r) + r
	p := powers[k&63]
	return math.Float64frombits(math.Float64bits(p+float64(p*s)) + uint64(k>>6)<<52)
}
