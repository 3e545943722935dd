package report

import (
	"cmp"
	"iter"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/audit"
	"focalaudit/pkg/calibration"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/labels"
)

// suspectRow is a row of suspects.parquet.
type suspectRow struct {
	Kind              string   `parquet:"kind,dict"`
	Score             float64  `parquet:"score"`
	Rank              int32    `parquet:"rank"`
	LabelScore        float64  `parquet:"label_score"`
	Number            *int32   `parquet:"number"`
	ExpectedPrecision *float64 `parquet:"expected_precision"`
	Source            string   `parquet:"source,dict"`
	ImageID           string   `parquet:"image_id"`
	ImageIDInt        *int64   `parquet:"image_id_int"`
	FileName          string   `parquet:"file_name"`
	AnnotationID      *string  `parquet:"annotation_id"`
	Class             *string  `parquet:"class,dict"`
	X                 *float64 `parquet:"x"`
	Y                 *float64 `parquet:"y"`
	Width             *float64 `parquet:"width"`
	Height            *float64 `parquet:"height"`
	DetectionClass    *string  `parquet:"detection_class,dict"`
	DetectionScore    *float64 `parquet:"detection_score"`
	DetectionX        *float64 `parquet:"detection_x"`
	DetectionY        *float64 `parquet:"detection_y"`
	DetectionWidth    *float64 `parquet:"detection_width"`
	DetectionHeight   *float64 `parquet:"detection_height"`
	IoU               *float64 `parquet:"iou"`
	BCE               float64  `parquet:"bce"`
	Focal             float64  `parquet:"focal"`
}

// suspects yields every kind of error of every label, and every detection where an object may be
// missing, from audit.Listed on: by kind, the likeliest first.
func suspects(r *analysis.Result) iter.Seq[suspectRow] {
	return func(yield func(suspectRow) bool) {
		if r.Audit == nil {
			return
		}
		order := make([]*audit.Suspect, len(r.Audit.All))
		for i := range order {
			order[i] = &r.Audit.All[i]
		}
		slices.SortFunc(order, func(a, b *audit.Suspect) int { return compareSuspects(r.Data, a, b) })
		focal := r.Setting.Index(r.Config.Focal)
		number, rank, kind := numbers(r), int32(0), labels.NumKinds
		var rows []suspectRow
		for len(order) > 0 {
			batch := order[:min(batchFound, len(order))]
			order = order[len(batch):]
			rows = slices.Grow(rows[:0], len(batch))[:len(batch)]
			for _, i := range findings.BySource(len(batch), func(i int) int32 { return batch[i].Source }) {
				rows[i] = suspectOf(r, batch[i])
			}
			for i, s := range batch {
				if s.Kind != kind {
					rank, kind = 0, s.Kind
				}
				rank++
				rows[i].Rank, rows[i].BCE, rows[i].Focal = rank, s.Cost.Loss[0], s.Cost.Loss[focal]
				if n, listed := number[entryOf(s)]; listed {
					rows[i].Number = &n
				}
				if !yield(rows[i]) {
					return
				}
			}
		}
	}
}

// entry is what an entry of the list of suspects is about.
type entry struct {
	code          string
	source, image int32
	object        int32              // -1 of a missing one
	detection     findings.Detection // of a missing one
}

func entryOf(s *audit.Suspect) entry {
	e := entry{code: s.Kind.String(), source: s.Source, image: s.Image, object: s.Object}
	if s.Object < 0 && s.Seen != nil {
		e.detection = findings.Detection{Score: s.Seen.Score, Class: s.Seen.Class, Box: s.Seen.Box}
	}
	return e
}

// numbers are the places on the list of suspects, from 1: that of the page and of analyze review.
func numbers(r *analysis.Result) map[entry]int32 {
	out := map[entry]int32{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if !f.Suspected() {
			continue
		}
		e := entry{code: f.Code, source: f.Source, image: f.Image, object: f.Object}
		if f.Object < 0 {
			e.detection = f.Evidence.Detection
		}
		out[e] = int32(len(out) + 1)
	}
	return out
}

// compareSuspects orders suspects by kind and falling score. Those of one score are ordered by what
// they are about, so that the order of the files' records does not matter.
func compareSuspects(d *dataset.Dataset, a, b *audit.Suspect) int {
	if c := cmp.Or(
		cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.Score, a.Score),
		cmp.Compare(d.Sources[a.Source].Name, d.Sources[b.Source].Name),
	); c != 0 {
		return c
	}
	x, y := d.Source(int(a.Source)), d.Source(int(b.Source)) // the same, since names differ
	im, of := &x.Images[a.Image], &y.Images[b.Image]
	c := cmp.Or(cmp.Compare(im.File, of.File), cmp.Compare(im.ID.String(), of.ID.String()))
	if c != 0 || a.Object < 0 || b.Object < 0 {
		return cmp.Or(c, compareDetections(a.Seen, b.Seen))
	}
	p, q := &x.Objects[a.Object], &y.Objects[b.Object]
	return cmp.Or(cmp.Compare(p.ID.String(), q.ID.String()), cmp.Compare(p.Box.X, q.Box.X), cmp.Compare(p.Box.Y, q.Box.Y),
		cmp.Compare(p.Box.W, q.Box.W), cmp.Compare(p.Box.H, q.Box.H), cmp.Compare(p.Offset, q.Offset))
}

// compareDetections orders detections by their boxes and scores.
func compareDetections(a, b *dataset.Detection) int {
	if a == nil || b == nil {
		return 0
	}
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Box.X, b.Box.X), cmp.Compare(a.Box.Y, b.Box.Y),
		cmp.Compare(a.Box.W, b.Box.W), cmp.Compare(a.Box.H, b.Box.H))
}

// suspectOf fills in what a suspect is about.
func suspectOf(r *analysis.Result, s *audit.Suspect) suspectRow {
	src := r.Data.Source(int(s.Source))
	im := &src.Images[s.Image]
	row := suspectRow{
		Kind: s.Kind.String(), Score: s.Score, LabelScore: s.Any, Source: src.Name,
		ImageID: im.ID.String(), ImageIDInt: intOf(im.ID), FileName: im.File,
	}
	if c := r.Config.Calibration; c != nil {
		if ratio, ok := c.Ratio(s.Kind, s.Score); ok {
			row.ExpectedPrecision = numberOrNull(calibration.Precision(ratio, r.Config.Prevalence))
		}
	}
	if s.Object >= 0 {
		o := &src.Objects[s.Object]
		id, name, box := o.ID.String(), r.Data.ClassName(o.Class), o.Box
		row.AnnotationID, row.Class = &id, &name
		row.X, row.Y, row.Width, row.Height = &box.X, &box.Y, &box.W, &box.H
	}
	if d := s.Seen; d != nil {
		row.DetectionScore = &d.Score
		row.DetectionX, row.DetectionY, row.DetectionWidth, row.DetectionHeight = &d.Box.X, &d.Box.Y, &d.Box.W, &d.Box.H
		if d.Class >= 0 {
			name := r.Data.ClassName(d.Class)
			row.DetectionClass = &name
		}
	}
	if s.Seen != nil || s.Other >= 0 {
		row.IoU = numberOrNull(s.IoU)
	}
	return row
}
