package report

import (
	"context"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/parquet-go/parquet-go"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/pass"
)

// objectRow has the columns of objects.parquet, whose values objectCells puts in the order of
// its fields. What may be null is a pointer: the tag optional of parquet-go 0.32, by which
// zeros are null, writes some of them as zeros (writeRowsFuncOfOptional takes a run of n
// values at place n of 64 for the rest of them).
type objectRow struct {
	Source          string   `parquet:"source,dict"`
	ImageID         string   `parquet:"image_id"`
	ImageIDInt      *int64   `parquet:"image_id_int"`
	FileName        *string  `parquet:"file_name,dict"`
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
	TrainerX        *float32 `parquet:"trainer_x"`
	TrainerY        *float32 `parquet:"trainer_y"`
	TrainerWidth    *float32 `parquet:"trainer_box_width"`
	TrainerHeight   *float32 `parquet:"trainer_box_height"`
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
	Contested       *int32   `parquet:"contested"`
	OutOfRange      *int32   `parquet:"out_of_range"`
	ByLevel         *string  `parquet:"candidates_by_level,dict"`
	Why             *string  `parquet:"why,dict"`
	BCE             *float64 `parquet:"prior_bce"`
	Focal           *float64 `parquet:"prior_focal"`
	Suspect         *float64 `parquet:"suspect_score"`
	Offset          int64    `parquet:"byte_offset"`
	Line            int32    `parquet:"line"`
}

// aloneRows is from how many objects on a source has row groups of its own in objects.parquet: a part keeps them as
// they are in the file, and a merge copies them.
const aloneRows = 1 << 13

func objects(r *analysis.Result, c *cells) {
	f := newObjectCells(r, c)
	for s := range r.Data.Sources {
		_, n := r.Data.Count(s)
		if n >= aloneRows {
			c.endGroup()
			if rows := r.Encoded(s); rows != nil {
				c.copy(rows, rows.Size)
				continue
			}
		}
		if !f.objectsOf(s) {
			return
		}
		if n >= aloneRows {
			c.endGroup()
		}
	}
}

// objectsOf puts the rows of a source, and reports whether more are wanted.
func (f *objectCells) objectsOf(s int) bool {
	src := f.run.Data.Source(s)
	f.source, f.image = textValue(src.Name), -1
	for k := range src.Objects {
		f.record(s, k)
		f.number(f.run.Audit.Chance(s, k))
		f.int64(src.Objects[k].Offset)
		f.int32(src.Objects[k].Line)
		if !f.endRow() {
			return false
		}
	}
	return true
}

// WriteRows writes the rows that a source has in objects.parquet, as a file of this table of its own, if the source
// has row groups of its own there; it reports whether it has.
func WriteRows(ctx context.Context, w io.Writer, r *analysis.Result, source int, version string) (bool, error) {
	if _, n := r.Data.Count(source); n < aloneRows {
		return false, nil
	}
	return true, writeCells[objectRow](ctx, w, "objects", version, func(c *cells) {
		newObjectCells(r, c).objectsOf(source)
	})
}

// objectCells puts the values of objects.parquet. What many rows have is made once.
type objectCells struct {
	*cells
	run     *analysis.Result
	cost    ledger.PositiveCost
	source  parquet.Value
	image   int32         // at hand, in its source; -1 if there is none
	file    parquet.Value // its name
	placer  *pass.Placer
	classes []parquet.Value
	sizes   [ledger.NumSizes]parquet.Value
	levels  []parquet.Value
	shapes  [][]shapeName
	why     []parquet.Value                // by iou.Why
	leftOut map[pass.LeftOut]parquet.Value // as they turn up
	points  bool                           // the trainer lays points

	levelTexts map[string]parquet.Value // candidates by level, as they turn up
	text       []byte                   // scratch
}

type shapeName struct{ size, ratio parquet.Value }

func newObjectCells(r *analysis.Result, c *cells) *objectCells {
	f := &objectCells{
		cells: c, run: r, placer: r.NewPlacer(), cost: r.PositiveCost(), leftOut: map[pass.LeftOut]parquet.Value{},
		points: points(r), levelTexts: map[string]parquet.Value{},
	}
	for i := range r.Data.Classes {
		f.classes = append(f.classes, textValue(r.Data.Classes[i].Name))
	}
	for w := range iou.Whys() {
		f.why = append(f.why, textOrNullValue(iou.Why(w).String()))
	}
	for i := range f.sizes {
		f.sizes[i] = textValue(ledger.Size(i).String())
	}
	for level, ss := range r.Shapes {
		f.levels = append(f.levels, textValue(r.Trainer.LevelName(level)))
		names := make([]shapeName, len(ss))
		for k := range names {
			size, ratio := r.Trainer.Layout.Shape(level, k)
			names[k] = shapeName{doubleValue(size), doubleValue(ratio)}
		}
		f.shapes = append(f.shapes, names)
	}
	return f
}

// record puts the columns from source to prior_focal.
func (f *objectCells) record(source, object int) {
	src := f.run.Data.Source(source)
	o, got := &src.Objects[object], &f.run.ObjectSlots(source)[object]
	if o.Image != f.image { // those of one image stand together
		if f.image, f.file = o.Image, (parquet.Value{}); o.Image >= 0 {
			f.file = textOrNullValue(src.Images[o.Image].File)
		}
	}
	f.value(&f.source)
	image := src.ImageID(object)
	f.id(image)
	f.idInt(image)
	f.value(&f.file)
	f.id(o.ID)
	f.idInt(o.ID)
	if o.Class < 0 {
		f.null()
	} else {
		f.value(&f.classes[o.Class])
	}
	hasBox := o.LeftOut != dataset.NoBox
	if hasBox {
		f.rect(o.Box)
	} else {
		f.nulls(4)
	}
	f.bool(o.Flags&dataset.Crowd != 0)
	f.bool(o.Flags&dataset.Ignore != 0)
	f.reason(got.LeftOut)
	if hasBox {
		f.value(&f.sizes[ledger.SizeOf(o.Box)])
	} else {
		f.null()
	}
	if got.Matched() {
		box := f.placer.Box(source, object)
		f.placed(box)
		f.match(got, f.placer.AtLevels(box))
	} else {
		f.nulls(21)
	}
}

// placed puts a matched object's box in the trainer's frame.
func (f *objectCells) placed(box geom.Box) {
	f.float32(float32(box.X0))
	f.float32(float32(box.Y0))
	f.float32(float32(box.X1 - box.X0))
	f.float32(float32(box.Y1 - box.Y0))
}

// reason puts why an annotation takes no part, null if it does.
func (f *objectCells) reason(of pass.LeftOut) {
	if of == (pass.LeftOut{}) {
		f.null()
		return
	}
	name, known := f.leftOut[of]
	if !known {
		name = textOrNullValue(of.String())
		f.leftOut[of] = name
	}
	f.value(&name)
}

// match puts what the anchors are to a matched object: the columns from best_iou to prior_focal. levels are its
// candidates by level.
func (f *objectCells) match(got *pass.Object, levels []int) {
	switch {
	case f.points:
		f.nulls(2)
	case got.Ratio <= 0:
		f.float32(got.IoU)
		f.null()
	case math.IsInf(float64(got.Ratio), 1): // an object without a side
		f.nulls(2)
	default:
		f.null()
		f.float32(got.Ratio)
	}
	if f.points {
		f.null()
	} else {
		f.int64(int64(got.Anchor))
	}
	if got.Best() {
		name := &f.shapes[got.Level][got.Shape]
		f.value(&f.levels[got.Level])
		f.value(&name.size)
		f.value(&name.ratio)
	} else {
		f.nulls(3)
	}
	if f.points {
		f.null()
	} else {
		f.int32(got.Ties)
	}
	for _, n := range [...]int32{got.AtLow, got.AtHigh, got.Positives, got.Rescued} {
		f.int32(n)
	}
	if f.points {
		f.int32(got.Shared)
		f.int32(got.Far)
	} else {
		f.nulls(2)
	}
	f.byLevel(levels)
	f.value(&f.why[got.Why])
	cost := f.cost.Of(int64(got.Positives))
	f.float64(cost.BCE)
	f.float64(cost.Focal)
}

// mostLevelTexts bounds how many texts are kept for the next object that has one of them.
const mostLevelTexts = 1 << 16

// byLevel puts an object's candidates on each level, the finest first, null under rules of anchors.
func (f *objectCells) byLevel(levels []int) {
	if levels == nil {
		f.null()
		return
	}
	f.text = f.text[:0]
	for i, n := range levels {
		if i > 0 {
			f.text = append(f.text, ' ')
		}
		f.text = strconv.AppendInt(f.text, int64(n), 10)
	}
	v, known := f.levelTexts[string(f.text)]
	if !known {
		if len(f.levelTexts) >= mostLevelTexts {
			clear(f.levelTexts)
		}
		v = textValue(string(f.text))
		f.levelTexts[string(f.text)] = v
	}
	f.value(&v)
}

// findingRow is a row of findings.parquet. The columns from score to
// likelihood_ratio that a finding has no evidence for are null.
type findingRow struct {
	Rank              int32    `parquet:"rank"`
	Number            *int32   `parquet:"number"`
	Code              string   `parquet:"code,dict"`
	Severity          string   `parquet:"severity,dict"`
	Cases             int64    `parquet:"cases,dict"`
	Source            *string  `parquet:"source,dict"`
	ImageID           *string  `parquet:"image_id"`
	ImageIDInt        *int64   `parquet:"image_id_int"`
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
	LossScores        *string  `parquet:"loss_scores,dict"`
	BCE               *float64 `parquet:"bce"`
	Focal             *float64 `parquet:"focal"`
	OtherClassBCE     *float64 `parquet:"other_class_bce"`
	OtherClassFocal   *float64 `parquet:"other_class_focal"`
	Offset            *int64   `parquet:"byte_offset"`
	Line              *int32   `parquet:"line"`
	Fingerprint       string   `parquet:"fingerprint"`
	Reviewed          bool     `parquet:"reviewed"`
	Message           string   `parquet:"message"`
}

// batchFound is how many findings are looked up together, source by source: the records of a source are read once
// for all of them, however their ranks jump from source to source.
const batchFound = 1 << 16

func foundRows(r *analysis.Result, c *cells) {
	cost, number := r.PositiveCost(), int32(0)
	var rows []findingRow
	for first := 0; first < len(r.Findings); first += batchFound {
		found := r.Findings[first:min(first+batchFound, len(r.Findings))]
		rows = slices.Grow(rows[:0], len(found))[:len(found)]
		for _, i := range findings.BySource(len(found), func(i int) int32 { return found[i].Source }) {
			f := &found[i]
			row := findingRow{
				Rank: int32(first + i + 1), Code: f.Code, Severity: f.Severity().String(), Cases: max(1, f.Cases),
				IoU: numberOrNull(f.IoU), Message: f.Message, Reviewed: f.Reviewed,
			}
			row.place(r, f)
			if positives, ok := positivesOf(r, f); ok {
				of := cost.Of(positives)
				row.LossScores = &r.Config.Scores[0].Name
				row.BCE, row.Focal = numberOrNull(of.BCE), numberOrNull(of.Focal)
			}
			row.evidence(r, f.Evidence)
			row.Fingerprint = r.Fingerprint(f)
			rows[i] = row
		}
		for i := range rows {
			if found[i].Suspected() {
				number++
				rows[i].Number = new(number)
			}
			if rows[i].put(c); !c.endRow() {
				return
			}
		}
	}
}

// positivesOf returns how many positive anchors the objects have that a finding is about; false if
// it is not about objects that were matched.
func positivesOf(r *analysis.Result, f *findings.Finding) (int64, bool) {
	if f.Positives > 0 {
		return f.Positives, true
	}
	if f.Object < 0 {
		return 0, false
	}
	o := r.ObjectSlot(int(f.Source), int(f.Object))
	return int64(o.Positives), o.Matched()
}

// put puts the row's values in the order of its fields.
func (row *findingRow) put(c *cells) {
	c.int32(row.Rank)
	putOrNull(c, c.int32, row.Number)
	c.string(row.Code)
	c.string(row.Severity)
	c.int64(row.Cases)
	putOrNull(c, c.string, row.Source)
	putOrNull(c, c.string, row.ImageID)
	putOrNull(c, c.int64, row.ImageIDInt)
	for _, s := range [...]*string{row.FileName, row.AnnotationID, row.Class} {
		putOrNull(c, c.string, s)
	}
	for _, x := range [...]*float64{
		row.X, row.Y, row.Width, row.Height, row.Score, row.ExpectedPrecision, row.DetectionScore,
	} {
		putOrNull(c, c.float64, x)
	}
	putOrNull(c, c.string, row.DetectionClass)
	for _, x := range [...]*float64{row.DetectionX, row.DetectionY, row.DetectionWidth, row.DetectionHeight} {
		putOrNull(c, c.float64, x)
	}
	putOrNull(c, c.string, row.OtherAnnotationID)
	putOrNull(c, c.float64, row.IoU)
	putOrNull(c, c.float64, row.LikelihoodRatio)
	putOrNull(c, c.string, row.LossScores)
	putOrNull(c, c.float64, row.BCE)
	putOrNull(c, c.float64, row.Focal)
	putOrNull(c, c.float64, row.OtherClassBCE)
	putOrNull(c, c.float64, row.OtherClassFocal)
	putOrNull(c, c.int64, row.Offset)
	putOrNull(c, c.int32, row.Line)
	c.string(row.Fingerprint)
	c.bool(row.Reviewed)
	c.string(row.Message)
}

// evidence fills in what a detector says against a label.
func (row *findingRow) evidence(r *analysis.Result, e *findings.Evidence) {
	if e == nil {
		return
	}
	row.Score, row.LikelihoodRatio = numberOrNull(e.Score), numberOrNull(e.LikelihoodRatio)
	row.ExpectedPrecision = numberOrNull(e.ExpectedPrecision)
	row.LossScores = &r.Config.Scores[r.Audit.Scores].Name
	row.BCE, row.Focal = numberOrNull(e.BCE), numberOrNull(e.Focal)
	row.OtherClassBCE, row.OtherClassFocal = numberOrNull(e.OtherClassBCE), numberOrNull(e.OtherClassFocal)
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
	s := int(f.Source)
	row.Source = &r.Data.Sources[s].Name
	if f.Offset >= 0 {
		row.Offset, row.Line = &f.Offset, &f.Line
	}
	if f.Image >= 0 {
		im := r.Data.Image(s, int(f.Image))
		row.ImageID, row.ImageIDInt, row.FileName = textOf(im.ID), intOf(im.ID), textOrNull(im.File)
	}
	if f.Object >= 0 {
		row.AnnotationID = textOf(r.Data.Object(s, int(f.Object)).ID)
		if f.Image < 0 {
			id := r.Data.ImageID(s, int(f.Object))
			row.ImageID, row.ImageIDInt = textOf(id), intOf(id)
		}
	}
	if f.Other >= 0 {
		row.OtherAnnotationID = textOf(r.Data.Object(s, int(f.Other)).ID)
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
