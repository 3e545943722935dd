package answer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/audit"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/pass"
)

// spread returns images with their objects and suspects: each object is one with the chance that f gives.
func spread(images int, rng *rand.Rand, f func(image int) float64) (order []int32, objects, counts []int) {
	order, objects, counts = make([]int32, images), make([]int, images), make([]int, images)
	for i := range order {
		order[i], objects[i] = int32(i), 1+rng.IntN(5)
		chance := f(i)
		for range objects[i] {
			if rng.Float64() < chance {
				counts[i]++
			}
		}
	}
	return order, objects, counts
}

// TestDivided: suspects that are five times as common in the last third of the images are told of, with a place near
// it; suspects as common everywhere, in series of crowded images or not, are not, in any of 300 draws.
func TestDivided(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 100 {
		order, objects, counts := spread(1500, rng, func(i int) float64 {
			if i >= 1000 {
				return 0.10
			}
			return 0.02
		})
		p, ok := divided(order, objects, counts, false)
		if ok && !p.before && p.image >= 900 && p.image <= 1100 {
			found++
		}
	}
	if found < 99 {
		t.Errorf("%d of 100 are told of, want 99 at least", found)
	}
	for n := range 300 {
		images := []int{400, 800, 3000}[n%3]
		of := []float64{0.01, 0.05, 0.2}[n/3%3]
		var series float64 // each series of 20 images has a rate of its own
		order, objects, counts := spread(images, rng, func(i int) float64 {
			if i%20 == 0 {
				series = of * rng.ExpFloat64()
			}
			return series
		})
		if p, ok := divided(order, objects, counts, n%2 == 0); ok {
			t.Errorf("draw %d of %d images, %g: %+v", n, images, of, p)
		}
	}
}

// TestDividedFew: a file of fewer than 20 blocks, or a part of fewer than 20 suspects, tells nothing.
func TestDividedFew(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	late := func(i int) float64 { return float64(i / 260) }
	order, objects, counts := spread(399, rng, late)
	if p, ok := divided(order, objects, counts, false); ok {
		t.Errorf("%+v", p)
	}
	order, objects, counts = spread(2000, rng, func(i int) float64 { return map[bool]float64{true: 0.004}[i > 1000] })
	n := 0
	for _, c := range counts {
		n += c
	}
	if p, ok := divided(order, objects, counts, false); n >= leastOf || ok {
		t.Errorf("%d suspects, want fewer than %d: %+v", n, leastOf, p)
	}
}

// TestConcentration: the sentence names the kind, the place and the source. Of 611 images with one label each, every
// second label from id 401 on is suspected to have the wrong class: those of the even ids 402 to 610, 105 suspects in
// 211 images, and none elsewhere. Where the file has the images in another order, only their ids divide them.
func TestConcentration(t *testing.T) {
	const images = 611 // 30 blocks, and 11 images behind them
	run := func(id func(i int) int) *analysis.Result {
		r := &analysis.Result{Pass: &pass.Pass{Data: &dataset.Dataset{Sources: make([]dataset.Source, 2)}}, Audit: &audit.Audit{}}
		r.Data.Sources[0].Name, r.Data.Sources[1].Name = "few.json", "many.json"
		for s := range r.Data.Sources {
			for i := range int32(images) {
				r.Data.Sources[s].Images = append(r.Data.Sources[s].Images, dataset.Image{
					ID: dataset.PlainID(int64(id(int(i)))), File: fmt.Sprintf("%d.jpg", id(int(i))), First: i, Last: i + 1,
				})
			}
			r.Data.Sources[s].Objects = make([]dataset.Object, images)
			r.Audit.Chances = append(r.Audit.Chances, make([]float32, images))
		}
		for i := range images {
			if n := id(i); n > 400 && n%2 == 0 {
				f := findings.New(labels.Class.String())
				f.Source, f.Image, f.Evidence = 1, int32(i), &findings.Evidence{Score: 0.5}
				r.Findings = append(r.Findings, f)
				if n > images-2*(leastOf-1) { // too few to be told of in the other source
					f.Source = 0
					r.Findings = append(r.Findings, f)
				}
			}
		}
		return r
	}
	const rest = " (211 of 611 images), where the rest has none: the classes of this part may be those of another " +
		"list, or of other annotators. Look there first, and mend the cause before single labels."
	for want, id := range map[string]func(i int) int{
		"from 401.jpg on in the file":  func(i int) int { return i + 1 },
		"from id 401 on, by their ids": func(i int) int { return 7*i%images + 1 },
	} {
		want = " 105 of the 105 suspected wrong classes are in the images of many.json " + want + rest
		if got := concentration(run(id)); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	kept := run(func(i int) int { return i + 1 })
	for i := range kept.Findings {
		kept.Findings[i].Reviewed = true
	}
	if got := concentration(kept); got != "" {
		t.Errorf("all were kept: %q", got)
	}
}

// TestDividedAsByBruteForce: the place that is found is the best one of all that are tried one by one, on either side. The
// images behind the last block are counted with the side that ends there, and decide nothing.
func TestDividedAsByBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	found := 0
	for draw := range 300 {
		images, missing := 380+rng.IntN(800), draw%2 == 0
		at, before, after := rng.IntN(images), rng.Float64()*0.2, rng.Float64()*0.4
		order, objects, counts := spread(images, rng, func(i int) float64 {
			if i < at {
				return before
			}
			return after
		})
		var blocks []block
		for b := range images / blockImages {
			blocks = append(blocks, block{})
			for _, i := range order[b*blockImages : (b+1)*blockImages] {
				blocks[b].n, blocks[b].of = blocks[b].n+counts[i], blocks[b].of+objects[i]
				if missing {
					blocks[b].of += counts[i]
				}
			}
		}
		behind := 0 // suspects behind the last block
		for _, i := range order[len(blocks)*blockImages:] {
			behind += counts[i]
		}
		want, most, spread := part{}, 0.0, spreadOf(blocks)
		for at := leastBlocks; at <= len(blocks)-leastBlocks; at++ {
			for side, of := range [][2][]block{{blocks[:at], blocks[at:]}, {blocks[at:], blocks[:at]}} {
				var n, objects [2]float64
				for k, part := range of {
					for _, b := range part {
						n[k], objects[k] = n[k]+float64(b.n), objects[k]+float64(b.of)
					}
				}
				a, b := float64(len(of[0])), float64(len(of[1]))
				rate, other := n[0]/objects[0], n[1]/objects[1]
				off := (rate - other) / math.Sqrt(spread*(a/objects[0]/objects[0]+b/objects[1]/objects[1]))
				if n[0] >= leastOf && rate >= timesAsMany*other && off >= partOff && off > most {
					most, want = off, part{image: int32(at * blockImages), before: side == 0, n: int(n[0]),
						images: at * blockImages, all: images, times: rate / other, off: off}
					if side == 1 {
						want.n, want.images = want.n+behind, images-at*blockImages
					}
				}
			}
		}
		got, ok := divided(order, objects, counts, missing)
		if got.of = 0; got != want || ok != (most > 0) {
			t.Fatalf("draw %d: got %+v, want %+v", draw, got, want)
		}
		if ok {
			found++
		}
	}
	if found < 50 || found > 250 {
		t.Errorf("%d of 300 are divided", found)
	}
}

// TestManyJudged: a file of four million images is divided at each of 200,000 places, and 100,000 files have three
// suspects each. Looked through once for each place, or for each file, these would take minutes.
func TestManyJudged(t *testing.T) {
	order, objects, counts := spread(4_000_000, rand.New(rand.NewPCG(7, 8)), func(i int) float64 { return float64(i/3_000_000) / 2 })
	if p, ok := divided(order, objects, counts, false); !ok || p.image != 3_000_000 {
		t.Errorf("divided: %v, at %d, want 3,000,000", ok, p.image)
	}
	const files = 100_000
	r := &analysis.Result{
		Pass:  &pass.Pass{Data: &dataset.Dataset{Sources: make([]dataset.Source, files)}},
		Audit: &audit.Audit{Chances: make([][]float32, files)},
	}
	for s := range r.Data.Sources {
		r.Data.Sources[s].Images = make([]dataset.Image, 1)
		for range 3 {
			f := findings.New(labels.Missing.String())
			f.Source, f.Image, f.Evidence = int32(s), 0, &findings.Evidence{}
			r.Findings = append(r.Findings, f)
		}
	}
	if p, ok := concentrated(r); ok {
		t.Errorf("%+v of files with one image each", p)
	}
}
