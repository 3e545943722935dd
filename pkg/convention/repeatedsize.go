package convention

import (
	"fmt"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// RepeatedSize says that all images of a source, or of a stretch of it, have the size of one, beyond which boxes reach.
type RepeatedSize struct {
	Size    geom.Size
	Images  int // of the source, or of the stretch
	Out     int // of these: with a box well beyond the right or the lower edge
	Whole   bool
	Place   string // of a stretch
	First   int32  // its first image
	Fits    bool   // no box of that image is beyond it
	Example int32  // the first image with such a box, -1 if there is nothing to tell
}

// Found reports whether the sizes are so.
func (r *RepeatedSize) Found() bool { return r.Example >= 0 }

// Boxes are well beyond their images in leastOut of these, and of a whole source in one of outPart.
const (
	leastOut = 4
	outPart  = 20
)

// repeatedSize looks for it where outlines confirm the boxes, so that these are right and the sizes are not. All images
// with a box well outside have one size. That is the size of all images of the source; or those images stand in a
// stretch of the images with that size, longer than chance would make it, and three times as long as any other of one
// size.
func (t *tally) repeatedSize(g *glance) RepeatedSize {
	r := RepeatedSize{Example: -1}
	if t.outside < leastOut || !t.confirmed() || t.before > t.outside {
		return r
	}
	src, one, first := g.src, true, int32(-1)
	out := map[int32]bool{}
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse || im.First == im.Last {
			continue
		}
		r.Images++
		if first < 0 {
			first = int32(i)
		}
		one = one && im.Size == src.Images[first].Size
		if !wellOutside(src, im) {
			continue
		}
		if out[int32(i)] = true; len(out) == 1 {
			r.Size = im.Size
		} else if im.Size != r.Size {
			return r
		}
	}
	if r.Out = len(out); r.Out < leastOut {
		return r
	}
	r.Whole, r.First = one, first
	if one && outPart*r.Out < r.Images || !one && !r.stretch(g, out) {
		return r
	}
	r.Fits = !out[r.First]
	for i := range src.Images {
		if out[int32(i)] {
			r.Example = int32(i)
			break
		}
	}
	return r
}

// wellOutside tells whether an image has a box well beyond the right or the lower edge.
func wellOutside(src *dataset.Source, im *dataset.Image) bool {
	w, h := (1+deep)*float64(im.Size.W), (1+deep)*float64(im.Size.H)
	for k := im.First; k < im.Last; k++ {
		o := &src.Objects[k]
		if sample.Told(o) && (o.Box.X+o.Box.W > w || o.Box.Y+o.Box.H > h) {
			return true
		}
	}
	return false
}

// stretch looks for the stretch of images with one size that has all images that are out.
func (r *RepeatedSize) stretch(g *glance, out map[int32]bool) bool {
	sizes := map[geom.Size]int32{}
	s := g.anyStreak(func(p *glimpse) int32 {
		size := g.src.Images[p.image].Size
		if _, has := sizes[size]; !has {
			sizes[size] = int32(len(sizes))
		}
		return sizes[size]
	}, 0, timesOther)
	if s.mark < 0 || sizes[r.Size] != s.mark {
		return false
	}
	n := 0
	for _, k := range s.images {
		n += sample.One(out[g.images[k].image])
	}
	seen := 0
	for k := range g.images {
		seen += sample.One(out[g.images[k].image])
	}
	r.Images, r.Place, r.First = s.n, s.place, g.first(&s)
	return n == seen && n >= leastOut
}

// finding returns the finding on one size for several images.
func (r *RepeatedSize) finding(src *dataset.Source, s int32) findings.Finding {
	im, first := &src.Images[r.Example], &src.Images[r.First]
	what, name := "all "+say.Plural(r.Images, "image"), "the first picture"
	if !r.Whole {
		what = say.Plural(r.Images, "image") + " " + r.Place
		name += " of them"
	}
	fits := ""
	if r.Fits {
		fits = fmt.Sprintf(", whose own boxes fit (%s)", say.Label(first))
	}
	f := say.Finding("image-size-convention", s, im.Offset, im.Line,
		"%s: %s have one size, %d × %d px, and in %s of them boxes reach well beyond it (5 %% of the side), as do their "+
			"outlines. The size of %s%s seems to be written for all, as by a script that reads it outside of its "+
			"loop: write the size of each picture. If instead pictures were resized or cut to that size, do the same with the "+
			"boxes. Example: %s", text.Printable(src.Name), what, r.Size.W, r.Size.H, say.Group(r.Out), name, fits,
		say.Label(im))
	f.Image, f.Size, f.Cases = r.Example, float64(r.Out), int64(r.Out)
	return f
}

// sizeOfAll says, in brackets, that all images have one size, if that is so.
func sizeOfAll(src *dataset.Source) string {
	one := geom.Size{}
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		if one == (geom.Size{}) {
			one = im.Size
		}
		if im.Size != one {
			return ""
		}
	}
	return fmt.Sprintf(" (all images have one, %d × %d px: that of the first picture may be written for all)",
		one.W, one.H)
}
