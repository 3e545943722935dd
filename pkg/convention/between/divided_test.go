package between

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// shared returns two sources of the images of another one with those objects that which says: bit 0 for the first.
func shared(src *dataset.Source, which func(k int) int) *dataset.Dataset {
	d := &dataset.Dataset{}
	for s := range 2 {
		at := 0
		out := realfiles.Rebuilt(src, func(_ int, im *dataset.Image, own []dataset.Object) (of []dataset.Object) {
			for k := range own {
				if which(at+k)>>s&1 != 0 {
					of = append(of, own[k])
				}
			}
			at += len(own)
			return of
		})
		out.Name = [...]string{"a.json", "b.json"}[s]
		d.Sources = append(d.Sources, *out)
	}
	return d
}

// TestDivided: annotations that were divided between two files of one directory are told of as such; not the same ones
// in both, nor those of two people who numbered theirs by themselves.
func TestDivided(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	rng := rand.New(rand.NewPCG(95, 96))
	of, found := 0, 0
	sources := realfiles.FirstImages(t)
	for i := range sources {
		src := &sources[i]
		side := make([]int, len(src.Objects))
		for k := range side {
			side[k] = 1 + rng.IntN(5)/4 // one in five in the second
		}
		told := func(d *dataset.Dataset) bool {
			return slices.ContainsFunc(Beside(d), func(s Shared) bool {
				f := s.Finding(d)
				return strings.Contains(f.Message, "seem to be divided")
			})
		}
		for name, d := range map[string]*dataset.Dataset{
			"both in both":     shared(src, func(int) int { return 3 }),
			"a half in both":   shared(src, func(k int) int { return side[k] | k%2<<1 }),
			"image by image":   shared(src, func(k int) int { return 1 + int(src.Objects[k].Image)%2 }),
			"numbered by each": shared(src, func(k int) int { return side[k] }),
		} {
			if name == "numbered by each" {
				for s := range d.Sources {
					for k := range d.Sources[s].Objects {
						d.Sources[s].Objects[k].ID = dataset.PlainID(int64(k + 1))
					}
				}
			}
			if told(d) {
				t.Errorf("%s, %s is told of", src.Name, name)
			}
		}
		of++
		if told(shared(src, func(k int) int { return side[k] })) {
			found++
		} else {
			t.Logf("%s: nothing is told", src.Name)
		}
	}
	t.Logf("%d of %d", found, of)
	if found < 13 || of != 21 {
		t.Errorf("%d of %d files are told of, want 13 of 21", found, of)
	}
}

// TestDividedDrawn: of 20 images with five numbered annotations each, every other one in the second file.
func TestDividedDrawn(t *testing.T) {
	src := realfiles.Source("a.json", realfiles.Middle(100)...)
	src.Images = src.Images[:20]
	for i := range src.Images {
		src.Images[i].File = string(rune('a'+i)) + ".jpg"
		src.Images[i].First, src.Images[i].Last = int32(5*i), int32(5*i+5)
	}
	for k := range src.Objects {
		src.Objects[k].Image, src.Objects[k].ID = int32(k/5), dataset.PlainID(int64(k))
	}
	d := shared(src, func(k int) int { return 1 + k%2 })
	got := Beside(d)
	if len(got) != 1 || !got[0].divided() || got[0].Filled != 20 {
		t.Fatalf("%+v", got)
	}
	if f := got[0].Finding(d); !strings.Contains(f.Message, "in 20 of 20 images in which numbers are missing") {
		t.Error(f.Message)
	}
	d.Sources[1].Objects[0].ID = dataset.PlainID(1000) // one image in 20 is another
	if got = Beside(d); len(got) != 1 || !got[0].divided() || got[0].Filled != 19 {
		t.Errorf("%+v", got)
	}
}
