package convention

import (
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// TestFixedAdvice: boxes of two halves of a real file, whose images were numbered from 1 in both and kept once, are told
// to be boxes of other images before anything else; those of pictures that were stretched to a size that the file lacks
// are told to be scaled back.
func TestFixedAdvice(t *testing.T) {
	src := realfiles.Read(t, false, realfiles.Shared(t, "data", "voc2007", "instances_test2007.json")).Source(0)
	merged := asIs(src)
	half := len(merged.Images) / 2
	var images []dataset.Image
	var objects []dataset.Object
	for i := range half {
		im := merged.Images[half+i]
		first := int32(len(objects))
		for _, of := range []int{i, half + i} {
			objects = append(objects, merged.Objects[merged.Images[of].First:merged.Images[of].Last]...)
		}
		im.First, im.Last = first, int32(len(objects))
		for k := im.First; k < im.Last; k++ {
			objects[k].Image = int32(i)
		}
		images = append(images, im)
	}
	merged.Images, merged.Objects = images, slices.Clone(objects)
	for _, c := range []struct {
		what  string
		src   *dataset.Source
		first string
	}{
		{"merged", merged, "Give each file's images ids of their own"},
		{"stretched", scale(src, func(w, h float64) (float64, float64) { return 720 / w, 720 / h }), "scale them back"},
	} {
		s := OfSizes(c.src)
		if s.Kind != Fixed {
			t.Errorf("%s: kind %d", c.what, s.Kind)
			continue
		}
		message := s.Finding(c.src, 0).Message
		_, mend, _ := strings.Cut(message, "whatever the size of the image. ")
		if at := strings.Index(mend, c.first); at < 0 || c.what == "merged" && strings.Index(mend, "scale the boxes back") < at {
			t.Errorf("%s: %s", c.what, message)
		}
	}
}
