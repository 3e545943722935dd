package convention

import (
	"fmt"
	"math"

	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
)

// fixedMessage says what boxes that end at one number of pixels seem to be. Where that is the longest side of the
// source's own images, to 1 %, boxes of its other images end there too, and no picture needs to have been resized:
// then it names these first. Pictures that were resized to the longest side of some other picture of the file are rare.
func (s *Sizes) fixedMessage(src *dataset.Source) string {
	longest := 0
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == dataset.InUse {
			longest = max(longest, im.Size.W, im.Size.H)
		}
	}
	limit := say.Group(int(s.Limit))
	what := fmt.Sprintf("the boxes end at %s px to the right and at the bottom (%s near it), "+
		"whatever the size of the image. ", limit, say.Group(s.Near))
	if s.outside() && math.Abs(float64(longest)-s.Limit) <= 0.01*s.Limit {
		return what + fmt.Sprintf("That is the longest side of the file's images: they seem to be boxes of other images, as "+
			"where files whose images have the same ids were merged, so that one picture of each id was kept and the boxes "+
			"of all. Give each file's images ids of their own before the merge, or mend image_id. Only if all pictures were "+
			"resized to some %s px, scale the boxes back", limit)
	}
	return what + fmt.Sprintf("They seem to be those of pictures resized to some %s px: scale them "+
		"back; or, if the file has images of that size, boxes of other images: mend image_id; or a part of them may be %s",
		limit, turnedWords)
}
