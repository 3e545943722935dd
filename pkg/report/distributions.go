package report

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/distribution"
)

// distributionRow is a row of distributions.parquet.
type distributionRow struct {
	Source     string   `parquet:"source,dict"`
	Figure     string   `parquet:"figure,dict"`
	Class      *string  `parquet:"class,dict"`
	OtherClass *string  `parquet:"other_class,dict"`
	Bin        *int32   `parquet:"bin,dict"`
	Low        *float64 `parquet:"low,dict"`
	High       *float64 `parquet:"high,dict"`
	N          int64    `parquet:"items"`
	Share      *float64 `parquet:"share"`
}

// distributions yields what the sources look like: without the bins that have nothing, but
// of figures of numbers all.
func distributions(r *analysis.Result) iter.Seq[distributionRow] {
	return func(yield func(distributionRow) bool) {
		for s := range r.Distribution.Sources {
			d := &distributed{r, &r.Distribution.Sources[s], r.Distribution.Detail(s), r.Data.Sources[s].Name, yield}
			if !(d.figures() && d.classes() && d.pairs()) {
				return
			}
		}
	}
}

// distributed yields the rows of a source; its methods return false if the caller has enough.
type distributed struct {
	r     *analysis.Result
	of    *distribution.Source
	more  *distribution.Detail
	name  string
	yield func(distributionRow) bool
}

func (d *distributed) row(figure string, n, of int64) distributionRow {
	row := distributionRow{Source: d.name, Figure: figure, N: n}
	if of > 0 {
		share := float64(n) / float64(of)
		row.Share = &share
	}
	return row
}

// figures yields the histograms.
func (d *distributed) figures() bool {
	total := int64(0)
	for i := range d.of.Classes {
		total += d.of.Classes[i].Objects
	}
	for i := range d.of.Classes {
		of := &d.of.Classes[i]
		row := d.row(distribution.Class.String(), of.Objects, total)
		if row.Class = &d.r.Data.Classes[of.Class].Name; !d.yield(row) {
			return false
		}
	}
	for f := range distribution.Figure(distribution.NumFigures) {
		total := int64(0)
		for _, n := range d.of.Counts[f] {
			total += n
		}
		for bin, n := range d.of.Counts[f] {
			row := d.row(f.String(), n, total)
			low, high, numbers := f.Range(bin)
			switch k := int32(bin); {
			case numbers:
				row.Bin, row.Low = &k, &low
				if !math.IsInf(high, 1) {
					row.High = &high
				}
			case n == 0:
				continue
			default:
				row.Bin = &k
			}
			if !d.yield(row) {
				return false
			}
		}
	}
	return true
}

// classes yields what each class has: its images, overlaps and places.
func (d *distributed) classes() bool {
	for i := range d.of.Classes {
		of := &d.of.Classes[i]
		name, objects := &d.r.Data.Classes[of.Class].Name, of.Objects
		row := d.row("class_images", of.Images, d.of.Images)
		if row.Class = name; !d.yield(row) {
			return false
		}
		for k := range distribution.Thresholds {
			row := d.row("overlap", of.Overlapping[k], objects)
			if row.Class, row.Low = name, &distribution.Thresholds[k]; !d.yield(row) {
				return false
			}
		}
		for cell, n := range d.more.PlacesOf(of.Class).All() {
			row, bin := d.row("class_place", n, objects), int32(cell)
			if row.Class, row.Bin = name, &bin; !d.yield(row) {
				return false
			}
		}
	}
	return true
}

// pairs yields the classes that stand together.
func (d *distributed) pairs() bool {
	order := slices.SortedFunc(maps.Keys(d.more.Together), func(a, b distribution.Pair) int {
		return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	for _, p := range order {
		row := d.row("together", d.more.Together[p], d.of.Images)
		for _, classes := range [2]distribution.Pair{p, {A: p.B, B: p.A}} { // each is found under both
			row.Class, row.OtherClass = &d.r.Data.Classes[classes.A].Name, &d.r.Data.Classes[classes.B].Name
			if !d.yield(row) {
				return false
			}
		}
	}
	return true
}

// Drift is how far the source that is farthest from the others is apart in a figure.
type Drift struct {
	Figure     string  `json:"figure"`
	Source     string  `json:"source"`
	Divergence float64 `json:"divergence"`
	ByChance   float64 `json:"by_chance"`
}

// drifts returns the drift of each figure that has one.
func drifts(r *analysis.Result) []Drift {
	out := []Drift{}
	for _, d := range r.Distribution.Drifts() {
		out = append(out, Drift{d.Figure.String(), r.Data.Sources[d.Source].Name, d.Divergence, d.ByChance})
	}
	return out
}
