package distribution

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"focalaudit/internal/pack"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// random is a data set with so many sources, of up to 40 images each.
func random(rng *rand.Rand, sources, classes int) *dataset.Dataset {
	d := &dataset.Dataset{Classes: make([]dataset.Class, classes)}
	for s := range sources {
		src := dataset.Source{Name: fmt.Sprint(s)}
		for i := range rng.IntN(40) {
			im := dataset.Image{Size: geom.Size{W: 1 + rng.IntN(900), H: 1 + rng.IntN(700)}, First: int32(len(src.Objects))}
			if rng.IntN(9) == 0 {
				im.LeftOut, im.Size = dataset.NoImageSize, geom.Size{}
			}
			objects := rng.IntN(12)
			if rng.IntN(20) == 0 {
				objects += 2 * few // where pairs are searched otherwise
			}
			for range objects {
				o := dataset.Object{Image: int32(i), Class: int32(rng.IntN(classes+1) - 1), Box: geom.Rect{
					X: rng.Float64()*1000 - 100, Y: float64(rng.IntN(700)), W: float64(rng.IntN(200)), H: float64(rng.IntN(200))}}
				if n := len(src.Objects); n > 0 && rng.IntN(3) == 0 {
					o.Box, o.Class = src.Objects[n-1].Box, src.Objects[n-1].Class
					o.Box.X += float64(rng.IntN(40))
				}
				switch rng.IntN(12) {
				case 0:
					o.Flags = dataset.Crowd
				case 1:
					o.LeftOut = dataset.NoBox
				}
				src.Objects = append(src.Objects, o)
			}
			im.Last = int32(len(src.Objects))
			src.Images = append(src.Images, im)
		}
		d.Sources = append(d.Sources, src)
	}
	return d
}

// naive counts one source, figure by figure and pair by pair.
func naive(d *dataset.Dataset, s int) *Source {
	out := counting()
	src := &d.Sources[s]
	classes := make([]OfClass, len(d.Classes))
	places := make([]cells, len(d.Classes))
	within := func(x float64, f Figure) int { // the bin whose ends x lies between, by Range
		n := f.bins(0)
		for k := range n {
			if _, high, _ := f.Range(k); x < high || k == n-1 {
				return k
			}
		}
		panic("no bin")
	}
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		var objects []*dataset.Object
		for k := range src.Objects {
			if o := &src.Objects[k]; int(o.Image) == i && o.LeftOut == dataset.InUse && o.Flags&dataset.Crowd == 0 {
				objects = append(objects, o)
			}
		}
		out.Images++
		out.Objects += int64(len(objects))
		w, h := float64(im.Size.W), float64(im.Size.H)
		out.Counts[ImageSize][within(math.Sqrt(w*h), ImageSize)]++
		out.Counts[ImageAspect][within(h/w, ImageAspect)]++
		out.Counts[PerImage][within(float64(len(objects)), PerImage)]++
		has := map[int32]bool{}
		for k, o := range objects {
			if o.Box.W > 0 && o.Box.H > 0 {
				out.Counts[BoxSize][within(math.Sqrt(o.Box.W*o.Box.H/(w*h)), BoxSize)]++
				out.Counts[BoxAspect][within(o.Box.H/o.Box.W, BoxAspect)]++
			}
			x, y := math.Floor((o.Box.X+o.Box.W/2)/w*Side), math.Floor((o.Box.Y+o.Box.H/2)/h*Side)
			inside := x >= 0 && x < Side && y >= 0 && y < Side
			if inside {
				out.Counts[Place][int(y)*Side+int(x)]++
			}
			if o.Class < 0 {
				continue
			}
			has[o.Class] = true
			classes[o.Class].Objects++
			if inside {
				places[o.Class].add(int(y)*Side+int(x), 1)
			}
			best := 0.0
			for j, other := range objects {
				if j != k && other.Class == o.Class {
					best = max(best, iou.Of(o.Box.Box(), other.Box.Box()))
				}
			}
			for t, least := range Thresholds {
				if best >= least {
					classes[o.Class].Overlapping[t]++
				}
			}
		}
		for a := range has {
			classes[a].Images++
			for b := range has {
				if a < b {
					out.Together[Pair{a, b}]++
				}
			}
		}
	}
	for c := range classes {
		if classes[c].Class = int32(c); classes[c].Objects > 0 {
			out.Classes, out.cells = append(out.Classes, classes[c]), append(out.cells, places[c])
		}
	}
	out.settle()
	return out
}

// every numbers the sources.
func every(d *dataset.Dataset) (all []int) {
	for s := range d.Sources {
		all = append(all, s)
	}
	return all
}

// TestOfIsNaive holds the counts of random data sets to a naive count, at one worker and at
// several.
func TestOfIsNaive(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		d := random(rng, 1+rng.IntN(3), 1+rng.IntN(5))
		one, err := Of(t.Context(), d, 1, every(d))
		if err != nil {
			t.Fatal(err)
		}
		for s := range d.Sources {
			want := naive(d, s)
			if !reflect.DeepEqual(*one[s], *want) {
				t.Fatalf("seed %d, source %d:\ngot  %+v\nwant %+v", seed, s, *one[s], *want)
			}
		}
		if many, err := Of(t.Context(), d, 8, every(d)); err != nil || !reflect.DeepEqual(one, many) {
			t.Fatalf("seed %d: eight workers count otherwise than one (%v)", seed, err)
		}
	}
}

func TestOfEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := random(rand.New(rand.NewPCG(1, 1)), 2, 2)
	if _, err := Of(ctx, d, 2, every(d)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestBins: bins lie side by side, and each number is in the bin that has it.
func TestBins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom([]Figure{PerImage, ImageSize, ImageAspect, BoxSize, BoxAspect}).Draw(t, "figure")
		x := math.Exp2(rapid.Float64Range(-20, 20).Draw(t, "log"))
		k := f.binOf(x)
		low, high, ok := f.Range(k)
		const slack = 1e-12
		if !ok || k > 0 && x < low*(1-slack) || k < f.bins(0)-1 && x >= high*(1+slack) {
			t.Fatalf("%s: %g is in bin %d, from %g to %g", f, x, k, low, high)
		}
		if k > 0 {
			if _, before, _ := f.Range(k - 1); math.Abs(before-low) > slack*low {
				t.Fatalf("%s: bin %d begins at %g, the one before ends at %g", f, k, low, before)
			}
		}
	})
	for _, f := range []Figure{ImageSize, ImageAspect, BoxSize, BoxAspect, PerImage} {
		for _, x := range []float64{0, math.Inf(1), math.NaN(), -1, 1e300} {
			if k := f.binOf(x); k < 0 || k >= f.bins(0) {
				t.Errorf("%s: %g is in bin %d", f, x, k)
			}
		}
	}
}

// of makes a distribution of classes: a row for each source.
func of(rows ...[]int64) *Distribution {
	d := &Distribution{Classes: len(rows[0])}
	for _, r := range rows {
		s := newSource()
		for c, n := range r {
			if n > 0 {
				s.Classes = append(s.Classes, OfClass{Class: int32(c), Objects: n})
			}
		}
		d.Sources = append(d.Sources, *s)
	}
	return d
}

// of returns how far a source is from the others in its classes.
func (d *Distribution) of(source int) (Drift, bool) {
	all := d.all(Class)
	return all.drift(d.Sources[source].bins(Class))
}

func total(row []int64) (n int64) {
	for _, x := range row {
		n += x
	}
	return n
}

// TestDriftByHand: equal shares are 0 apart, nothing in common is 1; (1/2, 1/2) and (1, 0) are
// 3/4·log2(4/3)... by the definition: ½·KL((½,½)‖(¾,¼)) + ½·KL((1,0)‖(¾,¼)) = 0.3112781.
func TestDriftByHand(t *testing.T) {
	for _, c := range []struct {
		a, b []int64
		want float64
	}{
		{[]int64{1, 2}, []int64{10, 20}, 0}, {[]int64{5, 0}, []int64{0, 7}, 1}, {[]int64{3, 3}, []int64{8, 0}, 0.31127812445913283},
	} {
		for _, d := range []*Distribution{of(c.a, c.b), of(c.b, c.a)} {
			if got, ok := d.of(0); !ok || math.Abs(got.Divergence-c.want) > 1e-12 {
				t.Errorf("%v and %v: %+v, want %g", c.a, c.b, got, c.want)
			}
		}
	}
	if got := of([]int64{1, 2}).Drifts(); got != nil {
		t.Errorf("a single source drifts: %+v", got)
	}
	if got := of([]int64{1, 2}, []int64{0, 0}).Drifts(); got != nil {
		t.Errorf("an empty source drifts: %+v", got)
	}
	if got := of([]int64{9, 1}, []int64{9, 1}, []int64{0, 10}).Drifts(); len(got) != 1 || got[0].Source != 2 {
		t.Errorf("the third source is the one apart: %+v", got)
	}
}

// TestDriftIsADivergence: it lies in [0,1], and the order of the bins does not matter.
func TestDriftIsADivergence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "bins")
		row := rapid.SliceOfN(rapid.Int64Range(0, 1e12), n, n)
		a, b := row.Draw(t, "a"), row.Draw(t, "b")
		got, ok := of(a, b).of(0)
		if ok != (total(a) > 0 && total(b) > 0) {
			t.Fatalf("ok is %v", ok)
		}
		if ok && !(got.Divergence >= 0 && got.Divergence <= 1 && got.ByChance >= 0 && got.ByChance <= 1) {
			t.Fatalf("%+v", got)
		}
		slices.Reverse(a)
		slices.Reverse(b)
		if turned, _ := of(a, b).of(0); math.Abs(turned.Divergence-got.Divergence) > 1e-12 {
			t.Fatalf("%g, turned %g", got.Divergence, turned.Divergence)
		}
	})
}

// TestByChance holds the formula to samples: two of the same distribution are apart by so
// much on average. 400 pairs of samples know the mean to about 3 %.
func TestByChance(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	weights := []float64{0.4, 0.2, 0.2, 0.1, 0.05, 0.05}
	draw := func(n int) []int64 {
		row := make([]int64, len(weights))
		for range n {
			x, k := rng.Float64(), 0
			for k < len(weights)-1 && x >= weights[k] {
				x -= weights[k]
				k++
			}
			row[k]++
		}
		return row
	}
	mean, want := 0.0, 0.0
	const pairs = 400
	for range pairs {
		got, _ := of(draw(2000), draw(700)).of(0)
		mean += got.Divergence / pairs
		want = got.ByChance
	}
	if math.Abs(mean/want-1) > 0.12 {
		t.Errorf("samples are %g apart on average, the formula says %g", mean, want)
	}
}

func TestNames(t *testing.T) {
	for _, name := range Names() {
		if f, ok := Parse(name); !ok || f.String() != name || Check(name) != nil {
			t.Errorf("%s is parsed as %s, %v", name, f, ok)
		}
	}
	if err := Check("classes"); err == nil || !strings.Contains(err.Error(), "objects_per_image") {
		t.Errorf("got %v, expected the names of the figures", err)
	}
}

// TestDriftIsJensenShannon: the divergence is that of the definition, summed over all bins.
func TestDriftIsJensenShannon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "bins")
		row := rapid.SliceOfN(rapid.Int64Range(0, 30), n, n)
		a, b, c := row.Draw(t, "a"), row.Draw(t, "b"), row.Draw(t, "c")
		got, ok := of(a, b, c).of(0)
		if !ok {
			return
		}
		ofA, ofRest, want := float64(total(a)), float64(total(b)+total(c)), 0.0
		for i := range a {
			p, q := float64(a[i])/ofA, float64(b[i]+c[i])/ofRest
			if p > 0 {
				want += p * math.Log2(2*p/(p+q)) / 2
			}
			if q > 0 {
				want += q * math.Log2(2*q/(p+q)) / 2
			}
		}
		if math.Abs(got.Divergence-want) > 1e-12 {
			t.Fatalf("%g, want %g of %v, %v and %v", got.Divergence, want, a, b, c)
		}
	})
}

// TestManyClassesOfTheirOwn: 3,000 sources with 30 classes each that no other has take no memory for those of the others,
// of which rows of all classes took 20 GB.
func TestManyClassesOfTheirOwn(t *testing.T) {
	const sources, own = 3000, 30
	d := &dataset.Dataset{Classes: make([]dataset.Class, sources*own)}
	for s := range sources {
		src := dataset.Source{Images: []dataset.Image{{Size: geom.Size{W: 100, H: 100}, Last: own}}}
		for k := range own {
			o := dataset.Object{Class: int32(s*own + k), Box: geom.Rect{X: float64(k), Y: 50, W: 5, H: 5}}
			src.Objects = append(src.Objects, o)
		}
		d.Sources = append(d.Sources, src)
	}
	all, err := Of(t.Context(), d, 2, every(d))
	if err != nil {
		t.Fatal(err)
	}
	look := &Distribution{Classes: len(d.Classes)}
	for i, s := range all {
		if len(s.Classes) != own || len(s.ClassPlaces) != own || cap(s.Classes) > 2*own || cap(s.ClassPlaces) > 3*own {
			t.Fatalf("source %d has %d classes and %d places", i, len(s.Classes), len(s.ClassPlaces))
		}
		if of := s.Of(int32(i * own)); of != (OfClass{Class: int32(i * own), Objects: 1, Images: 1}) {
			t.Fatalf("source %d: %+v", i, of)
		}
		var w pack.Writer
		s.Pack(&w)
		s.Detail.Pack(&w)
		if len(w.Bytes) > 5000 {
			t.Fatalf("source %d is packed into %d bytes", i, len(w.Bytes))
		}
		r := pack.NewReader(w.Bytes)
		again := Unpack(r, len(d.Classes))
		again.Detail = UnpackDetail(r, len(d.Classes))
		if r.End() != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("source %d is read as %+v, want %+v", i, again, s)
		}
		look.Sources = append(look.Sources, *s)
	}
	if drifts := look.Drifts(); drifts[0].Figure != Class || math.Abs(drifts[0].Divergence-1) > 1e-12 {
		t.Errorf("%+v", drifts[0])
	}
}

func BenchmarkOf(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	d := random(rng, 200, 80)
	for b.Loop() {
		if _, err := Of(b.Context(), d, 1, every(d)); err != nil {
			b.Fatal(err)
		}
	}
}

// TestTogetherOfTheMostFrequent: of an image with more than 100 classes, pairs are counted of those with most objects
// in it, of equal ones of those with the least ids, whatever the order of annotations and the numbers of the classes.
func TestTogetherOfTheMostFrequent(t *testing.T) {
	cut := 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 9))
		n := 80 + rng.IntN(100)
		var ids []dataset.ID // by place: 3, 5, …, then "a3", …
		for i := range n {
			id := dataset.PlainID(int64(2*i + 3))
			if i > n/2 {
				id = dataset.TextID(fmt.Sprintf("a%03d", i))
			}
			ids = append(ids, id)
		}
		var objects []int // places of their ids
		count := make([]int, n)
		for i := range n {
			count[i] = rng.IntN(4)
			objects = append(objects, slices.Repeat([]int{i}, count[i])...)
		}
		var want []int
		for often := 3; often > 0; often-- {
			for i := range n {
				if count[i] == often && len(want) < 100 {
					want = append(want, i)
				}
			}
		}
		slices.Sort(want)
		if len(want) == 100 {
			cut++
		}
		for range 3 {
			class := rng.Perm(n) // by place
			rng.Shuffle(len(objects), func(i, k int) { objects[i], objects[k] = objects[k], objects[i] })
			src := dataset.Source{Images: []dataset.Image{{Size: geom.Size{W: 100, H: 100}, Last: int32(len(objects))}}}
			for _, i := range rng.Perm(n) {
				src.Categories = append(src.Categories, dataset.Category{ID: ids[i], Class: int32(class[i])})
			}
			for _, i := range objects {
				src.Objects = append(src.Objects, dataset.Object{Class: int32(class[i]), Box: geom.Rect{W: 10, H: 10}})
			}
			d := &dataset.Dataset{Classes: make([]dataset.Class, n), Sources: []dataset.Source{src}}
			of, err := Of(t.Context(), d, 1, []int{0})
			if err != nil {
				t.Fatal(err)
			}
			pairs := map[Pair]int64{}
			for k, i := range want {
				for _, j := range want[k+1:] {
					a, b := int32(class[i]), int32(class[j])
					pairs[Pair{min(a, b), max(a, b)}] = 1
				}
			}
			if !reflect.DeepEqual(of[0].Together, pairs) {
				t.Fatalf("seed %d: got %d pairs, want %d, or others", seed, len(of[0].Together), len(pairs))
			}
			for _, c := range of[0].Classes {
				if c.Images != 1 {
					t.Fatalf("seed %d: class %d is in %d images, want 1", seed, c.Class, c.Images)
				}
			}
		}
	}
	if cut < 10 {
		t.Errorf("only %d images have more than 100 classes", cut)
	}
}
