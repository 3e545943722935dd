package page

import (
	"html/template"
	"math"
	"strconv"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/text"
)

// maxName is how many characters of a name from the data set are shown.
const maxName = 60

// name is a name from the data set as the page shows it.
func name(s string) string {
	if s = text.Clip(s, maxName); s == "" {
		return "(no name)"
	}
	return s
}

// count writes a whole number.
func count[T int | int32 | int64](n T) string { return text.Group(int64(n)) }

// plural counts things.
func plural[T int | int32 | int64](n T, thing string) string { return text.Plural(int(n), thing) }

// digits3 writes a number with three significant digits, and commas between thousands.
func digits3(x float64) string {
	if math.Abs(x) >= 1000 {
		return text.Group(int64(math.Round(x)))
	}
	s := strconv.FormatFloat(x, 'f', max(0, 2-magnitude(x)), 64)
	return s
}

// magnitude is the power of ten of a number's first digit, at least -3: what is smaller is
// shown with as many places.
func magnitude(x float64) int {
	if x == 0 {
		return 2
	}
	return max(-3, int(math.Floor(math.Log10(math.Abs(x)))))
}

// percent writes a share in three significant digits. What would read as nothing or as
// everything, and is neither, says so.
func percent(x float64) string {
	switch v := 100 * x; {
	case math.IsNaN(x):
		return "–"
	case v == 0:
		return "0\u00a0%"
	case v > 0 && v < 0.01:
		return "<\u202f0.01\u00a0%"
	case v > 99.95 && x < 1:
		return ">\u202f99.9\u00a0%"
	default:
		return digits3(v) + "\u00a0%"
	}
}

// marked escapes a text and sets what stands between backticks as code.
func marked(s string) template.HTML {
	var b strings.Builder
	code := false
	for i, part := range strings.Split(s, "`") {
		if i > 0 {
			b.WriteString(map[bool]string{true: "</code>", false: "<code>"}[code])
			code = !code
		}
		b.WriteString(template.HTMLEscapeString(part))
	}
	if code { // a backtick without another one
		b.WriteString("</code>")
	}
	return template.HTML(b.String())
}

// prose makes words of the signs in percent.
func prose(s string) string { return signs.Replace(s) }

var signs = strings.NewReplacer("<\u202f", "under ", ">\u202f", "over ")

// shareOf is percent of a metric that may have no value.
func shareOf(x analysis.Number) string { return percent(valueOf(x)) }

// valueOf returns NaN for a metric without a value.
func valueOf(x analysis.Number) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

// roundTo rounds a probability to six digits: those of the settings have fewer, and the
// logit's rounding more.
func roundTo(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// short writes a setting, such as γ.
func short(x float64) string { return text.Short(x) }

// sortKey writes a number for the script to sort by, "" for NaN.
func sortKey(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}
