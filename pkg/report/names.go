package report

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// Former is the earlier version of the layout that is read as well: its columns get the names
// that they have now. Everything that reads tables of either version goes through this file.
const Former = 1

// formerNames are the columns of the former version that have another name now: by table, the
// old name and the new one.
var formerNames = map[string]map[string]string{
	"images":  {"offset": "byte_offset"},
	"objects": {"offset": "byte_offset", "bce": "prior_bce", "focal": "prior_focal"},
	"classes": {"bce": "prior_bce", "focal": "prior_focal"},
	"image_losses": {
		"loss": "loss_function", "normalised": "normalised_loss",
		"positive_n": "positive_terms", "positive_sum": "positive_loss",
		"other_class_n": "other_class_terms", "other_class_sum": "other_class_loss",
		"negative_n": "negative_terms", "negative_sum": "negative_loss",
		"easy_negative_n": "easy_negative_terms", "easy_negative_sum": "easy_negative_loss",
	},
	"losses": {
		"loss": "loss_function", "name": "scope_name", "set": "term_set", "n": "terms",
		"sum": "loss_sum", "grad": "gradient_sum", "share": "loss_share",
	},
	"findings": {"offset": "byte_offset"},
	"curves":   {"set": "term_set", "x": "term_fraction", "y": "loss_fraction"},
	"whatifs":  {"loss": "loss_sum"},
	"exposure": {
		"loss": "loss_function", "of": "sample_kind", "n": "samples",
		"share": "loss_share", "total_share": "total_loss_share",
	},
	"noise": {
		"loss": "loss_function", "of": "sample_kind", "share": "loss_share", "total_share": "total_loss_share",
		"hardest_amplification": "control_amplification",
	},
	"distributions": {"n": "items"},
}

// addedColumns are those that tables of the former version lack, by table.
var addedColumns = map[string][]string{
	"images": {"candidates", "contested",
		"loss_scores", "positive_bce", "other_class_bce", "negative_bce", "easy_negative_bce",
		"positive_focal", "other_class_focal", "negative_focal", "easy_negative_focal",
	},
	"objects": {
		"contested", "out_of_range", "candidates_by_level", "file_name", "trainer_x", "trainer_y", "trainer_box_width",
		"trainer_box_height",
	},
	"image_losses": {"image_id_int", "file_name"},
	"classes":      {"prior_gamma_balance"},
	"findings": {
		"number", "cases", "image_id_int", "loss_scores", "other_class_bce", "other_class_focal", "reviewed",
	},
	"suspects": {"number", "label_score", "image_id_int"},
	"shapes":   {"candidates"},
}

// isFormer reports whether a table is of the former version.
func isFormer(in *parquet.File) bool {
	of, _ := in.Lookup("focalaudit.schema")
	return of == fmt.Sprint(Former)
}

// tableOf returns which table a file is.
func tableOf(in *parquet.File) string {
	name, _ := in.Lookup("focalaudit.table")
	return name
}

// Columns returns the names of a table's columns, in their order: those of this version, also
// where the table is of the former one.
func Columns(in *parquet.File) []string {
	var columns []string
	for _, c := range in.Schema().Fields() {
		name := c.Name()
		if isFormer(in) {
			if now, renamed := formerNames[tableOf(in)][name]; renamed {
				name = now
			}
		}
		columns = append(columns, name)
	}
	return columns
}

// NewName returns the name of today of a column that the former version had in a table, "" if
// that had no such column, or it has kept its name.
func NewName(in *parquet.File, former string) string { return formerNames[tableOf(in)][former] }

// formerTags are the options by which the Parquet library reads a table of the former version
// into rows of a T; none for a table of this one.
func formerTags[T any](in *parquet.File) (tags []parquet.SchemaOption) {
	if !isFormer(in) {
		return nil
	}
	names, added := formerNames[tableOf(in)], addedColumns[tableOf(in)]
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		column, rest, more := strings.Cut(f.Tag.Get("parquet"), ",")
		if slices.Contains(added, column) {
			tags = append(tags, parquet.StructTag(`parquet:"-"`, f.Name))
			continue
		}
		for _, old := range slices.Sorted(maps.Keys(names)) {
			if names[old] != column {
				continue
			}
			if more {
				old += "," + rest
			}
			tags = append(tags, parquet.StructTag(reflect.StructTag(`parquet:"`+old+`"`), f.Name))
		}
	}
	return tags
}
