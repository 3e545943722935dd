package series

import (
	"slices"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Stereo counts pictures of a right camera, by their names, that have exactly the boxes of the left one's.
type Stereo struct {
	Same, Of int // pairs with the same boxes, all pairs that tell
	Example  [2]int32
	places   map[geom.Rect]bool // first boxes of these
}

// Found reports whether so many pairs have the same boxes that labels of one camera seem to be given to both: ten, and
// one in ten, with ten different boxes, since fields of a page may be printed at the same place on both.
func (p *Stereo) Found() bool { return p.Same >= 10 && 10*p.Same >= p.Of && len(p.places) >= 10 }

// OfStereo compares pictures of two cameras side by side. Between them objects stand at other places, by some pixels
// unless they are far away. Names are asked of some pictures first: few files have such.
func OfStereo(src *dataset.Source) Stereo {
	p := Stereo{Example: [2]int32{-1, -1}, places: map[geom.Rect]bool{}}
	n, sided, step := 0, 0, uint64(len(src.Images)/manyNames+1)
	for i := range src.Images {
		if name := src.Images[i].File; sample.Mix(uint64(i))%step == 0 {
			n++
			if v, _ := names.ViewOf(name); v == names.LeftView || v == names.RightView {
				sided++
			}
		}
	}
	if 10*sided < n || n == 0 {
		return p
	}
	left := map[string]int32{}
	for side := names.LeftView; side <= names.RightView; side++ {
		for i := range src.Images {
			im := &src.Images[i]
			if im.LeftOut != dataset.InUse || im.First == im.Last {
				continue
			}
			v, rest := names.ViewOf(im.File)
			if v != side {
				continue
			}
			if v == names.LeftView {
				left[rest] = int32(i)
			} else if at, ok := left[rest]; ok && src.Images[at].Size == im.Size {
				p.add(src, at, int32(i))
			}
		}
	}
	return p
}

// add compares the boxes of a pair. Those that span the picture tell nothing.
func (p *Stereo) add(src *dataset.Source, a, b int32) {
	x, y := &src.Images[a], &src.Images[b]
	spans := func(o dataset.Object) bool {
		return reading.WholeImage(&o.Box, float64(x.Size.W), float64(x.Size.H))
	}
	if !slices.ContainsFunc(src.Objects[x.First:x.Last], func(o dataset.Object) bool { return !spans(o) }) {
		return
	}
	p.Of++
	if x.Last-x.First != y.Last-y.First {
		return
	}
	labels := sortedLabels(src, a)
	if !slices.Equal(labels, sortedLabels(src, b)) {
		return
	}
	p.places[labels[0].box] = true
	if p.Same++; p.Example[0] < 0 {
		p.Example = [2]int32{a, b}
	}
}

// Finding returns the finding on the boxes of another camera.
func (p *Stereo) Finding(src *dataset.Source, s int32) findings.Finding {
	a, b := &src.Images[p.Example[0]], &src.Images[p.Example[1]]
	f := say.Finding("boxes-carried-over", s, b.Offset, b.Line,
		"%s: %s of %s of a left and a right camera, by their names, have exactly the same boxes. Two cameras see an object "+
			"at different places, unless it is far away. The labels of one seem to be given to both: label each camera's own "+
			"pictures, or move the boxes by the disparity. Example: %s, which has the boxes of %s",
		text.Printable(src.Name), say.Group(p.Same), say.Plural(p.Of, "pair"), say.Label(b), say.Label(a))
	f.Image, f.Size, f.Cases = p.Example[1], float64(p.Same), int64(p.Same)
	return f
}
