package sample

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSortByKey compares the order by bits with one by comparisons, for keys of any size, many of them equal.
func TestSortByKey(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	keysOf := map[string]func() int64{
		"few": func() int64 { return rng.Int64N(9) - 4 },
		"ids": func() int64 { return rng.Int64N(600_000) },
		"any": func() int64 { return int64(rng.Uint64()) },
		"ends": func() int64 {
			return [...]int64{math.MinInt64, math.MaxInt64, 0, math.MinInt64 + 1}[rng.IntN(4)]
		},
		"one": func() int64 { return 7 },
	}
	for name, key := range keysOf {
		for _, n := range []int{0, 1, 2, fewKeys - 1, fewKeys, 5000} {
			keys, order := make([]keyed, n), make([]int32, n)
			for i := range keys {
				order[i] = int32(i)
				keys[i] = keyed{key(), order[i]}
			}
			down := func(a, b int32) int { return cmp.Compare(b, a) }
			want := slices.Clone(keys)
			slices.SortFunc(want, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.key, b.key), down(a.at, b.at)) })
			moves := !slices.Equal(want, keys)
			if changed := sortByKey(keys, order, down); changed != moves {
				t.Errorf("%s, %d: changed %v, want %v", name, n, changed, moves)
			}
			for i := range want {
				if order[i] != want[i].at {
					t.Fatalf("%s, %d: %d at %d, want %d", name, n, order[i], i, want[i].at)
				}
			}
		}
	}
}

// TestCompareAlike holds the short way for names of one length against the long one.
func TestCompareAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	told := 0
	for range 200_000 {
		var of [2]string
		n := rng.IntN(6)
		for k := range of {
			for range n {
				of[k] += string("ab019"[rng.IntN(5)])
			}
		}
		c := compareAlike(of[0], of[1])
		if want := compareParts(of[0], of[1]); c != 0 && c != want {
			t.Fatalf("%q, %q: %d, want %d", of[0], of[1], c, want)
		}
		told += One(c != 0)
	}
	if told < 30_000 {
		t.Errorf("%d of 200,000 pairs were told in the short way, want 30,000", told)
	}
}

// TestCompareNumbered holds the order of names to the one in which people list pictures.
func TestCompareNumbered(t *testing.T) {
	names := []string{
		"", "1.jpg", "2.jpg", "02.jpg", "10.jpg", "20231231235959123456789.jpg", "a", "a/9/1.jpg", "a/10/1.jpg", "a1b2",
		"a1b10", "b",
	}
	for i := range names {
		for k := range names {
			if got := compareNumbered(names[i], names[k]); got != cmp.Compare(i, k) && !(i == 2 && k == 3 || i == 3 && k == 2) {
				t.Errorf("%q and %q: %d", names[i], names[k], got)
			}
		}
	}
	if compareNumbered("2.jpg", "02.jpg") == 0 {
		t.Error("names that differ are one")
	}
}
