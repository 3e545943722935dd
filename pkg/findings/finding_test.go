package findings

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/geom"

	"pgregory.net/rapid"
)

func TestFingerprintIsStable(t *testing.T) {
	box := geom.Rect{X: 10.2, Y: 20.4, W: 30, H: 40}
	same := Fingerprint("box-tiny", "a.jpg", "car", box, true)
	if got := Fingerprint("box-tiny", "a.jpg", "car", geom.Rect{X: 10.4, Y: 19.6, W: 30.3, H: 39.9}, true); got != same {
		t.Error("a box that moves within its pixel gets another fingerprint")
	}
	for _, other := range []string{
		Fingerprint("box-empty", "a.jpg", "car", box, true),
		Fingerprint("box-tiny", "b.jpg", "car", box, true),
		Fingerprint("box-tiny", "a.jpg", "bus", box, true),
		Fingerprint("box-tiny", "a.jpg", "car", geom.Rect{X: 11, Y: 20, W: 30, H: 40}, true),
		Fingerprint("box-tiny", "a.jpg", "car", box, false),
		Fingerprint("box-tiny", `a.jpg"car`, "", box, true),
	} {
		if other == same {
			t.Error("different findings share a fingerprint")
		}
	}
	if a, b := Fingerprint("c", "", "", geom.Rect{X: -0.3}, true), Fingerprint("c", "", "", geom.Rect{X: 0.3}, true); a != b {
		t.Error("-0 and 0 are different pixels")
	}
}

// Indices, the offset and the IoU say none by -1 and NaN; a field that New forgets
// would be 0, which names the first record.
func TestNewNamesNothing(t *testing.T) {
	f := New("box-empty")
	if f.Code != "box-empty" || !math.IsNaN(f.IoU) {
		t.Errorf("got code %q and IoU %v, want box-empty and NaN", f.Code, f.IoU)
	}
	for _, i := range []int64{int64(f.Source), int64(f.Image), int64(f.Object), int64(f.Other), int64(f.Class), f.Offset} {
		if i != -1 {
			t.Errorf("got %+v, want -1 for every index and the offset", f)
		}
	}
	if f.Message != "" || f.Line != 0 || f.Box != (geom.Rect{}) || f.HasBox || f.Size != 0 || f.Evidence != nil {
		t.Errorf("got %+v, want nothing beyond the code", f)
	}
}

func TestRank(t *testing.T) {
	at := func(code string, size float64, offset int64) Finding {
		f := New(code)
		f.Size, f.Offset = size, offset
		return f
	}
	fs := Rank([]Finding{
		at("size-outlier", 9, 1), at("box-outside", 0, 7), at("size-outlier", 12, 5),
		at("near-duplicate", 0.95, -1), at("box-outside", 0, 3), at("box-empty", 0, 90),
	})
	if len(fs) != 6 {
		t.Fatalf("got %d findings, want 6", len(fs))
	}
	want := []string{"box-empty", "box-outside", "box-outside", "near-duplicate", "size-outlier", "size-outlier"}
	for i, f := range fs {
		if f.Code != want[i] {
			t.Fatalf("rank %d: got %s, want %s", i+1, f.Code, want[i])
		}
	}
	if fs[1].Offset != 3 || fs[4].Size != 12 {
		t.Errorf("within a code: got %+v", fs)
	}
}

// A finding has its own severity where it has one, and its code's otherwise. One that
// the catalogue does not allow is a mistake of the program.
func TestOwnSeverity(t *testing.T) {
	f := New("box-empty")
	if f.Severity() != Error {
		t.Errorf("got %s", f.Severity())
	}
	if f.Level = Info; f.Severity() != Info {
		t.Errorf("got %s, want its own, info", f.Severity())
	}
	defer func() {
		if recover() == nil {
			t.Error("a severity that the catalogue does not allow is ranked")
		}
	}()
	Rank([]Finding{f})
}

func TestSeverities(t *testing.T) {
	for _, c := range []struct {
		of   Entry
		want string
	}{
		{Entry{Severity: Warning}, "warning"},
		{Entry{Severity: Info, Else: [2]Severity{Error}}, "error or info"},
		{Entry{Severity: Error, Else: [2]Severity{Info, Warning}}, "error or warning or info"},
	} {
		if got := c.of.SeverityText(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	for s := Error; s <= Info; s++ {
		if SeverityOf(s.String()) != s {
			t.Errorf("%s is not found by its name", s)
		}
	}
	if SeverityOf("invalid") != 0 {
		t.Error("invalid is a severity")
	}
	groups := group([]Entry{{Code: "b", Severity: Info, Else: [2]Severity{Error}}, {Code: "a", Severity: Warning}})
	want := [][]kind{{{"b", Error}}, {{"a", Warning}}, {{"b", Info}}}
	if !slices.EqualFunc(groups, want, slices.Equal[[]kind]) {
		t.Errorf("ranked as %v, want %v", groups, want)
	}
}

// TestMeasure: of 1, 2, 4, 8, 100 the median is 4, the deviations are 3, 2, 0,
// 4, 96 and their median is 3.
func TestMeasure(t *testing.T) {
	got := Measure([]float64{100, 1, 8, 2, 4})
	if want := (Usual{5, 4, madScale * 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := Measure(nil); got != (Usual{}) {
		t.Errorf("nothing: got %+v", got)
	}
}

func TestMedianIsTheSortedMiddle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64Range(-5, 5), 1, 60).Draw(t, "xs")
		if rapid.Bool().Draw(t, "ties") {
			for i := range xs {
				xs[i] = math.Round(xs[i])
			}
		}
		sorted := slices.Sorted(slices.Values(xs))
		if got, want := median(slices.Clone(xs)), sorted[(len(xs)-1)/2]; got != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestScore(t *testing.T) {
	u := Usual{N: 100, Median: 5, Spread: 0.5}
	for _, c := range []struct {
		x, z    float64
		outlier bool
	}{{5, 0, false}, {8, 6, false}, {8.1, 6.2, true}, {1.9, -6.2, true}} {
		if z, out := u.Score(c.x); math.Abs(z-c.z) > 1e-12 || out != c.outlier {
			t.Errorf("Score(%v) = %v, %v, want %v, %v", c.x, z, out, c.z, c.outlier)
		}
	}
	if _, out := (Usual{N: minObjects - 1, Spread: 1}).Score(1e9); out {
		t.Error("a class of too few objects has an outlier")
	}
	if z, _ := (Usual{N: 100}).Score(1); z != 1/minSpread {
		t.Errorf("without spread: got %v, want %v", z, 1/minSpread)
	}
}

// BenchmarkMedian compares selection with sorting, on 80 classes of 100,000 values.
func BenchmarkMedian(b *testing.B) {
	const classes, n = 80, 100_000
	rng := rand.New(rand.NewPCG(1, 1))
	values := make([]float64, classes*n)
	for i := range values {
		values[i] = math.Log2(10 + 500*rng.Float64())
	}
	for name, f := range map[string]func([]float64) float64{
		"select": median,
		"sort":   func(xs []float64) float64 { slices.Sort(xs); return xs[(len(xs)-1)/2] },
	} {
		b.Run(name, func(b *testing.B) {
			xs := make([]float64, n)
			for b.Loop() {
				for c := range classes {
					copy(xs, values[c*n:])
					f(xs)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(values)), "ns/value")
		})
	}
}
