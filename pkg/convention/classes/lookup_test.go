package classes

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// TestLookup: in no real file, nor in stretches of images or draws of boxes of one, names with something in common lack
// objects. Where such names fall back to the first class, to the last one, or are dropped, the files with enough names
// of both kinds are told of.
func TestLookup(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	rng := rand.New(rand.NewPCG(11, 12))
	tries, found, of := 0, map[string]int{}, map[string]int{}
	for _, dir := range []string{"data", "glyphs"} {
		d := realfiles.Read(t, false, realfiles.Shared(t, dir))
		for s := range d.Sources {
			src := d.Source(s)
			if len(src.Categories) < 2*leastNames {
				continue
			}
			quiet := func(part *dataset.Source, what string) {
				tries++
				if l := OfLookup(d, part); l.Found() {
					t.Errorf("%s, %s: %+v", src.Name, what, l)
				}
			}
			quiet(src, "all")
			for range 100 {
				for _, n := range []int{20, 50, 100, 400, 1000, 3000} {
					if n < len(src.Objects) {
						part := *src
						from := rng.IntN(len(src.Objects) - n)
						part.Objects = src.Objects[from : from+n]
						quiet(&part, fmt.Sprintf("%d objects from %d", n, from))
						part = *src
						part.Objects = nil
						for range n {
							part.Objects = append(part.Objects, src.Objects[rng.IntN(len(src.Objects))])
						}
						quiet(&part, fmt.Sprintf("%d objects drawn", n))
					}
				}
			}
			for _, trait := range nameTraits[:4] {
				has := func(c int32) bool { return c >= 0 && trait.has(d.Classes[c].Name) }
				n := 0
				for i := range src.Categories {
					n += sample.One(has(src.Categories[i].Class))
				}
				if n < leastNames || len(src.Categories)-n < leastNames {
					continue
				}
				for how, to := range map[string]int32{
					"first":   src.Categories[0].Class,
					"last":    src.Categories[len(src.Categories)-1].Class,
					"dropped": -1,
				} {
					out := *src
					out.Objects = slices.Clone(src.Objects)
					for k := range out.Objects {
						if o := &out.Objects[k]; has(o.Class) {
							o.Class = to
						}
					}
					l := OfLookup(d, &out)
					of[how]++
					found[how] += sample.One(l.Found() && (to < 0 || l.Default == to || l.Default < 0))
					t.Logf("%s, %s, %d of %d names: %+v", src.Name, how, n, len(src.Categories), l)
				}
			}
		}
	}
	t.Logf("%d tries; %v of %v", tries, found, of)
	for how, least := range map[string]int{"first": 6, "last": 4, "dropped": 6} {
		if found[how] < least {
			t.Errorf("%s: %d of %d, want %d", how, found[how], of[how], least)
		}
	}
}

// TestLookupSays: the chance is that of a draw without replacement, by hand: 4 of 8 names have a blank, and the 4 others
// have objects: 1 / C(8, 4) = 1/70 is not enough. Of 12 names, 6 so: 1 / C(12, 6) = 1/924 is.
func TestLookupSays(t *testing.T) {
	for n, want := range map[int]string{
		4: "",
		6: `^class-lookup: a: none of the 6 classes whose names have a blank has an object, and 6 of the 6 others have ` +
			`\(names: "a 0", "a 1", "a 2"\)\. .*"b0" has 60 of 360 objects: it may hold theirs`,
	} {
		d := &dataset.Dataset{}
		src := realfiles.Source("a", slices.Repeat([]geom.Rect{{X: 9, Y: 9, W: 30, H: 20}}, 60*n)...)
		for i := range 2 * n {
			name := fmt.Sprintf("b%d", i)
			if i >= n {
				name = fmt.Sprintf("a %d", i-n)
			}
			name = strings.TrimSpace(name)
			src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(i + 1)), Class: int32(i)})
			d.Classes = append(d.Classes, dataset.Class{Name: name, Known: true})
		}
		for k := range src.Objects {
			src.Objects[k].Class = int32(k % n)
		}
		d.Sources = []dataset.Source{*src}
		got := ""
		if l := OfLookup(d, src); l.Found() {
			f := l.Finding(d, src, 0)
			if got = f.Code + ": " + f.Message; f.Severity() != findings.Warning {
				t.Errorf("%s: %s", f.Severity(), got)
			}
		}
		if want == "" && got != "" || want != "" && !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%d names of either kind: %s\nwant %s", n, got, want)
		}
	}
}

// TestRareNames: 24 names of one word are used alike, and 8 of two words are not, as with rare things: an info that says
// "may". With the objects of five of the 8 in the first class, which has a sixth of all then, it is a warning.
func TestRareNames(t *testing.T) {
	for first, want := range map[int]findings.Severity{0: findings.Info, 5: findings.Warning} {
		d := &dataset.Dataset{}
		const one, two, each = 24, 8, 100
		src := realfiles.Source("a", slices.Repeat([]geom.Rect{{X: 9, Y: 9, W: 30, H: 20}}, (one+first)*each)...)
		for i := range one + two {
			name := fmt.Sprintf("b%d", i)
			if i >= one {
				name = fmt.Sprintf("a %d", i)
			}
			src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(i + 1)), Class: int32(i)})
			d.Classes = append(d.Classes, dataset.Class{Name: name, Known: true})
		}
		for k := range src.Objects {
			if src.Objects[k].Class = int32(k / each); k/each >= one {
				src.Objects[k].Class = 0
			}
		}
		d.Sources = []dataset.Source{*src}
		l := OfLookup(d, src)
		if !l.Found() {
			t.Fatalf("%d in the first class: not found", first)
		}
		f := l.Finding(d, src, 0)
		verb := map[findings.Severity]string{findings.Info: "may be joined", findings.Warning: "seem to be joined"}[want]
		if f.Severity() != want || !strings.Contains(f.Message, verb) {
			t.Errorf("%d in the first class: %s: %s", first, f.Severity(), f.Message)
		}
	}
}
