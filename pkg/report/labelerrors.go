package report

import (
	"context"
	"fmt"
	"math"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// LabelError is a label that a detector contradicts: a row of findings.parquet with a score.
type LabelError struct {
	Code        string // missing, spurious, location, class, duplicate
	Score       float64
	Source      string
	Offset      int64  // of the annotation's record; of the image's for missing
	Other       string // id of another annotation that takes part, "" if none does
	Fingerprint string
	Message     string

	Detection      geom.Rect // px; empty where no detection speaks against the label
	DetectionClass string    // "" if there is none or it has no class
	DetectionScore float64   // NaN if there is none
}

// LabelErrors reads the labels that a detector contradicts from the report in dir, in their rank's order and
// without those that a person looked at and kept, and the summary of the run.
func LabelErrors(dir string) (list []LabelError, of *Summary, err error) {
	err = steadily(dir, func() error {
		list, of, err = labelErrors(dir)
		return err
	})
	return list, of, err
}

// labelErrors is LabelErrors of a report that nobody replaces.
func labelErrors(dir string) (list []LabelError, of *Summary, err error) {
	s, err := readWhole(dir)
	if err != nil {
		return nil, nil, err
	}
	if s.Baseline {
		return nil, nil, fmt.Errorf("%s is a baseline, which has no places in files: name the report of analyze run that it "+
			"was made of", dir)
	}
	if err := s.verify(context.Background(), dir, "findings.parquet"); err != nil {
		return nil, nil, err
	}
	rows, err := loadTable[findingRow](dir, "findings")
	if err != nil {
		return nil, nil, err
	}
	for i := range rows {
		r := &rows[i]
		e, known := findings.Lookup(r.Code)
		if !known || e.Family != findings.Label || r.Score == nil || r.Source == nil || r.Offset == nil || r.Reviewed {
			continue
		}
		found := LabelError{
			Code: r.Code, Score: *r.Score, Source: *r.Source, Offset: *r.Offset,
			Other:       valueOr(r.OtherAnnotationID),
			Fingerprint: r.Fingerprint, Message: r.Message, DetectionClass: valueOr(r.DetectionClass),
			DetectionScore: math.NaN(),
		}
		if r.DetectionScore != nil {
			if r.DetectionX == nil || r.DetectionY == nil || r.DetectionWidth == nil || r.DetectionHeight == nil {
				return nil, nil, damaged(dir, "findings.parquet", fmt.Sprintf("row %d has a detection without a box", i+1))
			}
			found.DetectionScore = *r.DetectionScore
			found.Detection = geom.Rect{X: *r.DetectionX, Y: *r.DetectionY, W: *r.DetectionWidth, H: *r.DetectionHeight}
		}
		list = append(list, found)
	}
	return list, s, nil
}

// Kept returns the fingerprints of the findings that a person looked at and kept before the run of the report in dir,
// each once: also of those that the run did not find.
func Kept(dir string) (prints []string, err error) {
	err = steadily(dir, func() error {
		prints = nil
		s, err := readWhole(dir)
		if err != nil {
			return err
		}
		if err := s.verify(context.Background(), dir, "findings.parquet"); err != nil {
			return err
		}
		rows, err := loadTable[findingRow](dir, "findings")
		if err != nil {
			return err
		}
		prints = append(prints, s.Configuration.Reviewed...)
		told := findings.NewKept(prints)
		for i := range rows { // an earlier version has them there alone
			if print := rows[i].Fingerprint; rows[i].Reviewed && len(s.Configuration.Reviewed) == 0 && !told[print] {
				told[print] = true
				prints = append(prints, print)
			}
		}
		return nil
	})
	return prints, err
}
