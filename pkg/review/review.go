// Package review hands labels that a detector contradicts to people, and takes back what they decide.
//
//  1. New joins the label errors of a report with the annotations they are about, which must be those
//     that the run read.
//  2. Hand writes them for people: a table (sheet.go), tasks for Label Studio (labelstudio.go) and CVAT
//     (cvat.go), and COCO files with their images only.
//  3. Read reads decisions from any of these, as the tools give them back, and holds each against
//     the data (decision.go).
//  4. Apply writes corrected annotation files, which differ from those read in the records decided
//     upon alone (apply.go).
package review

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/report"
)

// Review is the labels to look at, with the data that they are of.
type Review struct {
	Data  *dataset.Dataset
	Items []Item // the likeliest to be wrong first
}

// Item is a label to look at.
type Item struct {
	report.LabelError
	Number int // from 1, over all label errors of the report
	Source int // Data.Sources[Source]
	Image  int // of the source
	Object int // of the source, -1 if nothing is annotated there
}

// Key names an item: its number and the beginning of its fingerprint, so that decisions about another report
// are not taken for decisions about this one.
func (i *Item) Key() string { return fmt.Sprintf("%d-%.8s", i.Number, i.Fingerprint) }

// New returns the label errors of a report, by their rank. d must hold the files that the run read.
func New(d *dataset.Dataset, list []report.LabelError, inputs []report.Input) (*Review, error) {
	r := &Review{Data: d}
	if err := r.sameFiles(inputs); err != nil {
		return nil, err
	}
	type place struct {
		source string
		offset int64
	}
	of := map[place]*Item{}
	for k := range list {
		r.Items = append(r.Items, Item{LabelError: list[k], Number: k + 1, Source: -1, Object: -1})
	}
	for k := range r.Items {
		of[place{list[k].Source, list[k].Offset}] = nil
	}
	at := map[place][3]int{} // source, image, object
	for s := range d.Sources {
		src := d.Source(s)
		for i := range src.Images {
			if p := (place{src.Name, src.Images[i].Offset}); has(of, p) {
				at[p] = [3]int{s, i, -1}
			}
		}
		for k := range src.Objects {
			if p := (place{src.Name, src.Objects[k].Offset}); has(of, p) {
				at[p] = [3]int{s, int(src.Objects[k].Image), k}
			}
		}
	}
	for k := range r.Items {
		i := &r.Items[k]
		p, found := at[place{i.LabelError.Source, i.Offset}]
		if !found || p[1] < 0 {
			return nil, fmt.Errorf("finding %s: no record of %s begins at byte %d: write the report anew with analyze run",
				i.Fingerprint, i.LabelError.Source, i.Offset)
		}
		i.Source, i.Image, i.Object = p[0], p[1], p[2]
	}
	return r, nil
}

func has[K comparable, V any](m map[K]V, k K) bool { _, ok := m[k]; return ok }

// sameFiles reports that other files were read than those that the report is of.
func (r *Review) sameFiles(inputs []report.Input) error {
	numbers := make(map[string]int, len(r.Data.Sources))
	for s := range r.Data.Sources {
		numbers[r.Data.Sources[s].Name] = s
	}
	for _, in := range inputs {
		s, there := numbers[in.Name]
		if !there {
			var names []string
			for i := range r.Data.Sources {
				names = append(names, r.Data.Sources[i].Name)
			}
			return fmt.Errorf("the report is of %s, which is not among the files given (%s): give the paths that were given to "+
				"analyze run", in.Name, strings.Join(names, ", "))
		}
		if r.Data.Sources[s].SHA256 != in.SHA256 {
			return fmt.Errorf("%s has changed since the report was written: run analyze run anew, and review that report",
				in.Name)
		}
	}
	return nil
}

// First keeps the first n items, of some codes only if codes has any.
func (r *Review) First(n int, codes []string) {
	r.Items = slices.DeleteFunc(r.Items, func(i Item) bool { return len(codes) > 0 && !slices.Contains(codes, i.Code) })
	r.Items = r.Items[:min(n, len(r.Items))]
}

// item returns the item of a key, nil if there is none.
func (r *Review) item(key string) *Item {
	number, _, _ := strings.Cut(key, "-")
	n, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	k, found := slices.BinarySearchFunc(r.Items, n, func(i Item, n int) int { return cmp.Compare(i.Number, n) })
	if !found || r.Items[k].Key() != key {
		return nil
	}
	return &r.Items[k]
}

// image returns the image of an item.
func (r *Review) image(i *Item) *dataset.Image { return &r.Data.Source(i.Source).Images[i.Image] }

// object returns the annotation of an item, nil if nothing is annotated.
func (r *Review) object(i *Item) *dataset.Object {
	if i.Object < 0 {
		return nil
	}
	return &r.Data.Source(i.Source).Objects[i.Object]
}

// drawn returns the class and the box that a person looks at: those of the annotation, or of the detection
// that nothing is annotated for.
func (r *Review) drawn(i *Item) (class string, box geom.Rect) {
	if o := r.object(i); o != nil {
		return r.Data.ClassName(o.Class), o.Box
	}
	return i.DetectionClass, i.Detection
}

// contradicting returns the class and the box of the detection that speaks against an annotation; ok is false where
// none does, and where the detection itself is what a person looks at. A detection without a class has that of the
// annotation.
func (r *Review) contradicting(i *Item) (class string, box geom.Rect, ok bool) {
	if i.Object < 0 || math.IsNaN(i.DetectionScore) {
		return "", geom.Rect{}, false
	}
	class, _ = r.drawn(i)
	return cmp.Or(i.DetectionClass, class), i.Detection, true
}

// proposal returns what the detector would make of a label: a class where it contradicts that, a box where it
// contradicts that, both where it sees an object that is not annotated.
func (r *Review) proposal(i *Item) (class string, box *geom.Rect) {
	if math.IsNaN(i.DetectionScore) {
		return "", nil
	}
	rounded := geom.Rect{
		X: hundredth(i.Detection.X), Y: hundredth(i.Detection.Y), W: hundredth(i.Detection.W), H: hundredth(i.Detection.H),
	}
	switch i.Code {
	case "missing":
		return i.DetectionClass, &rounded
	case "class":
		return i.DetectionClass, nil
	case "location":
		return "", &rounded
	}
	return "", nil
}

// hundredth rounds to a hundredth of a pixel: finer than anybody draws.
func hundredth(x float64) float64 { return math.Round(x*100) / 100 }

// classes returns the names of the classes that a source declares, in its order.
func (r *Review) classes(source int) []string {
	var names []string
	seen := map[string]bool{}
	for _, c := range r.Data.Sources[source].Categories {
		if of := &r.Data.Classes[c.Class]; of.Known && !seen[of.Name] {
			seen[of.Name] = true
			names = append(names, of.Name)
		}
	}
	return names
}

// allClasses returns the classes of every source that has items, and those that items have without being declared.
func (r *Review) allClasses() []string {
	var names []string
	seen, hasItems := map[string]bool{}, map[int]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for k := range r.Items {
		hasItems[r.Items[k].Source] = true
	}
	for s := range r.Data.Sources {
		if hasItems[s] {
			for _, n := range r.classes(s) {
				add(n)
			}
		}
	}
	for k := range r.Items {
		drawn, _ := r.drawn(&r.Items[k])
		for _, class := range []string{drawn, r.Items[k].DetectionClass} {
			if class != "" {
				add(class)
			}
		}
	}
	return names
}
