package convention

import (
	"cmp"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// renamedFrom returns a source whose commonest classes have other numbers from an image on.
func renamedFrom(src *dataset.Source, classes int, from int) *dataset.Source {
	n, most := map[int32]int{}, int32(0)
	for _, o := range src.Objects {
		n[o.Class]++
		most = max(most, o.Class)
	}
	var all []int32
	for c := range n {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b int32) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	to := map[int32]int32{}
	for k, c := range all[:min(classes, len(all))] {
		to[c] = most + 1 + int32(k)
	}
	out := *src
	out.Objects = slices.Clone(src.Objects)
	for k := range out.Objects {
		o := &out.Objects[k]
		if c, is := to[o.Class]; is && int(o.Image) >= from {
			o.Class = c
		}
	}
	return &out
}

// TestHalfRenamed: pairs of classes one of which ends where the other begins are told of; one pair is not, nor are
// classes of other pictures, where the others do not go on.
func TestHalfRenamed(t *testing.T) {
	src := ofGroups(300)
	for k := range src.Objects {
		o := &src.Objects[k]
		o.Class, o.Box.W, o.Box.H = o.Class%9, 30, 20
		o.Flags = 0
	}
	for i := range src.Images {
		src.Images[i].Size.W, src.Images[i].Size.H = 640, 480
	}
	h := OfHalfRenamed(renamedFrom(src, 3, 200))
	if !h.Found() || len(h.Old) != 3 || h.Same != 6 || h.Example < 199 || h.Example > 201 {
		t.Errorf("three pairs: %+v", h)
	}
	for what, bad := range map[string]*dataset.Source{
		"right": src, "one pair": renamedFrom(src, 1, 200), "all": renamedFrom(src, 9, 200),
		"few images": renamedFrom(src, 3, 290),
	} {
		if h := OfHalfRenamed(bad); h.Found() {
			t.Errorf("%s: %+v", what, h)
		}
	}
	sorted := renamedFrom(src, 3, 200) // and the others are rarer there
	for k := range sorted.Objects {
		if o := &sorted.Objects[k]; o.Image >= 200 && o.Class < 9 && k%4 > 0 {
			o.Class = 30
		}
	}
	if h := OfHalfRenamed(sorted); h.Found() {
		t.Errorf("sorted: %+v", h)
	}
}

// TestHalfRenamedOfRealFiles: no real file and no stretch of one shows it; with two or three of the commonest classes
// renamed in the last third, those do whose classes are as common in both parts.
func TestHalfRenamedOfRealFiles(t *testing.T) {
	told, of, stretches := 0, 0, 0
	for _, src := range realfiles.RealSources(t) {
		if h := OfHalfRenamed(&src); h.Found() {
			t.Errorf("%s: %+v", src.Name, h)
		}
		for _, part := range []int{2, 4} {
			for from := 0; from < len(src.Images); from += max(len(src.Images)/9, 1) {
				stretches++
				if h := OfHalfRenamed(stretchOf(&src, from, len(src.Images)/part+1)); h.Found() {
					t.Errorf("%s from %d: %+v", src.Name, from, h)
				}
			}
		}
		classes := map[int32]bool{}
		for _, o := range src.Objects {
			classes[o.Class] = true
		}
		for _, n := range []int{2, 3} {
			if len(classes) < 2*n {
				continue
			}
			of++
			if h := OfHalfRenamed(renamedFrom(&src, n, len(src.Images)*2/3)); h.Found() {
				told++
			} else {
				t.Logf("%s, %d classes: not told of", src.Name, n)
			}
		}
	}
	if t.Logf("%d of %d are told of; %d stretches", told, of, stretches); 4*told < of {
		t.Errorf("%d of %d are told of", told, of)
	}
}
