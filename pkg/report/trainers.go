package report

import (
	"context"
	"io"
	"io/fs"
	"iter"
	"math"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
)

// trainerRow is a row of trainers.parquet.
type trainerRow struct {
	Preset               string   `parquet:"preset,dict"`
	SizeClass            string   `parquet:"size_class,dict"` // all, small, medium or large
	Images               int64    `parquet:"images"`
	Anchors              int64    `parquet:"anchors"`
	Positives            int64    `parquet:"positives"`
	Ignored              *int64   `parquet:"ignored"`
	Rescued              *int64   `parquet:"rescued"`
	Trained              int64    `parquet:"objects_trained"`
	Weakly               int64    `parquet:"objects_weakly"`
	Unassigned           int64    `parquet:"objects_without_positive"`
	LeftOut              int64    `parquet:"objects_left_out"`
	WithoutPositive      *int64   `parquet:"images_without_positive"`
	NegativesPerPositive *float64 `parquet:"negatives_per_positive"`
	NegativeShareBCE     *float64 `parquet:"negative_share_bce"`
	NegativeShareFocal   *float64 `parquet:"negative_share_focal"`
	StartShareBCE        *float64 `parquet:"start_negative_share_bce"`
	StartShareFocal      *float64 `parquet:"start_negative_share_focal"`
	PositiveShareBCE     *float64 `parquet:"positive_share_bce"`
	PositiveShareFocal   *float64 `parquet:"positive_share_focal"`
}

func trainerRows(t *analysis.Trainers) iter.Seq[trainerRow] {
	return func(yield func(trainerRow) bool) {
		for i := range t.Of {
			of := &t.Of[i]
			rescued := of.Total.RescuedNegative + of.Total.RescuedIgnored
			all := of.All()
			row := sizeRow(of, "all", &all)
			row.Ignored, row.Rescued, row.WithoutPositive = &of.Total.Ignored, &rescued, &of.Metrics.ImagesWithoutPositive
			row.NegativesPerPositive = of.Metrics.NegativesPerPositive
			row.NegativeShareBCE, row.NegativeShareFocal = of.Metrics.NegativeShare.BCE, of.Metrics.NegativeShare.Focal
			row.StartShareBCE, row.StartShareFocal = of.FromStart.BCE, of.FromStart.Focal
			if !yield(row) {
				return
			}
			for s := range of.Sizes {
				if !yield(sizeRow(of, ledger.Size(s).String(), &of.Sizes[s])) {
					return
				}
			}
		}
	}
}

// sizeRow makes the row of a preset's objects of one size. Shares are null where there
// is no loss.
func sizeRow(of *analysis.Trainer, size string, z *analysis.TrainerSize) trainerRow {
	row := trainerRow{
		Preset: of.Preset.Name, SizeClass: size, Images: of.Total.Images, Anchors: of.Total.Anchors, Positives: z.Positives,
		Trained: z.Objects[analysis.Trained], Weakly: z.Objects[analysis.Weakly],
		Unassigned: z.Objects[analysis.Unassigned], LeftOut: z.Objects[analysis.NotTrained],
	}
	if of.Metrics.NegativeShare.BCE != nil {
		row.PositiveShareBCE = &z.ShareBCE
	}
	if of.Metrics.NegativeShare.Focal != nil {
		row.PositiveShareFocal = &z.ShareFocal
	}
	return row
}

// treatmentRow is a row of treatment.parquet: what one preset makes of one object
// that not all presets train.
type treatmentRow struct {
	Source       string   `parquet:"source,dict"`
	ImageID      string   `parquet:"image_id"`
	AnnotationID string   `parquet:"annotation_id"`
	Class        *string  `parquet:"class,dict"`
	X            *float64 `parquet:"x"`
	Y            *float64 `parquet:"y"`
	Width        *float64 `parquet:"width"`
	Height       *float64 `parquet:"height"`
	SizeClass    *string  `parquet:"size_class,dict"`
	Preset       string   `parquet:"preset,dict"`
	Differs      bool     `parquet:"differs"`
	Treatment    string   `parquet:"treatment,dict"`
	Why          *string  `parquet:"why,dict"`
	Positives    int32    `parquet:"positives"`
	BestIoU      *float32 `parquet:"best_iou"`
	BestRatio    *float32 `parquet:"best_ratio"`
}

func treatmentRows(t *analysis.Trainers) iter.Seq[treatmentRow] {
	return func(yield func(treatmentRow) bool) {
		for s := range t.Data.Sources {
			src := t.Data.Source(s)
			for k := range src.Objects {
				o := &src.Objects[k]
				if !t.Listed(s, k) {
					continue
				}
				row := treatmentRow{Source: src.Name, ImageID: src.ImageID(k).String(), AnnotationID: o.ID.String()}
				if o.LeftOut != dataset.NoBox {
					row.X, row.Y, row.Width, row.Height = &o.Box.X, &o.Box.Y, &o.Box.W, &o.Box.H
					row.SizeClass = textOrNull(ledger.SizeOf(o.Box).String())
				}
				row.Differs = t.Differs(s, k)
				if o.Class >= 0 {
					row.Class = &t.Data.Classes[o.Class].Name
				}
				for i := range t.Of {
					got := t.Treats(i, s, k)
					row.Preset, row.Treatment = t.Of[i].Preset.Name, got.String()
					row.Why, row.Positives = textOrNull(got.Why), int32(got.Positives)
					row.BestIoU, row.BestRatio = nil, nil
					switch {
					case got.Ratio > 0 && !math.IsInf(float64(got.Ratio), 1):
						row.BestRatio = &got.Ratio
					case got.Ratio == 0 && got.Treatment != analysis.NotTrained && t.Of[i].Preset.Matcher.Measure() != iou.ByPoints:
						row.BestIoU = &got.IoU
					}
					if !yield(row) {
						return
					}
				}
			}
		}
	}
}

// trainerTables are the tables of a comparison of trainers.
var trainerTables = []table[*analysis.Trainers]{newTable("trainers", trainerRows), newTable("treatment", treatmentRows)}

// compared makes the tables of a comparison tables of a report.
func compared(t *analysis.Trainers) (all []table[*analysis.Result]) {
	for _, of := range trainerTables {
		all = append(all, table[*analysis.Result]{
			name: of.name,
			write: func(ctx context.Context, w io.Writer, _ *analysis.Result, version string) error {
				return of.write(ctx, w, t, version)
			},
		})
	}
	return all
}

// sizeOfRow is a row of sizes.parquet: a preset at one size of the input.
type sizeOfRow struct {
	Preset               string   `parquet:"preset,dict"`
	ShortSide            int32    `parquet:"short_side"`
	LongSide             int32    `parquet:"long_side"`
	Images               int64    `parquet:"images"`
	Anchors              int64    `parquet:"anchors"`
	Positives            int64    `parquet:"positives"`
	Ignored              int64    `parquet:"ignored"`
	Trained              int64    `parquet:"objects_trained"`
	Weakly               int64    `parquet:"objects_weakly"`
	Unassigned           int64    `parquet:"objects_without_positive"`
	LeftOut              int64    `parquet:"objects_left_out"`
	NegativesPerPositive *float64 `parquet:"negatives_per_positive"`
}

func sizeRows(t *analysis.Trainers) iter.Seq[sizeOfRow] {
	return func(yield func(sizeOfRow) bool) {
		for i := range t.Of {
			of := &t.Of[i]
			all := of.All().Objects
			if !yield(sizeOfRow{
				Preset: of.Preset.Name, ShortSide: int32(of.Preset.Resize.Short), LongSide: int32(of.Preset.Resize.Long),
				Images: of.Total.Images, Anchors: of.Total.Anchors, Positives: of.Total.Positives, Ignored: of.Total.Ignored,
				Trained: all[analysis.Trained], Weakly: all[analysis.Weakly], Unassigned: all[analysis.Unassigned],
				LeftOut: all[analysis.NotTrained], NegativesPerPositive: of.Metrics.NegativesPerPositive,
			}) {
				return
			}
		}
	}
}

// sizeTables are the tables of a sweep of input sizes.
var sizeTables = []table[*analysis.Trainers]{newTable("sizes", sizeRows)}

// SizesFile is the name of the file of a sweep of input sizes.
func SizesFile() string { return tableFile("", sizeTables[0].name) }

// WriteSizes writes a sweep, sizes.parquet, in place of an earlier one or of a comparison.
func WriteSizes(ctx context.Context, dir string, t *analysis.Trainers, version string) error {
	return writeTrainers(ctx, dir, t, sizeTables, version)
}

// TrainerFiles returns the names of the files of a comparison of trainers.
func TrainerFiles() []string {
	names := namesOf(trainerTables)
	for i := range names {
		names[i] = tableFile("", names[i])
	}
	return names
}

// CheckTrainers reports why a comparison of trainers can't be put at dir.
func CheckTrainers(dir string) error {
	return files.EmptyOrOurs(dir, func(entries []fs.DirEntry) bool { return onlyOurs(dir, entries, isTrainersFile) },
		"holds more than a comparison of trainers: it is left alone; name another directory with -o")
}

// isTrainersFile reports whether an entry of a directory is a table of a comparison.
func isTrainersFile(dir string, e fs.DirEntry) bool {
	return isTable(append(namesOf(trainerTables), namesOf(sizeTables)...), dir, e)
}

// WriteTrainers writes a comparison: trainers.parquet and treatment.parquet, in place of
// an earlier one.
func WriteTrainers(ctx context.Context, dir string, t *analysis.Trainers, version string) error {
	return writeTrainers(ctx, dir, t, trainerTables, version)
}

func writeTrainers(
	ctx context.Context, dir string, t *analysis.Trainers, tables []table[*analysis.Trainers], version string,
) error {
	if err := CheckTrainers(dir); err != nil {
		return err
	}
	kind := files.Kind{Check: CheckTrainers, Ours: isTrainersFile}
	return files.Replace(dir, kind, func(tmp string) error {
		for _, of := range tables {
			if _, err := of.file(ctx, tableFile(tmp, of.name), t, version, nil); err != nil {
				return err
			}
		}
		return nil
	})
}
