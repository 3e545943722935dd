package report

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/coco"
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
	ByRescue             int64    `parquet:"objects_rescued"`
	Unassigned           int64    `parquet:"objects_without_positive"`
	LeftOut              int64    `parquet:"objects_left_out"`
	WithoutPositive      *int64   `parquet:"images_without_positive"`
	NegativesPerPositive *float64 `parquet:"negatives_per_positive"`
	NegativeShareBCE     *float64 `parquet:"negative_share_bce"`
	NegativeShareFocal   *float64 `parquet:"negative_share_focal"`
}

func trainerRows(t *analysis.Trainers) iter.Seq[trainerRow] {
	return func(yield func(trainerRow) bool) {
		for i := range t.Of {
			of := &t.Of[i]
			rescued := of.Total.RescuedNegative + of.Total.RescuedIgnored
			all := trainerRow{Preset: of.Preset.Name, SizeClass: "all", Images: of.Total.Images, Anchors: of.Total.Anchors, Positives: of.Total.Positives,
				Ignored: &of.Total.Ignored, Rescued: &rescued, WithoutPositive: &of.Metrics.ImagesWithoutPositive,
				NegativesPerPositive: of.Metrics.NegativesPerPositive, NegativeShareBCE: of.Metrics.NegativeShare.BCE, NegativeShareFocal: of.Metrics.NegativeShare.Focal}
			var sizes []trainerRow
			for s := range of.Sizes {
				z := &of.Sizes[s]
				all.count(z)
				row := trainerRow{Preset: of.Preset.Name, SizeClass: analysis.Size(s).String(), Images: of.Total.Images, Anchors: of.Total.Anchors, Positives: z.Positives}
				row.count(z)
				sizes = append(sizes, row)
			}
			for _, row := range append([]trainerRow{all}, sizes...) {
				if !yield(row) {
					return
				}
			}
		}
	}
}

func (row *trainerRow) count(z *analysis.TrainerSize) {
	row.Trained += z.Objects[analysis.Trained]
	row.ByRescue += z.Objects[analysis.ByRescue]
	row.Unassigned += z.Objects[analysis.Unassigned]
	row.LeftOut += z.Objects[analysis.NotTrained]
}

// treatmentRow is a row of treatment.parquet: what one preset makes of one object
// that presets treat differently.
type treatmentRow struct {
	Source       string   `parquet:"source,dict"`
	ImageID      string   `parquet:"image_id"`
	AnnotationID string   `parquet:"annotation_id"`
	Class        *string  `parquet:"class,dict"`
	X            float64  `parquet:"x"`
	Y            float64  `parquet:"y"`
	Width        float64  `parquet:"width"`
	Height       float64  `parquet:"height"`
	SizeClass    string   `parquet:"size_class,dict"`
	Preset       string   `parquet:"preset,dict"`
	Treatment    string   `parquet:"treatment,dict"`
	Why          *string  `parquet:"why,dict"`
	Positives    int32    `parquet:"positives"`
	BestIoU      *float32 `parquet:"best_iou"`
	BestRatio    *float32 `parquet:"best_ratio"`
}

func treatmentRows(t *analysis.Trainers) iter.Seq[treatmentRow] {
	return func(yield func(treatmentRow) bool) {
		for s := range t.Data.Sources {
			src := &t.Data.Sources[s]
			for k := range src.Objects {
				o := &src.Objects[k]
				if o.LeftOut == coco.NoBox || !t.Differs(s, k) {
					continue
				}
				row := treatmentRow{Source: src.Name, ImageID: o.ImageID.String(), AnnotationID: o.ID.String(), X: o.Box.X, Y: o.Box.Y, Width: o.Box.W, Height: o.Box.H,
					SizeClass: analysis.SizeOf(o).String()}
				if o.Class >= 0 {
					row.Class = &t.Data.Classes[o.Class].Name
				}
				for i := range t.Of {
					got := t.Treats(i, s, k)
					row.Preset, row.Treatment, row.Why, row.Positives = t.Of[i].Preset.Name, got.String(), textOrNull(got.Why), int32(got.Positives)
					row.BestIoU, row.BestRatio = nil, nil
					switch {
					case got.Ratio > 0 && !math.IsInf(float64(got.Ratio), 1):
						row.BestRatio = &got.Ratio
					case got.Ratio == 0 && got.Treatment != analysis.NotTrained:
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

// trainerFiles are the files of a comparison of trainers.
var trainerFiles = []string{"trainers.parquet", "treatment.parquet"}

// CheckTrainers reports why a comparison of trainers can't be put at dir.
func CheckTrainers(dir string) error {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return writable(filepath.Dir(filepath.Clean(dir)))
	}
	for _, e := range entries {
		if !slices.Contains(trainerFiles, e.Name()) {
			return fmt.Errorf("%s holds more than a comparison of trainers: it is left alone; name another directory with -o", dir)
		}
	}
	return err
}

// WriteTrainers writes a comparison: trainers.parquet and treatment.parquet.
func WriteTrainers(ctx context.Context, dir string, t *analysis.Trainers, version string) error {
	if err := CheckTrainers(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, of := range []table{newTable("trainers", trainerRows(t)), newTable("treatment", treatmentRows(t))} {
		file := filepath.Join(dir, of.name+".parquet")
		tmp := file + ".tmp"
		if err := writeFile(tmp, func(w io.Writer) error { return of.write(ctx, w, version) }); err != nil {
			os.Remove(tmp)
			return err
		}
		if err := os.Rename(tmp, file); err != nil {
			return err
		}
	}
	return nil
}

// maxPatterns is how many ways of treating objects differently are shown.
const maxPatterns = 8

// TrainersText prints presets side by side, and what they treat differently.
func TrainersText(w io.Writer, t *analysis.Trainers) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "preset\tanchors\tpositive\tignored\trescued\tper positive\tBCE of negatives\tfocal\tobjects trained\trescued only\tno anchor\tleft out\t")
	for row := range trainerRows(t) {
		if row.SizeClass != "all" {
			continue
		}
		per := "-"
		if row.NegativesPerPositive != nil {
			per = ratioText(*row.NegativesPerPositive)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", row.Preset, group(row.Anchors), group(row.Positives), group(*row.Ignored), group(*row.Rescued),
			per, percent(row.NegativeShareBCE), percent(row.NegativeShareFocal), group(row.Trained), group(row.ByRescue), group(row.Unassigned), group(row.LeftOut))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	p := &printer{w: w}
	p.line("\nper positive: negative anchors for one positive. Shares of the loss are at initialisation, under")
	p.line("each trainer's own objective. rescued only: objects with anchors by the low-quality rule alone.\n")
	p.sizes(t)
	p.patterns(t)
	return p.err
}

// sizes prints which objects have no anchor that fits, by size class.
func (p *printer) sizes(t *analysis.Trainers) {
	p.line("Of the objects that take part, so many have no anchor at the positive threshold:\n")
	p.line("  %-26s %14s %14s %14s", "", "small <32²", "medium <96²", "large")
	for i := range t.Of {
		cells := make([]any, 0, analysis.NumSizes)
		for _, z := range t.Of[i].Sizes {
			without := z.Objects[analysis.ByRescue] + z.Objects[analysis.Unassigned]
			cells = append(cells, fmt.Sprintf("%s of %s", group(without), group(without+z.Objects[analysis.Trained])))
		}
		p.line("  %-26s %14s %14s %14s", append([]any{t.Of[i].Preset.Name}, cells...)...)
	}
}

// patterns prints the ways in which presets differ, each with an object.
func (p *printer) patterns(t *analysis.Trainers) {
	all := t.Patterns()
	var n int64
	for _, x := range all {
		n += x.Objects
	}
	p.line("\n%s treated differently:", plural(int(n), "object"))
	reasons := map[string]bool{}
	defer p.meanings(reasons)
	for i, x := range all {
		if i == maxPatterns {
			p.line("  … and %s more (treatment.parquet)", plural(len(all)-maxPatterns, "way"))
			return
		}
		src := &t.Data.Sources[x.Source]
		o := &src.Objects[x.Object]
		p.line("\n  %s, such as %s of %s (%.4g × %.4g px):", plural(int(x.Objects), "object"), coco.Label("annotation", o.ID), Printable(src.Name), o.Box.W, o.Box.H)
		for _, g := range together(t, x.Source, x.Object) {
			reasons[g.why] = true
			p.line("    %s: %s", g.text(), strings.Join(g.presets, ", "))
		}
	}
}

// likewise are the presets that do the same with an object for the same reason.
type likewise struct {
	what      analysis.Treatment
	why       string
	presets   []string
	low, high [2]float32 // IoU, ratio
}

// together groups the presets by what they do with an object.
func together(t *analysis.Trainers, source, object int) (groups []likewise) {
	for k := range t.Of {
		got := t.Treats(k, source, object)
		at := slices.IndexFunc(groups, func(g likewise) bool { return g.what == got.Treatment && g.why == got.Why })
		if at < 0 {
			at = len(groups)
			groups = append(groups, likewise{what: got.Treatment, why: got.Why})
		}
		g := &groups[at]
		g.presets = append(g.presets, t.Of[k].Preset.Name)
		for i, v := range []float32{got.IoU, got.Ratio} {
			if v > 0 && (g.low[i] == 0 || v < g.low[i]) {
				g.low[i] = v
			}
			g.high[i] = max(g.high[i], v)
		}
	}
	return groups
}

func (g *likewise) text() string {
	parts := []string{g.why}
	span := func(format, what string, i int) {
		if g.high[i] == 0 {
			return
		}
		low, high := fmt.Sprintf(format, g.low[i]), fmt.Sprintf(format, g.high[i])
		if low != high {
			low += " to " + high
		}
		parts = append(parts, what+" "+low)
	}
	if g.why == "" {
		return words[g.what]
	}
	if g.what != analysis.NotTrained {
		span("%.2f", "best IoU", 0)
		span("%.3g", "nearest ratio", 1)
	}
	return words[g.what] + " (" + strings.Join(parts, ", ") + ")"
}

// meanings prints what the reasons mean that were given.
func (p *printer) meanings(reasons map[string]bool) {
	if len(reasons) == 0 {
		return
	}
	p.line("")
	for _, m := range meanings {
		if reasons[m[0]] {
			p.line("  %-18s %s", m[0], m[1])
		}
	}
}

// meanings say what a reason is, in the order in which they are printed.
var meanings = [][2]string{
	{"too-small", "even an anchor of its own aspect would be too large"},
	{"too-large", "even an anchor of its own aspect would be too small"},
	{"aspect", "no anchor is as long and thin"},
	{"off-grid", "a shape would suit it, but not at the places where anchors lie"},
	{"out-competed", "anchors suit it, but each was given to another object"},
	{"outside", "anchors suit it, but those left to it are centred outside the image, and ignored"},
	{"crowd", "a group of objects (iscrowd); its place is trained as background"},
	{"no-area-in-image", "nothing of the box is within the image"},
	{"no-valid-polygon", "its outline has no polygon of three points"},
	{"side-under-1e-5-px", "a side of nothing"},
	{"side-under-1-px", "a side below 1 px"},
	{"area-not-above-0", "its key area is not above 0"},
	{"ignore", "its key ignore is set"},
	{"undeclared-category", "its category is not among the file's"},
	{"sticks-out", "a corner is outside the image, by however little"},
	{"repeated", "an earlier annotation has the same class and box"},
	{"ignore-refused", "the trainer stops with an error at its key ignore"},
	{"degenerate-refused", "the trainer stops with an error, since resizing leaves no side"},
	{"undeclared-category-refused", "the trainer stops with an error at its category"},
	{"image-refused", "the loader leaves out the whole image, for one box centred outside or larger than it"},
	{"image-left-out", "its image is left out"},
	{"image-unknown", "its image is not among the file's"},
	{"box-missing", "it has no box"},
}

// words are the treatments in text.
var words = map[analysis.Treatment]string{
	analysis.Trained: "trained", analysis.ByRescue: "only the low-quality rule gives it anchors", analysis.Unassigned: "no anchor", analysis.NotTrained: "left out",
}
