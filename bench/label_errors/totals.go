package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/labels"
)

// listed is how many entries of a list a person looks at first: pkg/answer has the same number.
const listed = 100

// expected is how many labels a judge expects to be wrong, and how many are.
type expected struct {
	all, wrong        float64 // labels of objects that are wrong in any way, of all
	first, firstWrong float64 // of the first entries of the list, objects and missing ones
}

// expects holds the sums of chances of a set against the truth.
func expects(images []image, judge *labels.Judge) (e expected) {
	type entry struct {
		score float64
		right bool
	}
	var list []entry
	var v labels.Verdicts
	for i := range images {
		im := &images[i]
		judge.Image(&v, &im.Image)
		for k, chance := range v.Chances {
			if math.IsNaN(chance) {
				continue
			}
			e.all += chance
			if im.truth[k].wrong {
				e.wrong++
			}
			list = append(list, entry{chance, im.truth[k].wrong})
		}
		found := map[int]bool{}
		for _, s := range v.Missing {
			on := im.droppedBy(int(s.Detection))
			list = append(list, entry{s.Score, on >= 0 && !found[on]})
			found[on] = true
		}
	}
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Compare(b.score, a.score) })
	for _, x := range list[:min(len(list), listed)] {
		e.first += x.score
		if x.right {
			e.firstWrong++
		}
	}
	return e
}

// factors are by how many times a true number may be lower or higher than the expected one.
var factors = []float64{1, 1.1, 1.25, 1.5, 1.75, 2}

// missed counts the cases whose truth lies below what a factor leaves of the expected number, and above as many times of
// it, by two standard deviations of a Poisson count.
func missed(cases []expected, factor float64, of func(e *expected) (all, wrong float64)) (below, above int) {
	for i := range cases {
		all, wrong := of(&cases[i])
		least, most := all/factor, float64(all*factor)
		if wrong < least-2*math.Sqrt(least) {
			below++
		}
		if wrong > most+2*math.Sqrt(most) {
			above++
		}
	}
	return below, above
}

// totals prints expected numbers against true ones.
func totals(groups []string, of map[string][]expected) {
	fmt.Print("**Sums of chances**: cases whose true number of wrong labels lies below the sum by a factor, and above it, by more\n" +
		"than two standard deviations of a Poisson count\n\n| sum over | group | cases |")
	for _, where := range []string{"below", "above"} {
		for _, f := range factors {
			fmt.Printf(" %s %v |", where, f)
		}
	}
	fmt.Println("\n|---|---|" + strings.Repeat("--:|", 1+2*len(factors)))
	for _, what := range []struct {
		name string
		of   func(e *expected) (all, wrong float64)
	}{
		{"all labels", func(e *expected) (float64, float64) { return e.all, e.wrong }},
		{"the first 100 of the list", func(e *expected) (float64, float64) { return e.first, e.firstWrong }},
	} {
		for _, g := range groups {
			fmt.Printf("| %s | %s | %d |", what.name, g, len(of[g]))
			var above string
			for _, f := range factors {
				low, high := missed(of[g], f, what.of)
				fmt.Printf(" %d |", low)
				above += fmt.Sprintf(" %d |", high)
			}
			fmt.Println(above)
		}
	}
	fmt.Println()
}
