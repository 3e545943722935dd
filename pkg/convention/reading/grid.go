package reading

import (
	"math"
)

// Grids are the steps in px that numbers may be rounded to, the widest first; multiples of any are multiples of 4 or
// of 5.
var Grids = [...]float64{64, 50, 40, 32, 25, 20, 16, 10, 8, 5, 4}

// Multiple tells whether a number is a multiple of a step.
func Multiple(v, step float64) bool { return math.Mod(v, step) == 0 }
