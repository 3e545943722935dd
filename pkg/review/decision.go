package review

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"focalaudit/internal/spelling"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Verb says what becomes of a label.
type Verb string

// The verbs.
const (
	Keep   Verb = "keep"   // the label is right, or nothing is missing
	Fix    Verb = "fix"    // it gets another class, box or both
	Delete Verb = "delete" // it is removed
	Add    Verb = "add"    // an object is annotated that was not
)

// Decision is what a person decided about an item.
type Decision struct {
	Place string // in the file of decisions, for messages
	Key   string // of the item
	Verb  Verb
	Class string     // the new one, "" if it stays
	Box   *geom.Rect // the new one in px, nil if it stays

	row  witness // what else a table says of the item
	item *Item
}

// witness is what a row of a table says of its item beside its key; "" where it says nothing.
type witness struct{ file, annotation string }

// Score is the chance that the label is wrong, by the report.
func (d *Decision) Score() float64 { return d.item.Score }

// Kept returns the items that people decided to keep as they are.
func Kept(list []Decision) (kept []*Item) {
	for k := range list {
		if list[k].Verb == Keep {
			kept = append(kept, list[k].item)
		}
	}
	return kept
}

// maxFaults is how many faults of a file of decisions are told.
const maxFaults = 20

// Read reads decisions from a file's content: a table, Label Studio's tasks or CVAT's XML, whichever it is.
// The error tells every decision that can't be carried out; what is undecided is left out.
func (r *Review) Read(content []byte) ([]Decision, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	switch {
	case len(bytes.TrimSpace(content)) == 0:
		return nil, errors.New("the file is empty")
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		return nil, errors.New("the file is UTF-16: save it as UTF-8")
	}
	var list []Decision
	var faults []string
	sheet := false
	switch head := bytes.TrimLeft(content, " \t\r\n"); {
	case bytes.HasPrefix(head, []byte("[")), bytes.HasPrefix(head, []byte("{")):
		list, faults = r.readTasks(content)
	case bytes.HasPrefix(head, []byte("<")):
		list, faults = r.readCVAT(content)
	default:
		list, faults = readSheet(string(content))
		sheet = true
	}
	if len(list) == 0 && faults == nil && !sheet {
		faults = append(faults, "it names no suspected label: expected review.csv, or what Label Studio (JSON) or CVAT "+
			"(XML) exports of the tasks that analyze review wrote")
	}
	decided := map[*Item]*Decision{}
	var out []Decision
	for k := range list {
		d := &list[k]
		if d.Verb == "" || d.Verb == undecided {
			continue
		}
		if d.item = r.item(d.Key); d.item == nil {
			faults = append(faults, fmt.Sprintf("%s: the report has no label error %q: it is of another report, or was changed "+
				"by hand", d.Place, d.Key))
			continue
		}
		if err := r.fits(d); err != nil {
			faults = append(faults, fmt.Sprintf("%s: %v", d.Place, err))
			continue
		}
		if before := decided[d.item]; before != nil {
			if !before.same(d) {
				faults = append(faults, fmt.Sprintf("%s: item %s is decided upon in %s otherwise", d.Place, d.Key, before.Place))
			}
			continue
		}
		decided[d.item] = d
		if err := r.check(d); err != nil {
			faults = append(faults, fmt.Sprintf("%s, item %s: %v", d.Place, d.Key, err))
			continue
		}
		out = append(out, *d)
	}
	return settled(out, append(faults, r.bothDeleted(out)...))
}

// fits returns an error where the row of a decision is about another label than its item, as where one column of a
// table was sorted without the others.
func (r *Review) fits(d *Decision) error {
	annotation := ""
	if o := r.object(d.item); o != nil {
		annotation = o.ID.String()
	}
	image := text.CSVCell(r.image(d.item).File)
	for _, c := range [][3]string{
		{"image", strings.TrimSpace(image), d.row.file},
		{"annotation", strings.TrimSpace(text.CSVCell(annotation)), d.row.annotation},
	} {
		what, is, row := c[0], c[1], c[2]
		if row == "" || row == is {
			continue
		}
		a, errA := strconv.ParseFloat(is, 64)
		b, errB := strconv.ParseFloat(strings.ReplaceAll(row, ",", "."), 64)
		if errA == nil && errB == nil && (a == b || short(row) && math.Abs(a-b) <= rounded*math.Abs(a)) {
			continue
		}
		return fmt.Errorf("item %s is about %s %q, and this row has %q: was a column sorted without the others? Nothing "+
			"of the row was taken; sort whole rows, or write the table anew with analyze review", d.Key, what, is, row)
	}
	return nil
}

// short reports whether a number is written with a power of ten, as spreadsheets write long ones.
func short(number string) bool { return strings.ContainsAny(number, "eE") }

// rounded is the relative error of a number of 6 digits, which a narrow column of a spreadsheet may leave.
const rounded = 1e-5

// Join makes one list of the decisions of several files, whose names stand before the places of decisions. The error
// tells decisions upon one item that differ, and two boxes of one object that are both to be deleted.
func (r *Review) Join(names []string, lists [][]Decision) ([]Decision, error) {
	if len(lists) == 1 {
		return lists[0], nil
	}
	var out []Decision
	var faults []string
	decided := map[*Item]int{} // in out
	for k, list := range lists {
		for _, d := range list {
			d.Place = names[k] + ", " + d.Place
			at, twice := decided[d.item]
			switch {
			case !twice:
				decided[d.item] = len(out)
				out = append(out, d)
			case !out[at].same(&d):
				faults = append(faults, fmt.Sprintf("%s: item %s is decided upon in %s otherwise", d.Place, d.Key, out[at].Place))
			}
		}
	}
	return settled(out, append(faults, r.bothDeleted(out)...))
}

// Without leaves out the items that are decided upon.
func (r *Review) Without(list []Decision) {
	decided := map[string]bool{}
	for k := range list {
		decided[list[k].Key] = true
	}
	r.Items = slices.DeleteFunc(r.Items, func(i Item) bool { return decided[i.Key()] })
}

// settled returns decisions if they have no faults, which the error tells.
func settled(list []Decision, faults []string) ([]Decision, error) {
	if len(faults) == 0 {
		return list, nil
	}
	more := ""
	if n := len(faults) - maxFaults; n > 0 {
		faults, more = faults[:maxFaults], fmt.Sprintf("\n  and %d more", n)
	}
	return nil, fmt.Errorf("nothing is written:\n  %s%s", strings.Join(faults, "\n  "), more)
}

// bothDeleted reports pairs of annotations that are each other's duplicates and are both to be deleted: nothing would
// be left of the object.
func (r *Review) bothDeleted(list []Decision) (faults []string) {
	type annotation struct {
		source, image int
		id            string
	}
	deleted := map[annotation]*Decision{}
	for k := range list {
		d := &list[k]
		if d.Verb != Delete || d.item.Code != "duplicate" {
			continue
		}
		id := r.object(d.item).ID.String()
		if o := deleted[annotation{d.item.Source, d.item.Image, d.item.Other}]; o != nil && o.item.Other == id {
			faults = append(faults, fmt.Sprintf("%s: items %s and %s are two boxes of one object, and both are to be deleted: "+
				"keep one", d.Place, o.Key, d.Key))
		}
		deleted[annotation{d.item.Source, d.item.Image, id}] = d
	}
	return faults
}

// same tells whether two decisions are one.
func (d *Decision) same(e *Decision) bool {
	return d.Verb == e.Verb && d.Class == e.Class && (d.Box == nil) == (e.Box == nil) && (d.Box == nil || *d.Box == *e.Box)
}

// check reports why a decision can't be carried out.
func (r *Review) check(d *Decision) error {
	switch d.Verb {
	case Keep:
		return nil
	case Fix, Delete:
		if d.item.Object < 0 {
			return fmt.Errorf("nothing is annotated there to %s: expected keep or add", d.Verb)
		}
	case Add:
		if d.item.Object >= 0 {
			return fmt.Errorf("the object is annotated already: expected keep, fix or delete")
		}
	default:
		return fmt.Errorf("decision %q: expected keep, fix, delete, add or nothing", d.Verb)
	}
	if d.Verb == Delete {
		return nil
	}
	if err := r.checkClass(d); err != nil {
		return err
	}
	if o := r.object(d.item); o != nil { // what is as it was is no change
		if d.Class == r.Data.ClassName(o.Class) {
			d.Class = ""
		}
		if d.Box != nil && *d.Box == o.Box {
			d.Box = nil
		}
	}
	if d.Verb == Fix && d.Class == "" && d.Box == nil {
		return fmt.Errorf("neither a new class nor a new box: say what to fix, or decide keep")
	}
	if d.Verb == Add && (d.Class == "" || d.Box == nil) {
		return fmt.Errorf("a new object needs a class and a box")
	}
	return r.checkBox(d)
}

// checkClass reports a class that the source does not declare, and settles its name.
func (r *Review) checkClass(d *Decision) error {
	if d.Class == "" {
		return nil
	}
	names := r.classes(d.item.Source)
	for _, n := range names {
		if n == d.Class || text.CSVCell(n) == d.Class {
			d.Class = n
			return nil
		}
	}
	for _, n := range names { // a sheet's cells are trimmed, after they were mapped
		if strings.TrimSpace(n) == d.Class || strings.TrimSpace(text.CSVCell(n)) == d.Class {
			d.Class = n
			return nil
		}
	}
	hint := ""
	if near := spelling.Nearest(d.Class, names, 1); len(near) > 0 {
		hint = fmt.Sprintf("; did you mean %q?", near[0])
	}
	return fmt.Errorf("%s declares no class %q%s", r.Data.Sources[d.item.Source].Name, d.Class, hint)
}

// leastSide is the shortest side of a new box, px.
const leastSide = 0.01

// checkBox reports a box that no image can have.
func (r *Review) checkBox(d *Decision) error {
	b := d.Box
	if b == nil {
		return nil
	}
	im := r.image(d.item)
	for _, v := range []float64{b.X, b.Y, b.W, b.H} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("the box has a number that is none")
		}
	}
	w, h := float64(im.Size.W), float64(im.Size.H)
	if b.W > 2*w || b.H > 2*h || b.X < -w || b.Y < -h || b.W < leastSide || b.H < leastSide {
		return fmt.Errorf("the box [%g, %g, %g, %g] (x, y, width, height) is no box of an image of %d × %d px: expected "+
			"sides of %g px to twice the image's; was a decimal point lost?",
			b.X, b.Y, b.W, b.H, im.Size.W, im.Size.H, leastSide)
	}
	if b.W <= 0 || b.H <= 0 || b.X >= w || b.Y >= h || b.X+b.W <= 0 || b.Y+b.H <= 0 {
		return fmt.Errorf("the box [%g, %g, %g, %g] (x, y, width, height) lies outside the image of %d × %d px",
			b.X, b.Y, b.W, b.H, im.Size.W, im.Size.H)
	}
	return nil
}
