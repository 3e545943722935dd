package convention

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"focalaudit/pkg/coco"
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
	p := pair{name: filepath.Join(results...), d: read(t, false, shared(t, annotations...))}
	data, err := os.ReadFile(shared(t, results...))
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

// realPairs returns all real pairs.
func realPairs(t testing.TB) []pair {
	t.Helper()
	var all []pair
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
		id := dataset.TextID(fmt.Sprint(r.Image))
		if n, ok := r.Image.(json.Number); ok {
			id = dataset.NumberID(n.String())
		}
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

// written writes boxes for another pairing.
func written(p Pairing) func(*record, geom.Size) {
	return func(r *record, size geom.Size) {
		b := geom.Rect{X: r.Box[0], Y: r.Box[1], W: r.Box[2], H: r.Box[3]}
		if p.Frame != (Frame{}) {
			w, h := float64(size.W), float64(size.H)
			a, c := p.Frame.undo(geom.Box{X0: 0, Y0: 0, X1: 1, Y1: 1}, w, h), geom.Box{}
			sx, sy := 1/(a.X1-a.X0), 1/(a.Y1-a.Y0)
			c.X0, c.Y0 = (b.X-a.X0)*sx, (b.Y-a.Y0)*sy
			b = geom.Rect{X: c.X0, Y: c.Y0, W: b.W * sx, H: b.H * sy}
		} else {
			b = write(p.Boxes, b, size)
		}
		r.Box = []float64{b.X, b.Y, b.W, b.H}
	}
}

func TestMeasurePairs(t *testing.T) {
	for _, p := range realPairs(t) {
		show := func(name string, want Pairing, r *dataset.Results) {
			if r == nil {
				fmt.Printf("  %-60s nothing joins\n", name)
				return
			}
			v := Judge(p.d, r)
			mark := ""
			if v.Named && v.Reading != want {
				mark = "OTHER " + v.Reading.String()
			}
			n := float64(v.Objects)
			fmt.Printf("  %-60s %d %.3f chance %.3f disagree %v fits %.3f %v %s classes %v\n", name, v.Objects, float64(v.Overlapped)/n, float64(v.Chance)/n, v.Disagree, float64(v.Fits)/n, v.Named, mark, v.Classes)
		}
		fmt.Println(p.name)
		show("as is", Pairing{}, p.results(t, nil))
		for _, q := range pairings {
			if q.Frame.Kind != AsIs && q.Frame.Side != 640 && q.Frame.Side != 800 && q.Frame.Side != 1333 && q.Frame.Side != 416 {
				continue
			}
			show(q.String(), q, p.results(t, written(q)))
		}
		for _, by := range []int64{-1, 1} {
			show(fmt.Sprint("shift ", by), Pairing{Shift: int(by)}, p.results(t, shifted(by)))
		}
	}
}
