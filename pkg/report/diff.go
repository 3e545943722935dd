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

	"focalaudit/pkg/files"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// diffRow is a row of a comparison's findings.parquet.
type diffRow struct {
	Status      string   `parquet:"status,dict" json:"status"` // new, gone or kept
	Code        string   `parquet:"code,dict" json:"code"`
	Severity    string   `parquet:"severity,dict" json:"severity"`
	Source      *string  `parquet:"source,dict" json:"source"`
	FileName    *string  `parquet:"file_name" json:"file_name"`
	Annotation  *string  `parquet:"annotation_id" json:"annotation_id"`
	Class       *string  `parquet:"class,dict" json:"class"`
	Score       *float64 `parquet:"score" json:"score"`
	Fingerprint string   `parquet:"fingerprint" json:"fingerprint"`
	Message     string   `parquet:"message" json:"message"`
}

func diffRows(d *gate.Difference, kept bool) iter.Seq[diffRow] {
	return func(yield func(diffRow) bool) {
		for _, part := range []struct {
			status string
			of     []gate.Finding
		}{{"new", d.New}, {"gone", d.Gone}, {"kept", d.Kept}} {
			if part.status == "kept" && !kept {
				continue
			}
			for i := range part.of {
				f := &part.of[i]
				if !yield(diffRow{part.status, f.Code, f.Severity().String(), textOrNull(f.Source), textOrNull(f.File), textOrNull(f.Annotation),
					textOrNull(f.Class), numberOrNull(f.Score), f.Fingerprint, f.Message}) {
					return
				}
			}
		}
	}
}

// WriteDiff writes a comparison into a new directory: metrics.parquet,
// findings.parquet and diff.md.
func WriteDiff(ctx context.Context, dir string, d *gate.Difference, version string) error {
	if err := files.Empty(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for name, write := range map[string]func(io.Writer) error{
		"metrics.parquet": func(w io.Writer) error {
			return writeRows(ctx, w, "diff_metrics", version, slices.Values(d.Metrics))
		},
		"findings.parquet": func(w io.Writer) error { return writeRows(ctx, w, "diff_findings", version, diffRows(d, true)) },
		"diff.md":          func(w io.Writer) error { return DiffMarkdown(w, d) },
	} {
		if err := files.Write(filepath.Join(dir, name), write); err != nil {
			return err
		}
	}
	return nil
}

// DiffJSON writes a comparison as JSON, without the findings that were kept.
func DiffJSON(w io.Writer, d *gate.Difference) error {
	return text.JSON(w, struct {
		Metrics  []gate.MetricChange `json:"metrics"`
		Findings []diffRow           `json:"findings"`
		Kept     int                 `json:"kept"`
	}{d.Metrics, append([]diffRow{}, slices.Collect(diffRows(d, false))...), len(d.Kept)})
}

// DiffMarkdown writes a comparison as Markdown: the metrics that changed, the
// findings that are new or gone.
func DiffMarkdown(w io.Writer, d *gate.Difference) error {
	p := newPrinter(w)
	p.Line("## What changed\n")
	if d.Presets[0] != d.Presets[1] {
		p.Line("The presets differ, %s before and %s now: metrics are not comparable.\n", text.Cell(d.Presets[0]), text.Cell(d.Presets[1]))
	}
	p.Line("%s, %s (before: %s, %s). Findings: %d new, %d gone, %d kept.\n", text.Plural(d.NewSize[0], "image"), text.Plural(d.NewSize[1], "annotation"),
		text.Plural(d.OldSize[0], "image"), text.Plural(d.OldSize[1], "annotation"), len(d.New), len(d.Gone), len(d.Kept))
	first := true
	for _, m := range d.Metrics {
		if !m.Changed() {
			continue
		}
		if first {
			p.Line("| scores | metric | before | now | change |\n|---|---|--:|--:|--:|")
			first = false
		}
		p.Line("| %s | %s | %s | %s | %s |", text.Cell(m.Scores), text.Cell(m.Metric), figure(m.Old), figure(m.New), change(m))
	}
	for _, part := range []struct {
		title string
		of    []gate.Finding
	}{{"New", d.New}, {"Gone", d.Gone}} {
		if len(part.of) == 0 {
			continue
		}
		p.Line("\n### %s\n\n| severity | code | image | finding |\n|---|---|---|---|", part.title)
		for i := range part.of {
			if i == maxDiff {
				p.Line("\n… and %d more", len(part.of)-maxDiff)
				break
			}
			f := &part.of[i]
			p.Line("| %s | %s | %s | %s |", f.Severity(), f.Code, text.Cell(f.File), text.Cell(f.Message))
		}
	}
	return p.Err()
}

// maxDiff is how many findings Markdown and text show of a sort.
const maxDiff = 50

func figure(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.6g", *x)
}

// change is a metric's change in percent, or absolute from 0.
func change(m gate.MetricChange) string {
	switch {
	case m.Old == nil || m.New == nil:
		return ""
	case *m.Old == 0:
		return fmt.Sprintf("%+.4g", *m.New)
	}
	return fmt.Sprintf("%+.3g %%", 100*(*m.New-*m.Old)/math.Abs(*m.Old))
}

// DiffText prints a comparison to a terminal.
func DiffText(w io.Writer, d *gate.Difference) error {
	p := newPrinter(w)
	p.Line("read     %s, %s; before %s, %s", text.Plural(d.NewSize[0], "image"), text.Plural(d.NewSize[1], "annotation"), text.Plural(d.OldSize[0], "image"), text.Plural(d.OldSize[1], "annotation"))
	if d.Presets[0] != d.Presets[1] {
		p.Line("preset   %s -> %s: metrics are not comparable", text.Printable(d.Presets[0]), text.Printable(d.Presets[1]))
	}
	for _, m := range d.Metrics {
		if m.Changed() {
			p.Line("metric   %-12s %-32s %12s -> %-12s %s", text.Clip(m.Scores, 12), m.Metric, figure(m.Old), figure(m.New), change(m))
		}
	}
	p.Line("findings %d new, %d gone, %d kept", len(d.New), len(d.Gone), len(d.Kept))
	p.list("+", d.New)
	p.list("-", d.Gone)
	return p.Err()
}

func (p *printer) list(sign string, of []gate.Finding) {
	for i := range of {
		if i == maxDiff {
			p.Line("  %s … and %d more", sign, len(of)-maxDiff)
			return
		}
		p.Line("  %s %-7s %-24s %s", sign, of[i].Severity(), of[i].Code, text.Clip(of[i].Message, 110))
	}
}
