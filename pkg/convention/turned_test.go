package convention

import (
	"math"
	"math/rand/v2"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// turnedImage turns an image's size and boxes by so many right angles.
func turnedImage(im *dataset.Image, own []dataset.Object, by int) {
	for range by {
		w := float64(im.Size.W)
		for k := range own {
			b := own[k].Box
			own[k].Box = geom.Rect{X: b.Y, Y: w - b.X - b.W, W: b.H, H: b.W}
			own[k].Outline = dataset.OutlineNone
		}
		im.Size.W, im.Size.H = im.Size.H, im.Size.W
	}
}

// withTurned returns a source behind whose images stand copies that are turned, by as many right angles as by says.
func withTurned(src *dataset.Source, by func() int) *dataset.Source {
	order := make([]int, 2*len(src.Images))
	for i := range order {
		order[i] = i % len(src.Images)
	}
	return realfiles.Rebuilt(someImages(src, order),
		func(i int, im *dataset.Image, own []dataset.Object) []dataset.Object {
			if i >= len(src.Images) {
				turnedImage(im, own, by())
			}
			return own
		})
}

// shaped returns pictures of ten classes that differ in size, shape and height in the image. The class of an object is
// what named says of its kind, in the picture's place.
func shaped(n, kinds int, rng *rand.Rand, named func(image, kind int) int32) *dataset.Source {
	image := -1
	src := drawn(n, 800, 600, func(put func(class int32, x, y, w, h float64)) {
		image++
		for range 3 {
			kind := rng.IntN(kinds)
			size, shape := 40*math.Exp(float64((7*kind)%kinds)/6+.2*rng.NormFloat64()),
				math.Exp(float64(kind%4)/2-.75+.2*rng.NormFloat64())
			w, h := min(size*math.Sqrt(shape), 780), min(size/math.Sqrt(shape), 580)
			y := (600 - h) * (.6*float64((3*kind)%kinds)/float64(kinds) + .4*rng.Float64())
			put(named(image, kind), (800-w)*rng.Float64(), y, w, h)
		}
	})
	for c := range kinds {
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(c + 1)), Class: int32(c)})
	}
	return src
}

// TestClassesOfTurnedPictures: where turned copies stand behind the pictures, classes mean what they meant; where lists
// of classes differ, they do not.
func TestClassesOfTurnedPictures(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 270))
	same := func(_, kind int) int32 { return int32(kind) }
	check := func(src *dataset.Source) {
		for name, by := range map[string]func() int{
			"a quarter": func() int { return 1 }, "a half": func() int { return 2 },
			"three quarters": func() int { return 3 }, "at random": func() int { return rng.IntN(4) },
		} {
			if r := reorderedIn(classBlocks(withTurned(src, by), nil)); r.Found() {
				t.Errorf("%s, turned %s: %+v", src.Name, name, r)
			}
			if r := OfRenumbered(withTurned(src, by)); r.Found() {
				t.Errorf("%s, turned %s: %+v", src.Name, name, r)
			}
		}
	}
	found := 0
	for range 10 {
		check(shaped(600, 10, rng, same))
		perm := rng.Perm(10)
		src := shaped(1200, 10, rng, func(image, kind int) int32 {
			if image >= 600 {
				return int32(perm[kind])
			}
			return int32(kind)
		})
		r := reorderedIn(classBlocks(src, nil))
		found += sample.One(r.Found())
	}
	if found < 8 { // a permutation may leave most classes in their places, or near them
		t.Errorf("%d of 10 permutations are told of", found)
	}
	if testing.Short() {
		return
	}
	sources := realfiles.FirstImages(t)
	for i := range sources {
		if len(sample.ListRanks(&sources[i])) >= 3 {
			check(&sources[i])
		}
	}
}

// TestNewClassesAreNotMoved: classes that only images behind a place have are new there, as in data sets that were
// joined or images sorted by class; a list that is one place off behind it is told of.
func TestNewClassesAreNotMoved(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 33))
	quiet := func(name string, src *dataset.Source) {
		if r := OfRenumbered(src); r.Found() {
			t.Errorf("%s: %+v", name, r)
		}
	}
	found := 0
	for range 10 {
		same := func(_, kind int) int32 { return int32(kind) }
		joined := shaped(900, 4, rng, func(image, kind int) int32 {
			if image >= 450 {
				return int32(kind + 4)
			}
			return int32(kind)
		})
		for c := range 4 {
			joined.Categories = append(joined.Categories,
				dataset.Category{ID: dataset.PlainID(int64(c + 5)), Class: int32(c + 4)})
		}
		quiet("joined", joined)
		sorted := orderedBy(shaped(900, 10, rng, same), scenes["class"])
		quiet("sorted", sorted)
		quiet("a class each", folders(10, 600, rng))
		moved := shaped(900, 10, rng, func(image, kind int) int32 { // low kinds are more common
			kind = kind * kind / 10
			return int32(kind+sample.One(image >= 450)) % 10
		})
		r := OfRenumbered(moved)
		found += sample.One(r.By == 1 && r.Found())
	}
	if found < 8 {
		t.Errorf("%d of 10 lists that are one place off are told of", found)
	}
	sources := realfiles.FirstImages(t)
	for i := range sources {
		src := &sources[i]
		quiet(src.Name+", sorted", orderedBy(src, scenes["class"]))
		for k := range sources {
			if k != i && len(src.Objects) < 20_000 && len(sources[k].Objects) < 20_000 {
				quiet(src.Name+" and "+sources[k].Name, joinedApart(src, &sources[k]))
			}
		}
	}
}

// folders returns pictures of one class each, in the order of the classes, which differ in size and shape.
func folders(classes, n int, rng *rand.Rand) *dataset.Source {
	size, shape := make([]float64, classes), make([]float64, classes)
	for c := range classes {
		size[c], shape[c] = 60+340*rng.Float64(), .5+1.5*rng.Float64()
	}
	image := -1
	src := drawn(n, 640, 480, func(put func(class int32, x, y, w, h float64)) {
		image++
		c := image * classes / n
		for range 1 + rng.IntN(3) {
			s, a := size[c]*math.Exp(.4*rng.NormFloat64()), shape[c]*math.Exp(.2*rng.NormFloat64())
			w, h := min(s*a, 638), min(s/a, 478)
			put(int32(c), (640-w)*rng.Float64(), (480-h)*rng.Float64(), w, h)
		}
	})
	for c := range classes {
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(c + 1)), Class: int32(c)})
	}
	return src
}

// joinedApart returns a source behind whose images stand those of another, with classes of their own.
func joinedApart(a, b *dataset.Source) *dataset.Source {
	out := *a
	out.Images = append([]dataset.Image(nil), a.Images...)
	out.Objects = append([]dataset.Object(nil), a.Objects...)
	out.Categories = append([]dataset.Category(nil), a.Categories...)
	classes, last := int32(realfiles.Classes(a)), int64(0)
	for _, c := range a.Categories {
		classes = max(classes, c.Class+1)
		last++
	}
	for _, c := range b.Categories {
		last++
		out.Categories = append(out.Categories, dataset.Category{ID: dataset.PlainID(1000 + last), Class: c.Class + classes})
	}
	for _, im := range b.Images {
		im.First, im.Last = im.First+int32(len(a.Objects)), im.Last+int32(len(a.Objects))
		out.Images = append(out.Images, im)
	}
	for _, o := range b.Objects {
		o.Class, o.Offset = o.Class+classes, o.Offset+1<<40
		if o.Image >= 0 {
			o.Image += int32(len(a.Images))
		}
		out.Objects = append(out.Objects, o)
	}
	return &out
}
