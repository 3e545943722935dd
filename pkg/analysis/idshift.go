package analysis

import (
	"fmt"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// minShifted is how many categories annotations must name before their ids can seem shifted: one or two undeclared
// ids stand beside a declared one by chance.
const minShifted = 3

// shiftedIDs tells of a source whose annotations name categories that are not declared, while each of the ids would be
// if it were one lower, or one higher.
func (r *Result) shiftedIDs(s int) (f findings.Finding, ok bool) {
	src := r.Data.Source(s)
	ids, known := r.categoryIDs(src)
	if ids == nil {
		return f, false
	}
	used := map[int64]bool{}
	undeclared, first := 0, -1
	for k := range src.Objects {
		c := src.Objects[k].Class
		if c < 0 { // without a category
			continue
		}
		id := ids[c]
		used[id] = true
		if !known[id] {
			if undeclared++; first < 0 {
				first = k
			}
		}
	}
	if undeclared == 0 || len(used) < minShifted {
		return f, false
	}
	fits := func(by int64) bool {
		for id := range used {
			if !known[id+by] {
				return false
			}
		}
		return true
	}
	lower, higher := fits(-1), fits(1)
	if lower == higher {
		return f, false
	}
	now, mend := "high", "Subtract 1 from"
	if higher {
		now, mend = "low", "Add 1 to"
	}
	f = findings.New("category-ids-shifted")
	o := &src.Objects[first]
	f.Source, f.Offset, f.Line = int32(s), o.Offset, o.Line
	f.Cases, f.Size = int64(len(src.Objects)), float64(undeclared)
	f.Message = fmt.Sprintf("all category ids of the annotations seem one too %s: %d of %s name a category that is not "+
		"in the file, and with ids one %s each of the %d ids is one. %s each category_id, or number the categories as "+
		"the annotations do", now, undeclared, text.Plural(len(src.Objects), "annotation"),
		map[bool]string{true: "higher", false: "lower"}[higher], len(used), mend)
	return f, true
}

// categoryIDs returns the id of each class in a source, and which ids its categories declare; nil if an id is no whole
// number, or a class has several.
func (r *Result) categoryIDs(src *dataset.Source) (ids map[int32]int64, known map[int64]bool) {
	ids, known = map[int32]int64{}, map[int64]bool{}
	for _, c := range src.Categories {
		id, whole := c.ID.Int()
		if _, again := ids[c.Class]; !whole || again {
			return nil, nil
		}
		ids[c.Class] = id
		if r.Data.Classes[c.Class].Known {
			known[id] = true
		}
	}
	return ids, known
}
