package series

import (
	"fmt"
	"slices"
	"strings"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Splits says that a source holds images for training and others for validation or testing.
type Splits struct {
	Images map[string]int // by "train", "val", "test"
	ByName bool           // the directories of file names say so, else a key of the images
}

// leastSplit is how many images a split must have: a single one may be a stray.
const leastSplit = 3

// Found tells whether there are images for training, and others.
func (p *Splits) Found() bool {
	return p.Images["train"] >= leastSplit && p.Images["val"]+p.Images["test"] >= leastSplit
}

// OfSplits asks the images' own key, as far as the reader took one, then the directories below what all file
// names have in common.
func OfSplits(src *dataset.Source) Splits {
	p := Splits{Images: map[string]int{}}
	for as, n := range src.Uses {
		if r := names.Role(as); r != "" {
			p.Images[r] += n
		}
	}
	if p.Found() || len(src.Images) == 0 || !strings.Contains(src.Images[0].File, "/") {
		return p
	}
	p = Splits{Images: map[string]int{}, ByName: true}
	common := names.CommonDirectory(src)
	in := map[string]int{}
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == dataset.InUse {
			in[im.File[len(common):max(len(common), strings.LastIndexByte(im.File, '/'))]]++
		}
	}
	for dir, n := range in {
		if r := names.Role(dir); r != "" {
			p.Images[r] += n
		}
	}
	return p
}

// Finding returns the finding on splits in one source.
func (p *Splits) Finding(src *dataset.Source, s int32) findings.Finding {
	by := "their records"
	if p.ByName {
		by = "the directories of their names"
	}
	var parts []string
	for _, r := range []string{"train", "val", "test"} {
		if n := p.Images[r]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s for %s", say.Group(n), map[string]string{
				"train": "training", "val": "validation", "test": "testing"}[r]))
		}
	}
	last := len(parts) - 1
	f := say.Finding("splits-in-one-file", s, 0, 1,
		"%s: by %s, the images are %s and %s. Trainers take all images of the "+
			"file they are given, so that those for validation and testing are trained too: write a file for each, unless all "+
			"are meant to be trained", text.Printable(src.Name), by, strings.Join(slices.Clone(parts[:last]), ", "), parts[last])
	f.Cases = int64(p.Images["val"] + p.Images["test"])
	f.Size = float64(f.Cases)
	return f
}
