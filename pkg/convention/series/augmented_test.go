package series

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// withAugmented returns a source with copies of each image, behind all or behind their original, whose names are those
// that formats make of stem and ending.
func withAugmented(src *dataset.Source, behind bool, formats ...string) *dataset.Source {
	out := &dataset.Source{Name: src.Name, Categories: src.Categories}
	add := func(i int, format string) {
		im := src.Images[i]
		objects := src.Objects[im.First:im.Last]
		ending := path.Ext(im.File)
		im.File = strings.TrimPrefix(fmt.Sprintf(format, strings.TrimSuffix(im.File, ending)), "/") + ending
		im.ID = dataset.PlainID(int64(len(out.Images) + 1))
		im.First = int32(len(out.Objects))
		for _, o := range objects {
			o.Image, o.ID = int32(len(out.Images)), dataset.PlainID(int64(len(out.Objects)+1))
			out.Objects = append(out.Objects, o)
		}
		im.Last = int32(len(out.Objects))
		out.Images = append(out.Images, im)
	}
	for i := range src.Images {
		add(i, "%s")
		for _, format := range formats {
			if !behind {
				add(i, format)
			}
		}
	}
	for _, format := range formats {
		for i := range src.Images {
			if behind {
				add(i, format)
			}
		}
	}
	return out
}

// TestAugmented: copies of real files with other colours, by their names, are an info where 10 images or more have
// boxes, wherever they stand, as are the same pictures again; copies by names that say something else are a warning, as
// are the boxes of one picture in the next ones of a series.
func TestAugmented(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	for _, src := range realfiles.FirstImages(t) {
		if len(src.Images) > 1000 {
			realfiles.CutImages(&src, 0, 1000)
		}
		boxed := 0
		named := true
		for i := range src.Images {
			boxed += sample.One(src.Images[i].First < src.Images[i].Last && src.Images[i].LeftOut == dataset.InUse)
			named = named && src.Images[i].File != ""
		}
		if boxed < 30 || !named {
			continue
		}
		for _, c := range []struct {
			formats []string
			want    findings.Severity
		}{
			{[]string{"%s_bright"}, findings.Info}, {[]string{"%s-dark", "%s-hue"}, findings.Info},
			{[]string{"%s_aug0", "%s_aug1", "%s_aug2"}, findings.Info}, {[]string{"%s_color_jitter_3"}, findings.Info},
			{[]string{"%s_copy"}, findings.Info}, {[]string{"%s_1"}, findings.Info}, {[]string{"%s_1", "%s_2"}, findings.Warning},
			{[]string{"%s_rot90"}, findings.Warning},
		} {
			for _, behind := range []bool{false, true} {
				all := withAugmented(&src, behind, c.formats...)
				for _, of := range []*dataset.Source{all, realfiles.Permuted(all, rng)} {
					found := OfCarried(of)
					if !found.Found() {
						t.Errorf("%s, %s, behind %v: nothing is told", src.Name, c.formats, behind)
						continue
					}
					if f := found.Finding(of, 0); f.Level != c.want && (c.want == findings.Info || f.Level != 0) {
						t.Errorf("%s, %s, behind %v: %s", src.Name, c.formats, behind, f.Message)
					}
				}
			}
		}
	}
}
