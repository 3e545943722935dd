package results

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// drawn returns a data set of n images with 4 objects each, of 6 classes with the ids 1 to
// 6, and the records of a detector that misses one object in ten, is off by a few percent of
// the sides, is of another class for one object in twenty, and finds as much where nothing is.
func drawn(t testing.TB, n int) pair {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	round := func(v float64) float64 { return math.Round(100*v) / 100 }
	box := func() []float64 {
		w, h := 30+rng.Float64()*90, 30+rng.Float64()*90
		return []float64{round(rng.Float64() * (640 - w)), round(rng.Float64() * (480 - h)), round(w), round(h)}
	}
	var images, objects, categories []map[string]any
	p := pair{name: "drawn"}
	for c := range 6 {
		categories = append(categories, map[string]any{"id": c + 1, "name": string(rune('a' + c))})
	}
	for i := range n {
		images = append(images, map[string]any{"id": i + 1, "file_name": fmt.Sprintf("%d.jpg", i), "width": 640, "height": 480})
		for range 4 {
			b, c := box(), int64(1+rng.IntN(6))
			objects = append(objects, map[string]any{
				"id": len(objects) + 1, "image_id": i + 1, "category_id": c, "bbox": b, "area": b[2] * b[3], "iscrowd": 0,
			})
			stray := record{json.Number(fmt.Sprint(i + 1)), int64(1 + rng.IntN(6)), box(), round(rng.Float64() * .5)}
			p.records = append(p.records, stray)
			if rng.IntN(10) == 0 {
				continue
			}
			if rng.IntN(20) == 0 {
				c = int64(1 + rng.IntN(6))
			}
			off := func(side float64) float64 { return side * (rng.Float64() - .5) * .1 }
			seen := []float64{round(b[0] + off(b[2])), round(b[1] + off(b[3])), round(b[2] + off(b[2])), round(b[3] + off(b[3]))}
			p.records = append(p.records, record{stray.Image, c, seen, round(.3 + rng.Float64()*.7)})
		}
	}
	data, err := json.Marshal(map[string]any{"images": images, "annotations": objects, "categories": categories})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "drawn.json")
	if err := os.WriteFile(path, bytes.TrimSpace(data), 0o600); err != nil {
		t.Fatal(err)
	}
	p.d = realfiles.Read(t, false, path)
	return p
}

// said returns what is said of records, and whether labels are still judged by them.
func (p *pair) said(t testing.TB, records []record) (string, bool) {
	t.Helper()
	data, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "results.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := coco.ReadResults(context.Background(), path, "", p.d, coco.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	v := Judge(p.d, r)
	said := ""
	for _, f := range v.Findings(p.d, r) {
		said += f.Severity().String() + " " + f.Code + ": " + f.Message + "\n"
	}
	return said, !v.Foreign()
}

// changed returns a copy of the records that f has changed.
func (p *pair) changed(f func(r *record)) []record {
	all := make([]record, len(p.records))
	for i, r := range p.records {
		r.Box = append([]float64(nil), r.Box...)
		f(&r)
		all[i] = r
	}
	return all
}

// number is the image of a record.
func (r *record) number() int64 {
	n, _ := r.Image.(json.Number).Int64()
	return n
}

// as writes the box of a record for another reading.
func (r *record) as(q Pairing) {
	b := written(q, geom.Rect{X: r.Box[0], Y: r.Box[1], W: r.Box[2], H: r.Box[3]}, geom.Size{W: 640, H: 480})
	r.Box = []float64{b.X, b.Y, b.W, b.H}
}

// TestJudgeDrawn holds results that are broken in known ways to what should be said.
func TestJudgeDrawn(t *testing.T) {
	p := drawn(t, 60)
	for _, c := range []struct {
		name    string
		records []record
		want    string // nothing is said if it is ""
		audited bool
	}{
		{"as they are", p.records, "", true},
		{"flipped left to right", p.changed(func(r *record) { r.as(Pairing{Boxes: reading.Reading{Form: reading.FromRight}}) }),
			`^error detections-disagree: .*read as x counted from the right.*Write \[width - x - w, y, w, h\]`, false},
		{"flipped top to bottom", p.changed(func(r *record) { r.as(Pairing{Boxes: reading.Reading{Form: reading.FromBottom}}) }),
			`^error detections-disagree: .*read as y counted from the bottom`, false},
		{"turned by 180 degrees", p.changed(func(r *record) { r.as(Pairing{Boxes: reading.Reading{Form: reading.FromCorner}}) }),
			`^error detections-disagree: .*x and y counted from the lower right corner`, false},
		{"every second image flipped", p.changed(func(r *record) {
			if r.number()%2 == 0 {
				r.as(Pairing{Boxes: reading.Reading{Form: reading.FromRight}})
			}
		}), `^error detections-disagree: .*in a part of its records: .*from the right of the image, \d+ more in (2[5-9]|30) images`, false},
		{"every second image at half size", p.changed(func(r *record) {
			if r.number()%2 == 0 {
				r.as(Pairing{Frame: Frame{Kind: Scaled, Side: 50}})
			}
		}), `^error detections-disagree: .*in a part of its records: .*scaled to 50 %`, false},
		{"corners for two classes in six", p.changed(func(r *record) {
			if r.Category < 3 {
				r.as(Pairing{Boxes: reading.Reading{Form: reading.Corners}})
			}
		}), `^error detections-disagree: .*in a part of its records: .*read as corners`, false},
		{"one class for all", p.changed(func(r *record) { r.Category = 1 }),
			`^error detections-disagree: .*the classes do not fit: .*Detections of category 1 "a" lie on objects of category`, false},
		{"classes in reverse", p.changed(func(r *record) { r.Category = 7 - r.Category }),
			`^error detections-disagree: .*the classes do not fit: of \d+ objects .*category \d "\w" lie on .*. Likewise, as annotated → as detected: "\w" → "\w", "\w" → "\w", "\w" → "\w"\. Write`, false},
		{"two classes exchanged", p.changed(func(r *record) {
			if r.Category < 3 {
				r.Category = 3 - r.Category
			}
		}), `^error detections-disagree: .*of category [12] "[ab]" lie on objects of category [12] .*; detections of category [12] `, false},
		{"two classes taken for one", p.changed(func(r *record) {
			if r.Category == 1 {
				r.Category = 2
			}
		}), `^warning detections-missing-classes: .* 1 has no detection at all: "a" \(37 objects\)`, true},
		{"the annotations", p.annotated(.9), `^error detections-disagree: .*holds the annotations, .*: 240 of 240 detections`, false},
		{"written twice", append(p.changed(func(*record) {}), p.records...),
			`^warning detections-repeated: .*: (\d+) of (\d+) detections repeat another`, true},
		{"without suppression", p.near(5), `^info detections-repeated: .*non-maximum suppression`, true},
		{"scores inverted", p.changed(func(r *record) { r.Score = 1 - r.Score }),
			`^warning detections-unranked: .*inverted: .*in 2?\d(\.\d+)? % of the pairs`, false},
		{"one score", p.changed(func(r *record) { r.Score = 1 }),
			`^info detections-unranked: .*: all \d+ detections have the score 1, `, true},
	} {
		got, audited := p.said(t, c.records)
		t.Logf("%s: %s", c.name, got)
		if (got == "") != (c.want == "") || !regexp.MustCompile(c.want).MatchString(got) || audited != c.audited {
			t.Errorf("%s: %s\nwant %s\nlabels judged: %v, want %v", c.name, got, c.want, audited, c.audited)
		}
	}
}

// annotated returns the annotations as records.
func (p *pair) annotated(score float64) (all []record) {
	src := &p.d.Sources[0]
	for i := range src.Objects {
		o := &src.Objects[i]
		b := o.Box
		id := json.Number(src.Images[o.Image].ID.Quoted())
		all = append(all, record{id, int64(o.Class) + 1, []float64{b.X, b.Y, b.W, b.H}, score})
	}
	return all
}

// near returns the records with n neighbours each.
func (p *pair) near(n int) (all []record) {
	for _, r := range p.records {
		for k := range n {
			one := r
			one.Box = []float64{r.Box[0] + float64(k)*.2, r.Box[1], r.Box[2], r.Box[3]}
			one.Score = r.Score * (1 - .01*float64(k))
			all = append(all, one)
		}
	}
	return all
}

// TestCopiesOfSmallWholeBoxes: small boxes of whole numbers are equal by chance.
func TestCopiesOfSmallWholeBoxes(t *testing.T) {
	var v Verdict
	d := &dataset.Dataset{Sources: []dataset.Source{{Objects: []dataset.Object{{Class: 0}}}}}
	for i := range 30 {
		b := geom.Rect{X: float64(i), Y: 5, W: 12, H: 19}
		v.sample = append(v.sample, sampled{objects: []int32{0}, boxes: []geom.Box{b.Box()}, detections: boxSet{{Score: 1, Box: b}}})
	}
	if c := v.copies(d); c.Found() || c.Of != 0 {
		t.Errorf("%+v", c)
	}
	for i := range v.sample {
		v.sample[i].detections[0].Box.W += .005
		v.sample[i].boxes[0].X1 += .004
	}
	if c := v.copies(d); !c.All() || c.Equal != 30 {
		t.Errorf("%+v", c)
	}
	v.sample[3].detections[0].Class = 1 // a label that differs is something to judge
	if c := v.copies(d); !c.Found() || c.All() {
		t.Errorf("%+v", c)
	}
}

// TestGainsNeedMoreThanAGrid: in a symmetric grid the mirrored detections overlap objects
// that the detector missed, as those of any other image do.
func TestGainsNeedMoreThanAGrid(t *testing.T) {
	var v Verdict
	for i := range 20 {
		s := sampled{w: 600, h: 600}
		for k := range 100 {
			b := geom.Rect{X: float64(k%10)*60 + 5, Y: float64(k/10)*60 + 5, W: 50, H: 50}
			s.boxes = append(s.boxes, b.Box())
			if (7*i+k)%5 > 0 {
				s.detections = append(s.detections, dataset.Detection{Score: 1, Box: b})
			}
		}
		s.objects = make([]int32, len(s.boxes))
		v.Objects += len(s.boxes)
		v.sample = append(v.sample, s)
	}
	v.Overlapped = v.count(own, Pairing{})
	v.see(&dataset.Dataset{Sources: []dataset.Source{{Objects: make([]dataset.Object, 100)}}})
	v.gains()
	if v.Disagree {
		t.Errorf("%d of %d overlapped: %d more as %s", v.Overlapped, v.Objects, v.Gained, v.Reading)
	}
}

// TestSquashed: probabilities that went through a sigmoid a second time lie within 0.5 and
// 0.731; those above a threshold don't.
func TestSquashed(t *testing.T) {
	results := func(score func(p float64) float64) *dataset.Results {
		r := &dataset.Results{}
		for i := range 200 {
			r.Detections = append(r.Detections, dataset.Detection{Score: score(float64(i) / 199)})
		}
		return r
	}
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for name, c := range map[string]struct {
		score func(p float64) float64
		want  bool
	}{
		"twice":           {sigmoid, true},
		"once":            {func(p float64) float64 { return p }, false},
		"above 0.5":       {func(p float64) float64 { return 0.5 + p/2 }, false},
		"low, of a start": {func(p float64) float64 { return p / 100 }, false},
	} {
		if got := squashed(results(c.score)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
