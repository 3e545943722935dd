package report

import (
	"context"

	"github.com/parquet-go/parquet-go"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
)

// coveredRow has the columns of objects.parquet that say how the trainer treats an object.
type coveredRow struct {
	LeftOut   *string `parquet:"left_out"`
	SizeClass *string `parquet:"size_class"`
	Positives *int32  `parquet:"positives"`
	Rescued   *int32  `parquet:"rescued"`
	Why       *string `parquet:"why"`
}

// coverage reads how the trainer treats the objects of the report in dir, all and by size; nil for
// a baseline, which does not say.
func coverage(dir string) (gate.Coverage, error) {
	s, err := readWhole(dir)
	if err != nil {
		return nil, err
	}
	if s.Baseline {
		return nil, nil
	}
	if err := s.verify(context.Background(), dir, "objects.parquet"); err != nil {
		return nil, err
	}
	out := gate.Coverage{{Size: "all"}}
	for size := range ledger.NumSizes {
		out = append(out, gate.Covered{Size: ledger.Size(size).String()})
	}
	err = Open(dir, "objects", func(in *parquet.File) error {
		return eachRow(in, func(row *coveredRow) {
			for k := range out {
				if k == 0 || out[k].Size == valueOr(row.SizeClass) {
					row.count(&out[k])
				}
			}
		})
	})
	return out, err
}

// labelRow has the columns of objects.parquet that say what a label is.
type labelRow struct {
	ImageID      string   `parquet:"image_id"`
	FileName     *string  `parquet:"file_name"`
	AnnotationID string   `parquet:"annotation_id"`
	Class        *string  `parquet:"class"`
	X            *float64 `parquet:"x"`
	Y            *float64 `parquet:"y"`
	Width        *float64 `parquet:"width"`
	Height       *float64 `parquet:"height"`
}

// label is the row as the gate has it, of the image with a key.
func (r *labelRow) label(image string) gate.Label {
	l := gate.Label{Class: valueOr(r.Class), NoBox: true, ID: r.AnnotationID, Image: image}
	if r.X != nil && r.Y != nil && r.Width != nil && r.Height != nil {
		l.Box, l.NoBox = geom.Rect{X: *r.X, Y: *r.Y, W: *r.Width, H: *r.Height}, false
	}
	return l
}

// imageNameRow has the columns of images.parquet that name an image.
type imageNameRow struct {
	ImageID  string `parquet:"image_id"`
	FileName string `parquet:"file_name"`
}

// Labelled reads the labels of some images, and some annotations, from the report in dir. It is nil for a baseline,
// which does not keep them, and for a report of schema 1, whose objects do not name their images.
func Labelled(dir string, wanted gate.Wanted) (out gate.Labelled, err error) {
	err = steadily(dir, func() error {
		out, err = labelled(dir, wanted)
		return err
	})
	return out, err
}

// labelled is Labelled of a report that nobody replaces.
func labelled(dir string, wanted gate.Wanted) (gate.Labelled, error) {
	s, err := readWhole(dir)
	if err != nil || s.Baseline || s.Program.Schema < 2 {
		return nil, err
	}
	out := gate.Labelled{}
	if len(wanted) == 0 {
		return out, nil
	}
	for _, table := range []string{"images", "objects"} {
		if err := s.verify(context.Background(), dir, table+".parquet"); err != nil {
			return nil, err
		}
	}
	err = Open(dir, "images", func(in *parquet.File) error {
		return eachRow(in, func(row *imageNameRow) {
			if key := gate.ImageKey(row.FileName, row.ImageID); wanted[key] {
				out[key] = nil
			}
		})
	})
	if err != nil {
		return nil, err
	}
	err = Open(dir, "objects", func(in *parquet.File) error {
		return eachRow(in, func(row *labelRow) {
			image := gate.ImageKey(valueOr(row.FileName), row.ImageID)
			for _, key := range []string{image, gate.AnnotationKey(row.AnnotationID)} {
				if wanted[key] {
					out[key] = append(out[key], row.label(image))
				}
			}
		})
	})
	return out, err
}

// count counts the object among those of its size.
func (r *coveredRow) count(c *gate.Covered) {
	switch {
	case r.LeftOut != nil || r.Positives == nil || r.Rescued == nil:
		c.LeftOut++
	case *r.Positives == 0:
		c.None++
	case *r.Positives == *r.Rescued || valueOr(r.Why) == iou.FewPoints.String():
		c.Weakly++
	default:
		c.Trained++
	}
}

// summedRow has the columns of losses.parquet that tell of all terms.
type summedRow struct {
	Scores    string   `parquet:"scores"`
	Objective string   `parquet:"objective"`
	Loss      string   `parquet:"loss_function"`
	Gamma     float64  `parquet:"gamma"`
	Alpha     *float64 `parquet:"alpha"`
	Scope     string   `parquet:"scope"`
	Sum       float64  `parquet:"loss_sum"`
}

// lossSums adds up what all terms cost under the scores of the detector that was asked about the labels, in the
// report in dir; nil if none was, or for a baseline or a report of schema 1, which do not say it so.
func lossSums(dir string) (*gate.Losses, error) {
	s, err := readWhole(dir)
	if err != nil || s.Baseline || s.Program.Schema < 2 {
		return nil, err
	}
	auditor := ""
	for _, of := range s.Configuration.Scores {
		if auditor == "" && s.Metrics[of.Name].SuspectShare.BCE != nil {
			auditor = of.Name
		}
	}
	if auditor == "" {
		return nil, nil
	}
	if err := s.verify(context.Background(), dir, "losses.parquet"); err != nil {
		return nil, err
	}
	c, sum := &s.Configuration, gate.Losses{}
	err = Open(dir, "losses", func(in *parquet.File) error {
		return eachRow(in, func(row *summedRow) {
			if row.Scores != auditor || row.Objective != c.Objective || row.Scope != "all" {
				return
			}
			sameAlpha := (row.Alpha == nil) == (c.Alpha == nil) && (row.Alpha == nil || *row.Alpha == *c.Alpha)
			switch {
			case row.Loss == "bce":
				sum.BCE += row.Sum
			case row.Loss == "focal" && row.Gamma == c.Gamma && sameAlpha:
				sum.Focal += row.Sum
			}
		})
	})
	return &sum, err
}
