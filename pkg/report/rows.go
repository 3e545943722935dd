package report

import (
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/pass"
	"iter"
	"math"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/iou"
)

// objectRow is a row of objects.parquet. What may be null is a pointer: the tag
// optional of parquet-go 0.32, by which zeros are null, writes some of them as zeros
// (writeRowsFuncOfOptional takes a run of n values at place n of 64 for the rest
// of them).
type objectRow struct {
	Source          string   `parquet:"source,dict"`
	ImageID         string   `parquet:"image_id"`
	ImageIDInt      *int64   `parquet:"image_id_int"`
	AnnotationID    string   `parquet:"annotation_id"`
	AnnotationIDInt *int64   `parquet:"annotation_id_int"`
	Class           *string  `parquet:"class,dict"`
	X               *float64 `parquet:"x"`
	Y               *float64 `parquet:"y"`
	Width           *float64 `parquet:"width"`
	Height          *float64 `parquet:"height"`
	IsCrowd         bool     `parquet:"iscrowd"`
	Ignore          bool     `parquet:"ignore"`
	LeftOut         *string  `parquet:"left_out,dict"`
	SizeClass       *string  `parquet:"size_class,dict"`
	BestIoU         *float32 `parquet:"best_iou"`
	BestRatio       *float32 `parquet:"best_ratio"`
	BestAnchor      *int64   `parquet:"best_anchor"`
	Level           *string  `parquet:"level,dict"`
	AnchorSize      *float64 `parquet:"anchor_size,dict"`
	AnchorRatio     *float64 `parquet:"anchor_ratio,dict"`
	Ties            *int32   `parquet:"ties,dict"`
	AtNegative      *int32   `parquet:"anchors_at_negative"`
	AtPositive      *int32   `parquet:"anchors_at_positive"`
	Positives       *int32   `parquet:"positives"`
	Rescued         *int32   `parquet:"rescued"`
	Why             *string  `parquet:"why,dict"`
	BCE             *float64 `parquet:"bce"`
	Focal           *float64 `parquet:"focal"`
	Suspect         *float64 `parquet:"suspect_score"`
	Offset          int64    `parquet:"offset"`
	Line            int32    `parquet:"line"`
}

func objects(r *analysis.Result) iter.Seq[objectRow] {
	return func(yield func(objectRow) bool) {
		f := newObjectRows(r)
		for s := range r.Data.Sources {
			src := &r.Data.Sources[s]
			for k := range src.Objects {
				if !yield(f.row(src, &src.Objects[k], &r.Objects[s][k], r.Audit.Chance(s, k))) {
					return
				}
			}
		}
	}
}

// objectRows makes the rows of objects.parquet.
type objectRows struct {
	r       *analysis.Result
	cost    ledger.PositiveCost
	sizes   [ledger.NumSizes]string
	levels  []string
	shapes  [][]shapeName
	why     []*string                // by iou.Why
	leftOut map[pass.LeftOut]*string // as they turn up
}

type shapeName struct{ size, ratio float64 }

func newObjectRows(r *analysis.Result) *objectRows {
	f := &objectRows{r: r, cost: r.PositiveCost(), leftOut: map[pass.LeftOut]*string{}}
	for w := range iou.Whys() {
		f.why = append(f.why, textOrNull(iou.Why(w).String()))
	}
	for i := range f.sizes {
		f.sizes[i] = ledger.Size(i).String()
	}
	for level, ss := range r.Shapes {
		f.levels = append(f.levels, r.Trainer.LevelName(level))
		names := make([]shapeName, len(ss))
		for k := range names {
			names[k].size, names[k].ratio = r.Trainer.Layout.Shape(level, k)
		}
		f.shapes = append(f.shapes, names)
	}
	return f
}

func (f *objectRows) row(src *dataset.Source, o *dataset.Object, got *pass.Object, suspect float64) objectRow {
	row := objectRow{
		Source: src.Name, ImageID: o.ImageID.String(), ImageIDInt: intOf(o.ImageID),
		AnnotationID: o.ID.String(), AnnotationIDInt: intOf(o.ID), Class: f.class(o),
		IsCrowd: o.Flags&dataset.Crowd != 0, Ignore: o.Flags&dataset.Ignore != 0, LeftOut: f.leftOut[got.LeftOut],
		Offset: o.Offset, Line: o.Line,
	}
	row.Suspect = numberOrNull(suspect)
	if o.LeftOut != dataset.NoBox {
		row.X, row.Y, row.Width, row.Height = &o.Box.X, &o.Box.Y, &o.Box.W, &o.Box.H
		row.SizeClass = &f.sizes[ledger.SizeOf(o.Box)]
	}
	if got.Matched() {
		f.match(&row, got)
	} else if row.LeftOut == nil {
		row.LeftOut = textOrNull(got.LeftOut.String())
		f.leftOut[got.LeftOut] = row.LeftOut
	}
	return row
}

func (f *objectRows) class(o *dataset.Object) *string {
	if o.Class < 0 {
		return nil
	}
	return &f.r.Data.Classes[o.Class].Name
}

// match fills in what the anchors are to a matched object.
func (f *objectRows) match(row *objectRow, got *pass.Object) {
	values := &struct {
		anchor int64
		cost   ledger.PositiveCost
	}{int64(got.Anchor), f.cost.Of(int64(got.Positives))}
	row.BestIoU, row.BestAnchor, row.Ties = &got.IoU, &values.anchor, &got.Ties
	row.AtNegative, row.AtPositive = &got.AtLow, &got.AtHigh
	row.Positives, row.Rescued = &got.Positives, &got.Rescued
	row.BCE, row.Focal = &values.cost.BCE, &values.cost.Focal
	row.Why = f.why[got.Why]
	if got.Ratio > 0 {
		row.BestIoU, row.BestRatio = nil, &got.Ratio
		if math.IsInf(float64(got.Ratio), 1) { // an object without a side
			row.BestRatio = nil
		}
	}
	if got.Best() {
		name := &f.shapes[got.Level][got.Shape]
		row.Level, row.AnchorSize, row.AnchorRatio = &f.levels[got.Level], &name.size, &name.ratio
	}
}

// findingRow is a row of findings.parquet. The columns from score to
// likelihood_ratio that a finding has no evidence for are null.
type findingRow struct {
	Rank              int32    `parquet:"rank"`
	Code              string   `parquet:"code,dict"`
	Severity          string   `parquet:"severity,dict"`
	Source            *string  `parquet:"source,dict"`
	ImageID           *string  `parquet:"image_id"`
	FileName          *string  `parquet:"file_name"`
	AnnotationID      *string  `parquet:"annotation_id"`
	Class             *string  `parquet:"class,dict"`
	X                 *float64 `parquet:"x"`
	Y                 *float64 `parquet:"y"`
	Width             *float64 `parquet:"width"`
	Height            *float64 `parquet:"height"`
	Score             *float64 `parquet:"score"`
	ExpectedPrecision *float64 `parquet:"expected_precision"`
	DetectionScore    *float64 `parquet:"detection_score"`
	DetectionClass    *string  `parquet:"detection_class,dict"`
	DetectionX        *float64 `parquet:"detection_x"`
	DetectionY        *float64 `parquet:"detection_y"`
	DetectionWidth    *float64 `parquet:"detection_width"`
	DetectionHeight   *float64 `parquet:"detection_height"`
	OtherAnnotationID *string  `parquet:"other_annotation_id"`
	IoU               *float64 `parquet:"iou"`
	LikelihoodRatio   *float64 `parquet:"likelihood_ratio"`
	BCE               *float64 `parquet:"bce"`
	Focal             *float64 `parquet:"focal"`
	Offset            *int64   `parquet:"offset"`
	Line              *int32   `parquet:"line"`
	Fingerprint       string   `parquet:"fingerprint"`
	Message           string   `parquet:"message"`
}

func foundRows(r *analysis.Result) iter.Seq[findingRow] {
	return func(yield func(findingRow) bool) {
		cost := r.PositiveCost()
		for i := range r.Findings {
			f := &r.Findings[i]
			row := findingRow{
				Rank: int32(i + 1), Code: f.Code, Severity: f.Severity().String(),
				IoU: numberOrNull(f.IoU), Message: f.Message,
			}
			row.place(r, f)
			if f.Object >= 0 {
				if o := &r.Objects[f.Source][f.Object]; o.Matched() {
					of := cost.Of(int64(o.Positives))
					row.BCE, row.Focal = numberOrNull(of.BCE), numberOrNull(of.Focal)
				}
			}
			row.evidence(r, f.Evidence)
			row.Fingerprint = r.Fingerprint(f)
			if !yield(row) {
				return
			}
		}
	}
}

// evidence fills in what a detector says against a label.
func (row *findingRow) evidence(r *analysis.Result, e *findings.Evidence) {
	if e == nil {
		return
	}
	row.Score, row.LikelihoodRatio = numberOrNull(e.Score), numberOrNull(e.LikelihoodRatio)
	row.ExpectedPrecision = numberOrNull(e.ExpectedPrecision)
	row.BCE, row.Focal = numberOrNull(e.BCE), numberOrNull(e.Focal)
	d := &e.Detection
	if math.IsNaN(d.Score) {
		return
	}
	row.DetectionScore = &d.Score
	row.DetectionX, row.DetectionY, row.DetectionWidth, row.DetectionHeight = &d.Box.X, &d.Box.Y, &d.Box.W, &d.Box.H
	if d.Class >= 0 {
		row.DetectionClass = &r.Data.Classes[d.Class].Name
	}
}

// place fills in which records a finding is about.
func (row *findingRow) place(r *analysis.Result, f *findings.Finding) {
	if f.Class >= 0 {
		row.Class = &r.Data.Classes[f.Class].Name
	}
	if f.HasBox {
		row.X, row.Y, row.Width, row.Height = &f.Box.X, &f.Box.Y, &f.Box.W, &f.Box.H
	}
	if f.Source < 0 {
		return
	}
	src := &r.Data.Sources[f.Source]
	row.Source = &src.Name
	if f.Offset >= 0 {
		row.Offset, row.Line = &f.Offset, &f.Line
	}
	if f.Image >= 0 {
		row.ImageID, row.FileName = textOf(src.Images[f.Image].ID), textOrNull(src.Images[f.Image].File)
	}
	if f.Object >= 0 {
		row.AnnotationID = textOf(src.Objects[f.Object].ID)
		if f.Image < 0 {
			row.ImageID = textOf(src.Objects[f.Object].ImageID)
		}
	}
	if f.Other >= 0 {
		row.OtherAnnotationID = textOf(src.Objects[f.Other].ID)
	}
}

// textOf returns an id as it stands, nil if it is absent.
func textOf(d dataset.ID) *string {
	if d.Kind() == dataset.Absent {
		return nil
	}
	s := d.String()
	return &s
}

func valueOr(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
