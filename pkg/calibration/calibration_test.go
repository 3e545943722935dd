package calibration

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/inject"
	"focalaudit/pkg/labels"
)

// images draws images whose objects are mostly detected, near where they are.
func images(seed uint64, n int) labels.Source {
	rng := rand.New(rand.NewPCG(seed, 3))
	ims := make([]labels.Image, n)
	for i := range ims {
		im := &ims[i]
		im.Key, im.Size = uint64(i), geom.Size{W: 640, H: 480}
		for range 1 + rng.IntN(5) {
			b := geom.Rect{X: rng.Float64() * 500, Y: rng.Float64() * 350, W: 10 + rng.Float64()*120, H: 10 + rng.Float64()*120}.Box()
			o := labels.Object{Box: b, Class: int32(rng.IntN(3))}
			im.Objects = append(im.Objects, o)
			if rng.IntN(30) > 0 {
				d := func() float64 { return rng.NormFloat64() * 3 }
				im.Detections = append(im.Detections, labels.Detection{Box: geom.Box{X0: b.X0 + d(), Y0: b.Y0 + d(), X1: b.X1 + d(), Y1: b.Y1 + d()},
					Class: o.Class, Score: 0.5 + rng.Float64()/2})
			}
			if rng.IntN(4) == 0 {
				im.Detections = append(im.Detections, labels.Detection{Box: geom.Rect{X: rng.Float64() * 500, Y: rng.Float64() * 350, W: 50, H: 50}.Box(),
					Class: int32(rng.IntN(3)), Score: rng.Float64() * 0.6})
			}
		}
	}
	return labels.Source{N: n, Classes: 3, At: func(i int, im *labels.Image) {
		im.Key, im.Size = ims[i].Key, ims[i].Size
		im.Objects, im.Detections = append(im.Objects[:0], ims[i].Objects...), ims[i].Detections
	}}
}

var settings = Settings{Rates: inject.Rates{Drop: 0.03, Shift: 0.03, Swap: 0.03, Spurious: 0.03, Duplicate: 0.03}, Seed: 1, Seeds: 2, Workers: 2}

// TestMeasure: the figures are those of a ranking that works, intervals hold the
// values, curves rise, and everything is the same again with other workers.
func TestMeasure(t *testing.T) {
	if testing.Short() {
		t.Skip("learns models for seconds; run without -short")
	}
	n := 500
	s := images(1, n)
	seeds := 0
	c, err := Measure(context.Background(), s, settings, func() { seeds++ })
	if err != nil || seeds != 2 {
		t.Fatalf("%d seeds, %v", seeds, err)
	}
	for name, k := range c.Kinds {
		if k.Injected < n/25 || k.AP == nil || k.AP.Value < 0.3 || !(k.AP.Low <= k.AP.Value && k.AP.Value <= k.AP.High) || k.AP.High-k.AP.Low > 0.5 {
			t.Errorf("%s: %+v", name, k)
		}
		if (k.AUROC == nil) != (name == "missing") || k.AUROC != nil && k.AUROC.Value < 0.9 {
			t.Errorf("%s: AUROC %+v", name, k.AUROC)
		}
		if len(k.Curve) == 0 {
			t.Errorf("%s: a curve of %d points", name, len(k.Curve))
		}
		for i, p := range k.Curve {
			if i > 0 && (p.Score <= k.Curve[i-1].Score || p.Ratio <= k.Curve[i-1].Ratio) || !(p.Ratio > 0) || math.IsInf(p.Ratio, 0) {
				t.Errorf("%s: %v", name, k.Curve)
			}
		}
	}
	more := settings
	more.Workers = 5
	again, err := Measure(context.Background(), s, more, nil)
	if err != nil {
		t.Fatal(err)
	}
	again.Settings.Workers = settings.Workers
	if !reflect.DeepEqual(c, again) {
		t.Error("the calibration depends on the number of workers")
	}
}

// TestMeasureLittle: of a few images there are counts, scores are chances, no figure
// that needs more is made up, and other workers give the same.
func TestMeasureLittle(t *testing.T) {
	const n = 12
	s := images(3, n)
	one := settings
	one.Seeds = 1
	clean := Clean(s)
	objects := 0
	for i := range clean {
		objects += len(clean[i].Objects)
	}
	c, err := Measure(context.Background(), s, one, nil)
	if err != nil || c.Images != n || c.Objects != objects {
		t.Fatalf("%+v, %v, want %d images with %d objects", c, err, n, objects)
	}
	injected := 0
	for name, k := range c.Kinds {
		injected += k.Injected
		if (k.AP == nil) != (k.Injected == 0) || k.First["200"] != nil {
			t.Errorf("%s: %+v", name, k)
		}
	}
	if c.All.Injected != injected || injected == 0 || len(c.Kinds) != int(labels.NumKinds) {
		t.Errorf("%d kinds of %d errors, %d in all", len(c.Kinds), injected, c.All.Injected)
	}
	one.Workers = 5
	again, err := Measure(context.Background(), s, one, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again.Settings.Workers = c.Settings.Workers; !reflect.DeepEqual(c, again) {
		t.Error("the calibration depends on the number of workers")
	}
}

// TestExpectedPrecision: on errors put in by another seed, findings from a score on
// are right as often as the calibration expects, at the prevalence at which they were
// put in: within 0.2, four standard errors of 40 findings and what scores lose or
// gain with the number of errors.
func TestExpectedPrecision(t *testing.T) {
	if testing.Short() {
		t.Skip("learns models for seconds; run without -short")
	}
	s := images(2, 900)
	c, err := Measure(context.Background(), s, settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := settings
	other.Seed = 77
	m := newMeasured()
	judge, err := labels.Learn(context.Background(), s, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	injected := inject.New(Clean(s), s.Classes).Inject(other.Rates, other.Seed)
	if err := m.seed(context.Background(), judge, Wrong(s, injected), injected); err != nil {
		t.Fatal(err)
	}
	var expected, hits, n float64
	for k := range labels.NumKinds {
		for _, f := range m.findings[k] {
			if f.score < 0.05 || f.unsound && !f.right {
				continue
			}
			ratio, ok := c.Ratio(k, f.score)
			if !ok {
				t.Fatalf("%v: no ratio for a score of %v", k, f.score)
			}
			expected += Precision(ratio, 0.03)
			n++
			if f.right {
				hits++
			}
		}
	}
	if n < 40 || math.Abs(hits-expected)/n > 0.2 {
		t.Errorf("%v of %v findings are right, %v expected", hits, n, expected)
	}
}

// TestPrecision is Bayes' rule: a ratio of 1 says nothing, one of 99 at 1 % makes
// even odds.
func TestPrecision(t *testing.T) {
	for _, c := range []struct{ ratio, prevalence, want float64 }{{1, 0.01, 0.01}, {99, 0.01, 0.5}, {0, 0.3, 0}} {
		if got := Precision(c.ratio, c.prevalence); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Precision(%v, %v) = %v, want %v", c.ratio, c.prevalence, got, c.want)
		}
	}
}

// TestCurveByHand: 40 findings, one a step. Of the 20 with the highest scores all are right: no
// false alarm reached them, and they count as if 2.9957 had (-ln 0.05): the ratio is
// (20.5/100) / (2.9957/1000). Of the others one in two is: (10.5/100) / (10.5/1000).
func TestCurveByHand(t *testing.T) {
	m := newMeasured()
	m.injected[labels.Class], m.sound = 100, 1000
	for i := range 40 {
		m.findings[labels.Class] = append(m.findings[labels.Class],
			finding{score: float64(i+1) / 50, right: i >= 20 || i%2 == 1})
	}
	got := m.curve(labels.Class)
	last := got[len(got)-1]
	if want := 20.5 / 100 / (2.9957 / 1000); math.Abs(last.Ratio-want) > 0.1*want || last.Right != 0 || last.Wrong < 20 {
		t.Errorf("got %+v, want a last ratio of about %v on 20 findings or more", got, want)
	}
	for i := 1; i < len(got); i++ {
		if got[i].Ratio <= got[i-1].Ratio {
			t.Errorf("the ratios do not rise: %+v", got)
		}
	}
}

// TestSameScale: labels that no error was put into have the scores of a run.
func TestSameScale(t *testing.T) {
	s := images(4, 60)
	judge, err := labels.Learn(context.Background(), s, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := newMeasured()
	injected := inject.New(Clean(s), s.Classes).Inject(inject.Rates{}, 1)
	if err := m.seed(context.Background(), judge, Wrong(s, injected), injected); err != nil {
		t.Fatal(err)
	}
	want := map[float64]int{}
	var v labels.Verdicts
	var im labels.Image
	for i := range s.N {
		s.At(i, &im)
		judge.Image(&v, &im)
		for _, x := range v.Likeliest {
			want[x.Any]++
		}
	}
	for k := labels.Spurious; k < labels.NumKinds; k++ {
		for _, f := range m.findings[k] {
			want[f.score]--
		}
	}
	for score, n := range want {
		if n != 0 {
			t.Errorf("score %v: %d more in a run than in a calibration", score, n)
		}
	}
}

func TestRatio(t *testing.T) {
	c := Calibration{Kinds: map[string]*Kind{"class": {Curve: []Point{{Score: 0.1, Ratio: 2}, {Score: 0.5, Ratio: 20}}}}}
	for score, want := range map[float64]float64{0.1: 2, 0.3: 2, 0.5: 20, 0.9: 20} {
		if got, ok := c.Ratio(labels.Class, score); got != want || !ok {
			t.Errorf("Ratio(%v) = %v, want %v", score, got, want)
		}
	}
	if _, ok := c.Ratio(labels.Class, 0.05); ok {
		t.Error("a ratio below the curve")
	}
	if _, ok := c.Ratio(labels.Missing, 0.5); ok {
		t.Error("a ratio of a kind that was not measured")
	}
}

func TestRead(t *testing.T) {
	c, err := Measure(context.Background(), images(3, 40), settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := json.Marshal(c)
	dir := t.TempDir()
	for name, text := range map[string]string{"good": string(data), "old": `{"schema":0,"kinds":{"class":{}}}`, "cut": string(data[:len(data)/2]), "other": `[1]`,
		"negative": `{"schema":2,"kinds":{"class":{"likelihood_ratio":[{"score":0,"ratio":-99}]}}}`, "null": `{"schema":2,"kinds":{"class":null}}`,
		"falling": `{"schema":2,"kinds":{"class":{"likelihood_ratio":[{"score":0.5,"ratio":2},{"score":0.1,"ratio":3}]}}}`,
		"unknown": `{"schema":2,"kinds":{"foo":{}}}`, "empty": `{"schema":2}`} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(file); (err == nil) != (name == "good") || err == nil && got.Objects != c.Objects {
			t.Errorf("%s: %v", name, err)
		} else if err != nil && (strings.Contains(err.Error(), "json:") || strings.Contains(err.Error(), "{0")) {
			t.Errorf("%s is told in Go's words: %v", name, err)
		}
	}
	if _, err := Measure(context.Background(), labels.Source{}, settings, nil); err == nil {
		t.Error("no objects, and no error")
	}
}

// FuzzRead: whatever the file holds, reading ends without a panic, and what is taken gives
// ratios that rise with the score, each a number above 0.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"schema":2,"kinds":{"missing":{"likelihood_ratio":[{"score":0.1,"ratio":0.5},{"score":0.5,"ratio":3}]},"class":{}}}`))
	f.Add([]byte(`{"schema":2,"kinds":{"location":{"likelihood_ratio":[{"score":0,"ratio":1e308}]},"duplicate":null}}`))
	f.Add([]byte(`{"schema":3}`))
	f.Add([]byte(`{"schema":2,"kinds":{"spurious":{"auroc":{"value":0.5,"low":1e999}}}} {`))
	path := filepath.Join(f.TempDir(), "calibration.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Read(path)
		if err != nil {
			return
		}
		for kind := range labels.NumKinds {
			before := 0.0
			for score := 0.0; score <= 1; score += 0.05 {
				ratio, ok := c.Ratio(kind, score)
				if ok && (!(ratio > 0) || math.IsInf(ratio, 0) || ratio < before) {
					t.Fatalf("%s: a ratio of %v at %v behind %v", kind, ratio, score, before)
				}
				before = ratio
			}
		}
	})
}
