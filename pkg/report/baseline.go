package report

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"focalaudit/pkg/files"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/geom"
)

// A baseline is what a comparison needs of a report: summary.json, the classes (of all
// sources, and of each), and of every
// finding what it is matched by. It is small enough for version control, and holds no path. A
// finding is matched by its fingerprint, or by its code, image and box to the pixel. Where these
// give the fingerprint, it is left out, for it can't be compressed; Load computes it again. What
// people read of a finding (its message, score and annotation) is left out of infos.

// heldRow has the columns of findings.parquet that Load reads. A baseline has them alone.
type heldRow struct {
	Rank         int32    `parquet:"rank,delta"`
	Code         string   `parquet:"code,dict"`
	Severity     string   `parquet:"severity,dict"`
	Cases        int64    `parquet:"cases,dict"`
	Source       *string  `parquet:"source,dict"`
	ImageID      *string  `parquet:"image_id"`
	FileName     *string  `parquet:"file_name,dict"`
	AnnotationID *string  `parquet:"annotation_id"`
	Class        *string  `parquet:"class,dict"`
	X            *float64 `parquet:"x,dict"`
	Y            *float64 `parquet:"y,dict"`
	Width        *float64 `parquet:"width,dict"`
	Height       *float64 `parquet:"height,dict"`
	Score        *float64 `parquet:"score"`
	Offset       *int64   `parquet:"byte_offset"`
	Line         *int32   `parquet:"line"`
	Fingerprint  string   `parquet:"fingerprint"`
	Reviewed     bool     `parquet:"reviewed"`
	Message      string   `parquet:"message"`
}

// finding is the row as the gate has it.
func (r *heldRow) finding() gate.Finding {
	f := gate.Finding{
		Rank: int(r.Rank), Code: r.Code, Source: valueOr(r.Source), Image: valueOr(r.ImageID),
		File: valueOr(r.FileName), Annotation: valueOr(r.AnnotationID), Class: valueOr(r.Class),
		Score: math.NaN(), Offset: -1, Fingerprint: r.Fingerprint, Message: r.Message, New: true, Reviewed: r.Reviewed,
		Level: findings.SeverityOf(r.Severity), Cases: r.Cases,
	}
	if r.X != nil && r.Y != nil && r.Width != nil && r.Height != nil {
		f.Box, f.HasBox = geom.Rect{X: *r.X, Y: *r.Y, W: *r.Width, H: *r.Height}, true
	}
	if r.Score != nil {
		f.Score = *r.Score
	}
	if r.Line != nil {
		f.Line = int(*r.Line)
	}
	if r.Offset != nil {
		f.Offset = *r.Offset
	}
	return f
}

// fingerprint is what code, image, class and box make of it.
func (r *heldRow) fingerprint() string {
	f := r.finding()
	return findings.Fingerprint(f.Code, f.File, f.Class, f.Box, f.HasBox)
}

// slim takes out of a row what no comparison needs.
func (r *heldRow) slim() {
	for _, x := range []**float64{&r.X, &r.Y, &r.Width, &r.Height} {
		if *x != nil {
			whole := math.Round(**x)
			*x = &whole
		}
	}
	if r.Fingerprint == r.fingerprint() {
		r.Fingerprint = ""
	}
	r.ImageID, r.Offset, r.Line = nil, nil, nil
	if r.Severity == findings.Info.String() {
		r.Message, r.Score, r.AnnotationID = "", nil, nil
	}
}

// whole gives a row of a baseline what Load computes of it. Rows are numbered from 1.
func (r *heldRow) whole(number int) {
	r.Rank = int32(number)
	if r.Fingerprint == "" {
		r.Fingerprint = r.fingerprint()
	}
	if e, known := findings.Lookup(r.Code); known && r.Message == "" {
		r.Message = e.Title
	}
}

// CompleteRow gives a row of a baseline's findings, as generic values under the names of columns, what whole gives
// one: the rank, the fingerprint, and the title in the place of a message.
func CompleteRow(columns []string, number int, row []any) {
	of := func(name string) *any {
		if k := slices.Index(columns, name); k >= 0 {
			return &row[k]
		}
		return new(any)
	}
	text := func(name string) *string {
		if s, ok := (*of(name)).(string); ok {
			return &s
		}
		return nil
	}
	side := func(name string) *float64 {
		if x, ok := (*of(name)).(float64); ok {
			return &x
		}
		return nil
	}
	r := heldRow{
		Code: valueOr(text("code")), FileName: text("file_name"), Class: text("class"), X: side("x"), Y: side("y"),
		Width: side("width"), Height: side("height"), Fingerprint: valueOr(text("fingerprint")),
		Message: valueOr(text("message")),
	}
	r.whole(number)
	*of("rank"), *of("fingerprint"), *of("message") = int(r.Rank), r.Fingerprint, r.Message
}

// WriteBaseline writes what a comparison needs of the report at from to the directory dir, in
// place of an earlier baseline if there is one. A whole report there is left alone.
func WriteBaseline(ctx context.Context, dir, from, version string) error {
	if a, err := os.Stat(dir); err == nil {
		if b, err := os.Stat(from); err == nil && os.SameFile(a, b) {
			return fmt.Errorf("%s is the report itself, which a baseline of it would replace: name another directory", dir)
		}
	}
	if err := checkBaselineTarget(dir); err != nil { // before the work
		return err
	}
	if _, err := Verify(ctx, from); err != nil {
		return err
	}
	s, err := readWhole(from)
	if err != nil {
		return err
	}
	classes, err := loadTable[gate.Class](from, "classes")
	if err != nil {
		return err
	}
	var bySource []sourceClassRow
	if s.has(perSource) {
		if bySource, err = loadTable[sourceClassRow](from, perSource); err != nil {
			return err
		}
	}
	rows, err := loadTable[heldRow](from, "findings")
	if err != nil {
		return err
	}
	for i := range rows {
		if s.Baseline { // its rows may be slim already
			rows[i].whole(i + 1)
		}
		rows[i].slim()
		rows[i].Rank = 0
	}
	slices.SortStableFunc(rows, func(a, b heldRow) int { // images beside each other compress well
		return cmp.Or(
			cmp.Compare(findings.SeverityOf(a.Severity), findings.SeverityOf(b.Severity)),
			cmp.Compare(a.Code, b.Code), cmp.Compare(valueOr(a.FileName), valueOr(b.FileName)),
		)
	})
	return replaceChecked(dir, checkBaselineTarget, func(tmp string) error {
		sums := map[string]string{}
		write := func(name string, to func(io.Writer) error) error {
			sum := sha256.New()
			err := files.Write(filepath.Join(tmp, name), func(w io.Writer) error { return to(io.MultiWriter(w, sum)) })
			sums[name] = hex.EncodeToString(sum.Sum(nil))
			return err
		}
		err := write("classes.parquet", func(w io.Writer) error {
			return writeRows(ctx, w, "classes", version, slices.Values(classes))
		})
		if err != nil {
			return err
		}
		if s.has(perSource) {
			err = write(perSource+".parquet", func(w io.Writer) error {
				return writeSmall(ctx, w, perSource, version, slices.Values(bySource))
			})
			if err != nil {
				return err
			}
		}
		err = write("findings.parquet", func(w io.Writer) error {
			return writeSmall(ctx, w, "findings", version, slices.Values(rows))
		})
		if err != nil {
			return err
		}
		s.Baseline, s.Skipped, s.Refused, s.RefusedFiles, s.Answers = true, []Skipped{}, []string{}, []string{}, nil
		return files.Write(filepath.Join(tmp, summaryName), func(w io.Writer) error { return s.write(w, sums) })
	})
}

// writeSmall is writeRows with the best compression.
func writeSmall[T any](ctx context.Context, w io.Writer, name, version string, rows iter.Seq[T]) error {
	return writeWith(ctx, newWriter[T](w, name, version,
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedBestCompression})), rows)
}
