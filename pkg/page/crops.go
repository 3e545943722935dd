package page

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"math"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/par"
	"focalaudit/pkg/picture"
)

// Crops are parts of the pictures that the page shows.
type Crops struct {
	By    map[int]picture.Crop // by the rank of the finding, from 0
	Sheet []Sample             // an object of each of the largest classes

	// Asked counts the findings whose picture was wanted, Missing those whose file is not
	// there, and Broken those that can't be decoded, or not in time.
	Asked, Missing, Broken int
}

// MaxCrops is how many crops a page has at most, and maxCropBytes how many bytes they have
// together, as they are written in the page.
const (
	MaxCrops     = 200
	maxCropBytes = 8e6
)

// CutCrops cuts the crops of the findings that the page shows, the first n of them, out of the
// pictures in a directory, and, unless n is 0, the sheet's. A picture that is missing or broken is counted and left
// out; the error is that of ctx.
func CutCrops(ctx context.Context, d *picture.Dir, r *analysis.Result, n int) (*Crops, error) {
	shown := shownFindings(r)
	shown = shown[:min(len(shown), n)]
	cuts := make([]picture.Cut, len(shown))
	images := byImage(r, shown)
	err := par.Do(ctx, r.Config.Workers, len(images), func(k int) error {
		of := images[k]
		f := &r.Findings[shown[of[0]]]
		im := &r.Data.Images(int(f.Source))[f.Image]
		boxes := make([]geom.Box, len(of))
		for b, i := range of {
			boxes[b] = withDetection(&r.Findings[shown[i]])
		}
		for b, c := range d.Crops(im.File, im.Size, boxes) {
			cuts[of[b]] = c
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &Crops{By: map[int]picture.Crop{}, Asked: len(shown)}
	if n > 0 {
		if out.Sheet, err = cutSheet(ctx, d, r); err != nil {
			return nil, err
		}
	}
	bytes := out.sheetBytes()
	for i, rank := range shown {
		switch {
		case errors.Is(cuts[i].Err, picture.ErrMissing):
			out.Missing++
		case cuts[i].Err != nil:
			out.Broken++
		default:
			if bytes += base64.StdEncoding.EncodedLen(len(cuts[i].JPEG)); bytes <= maxCropBytes {
				out.By[rank] = cuts[i].Crop
			}
		}
	}
	return out, nil
}

// byImage returns the indices of shown findings, image by image: a picture is decoded once for all of its findings.
func byImage(r *analysis.Result, shown []int) (images [][]int) {
	type image struct{ source, image int32 }
	at := map[image]int{}
	for i, rank := range shown {
		f := &r.Findings[rank]
		key := image{int32(f.Source), int32(f.Image)}
		k, known := at[key]
		if !known {
			k, at[key] = len(images), len(images)
			images = append(images, nil)
		}
		images[k] = append(images[k], i)
	}
	return images
}

// shownFindings returns the findings with a box on an image that the page draws: label errors,
// then the examples of each code.
func shownFindings(r *analysis.Result) (out []int) {
	seen, labels := map[string]int{}, 0
	var examples []int
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Evidence != nil { // where it is an example of its code, its frame stands: no crop is there twice
			if labels++; labels <= MaxLabels && drawable(r, f) {
				out = append(out, i)
			}
			continue
		}
		if kind := f.Code + " " + f.Severity().String(); seen[kind] < maxExamples {
			seen[kind]++
			if drawable(r, f) {
				examples = append(examples, i)
			}
		}
	}
	return append(out, examples...)
}

// drawable reports whether a finding has a box on an image with a size.
func drawable(r *analysis.Result, f *findings.Finding) bool {
	if !f.HasBox || f.Source < 0 || f.Image < 0 {
		return false
	}
	im := &r.Data.Images(int(f.Source))[f.Image]
	return im.Size.W > 0 && im.Size.H > 0
}

// withDetection is the box of a finding with its detection.
func withDetection(f *findings.Finding) geom.Box {
	b := ordered(f.Box)
	if e := f.Evidence; e != nil && !math.IsNaN(e.Detection.Score) {
		d := ordered(e.Detection.Box)
		b = geom.Box{X0: min(b.X0, d.X0), Y0: min(b.Y0, d.Y0), X1: max(b.X1, d.X1), Y1: max(b.Y1, d.Y1)}
	}
	return b
}

// ordered is a box whose sides are not negative.
func ordered(r geom.Rect) geom.Box {
	b := r.Box()
	return geom.Box{X0: min(b.X0, b.X1), Y0: min(b.Y0, b.Y1), X1: max(b.X0, b.X1), Y1: max(b.Y0, b.Y1)}
}

// crop draws the crop of a finding with the boxes over it.
func (p *painter) crop(f *findings.Finding, c *picture.Crop) template.HTML {
	scale := float64(c.Size.W) / c.Part.W
	w, h := float64(c.Size.W), float64(c.Size.H)
	s := newSVG("frame crop", w, h,
		fmt.Sprintf("Part of the picture around the box of %s at %s", p.class(f.Class), corners(f.Box)))
	s.image(c.JPEG, w, h)
	fit := func(r geom.Rect) (geom.Rect, bool) {
		r.X, r.Y = r.X-c.Part.X, r.Y-c.Part.Y
		return fitted(r, scale, w, h)
	}
	boxes(s, f, "halo", fit) // a dark line under each, so that it shows on any ground
	boxes(s, f, "", fit)
	return s.end()
}

// boxes draws the annotation solid and the detection dashed, or both in another class.
func boxes(s *svg, f *findings.Finding, class string, fit func(geom.Rect) (geom.Rect, bool)) {
	draw := func(own string, r geom.Rect) {
		if b, ok := fit(r); ok {
			if class != "" {
				own = class
			}
			s.rect(own, b.X, b.Y, b.W, b.H, "")
		}
	}
	if f.Evidence != nil && f.Object < 0 {
		draw("det", f.Box)
		return
	}
	draw("ann", f.Box)
	if e := f.Evidence; e != nil && !math.IsNaN(e.Detection.Score) {
		draw("det", e.Detection.Box)
	}
}

// pictures says how many pictures are shown, "" if nobody gave any.
func (p *painter) pictures() string {
	c := p.crops
	if c == nil {
		return ""
	}
	out := fmt.Sprintf("%s of %s are shown, cut out around the boxes.", count(len(c.By)), plural(c.Asked, "picture"))
	if c.Missing > 0 {
		out += fmt.Sprintf(" %s not in the directory that --images names: the frame with its boxes stands there.",
			are(c.Missing))
	}
	if c.Broken > 0 {
		out += fmt.Sprintf(" %s broken, too large, or not read within 5 minutes.", are(c.Broken))
	}
	return out
}

// are counts things that are something.
func are(n int) string {
	if n == 1 {
		return "1 is"
	}
	return count(n) + " are"
}
