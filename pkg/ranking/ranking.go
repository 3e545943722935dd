// Package ranking measures how well a list puts what is wrong first.
package ranking

import (
	"cmp"
	"math"
	"slices"
)

// Item is an entry of a list.
type Item struct {
	Score float64
	Wrong bool
	Image int32 // by which items are drawn for intervals
}

// List is items by falling score.
type List struct{ items []Item }

// New sorts items, which it keeps.
func New(items []Item) List {
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(b.Score, a.Score) })
	return List{items}
}

// Weights says how often each image counts; nil for once each.
type Weights []int32

func (w Weights) of(i *Item) float64 {
	if w == nil {
		return 1
	}
	return float64(w[i.Image])
}

// ties calls f for every run of equal scores with how much is wrong in it, and right.
func (l List) ties(w Weights, f func(wrong, right float64)) {
	for from := 0; from < len(l.items); {
		var wrong, right float64
		to := from
		for ; to < len(l.items) && l.items[to].Score == l.items[from].Score; to++ {
			if it := &l.items[to]; it.Wrong {
				wrong += w.of(it)
			} else {
				right += w.of(it)
			}
		}
		f(wrong, right)
		from = to
	}
}

// AUROC is the chance that something wrong has a higher score than something
// right, half of it where they are equal: in [0,1], NaN where there is none of one of them.
func (l List) AUROC(w Weights) float64 {
	var sum, wrongs, rights float64
	l.ties(w, func(wrong, right float64) {
		sum += float64(right * (wrongs + wrong/2))
		wrongs += wrong
		rights += right
	})
	if wrongs == 0 || rights == 0 {
		return math.NaN()
	}
	return sum / (wrongs * rights)
}

// AP is the average precision: the mean, over what is wrong, of the precision down
// to it. Of m equal scores of which n are wrong, the k-th wrong one is taken to
// stand where it would on average in a random order, at k(m+1)/(n+1). unlisted is
// how much is wrong that the list does not have: it counts as never found. NaN if
// nothing is wrong.
func (l List) AP(w Weights, unlisted float64) float64 {
	var hits, seen, sum float64
	l.ties(w, func(wrong, right float64) {
		m := wrong + right
		for k := 1.0; k <= wrong; k++ {
			sum += (hits + k) / (seen + k*(m+1)/(wrong+1))
		}
		hits, seen = hits+wrong, seen+m
	})
	if hits+unlisted == 0 {
		return math.NaN()
	}
	return min(1, sum/(hits+unlisted))
}

// First is the precision of the first n items, in the order of the list; ok is
// false if there are fewer.
func (l List) First(n int) (precision float64, ok bool) {
	if len(l.items) < n {
		return 0, false
	}
	hits := 0.0
	for _, it := range l.items[:n] {
		if it.Wrong {
			hits++
		}
	}
	return hits / float64(n), true
}
