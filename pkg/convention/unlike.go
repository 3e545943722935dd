package convention

import (
	"focalaudit/pkg/convention/changes"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// unlike returns all with a part of the images whose boxes differ from those of the rest, where no rule has said what
// the boxes or the records are.
func (at site) unlike(all []findings.Finding) []findings.Finding {
	for i := range all {
		switch all[i].Code {
		case "box-convention", "image-size-convention", "columns-shifted", "boxes-misjoined", "boxes-carried-over",
			"objects-doubled", "records-change", "class-numbers-shifted", "area-impossible", "segmentation-rings":
			return all
		}
	}
	if c := changes.Of(at.src, at.seen.withObjects(at.src)); !c.Found() {
		return all
	}
	src := newOnly(at.src) // in a video the same objects stand in image after image
	c := changes.Of(src, at.seen.withObjects(src))
	if c.Found() {
		all = append(all, c.Finding(at.src, at.s))
	}
	return all
}

// withObjects returns the images that are looked at and have objects in a source, in the order of the file.
func (g *glance) withObjects(src *dataset.Source) (order []int32) {
	for i := range g.images {
		if im := &src.Images[g.images[i].image]; im.First < im.Last {
			order = append(order, g.images[i].image)
		}
	}
	return order
}
