package results

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/geom"
)

// epochs returns records with those of two more epochs behind them, of the images that a test takes: of 92 in 100
// records, with boxes that are off by some 4 % of their sides, and scores by 0.05.
func epochs(plain []record, of func(int, *record) bool, rng *rand.Rand) []record {
	out := slices.Clone(plain)
	for range 2 {
		for i := range plain {
			r := plain[i]
			if !of(i, &r) || rng.Float64() > 0.92 {
				continue
			}
			x, y, w, h := r.Box[0], r.Box[1], r.Box[2], r.Box[3]
			r.Box = []float64{
				x + w*rng.NormFloat64()*0.04, y + h*rng.NormFloat64()*0.04,
				w * math.Exp(rng.NormFloat64()*0.05), h * math.Exp(rng.NormFloat64()*0.05),
			}
			r.Score = min(0.999, max(0.005, r.Score+rng.NormFloat64()*0.05))
			out = append(out, r)
		}
	}
	return out
}

// inOrders returns records in the orders that detectors write: as they are, class by class, by falling score, image by
// image, and drawn.
func inOrders(plain []record, rng *rand.Rand) map[string][]record {
	by := func(compare func(a, b record) int) []record {
		out := slices.Clone(plain)
		slices.SortStableFunc(out, compare)
		return out
	}
	drawn := slices.Clone(plain)
	rng.Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	return map[string][]record{
		"as it is":       plain,
		"class by class": by(func(a, b record) int { return cmp.Compare(a.Category, b.Category) }),
		"by score":       by(func(a, b record) int { return cmp.Compare(b.Score, a.Score) }),
		"by image":       by(func(a, b record) int { return cmp.Compare(imageOf(a), imageOf(b)) }),
		"drawn":          drawn,
	}
}

func imageOf(r record) string { id := realfiles.IDOf(r.Image); return id.String() }

func all(int, *record) bool { return true }

// TestAppendedDrawn: of drawn results, those of three epochs one behind the other are told of, in all images or in a
// third, whatever the order within an epoch, with the number of the record with which the second one begins. Results in
// any order of their records, those of two halves of the images, and those that were not suppressed are not.
func TestAppendedDrawn(t *testing.T) {
	p, rng := drawn(t, 300), rand.New(rand.NewPCG(11, 12))
	const want = "seem to be written one behind the other"
	for order, plain := range inOrders(p.records, rng) {
		for what, of := range map[string]func(int, *record) bool{"all": all, "a third": lastThird(&p.d.Sources[0])} {
			said, _ := p.said(t, epochs(plain, of, rng))
			rounds := order == "as it is" || order == "class by class" || order == "by image"
			if rounds && !strings.Contains(said, want) {
				t.Errorf("%s, epochs of %s: %s", order, what, said)
			}
			if rounds && !strings.Contains(said, "warning detections-repeated") {
				t.Errorf("%s, epochs of %s: %s", order, what, said)
			}
		}
		if said, _ := p.said(t, plain); strings.Contains(said, want) {
			t.Errorf("%s: %s", order, said)
		}
	}
	raw := slices.Clone(p.records)
	for range 2 {
		raw = append(raw, raw...)
	}
	raw = epochs(raw, all, rng)
	slices.SortStableFunc(raw, func(a, b record) int { return cmp.Compare(a.number(), b.number()) })
	if said, _ := p.said(t, raw); strings.Contains(said, want) {
		t.Errorf("not suppressed: %s", said)
	}
	r := p.results(t, nil)
	n := len(r.Detections)
	p.records = epochs(p.records, all, rng)
	v := Judge(p.d, p.results(t, nil))
	if v.Appended.From <= n || v.Appended.From > n+n/20 {
		t.Errorf("from record %d, want one soon behind %d", v.Appended.From, n)
	}
}

// TestAppended: no real pair is told of, nor any in another order of its records; with two more epochs behind them, in
// all images or in the last third, as many are as stand in docs/conventions.md.
func TestAppended(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	rng, found, of := rand.New(rand.NewPCG(13, 14)), 0, 0
	judge := func(p pair) Appended { return Judge(p.d, p.results(t, func(*record, geom.Size) {})).Appended }
	for _, p := range realPairs(t) {
		plain := p.records
		for order, records := range inOrders(plain, rng) {
			p.records = records
			if a := judge(p); a.Found() {
				t.Errorf("%s, %s: %+v", p.name, order, a)
			}
		}
		for what, in := range map[string]func(int, *record) bool{"all": all, "a third": lastThird(&p.d.Sources[0])} {
			of++
			p.records = epochs(plain, in, rng)
			a := judge(p)
			t.Logf("%s, %s: %+v", p.name, what, a)
			if a.Found() {
				found++
			}
		}
	}
	t.Logf("%d of %d", found, of)
	if of != 16 || found != 14 {
		t.Errorf("%d of %d are told of, want 14 of 16", found, of)
	}
}
