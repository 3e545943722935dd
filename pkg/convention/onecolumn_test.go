package convention

import (
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// rollColumn gives each record the column of the one so many records further on in the file, and no other evidence.
func rollColumn(src *dataset.Source, c *column, by int) {
	order, _ := sample.FileOrder(src)
	n := len(order)
	boxes := make([]geom.Rect, n)
	for i, k := range order {
		boxes[i] = src.Objects[k].Box
	}
	for i, k := range order {
		o := &src.Objects[k]
		o.Box = c.from(boxes[i].Box(), boxes[(i+by+n)%n].Box()).Rect()
		o.Outline, o.Flags = dataset.OutlineNone, o.Flags&dataset.FromOutline
	}
}

// TestNoFalseAlarmOnOneColumn: no real file, and no stretch of one, is told to have a column of boxes that stands one
// record off.
func TestNoFalseAlarmOnOneColumn(t *testing.T) {
	sources := realfiles.FirstImages(t)
	stretches, most := 0, 0.0
	for i := range sources {
		src := &sources[i]
		if c := OfColumns(src); c.One.Found() {
			t.Errorf("%s: %+v", src.Name, c.One)
		}
		for _, n := range []int{200, 300, 500, 1000, 3000} {
			for k := range 20 {
				if len(src.Objects) < n {
					continue
				}
				stretches++
				from := (len(src.Objects) - n) * k / 20
				c := OfColumns(stretch(src, from, n)).One
				if c.Found() {
					t.Errorf("%s, %d from %d: %+v", src.Name, n, from, c)
				}
				most = max(most, c.Gain)
			}
		}
	}
	t.Logf("%d stretches, the highest gain is %.1f", stretches, most)
}

// TestPowerOnOneColumn: real files in which one column of boxes, or two, was moved by one record are told of.
func TestPowerOnOneColumn(t *testing.T) {
	sources := realfiles.FirstImages(t)
	for k, least := range []int{15, 15, 10, 10, 10} {
		c := &columns[k]
		found, named, of := 0, 0, 0
		for i := range sources {
			src := &sources[i]
			if len(src.Objects) < 2*leastFresh {
				continue
			}
			for _, by := range []int{-1, 1} {
				got := OfColumns(copied(src, func(s *dataset.Source) { rollColumn(s, c, by) }))
				of++
				found += sample.One(got.One.Found())
				named += sample.One(got.One.Name == c.name && got.One.By == -by)
				if !got.One.Found() {
					t.Logf("%s, %s %+d: By %d, %+v", src.Name, c.name, by, got.By, got.One)
				}
			}
		}
		t.Logf("%s: %d of %d are told of, %d by its name", c.name, found, of, named)
		if found < least {
			t.Errorf("%s: %d of %d are told of, want %d", c.name, found, of, least)
		}
	}
}
