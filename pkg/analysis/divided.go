package analysis

import (
	"fmt"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// divided tells of pictures that a source has in several records under one name, of which one has boxes
// that another with boxes lacks: a trainer that loads both takes each other's objects for background.
func (r *Result) divided(s int) (f findings.Finding, ok bool) {
	src := r.Data.Source(s)
	repeated := false
	for i := range r.Data.Sources[s].Flaws {
		repeated = repeated || r.Data.Sources[s].Flaws[i].Code == dataset.FileDuplicate
	}
	if !repeated || r.Trainer.JoinsByName() {
		return f, false
	}
	first := make(map[string]int32, len(src.Images))
	n := 0
	for i := range src.Images {
		im := &src.Images[i]
		if im.File == "" || im.LeftOut != dataset.InUse {
			continue
		}
		at, known := first[im.File]
		if !known {
			first[im.File] = int32(i)
			continue
		}
		a, b := lacking(src, im, &src.Images[at]), lacking(src, &src.Images[at], im)
		if a+b == 0 {
			continue
		}
		if n++; n == 1 {
			f = findings.New("file-name-duplicate")
			f.Key, f.Level = "divided", findings.Error
			f.Source, f.Image, f.Offset, f.Line = int32(s), int32(i), im.Offset, im.Line
			f.Message = fmt.Sprintf("%q: %s boxes of %s are not among those of %s, and %s the other way round", im.File,
				text.Group(int64(a)), dataset.Label("image", im.ID), dataset.Label("image", src.Images[at].ID),
				text.Group(int64(b)))
		}
	}
	if n == 0 {
		return f, false
	}
	f.Cases, f.Size = int64(n), float64(n)
	f.Message = fmt.Sprintf("%s under the name of an earlier one, with other boxes: %s loads the picture for each, "+
		"and takes the objects that only the other record has for background. Merge the records; or if they are two "+
		"pictures whose directories were lost, write the paths. Example: %s",
		text.Plural(n, "image record"), r.Config.Preset.Name, f.Message)
	return f, true
}

// lacking returns how many objects of an image another one with objects has no box for, by IoU 0.5; 0 if one of
// them has none.
func lacking(src *dataset.Source, im, other *dataset.Image) (n int) {
	any := false
	for k := im.First; k < im.Last; k++ {
		o := &src.Objects[k]
		if o.LeftOut != dataset.InUse || o.Flags&dataset.Crowd != 0 {
			continue
		}
		found := false
		for j := other.First; j < other.Last && !found; j++ {
			p := &src.Objects[j]
			if p.LeftOut != dataset.InUse {
				continue
			}
			any = true
			a, b := o.Box.Box(), p.Box.Box()
			inter := a.Intersect(b).Area()
			found = 3*inter >= a.Area()+b.Area()
		}
		if !found {
			n++
		}
	}
	if !any {
		return 0
	}
	return n
}
