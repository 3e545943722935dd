package results

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// record is a detection as its file has it.
type record struct {
	Image    any       `json:"image_id"`
	Category int64     `json:"category_id"`
	Box      []float64 `json:"bbox"`
	Score    float64   `json:"score"`
}

// pair is a data set with a detector's results on it.
type pair struct {
	name    string
	d       *dataset.Dataset
	records []record
}

// pairOf reads a pair.
func pairOf(t testing.TB, annotations, results []string) pair {
	t.Helper()
	p := pair{name: filepath.Join(results...), d: realfiles.Read(t, false, realfiles.Shared(t, annotations...))}
	data, err := os.ReadFile(realfiles.Shared(t, results...))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(p.name, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&p.records); err != nil {
		t.Fatal(err)
	}
	return p
}

var allPairs, leanOnes realfiles.Once[[]pair]

// realPairs returns all real pairs.
func realPairs(t testing.TB) []pair {
	t.Helper()
	return allPairs.Get(t, func() (all []pair) {
		for _, p := range [][2]string{
			{"data/voc2007/instances_test2007.json", "data/voc2007/detections_yolov3.json"},
			{"data/iberian/instances_val.json", "data/iberian/detections_conf10.json"},
			{"data/kitti_rechecked/instances_original.json", "data/kitti_rechecked/detections_cascade_rcnn.json"},
			{"data/coco/instances_val2014_100.json", "data/coco/instances_val2014_100_fake_results.json"},
			{"data/exporters/keypoints_gt.json", "data/exporters/keypoints_dt.json"},
			{"glyphs/train_noisy.json", "glyphs/in_sample.json.gz"},
			{"glyphs/train_noisy.json", "glyphs/out_of_fold.json.gz"},
			{"cases/results.annotations.json", "cases/results.ok.json"},
		} {
			all = append(all, pairOf(t, strings.Split(p[0], "/"), strings.Split(p[1], "/")))
		}
		return all
	})
}

// leanPairs returns all real pairs with the 30 surest detections of each image, which are as good as 200 for what is
// made wrong on purpose.
func leanPairs(t testing.TB) []pair {
	t.Helper()
	return leanOnes.Get(t, func() (all []pair) {
		for _, p := range realPairs(t) {
			byImage := map[dataset.IDKey][]record{}
			for _, r := range p.records {
				key := realfiles.IDOf(r.Image).Key()
				byImage[key] = append(byImage[key], r)
			}
			least := map[dataset.IDKey]float64{}
			for key, of := range byImage {
				slices.SortStableFunc(of, func(a, b record) int { return cmp.Compare(b.Score, a.Score) })
				least[key] = of[min(29, len(of)-1)].Score
			}
			p.records = slices.DeleteFunc(slices.Clone(p.records), func(r record) bool {
				return r.Score < least[realfiles.IDOf(r.Image).Key()]
			})
			all = append(all, p)
		}
		return all
	})
}

// results reads records that f has changed; nil if nothing joins.
func (p *pair) results(t testing.TB, f func(r *record, size geom.Size)) *dataset.Results {
	t.Helper()
	src := &p.d.Sources[0]
	sizes := map[dataset.IDKey]geom.Size{}
	for i := range src.Images {
		sizes[src.Images[i].ID.Key()] = src.Images[i].Size
	}
	records := make([]record, len(p.records))
	for i, r := range p.records {
		id := realfiles.IDOf(r.Image)
		r.Box = append([]float64(nil), r.Box...)
		if size := sizes[id.Key()]; f != nil && size.W > 0 && len(r.Box) == 4 {
			f(&r, size)
		}
		records[i] = r
	}
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
		return nil
	}
	return r
}

// shifted moves an image id.
func shifted(by int64) func(*record, geom.Size) {
	return func(r *record, _ geom.Size) {
		if n, ok := r.Image.(json.Number); ok {
			if v, err := n.Int64(); err == nil {
				r.Image = v + by
			}
		}
	}
}

// written writes a box for another pairing.
func written(p Pairing, b geom.Rect, size geom.Size) geom.Rect {
	if p.Frame == (Frame{}) {
		return realfiles.Write(p.Boxes, b, size)
	}
	unit := p.Frame.undo(geom.Box{X1: 1, Y1: 1}, float64(size.W), float64(size.H))
	sx, sy := 1/(unit.X1-unit.X0), 1/(unit.Y1-unit.Y0)
	return geom.Rect{X: (b.X - unit.X0) * sx, Y: (b.Y - unit.Y0) * sy, W: b.W * sx, H: b.H * sy}
}

// reread returns results whose boxes are written for another pairing.
func reread(p *pair, r *dataset.Results, q Pairing) *dataset.Results {
	out := *r
	out.Detections = append([]dataset.Detection(nil), r.Detections...)
	at := 0
	for s := range p.d.Sources {
		for i := range p.d.Sources[s].Images {
			for range r.Of(s, i) {
				out.Detections[at].Box = written(q, out.Detections[at].Box, p.d.Sources[s].Images[i].Size)
				at++
			}
		}
	}
	return &out
}

// TestJudgeRealPairs: real pairs belong together, and what is broken on purpose does
// not and is read as it was written. The worst real pair has 81 % of its objects
// overlapped, the best broken one 39 %, and 47 % if boxes are flipped: those in the middle stay.
func TestJudgeRealPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	worst, best, flipped, broken := 1.0, 0.0, 0.0, 0
	lean := leanPairs(t)
	for i, p := range realPairs(t) {
		r := p.results(t, nil)
		v := Judge(p.d, r)
		share := float64(v.Overlapped) / float64(v.Objects)
		worst = min(worst, share)
		t.Logf("%-45s %.3f of %d objects are overlapped", p.name, share, v.Objects)
		t.Logf("  copies %d of %d, near %d of %d, higher scores in %.3f of %d hits, classes %d of %d",
			v.Copies.Equal, v.Copies.Of, v.Repeats.Near, v.Repeats.Seen, v.Order.Area, v.Order.Hits, v.Swap.Same, v.Swap.Pairs)
		if said := v.records(p.d, r); len(said) > 0 || len(v.Swap.Moves) > 0 {
			t.Errorf("%s: %v, %v", p.name, said, v.Swap.Moves)
		}
		if v.Foreign() {
			t.Errorf("%s does not belong to its annotations: %s", p.name, v.message(p.d, ""))
		}
		r = lean[i].results(t, nil)
		v = Judge(p.d, r)
		share = float64(v.Overlapped) / float64(v.Objects)
		for _, q := range pairings {
			if f := q.Frame; f.Kind != AsIs && f.Side != 416 && f.Side != 640 {
				continue
			}
			same := p.name == "cases/results.ok.json" || strings.Contains(p.name, "coco") || strings.Contains(p.name, "keypoints")
			if same && q.Frame.Kind == LongSide && q.Frame.Side == 640 { // nearly all images are of that size
				continue
			}
			if q.Boxes.Form == reading.ExchangedSides && strings.Contains(p.name, "glyphs") { // nearly all boxes are square
				continue
			}
			v := Judge(p.d, reread(&p, r, q))
			got := float64(v.Overlapped) / float64(v.Objects)
			if q.Boxes.Form > reading.Forms || q.Boxes.Form == reading.ExchangedSides { // those in the middle stay, and squares
				flipped = max(flipped, got)
			} else {
				best = max(best, got)
			}
			broken++
			fits := float64(v.Fits) / float64(v.Objects)
			if !v.Disagree || !v.Named || fits < share-0.02 || v.Reading != q && v.Reading.Frame.Kind == AsIs {
				t.Errorf("%s as %s: %.3f overlapped, disagree %v, read as %s: %.3f", p.name, q, got, v.Disagree, v.Reading, fits)
			}
		}
	}
	t.Logf("worst real pair %.3f, best of %d broken ones %.3f, flipped %.3f", worst, broken, best, flipped)
	if worst < 0.80 || best > 0.40 || flipped > 0.48 {
		t.Errorf("worst real pair %.3f, want 0.80 or more; best broken one %.3f, want 0.40 or less", worst, best)
	}
}

// TestJudgeShiftedIDs: ids that are off by one are found, where ids are numbers.
func TestJudgeShiftedIDs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, p := range leanPairs(t) {
		for _, by := range []int64{-1, 1} {
			if !regexp.MustCompile("voc|glyphs|cases").MatchString(p.name) {
				continue // text, or numbers far apart
			}
			r := p.results(t, shifted(by))
			if r == nil {
				t.Errorf("%s: nothing joins", p.name)
				continue
			}
			if v := Judge(p.d, r); !v.Disagree || v.Reading.Shift != int(by) {
				t.Errorf("%s, ids %+d: %d of %d overlapped, disagree %v, read as %s: %d",
					p.name, by, v.Overlapped, v.Objects, v.Disagree, v.Reading, v.Fits)
			}
		}
	}
}

// TestJudgeWeakDetectors: a detector that finds little, or badly, still belongs.
func TestJudgeWeakDetectors(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, p := range leanPairs(t) {
		if strings.Contains(p.name, "fake") { // its scores are drawn
			continue
		}
		r := p.results(t, nil)
		for _, keep := range []int{2, 5, 10} {
			weak := *r
			weak.Detections = append([]dataset.Detection(nil), r.Detections...)
			for i := range weak.Detections {
				if sample.Mix(uint64(i))%uint64(keep) > 0 { // where nothing is annotated; at random, or whole stretches lose the surest
					weak.Detections[i].Box = geom.Rect{X: -10, Y: -10, W: 1, H: 1}
				}
			}
			v := Judge(p.d, &weak)
			if v.Foreign() {
				t.Errorf("%s, one detection in %d: %s", p.name, keep, v.message(p.d, "")+v.Unranked.message())
			}
		}
		rng := rand.New(rand.NewPCG(5, 6))
		weak := *r
		weak.Detections = append([]dataset.Detection(nil), r.Detections...)
		for i := range weak.Detections { // off by up to a third of the size
			b := &weak.Detections[i].Box
			b.X += b.W * (rng.Float64() - .5) * .66
			b.Y += b.H * (rng.Float64() - .5) * .66
		}
		if v := Judge(p.d, &weak); v.Foreign() {
			t.Errorf("%s, badly placed: %s", p.name, v.message(p.d, ""))
		}
	}
}

// TestSwapOneDirection: a detector that takes all objects of a class for another one is
// weak; its classes are not exchanged, whichever two classes they are. If they are
// exchanged, it is told where ten objects of both are overlapped by sure detections.
func TestSwapOneDirection(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	one, both, told := 0, 0, 0
	for _, p := range leanPairs(t) {
		r := p.results(t, nil)
		v := Verdict{}
		v.draw(p.d, r)
		objects := make([]int, len(p.d.Classes))
		for i := range v.sample {
			for _, k := range v.sample[i].objects {
				objects[p.d.Sources[0].Objects[k].Class]++
			}
		}
		for a := range int32(len(objects)) {
			for b := range int32(len(objects)) {
				if a == b || objects[a] < 20 || objects[b] < 20 {
					continue
				}
				relabel := func(exchange bool) Swap {
					weak := *r
					weak.Detections = append([]dataset.Detection(nil), r.Detections...)
					for i := range weak.Detections {
						switch c := &weak.Detections[i].Class; {
						case *c == a:
							*c = b
						case *c == b && exchange:
							*c = a
						}
					}
					w := Verdict{}
					w.draw(p.d, &weak)
					w.see(p.d)
					return w.swap(p.d)
				}
				one++
				if w := relabel(false); w.wrong && 5*w.Same >= w.Pairs {
					t.Errorf("%s, %d taken for %d: %+v", p.name, a, b, w)
				}
				if a < b {
					both++
					if w := relabel(true); w.wrong {
						told++
					}
				}
			}
		}
	}
	t.Logf("taken for another: %d; exchanged: %d, told %d", one, both, told)
	if one == 0 || 4*told < 3*both {
		t.Errorf("%d of %d exchanged ones are told", told, both)
	}
}

// TestJudgeTenths: a tenth of the images, or three records of ten, that are written otherwise are told of, and named.
func TestJudgeTenths(t *testing.T) {
	half := Pairing{Frame: Frame{Kind: Scaled, Side: 50}}
	exchanged := Pairing{Boxes: reading.Reading{Form: reading.ExchangedSides}}
	for _, c := range []struct {
		name string
		q    Pairing
		of   func(image, at int) bool
		bar  int // of the pairs
	}{
		{"half size in one image of ten", half, func(image, _ int) bool { return sample.Mix(uint64(image))%10 == 0 }, 5},
		{"sides exchanged in three records of ten", exchanged, func(_, at int) bool { return at%10 < 3 }, 4},
		{"corners in one record of ten", Pairing{Boxes: reading.Reading{Form: reading.Corners}}, func(_, at int) bool { return at%10 == 0 }, 3},
	} {
		told, tried := 0, 0
		for _, p := range leanPairs(t) {
			r := *p.results(t, nil)
			r.Detections = append([]dataset.Detection(nil), r.Detections...)
			at := 0
			for i := range p.d.Sources[0].Images {
				for range r.Of(0, i) {
					if d := &r.Detections[at]; c.of(i, at) {
						d.Box = written(c.q, d.Box, p.d.Sources[0].Images[i].Size)
					}
					at++
				}
			}
			v := Judge(p.d, &r)
			if v.Objects < 400 {
				continue
			}
			tried++
			told += sample.One(v.Disagree && v.Named && v.Reading == c.q)
			t.Logf("%s, %s: disagree %v, read as %s, %d gained", p.name, c.name, v.Disagree, v.Reading, v.Gained)
		}
		if tried < 6 || told < c.bar {
			t.Errorf("%s: %d of %d pairs are told of, want %d", c.name, told, tried, c.bar)
		}
	}
}

// TestJudgeOthers: detections of other images disagree, without a reading that fits.
func TestJudgeOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, p := range leanPairs(t) {
		if len(p.d.Sources[0].Images) < 20 {
			continue
		}
		src := &p.d.Sources[0]
		to := map[dataset.IDKey]any{} // the image 17 places on
		for i := range src.Images {
			id := src.Images[(i+17)%len(src.Images)].ID
			to[src.Images[i].ID.Key()] = json.RawMessage(id.Quoted())
		}
		r := p.results(t, func(r *record, _ geom.Size) {
			r.Image = to[realfiles.IDOf(r.Image).Key()]
		})
		v := Judge(p.d, r)
		t.Logf("%-45s %.3f of %d objects are overlapped", p.name, float64(v.Overlapped)/float64(v.Objects), v.Objects)
		if !v.Disagree || v.Named {
			t.Errorf("%s: %d of %d overlapped, by chance %d, disagree %v, read as %s: %d",
				p.name, v.Overlapped, v.Objects, v.Chance, v.Disagree, v.Reading, v.Fits)
		}
	}
}

// TestFrames: undo takes back what resizing does.
func TestFrames(t *testing.T) {
	box := func(x0, y0, x1, y1 float64) geom.Box { return geom.Box{X0: x0, Y0: y0, X1: x1, Y1: y1} }
	for _, c := range []struct {
		f    Frame
		w, h float64
		in   geom.Box // of the resized picture
		want geom.Box
	}{
		{Frame{}, 1280, 960, box(1, 2, 3, 4), box(1, 2, 3, 4)},
		{Frame{LongSide, 640, 0}, 1280, 960, box(10, 20, 30, 40), box(20, 40, 60, 80)},
		{Frame{Letterbox, 640, 0}, 1280, 960, box(10, 80, 30, 100), box(20, 0, 60, 40)},
		{Frame{Letterbox, 640, 0}, 960, 1280, box(80, 10, 100, 30), box(0, 20, 40, 60)},
		{Frame{Stretch, 640, 0}, 1280, 960, box(10, 20, 30, 40), box(20, 30, 60, 60)},
		{Frame{ShortSide, 480, 800}, 1280, 960, box(10, 20, 30, 40), box(20, 40, 60, 80)},
		{Frame{ShortSide, 800, 640}, 1280, 960, box(10, 20, 30, 40), box(20, 40, 60, 80)},
	} {
		if got := c.f.undo(c.in, c.w, c.h); got != c.want {
			t.Errorf("%s: %v, want %v", c.f, got, c.want)
		}
	}
}
