package convention

import (
	"iter"

	"focalaudit/pkg/convention/between"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// Inspect returns what the numbers and names of the annotation files say of
// themselves: what each says by itself, and what they say of each other.
func Inspect(d *dataset.Dataset) (all []findings.Finding) {
	parts := make([][]between.Part, len(d.Sources))
	for s := range d.Sources {
		all = append(all, InspectSource(d, s)...)
		parts[s] = between.PartsOf(d, s, len(d.Sources) == 1)
	}
	return append(all, between.Compare(d, parts,
		func(l between.List) iter.Seq[between.Sighting] { return between.Sighted(d, l) })...)
}
