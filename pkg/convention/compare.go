package convention

import (
	"iter"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// Compare returns what sources say of each other: one finding for every two that have images in common, under one name
// or another, or one for a group of many, or one that has pictures twice, and one for two parts, of those given by
// source, without a class in common. sighted returns the sorted sightings of a list.
func Compare(
	d *dataset.Dataset, parts [][]Part, sighted func(List) iter.Seq[Sighting],
) (all []findings.Finding) {
	beside := besideOf(d, sighted(Names))
	pairs, many, together := groups(beside)
	for _, s := range pairs {
		all = append(all, s.finding(d))
	}
	for i := range many {
		all = append(all, many[i].finding(d))
	}
	all = append(all, renamed(d, beside, together, sighted)...)
	if two, ok := apartOf(parts); ok {
		all = append(all, apartFinding(d, two))
	}
	return all
}
