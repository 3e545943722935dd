package belief_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// denseKey is a sum of the ledger.
// anyDifficulty stands for all difficulties together.
const anyDifficulty ledger.Difficulty = 255

type denseKey struct {
	scores, loss string
	gamma        float64
	objective    ledger.Objective
	scope        ledger.Scope
	name         string
	set          ledger.Set
	difficulty   ledger.Difficulty
}

// TestDetectorLedgerIsDense scores every anchor of every image by every
// detection, by the full matrix of IoUs, adds up every term one by one in float64
// and holds the ledgers under all floors, in all scopes, and the sums of single
// images against that.
func TestDetectorLedgerIsDense(t *testing.T) {
	presets := []string{"retinanet-keras", "yolov5", "retinanet-torchvision", "retinanet-detectron2", "atss-mmdet"}
	if testing.Short() {
		t.Log("-short: 2 presets of 5")
		presets = presets[:2]
	}
	for seed, preset := range presets {
		gt, dt := testrun.World(t, uint64(seed), 4)
		d := testrun.Read(t, gt)
		r := testrun.Detected(t, d, testrun.Config(t, preset), "detections:"+dt+",floor=0.005")
		want := map[denseKey]*terms{}
		perImage := map[denseKey]*terms{}
		lowOrHigh := 0
		tally := func(a anchorTerm, n int64) {
			for _, floor := range []float64{0.01, 0.005, 0.001, 0.0001} {
				source := "detections"
				if floor != 0.005 {
					source = fmt.Sprintf("detections@%v", floor)
				}
				score := max(a.belief, floor)
				if a.belief > floor {
					lowOrHigh++
				}
				z := loss.LogitOf(score)
				y := loss.Zero
				if a.set == ledger.Positive {
					y = loss.One
				}
				for _, l := range r.Setting.Losses {
					each, slope := l.Loss(z, y), l.Grad(z, y)
					k := denseKey{source, l.Name, l.Gamma, a.objective, "", "", a.set, r.Config.Edges.Of(loss.PT(z, y))}
					for _, s := range a.scopes {
						k.scope, k.name = s.scope, s.name
						add(want, k, n, each, slope)
					}
					if floor == 0.005 {
						k.scope, k.name, k.difficulty = "image", fmt.Sprint(a.image), anyDifficulty
						add(perImage, k, n, each, slope)
					}
				}
			}
		}
		// Terms that no detection speaks for are many and alike: they are counted
		// first.
		alike := map[alikeKey]int64{}
		first := map[alikeKey]anchorTerm{}
		eachTerm(r, 2, func(a anchorTerm) {
			if a.belief > 0 {
				tally(a, 1)
				return
			}
			key := alikeKey{a.image, a.objective, a.set, [4]scopeOf(append(a.scopes[1:], make([]scopeOf, 5-len(a.scopes))...))}
			alike[key]++
			first[key] = a
		})
		for key, n := range alike {
			tally(first[key], n)
		}
		if lowOrHigh < 100 {
			t.Errorf("only %d terms are above a floor", lowOrHigh)
		}
		seen := 0
		for e := range r.Entries() {
			if e.Scores == "prior" || e.Scores == "article" {
				continue
			}
			seen++
			w := want[denseKey{e.Scores, e.Loss.Name, e.Loss.Gamma, e.Objective, e.Scope, e.Name, e.Set, e.Difficulty}]
			if w == nil || e.N != w.n || !testrun.Near(e.Sum, w.sum) || !testrun.Near(e.Grad, w.grad) {
				t.Fatalf("%s: got %+v, want %+v", preset, e, w)
			}
		}
		if seen != len(want) {
			t.Errorf("%s: got %d entries, want %d", preset, seen, len(want))
		}
		eachImageSum(r, "detections", func(k denseKey, n int64, sum float64) {
			w := perImage[k]
			if w == nil {
				w = &terms{}
			}
			if n != w.n || !testrun.Near(sum, w.sum) {
				t.Errorf("%s: %+v: got %d terms of %v, want %+v", preset, k, n, sum, w)
			}
		})
	}
}

// eachImageSum yields the terms and losses of single images, by set.
func eachImageSum(r *analysis.Result, source string, f func(k denseKey, n int64, sum float64)) {
	for _, p := range r.Prices() {
		if p.Scores != source {
			continue
		}
		for i := range r.ImageSlots(0) {
			var l ledger.ImageLoss
			p.Of(&l, 0, i, int64(r.ImageSlots(0)[i].Positives), int64(r.ImageSlots(0)[i].Negatives))
			for s, set := range []ledger.Set{ledger.Positive, ledger.OtherClass, ledger.Negative} {
				f(denseKey{source, p.Loss.Name, p.Loss.Gamma, p.Objective, "image", fmt.Sprint(i), set, anyDifficulty}, l.N[s], l.Sum[s])
			}
		}
	}
}

func add(to map[denseKey]*terms, k denseKey, n int64, each, slope float64) {
	t := to[k]
	if t == nil {
		t = &terms{}
		to[k] = t
	}
	t.n += n
	t.sum += float64(n) * each
	t.grad += float64(n) * slope
}

// terms are summed one by one.
type terms struct {
	n         int64
	sum, grad float64
}

type scopeOf struct {
	scope ledger.Scope
	name  string
}

// alikeKey is what terms without a detection have in common.
type alikeKey struct {
	image     int
	objective ledger.Objective
	set       ledger.Set
	scopes    [4]scopeOf
}

// anchorTerm is one term of one anchor.
type anchorTerm struct {
	image     int
	objective ledger.Objective
	set       ledger.Set
	belief    float64 // 0 where no detection speaks for it
	scopes    []scopeOf
}

// affinities returns by box and anchor what takes the place of an IoU under such a
// rule: keras-retinanet's overlap, or 1 for the anchors that the box would have by
// itself.
func affinities(rule iou.Rule, boxes []geom.Box, frame *anchors.Frame) []map[int]float32 {
	out := make([]map[int]float32, len(boxes))
	for k, b := range boxes {
		out[k] = map[int]float32{}
		if _, ok := rule.(*iou.InclusiveIoU); !ok {
			m := rule.Assigner(true).Assign(iou.Scene{Objects: []geom.Box{b}, Grids: frame.Grids, Resized: frame.Resized})
			for _, a := range m.Matches {
				out[k][int(a.Anchor)] = 1
			}
			continue
		}
		for level := range frame.Grids {
			g := &frame.Grids[level]
			for index := g.First; index < g.First+g.Len(); index++ {
				row, col, s := g.Place(index)
				x, y := (float64(col)+0.5)*float64(g.StrideX), (float64(row)+0.5)*float64(g.StrideY)
				a := geom.Box{X0: x + g.Exact[s].X0, Y0: y + g.Exact[s].Y0, X1: x + g.Exact[s].X1 + 1, Y1: y + g.Exact[s].Y1 + 1}
				o := geom.Box{X0: b.X0, Y0: b.Y0, X1: b.X1 + 1, Y1: b.Y1 + 1}
				out[k][index] = float32(iou.Of(a, o))
			}
		}
	}
	return out
}

// termsOf yields the terms of one anchor under both objectives, from its score
// for each class.
func termsOf(r *analysis.Result, image, level int, owner *dataset.Object, beliefs []float64, f func(anchorTerm)) {
	scopes := []scopeOf{{ledger.All, ""}, {ledger.BySource, r.Data.Sources[0].Name}, {ledger.ByLevel, r.Trainer.LevelName(level)}}
	if owner != nil {
		scopes = append(scopes, scopeOf{ledger.BySizeClass, ledger.SizeOf(owner.Box).String()})
	}
	one := anchorTerm{image: image, objective: ledger.Objectness, set: ledger.Negative, belief: slices.Max(beliefs), scopes: scopes}
	if owner != nil {
		one.set = ledger.Positive
		one.scopes = append(slices.Clone(scopes), scopeOf{ledger.ByClass, r.Data.Classes[owner.Class].Name})
	}
	f(one)
	for class, belief := range beliefs {
		set := ledger.Negative
		if owner != nil {
			set = ledger.OtherClass
			if int(owner.Class) == class {
				set = ledger.Positive
			}
		}
		f(anchorTerm{image, ledger.PerClass, set, belief, append(slices.Clone(scopes), scopeOf{ledger.ByClass, r.Data.Classes[class].Name})})
	}
}

// eachTerm yields the terms of all anchors of a result's first source under a
// detector's detections, by the words of docs/methods.md and nothing of the
// program's own searches.
func eachTerm(r *analysis.Result, detector int, f func(anchorTerm)) {
	p := r.Trainer.Preset
	by := p.Matcher.Thresholds()
	low, high := by.Low, by.High
	rule := iou.Rule(nil)
	if !testrun.MaxIoU(p.Matcher) {
		rule = p.Matcher.Rule
	}
	for i := range r.Data.Sources[0].Images {
		if r.ImageSlots(0)[i].LeftOut != (pass.LeftOut{}) {
			continue
		}
		var frame anchors.Frame
		r.Trainer.Layout.Lay(&frame, r.Data.Sources[0].Images[i].Size)
		var boxes []geom.Box32
		var exact []geom.Box
		var of []dataset.Detection
		for _, d := range r.Config.Results[detector].Of(0, i) {
			if b, drop := r.Trainer.Place(&frame, trainer.Annotation{Box: d.Box, Detection: true}); drop == trainer.Kept {
				boxes, exact, of = append(boxes, b.Narrow()), append(exact, b), append(of, d)
			}
		}
		best := testrun.Bests(frame.Grids, boxes)
		var affinity []map[int]float32
		if rule != nil {
			best, affinity = slices.Repeat([]float32{-1}, len(boxes)), affinities(rule, exact, &frame) // nothing is rescued
		}
		testrun.EachLabel(r, i, &frame, func(index, level int, a geom.Box32, owner *dataset.Object) {
			beliefs := make([]float64, len(r.Data.Classes))
			for k, d := range of {
				u := iou.Of32(boxes[k], a)
				if rule != nil {
					u = affinity[k][index]
				}
				switch {
				case u >= high || u == best[k]:
					beliefs[d.Class] = max(beliefs[d.Class], min(d.Score, scores.MaxScore))
				case u >= low:
					beliefs[d.Class] = max(beliefs[d.Class], min(d.Score, scores.MaxScore)*(float64(u)-float64(low))/(float64(high)-float64(low)))
				}
			}
			termsOf(r, i, level, owner, beliefs, f)
		})
	}
}

// TestDetectorWorkersAgree: with detections, too, the result is the same for any
// number of workers, over more than one job.
func TestDetectorWorkersAgree(t *testing.T) {
	images, workers := 300, []int{2, 7}
	if testing.Short() {
		t.Log("-short: 130 images, 2 workers only")
		images, workers = 130, workers[:1]
	}
	gt, dt := testrun.World(t, 5, images)
	d := testrun.Read(t, gt)
	c := testrun.Config(t, "retinanet-torchvision")
	c.Workers = 1
	gather := func(r *analysis.Result) (all []any) {
		for e := range r.Entries() {
			if math.IsNaN(e.Share) {
				e.Share = -1
			}
			all = append(all, e)
		}
		for c := range r.Curves() {
			all = append(all, c)
		}
		for w := range r.WhatIfs() {
			all = append(all, w)
		}
		return append(all, r.Metrics)
	}
	want := gather(testrun.Detected(t, d, c, "detections:"+dt))
	for _, c.Workers = range workers {
		if got := gather(testrun.Detected(t, d, c, "detections:"+dt)); !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: another result than with one", c.Workers)
		}
	}
}

// TestDetectorSpreadIsLedger: histograms and ledgers count the same terms, and
// their sums agree to the histogram's bound.
func TestDetectorSpreadIsLedger(t *testing.T) {
	gt, dt := testrun.World(t, 7, 40)
	r := testrun.Detected(t, testrun.Read(t, gt), testrun.Config(t, "retinanet-torchvision"), "detections:"+dt)
	var u ledger.WhatIf
	for w := range r.WhatIfs() {
		if w.Scores == "detections" && w.Scheme == loss.AllBCE {
			u = w
		}
	}
	var bce, n float64
	for e := range r.Entries() {
		if e.Scores == "detections" && e.Objective == ledger.Objectness && e.Loss.Name == "bce" && e.Scope == ledger.All {
			bce += e.Sum
			n += float64(e.N)
		}
	}
	if !testrun.Near(u.Loss, bce) || u.Samples != n {
		t.Errorf("what-ifs: %+v; ledger: %v anchors of %v", u, n, bce)
	}
	for c := range r.Curves() {
		if last := c.Points[len(c.Points)-1]; last != (loss.Point{X: 1, Y: 1}) || !slices.IsSortedFunc(c.Points, func(a, b loss.Point) int {
			if a.X <= b.X && a.Y <= b.Y {
				return -1
			}
			return 1
		}) {
			t.Errorf("%s, γ %v, %s: the curve does not rise to (1,1): %v", c.Scores, c.Gamma, c.Set, c.Points)
		}
	}
}

// TestGeometryIsDense holds the illustration's sums against the formula at every
// anchor.
func TestGeometryIsDense(t *testing.T) {
	gt, _ := testrun.World(t, 4, 2)
	c := testrun.Config(t, "retinanet-torchvision")
	testrun.WithScores(t, &c, "geometry")
	r := testrun.Run(t, testrun.Read(t, gt), c)
	type key struct {
		objective  ledger.Objective
		set        ledger.Set
		difficulty ledger.Difficulty
	}
	want := map[key]*terms{}
	for i := range r.ImageSlots(0) {
		var frame anchors.Frame
		r.Trainer.Layout.Lay(&frame, r.Data.Sources[0].Images[i].Size)
		src := &r.Data.Sources[0]
		testrun.EachLabel(r, i, &frame, func(_, level int, a geom.Box32, owner *dataset.Object) {
			beliefs := slices.Repeat([]float64{0.01}, len(r.Data.Classes))
			for k := src.Images[i].First; k < src.Images[i].Last; k++ {
				o := &src.Objects[k]
				if b, drop := r.Trainer.Place(&frame, trainer.AnnotationOf(o, r.Data.Classes)); drop == trainer.Kept {
					beliefs[o.Class] = max(beliefs[o.Class], scores.Geometry(iou.Of32(b.Narrow(), a), 0.4, 0.5, 0.01))
				}
			}
			termsOf(r, i, level, owner, beliefs, func(a anchorTerm) {
				y := loss.Zero
				if a.set == ledger.Positive {
					y = loss.One
				}
				z := loss.LogitOf(a.belief)
				k := key{a.objective, a.set, r.Config.Edges.Of(loss.PT(z, y))}
				if want[k] == nil {
					want[k] = &terms{}
				}
				want[k].n++
				want[k].sum += loss.BCE.Loss(z, y)
			})
		})
	}
	seen := 0
	for e := range r.Entries() {
		if e.Scores != "geometry" || e.Scope != ledger.All || e.Loss.Name != "bce" {
			continue
		}
		seen++
		if w := want[key{e.Objective, e.Set, e.Difficulty}]; w == nil || w.n != e.N || !testrun.Near(e.Sum, w.sum) {
			t.Errorf("got %+v, want %+v", e, w)
		}
	}
	if seen != len(want) || seen < 8 {
		t.Errorf("got %d entries, want %d", seen, len(want))
	}
}

// BenchmarkDetections scores anchors by detections that stand as densely as a
// low threshold leaves them.
func BenchmarkDetections(b *testing.B) {
	d, c := testrun.Benchmark(b)
	c.NoAudit = true // what is measured is scoring
	for b.Loop() {
		if _, err := analysis.Run(b.Context(), d, c); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(c.Results[2].Detections))*float64(b.N)/b.Elapsed().Seconds(), "detections/s")
}
