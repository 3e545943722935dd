package analysis

import (
	"fmt"
	"iter"
	"math"

	"focalaudit/pkg/convention/between"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/text"
)

// RareBelow is the number of objects below which a class is called rare: too
// few for a held-out part to hold any.
const RareBelow = 10

// find puts all findings together and ranks them.
func (r *Result) find(found [][]findings.Finding) {
	n := 0
	for s := range r.Data.Sources {
		n += len(r.Data.Sources[s].Flaws) + len(r.Digests[s].Found)
	}
	for _, fs := range found {
		n += len(fs)
	}
	r.Findings = make([]findings.Finding, 0, n+n/4) // with room for what the whole data set tells
	for s := range r.Data.Sources {
		for i := range r.Data.Sources[s].Flaws {
			if w := &r.Data.Sources[s].Flaws[i]; w.Object < 0 { // a digest has the others
				r.Findings = append(r.Findings, r.flaw(s, w))
			}
		}
		r.Findings = append(r.Findings, r.Digests[s].Found...)
		r.Digests[s].Found = nil // they are not held twice
	}
	for _, fs := range found {
		r.Findings = append(r.Findings, fs...)
	}
	r.Findings = append(r.Findings, between.Compare(r.Data, r.apart(), r.sighted())...)
	for i, v := range r.Verdicts {
		if v != nil {
			r.Findings = append(r.Findings, v.Findings(r.Data, r.Config.Results[i])...)
		}
	}
	r.findSizes()
	r.findNothing()
	r.findUnfit()
	r.findUnused()
	r.findNumbering()
	r.findBackground()
	r.findNotObjects()
	for s := range r.Data.Sources {
		r.findSpelled(s)
	}
	r.findRare()
	r.findOutliers()
	r.findResults()
	if r.Audit != nil {
		r.Findings = append(r.Findings, r.Audit.Findings(r.Data, r.Setting, r.Config.Calibration, r.Config.Prevalence)...)
	}
	r.Findings = findings.Rank(r.Findings)
	r.ClassFindings = make([]int64, len(r.Data.Classes))
	for i := range r.Findings {
		if c := r.Findings[i].Class; c >= 0 {
			r.ClassFindings[c]++
		}
	}
}

// sighted returns what returns the sightings of images.
func (r *Result) sighted() func(between.List) iter.Seq[between.Sighting] {
	if r.parts != nil {
		return r.parts.Sighted
	}
	return func(l between.List) iter.Seq[between.Sighting] { return between.Sighted(r.Data, l) }
}

// apart returns the parts of the data that may have no class in common, by source.
func (r *Result) apart() [][]between.Part {
	all := make([][]between.Part, len(r.Digests))
	for s := range r.Digests {
		all[s] = r.Digests[s].Apart
	}
	return all
}

// verb returns the verb of n things.
func verb(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// findResults tells what is wrong with the files of detections, each kind of
// flaw once.
func (r *Result) findResults() {
	about := func(code, message string, n int64) {
		f := findings.New(code)
		f.Size, f.Message = float64(n), message
		if code != "detection-class-shifted" { // which is about the file, however many detections tell
			f.Cases = n
		}
		r.Findings = append(r.Findings, f)
	}
	for i, a := range r.Accounts {
		if a == nil {
			continue
		}
		if a.Missing > 0 {
			about("logits-missing", fmt.Sprintf("scores %s: %s of %s in use %s no logits",
				r.Config.Scores[i].Name, text.Group(a.Missing), text.Plural(int(r.Total.Images), "image"),
				verb(a.Missing, "has", "have")), a.Missing)
		}
		of := r.Config.Results[i]
		if of == nil {
			continue
		}
		for _, f := range of.LeftOut {
			about(f.Code, fmt.Sprintf("%s: %s of %s %s left out; the first, at byte %d, line %d: %s",
				of.Name, text.Group(int64(f.N)), text.Plural(int(of.Read), "record"),
				verb(int64(f.N), "is", "are"), f.Offset, f.Line, f.Message), int64(f.N))
		}
		if f := of.Repeated; f.N > 0 {
			about(f.Code, fmt.Sprintf("%s: %s of %s %s a key more than once; the first, at byte %d, line %d: %s",
				of.Name, text.Group(int64(f.N)), text.Plural(int(of.Read), "record"),
				verb(int64(f.N), "has", "have"), f.Offset, f.Line, f.Message), int64(f.N))
		}
		if a.Outside > 0 {
			about("detection-outside", fmt.Sprintf(
				"%s: of %s on images in use, %s %s nothing in common with the image",
				of.Name, text.Plural(int(a.Placed), "detection"), text.Group(a.Outside), verb(a.Outside, "has", "have")), a.Outside)
		}
		if shift, ok := shifted(&a.Agreement); ok {
			direction := "one higher"
			if shift < 0 {
				direction = "one lower"
			}
			about("detection-class-shifted", fmt.Sprintf(
				"%s: of %d detections that lie on an object, weighed by score, "+
					"%.0f %% have its class, and %.0f %% would with category ids %s",
				of.Name, a.Agreement.Pairs, percent(&a.Agreement, 0), percent(&a.Agreement, shift), direction),
				a.Agreement.Pairs)
		}
	}
}

// flaw turns what reading met into a finding.
func (r *Result) flaw(s int, w *dataset.Flaw) findings.Finding {
	f := findings.New(w.Code)
	f.Message, f.Source, f.Image, f.Object, f.Line, f.Offset = w.Message, int32(s), w.Image, w.Object, w.Line, w.Offset
	if w.Object >= 0 {
		o := r.Data.Object(s, int(w.Object))
		f.Class, f.Box, f.HasBox = o.Class, o.Box, o.LeftOut != dataset.NoBox
		if f.Image < 0 {
			f.Image = o.Image
		}
	}
	f.Cases = int64(w.Cases)
	switch w.Code {
	case dataset.BoxNegative, dataset.BoxEmpty, dataset.BoxOutside:
		if does := r.ObjectSlot(s, int(w.Object)).LeftOut.Trainer.Does(); does != "" {
			f.Message += "; " + r.Config.Preset.Name + " " + does
		}
	}
	if does := r.Trainer.Repeated(); w.Code == dataset.ObjectDuplicate && does != "" {
		f.Level = findings.Error
		f.Message += "; " + r.Config.Preset.Name + " " + does
	}
	return f
}

// findSizes tells of pictures that have another size than their record says.
func (r *Result) findSizes() {
	for s := range r.Config.Sizes {
		for i, got := range r.Config.Sizes[s] {
			im := r.Data.Image(s, i)
			if got == (geom.Size{}) || im.LeftOut != dataset.InUse || got == im.Size {
				continue
			}
			f := pass.AboutImage(r.Data, "image-size-differs", s, i)
			f.Size = math.Abs(math.Log(float64(got.W)/float64(im.Size.W))) +
				math.Abs(math.Log(float64(got.H)/float64(im.Size.H)))
			turned := ""
			if got.W == im.Size.H && got.H == im.Size.W {
				turned = ": width and height are exchanged, as by an EXIF orientation"
			}
			f.Message = fmt.Sprintf("%s is annotated as %d × %d px, and the picture has %d × %d px%s",
				dataset.Label("image", im.ID), im.Size.W, im.Size.H, got.W, got.H, turned)
			r.Findings = append(r.Findings, f)
		}
	}
}

func (r *Result) findRare() {
	for i := range r.Classes {
		if n := r.Classes[i].Objects; n > 0 && n < RareBelow {
			f := findings.New("class-rare")
			f.Class, f.Size = int32(i), float64(RareBelow-n)
			f.Message = fmt.Sprintf("class %q: %s", r.Data.Classes[i].Name, text.Plural(int(n), "usable object"))
			r.Findings = append(r.Findings, f)
		}
	}
}

// percent is the share, in percent, of the detections on objects whose class is the
// object's, with category ids shifted by so many.
func percent(a *ledger.Agreement, shift int) float64 {
	of := a.Same
	switch shift {
	case 1:
		of = a.Higher
	case -1:
		of = a.Lower
	}
	return 100 * float64(of) / float64(a.All)
}

// shifted tells which shift of the category ids makes most classes agree where
// few do as they are. Fewer than 20 pairs tell nothing.
func shifted(a *ledger.Agreement) (shift int, ok bool) {
	for _, shift := range []int{1, -1} {
		if a.Pairs >= 20 && percent(a, shift) > 50 && percent(a, 0) < 20 {
			return shift, true
		}
	}
	return 0, false
}
