package convention

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// TestPrograms: no real file is written in two forms one behind the other, nor any stretch of one or file whose images
// were put into another order. With the last third, or that by the ids, written with other numbers and keys, all are
// told of whose records have them.
func TestPrograms(t *testing.T) {
	sources := realfiles.FirstImages(t)
	rng := rand.New(rand.NewPCG(17, 18))
	tries := 0
	quiet := func(src *dataset.Source, what string) {
		tries++
		if p := OfPrograms(src); p.Found() {
			t.Errorf("%s, %s: %+v", src.Name, what, p)
		}
	}
	forms := map[string]func(o *dataset.Object){
		"fractions": func(o *dataset.Object) { o.Flags &^= dataset.IntegerBox },
		"whole":     func(o *dataset.Object) { o.Flags |= dataset.IntegerBox },
		"no area":   func(o *dataset.Object) { o.Flags = o.Flags&^dataset.AreaAsBox | dataset.NoArea },
		"no flag":   func(o *dataset.Object) { o.Flags.SetCrowd(dataset.FlagAbsent) },
		"ignore":    func(o *dataset.Object) { o.Flags.SetIgnore(dataset.FlagZero) },
	}
	found, of := map[string]int{}, map[string]int{}
	for i := range sources {
		src := &sources[i]
		quiet(src, "all")
		for range 20 {
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
		if len(src.Objects) < 500 {
			continue
		}
		ids := make([]int64, len(src.Images))
		for i := range ids {
			ids[i], _ = src.Images[i].ID.Int()
		}
		slices.Sort(ids)
		for name, write := range forms {
			for _, byID := range []bool{false, true} {
				changed := false
				out := *src
				out.Objects = slices.Clone(src.Objects)
				for i := range out.Images {
					im := &out.Images[i]
					id, _ := im.ID.Int()
					if byID && id < ids[len(ids)*2/3] || !byID && i < len(src.Images)*2/3 {
						continue
					}
					for k := im.First; k < im.Last; k++ {
						was := out.Objects[k].Flags
						write(&out.Objects[k])
						changed = changed || out.Objects[k].Flags != was
					}
				}
				if what := fmt.Sprintf("%s, by id %v", name, byID); changed {
					of[what]++
					p := OfPrograms(&out)
					found[what] += sample.One(p.Found())
				}
			}
		}
	}
	t.Logf("%d tries; %v of %v", tries, found, of)
	for what, n := range of {
		if float64(found[what]) < math.Floor(0.6*float64(n)) {
			t.Errorf("%s: %d of %d are told of", what, found[what], n)
		}
	}
}

// TestProgramsSay: 60 boxes of whole numbers in 60 images, then 60 with fractions; one behind is whole by chance.
func TestProgramsSay(t *testing.T) {
	src := realfiles.Source("a", realfiles.Middle(120)...)
	src.Images, src.Objects = slices.Clone(src.Images), slices.Clone(src.Objects)
	images := src.Images[:0:0]
	for k := range src.Objects {
		im := src.Images[src.Objects[k].Image]
		im.File, im.First, im.Last = fmt.Sprintf("%d.jpg", k), int32(k), int32(k)+1
		images = append(images, im)
		src.Objects[k].Image = int32(k)
		src.Objects[k].Flags |= dataset.IntegerBox
		if k >= 60 && k != 99 {
			src.Objects[k].Flags &^= dataset.IntegerBox
		}
	}
	src.Images = images
	p := OfPrograms(src)
	if !p.Found() {
		t.Fatal("not found")
	}
	f := p.Finding(src, 0)
	want := `^a: from image 60\.jpg on, in 60 images, annotations are written in another form: 60 of 60 records before ` +
		`have boxes of four whole numbers, and 1 of 60 from there on\.`
	if !regexp.MustCompile(want).MatchString(f.Message) {
		t.Errorf("%s\nwant %s", f.Message, want)
	}
}

// TestProgramsOfTwoScales: of boxes of whole numbers, then such that were drawn on larger pictures and scaled with them,
// by ratios that videos have, the message names the scale and no other program. It does of no other fractions, and not
// where another mark changes at the same place.
func TestProgramsOfTwoScales(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	digits := func(n int) func(v float64) float64 {
		ten := math.Pow10(n)
		return func(v float64) float64 { return math.Round(v*ten) / ten }
	}
	by := func(ratio float64, then func(float64) float64) func() float64 {
		return func() float64 { return then(float64(1+rng.IntN(4000)) * ratio) }
	}
	exact := func(v float64) float64 { return v }
	for what, c := range map[string]struct {
		number func() float64
		area   bool // the areas change, too
		scale  int
	}{
		"640 of 3840":              {number: by(640./3840, exact), scale: 6},
		"640 of 3840, two digits":  {number: by(640./3840, digits(2)), scale: 6},
		"512 of 1920, two digits":  {number: by(512./1920, digits(2)), scale: 15},
		"1280 of 1920":             {number: by(1280./1920, exact), scale: 3},
		"eighths":                  {number: by(0.125, exact), scale: 8},
		"640 of 3840, other areas": {number: by(640./3840, exact), area: true},
		"any":                      {number: func() float64 { return rng.Float64() * 600 }},
		"two digits":               {number: by(1, func(v float64) float64 { return digits(2)(v * rng.Float64()) })},
		"one digit":                {number: by(0.1, digits(1))},
		"an odd ratio":             {number: by(1333./2000, exact)},
	} {
		src := realfiles.Source("a", realfiles.Middle(400)...)
		src.Images = src.Images[:0:0]
		for k := range src.Objects {
			o := &src.Objects[k]
			src.Images = append(src.Images, dataset.Image{
				ID: dataset.PlainID(int64(k)), Size: geom.Size{W: 640, H: 480}, First: int32(k), Last: int32(k) + 1,
			})
			o.Image = int32(k)
			o.Flags |= dataset.IntegerBox | dataset.AreaAsBox
			if k < 200 {
				continue
			}
			o.Box = geom.Rect{X: c.number(), Y: c.number(), W: c.number(), H: c.number()}
			for _, v := range []float64{o.Box.X, o.Box.Y, o.Box.W, o.Box.H} {
				if v != math.Floor(v) {
					o.Flags &^= dataset.IntegerBox
				}
			}
			if c.area {
				o.Flags &^= dataset.AreaAsBox
			}
		}
		p := OfPrograms(src)
		if !p.Found() || p.Scale != c.scale {
			t.Fatalf("%s: found %t, scale %d, want %d", what, p.Found(), p.Scale, c.scale)
		}
		got := p.Finding(src, 0).Message
		if scale := fmt.Sprintf("multiples of 1/%d,", c.scale); strings.Contains(got, scale) != (c.scale > 0) ||
			strings.Contains(got, "Another program") != (c.scale == 0) {
			t.Errorf("%s: %s", what, got)
		}
	}
}

// TestMayChange: what the ends of the file and of the ids rule out, all records rule out too, for marks that are rare
// or common, with a stretch of them at one end or amid the file.
func TestMayChange(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	told := 0
	for range 60 {
		const images, each = 1200, 12
		var src dataset.Source
		ids := rng.Perm(images)
		from, n := rng.IntN(images), 5+rng.IntN(300)
		if rng.IntN(3) > 0 {
			from = [...]int{0, images - n}[rng.IntN(2)]
		}
		byID, lacks := rng.IntN(2) == 0, rng.IntN(2) == 0
		noise := [...]float64{0.001, 0.02, 0.3}[rng.IntN(3)]
		for i := range images {
			at := i
			if byID {
				at = ids[i]
			}
			first := int32(len(src.Objects))
			for range each {
				o := dataset.Object{Image: int32(i)}
				if has := (at >= from && at < from+n) != (rng.Float64() < noise); has != lacks {
					o.Flags = dataset.IntegerBox
				}
				src.Objects = append(src.Objects, o)
			}
			src.Images = append(src.Images, dataset.Image{
				ID: dataset.PlainID(int64(ids[i])), First: first, Last: int32(len(src.Objects)),
			})
		}
		order := make([]int32, images)
		for i := range order {
			order[i] = int32(i)
		}
		marks := mixedMarks(&src)
		counts := countForms(&src, marks)
		want := changeIn(order, marks, counts).From
		if want < 0 && sample.SortByID(&src, order) {
			want = changeIn(order, marks, counts).From
		}
		if got := OfPrograms(&src).From; got != want {
			t.Errorf("%d images from %d, by id %v, %v others: from %d, want %d", n, from, byID, noise, got, want)
		}
		told += sample.One(want >= 0)
	}
	if told < 10 || told > 50 {
		t.Errorf("%d of 60 are told of", told)
	}
}
