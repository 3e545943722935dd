package convention

import (
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// byGroup returns a source whose objects of images from one place to another have the last class of their group, or the
// first.
func byGroup(src *dataset.Source, from, to int, last bool) *dataset.Source {
	end := map[string]int32{}
	group := map[int32]string{}
	for _, c := range src.Categories {
		if _, has := end[c.Group]; !has || last {
			end[c.Group] = c.Class
		}
		group[c.Class] = c.Group
	}
	out := *src
	out.Objects = slices.Clone(src.Objects)
	for k := range out.Objects {
		o := &out.Objects[k]
		if g := group[o.Class]; g != "" && int(o.Image) >= from && int(o.Image) < to {
			o.Class = end[g]
		}
	}
	return &out
}

// ofGroups returns a source of n images with three objects each, of ten groups of four classes.
func ofGroups(n int) *dataset.Source {
	src := &dataset.Source{Name: "a"}
	for c := range int32(40) {
		src.Categories = append(src.Categories, dataset.Category{
			ID: dataset.PlainID(int64(c)), Class: c, Group: string(rune('a' + c/4)),
		})
	}
	for i := range n {
		first := int32(len(src.Objects))
		for k := range 3 {
			src.Objects = append(src.Objects, dataset.Object{
				Image: int32(i), Class: int32((7*i + 5*k + i*i/3) % 40), Offset: int64(len(src.Objects)),
			})
		}
		src.Images = append(src.Images, dataset.Image{
			ID: dataset.PlainID(int64(i)), First: first, Last: int32(len(src.Objects)),
		})
	}
	return src
}

// TestGroupEnds: classes that are the last of their group, or the first, in all images or in a stretch, are told of. A list
// of groups, some of whose classes have no object, is not.
func TestGroupEnds(t *testing.T) {
	src := ofGroups(120)
	for _, last := range []bool{false, true} {
		all, part := OfGroupEnds(byGroup(src, 0, 120, last)), OfGroupEnds(byGroup(src, 80, 120, last))
		if !all.Found() || !all.Whole || all.Last != last || all.Groups != 10 || all.Classes != 40 {
			t.Errorf("all, last %v: %+v", last, all)
		}
		if !part.Found() || part.Whole || part.Last != last || part.of < 40 || part.of > 42 || part.Groups != 10 {
			t.Errorf("part, last %v: %+v", last, part)
		}
	}
	if e := OfGroupEnds(src); e.Found() {
		t.Errorf("right: %+v", e)
	}
	two := *src // the last two classes of each group
	two.Objects = slices.Clone(src.Objects)
	for k := range two.Objects {
		two.Objects[k].Class |= 2
	}
	if e := OfGroupEnds(&two); e.Found() {
		t.Errorf("two of each: %+v", e)
	}
	few := ofGroups(120) // two of the groups only
	for k := range few.Objects {
		few.Objects[k].Class = 3 + 4*(few.Objects[k].Class%2)
	}
	if e := OfGroupEnds(few); e.Found() {
		t.Errorf("two groups: %+v", e)
	}
}

// TestGroupEndsOfRealFiles: no real file and no stretch of one shows it; with the last class of each group, or the first,
// in all images or in the last third, three in four of those do that have six groups of classes or more.
func TestGroupEndsOfRealFiles(t *testing.T) {
	told, of, stretches := 0, 0, 0
	for _, src := range realfiles.RealSources(t) {
		for from := 0; from < len(src.Images); from += max(len(src.Images)/9, 1) {
			stretches++
			if e := OfGroupEnds(stretchOf(&src, from, len(src.Images)/4+1)); e.Found() {
				t.Errorf("%s from %d: %+v", src.Name, from, e)
			}
		}
		if e := OfGroupEnds(&src); e.Found() {
			t.Errorf("%s: %+v", src.Name, e)
		}
		groups, _ := groupsOf(&src)
		used := map[int32]bool{}
		for _, o := range src.Objects {
			if g, is := groups[o.Class]; is {
				used[g.group] = true
			}
		}
		if len(used) < 6 {
			continue
		}
		for _, from := range []int{0, len(src.Images) * 2 / 3} {
			for _, last := range []bool{false, true} {
				of++
				if e := OfGroupEnds(byGroup(&src, from, len(src.Images), last)); e.Found() && e.Last == last {
					told++
				} else {
					t.Logf("%s from %d, last %v: not told of, %+v", src.Name, from, last, e)
				}
			}
		}
	}
	if t.Logf("%d of %d are told of; %d stretches", told, of, stretches); 4*told < 3*of {
		t.Errorf("%d of %d are told of", told, of)
	}
}
