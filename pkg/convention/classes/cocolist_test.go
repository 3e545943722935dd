package classes

import (
	"math"
	"regexp"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// TestListed: COCO's own list, as its files have it or numbered from 0 or 1, a part of it, and lists of other names say
// nothing. The same names sorted are an info. The names and ids of cocoNames are
// those of COCO's val2014.
func TestListed(t *testing.T) {
	own := []int64{}
	for i, name := range cocoNames {
		if name != "" {
			own = append(own, int64(i+1))
		}
	}
	if len(own) != 80 || cocoNames[0] != "person" || cocoNames[89] != "toothbrush" || cocoNames[66] != "dining table" {
		t.Fatal("not COCO's list")
	}
	counted := func(from int64) (ids []int64) {
		for i := range own {
			ids = append(ids, from+int64(i))
		}
		return ids
	}
	named := func(ids []int64) (names []string) {
		for _, id := range ids {
			names = append(names, cocoNames[id-1])
		}
		return names
	}
	sorted := slices.Sorted(slices.Values(named(own)))
	far := append(counted(math.MinInt64)[:40], counted(math.MaxInt64 - 100)[:40]...) // more than an int64 apart
	vehicles := []int64{2, 3, 10, 13, 17, 67}                                        // bicycle, car, traffic light, stop sign, cat, dining table
	for what, c := range map[string]struct {
		ids   []int64
		names []string
		want  string
	}{
		"own":              {own, named(own), ""},
		"from 1":           {counted(1), named(own), ""},
		"from 0":           {counted(0), named(own), ""},
		"far apart":        {far, named(own), ""},
		"part":             {vehicles, named(vehicles), ""},
		"part, sorted":     {vehicles, slices.Sorted(slices.Values(named(vehicles))), `^info category-order: a: the 6 category ids .*The file alone does not tell which`},
		"part, from 1":     {[]int64{1, 2, 3, 4, 5, 6}, slices.Sorted(slices.Values(named(vehicles))), ""},
		"another name":     {own, append(slices.Clone(sorted[:79]), "zeppelin"), ""},
		"sorted":           {own, sorted, `^info category-order: a: the 80 category ids .*but \d+ have the id of another, sorted by the alphabet: "airplane" has 1, which is "person" in COCO, where it has 5\. .*alone does not tell`},
		"sorted, from 1":   {counted(1), sorted, `^info category-order: a: the 80 names are COCO's, in another order, sorted .*"airplane" has the id 1, and 5 in COCO`},
		"reversed, from 0": {counted(0), reversed(named(own)), `^info category-order: .*another order: "toothbrush" has the id 0, and 90`},
	} {
		d, src := &dataset.Dataset{}, realfiles.Source("a", realfiles.Middle(3)...)
		for i := range c.ids {
			src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(c.ids[i]), Class: int32(i)})
			d.Classes = append(d.Classes, dataset.Class{Name: c.names[i], Known: true})
		}
		got := ""
		if l := OfListed(d, src); l.Found() {
			f := l.Finding(d, src, 0)
			got = f.Severity().String() + " " + f.Code + ": " + f.Message
		}
		if c.want == "" && got != "" || c.want != "" && !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%s: %q\nwant %q", what, got, c.want)
		}
	}
}

// reversed returns names from the last to the first.
func reversed(names []string) []string {
	names = slices.Clone(names)
	slices.Reverse(names)
	return names
}

// TestListedQuiet: no real file has COCO's names in another order, and those of COCO and Darknet are known.
func TestListedQuiet(t *testing.T) {
	d := realfiles.Read(t, false, realfiles.Shared(t, "data"))
	known := 0
	for s := range d.Sources {
		if l := OfListed(d, d.Source(s)); l.Found() {
			t.Errorf("%s: %+v", d.Sources[s].Name, l)
		}
		for _, c := range d.Source(s).Categories {
			_, is := cocoIDs()[plainName(d.Classes[c.Class].Name)]
			known += sample.One(is)
		}
	}
	if known < 2*80 {
		t.Errorf("%d names are known", known)
	}
	for _, name := range []string{"Traffic_light", "aeroplane", "pottedplant", "tv-monitor"} {
		if cocoIDs()[plainName(name)] == 0 {
			t.Errorf("%s is not known", name)
		}
	}
}
