// Package between answers what the sources of a data set say of each other: which images stand in two of them, under
// one name or another, and which parts have no class in common.
//
// Images are known again by Sightings, sorted lists of keys, so that parts of a data set can be compared without their
// records. Compare makes findings of the lists.
package between

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
		all = append(all, s.Finding(d))
	}
	for i := range many {
		all = append(all, many[i].Finding(d))
	}
	all = append(all, renamed(d, beside, together, sighted)...)
	if two, ok := apartOf(parts); ok {
		all = append(all, apartFinding(d, two))
	}
	return all
}
