package trainer

import (
	"cmp"
	"fmt"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/text"
)

// ClassIndex names the rule by which a trainer turns category ids into the numbers of
// its model's outputs.
type ClassIndex string

// The rules.
const (
	// IndexID takes ids as they are: torchvision's references/detection has label = id,
	// 0 for the background, and num_classes = the largest id + 1.
	IndexID ClassIndex = "id"

	// IndexRank numbers the declared ids by rank from 0: detectron2's
	// data/datasets/coco.py (id_map), mmdetection's datasets/coco.py (cat2label),
	// keras-retinanet's preprocessing/coco.py (coco_labels_inverse).
	IndexRank ClassIndex = "rank"

	// IndexIDLess1 takes the id less 1: the usual conversions of COCO files to
	// yolov5's label files.
	IndexIDLess1 ClassIndex = "id-1"
)

// maxOutputs bounds the outputs of a model, far beyond any: an id above it is no index.
const maxOutputs = 1 << 24

// Outputs are a model's outputs for classes.
type Outputs struct {
	K       int // outputs: terms of an anchor under the objective classes
	Classes int // declared classes of the data
	Index   ClassIndex

	// Why says why Index is not the preset's own rule: what is wrong with the ids. ""
	// if it is.
	Why string
}

// Outputs returns how the trainer's model numbers the classes of a data set.
func (t *Trainer) Outputs(d *dataset.Dataset) Outputs {
	o := Outputs{K: declared(d), Classes: declared(d), Index: t.classIndex()}
	if o.Classes == 0 { // the classes that annotations name are all there is
		o.K, o.Classes, o.Index = len(d.Classes), len(d.Classes), IndexRank
	}
	if o.Index == IndexRank {
		return o
	}
	least, most, text := idRange(d)
	first := int64(0)
	if o.Index == IndexIDLess1 {
		first = 1
	}
	switch {
	case text != "":
		o.Why = fmt.Sprintf("category id %s is no whole number", text)
	case most > maxOutputs:
		o.Why = fmt.Sprintf("category id %d is too large for an output's number", most)
	case least < first:
		o.Why = fmt.Sprintf("category id %d is below %d", least, first)
	case most < least: // there are none
		return o
	default:
		o.K = int(most - first + 1)
		return o
	}
	o.Index = IndexRank
	return o
}

// classIndex returns the preset's rule; rank if it names none.
func (t *Trainer) classIndex() ClassIndex {
	if t.Preset.ClassIndex == "" {
		return IndexRank
	}
	return t.Preset.ClassIndex
}

// declared returns the number of classes that categories declare.
func declared(d *dataset.Dataset) (n int) {
	for i := range d.Classes {
		if d.Classes[i].Known {
			n++
		}
	}
	return n
}

// idRange returns the least and the largest declared category id; text is the first that
// is no whole number. Without ids most is below least.
func idRange(d *dataset.Dataset) (least, most int64, text string) {
	least, most = 1, 0
	any := false
	for s := range d.Sources {
		for _, c := range d.Sources[s].Categories {
			if !d.Classes[c.Class].Known {
				continue
			}
			n, whole := c.ID.Int()
			if !whole {
				return 0, 0, c.ID.String()
			}
			if !any {
				least, most, any = n, n, true
			}
			least, most = min(least, n), max(most, n)
		}
	}
	return least, most, ""
}

// Columns finds the class of each of k outputs of a model, -1 for an output of none: by
// the trainer's rule or, if k outputs are too few for it, by the rank of the ids. An id
// must not stand for two classes.
func (t *Trainer) Columns(d *dataset.Dataset, k int) ([]int32, error) {
	ids, err := categories(d)
	if err != nil {
		return nil, err
	}
	o := t.Outputs(d)
	columns := slices.Repeat([]int32{-1}, k)
	if k > len(d.Classes) || o.Index != IndexRank && o.K <= k {
		if err := byNumber(columns, ids, o, len(d.Classes)); err != nil {
			return nil, err
		}
		return columns, nil
	}
	next := 0
	seen := map[int32]bool{}
	for _, c := range ids {
		output := d.Classes[c.Class].Known || k >= len(d.Classes) // with a column for each class, undeclared ones have theirs
		if output && !seen[c.Class] && next < k {
			seen[c.Class] = true
			columns[next] = c.Class
			next++
		}
	}
	return columns, nil
}

// byNumber sets the columns that ids name: more columns than classes are category ids
// under a rule of ranks too.
func byNumber(columns []int32, ids []dataset.Category, o Outputs, classes int) error {
	first := int64(0)
	if o.Index == IndexIDLess1 {
		first = 1
	}
	for _, c := range ids {
		n, whole := c.ID.Int()
		if n -= first; !whole || n < 0 || n >= int64(len(columns)) {
			return fmt.Errorf(
				"logits: with more columns than classes (--classes %d, %d classes) columns are category ids, but id %s is none",
				len(columns), classes, c.ID)
		}
		columns[n] = c.Class
	}
	return nil
}

// categories returns the categories of all sources by id.
func categories(d *dataset.Dataset) (ids []dataset.Category, err error) {
	for s := range d.Sources {
		ids = append(ids, d.Sources[s].Categories...)
	}
	slices.SortStableFunc(ids, func(a, b dataset.Category) int {
		x, whole := a.ID.Int()
		y, also := b.ID.Int()
		switch {
		case whole && also:
			return cmp.Compare(x, y)
		case !whole && !also:
			return cmp.Compare(a.ID.String(), b.ID.String())
		case whole:
			return -1
		}
		return 1
	})
	byID := map[dataset.IDKey]int32{}
	for _, c := range ids {
		if had, known := byID[c.ID.Key()]; known && had != c.Class {
			return nil, fmt.Errorf("logits: category id %s stands for %q and for %q in the annotation files, "+
				"so that columns can't be told apart: run the files one by one",
				c.ID, d.Classes[had].Name, d.Classes[c.Class].Name)
		}
		byID[c.ID.Key()] = c.Class
	}
	return ids, nil
}

// Unused returns how many outputs no class has, beside that of the background.
func (o Outputs) Unused() int {
	n := o.K - o.Classes
	if o.Index == IndexID {
		n--
	}
	return max(0, n)
}

// String says how many outputs there are and why, "" where there is one for each class.
func (o Outputs) String() string {
	count := fmt.Sprintf("%d for %s", o.K, text.Plural(o.Classes, "class"))
	switch {
	case o.Why != "":
		return fmt.Sprintf("%s: %s, so the ids are ranked", count, o.Why)
	case o.K == o.Classes:
		return ""
	case o.Index == IndexID:
		return count + ": the trainer takes category ids as they are, and 0 for the background"
	case o.Index == IndexIDLess1:
		return count + ": the trainer takes category ids less 1"
	}
	return count + ": the trainer ranks the declared category ids"
}

// ZeroID says what category id 0 is to the trainer, "" if it is an id like others; lost
// reports whether its objects are not trained as their class. The words go on after
// "category id 0, which is ".
func (t *Trainer) ZeroID() (words string, lost bool) {
	switch t.classIndex() {
	case IndexIDLess1:
		if t.Preset.Boxes != yoloBoxes {
			return "class -1 of the targets, which is none: its anchors count as positive, and are trained as background", true
		}
		return "class -1 in label files made by id - 1: the loader refuses every image that has it", true
	case IndexID:
		if t.Preset.Loss == PerClass {
			return "an output like others to this trainer, but the background to torchvision's Faster R-CNN and SSD, which " +
				"would not train its objects", false
		}
		return "the background: its objects are trained as background", true
	}
	if t.Preset.Boxes == ultralyticsBoxes { // data/converter.py: coco80[category_id - 1], or category_id - 1
		return "class -1 in label files that convert_coco writes with cls91to80=False, so that the loader refuses every " +
			"image that has it; with its default the conversion stops", true
	}
	return "", false
}
