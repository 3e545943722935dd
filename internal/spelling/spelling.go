// Package spelling finds the known names that are nearest to a mistyped one, and says what is wrong with a mistyped
// expression.
package spelling

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest returns the n names nearest to name by edit distance, the nearest first,
// and equally near ones in the order of names.
func Nearest(name string, names []string, n int) []string {
	type near struct {
		name string
		dist int
	}
	all := make([]near, len(names))
	for i, other := range names {
		all[i] = near{other, Distance(name, other)}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.dist, b.dist) })
	nearest := make([]string, max(0, min(n, len(all))))
	for i := range nearest {
		nearest[i] = all[i].name
	}
	return nearest
}

// Near says which of the names a mistyped one may stand for, at most n: "the nearest is a", "the nearest are a and b".
// Names that are more than one edit farther than the nearest are not among them.
func Near(name string, names []string, n int) string {
	near := Nearest(name, names, n)
	for i := range near {
		if Distance(name, near[i]) > Distance(name, near[0])+1 {
			near = near[:i]
			break
		}
	}
	if len(near) < 2 {
		return "the nearest is " + strings.Join(near, "")
	}
	last := len(near) - 1
	return "the nearest are " + strings.Join(near[:last], ", ") + " and " + near[last]
}

// Distance returns the fewest insertions, deletions and substitutions of
// bytes that turn a into b (Levenshtein).
func Distance(a, b string) int {
	row := make([]int, len(b)+1) // distances of a[:i] from every b[:j]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d++
			}
			diagonal = row[j+1]
			row[j+1] = min(d, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
