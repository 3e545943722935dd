package classes

import (
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// TestCutIDs: no real file seems to have its category ids cut, and with ids cut to their first digit, to two or to a
// byte, those with enough classes are told of.
func TestCutIDs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	found, of := map[string]int{}, map[string]int{}
	for _, dir := range []string{"data", "glyphs"} {
		d := realfiles.Read(t, false, realfiles.Shared(t, dir))
		for s := range d.Sources {
			src := d.Source(s)
			if c := OfCutIDs(d, src); c.Found() {
				t.Errorf("%s: %+v", src.Name, c)
			}
			for name, cut := range map[string]func(int64) int64{
				"first digit": func(id int64) int64 {
					for id >= 10 {
						id /= 10
					}
					return id
				},
				"two digits": func(id int64) int64 {
					for id >= 100 {
						id /= 10
					}
					return id
				},
				"byte": func(id int64) int64 { return id % 256 },
			} {
				class, changes := map[int64]int32{}, 0
				for i := range src.Categories {
					if id, ok := src.Categories[i].ID.Int(); ok {
						class[id] = src.Categories[i].Class
					}
				}
				out := *src
				out.Objects = append([]dataset.Object(nil), src.Objects...)
				to := map[int32]int32{}
				for id, c := range class {
					to[c] = c
					if by, ok := class[cut(id)]; cut(id) != id {
						if to[c] = by; !ok {
							to[c] = -1 // not declared, which category-unknown tells of
						}
						changes++
					}
				}
				for k := range out.Objects {
					if c, ok := to[out.Objects[k].Class]; ok {
						out.Objects[k].Class = c
					}
				}
				if changes == 0 {
					continue
				}
				of[name]++
				c := OfCutIDs(d, &out)
				found[name] += sample.One(c.Found())
				t.Logf("%s cut to %s: %d of %d classes move: %+v", src.Name, name, changes, len(class), c)
			}
		}
	}
	t.Log(found, of)
	for name, least := range map[string]int{"first digit": 6, "two digits": 1, "byte": 1} {
		if found[name] < least {
			t.Errorf("%s: %d of %d files are told of, want %d", name, found[name], of[name], least)
		}
	}
}
