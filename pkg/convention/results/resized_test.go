package results

import (
	"math"
	"testing"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// mapped returns results whose boxes f has moved.
func mapped(p *pair, r *dataset.Results, f func(b geom.Rect, w, h float64) geom.Rect) *dataset.Results {
	out := *r
	out.Detections = append([]dataset.Detection(nil), r.Detections...)
	at := 0
	for s := range p.d.Sources {
		for i := range p.d.Sources[s].Images {
			size := p.d.Sources[s].Images[i].Size
			for range r.Of(s, i) {
				out.Detections[at].Box = f(out.Detections[at].Box, float64(size.W), float64(size.H))
				at++
			}
		}
	}
	return &out
}

// padded is what a loader does that resizes to a long side, then pads to a multiple in the middle.
func padded(side, multiple float64) func(b geom.Rect, w, h float64) geom.Rect {
	return func(b geom.Rect, w, h float64) geom.Rect {
		s := side / max(w, h)
		pad := func(v float64) float64 { return (multiple*math.Ceil(math.Round(v*s)/multiple) - math.Round(v*s)) / 2 }
		return geom.Rect{X: s*b.X + pad(w), Y: s*b.Y + pad(h), W: s * b.W, H: s * b.H}
	}
}

// TestResized: detections of a frame that was scaled and padded in a way that no list has are told of, in every pair of
// 100 objects, and most by maps. Of the pairs as they are, maps gain next to nothing.
func TestResized(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	pairs := leanPairs(t)
	for _, p := range pairs {
		v := Verdict{}
		r := p.results(t, nil)
		v.draw(p.d, r)
		v.see(p.d)
		m := v.fitSizes(own)
		t.Logf("%-50s of %4d objects, gained %d, %d of these sure, lost %d", p.name, v.Objects, m.Gained, m.Sure, m.Lost)
		if 20*m.Gained > v.Objects || 50*m.Sure > v.Objects {
			t.Errorf("%s: maps gain %d of %d objects, %d sure; want 5 %% and 2 %% at most", p.name, m.Gained, v.Objects, m.Sure)
		}
	}
	for _, c := range []struct {
		name string
		f    func(b geom.Rect, w, h float64) geom.Rect
		as   int // pairs that are read by maps
		of   int // pairs that disagree
	}{
		{"long side 640, multiple of 32", padded(640, 32), 2, 6}, // one has images of 640 px, 480 px high
		{"long side 900, multiple of 128", padded(900, 128), 4, 7},
		{"stretched to 500 × 1100 px", func(b geom.Rect, w, h float64) geom.Rect {
			return geom.Rect{X: b.X * 500 / w, Y: b.Y * 1100 / h, W: b.W * 500 / w, H: b.H * 1100 / h}
		}, 5, 7},
		{"moved by 60 and 90 px", func(b geom.Rect, _, _ float64) geom.Rect {
			b.X, b.Y = b.X+60, b.Y+90
			return b
		}, 5, 7},
	} {
		maps, disagree := 0, 0
		for _, p := range pairs {
			v := Judge(p.d, mapped(&p, p.results(t, nil), c.f))
			if v.Objects < 100 {
				continue
			}
			disagree += sample.One(v.Disagree)
			if maps += sample.One(v.Resized.accepted); v.Resized.accepted {
				t.Logf("%s", v.message(p.d, p.name))
			}
		}
		t.Logf("%s: %d disagree, %d read by maps", c.name, disagree, maps)
		if disagree != c.of || maps != c.as {
			t.Errorf("%s: %d disagree, %d of them read by maps, want %d and %d", c.name, disagree, maps, c.of, c.as)
		}
	}
}

// TestSizeMap: a map that boxes were written by is found again, to a pixel.
func TestSizeMap(t *testing.T) {
	p := pairOf(t, []string{"cases", "results.annotations.json"}, []string{"cases", "results.ok.json"})
	v := Judge(p.d, mapped(&p, p.results(t, nil), func(b geom.Rect, _, _ float64) geom.Rect {
		return geom.Rect{X: .37*b.X + 21, Y: .61*b.Y + 8, W: .37 * b.W, H: .61 * b.H}
	}))
	if !v.Resized.accepted || len(v.Resized.Maps) == 0 {
		t.Fatalf("%+v", v.Resized)
	}
	for _, m := range v.Resized.Maps {
		if math.Abs(m.ScaleX-.37) > .01 || math.Abs(m.ScaleY-.61) > .01 || math.Abs(m.X-21) > 2 || math.Abs(m.Y-8) > 2 {
			t.Errorf("%+v, want a scale of 0.37 and 0.61, and 21 and 8 px", m)
		}
	}
}

// TestFitOfHostileBoxes: detections whose sides vanish beside their place, or overflow, are fitted by nothing, and end
// nothing.
func TestFitOfHostileBoxes(t *testing.T) {
	for _, d := range []geom.Rect{
		{X: 1e17, Y: 1e17, W: 1e-9, H: 1e-9}, {X: -1e308, Y: 0, W: 1e308, H: 1e308}, {X: 9, Y: 9, W: 5e-324, H: 1},
	} {
		v := Verdict{}
		for i := range 40 {
			s := sampled{w: 640, h: 480, found: make([]bool, 2), detections: boxSet{{Box: d, Score: 0.5}}}
			for k := range 2 {
				x := float64(10*i + 200*k)
				s.boxes = append(s.boxes, geom.Box{X0: x, Y0: x, X1: x + 30, Y1: x + 40})
				s.objects = append(s.objects, 0)
			}
			v.sample, v.Objects = append(v.sample, s), v.Objects+2
		}
		if r := v.fitSizes(own); r.Gained != 0 || r.Fits != 0 {
			t.Errorf("%v: %+v", d, r)
		}
	}
}
