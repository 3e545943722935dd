package report

import (
	"iter"
	"math"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/pass"
)

// tables are the report's Parquet files, the largest first, so that the last worker is
// not left alone with it.
var tables = []table[*analysis.Result]{
	newCellTable[*analysis.Result, objectRow]("objects", objects),
	newTable("image_losses", imageLosses),
	newCellTable[*analysis.Result, findingRow]("findings", foundRows),
	newTable("suspects", suspects),
	newTable("images", images),
	newTable("losses", losses),
	newTable("classes", classes),
	newTable(perSource, sourceClasses),
	newTable("shapes", shapes),
	newTable("curves", curves),
	newTable("whatifs", whatIfs),
	newTable("exposure", exposure),
	newTable("distributions", distributions),
	newTable("noise", noise),
}

// Tables returns the names of the report's Parquet files, without the ending.
func Tables() []string { return namesOf(tables) }

// imageRow is a row of images.parquet.
type imageRow struct {
	Source             string  `parquet:"source,dict"`
	ImageID            string  `parquet:"image_id"`
	ImageIDInt         *int64  `parquet:"image_id_int"`
	FileName           string  `parquet:"file_name"`
	Width              int32   `parquet:"width,dict"`
	Height             int32   `parquet:"height,dict"`
	LeftOut            *string `parquet:"left_out,dict"`
	TrainerWidth       int32   `parquet:"trainer_width,dict"`
	TrainerHeight      int32   `parquet:"trainer_height,dict"`
	PaddedWidth        int32   `parquet:"padded_width,dict"`
	PaddedHeight       int32   `parquet:"padded_height,dict"`
	Annotations        int32   `parquet:"annotations,dict"`
	Objects            int32   `parquet:"objects,dict"`
	Anchors            int64   `parquet:"anchors,dict"`
	Positives          int64   `parquet:"positives,dict"`
	Negatives          int64   `parquet:"negatives,dict"`
	Ignored            int64   `parquet:"ignored,dict"`
	Rescued            int64   `parquet:"rescued,dict"`
	RescuedFromIgnored int64   `parquet:"rescued_from_ignored,dict"`
	Candidates         *int64  `parquet:"candidates,dict"`
	Contested          *int64  `parquet:"contested,dict"`
	LossScores         string  `parquet:"loss_scores,dict"`
	PositiveBCE        float64 `parquet:"positive_bce,dict"`
	OtherClassBCE      float64 `parquet:"other_class_bce,dict"`
	NegativeBCE        float64 `parquet:"negative_bce"`
	EasyNegativeBCE    float64 `parquet:"easy_negative_bce"`
	PositiveFocal      float64 `parquet:"positive_focal,dict"`
	OtherClassFocal    float64 `parquet:"other_class_focal,dict"`
	NegativeFocal      float64 `parquet:"negative_focal"`
	EasyNegativeFocal  float64 `parquet:"easy_negative_focal"`
	Offset             int64   `parquet:"byte_offset"`
	Line               int32   `parquet:"line"`
}

// points reports whether a run's trainer lays points.
func points(r *analysis.Result) bool { return r.Config.Preset.Matcher.Measure() == iou.ByPoints }

func images(r *analysis.Result) iter.Seq[imageRow] {
	return func(yield func(imageRow) bool) {
		bce, focal := r.RunPrices(r.Headline())
		for s := range r.Data.Sources {
			name := r.Data.Sources[s].Name
			for i, of := range r.Images(s) {
				im, got := of.Image, of.Slot
				row := imageRow{
					Source: name, ImageID: im.ID.String(), ImageIDInt: intOf(im.ID), FileName: im.File,
					Width: int32(im.Size.W), Height: int32(im.Size.H), LeftOut: textOrNull(got.LeftOut.String()),
					TrainerWidth: int32(got.Resized.W), TrainerHeight: int32(got.Resized.H),
					PaddedWidth: int32(got.Padded.W), PaddedHeight: int32(got.Padded.H),
					Annotations: im.Last - im.First, Objects: int32(got.Objects), Anchors: int64(got.Anchors),
					Positives: int64(got.Positives), Negatives: int64(got.Negatives), Ignored: int64(got.Ignored),
					Rescued: int64(got.RescuedNegative + got.RescuedIgnored), RescuedFromIgnored: int64(got.RescuedIgnored),
					LossScores: bce.Scores, Offset: im.Offset, Line: im.Line,
				}
				if points(r) {
					candidates, contested := int64(got.Candidates), int64(got.Contested)
					row.Candidates, row.Contested = &candidates, &contested
				}
				if row.LeftOut == nil {
					row.price(&bce, &focal, s, i)
				}
				if !yield(row) {
					return
				}
			}
		}
	}
}

// price fills in what the anchors of an image in use cost.
func (row *imageRow) price(bce, focal *ledger.Price, source, image int) {
	var l ledger.ImageLoss
	bce.Of(&l, source, image, row.Positives, row.Negatives)
	row.PositiveBCE, row.OtherClassBCE, row.NegativeBCE = l.Sum[0], l.Sum[1], l.Sum[2]
	row.EasyNegativeBCE = l.EasyNegativeSum
	focal.Of(&l, source, image, row.Positives, row.Negatives)
	row.PositiveFocal, row.OtherClassFocal, row.NegativeFocal = l.Sum[0], l.Sum[1], l.Sum[2]
	row.EasyNegativeFocal = l.EasyNegativeSum
}

// imageLossRow is a row of image_losses.parquet. There are 12 rows for each image and source of
// scores: columns of few values are dictionaries, the sums' bytes are split by place, which is
// quicker to compress than numbers whose last digits are noise.
type imageLossRow struct {
	Source          string  `parquet:"source,dict"`
	ImageID         string  `parquet:"image_id,dict"`
	ImageIDInt      *int64  `parquet:"image_id_int,dict"`
	FileName        string  `parquet:"file_name,dict"`
	Scores          string  `parquet:"scores,dict"`
	Objective       string  `parquet:"objective,dict"`
	Loss            string  `parquet:"loss_function,dict"`
	Gamma           float64 `parquet:"gamma,dict"`
	PositiveN       int64   `parquet:"positive_terms,dict"`
	PositiveSum     float64 `parquet:"positive_loss,dict"`
	OtherClassN     int64   `parquet:"other_class_terms,dict"`
	OtherClassSum   float64 `parquet:"other_class_loss,dict"`
	NegativeN       int64   `parquet:"negative_terms,dict"`
	NegativeSum     float64 `parquet:"negative_loss,split"`
	EasyNegativeN   int64   `parquet:"easy_negative_terms,dict"`
	EasyNegativeSum float64 `parquet:"easy_negative_loss,split"`
	Normalised      float64 `parquet:"normalised_loss,split"`
}

func imageLosses(r *analysis.Result) iter.Seq[imageLossRow] {
	return func(yield func(imageLossRow) bool) {
		prices := slices.DeleteFunc(r.Prices(), func(p ledger.Price) bool { return p.Constant() && !r.Config.ImageLosses })
		if len(prices) == 0 {
			return
		}
		rows := make([]imageLossRow, len(prices))
		for i, p := range prices {
			rows[i] = imageLossRow{Scores: p.Scores, Objective: p.Objective.String(), Loss: p.Loss.Name, Gamma: p.Loss.Gamma}
		}
		var l ledger.ImageLoss
		for s := range r.Data.Sources {
			name := r.Data.Sources[s].Name
			for i, at := range r.Images(s) {
				of, im := at.Image, at.Slot
				if im.LeftOut != (pass.LeftOut{}) {
					continue
				}
				id, number := of.ID.String(), intOf(of.ID)
				for k := range prices {
					prices[k].Of(&l, s, i, int64(im.Positives), int64(im.Negatives))
					row := &rows[k]
					row.Source, row.ImageID, row.ImageIDInt, row.FileName = name, id, number, of.File
					row.set(&l)
					if !yield(*row) {
						return
					}
				}
			}
		}
	}
}

func (row *imageLossRow) set(l *ledger.ImageLoss) {
	row.PositiveN, row.OtherClassN, row.NegativeN = l.N[0], l.N[1], l.N[2]
	row.PositiveSum, row.OtherClassSum, row.NegativeSum = l.Sum[0], l.Sum[1], l.Sum[2]
	row.EasyNegativeN, row.EasyNegativeSum, row.Normalised = l.EasyNegatives, l.EasyNegativeSum, l.Normalised
}

// lossRow is a row of losses.parquet.
type lossRow struct {
	Scores     string   `parquet:"scores,dict"`
	Objective  string   `parquet:"objective,dict"`
	Loss       string   `parquet:"loss_function,dict"`
	Alpha      *float64 `parquet:"alpha,dict"`
	Gamma      float64  `parquet:"gamma,dict"`
	Scope      string   `parquet:"scope,dict"`
	Name       *string  `parquet:"scope_name,dict"`
	Set        string   `parquet:"term_set,dict"`
	Difficulty string   `parquet:"difficulty,dict"`
	N          int64    `parquet:"terms"`
	Sum        float64  `parquet:"loss_sum"`
	Grad       float64  `parquet:"gradient_sum"`
	Share      *float64 `parquet:"loss_share"`
}

func losses(r *analysis.Result) iter.Seq[lossRow] {
	return func(yield func(lossRow) bool) {
		for e := range r.Entries() {
			row := lossRow{
				Scores: e.Scores, Objective: e.Objective.String(), Loss: e.Loss.Name, Alpha: alphaOf(e.Loss), Gamma: e.Loss.Gamma,
				Scope: string(e.Scope), Set: e.Set.String(), Difficulty: e.Difficulty.String(),
				N: e.N, Sum: e.Sum, Grad: e.Grad, Share: numberOrNull(e.Share),
			}
			if e.Scope != ledger.All {
				row.Name = &e.Name
			}
			if !yield(row) {
				return
			}
		}
	}
}

// shapeRow is a row of shapes.parquet.
type shapeRow struct {
	Level     string  `parquet:"level,dict"`
	Stride    int32   `parquet:"stride"`
	Shape     int32   `parquet:"shape"`
	Size      float64 `parquet:"size"`
	Ratio     float64 `parquet:"ratio"`
	Width     float32 `parquet:"width"`
	Height    float32 `parquet:"height"`
	Anchors   int64   `parquet:"anchors"`
	Positives int64   `parquet:"positives"`
	Ignored   int64   `parquet:"ignored"`
	BestFor   float64 `parquet:"best_for"`

	Candidates *int64 `parquet:"candidates"`
}

func shapes(r *analysis.Result) iter.Seq[shapeRow] {
	return func(yield func(shapeRow) bool) {
		for level, ss := range r.Shapes {
			for k, s := range ss {
				size, ratio := r.Trainer.Layout.Shape(level, k)
				box := r.Trainer.Layout.Box(level, k)
				row := shapeRow{
					Level: r.Trainer.LevelName(level), Stride: int32(r.Config.Preset.Anchors.Levels[level].Stride), Shape: int32(k),
					Size: size, Ratio: ratio, Width: box.Width(), Height: box.Height(),
					Anchors: s.Anchors, Positives: s.Positives, Ignored: s.Ignored, BestFor: float64(s.BestFor) / iou.TieUnit,
				}
				if points(r) {
					row.Candidates = &s.Candidates
				}
				if !yield(row) {
					return
				}
			}
		}
	}
}

// classRow is a row of classes.parquet.
type classRow struct {
	Class           string   `parquet:"class"`
	Declared        bool     `parquet:"declared"`
	Annotations     int64    `parquet:"annotations"`
	Objects         int64    `parquet:"objects"`
	Images          int64    `parquet:"images"`
	Small           int64    `parquet:"small"`
	Medium          int64    `parquet:"medium"`
	Large           int64    `parquet:"large"`
	Positives       int64    `parquet:"positives"`
	WithoutPositive int64    `parquet:"objects_without_positive"`
	Rescued         int64    `parquet:"objects_rescued"`
	BCE             float64  `parquet:"prior_bce"`
	Focal           float64  `parquet:"prior_focal"`
	Balance         *float64 `parquet:"prior_gamma_balance"`
	Findings        int64    `parquet:"findings"`
}

func classes(r *analysis.Result) iter.Seq[classRow] {
	return func(yield func(classRow) bool) {
		one := r.PositiveCost()
		for i := range r.Classes {
			c := &r.Classes[i]
			cost := one.Of(c.Positives)
			if !yield(classRow{
				Class: r.Data.Classes[i].Name, Declared: r.Data.Classes[i].Known,
				Annotations: c.Annotations, Objects: c.Objects, Images: c.Images,
				Small: c.BySize[ledger.SmallBox], Medium: c.BySize[ledger.MediumBox], Large: c.BySize[ledger.LargeBox],
				Positives: c.Positives, WithoutPositive: c.WithoutPositive, Rescued: c.Rescued,
				BCE: cost.BCE, Focal: cost.Focal, Balance: numberOrNull(r.ClassBalance(i)), Findings: r.ClassFindings[i],
			}) {
				return
			}
		}
	}
}

// sourceClassRow is a row of source_classes.parquet.
type sourceClassRow struct {
	Source      string  `parquet:"source,dict"`
	Class       *string `parquet:"class,dict"`
	Annotations int64   `parquet:"annotations"`
	Objects     int64   `parquet:"objects"`
}

// sourceClasses yields what each source has of each class that it has.
func sourceClasses(r *analysis.Result) iter.Seq[sourceClassRow] {
	return func(yield func(sourceClassRow) bool) {
		for s := range r.Digests {
			for _, c := range r.Digests[s].ByClass() {
				row := sourceClassRow{Source: r.Data.Sources[s].Name, Annotations: c.Annotations, Objects: c.Objects}
				if c.Class >= 0 {
					row.Class = &r.Data.Classes[c.Class].Name
				}
				if !yield(row) {
					return
				}
			}
		}
	}
}

// curveRow is a row of curves.parquet.
type curveRow struct {
	Scores string  `parquet:"scores,dict"`
	Gamma  float64 `parquet:"gamma,dict"`
	Set    string  `parquet:"term_set,dict"`
	X      float64 `parquet:"term_fraction"`
	Y      float64 `parquet:"loss_fraction"`
}

func curves(r *analysis.Result) iter.Seq[curveRow] {
	return func(yield func(curveRow) bool) {
		for c := range r.Curves() {
			for _, p := range c.Points {
				if !yield(curveRow{Scores: c.Scores, Gamma: c.Gamma, Set: c.Set.String(), X: p.X, Y: p.Y}) {
					return
				}
			}
		}
	}
}

// whatIfRow is a row of whatifs.parquet.
type whatIfRow struct {
	Scores            string   `parquet:"scores,dict"`
	Scheme            string   `parquet:"scheme,dict"`
	Samples           float64  `parquet:"samples"`
	Loss              float64  `parquet:"loss_sum"`
	PositiveShare     *float64 `parquet:"positive_share"`
	NegativeShare     *float64 `parquet:"negative_share"`
	EasyNegativeShare *float64 `parquet:"easy_negative_share"`
}

func whatIfs(r *analysis.Result) iter.Seq[whatIfRow] {
	return func(yield func(whatIfRow) bool) {
		for w := range r.WhatIfs() {
			if !yield(whatIfRow{
				Scores: w.Scores, Scheme: w.Scheme.String(), Samples: w.Samples, Loss: w.Loss,
				PositiveShare: numberOrNull(w.PositiveShare), NegativeShare: numberOrNull(w.NegativeShare),
				EasyNegativeShare: numberOrNull(w.EasyNegativeShare),
			}) {
				return
			}
		}
	}
}

// exposureRow is a row of exposure.parquet.
type exposureRow struct {
	Scores     string   `parquet:"scores,dict"`
	Loss       string   `parquet:"loss_function,dict"`
	Gamma      float64  `parquet:"gamma,dict"`
	Of         string   `parquet:"sample_kind,dict"`
	Fraction   float64  `parquet:"fraction"`
	N          float64  `parquet:"samples"`
	Share      *float64 `parquet:"loss_share"`
	TotalShare *float64 `parquet:"total_loss_share"`
}

func exposure(r *analysis.Result) iter.Seq[exposureRow] {
	return func(yield func(exposureRow) bool) {
		for e := range r.Exposures() {
			if !yield(exposureRow{
				Scores: e.Scores, Loss: e.Loss.Name, Gamma: e.Loss.Gamma, Of: e.Of, Fraction: e.Fraction, N: e.N,
				Share: numberOrNull(e.Share), TotalShare: numberOrNull(e.Total),
			}) {
				return
			}
		}
	}
}

// noiseRow is a row of noise.parquet.
type noiseRow struct {
	Scores        string   `parquet:"scores,dict"`
	Loss          string   `parquet:"loss_function,dict"`
	Gamma         float64  `parquet:"gamma,dict"`
	Of            string   `parquet:"sample_kind,dict"`
	Suspects      int64    `parquet:"suspects"`
	Terms         int64    `parquet:"terms"`
	Share         *float64 `parquet:"loss_share"`
	TotalShare    *float64 `parquet:"total_loss_share"`
	Amplification *float64 `parquet:"amplification"`
	Control       *float64 `parquet:"control_amplification"`
}

func noise(r *analysis.Result) iter.Seq[noiseRow] {
	return func(yield func(noiseRow) bool) {
		if r.Audit == nil {
			return
		}
		for _, n := range r.Audit.Noise {
			if !yield(noiseRow{
				Scores: r.Config.Scores[n.Scores].Name, Loss: n.Loss.Name, Gamma: n.Loss.Gamma, Of: n.Of,
				Suspects: n.Suspects, Terms: n.Terms,
				Share: numberOrNull(n.Share), TotalShare: numberOrNull(n.Total),
				Amplification: numberOrNull(n.Amplification), Control: numberOrNull(n.Control),
			}) {
				return
			}
		}
	}
}

// intOf returns an id's value, or nil if it is not a whole number.
func intOf(d dataset.ID) *int64 {
	if n, ok := d.Int(); ok {
		return &n
	}
	return nil
}

// textOrNull returns nil for "".
func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// numberOrNull returns nil for NaN, which Parquet's readers sort in their own ways.
func numberOrNull(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}

// alphaOf returns a loss's α, nil where it has none.
func alphaOf(l ledger.NamedLoss) *float64 {
	if l.Alpha < 0 {
		return nil
	}
	return &l.Alpha
}
