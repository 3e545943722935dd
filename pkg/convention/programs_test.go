package convention

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
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
