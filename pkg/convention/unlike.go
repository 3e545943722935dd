package convention

import (
	"focalaudit/pkg/convention/changes"
	"focalaudit/pkg/findings"
)

// unlike returns all with a part of the images whose boxes differ from those of the rest, where no rule has said what
// the boxes or the records are. Frames of a video show the same objects again and again and drift with the camera:
// there, such a part is no news.
func (at site) unlike(all []findings.Finding) []findings.Finding {
	for i := range all {
		switch all[i].Code {
		case "box-convention", "image-size-convention", "columns-shifted", "boxes-misjoined", "boxes-carried-over",
			"objects-doubled", "records-change", "class-numbers-shifted", "area-impossible", "segmentation-rings":
			return all
		}
	}
	order := make([]int32, len(at.seen.images))
	for i := range at.seen.images {
		order[i] = at.seen.images[i].image
	}
	c := changes.Of(at.src, order)
	if c.Found() && at.seen.scenes() == nil {
		all = append(all, c.Finding(at.src, at.s))
	}
	return all
}
