package convention

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"focalaudit/pkg/dataset"
)

// TestPrograms: no real file is written in two forms one behind the other, nor any stretch of one or file whose images
// were put into another order. With the last third, or that by the ids, written with other numbers and keys, all are
// told of whose records have them.
func TestPrograms(t *testing.T) {
	sources := firstImages(t)
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
					found[what] += one(p.Found())
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
	src := source("a", middle(120)...)
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
	f := p.finding(src, 0)
	want := `^a: from image 60\.jpg on, in 60 images, annotations are written in another form: 60 of 60 records before ` +
		`have boxes of four whole numbers, and 1 of 60 from there on\.`
	if !regexp.MustCompile(want).MatchString(f.Message) {
		t.Errorf("%s\nwant %s", f.Message, want)
	}
}
