package results

import (
	"fmt"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
)

// Absent are classes that the results lack.
type Absent struct {
	Classes []int32 // with enough objects in use, none detected, by their number of objects
	Objects []int   // of each
	Of      int     // classes with enough objects
}

// enoughObjects is how many objects of a class show that a detector that knows it would have
// found one.
const enoughObjects = 20

// absent looks for classes without a detection.
func absent(d *dataset.Dataset, r *dataset.Results) Absent {
	objects, detected := make([]int, len(d.Classes)), make([]bool, len(d.Classes))
	for s := range d.Sources {
		for k := range d.Source(s).Objects {
			if o := &d.Source(s).Objects[k]; sample.Told(o) && o.Class >= 0 && o.Flags&dataset.Crowd == 0 {
				objects[o.Class]++
			}
		}
	}
	for i := range r.Detections {
		if c := r.Detections[i].Class; c >= 0 && int(c) < len(detected) {
			detected[c] = true
		}
	}
	var a Absent
	for c, n := range objects {
		if n >= enoughObjects {
			a.Of++
			if !detected[c] {
				a.Classes = append(a.Classes, int32(c))
			}
		}
	}
	slices.SortStableFunc(a.Classes, func(x, y int32) int { return objects[y] - objects[x] })
	for _, c := range a.Classes {
		a.Objects = append(a.Objects, objects[c])
	}
	return a
}

// message says which classes the results lack.
func (a *Absent) message(d *dataset.Dataset) string {
	what := fmt.Sprintf("of %s with %d objects or more, %s %s no detection at all", say.Plural(a.Of, "class"),
		enoughObjects,
		say.Group(len(a.Classes)), hasHave(len(a.Classes)))
	for i, c := range a.Classes {
		if i == 3 {
			what += fmt.Sprintf(", and %s more", say.Group(len(a.Classes)-i))
			break
		}
		joint := ", "
		if i == 0 {
			joint = ": "
		}
		what += fmt.Sprintf("%s%q (%s)", joint, d.Classes[c].Name, say.Plural(a.Objects[i], "object"))
	}
	return what + ". The detector seems not to know them, or its class numbers were lost: their objects seem to be " +
		"missed, and nothing can be said about their labels"
}

// hasHave returns the verb for a number of things.
func hasHave(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}
