package analysis

import (
	"cmp"
	"slices"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/pass"
)

// Values are what the objects of a class have of a quantity, in ascending order.
type Values interface {
	findings.Sorted
	Object(i int) (source, object int)
}

// Value is the value that an object has of a quantity.
type Value struct {
	X              float64
	Source, Object int32
}

// Quantities is how many quantities of an object are compared with its class.
const Quantities = len(quantities)

// ClassValues are the sorted values of one class, by quantity.
type ClassValues [Quantities][]Value

// valuesOf returns the values of the objects of some sources, by class.
func valuesOf(p *pass.Pass, sources []int) []ClassValues {
	out := make([]ClassValues, len(p.Data.Classes))
	for _, s := range sources {
		objects := p.Data.Source(s).Objects
		for k := range objects {
			o := &objects[k]
			if !measured(p, s, k) {
				continue
			}
			for q := range quantities {
				of := &out[o.Class][q]
				*of = append(*of, Value{quantities[q].of(o), int32(s), int32(k)})
			}
		}
	}
	for c := range out {
		for _, of := range out[c] {
			slices.SortFunc(of, func(a, b Value) int {
				return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Object, b.Object))
			})
		}
	}
	return out
}

// Values returns the values of all objects, by class.
func (c *Counted) Values() []ClassValues {
	var all []int
	for s := range c.Data.Sources {
		all = append(all, s)
	}
	return valuesOf(c.Pass, all)
}

// held are values in memory.
type held []Value

// Len implements Values.
func (h held) Len() int { return len(h) }

// At implements Values.
func (h held) At(i int) float64 { return h[i].X }

// Object implements Values.
func (h held) Object(i int) (source, object int) { return int(h[i].Source), int(h[i].Object) }

// values returns what returns the values of a class and a quantity: those of the parts, and of the sources that no
// part has.
func (p *Parts) values(r *Result) func(class, q int) []Values {
	var rest []int
	for s, has := range p.has(len(r.Data.Sources)) {
		if !has {
			rest = append(rest, s)
		}
	}
	own := valuesOf(r.Pass, rest)
	type place struct{ part, class int }
	places := make([][]place, len(r.Data.Classes))
	for i := range p.Of {
		for class, to := range p.Of[i].Classes {
			places[to] = append(places[to], place{i, class})
		}
	}
	return func(class, q int) (lists []Values) {
		if v := own[class][q]; len(v) > 0 {
			lists = append(lists, held(v))
		}
		for _, at := range places[class] {
			if v := p.Of[at.part].Values(at.class, q); v.Len() > 0 {
				lists = append(lists, v)
			}
		}
		return lists
	}
}
