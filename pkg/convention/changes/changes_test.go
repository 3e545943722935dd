package changes

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// drawn is a source of n images with 1 to 9 objects of three classes, each of its own size.
func drawn(n int, rng *rand.Rand) *dataset.Source {
	src := &dataset.Source{Name: "a.json", Categories: []dataset.Category{{Class: 0}, {Class: 1}, {Class: 2}}}
	for i := range n {
		im := dataset.Image{ID: dataset.PlainID(int64(i + 1)), File: fmt.Sprintf("%05d.jpg", i), First: int32(len(src.Objects))}
		im.Size = geom.Size{W: 640, H: 480}
		for range 1 + rng.IntN(9) {
			c := rng.IntN(3)
			w := min(600, float64(20+40*c)*math.Exp(rng.NormFloat64()/2))
			h := min(440, float64(30+20*c)*math.Exp(rng.NormFloat64()/2))
			x, y := rng.Float64()*640-w/2, rng.Float64()*480-h/2
			b := geom.Box{X0: max(0, x), Y0: max(0, y), X1: min(640, x+w), Y1: min(480, y+h)}
			o := dataset.Object{ID: dataset.PlainID(int64(len(src.Objects) + 1)), Image: int32(i), Class: int32(c)}
			o.Box = geom.Rect{X: b.X0, Y: b.Y0, W: b.X1 - b.X0, H: b.Y1 - b.Y0}
			src.Objects = append(src.Objects, o)
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}

// used are the images that have objects.
func used(src *dataset.Source) []int32 {
	return slices.DeleteFunc(sample.ImagesInUse(src), func(i int32) bool {
		return src.Images[i].First == src.Images[i].Last
	})
}

// from returns a copy in which some images' boxes are others.
func from(src *dataset.Source, in func(image int32) bool, f func(o *dataset.Object, size geom.Size)) *dataset.Source {
	out := *src
	out.Objects = slices.Clone(src.Objects)
	for k := range out.Objects {
		if o := &out.Objects[k]; o.Image >= 0 && in(o.Image) {
			f(o, src.Images[o.Image].Size)
		}
	}
	return &out
}

// wrongs are what a program may do to boxes, and a mark that tells of it.
var wrongs = []struct {
	name string
	mark int
	f    func(o *dataset.Object, size geom.Size)
}{
	{"shrunk to a half", width, func(o *dataset.Object, _ geom.Size) { o.Box.W, o.Box.H = o.Box.W/2, o.Box.H/2 }},
	{"rounded", whole, func(o *dataset.Object, _ geom.Size) {
		o.Box = geom.Rect{X: math.Round(o.Box.X), Y: math.Round(o.Box.Y), W: math.Round(o.Box.W) + 1, H: math.Round(o.Box.H) + 1}
	}},
	{"moved by a fifth", centreX, func(o *dataset.Object, s geom.Size) { o.Box.X = (o.Box.X + float64(s.W)/5) }},
	{"cut on the left", left, func(o *dataset.Object, s geom.Size) {
		if cut := float64(s.W) / 3; o.Box.X < cut && o.Box.X+o.Box.W > cut-60 {
			o.Box.X = 0
		}
	}},
	{"sides exchanged", aspect, func(o *dataset.Object, _ geom.Size) { o.Box.W, o.Box.H = o.Box.H, 3*o.Box.W }},
}

// TestPartIsFound: boxes that are wrong in a third of the images, wherever it stands, are told of, and the place is right
// to a block.
func TestPartIsFound(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 21))
	for _, w := range wrongs {
		src := drawn(900, rng)
		for _, at := range [][2]int32{{600, 900}, {0, 300}, {300, 600}} {
			bad := from(src, func(i int32) bool { return i >= at[0] && i < at[1] }, w.f)
			c := Of(bad, used(bad))
			if !c.Found() {
				t.Errorf("%s, images %d to %d: not found", w.name, at[0], at[1])
				continue
			}
			named := slices.ContainsFunc(c.All, func(d Change) bool { return d.Mark == w.mark })
			part := [2]int32{c.From, c.To + 1}
			if !named || max(part[0]-at[0], at[0]-part[0]) > 57 || max(part[1]-at[1], at[1]-part[1]) > 57 { // 2 blocks
				t.Errorf("%s: images %v, expected %v, marks %v", w.name, part, at, c.All)
			}
		}
		if c := Of(src, used(src)); c.Found() {
			t.Errorf("%s: the right source has a part from %d: %v", w.name, c.From, c.All)
		}
	}
}

// TestByID: a part that stands together in the order of the ids alone is found in it.
func TestByID(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 22))
	src := drawn(900, rng)
	for i, id := range rng.Perm(900) {
		src.Images[i].ID = dataset.PlainID(int64(id + 1))
	}
	bad := from(src, func(i int32) bool { id, _ := src.Images[i].ID.Int(); return id > 600 }, wrongs[0].f)
	c := Of(bad, used(bad))
	if id, _ := bad.Images[max(c.From, 0)].ID.Int(); !c.Found() || !c.ByID || id < 540 || id > 660 {
		t.Errorf("%+v, expected a part from about id 601 on", c)
	}
	f := c.Finding(bad, 0)
	for _, want := range []string{"by the images' ids", "width by that of the picture"} {
		if !strings.Contains(f.Message, want) {
			t.Errorf("%q lacks %q", f.Message, want)
		}
	}
}

// TestOtherClassesAreNoPart: other things that are shown from a place on, each of the size that it has, are no part.
func TestOtherClassesAreNoPart(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 23))
	for range 40 {
		src := drawn(900, rng)
		var objects []dataset.Object
		for i := range src.Images { // most objects of class 0 go from the second half, and of class 2 from the first
			im := &src.Images[i]
			first := int32(len(objects))
			for _, o := range src.Objects[im.First:im.Last] {
				if o.Class == 1 || (o.Class == 0) == (i < 450) || rng.IntN(5) == 0 {
					objects = append(objects, o)
				}
			}
			im.First, im.Last = first, int32(len(objects))
		}
		src.Objects = objects
		if c := Of(src, used(src)); c.Found() {
			t.Errorf("from %d: %v", c.From, c.All)
		}
	}
}

// TestNoPartByChance: the images of real files in any order have no part: 0 of 40 orders of each.
func TestNoPartByChance(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 24))
	sources := realfiles.RealSources(t)
	for i := range sources {
		src := &sources[i]
		order := used(src)
		found := 0
		for range 40 {
			rng.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
			c := inOrder(src, order)
			found += sample.One(c.Found())
		}
		if found > 0 {
			t.Errorf("%s: in %d of 40 orders", src.Name, found)
		}
	}
}

// inOrder looks in one order alone.
func inOrder(src *dataset.Source, order []int32) Changes {
	if len(order) < leastImages {
		return Changes{From: -1}
	}
	order = spread(order, blocks*blockImages)
	var rows []row
	for _, i := range order {
		rows = marksOf(src, &src.Images[i], i, rows)
	}
	lessClass(rows)
	return blocksOf(rows, order).compare(order)
}

// TestRealFiles: which real files have a part. TACO's batches and the like may; they are told as an info.
func TestRealFiles(t *testing.T) {
	sources := realfiles.RealSources(t)
	found := 0
	for i := range sources {
		src := &sources[i]
		if c := Of(src, used(src)); c.Found() {
			found++
			t.Logf("%s", c.Finding(src, 0).Message)
		}
	}
	if t.Logf("%d of %d", found, len(sources)); found > len(sources)/5 {
		t.Errorf("%d of %d real files have a part", found, len(sources))
	}
}

// TestPower: in how many real files the last third is told of, with each of the wrongs in it.
func TestPower(t *testing.T) {
	sources := realfiles.RealSources(t)
	for _, w := range wrongs {
		found, of := 0, 0
		for i := range sources {
			src := &sources[i]
			order := used(src)
			if len(order) < leastImages {
				continue
			}
			third := order[len(order)*2/3]
			bad := from(src, func(i int32) bool { return i >= third }, w.f)
			c := Of(bad, order)
			of++
			found += sample.One(c.Found())
		}
		if t.Logf("%s: %d of %d", w.name, found, of); 3*found < of {
			t.Errorf("%s: %d of %d", w.name, found, of)
		}
	}
}

// TestSlowDriftIsNoPart: blocks that are like their neighbours say less. Sizes that wander from image to image, as a
// camera's distance does, hardly ever make a part.
func TestSlowDriftIsNoPart(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 25))
	found := 0
	const n = 100
	for range n {
		src := drawn(900, rng)
		drift, at := 0., make([]float64, 900)
		for i := range at {
			drift = 0.97*drift + 0.12*rng.NormFloat64() // lasts for some 30 images, a block or two
			at[i] = math.Exp(drift)
		}
		src = from(src, func(int32) bool { return true }, func(o *dataset.Object, _ geom.Size) {
			o.Box.W, o.Box.H = o.Box.W*at[o.Image], o.Box.H*at[o.Image]
		})
		c := inOrder(src, used(src))
		found += sample.One(c.Found())
	}
	if t.Logf("%d of %d", found, n); found > 5 {
		t.Errorf("%d of %d sources that drift have a part", found, n)
	}
}

// TestVariance holds the mean, its variance and the likeness of neighbours against their definitions, summed up block by
// block.
func TestVariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 26))
	tab := &table{}
	for q := range tab.of {
		n := float64(1 + rng.IntN(20))
		tab.of[q][width] = sums{raw: n * rng.NormFloat64(), by: n*rng.NormFloat64() + 5, n: n}
	}
	up := tab.running(width)
	for range 100 {
		a := rng.IntN(blocks - leastBlocks)
		b := a + leastBlocks + rng.IntN(blocks-leastBlocks-a)
		got := up[b].less(&up[a])
		got.apart(up, a)
		e := got.estimate()
		by, n := 0., 0.
		for q := a; q < b; q++ {
			by, n = by+tab.of[q][width].by, n+tab.of[q][width].n
		}
		squares, products := 0., 0.
		left := func(q int) float64 { s := tab.of[q][width]; return s.by - by/n*s.n }
		for q := a; q < b; q++ {
			squares += left(q) * left(q)
			if q > a {
				products += left(q) * left(q-1)
			}
		}
		k := float64(b - a)
		for _, v := range [][2]float64{{e.mean, by / n}, {e.squares, squares}, {e.products, products},
			{e.variance(&got), squares / n / n * k / (k - 1)}} {
			if math.Abs(v[0]-v[1]) > 1e-9*(1+math.Abs(v[1])) {
				t.Fatalf("blocks %d to %d: %v, expected %v", a, b, v[0], v[1])
			}
		}
	}
}

// TestLogTail holds the chances against tables of Student's distribution: two-sided points of any book, such as
// Abramowitz and Stegun, Handbook of mathematical functions, table 26.10.
func TestLogTail(t *testing.T) {
	for _, c := range []struct{ t, free, p float64 }{
		{6.869, 5, 0.001}, {4.587, 10, 0.001}, {3.850, 20, 0.001}, {3.646, 30, 0.001}, {2.764, 10, 0.02}, {4.032, 5, 0.01},
	} {
		got := math.Exp(logTail(c.t, c.free))
		if got < c.p || got > 1.35*c.p { // a bound, and no wide one
			t.Errorf("t %v with %v degrees: %.5f, expected %v to %v", c.t, c.free, got, c.p, 1.35*c.p)
		}
	}
}

// TestAnyOrderOfRecords: the order of an image's records changes nothing.
func TestAnyOrderOfRecords(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 27))
	src := drawn(300, rng)
	bad := from(src, func(i int32) bool { return i >= 200 }, wrongs[0].f)
	want := Of(bad, used(bad))
	for range 5 {
		got := Of(realfiles.ShuffledWithin(bad, rng), used(bad))
		if got.From != want.From || got.To != want.To || len(got.All) != len(want.All) || got.All[0].Mark != want.All[0].Mark {
			t.Errorf("%+v, in another order %+v", want, got)
		}
	}
}
