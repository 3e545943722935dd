package page

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/par"
	"focalaudit/pkg/picture"
)

// maxSheet is how many classes the sheet shows: as many as a person takes in at a glance.
const maxSheet = 12

// Sample is an object of a class in its picture.
type Sample struct {
	Source, Object int32
	Crop           picture.Crop
}

// eyesView is what only eyes can check, and what they need for it.
type eyesView struct {
	About   string
	Samples []sampleView
	Classes string // how many classes are shown, "" if nobody gave pictures
}

// sampleView is an object of the sheet.
type sampleView struct {
	Class, File, Record string
	Frame               template.HTML
}

// candidate is the object that a class would be shown by.
type candidate struct {
	source, object int32
	grade          int
	area           float64
	file           string
	box            geom.Rect
}

// before orders candidates of a class: the clearer one first, then the larger one; equal ones by what they are,
// whatever their order in the files.
func (a *candidate) before(b *candidate) bool {
	return cmp.Or(-cmp.Compare(a.grade, b.grade), -cmp.Compare(a.area, b.area), cmp.Compare(a.file, b.file),
		cmp.Compare(a.box.X, b.box.X), cmp.Compare(a.box.Y, b.box.Y), cmp.Compare(a.box.W, b.box.W),
		cmp.Compare(a.source, b.source), cmp.Compare(a.object, b.object)) < 0
}

// The grades of a candidate. In one half of its picture, a mirrored box is elsewhere; of half of the picture at most,
// a box that is moved or scaled shows.
const (
	anyGrade = iota
	halfGrade
	clearGrade // and no other box covers a tenth of it
	asideGrade // and in the left half or in the right one
)

// sampled chooses an object for each of the largest classes, of pictures that are there.
func sampled(r *analysis.Result) []candidate {
	shown := make([]bool, len(r.Data.Classes))
	order := make([]int, len(r.Classes))
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Classes[b].Objects, r.Classes[a].Objects) })
	for _, c := range order[:min(len(order), maxSheet)] {
		shown[c] = r.Classes[c].Objects > 0
	}
	best := make([]*candidate, len(shown))
	for s := range r.Data.Sources {
		src := r.Data.Source(s)
		for k := range src.Objects {
			o := &src.Objects[k]
			if o.LeftOut != dataset.InUse || o.Class < 0 || !shown[o.Class] || o.Flags&(dataset.Crowd|dataset.Ignore) != 0 ||
				s < len(r.Config.Sizes) && r.Config.Sizes[s][o.Image].W == 0 {
				continue
			}
			im := &src.Images[o.Image]
			had := best[o.Class]
			one := candidate{int32(s), int32(k), asideGrade, float64(o.Box.W * o.Box.H), im.File, o.Box}
			if im.LeftOut != dataset.InUse || had != nil && !one.before(had) {
				continue // not even with the best grade
			}
			one.grade = gradeOf(src, im, int32(k))
			if had == nil || one.before(had) {
				best[o.Class] = &one
			}
		}
	}
	var out []candidate
	for _, c := range order[:min(len(order), maxSheet)] {
		if best[c] != nil {
			out = append(out, *best[c])
		}
	}
	return out
}

// gradeOf tells how well an object shows whether its name and its box fit the picture.
func gradeOf(src *dataset.Source, im *dataset.Image, k int32) int {
	b := src.Objects[k].Box.Box()
	w, h := float64(im.Size.W), float64(im.Size.H)
	area := float64(b.Width() * b.Height())
	if b.X0 < 0 || b.Y0 < 0 || b.X1 > w || b.Y1 > h || 2*area > float64(w*h) {
		return anyGrade
	}
	for j := im.First; j < im.Last; j++ {
		if in := b.Intersect(src.Objects[j].Box.Box()); j != k && !in.Empty() && 10*in.Width()*in.Height() > area {
			return halfGrade
		}
	}
	if b.X1 > w/2 && b.X0 < w/2 {
		return clearGrade
	}
	return asideGrade
}

// cutSheet cuts an object of each of the largest classes out of its picture. What is missing or broken is left out.
func cutSheet(ctx context.Context, d *picture.Dir, r *analysis.Result) ([]Sample, error) {
	chosen := sampled(r)
	cuts := make([]picture.Cut, len(chosen))
	images := make([]*dataset.Image, len(chosen))
	for i := range chosen {
		src := r.Data.Source(int(chosen[i].source))
		images[i] = &src.Images[src.Objects[chosen[i].object].Image]
	}
	err := par.Do(ctx, r.Config.Workers, len(chosen), func(i int) error {
		cuts[i] = d.Crops(images[i].File, images[i].Size, []geom.Box{chosen[i].box.Box()})[0]
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []Sample
	for i := range chosen {
		if cuts[i].Err == nil {
			out = append(out, Sample{chosen[i].source, chosen[i].object, cuts[i].Crop})
		}
	}
	return out, nil
}

// sheetBytes is what the sheet takes of the page.
func (c *Crops) sheetBytes() (n int) {
	for i := range c.Sheet {
		n += base64.StdEncoding.EncodedLen(len(c.Sheet[i].Crop.JPEG))
	}
	return n
}

// eyes is what only eyes can check.
func (p *painter) eyes() eyesView {
	v := eyesView{About: answer.Checked(p.Result, "look at the objects below.")}
	if p.crops == nil {
		return v
	}
	for i := range p.crops.Sheet {
		one := &p.crops.Sheet[i]
		src := p.Data.Source(int(one.Source))
		o := &src.Objects[one.Object]
		v.Samples = append(v.Samples, sampleView{
			Class: p.class(o.Class), File: p.at(int(one.Source), o.Image), Record: dataset.Label("annotation", o.ID),
			Frame: p.sample(o, &one.Crop),
		})
	}
	used := 0
	for c := range p.Classes {
		if p.Classes[c].Objects > 0 {
			used++
		}
	}
	if len(v.Samples) == 0 {
		v.Classes = "No object is shown: none of their pictures was read from the directory that --images names."
		return v
	}
	v.Classes = fmt.Sprintf("%s of %s with objects are shown, the most frequent ones first: of each a large object that "+
		"no other one covers, away from the middle where there is one. If a name is wrong, compare the list of categories "+
		"with the one that the labels were made with; if a box is beside its object, look for a mirror, another size or "+
		"another picture.", count(len(v.Samples)), plural(used, "class"))
	return v
}

// sample draws an object in its picture.
func (p *painter) sample(o *dataset.Object, c *picture.Crop) template.HTML {
	scale := float64(c.Size.W) / c.Part.W
	w, h := float64(c.Size.W), float64(c.Size.H)
	s := newSVG("frame crop", w, h, fmt.Sprintf("Part of the picture around the box of %s at %s", p.class(o.Class),
		corners(o.Box)))
	s.image(c.JPEG, w, h)
	b := o.Box
	b.X, b.Y = b.X-c.Part.X, b.Y-c.Part.Y
	if b, ok := fitted(b, scale, w, h); ok {
		s.rect("halo", b.X, b.Y, b.W, b.H, "")
		s.rect("ann", b.X, b.Y, b.W, b.H, "")
	}
	return s.end()
}
