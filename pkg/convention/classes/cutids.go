package classes

import (
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// CutIDs says that the category ids of annotations seem to be cut: to their first digits, or to a byte.
type CutIDs struct {
	Digits   int   // to which the ids seem to be cut, 0 if to a byte
	Limit    int64 // no used id reaches it, 0 if none was found
	Declared int   // categories
	Above    int   // of these: with an id from the limit on, which no object has
	Used     int   // categories below the limit with objects
	Objects  int
	Example  int32 // an object of the highest class that is used
}

// Found reports whether ids are cut.
func (c *CutIDs) Found() bool { return c.Limit > 0 }

// What shows that ids were cut. By chance, were the classes that are used drawn from those declared, all would lie
// below the limit in fewer than one file in 100,000. Where a list is sorted by how common classes are, the highest that
// are used are rare: the upper third of them must have 30 objects together, so that the next ones of such a list would
// have some. And of the ids that longer ones are cut to, all that have one digit are used, since a file may well show a
// part of a list's first group (COCO's people and vehicles have the ids 1 to 9), or half of the others.
const (
	cutChance = 1e-5
	cutTop    = 30
)

// idUse is a declared id below a limit, and how many objects have it.
type idUse struct {
	id      int64
	n       int
	example int32
}

// OfCutIDs compares the ids that objects have with those that are declared.
func OfCutIDs(d *dataset.Dataset, src *dataset.Source) CutIDs {
	none := CutIDs{Example: -1}
	if len(src.Categories) < 10 || len(d.Classes) == 0 { // sources by themselves have no list of classes
		return none
	}
	reaches := markTables.get(len(d.Classes))
	defer markTables.put(reaches, src)
	idsOf(reaches, src)
	for i := range cutSample { // most files are settled by some objects, spread over them
		k := len(src.Objects) * i / cutSample
		if k < len(src.Objects) && src.Objects[k].Class >= 0 && reaches[src.Objects[k].Class] {
			return none
		}
	}
	counts, example := countTables.get(len(d.Classes)), placeTables.get(len(d.Classes))
	defer countTables.put(counts, src)
	defer placeTables.put(example, src)
	for k := range src.Objects {
		if c := src.Objects[k].Class; c >= 0 {
			if counts[c]++; counts[c] == 1 {
				example[c] = int32(k)
			}
		}
	}
	var declared []idUse
	for i := range src.Categories {
		c := &src.Categories[i]
		id, whole := c.ID.Int()
		if !whole || id < 0 {
			return none
		}
		if d.Classes[c.Class].Known || counts[c.Class] > 0 {
			declared = append(declared, idUse{id, counts[c.Class], example[c.Class]})
		}
	}
	for _, digits := range [...]int{1, 2, 0, 3} { // by the limit
		limit := int64(256)
		if digits > 0 {
			limit = int64(math.Pow10(digits))
		}
		if c, ok := cutAt(declared, limit, digits); ok {
			c.Objects = len(src.Objects)
			return c
		}
	}
	return none
}

// cutSample is how many objects are looked at before all are counted.
const cutSample = 512

// idsOf marks the classes of which the ids are too large to be cut: they reach the largest limit below a declared id.
func idsOf(reaches []bool, src *dataset.Source) {
	highest, limit := int64(0), int64(0)
	for i := range src.Categories {
		if id, whole := src.Categories[i].ID.Int(); whole {
			highest = max(highest, id)
		}
	}
	for _, l := range [...]int64{10, 100, 256, 1000} {
		if highest >= l {
			limit = l
		}
	}
	for i := range src.Categories {
		id, whole := src.Categories[i].ID.Int()
		reaches[src.Categories[i].Class] = !whole || id >= limit
	}
}

// cutAt tells whether ids seem to be cut to so many digits, or modulo the limit if they are 0.
func cutAt(declared []idUse, limit int64, digits int) (c CutIDs, ok bool) {
	c = CutIDs{Digits: digits, Limit: limit, Declared: len(declared)}
	of := map[int64]*idUse{} // those below the limit
	for i := range declared {
		if u := &declared[i]; u.id < limit {
			of[u.id] = u
		} else if u.n > 0 {
			return c, false
		}
	}
	gather := map[int64]bool{} // declared ids that longer ones are cut to
	for i := range declared {
		id := declared[i].id
		if id < limit {
			continue
		}
		c.Above++
		if digits == 0 {
			id %= limit
		}
		for id >= limit {
			id /= 10
		}
		if of[id] != nil {
			gather[id] = true
		}
	}
	var used []*idUse
	gathered := 0
	for _, u := range of {
		if u.n > 0 {
			used = append(used, u)
			gathered += sample.One(gather[u.id])
		}
	}
	least := (len(gather) + 1) / 2
	if digits == 1 {
		least = len(gather)
	}
	if c.Used = len(used); c.Above == 0 || gathered < least || c.Used < 2 {
		return c, false
	}
	slices.SortFunc(used, func(a, b *idUse) int { return int(b.id - a.id) })
	top := 0
	for _, u := range used[:(len(used)+2)/3] {
		top += u.n
	}
	c.Example = used[0].example
	return c, top >= cutTop && choices(len(of), c.Used)-choices(len(declared), c.Used) < math.Log(cutChance)
}

// choices returns the logarithm of the number of ways to choose k of n.
func choices(n, k int) float64 {
	lg := func(n int) float64 { v, _ := math.Lgamma(float64(n + 1)); return v }
	return lg(n) - lg(k) - lg(n-k)
}

// Finding returns the finding on ids that were cut.
func (c *CutIDs) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[c.Example]
	how := "a byte (their value modulo 256)"
	switch c.Digits {
	case 1:
		how = "their first digit"
	case 2, 3:
		how = "their first " + say.Group(c.Digits) + " digits"
	}
	f := say.Finding("category-ids-shifted", s, o.Offset, o.Line,
		"the category ids of the annotations seem to be cut to %s: "+
			"%s use ids below %s only, %s in all, and none of the %s declared from %s on has an object. Objects of several "+
			"classes are then trained as one. Join the annotations to the categories anew, from where ids are whole; if only "+
			"these classes were annotated, delete the other categories, or waive the finding. Example: %s", how,
		say.Plural(c.Objects, "annotation"), say.Group(int(c.Limit)), say.Plural(c.Used, "class"),
		say.Plural(c.Above, "class"),
		say.Group(int(c.Limit)), say.Place(src, c.Example))
	f.Level, f.Cases, f.Size = findings.Warning, int64(c.Objects), float64(c.Objects)
	return f
}
