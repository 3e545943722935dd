package convention

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// OldAreas says that in a stretch of the images areas are one and the same part of what they should be, as where
// pictures and boxes were enlarged and areas left, and in the rest they are right.
type OldAreas struct {
	gathering
	Part    float64 // of the outline's area, or of width times height where there is no outline
	Areas   int     // that are this part, of those that are looked at in the stretch
	Of      int
	Example int32 // the first such object, -1 if there is nothing to tell
}

// Found reports whether there is such a stretch.
func (o *OldAreas) Found() bool { return o.Example >= 0 }

// samePart is how far, relative to it, an area may be from the part: the bins of dataset.AreaParts are as wide.
const samePart = 0.02

// OfOldAreas looks for such a stretch: three in four of all areas that are a part of what they should be are one part,
// that of an ellipse in its box apart, and they are not half of all areas, which is told of the whole source. An image
// counts as stale if nine in ten of its areas that are looked at are that part, since those of small boxes are rounded,
// and three in four images of the stretch have to be.
func OfOldAreas(src *dataset.Source) OldAreas {
	o := OldAreas{Example: -1}
	p := src.AreaParts
	part, n := p.Most()
	if n < leastStretch || 2*n >= p.Compared || 4*n < 3*p.Parts() || math.Abs(part-math.Pi/4) < 0.015 {
		return o
	}
	o.Part = part
	g, marked, counts := areasByImage(src, part)
	s, ok := g.gather(marked, 1, 3)
	if !ok {
		return o
	}
	o.gathering = s
	first := g.images[s.images[0]].image
	for _, k := range s.images {
		o.Areas, o.Of = o.Areas+counts[k][0], o.Of+counts[k][1]
		if marked[k] {
			first = min(first, g.images[k].image)
		}
	}
	for _, at := range p.Places {
		if src.Objects[at.Object].Image == first && isPart(at.Part, part) && (o.Example < 0 || at.Object < o.Example) {
			o.Example = at.Object
		}
	}
	return o
}

// isPart tells whether an area is a part.
func isPart(of float32, part float64) bool { return math.Abs(float64(of)-part) <= samePart*part }

// areasByImage returns the images with areas that are looked at, whether nine in ten of them are a part, and how many
// are, of how many.
func areasByImage(src *dataset.Source, part float64) (g *glance, marked []bool, counts [][2]int) {
	byImage := make(map[int32][2]int, len(src.AreaParts.Places))
	for _, at := range src.AreaParts.Places {
		i := src.Objects[at.Object].Image
		if i < 0 || src.Images[i].LeftOut != dataset.InUse {
			continue
		}
		of := byImage[i]
		byImage[i] = [2]int{of[0] + sample.One(isPart(at.Part, part)), of[1] + 1}
	}
	g = &glance{src: src}
	for i := range src.Images {
		if of, has := byImage[int32(i)]; has && len(g.images) < math.MaxUint16 {
			g.images = append(g.images, glimpse{image: int32(i), objects: int32(of[1])})
			marked, counts = append(marked, 10*of[0] >= 9*of[1]), append(counts, of)
		}
	}
	return g, marked, counts
}

// Finding returns the finding on areas that are one part in a stretch.
func (o *OldAreas) Finding(src *dataset.Source, s int32) findings.Finding {
	of := &src.Objects[o.Example]
	f := say.Finding("area-impossible", s, of.Offset, of.Line,
		"%s: in %s %s, %s of %s that were compared are about %.2g of "+
			"the outline's area, or of width times height where there is no outline, and in the rest %s of %s have such areas. "+
			"The pictures and boxes there seem to be scaled, or a margin added, and the areas left: compute the areas anew. "+
			"Example: %s", text.Printable(src.Name), say.Plural(o.of, "image"), o.place, say.Group(o.Areas),
		say.Plural(o.Of, "area"), o.Part, say.Group(o.all-o.in), say.Plural(o.n-o.of, "image"), say.Place(src, o.Example))
	f.Size, f.Cases = float64(o.Areas), int64(o.Areas)
	return f
}
