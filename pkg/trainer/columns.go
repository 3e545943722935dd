package trainer

import (
	"cmp"
	"fmt"
	"slices"

	"focalaudit/pkg/dataset"
)

// Columns finds the class of each of k outputs of a model, -1 for an output of none. They
// are the classes by the lowest id of their categories, as detectron2 and mmdetection
// number them; if there are more outputs than classes, outputs are category ids, as
// in torchvision's reference models. An id must not stand for two classes.
func (t *Trainer) Columns(d *dataset.Dataset, k int) ([]int32, error) {
	ids, err := categories(d)
	if err != nil {
		return nil, err
	}
	columns := slices.Repeat([]int32{-1}, k)
	if k <= len(d.Classes) {
		next := 0
		seen := map[int32]bool{}
		for _, c := range ids {
			if !seen[c.Class] && next < k {
				seen[c.Class] = true
				columns[next] = c.Class
				next++
			}
		}
		return columns, nil
	}
	for _, c := range ids {
		n, whole := c.ID.Int()
		if !whole || n < 0 || n >= int64(k) {
			return nil, fmt.Errorf(
				"logits: with more columns than classes (--classes %d, %d classes) columns are category ids, but id %s is none",
				k, len(d.Classes), c.ID)
		}
		columns[n] = c.Class
	}
	return columns, nil
}

// categories returns the categories of all sources by id.
func categories(d *dataset.Dataset) (ids []dataset.Category, err error) {
	for s := range d.Sources {
		ids = append(ids, d.Sources[s].Categories...)
	}
	slices.SortStableFunc(ids, func(a, b dataset.Category) int {
		x, _ := a.ID.Int()
		y, _ := b.ID.Int()
		return cmp.Compare(x, y)
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
