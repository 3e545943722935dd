package loss

import "focalaudit/internal/pack"

// Exact is a sum of numbers that are not negative and far below 2^53, such as losses in
// nats, that comes out the same in any order and however it is divided: parts of a
// data set that were summed apart add up to the bits that one sum over all has.
//
// It is a whole number of units of 2^-116 (1.2e-35), in three digits of base 2^53: a
// float64 has 53 bits, so that each digit takes its part of a term without
// rounding; what is below the unit is cut off from every term. Add costs a few
// nanoseconds. The zero value is empty.
type Exact struct {
	hi      int64 // units of 2^-10: room for 2^53 nats
	mid, lo int64 // units of 2^-63 and 2^-116, below 2^53
}

const (
	digitBits = 53
	digitMask = 1<<digitBits - 1
)

// Add adds x.
func (s *Exact) Add(x float64) {
	hi := int64(x * 0x1p10)
	x -= float64(hi) * 0x1p-10
	mid := int64(x * 0x1p63)
	x -= float64(mid) * 0x1p-63
	s.carry(hi, mid, int64(x*0x1p116))
}

// Merge adds another sum.
func (s *Exact) Merge(o *Exact) { s.carry(o.hi, o.mid, o.lo) }

func (s *Exact) carry(hi, mid, lo int64) {
	lo += s.lo
	mid += s.mid + lo>>digitBits
	s.hi += hi + mid>>digitBits
	s.mid, s.lo = mid&digitMask, lo&digitMask
}

// Total returns the sum, rounded.
func (s *Exact) Total() float64 {
	return float64(s.hi)*0x1p-10 + (float64(s.mid)*0x1p-63 + float64(s.lo)*0x1p-116)
}

// Pack packs the sum, all of its digits.
func (s *Exact) Pack(w *pack.Writer) {
	for _, digit := range [...]int64{s.hi, s.mid, s.lo} {
		w.Int(digit)
	}
}

// Unpack reads a sum that Pack packed.
func (s *Exact) Unpack(r *pack.Reader) {
	for _, digit := range [...]*int64{&s.hi, &s.mid, &s.lo} {
		*digit = r.Int()
	}
}
