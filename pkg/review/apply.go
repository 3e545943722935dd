package review

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
	"focalaudit/pkg/geom"
)

// Tally counts what Apply did.
type Tally struct {
	Kept, Fixed, Deleted, Added int
	Outlines                    int // that gave way to the rectangle of a new box
}

// Apply writes all annotation files into dir, which must be new or empty, under their names, with what was
// decided. A file differs from the one that was read in the records decided upon alone, byte for byte
// elsewhere. A fixed box takes its area along, and an outline gives way to the box's rectangle, since it
// is that of the old one; of a new object id is the next free number. Beside, if not nil, then writes what else belongs
// into the directory tmp, which becomes dir. Either all of it is there in the end, or nothing.
func (r *Review) Apply(
	ctx context.Context, dir string, from []find.File, list []Decision, beside func(tmp string) error,
) (Tally, error) {
	var t Tally
	if err := files.Empty(dir); err != nil {
		return t, err
	}
	plans := make([]plan, len(r.Data.Sources))
	for s := range plans {
		plans[s] = plan{src: r.Data.Source(s), tally: &t, of: map[int64]*change{}}
	}
	for k := range list {
		if err := r.plan(&plans[list[k].item.Source], &list[k]); err != nil {
			return t, err
		}
	}
	named := byName(from)
	err := files.Replace(dir, files.New(), func(tmp string) error {
		for s := range plans {
			if err := r.copy(ctx, tmp, "", s, named, plans[s].edits()); err != nil {
				return err
			}
		}
		if beside == nil {
			return nil
		}
		return beside(tmp)
	})
	return t, err
}

// plan is what becomes of the records of a source.
type plan struct {
	src   *dataset.Source
	tally *Tally
	of    map[int64]*change // by offset
	added int
}

// change is what becomes of an annotation's record.
type change struct {
	drop   bool
	fields []coco.Field
	behind [][]byte
}

func (p *plan) at(offset int64) *change {
	if p.of[offset] == nil {
		p.of[offset] = &change{}
	}
	return p.of[offset]
}

// edits are the changes, for coco.Copy.
func (p *plan) edits() []coco.Edit {
	var edits []coco.Edit
	for offset, c := range p.of {
		edits = append(edits, coco.Edit{Offset: offset, Do: func(record []byte) [][]byte {
			if c.drop {
				return c.behind
			}
			return append([][]byte{coco.Set(record, c.fields)}, c.behind...)
		}})
	}
	return edits
}

// plan enters a decision.
func (r *Review) plan(p *plan, d *Decision) error {
	o := r.object(d.item)
	switch d.Verb {
	case Keep:
		p.tally.Kept++
	case Delete:
		p.tally.Deleted++
		p.at(o.Offset).drop = true
	case Fix:
		p.tally.Fixed++
		c := p.at(o.Offset)
		if d.Class != "" {
			c.fields = append(c.fields, constant("category_id", r.category(d.item.Source, d.Class)))
		}
		if d.Box != nil {
			c.fields = append(c.fields, p.box(*d.Box)...)
		}
	case Add:
		p.tally.Added++
		return r.add(p, d)
	}
	return nil
}

// constant is a field whose value does not depend on the old one.
func constant(key string, value []byte) coco.Field {
	return coco.Field{Key: key, Value: func([]byte) []byte { return value }}
}

// box are the fields of a new box.
func (p *plan) box(b geom.Rect) []coco.Field {
	outline := func(old []byte) []byte {
		switch string(bytes.Join(bytes.Fields(old), nil)) {
		case "", "[]", "[[]]", "null", "{}":
			return nil
		}
		p.tally.Outlines++
		return rectangle(b)
	}
	area := func(old []byte) []byte {
		if old == nil {
			return nil
		}
		return areaOf(b)
	}
	return []coco.Field{
		constant("bbox", list(b.X, b.Y, b.W, b.H)), {Key: "area", Value: area}, {Key: "segmentation", Value: outline},
	}
}

// list is a list of numbers as JSON.
func list(numbers ...float64) []byte {
	b := []byte("[")
	for k, x := range numbers {
		if k > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendFloat(b, x, 'f', -1, 64)
	}
	return append(b, ']')
}

// areaOf is the area of a box in px², to 1/10,000.
func areaOf(b geom.Rect) []byte {
	return strconv.AppendFloat(nil, math.Round(b.W*b.H*1e4)/1e4, 'f', -1, 64)
}

// rectangle is a segmentation of a box.
func rectangle(b geom.Rect) []byte {
	x, y := hundredth(b.X+b.W), hundredth(b.Y+b.H)
	return append(append([]byte("["), list(b.X, b.Y, x, b.Y, x, y, b.X, y)...), ']')
}

// category returns the id by which a source declares a class, as JSON.
func (r *Review) category(source int, class string) []byte {
	for _, c := range r.Data.Sources[source].Categories {
		if of := &r.Data.Classes[c.Class]; of.Known && of.Name == class {
			return coco.IDText(c.ID)
		}
	}
	panic("no category " + class) // Read has looked
}

// add enters a new object behind the last annotation of the file. It has the key ignore, as 0, if all others have it:
// loaders read it without asking whether it is there.
func (r *Review) add(p *plan, d *Decision) error {
	var last *dataset.Object
	next, ignore := int64(1), `, "ignore": 0`
	for k := range p.src.Objects {
		o := &p.src.Objects[k]
		if o.Flags.IgnoreValue() == dataset.FlagAbsent {
			ignore = ""
		}
		if last == nil || o.Offset > last.Offset {
			last = o
		}
		if n, whole := o.ID.Int(); whole && n < math.MaxInt64-int64(len(r.Items)) {
			next = max(next, n+1)
		}
	}
	if last == nil {
		return fmt.Errorf("%s has no annotation behind which another could stand: annotate one by hand", p.src.Name)
	}
	b := *d.Box
	record := fmt.Appendf(nil,
		`{"id": %d, "image_id": %s, "category_id": %s, "bbox": %s, "area": %s, "iscrowd": 0, "segmentation": %s%s}`,
		next+int64(p.added), coco.IDText(r.image(d.item).ID), r.category(d.item.Source, d.Class),
		list(b.X, b.Y, b.W, b.H), areaOf(b), rectangle(b), ignore)
	if !json.Valid(record) {
		return fmt.Errorf("item %s: the new record is no JSON: %s", d.Key, record)
	}
	p.added++
	c := p.at(last.Offset)
	c.behind = append(c.behind, record)
	return nil
}
