package belief

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// small is a trainer whose anchors a test can lay by hand: squares of 32 px around the
// middle of every 8 × 8 px of an image that keeps its size.
func small(t *testing.T) *trainer.Trainer {
	t.Helper()
	p := trainer.MustLoad("retinanet-torchvision")
	p.Resize.Rule, p.Pad = anchors.ResizeNone, 8
	p.Anchors.Offset, p.Anchors.Ratios = 0.5, []float64{1}
	p.Anchors.Levels = []anchors.Level{{Stride: 8, Sizes: []float64{32}}}
	of, err := trainer.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return of
}

// square is the anchor of a row and a column of small, in px.
func square(row, col float64) geom.Box {
	return geom.Box{X0: 8*col - 12, Y0: 8*row - 12, X1: 8*col + 20, Y1: 8*row + 20}
}

// planned returns a plan, with a book, for one image of 128 × 96 px with some objects of
// the first of two classes, and the scene that has seen it. The scores are the third
// source; logits say nothing by themselves.
func planned(t *testing.T, source scores.Source, objects ...geom.Box) (*Plan, *ledger.Book, *trainer.Scene) {
	t.Helper()
	of := small(t)
	src := dataset.Source{
		Name:       "a.json",
		Images:     []dataset.Image{{ID: dataset.PlainID(1), Size: geom.Size{W: 128, H: 96}, Last: int32(len(objects))}},
		Categories: []dataset.Category{{ID: dataset.PlainID(1), Class: 0}, {ID: dataset.PlainID(2), Class: 1}},
	}
	for _, b := range objects {
		src.Objects = append(src.Objects, dataset.Object{Box: b.Rect()})
	}
	d := &dataset.Dataset{Sources: []dataset.Source{src}, Classes: []dataset.Class{{Name: "a", Known: true}, {Name: "b", Known: true}}}
	set := ledger.NewSetting(append(scores.Default(), source), loss.Focal{Alpha: 0.25, Gamma: 2},
		[]float64{0, 5}, ledger.Edges{Hard: 0.5, Easy: 0.9}, ledger.PerClass, 2)
	p := &Plan{Data: d, Trainer: of, Setting: set, Results: make([]*dataset.Results, 3), Auditor: -1}
	names := ledger.Names{Sources: []string{"a.json"}, Classes: []string{"a", "b"}, Levels: []string{"P3"}}
	b := ledger.NewBook(set, names, of.Shapes())
	p.rows, p.columns, p.neighbours, p.namings = b.Rows, []int32{0, 1}, neighbours(d), make([]scores.Naming, 3)
	b.Rows[2] = &ledger.Rows{
		Images:  [][][ledger.NumObjectives]ledger.ImageSums{make([][ledger.NumObjectives]ledger.ImageSums, 1)},
		Objects: [][]ledger.OwnSums{make([]ledger.OwnSums, len(objects))},
	}
	scene := of.NewScene(true)
	if why := scene.See(d, 0, 0); why != trainer.Seen {
		t.Fatalf("the image is left out: %s", why)
	}
	return p, b, scene
}

func logitSource() scores.Source {
	z := loss.LogitOf(scores.DefaultPrior)
	return scores.Source{Name: "logits", Positive: z, Negative: z, Logits: &scores.Logits{}}
}

func detectionSource(floor float64) scores.Source {
	z := loss.LogitOf(floor)
	return scores.Source{Name: "detections", Positive: z, Negative: z, Detector: &scores.Detector{Floor: floor}}
}

// counted has the book count the image of a plan.
func counted(b *ledger.Book, scene *trainer.Scene) {
	m := scene.Found
	b.Image(0, &ledger.Tally{Images: 1, Anchors: int64(m.Anchors), Positives: int64(m.Positives), Negatives: int64(m.Negatives), Ignored: int64(m.Ignored)})
	s := &b.Shapes[0][0]
	s.Anchors, s.Positives, s.Ignored = int64(m.Anchors), int64(m.Positives), int64(m.Ignored)
	b.SumLevels()
}

// TestRaise: an anchor has the highest score that any box gives it, and belongs to the box
// that gives it; of equal ones to the first.
func TestRaise(t *testing.T) {
	var b belief
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		b.reset()
		want := map[int32]entry{}
		for by := range int32(40) {
			e := entry{anchor: r.Int32N(12), by: by, score: float64(r.IntN(5)) / 4, level: uint8(r.IntN(2))}
			b.raise(e)
			if had, known := want[e.anchor]; !known || e.score > had.score {
				want[e.anchor] = e
			}
		}
		if len(b.entries) != len(want) {
			t.Fatalf("seed %d: %d entries, want %d", seed, len(b.entries), len(want))
		}
		for _, got := range b.entries {
			if got != want[got.anchor] {
				t.Fatalf("seed %d: got %+v, want %+v", seed, got, want[got.anchor])
			}
		}
	}
}

// TestJoin joins high outputs by hand. Two squares of 32 px that are 8 px apart share
// 24 · 32 px², an IoU of 768/1280 = 0.6; at 16 px it is 512/1536 = 0.33. So the outputs of
// class a at columns 4 and 5 are one peak, that at column 6 another, and class b has one
// of its own; what is below 0.05 (logit -2.94) is none.
func TestJoin(t *testing.T) {
	// The object is the anchor at row 2, column 6: with it those at IoU 0.6 are positive,
	// column 5 too. Column 4 is negative.
	p, _, scene := planned(t, logitSource(), square(2, 6))
	p.Auditor = 2
	p.peaks = [][]peaks{make([]peaks, 1)}
	d := newDense(p, 2, scene)
	d.high.reset()
	g := &scene.Frame.Grids[0]
	for _, o := range []struct {
		col  int
		row  []float64 // by class
		high bool
	}{{4, []float64{2, 1.5}, true}, {5, []float64{1, -9}, true}, {6, []float64{0, -9}, true}, {12, []float64{-3, -9}, false}} {
		before := len(d.high.all)
		d.note(0, g.Index(2, o.col, 0), o.row)
		if got := len(d.high.all) > before; got != o.high {
			t.Errorf("column %d is noted: %v", o.col, got)
		}
	}
	got := d.join()
	sigmoid := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
	second := 8 * sigmoid(1) / (sigmoid(2) + sigmoid(1)) // of the mean of both boxes: px right of the first
	first := square(2, 4)
	for i, want := range []struct {
		class int32
		score float64
		box   geom.Box
		terms int64 // of negative anchors
		bce   float64
	}{
		{0, sigmoid(2), geom.Box{X0: first.X0 + second, Y0: first.Y0, X1: first.X1 + second, Y1: first.Y1}, 1, math.Log1p(math.Exp(2))},
		{1, sigmoid(1.5), first, 1, math.Log1p(math.Exp(1.5))},
		{0, sigmoid(0), square(2, 6), 0, 0},
	} {
		det, cost := got.detections[i], got.costs[i]
		b := det.Box.Box()
		off := max(math.Abs(b.X0-want.box.X0), math.Abs(b.Y0-want.box.Y0), math.Abs(b.X1-want.box.X1), math.Abs(b.Y1-want.box.Y1))
		if det.Class != want.class || math.Abs(det.Score-want.score) > 1e-15 || off > 1e-12 {
			t.Errorf("peak %d: got %+v, want %+v", i, det, want)
		}
		if cost.Terms != want.terms || math.Abs(cost.Loss[0]-want.bce) > 1e-12 || int64(len(cost.Logits)) != want.terms {
			t.Errorf("peak %d costs %+v, want %d terms of %v", i, cost, want.terms, want.bce)
		}
	}
	if len(got.detections) != 3 || !got.read {
		t.Errorf("got %+v", got)
	}
}

// TestHighest: of very many outputs the highest stay, whatever their order; of equal ones
// those of the first anchors.
func TestHighest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var all []output
	for i := range 3 * 4 * peakMost {
		all = append(all, output{z: float64(r.IntN(2000)) / 100, anchor: int32(i)})
	}
	keep := func() []output {
		var h highest
		h.reset()
		for _, o := range all {
			if o.z >= h.from { // as note does
				h.add(o)
			}
		}
		h.cut()
		return h.all
	}
	want := keep()
	if len(want) != peakMost {
		t.Fatalf("%d outputs, want %d", len(want), peakMost)
	}
	r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	if !slices.Equal(keep(), want) {
		t.Error("another order of the outputs keeps others")
	}
	above := 0
	for _, o := range all {
		if o.z > want[peakMost-1].z {
			above++
		}
	}
	if above >= peakMost {
		t.Errorf("%d outputs are higher than the last one kept", above)
	}
}

// TestBinsAreDirect holds what bins make of negative logits against their sums one by
// one, to the bound that stands above perLogit: of the whole, of each class, of the
// image, and in the histogram.
func TestBinsAreDirect(t *testing.T) {
	p, b, scene := planned(t, logitSource())
	counted(b, scene)
	d := newDense(p, 2, scene)
	d.begin(0, b)
	d.from, d.to = denseBins, 0
	r := rand.New(rand.NewPCG(7, 7))
	values := make([]float64, 2*scene.Found.Anchors)
	for i := range values {
		switch r.IntN(10) {
		case 0:
			values[i] = 20 * r.NormFloat64() // beyond the bins too
		case 1:
			values[i] = math.Log(1.0/9) + r.NormFloat64()/500 // p = 0.1: where a negative begins to be easy
		default:
			values[i] = 2*r.NormFloat64() - 4
		}
	}
	out := &b.Rows[2].Images[0][0]
	if err := d.bulk(0, 0, values, 2, out); err != nil {
		t.Fatal(err)
	}
	d.settle(0, out)
	d.settleClasses()
	d.end(b)
	type key struct {
		objective ledger.Objective
		scope     ledger.Scope
		name      string
		loss      ledger.NamedLoss
		of        ledger.Difficulty
	}
	want := map[key]ledger.Line{}
	add := func(o ledger.Objective, z float64, scopes map[ledger.Scope]string) {
		of := p.Setting.Edges.Of(loss.PT(loss.Logit(z), loss.Zero))
		for _, l := range p.Setting.Losses {
			for scope, name := range scopes {
				k := key{o, scope, name, l, of}
				line := want[k]
				line.N++
				line.Sum += l.Loss(loss.Logit(z), loss.Zero)
				line.Grad += l.Grad(loss.Logit(z), loss.Zero)
				want[k] = line
			}
		}
	}
	for i := 0; i < len(values); i += 2 {
		all := map[ledger.Scope]string{ledger.All: "", ledger.BySource: "a.json", ledger.ByLevel: "P3"}
		add(ledger.Objectness, max(values[i], values[i+1]), all)
		for c, class := range []string{"a", "b"} {
			all[ledger.ByClass] = class
			add(ledger.PerClass, values[i+c], all)
		}
	}
	seen := 0
	for e := range b.Entries() {
		if e.Scores != "logits" {
			continue
		}
		seen++
		w := want[key{e.Objective, e.Scope, e.Name, e.Loss, e.Difficulty}]
		bound := (2 + e.Loss.Gamma) * (2 + e.Loss.Gamma) / (8 * perLogit * perLogit)
		if e.N != w.N || math.Abs(e.Sum-w.Sum) > bound*w.Sum+0x1p-116 || math.Abs(e.Grad-w.Grad) > bound*w.Grad+0x1p-116 {
			t.Errorf("got %+v, want %+v to %.2g", e, w, bound)
		}
	}
	if seen != len(want) || seen < 90 {
		t.Errorf("%d entries, want %d", seen, len(want))
	}
	for o := range out {
		if n := out[o].N[ledger.Negative]; n != int64(len(values)>>(1-o)) {
			t.Errorf("%s: %d terms of the image", ledger.Objective(o), n)
		}
		var n int64
		for _, m := range b.Accounts[2].Histogram(ledger.Objective(o), ledger.Negative).Masses(nil, loss.Zero) {
			n += m.N
		}
		if n != int64(len(values)>>(1-o)) {
			t.Errorf("%s: %d terms in the histogram", ledger.Objective(o), n)
		}
	}
	for o := range d.packed {
		if slices.IndexFunc(d.packed[o], func(c uint64) bool { return c != 0 }) >= 0 {
			t.Error("a bin keeps the terms of the image")
		}
	}
}

// TestPackedCellsHold: a bin takes maxPacked terms and those of one more chunk, all at
// its upper end, without a carry from their places into their number.
func TestPackedCellsHold(t *testing.T) {
	p, b, scene := planned(t, logitSource())
	d := newDense(p, 2, scene)
	d.begin(0, b)
	out := &b.Rows[2].Images[0][0]
	z := -4 - 1.0/perLogit/placeUnit // the last place of a bin
	chunk := slices.Repeat([]float64{z}, chunkValues)
	n := 0
	for ; n <= maxPacked; n += chunkValues { // as read does
		if err := d.bulk(0, 0, chunk, 1, out); err != nil {
			t.Fatal(err)
		}
	}
	d.settle(0, out)
	for o := range out {
		each := loss.BCE.Loss(loss.Logit(z), loss.Zero)
		if got, sum := out[o].N[ledger.Negative], out[o].Sum[0][ledger.Negative]; got != int64(n) || math.Abs(sum/float64(n)/each-1) > 4.0/(8*perLogit*perLogit) {
			t.Errorf("%s: %d terms of %v each, want %d of %v", ledger.Objective(o), got, sum/float64(got), n, each)
		}
	}
}

// TestWithoutObjects: an image without objects has negative anchors only. A detection on
// it costs what its anchors' scores do; the illustration, made of the objects, leaves all
// at the floor; and a detection outside the image carries nothing.
func TestWithoutObjects(t *testing.T) {
	z := loss.LogitOf(scores.DefaultPrior)
	p, b, scene := planned(t, scores.Source{Name: "geometry", Positive: z, Negative: z, Geometry: true})
	counted(b, scene)
	n := int64(scene.Found.Anchors) // 16 × 12
	if n != 192 || scene.Found.Negatives != 192 {
		t.Fatalf("%d anchors, %d negative", n, scene.Found.Negatives)
	}
	if err := p.Scorer(2, scene).Image(0, 0, b); err != nil {
		t.Fatal(err)
	}
	v := b.Views(2)[0]
	if got, want := v.Total(ledger.PerClass, 0), float64(2*n)*loss.BCE.Loss(z, loss.Zero); math.Abs(got/want-1) > 1e-12 {
		t.Errorf("the illustration costs %v, want %v", got, want)
	}

	p, b, scene = planned(t, detectionSource(0.01))
	counted(b, scene)
	builder, err := dataset.NewResultsBuilder("r.json", p.Data, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, box := range []geom.Rect{square(2, 4).Rect(), {X: 500, Y: 500, W: 10, H: 10}} {
		if reason, err := builder.Add(dataset.PlainID(1), dataset.PlainID(2), 0.8, box); reason != "" || err != nil {
			t.Fatal(reason, err)
		}
	}
	if p.Results[2], err = builder.Join(); err != nil {
		t.Fatal(err)
	}
	p.Auditor = 2
	s := p.Scorer(2, scene)
	if err := s.Image(0, 0, b); err != nil {
		t.Fatal(err)
	}
	// Four neighbours have IoU 0.6, of at least 0.5: five anchors have the detection's
	// score. Diagonal ones have 24²/(2·32² - 24²) = 0.39, below 0.4.
	want := 5*loss.BCE.Loss(loss.LogitOf(0.8), loss.Zero) + float64(2*n-5)*loss.BCE.Loss(z, loss.Zero)
	v = b.Views(2)[0]
	if got := v.Total(ledger.PerClass, 0); math.Abs(got/want-1) > 1e-12 {
		t.Errorf("the detection costs %v, want %v", got, want)
	}
	costs := s.Carried(0, 0, []int{0, 1})
	if a := b.Accounts[2]; a.Placed != 2 || a.Outside != 1 {
		t.Errorf("%d detections, %d outside, want 2 and 1", a.Placed, a.Outside)
	}
	if costs[0].Terms != 5 || math.Abs(costs[0].Loss[0]/(5*loss.BCE.Loss(loss.LogitOf(0.8), loss.Zero))-1) > 1e-12 {
		t.Errorf("the detection carries %+v, want 5 terms", costs[0])
	}
	if costs[1].Terms != 0 || costs[1].Loss != [ledger.MaxLosses]float64{} {
		t.Errorf("a detection outside the image carries %+v", costs[1])
	}
}

// TestOpposed: what the output of another class costs on an object's positive anchors is what the detections of that class
// make of each of them, and the floor on the rest.
func TestOpposed(t *testing.T) {
	at := func(p, n float64) float64 { return n * loss.BCE.Loss(loss.LogitOf(p), loss.Zero) }
	for name, c := range map[string]struct {
		detection geom.Box
		class     int32
		want      float64
	}{
		// The object's anchors are the one in its place and its four neighbours (TestSpecialAnchors), and so are the
		// detection's: of two that are neighbours, both have the two places in common. No other pair has an IoU of 0.4.
		"in its place":        {square(2, 6), 1, at(0.8, 5)},
		"in the next place":   {square(2, 5), 1, at(0.8, 2) + at(0.01, 3)},
		"far away":            {square(9, 9), 1, at(0.01, 5)},
		"of the object's own": {square(2, 6), 0, at(0.01, 5)}, // asked for class 1
	} {
		p, b, scene := planned(t, detectionSource(0.01), square(2, 6))
		counted(b, scene)
		builder, err := dataset.NewResultsBuilder("r.json", p.Data, "")
		if err != nil {
			t.Fatal(err)
		}
		category := p.Data.Sources[0].Categories[slices.IndexFunc(p.Data.Sources[0].Categories, func(of dataset.Category) bool { return of.Class == c.class })]
		if reason, err := builder.Add(dataset.PlainID(1), category.ID, 0.8, c.detection.Rect()); reason != "" || err != nil {
			t.Fatal(reason, err)
		}
		if p.Results[2], err = builder.Join(); err != nil {
			t.Fatal(err)
		}
		p.Auditor = 2
		got, err := p.Scorer(2, scene).Opposed(0, 0, []Opposition{{Object: 0, Class: 1, Positives: 5}})
		if err != nil || len(got) != 1 || got[0].Terms != 5 || math.Abs(got[0].Loss[0]/c.want-1) > 1e-12 {
			t.Errorf("%s: got %+v, want %v", name, got, c.want)
		}
	}
}

// TestNeighbours: the class of the category with the next higher id, and with the next
// lower one, in any source.
func TestNeighbours(t *testing.T) {
	category := func(id int64, class int32) dataset.Category {
		return dataset.Category{ID: dataset.PlainID(id), Class: class}
	}
	got := neighbours(&dataset.Dataset{
		Sources: []dataset.Source{{Categories: []dataset.Category{category(1, 0), category(2, 1)}}, {Categories: []dataset.Category{category(7, 2), category(3, 2)}}},
		Classes: make([]dataset.Class, 3),
	})
	if want := [2][]int32{{1, 2, -1}, {-1, 0, 1}}; !slices.Equal(got[0], want[0]) || !slices.Equal(got[1], want[1]) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestSpecialAnchors: the anchors that a scorer takes one by one are those that are not
// negative.
func TestSpecialAnchors(t *testing.T) {
	p, _, scene := planned(t, logitSource(), square(2, 6))
	d := newDense(p, 2, scene)
	d.find()
	var want []int32
	for k := range scene.Found.Anchors {
		if scene.Found.Of(int32(k)).Label != iou.Negative {
			want = append(want, int32(k))
		}
	}
	if !slices.Equal(d.special, want) || len(want) != 5 { // the square itself and its four neighbours, at IoU 0.6
		t.Errorf("got %v, want %v", d.special, want)
	}
}

// TestOpposedByLogits: what the output of another class costs on an object's positive anchors is the sum over all anchors
// of the image, each looked at, of the cross entropy of that class's column, whatever the order of the columns.
func TestOpposedByLogits(t *testing.T) {
	boxes := []geom.Box{square(2, 6), square(7, 3)}
	for _, columns := range [][]int32{{0, 1}, {1, 0}, {-1, 0, 1}} { // the last has a column that is no class's
		source := logitSource()
		source.Logits.Dir = t.TempDir()
		p, b, scene := planned(t, source, boxes...)
		counted(b, scene)
		p.columns, p.Auditor, p.peaks = columns, 2, [][]peaks{make([]peaks, 1)}
		p.Setting.K = len(columns)
		var err error
		if p.namings[2], err = source.Logits.Naming(eachImage(p.Data)); err == nil {
			t.Fatal("named without files")
		}
		n, k := scene.Found.Anchors, len(columns)
		r := rand.New(rand.NewPCG(3, 5))
		values := make([]float32, n*k)
		for i := range values {
			values[i] = float32(4 * r.NormFloat64())
		}
		var file bytes.Buffer
		header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }\n", n, k)
		file.WriteString("\x93NUMPY\x01\x00")
		binary.Write(&file, binary.LittleEndian, uint16(len(header)))
		file.WriteString(header)
		binary.Write(&file, binary.LittleEndian, values)
		if err := os.WriteFile(filepath.Join(source.Logits.Dir, "1.npy"), file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if p.namings[2], err = source.Logits.Naming(eachImage(p.Data)); err != nil {
			t.Fatal(err)
		}
		asked := []Opposition{{Object: 1, Class: 0}, {Object: 0, Class: 1}, {Object: 1, Class: 1}}
		got, err := p.Scorer(2, scene).Opposed(0, 0, asked)
		if err != nil || len(got) != len(asked) {
			t.Fatal(got, err)
		}
		for i, o := range asked {
			want, terms, column := 0., int64(0), slices.Index(columns, o.Class)
			for anchor := range n {
				if m := scene.Found.Of(int32(anchor)); m.Label == iou.Positive && scene.Index[m.Object] == int(o.Object) {
					want += loss.BCE.Loss(loss.Logit(values[anchor*k+column]), loss.Zero)
					terms++
				}
			}
			if terms == 0 || got[i].Terms != terms || math.Abs(got[i].Loss[0]/want-1) > 1e-12 {
				t.Errorf("columns %v, %+v: got %v of %d, want %v of %d", columns, o, got[i].Loss[0], got[i].Terms, want, terms)
			}
		}
		p.Setting.Objective = ledger.Objectness
		if got, err := p.Scorer(2, scene).Opposed(0, 0, asked); got != nil || err != nil {
			t.Errorf("under objectness: %v, %v", got, err)
		}
		p.Setting.Objective = ledger.PerClass
		os.Remove(filepath.Join(source.Logits.Dir, "1.npy"))
		if _, err := p.Scorer(2, scene).Opposed(0, 0, asked); err == nil {
			t.Error("a file that is gone meanwhile is passed over")
		}
	}
}
