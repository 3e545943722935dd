package text

import (
	"math"
	"strconv"
	"strings"
)

// Group writes a whole number with commas between thousands.
func Group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Plural counts things whose plural ends in s: "1 class", "1,500 classes".
func Plural(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "s"):
		return Group(int64(n)) + " " + thing + "es"
	}
	return Group(int64(n)) + " " + thing + "s"
}

// Short writes a number with the fewest digits that give it back.
func Short(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// Digits writes a number with three significant digits and, from 1e-9 on, no exponent: "0.00253", "0.1", "12.3".
// From 100 on it writes the whole part only, with commas between thousands: "1,834".
func Digits(x float64) string {
	switch size := math.Abs(x); {
	case x == 0 || math.IsNaN(x) || size >= 1<<53:
		return Short(x)
	case size < smallest:
		return strconv.FormatFloat(x, 'g', 3, 64)
	case size >= 99.95: // three digits of it are 100
		return Group(int64(math.Round(x)))
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	if err != nil {
		return Short(x)
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// smallest is the size below which Digits writes an exponent: nobody counts ten zeros, and tables would be up to 326
// columns wider.
const smallest = 1e-9

// Percent writes a share of 1 as a percentage of three significant digits: "1.45 %". Near 100 % it
// has as many as the rest needs, so that only the whole is "100 %": "99.8 %", "99.997 %".
func Percent(share float64) string {
	x := 100 * share
	if rest := 100 - x; rest > 1e-6 && rest < 0.5 {
		decimals := -int(math.Floor(math.Log10(rest)))
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64)
		return strconv.FormatFloat(rounded, 'f', -1, 64) + " %"
	}
	return Digits(x) + " %"
}
