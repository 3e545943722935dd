package convention

import (
	"cmp"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// CrowdPart says that in a stretch of the images many annotations are crowds, and in the rest none or hardly any, as
// where another flag (truncated, difficult, occluded) was written as iscrowd by one of several converters.
type CrowdPart struct {
	gathering
	Crowds, Of int   // of the stretch
	Rest       int   // crowds of the rest
	Example    int32 // the first crowd of the stretch, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch.
func (c *CrowdPart) Found() bool { return c.Example >= 0 }

// manyCrowdsOf is the share of crowds, one in so many, above which mostly-crowd tells of a whole file.
const manyCrowdsOf = 5

// OfCrowdPart looks for such a stretch.
func OfCrowdPart(src *dataset.Source) CrowdPart { return glanceAt(src).crowdPart() }

// crowdPart looks for it in files in which no single object has an outline, so that crowds have none either: those of
// COCO's kind have a mask. As of whole files, more than a fifth of the annotations of the stretch are crowds; and in
// the rest the share of crowds is a third of that at most. A crowd counts if it is not the one of the image looked at
// before, since one region stands in all frames of a video.
func (g *glance) crowdPart() CrowdPart {
	none := CrowdPart{Example: -1}
	crowds, marked, all := make([]int, len(g.images)), make([]bool, len(g.images)), 0
	var last []int32
	for k := range g.images {
		im := &g.src.Images[g.images[k].image]
		var here []int32
		for i := im.First; i < im.Last; i++ {
			if o := &g.src.Objects[i]; o.Flags&dataset.Crowd != 0 {
				here = append(here, i)
				marked[k] = marked[k] || !g.stoodThere(o, last)
			}
		}
		crowds[k], last = len(here), here
		all += len(here)
	}
	if all < leastStretch {
		return none
	}
	s, ok := g.gather(marked, 2, 1)
	if !ok {
		return none
	}
	c := CrowdPart{gathering: s, Rest: all, Example: -1}
	rest := 0
	for k := range g.images {
		rest += int(g.images[k].objects)
	}
	for _, k := range s.images {
		c.Crowds += crowds[k]
		c.Of += int(g.images[k].objects)
	}
	c.Rest, rest = all-c.Crowds, rest-c.Of
	if manyCrowdsOf*c.Crowds <= c.Of || timesOther*c.Rest*c.Of >= c.Crowds*rest || manyCrowdsOf*all > rest+c.Of ||
		!outlineless(g.src) {
		return none
	}
	for _, k := range s.images {
		im := &g.src.Images[g.images[k].image]
		for i := im.First; i < im.Last && crowds[k] > 0; i++ {
			if o := &g.src.Objects[i]; o.Flags&dataset.Crowd != 0 &&
				(c.Example < 0 || cmp.Less(o.Offset, g.src.Objects[c.Example].Offset)) {
				c.Example = i
			}
		}
	}
	return c
}

// stoodThere tells whether one of the crowds of the image before overlaps an object by half.
func (g *glance) stoodThere(o *dataset.Object, before []int32) bool {
	return slices.ContainsFunc(before, func(k int32) bool {
		return iou.Of(o.Box.Box(), g.src.Objects[k].Box.Box()) >= sameRegion
	})
}

// sameRegion is the IoU from which on boxes of two images, or of two people, are taken for those of one object.
const sameRegion = 0.5

// outlineless tells whether no annotation but crowds has an outline.
func outlineless(src *dataset.Source) bool {
	n := 0
	for _, t := range [...]dataset.Trait{dataset.NoOutlineKey, dataset.NullOutline, dataset.EmptyOutline} {
		n += src.Traits[t].N
	}
	crowds := 0
	for k := range src.Objects {
		crowds += sample.One(src.Objects[k].Flags&dataset.Crowd != 0)
	}
	return n+crowds >= len(src.Objects)
}

// finding returns the finding on a stretch with crowds.
func (c *CrowdPart) finding(src *dataset.Source, s int32, seen string) findings.Finding {
	o := &src.Objects[c.Example]
	f := say.Finding("mostly-crowd", s, o.Offset, o.Line,
		"%s: iscrowd is 1 in %s of %s of %s%s %s, and in %s of the rest. "+
			"No trainer trains these, and none of them has the mask of a crowd. Another flag (truncated, difficult, occluded) "+
			"seems to be written as iscrowd there: write 0 where the annotation is one object. Example: %s",
		text.Printable(src.Name), say.Group(c.Crowds), say.Plural(c.Of, "annotation"), say.Plural(c.of, "image"), seen,
		c.place, say.Group(c.Rest), say.Place(src, c.Example))
	f.Size, f.Cases = float64(c.Crowds)/float64(c.Of), int64(c.Crowds)
	return f
}

// crowdsInPart is the rule on crowds in a stretch.
func crowdsInPart(at site) (f findings.Finding, ok bool) {
	c := at.seen.crowdPart()
	if !c.Found() {
		return f, false
	}
	return c.finding(at.src, at.s, at.seen.seen()), true
}
