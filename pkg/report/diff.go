package report

import (
	"cmp"
	"context"
	"io"
	"iter"
	"path/filepath"
	"slices"

	"focalaudit/pkg/files"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// diffRow is a row of a comparison's findings.parquet.
type diffRow struct {
	Status      string   `parquet:"status,dict" json:"status"` // new, gone, unread or kept
	Code        string   `parquet:"code,dict" json:"code"`
	Severity    string   `parquet:"severity,dict" json:"severity"`
	Source      *string  `parquet:"source,dict" json:"source"`
	FileName    *string  `parquet:"file_name" json:"file_name"`
	Annotation  *string  `parquet:"annotation_id" json:"annotation_id"`
	Class       *string  `parquet:"class,dict" json:"class"`
	Score       *float64 `parquet:"score" json:"score"`
	Fingerprint string   `parquet:"fingerprint" json:"fingerprint"`
	Message     string   `parquet:"message" json:"message"`
	SameLabel   *bool    `parquet:"same_label" json:"same_label"` // null where the other report does not tell

	// Whether a finding is gone with its record, not mended; null for others, or where the new report does not tell.
	RecordGone *bool `parquet:"record_gone" json:"record_gone"`
}

// diffRows yields the findings that are new or gone, those of files that could not be read for the new report, and with
// kept those in both reports.
func diffRows(d *gate.Difference, kept bool) iter.Seq[diffRow] {
	return func(yield func(diffRow) bool) {
		for _, part := range []struct {
			status string
			of     []gate.Finding
		}{{"new", d.New}, {"gone", d.Gone}, {"unread", d.Unread}, {"kept", d.Kept}} {
			if part.status == "kept" && !kept {
				continue
			}
			for i := range part.of {
				f := &part.of[i]
				if !yield(diffRow{
					part.status, f.Code, f.Severity().String(), textOrNull(f.Source), textOrNull(f.File),
					textOrNull(f.Annotation), textOrNull(f.Class), numberOrNull(f.Score), f.Fingerprint, f.Message,
					sameLabel(f), recordGone(d, f, part.status),
				}) {
					return
				}
			}
		}
	}
}

// sameLabel tells of a suspect that is in one report only whether its label is in both.
func sameLabel(f *gate.Finding) *bool {
	if !f.Traced {
		return nil
	}
	return &f.Untouched
}

// recordGone tells of a finding that is gone whether it is gone with its record.
func recordGone(d *gate.Difference, f *gate.Finding, status string) *bool {
	if !d.Parted || status != "gone" {
		return nil
	}
	return &f.Deleted
}

// diffCounts count the findings of a comparison by what became of them.
type diffCounts struct {
	New       int  `json:"new"`
	Gone      int  `json:"gone"`
	Fixed     *int `json:"fixed"`             // of these; null where the new report does not tell
	Deleted   *int `json:"gone_with_records"` // the others
	Unread    int  `json:"unread"`            // in files that could not be read for the new report: not in Gone
	Unchanged int  `json:"unchanged"`

	// Of Gone and of New, suspects whose label is in both reports as it was: they are not in Fixed.
	GoneSame int `json:"gone_with_same_label"`
	NewSame  int `json:"new_with_same_label"`
}

// countsOf counts the findings of a comparison.
func countsOf(d *gate.Difference) diffCounts {
	c := diffCounts{New: len(d.New), Gone: len(d.Gone), Unread: len(d.Unread), Unchanged: len(d.Kept)}
	untouched := func(of []gate.Finding) (n int) {
		for i := range of {
			if of[i].Untouched {
				n++
			}
		}
		return n
	}
	c.GoneSame, c.NewSame = untouched(d.Gone), untouched(d.New)
	if n := gate.Deleted(d.Gone); d.Parted {
		c.Fixed, c.Deleted = new(len(d.Gone)-c.GoneSame-n), &n
	}
	return c
}

// WriteDiff writes a comparison into a new directory: metrics.parquet,
// findings.parquet and diff.md, which page writes.
func WriteDiff(ctx context.Context, dir string, d *gate.Difference, page func(io.Writer, *gate.Difference) error,
	version string) error {
	if err := files.Empty(dir); err != nil {
		return err
	}
	writers := map[string]func(io.Writer) error{
		"metrics.parquet": func(w io.Writer) error {
			return writeRows(ctx, w, "diff_metrics", version, slices.Values(d.Metrics))
		},
		"findings.parquet": func(w io.Writer) error {
			return writeRows(ctx, w, "diff_findings", version, diffRows(d, true))
		},
		"diff.md": func(w io.Writer) error { return page(w, d) },
	}
	return files.Replace(dir, files.New(), func(tmp string) error {
		for name, write := range writers {
			if err := files.Write(filepath.Join(tmp, name), write); err != nil {
				return err
			}
		}
		return nil
	})
}

// DiffJSON writes a comparison as JSON: the metrics, the findings counted, and listed with the columns of WriteDiff,
// without those that were kept, what became of the old report's suspects, and the losses before and now.
func DiffJSON(w io.Writer, d *gate.Difference) error {
	var losses *[2]*gate.Losses
	if d.Losses[0] != nil && d.Losses[1] != nil {
		losses = &d.Losses
	}
	return text.JSON(w, struct {
		Metrics  []gate.MetricChange `json:"metrics"`
		Counts   diffCounts          `json:"counts"`
		Findings []diffRow           `json:"findings"`
		Kept     int                 `json:"kept"`
		List     *gate.List          `json:"suspects_before,omitempty"`
		Losses   *[2]*gate.Losses    `json:"losses,omitempty"`
		Moved    *gate.Moved         `json:"moved,omitempty"`
		Emptied  []gate.Emptied      `json:"classes_emptied,omitempty"`

		// The files that could not be read before, and now.
		NotReadBefore []string `json:"files_not_read_before,omitempty"`
		NotRead       []string `json:"files_not_read,omitempty"`
	}{
		d.Metrics, countsOf(d), append([]diffRow{}, slices.Collect(diffRows(d, false))...), len(d.Kept), d.List, losses,
		d.Moved, d.Emptied, namesOfRefused(d.Refused[0]), namesOfRefused(d.Refused[1]),
	})
}

// namesOfRefused returns the names of files that could not be read, or why where a report of an earlier version does
// not name them.
func namesOfRefused(of []gate.Refusal) (names []string) {
	for _, r := range of {
		names = append(names, cmp.Or(r.File, r.Why))
	}
	return names
}
