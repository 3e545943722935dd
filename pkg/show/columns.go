package show

import "slices"

// defaults are the columns that tables for people have where the user names none: those that fit
// 80 columns. Messages are longer, and stand below their row (layout.go).
var defaults = map[string][]string{
	"codes":    {"code", "severity", "findings", "reviewed", "title"},
	"findings": {"rank", "number", "severity", "code", "score", "reviewed", "file_name", "annotation_id", "message"},
	"suspects": {"number", "kind", "score", "file_name", "annotation_id", "class", "detection_class"},
	"images":   {"file_name", "width", "height", "objects", "positives", "ignored", "negatives", "left_out"},
	"image_losses": {
		"file_name", "scores", "objective", "loss_function", "gamma", "negative_loss",
	},
	"objects": {"file_name", "annotation_id", "class", "best_iou", "positives", "why", "left_out"},
	"losses":  {"scores", "loss_function", "gamma", "scope", "scope_name", "term_set", "loss_share"},
	"classes": {"class", "annotations", "objects", "objects_without_positive", "objects_rescued"},

	"source_classes": {"source", "class", "annotations", "objects"},

	"shapes":        {"level", "width", "height", "anchors", "positives", "ignored", "best_for"},
	"curves":        {"scores", "gamma", "term_set", "term_fraction", "loss_fraction"},
	"whatifs":       {"scores", "scheme", "samples", "positive_share", "negative_share"},
	"exposure":      {"scores", "loss_function", "gamma", "sample_kind", "fraction", "loss_share"},
	"distributions": {"source", "figure", "class", "other_class", "low", "high", "items", "share"},
	"noise":         {"scores", "loss_function", "gamma", "sample_kind", "total_loss_share", "amplification"},
	"trainers":      {"preset", "size_class", "objects_trained", "objects_without_positive"},
	"sizes":         {"preset", "short_side", "long_side", "objects_trained", "objects_without_positive"},
	"treatment":     {"image_id", "annotation_id", "class", "preset", "treatment", "why", "positives"},
}

// chosen returns the columns that a query shows of a table's rows. Where it names none, programs
// (the formats csv and json) get all; people get the defaults, and with --wide all, without those
// that are null, or false, in every row.
func (q *Query) chosen(all []string, rows [][]any) []string {
	switch {
	case len(q.Columns) > 0:
		return q.Columns
	case q.forPrograms():
		return all
	}
	of := all
	if !q.Wide {
		of = defaults[q.Table]
	}
	var out []string
	for _, c := range of {
		i := slices.Index(all, c)
		if i < 0 { // a table of an earlier version
			continue
		}
		if len(rows) == 0 || slices.ContainsFunc(rows, func(row []any) bool { return row[i] != nil && row[i] != false }) {
			out = append(out, c)
		}
	}
	if !q.Wide && slices.Contains(out, "number") { // one numbering: that of the list to look at
		out = slices.DeleteFunc(out, func(c string) bool { return c == "rank" })
	}
	return out
}

// forPrograms reports whether the format is one that programs read: nothing is left out of it.
func (q *Query) forPrograms() bool { return q.Format == "csv" || q.Format == "json" }
