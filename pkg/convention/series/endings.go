package series

import (
	"math"
	"path"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Endings are images of one file ending, none of which has an annotation, while those of other endings have.
type Endings struct {
	Ending     string
	Images     int // with the ending
	Others     int // with another one
	OthersWith int // of these: with annotations
	Example    int32
}

// Found reports whether annotations seem to be lost by the ending: ten images have it, ten others have annotations, and
// by chance, were images without annotations spread over all endings, this would be so in one file in a million.
func (e *Endings) Found() bool {
	rate := (float64(e.Others-e.OthersWith) + 0.5) / float64(e.Others+1)
	return e.Images >= 10 && e.OthersWith >= 10 && float64(e.Images)*math.Log(rate) < math.Log(sample.Unlikely)
}

// OfEndings looks for the ending that most images without annotations have and no other image. It stops where each of
// their endings was seen with annotations, in most files at the first such image.
func OfEndings(src *dataset.Source) Endings {
	best := Endings{Example: -1}
	var found []Endings
	of := func(im *dataset.Image) int {
		ending := path.Ext(im.File)
		return slices.IndexFunc(found, func(e Endings) bool { return e.Ending == ending })
	}
	empty := 0
	for i := range src.Images {
		im := &src.Images[i]
		if im.First < im.Last || im.LeftOut != dataset.InUse || im.File == "" {
			continue
		}
		empty++
		at := of(im)
		if at < 0 {
			if len(found) == mostEndings {
				return best
			}
			at, found = len(found), append(found, Endings{Ending: path.Ext(im.File), Example: int32(i)})
		}
		found[at].Images++
	}
	with := 0
	for i := range src.Images {
		im := &src.Images[i]
		if im.First == im.Last || im.LeftOut != dataset.InUse || im.File == "" {
			continue
		}
		if with++; len(found) == 0 {
			return best
		}
		if at := of(im); at >= 0 {
			found = slices.Delete(found, at, at+1)
		}
	}
	for _, e := range found {
		if e.Others, e.OthersWith = empty-e.Images+with, with; e.Images > best.Images && e.Ending != "" {
			best = e
		}
	}
	return best
}

// together tells whether all images with the ending stand behind each other in the file.
func (e *Endings) together(src *dataset.Source) bool {
	runs, last := 0, false
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == dataset.InUse {
			is := path.Ext(im.File) == e.Ending
			runs += sample.One(is && !last)
			last = is
		}
	}
	return runs == 1
}

// mostEndings is how many endings the pictures of a data set have at most: more are parts of names with a point.
const mostEndings = 8

// Finding returns the finding on an ending without annotations.
func (e *Endings) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[e.Example]
	block := e.together(src)
	waive := "If they are background, waive the finding"
	if block {
		waive = "They stand together in the file, as background that was added from another set does: that is right"
	}
	f := say.Finding("annotations-cut", s, im.Offset, im.Line,
		"%s: none of %s whose names end with %q has an annotation, "+
			"and %s of %s with other endings have. The annotations of these pictures seem to be lost where names were joined "+
			"with their ending, or it was cut off: join them again, since objects without a label are trained as background. "+
			"%s. The first is %s", text.Printable(src.Name), say.Plural(e.Images, "image"), e.Ending, say.Group(e.OthersWith),
		say.Plural(e.Others, "image"), waive, say.Label(im))
	if block {
		f.Level = findings.Info
	}
	f.Image, f.Size, f.Cases = e.Example, float64(e.Images), int64(e.Images)
	return f
}
