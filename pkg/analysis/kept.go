package analysis

import (
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
)

// samePlace is the IoU from which on two detections are of one place.
const samePlace = 0.5

// place is an image of a source.
type place struct{ source, image int32 }

// review marks the findings that a person looked at and kept: by their fingerprints, a suspected annotation also if
// it was kept when another kind of error was suspected in it, and an object that may be missing also where it lies on a
// place that was kept.
func (r *Result) review() {
	if len(r.Config.Reviewed) == 0 {
		return
	}
	kept := findings.NewKept(r.Config.Reviewed)
	places := r.keptPlaces(kept)
	for _, i := range findings.BySource(len(r.Findings), func(i int) int32 { return r.Findings[i].Source }) {
		f := &r.Findings[i]
		f.Reviewed = kept.By(r.Fingerprint(f), f.Code, r.fileOf(f), r.Data.ClassName(f.Class), f.Box, f.HasBox) != nil
		if f.Code != labels.Missing.String() {
			continue
		}
		for _, box := range places[place{f.Source, f.Image}] {
			f.Reviewed = f.Reviewed || iou.Of(box.Box(), f.Box.Box()) >= samePlace
		}
	}
}

// keptPlaces returns the boxes of the detections for which people annotated nothing, whether they amount to findings
// now or not.
func (r *Result) keptPlaces(kept findings.Kept) map[place][]geom.Rect {
	if r.Audit == nil {
		return nil
	}
	at := map[place][]geom.Rect{}
	all := r.Audit.All
	for _, i := range findings.BySource(len(all), func(i int) int32 { return all[i].Source }) {
		s := &all[i]
		if s.Kind != labels.Missing || s.Seen == nil {
			continue
		}
		f := findings.New(s.Kind.String())
		f.Source, f.Image, f.Class, f.Box, f.HasBox = s.Source, s.Image, s.Seen.Class, s.Seen.Box, true
		if kept[r.Fingerprint(&f)] {
			at[place{s.Source, s.Image}] = append(at[place{s.Source, s.Image}], s.Seen.Box)
		}
	}
	return at
}

// fileOf returns the file name of a finding's image, "" if it has none.
func (r *Result) fileOf(f *findings.Finding) string {
	if f.Source < 0 || f.Image < 0 {
		return ""
	}
	return r.Data.Images(int(f.Source))[f.Image].File
}

// Fingerprint returns the fingerprint of a finding of the run (findings.Fingerprint).
func (r *Result) Fingerprint(f *findings.Finding) string {
	return findings.Fingerprint(f.Name(), r.fileOf(f), r.Data.ClassName(f.Class), f.Box, f.HasBox)
}
