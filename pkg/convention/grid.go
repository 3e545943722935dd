package convention

import "math"

// grids are the steps that are looked for, the widest first; multiples of any are multiples of 4 or of 5.
var grids = [...]float64{64, 50, 40, 32, 25, 20, 16, 10, 8, 5, 4}

func multiple(v, step float64) bool { return math.Mod(v, step) == 0 }
