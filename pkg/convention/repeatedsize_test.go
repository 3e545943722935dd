package convention

import (
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// pictures returns a source of n pictures of several sizes, whose outlines confirm the boxes, two in each, one of which
// ends at the right and the lower edge.
func pictures(n int) *dataset.Source {
	src := &dataset.Source{Name: "a"}
	for i := range n {
		size := geom.Size{W: 640 + 31*(i%7), H: 480 + 23*(i%5)}
		first := int32(len(src.Objects))
		w, h := float64(size.W), float64(size.H)
		for _, b := range [][4]float64{{w - 90, h - 70, 90, 70}, {20 + float64(i%9), 40, 60, 50}} {
			src.Objects = append(src.Objects, dataset.Object{
				Image: int32(i), Box: geom.Rect{X: b[0], Y: b[1], W: b[2], H: b[3]}, Outline: dataset.OutlineBox,
				Offset: int64(len(src.Objects)),
			})
		}
		src.Images = append(src.Images, dataset.Image{
			ID: dataset.PlainID(int64(i)), Size: size, First: first, Last: int32(len(src.Objects)),
		})
	}
	return src
}

// sizedAs returns a source whose images from one on have the size of that one.
func sizedAs(src *dataset.Source, from int) *dataset.Source {
	out := *src
	out.Images = slices.Clone(src.Images)
	for i := from; i < len(out.Images); i++ {
		out.Images[i].Size = out.Images[from].Size
	}
	return &out
}

// lookedAt is what repeatedSize finds.
func lookedAt(src *dataset.Source) RepeatedSize { return count(src).repeatedSize(glanceAt(src)) }

// TestRepeatedSize: the size of one picture is told of where it stands for all, or for a stretch, and the boxes of other
// pictures reach beyond it; not where pictures have that size, or outlines do not confirm the boxes.
func TestRepeatedSize(t *testing.T) {
	src := pictures(90)
	all, part := lookedAt(sizedAs(src, 0)), lookedAt(sizedAs(src, 50))
	if !all.Found() || !all.Whole || !all.Fits || all.Images != 90 || all.Size != src.Images[0].Size {
		t.Errorf("all: %+v", all)
	}
	if !part.Found() || part.Whole || part.Images != 40 || part.First != 50 || part.Size != src.Images[50].Size {
		t.Errorf("part: %+v", part)
	}
	for _, r := range []RepeatedSize{all, part} {
		if m := r.finding(src, 0).Message; !strings.Contains(m, "seems to be written for all") {
			t.Error(m)
		}
	}
	small := sizedAs(src, 0)
	for i := range small.Objects {
		o := &small.Objects[i]
		o.Box.X, o.Box.Y = min(o.Box.X, 500), min(o.Box.Y, 400)
	}
	if r := lookedAt(small); r.Found() {
		t.Errorf("of one size: %+v", r)
	}
	if r := lookedAt(pictures(90)); r.Found() {
		t.Errorf("right: %+v", r)
	}
	bare := sizedAs(pictures(90), 0)
	for i := range bare.Objects {
		bare.Objects[i].Outline = dataset.OutlineNone
	}
	if r := lookedAt(bare); r.Found() {
		t.Errorf("without outlines: %+v", r)
	}
	if !strings.Contains(sizeOfAll(bare), "all images have one, 640 × 480 px") || sizeOfAll(pictures(9)) != "" {
		t.Error(sizeOfAll(bare))
	}
}

// TestRepeatedSizeOfRealFiles: no real file and no stretch of one shows it; with the size of the first picture of the
// file, or of the last third, written for all from there on, those do whose boxes then reach beyond in four images.
func TestRepeatedSizeOfRealFiles(t *testing.T) {
	told, of, stretches := 0, 0, 0
	for _, src := range realfiles.RealSources(t) {
		if r := lookedAt(&src); r.Found() {
			t.Errorf("%s: %+v", src.Name, r)
		}
		for from := 0; from < len(src.Images); from += max(len(src.Images)/7, 1) {
			stretches++
			if r := lookedAt(stretchOf(&src, from, len(src.Images)/5+1)); r.Found() {
				t.Errorf("%s from %d: %+v", src.Name, from, r)
			}
		}
		for _, from := range []int{0, len(src.Images) * 2 / 3} {
			bad := sizedAs(&src, from)
			out := 0
			for i := range bad.Images {
				im := &bad.Images[i]
				if im.LeftOut == dataset.InUse && wellOutside(bad, im) {
					out++
				}
			}
			if out < leastOut || !count(bad).confirmed() {
				continue
			}
			of++
			if r := lookedAt(bad); r.Found() {
				told++
			} else {
				t.Logf("%s from %d, %d out of %d images: not told of", src.Name, from, out, len(src.Images))
			}
		}
	}
	if t.Logf("%d of %d are told of; %d stretches", told, of, stretches); 4*told < 3*of {
		t.Errorf("%d of %d are told of", told, of)
	}
}

// stretchOf returns the stretch of n images from one on.
func stretchOf(src *dataset.Source, from, n int) *dataset.Source {
	out := *src
	out.Images = slices.Clone(src.Images)
	for i := range out.Images {
		if i < from || i >= from+n {
			out.Images[i].LeftOut = dataset.ImageLeftOut
		}
	}
	return &out
}
