package convention

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// orderedBy returns a source with its images in the order of a key of their objects.
func orderedBy(src *dataset.Source, key func(im *dataset.Image, own []dataset.Object) float64) *dataset.Source {
	order := make([]int, len(src.Images))
	keys := make([]float64, len(order))
	for i := range order {
		im := &src.Images[i]
		order[i], keys[i] = i, key(im, src.Objects[im.First:im.Last])
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	return someImages(src, order)
}

// someImages returns a source of some images of another.
func someImages(src *dataset.Source, order []int) *dataset.Source {
	out := &dataset.Source{Name: src.Name, Categories: src.Categories}
	for n, i := range order {
		im := src.Images[i]
		own := src.Objects[im.First:im.Last]
		im.First = int32(len(out.Objects))
		for _, o := range own {
			o.Image = int32(n)
			out.Objects = append(out.Objects, o)
		}
		im.Last = int32(len(out.Objects))
		out.Images = append(out.Images, im)
	}
	return out
}

// scenes are orders that put pictures of different scenes behind each other.
var scenes = map[string]func(im *dataset.Image, own []dataset.Object) float64{
	"size of the first box": func(_ *dataset.Image, own []dataset.Object) float64 {
		if len(own) == 0 {
			return 0
		}
		return float64(own[0].Box.W * own[0].Box.H)
	},
	"place of the first box": func(im *dataset.Image, own []dataset.Object) float64 {
		if len(own) == 0 {
			return 0
		}
		return own[0].Box.Y / float64(im.Size.H)
	},
	"shape of the first box": func(_ *dataset.Image, own []dataset.Object) float64 {
		if len(own) == 0 {
			return 0
		}
		return own[0].Box.W / max(own[0].Box.H, 1)
	},
	"number of boxes":  func(_ *dataset.Image, own []dataset.Object) float64 { return float64(len(own)) },
	"size of image":    func(im *dataset.Image, _ []dataset.Object) float64 { return float64(im.Size.W * im.Size.H) },
	"shape of image":   func(im *dataset.Image, _ []dataset.Object) float64 { return float64(im.Size.W) / float64(im.Size.H) },
	"last of the name": func(im *dataset.Image, _ []dataset.Object) float64 { return float64(len(im.File)) },
	"class": func(_ *dataset.Image, own []dataset.Object) float64 {
		if len(own) == 0 {
			return -1
		}
		return float64(own[0].Class)
	},
}

// TestReordered: no real file, stretch of one, nor file put into an order that parts its scenes, seems to have classes
// that mean others behind one place. Where they do, most files whose classes differ are told of.
func TestReordered(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(15, 16))
	tries := 0
	quiet := func(src *dataset.Source, what string) {
		tries++
		if r := reorderedIn(classBlocks(src, nil)); r.Found() {
			t.Errorf("%s, %s: %+v", src.Name, what, r)
		}
	}
	found, of, like, right := map[string]int{}, map[string]int{}, 0, 0
	for i := range sources {
		src := &sources[i]
		list := sample.ListRanks(src)
		if len(list) < 3 {
			continue
		}
		quiet(src, "all")
		for range 60 {
			n := len(src.Images) * (1 + rng.IntN(9)) / 10
			from := rng.IntN(len(src.Images) - n + 1)
			order := make([]int, n)
			for k := range order {
				order[k] = from + k
			}
			quiet(someImages(src, order), fmt.Sprintf("%d images from %d", n, from))
		}
		for by, key := range scenes {
			quiet(orderedBy(src, key), "in the order of "+by)
		}
		if len(src.Objects) < 4*leastFresh {
			continue
		}
		byRank := make([]int32, len(list))
		for class, r := range list {
			byRank[r] = class
		}
		for n := range 8 {
			part, from := "third", len(src.Images)*2/3
			if n%2 > 0 {
				part, from = "half", len(src.Images)/2
			}
			perm := rng.Perm(len(list))
			out := realfiles.Rebuilt(src, func(k int, _ *dataset.Image, own []dataset.Object) []dataset.Object {
				for j := range own {
					if r, ok := list[own[j].Class]; ok && k >= from {
						own[j].Class = byRank[perm[r]]
					}
				}
				return own
			})
			r := reorderedIn(classBlocks(out, nil))
			of[part]++
			found[part] += sample.One(r.Found())
			for _, l := range r.Like[:min(3, len(r.Like))] {
				like++
				right += sample.One(perm[l[1]] == int(l[0]))
			}
			if r.Found() {
				t.Logf("%s, %s: %.2f %.2f", src.Name, part, r.Across, r.Own)
			}
		}
	}
	t.Logf("%d tries; %v of %v; %d of %d names are right", tries, found, of, right, like)
	for part, least := range map[string]int{"third": 25, "half": 22} {
		if found[part] < least {
			t.Errorf("%s: %d of %d are told of, want %d", part, found[part], of[part], least)
		}
	}
	if 10*right < 7*like {
		t.Errorf("%d of %d names are right", right, like)
	}
}

// TestReorderedSays: the finding names the classes and the slopes, and is one line.
func TestReorderedSays(t *testing.T) {
	d := &dataset.Dataset{Classes: []dataset.Class{{Name: "bus"}, {Name: "car"}}}
	src := realfiles.Source("a", realfiles.Middle(2)...)
	for c := range d.Classes {
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(c)), Class: int32(c)})
	}
	r := Reordered{Across: [2]float64{-.1, .2}, Own: [2]float64{.9, 1}, Rows: [2]int{500, 250}, Like: [][2]int32{{0, 1}}}
	f := r.Finding(d, src, 0)
	for _, words := range []string{"slope of -0.10", `Behind, objects called "bus" look as "car" before.`, "500 boxes"} {
		if !strings.Contains(f.Message, words) || f.Code != "class-numbers-shifted" {
			t.Errorf("%s\nwant %s", f.Message, words)
		}
	}
}

// fitBut is how blocks fit a model without one class, summed box by box.
func fitBut(m *model, of []blockStats, but int) (f fit) {
	for i := range of {
		b := &of[i]
		for k, spread := range m.spread {
			n, mean, mu := 0.0, 0.0, 0.0
			for c := range b.n {
				if c != but {
					n, mean, mu = n+b.n[c], mean+b.of[c][k], mu+b.n[c]*m.mean[c][k]
				}
			}
			for c := range b.n {
				if c != but && n > 0 {
					d := m.mean[c][k] - mu/n
					f.with += (b.of[c][k] - b.n[c]*mean/n) * d / (2 * spread)
					f.of += b.n[c] * d * d / (2 * spread)
				}
			}
		}
	}
	return f
}

// TestAcrossBut: the fits without one class are those that are summed anew for each. Declared classes without boxes
// change nothing, and are not gone through.
func TestAcrossBut(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 4))
	all := make([]blockStats, renumberBlocks)
	const declared, used = 3000, 40
	for i := range all {
		b := &all[i]
		b.n, b.of = make([]float64, declared), make([][features]float64, declared)
		for range 200 {
			c := rng.IntN(used)
			if i >= len(all)/2 {
				c = used - 1 - c // other boxes from here on
			}
			b.n[c*7]++
			b.rows++
			for f := range features {
				x := float64(c) + rng.NormFloat64() + 5
				if i >= len(all)/2 {
					x = float64(used-c) + rng.NormFloat64() + 5
				}
				b.of[c*7][f], b.sq[f] = b.of[c*7][f]+x, b.sq[f]+x*x
			}
		}
	}
	few, ranks := occupied(all)
	if len(ranks) != used || len(few[0].n) != used || ranks[used-1] != 7*(used-1) {
		t.Fatalf("%d of %d classes", len(ranks), declared)
	}
	m := known(few[:8])
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(b)) }
	for c, got := range acrossBut(m, few[8:]) {
		if want := fitBut(m, few[8:], c); !near(got.with, want.with) || !near(got.of, want.of) {
			t.Errorf("without %d: %v, want %v", c, got, want)
		}
	}
	whole, want := across(known(all[:8]), all[8:]), across(m, few[8:])
	if !near(whole.with, want.with) || !near(whole.of, want.of) || want.slope() > 0 {
		t.Errorf("of declared classes %v, of those with boxes %v", whole, want)
	}
	r := reorderedIn(all)
	if !r.Found() || len(r.Like) == 0 || r.Like[0][0]%7 != 0 {
		t.Errorf("%+v", r)
	}
}
