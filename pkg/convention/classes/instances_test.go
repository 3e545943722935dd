package classes

import (
	"fmt"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// renamedClasses returns a source, and a list of classes, in which each object has the class that name gives it.
func renamedClasses(
	d *dataset.Dataset, src *dataset.Source, name func(o *dataset.Object, class string, nth int) string,
) (*dataset.Dataset, *dataset.Source) {
	out, to := *src, &dataset.Dataset{}
	out.Objects, out.Categories = slices.Clone(src.Objects), nil
	class := map[string]int32{}
	for i := range out.Images {
		nth := map[int32]int{}
		im := &out.Images[i]
		for k := im.First; k < im.Last; k++ {
			o := &out.Objects[k]
			if o.Class < 0 {
				continue
			}
			nth[o.Class]++
			n := name(o, d.Classes[o.Class].Name, nth[o.Class])
			c, known := class[n]
			if !known {
				c = int32(len(to.Classes))
				class[n] = c
				to.Classes = append(to.Classes, dataset.Class{Name: n, Known: true})
				out.Categories = append(out.Categories, dataset.Category{ID: dataset.PlainID(int64(c)), Class: c})
			}
			o.Class = c
		}
	}
	return to, &out
}

// TestInstances: of the real files those with enough kinds are told of if names number the objects of an image, and none
// if all have names as they stand, or the numbers of a list of classes.
func TestInstances(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	found, of := 0, 0
	for _, dir := range []string{"data", "glyphs"} {
		d := realfiles.Read(t, false, realfiles.Shared(t, dir))
		for s := range d.Sources {
			src := d.Source(s)
			if len(src.Objects) > 100_000 { // train2017, of which the first images tell as much
				cut := *src
				cut.Images = src.Images[:5000]
				src = &cut
			}
			if m := OfInstances(d, src); m.Found() {
				t.Errorf("%s: %+v", src.Name, m)
			}
			for _, size := range []int32{2, 4, 10} {
				in, listed := renamedClasses(d, src, func(o *dataset.Object, _ string, _ int) string {
					return fmt.Sprintf("kind %c%d", 'a'+o.Class/size, o.Class%size+1)
				})
				if m := OfInstances(in, listed); m.Found() {
					t.Errorf("%s, %d numbers each: %+v", src.Name, size, m)
				}
			}
			if len(src.Categories) < leastWords {
				continue
			}
			of++
			in, counted := renamedClasses(d, src, func(_ *dataset.Object, class string, nth int) string {
				return fmt.Sprintf("%s-%d", class, nth)
			})
			m := OfInstances(in, counted)
			found += sample.One(m.Found())
			t.Logf("%s: %+v", src.Name, m)
		}
	}
	t.Logf("%d of %d", found, of)
	if found < 10 {
		t.Errorf("%d of %d files are told of", found, of)
	}
}
