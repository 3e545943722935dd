package convention

import (
	"regexp"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// rollBoxes gives each record the box of the one so many records further on in the file, and no other evidence.
func rollBoxes(src *dataset.Source, by int) {
	order, _ := sample.FileOrder(src)
	n := len(order)
	boxes := make([]geom.Rect, n)
	for i, k := range order {
		boxes[i] = src.Objects[k].Box
	}
	for i, k := range order {
		o := &src.Objects[k]
		o.Box, o.Outline, o.Flags = boxes[(i+by+n)%n], dataset.OutlineNone, o.Flags&dataset.FromOutline
	}
}

// copied returns a source with objects of its own.
func copied(src *dataset.Source, f func(*dataset.Source)) *dataset.Source {
	out := *src
	out.Objects = slices.Clone(src.Objects)
	f(&out)
	return &out
}

// stretch returns the n records of a source that follow each other in its file, with their images.
func stretch(src *dataset.Source, from, n int) *dataset.Source {
	order, _ := sample.FileOrder(src)
	keep := map[int32]bool{}
	for _, k := range order[from : from+n] {
		keep[k] = true
	}
	out := &dataset.Source{Name: src.Name, Returns: src.Returns}
	for i := range src.Images {
		im := src.Images[i]
		first := int32(len(out.Objects))
		for k := im.First; k < im.Last; k++ {
			if keep[k] {
				o := src.Objects[k]
				o.Image = int32(len(out.Images))
				out.Objects = append(out.Objects, o)
			}
		}
		if im.First, im.Last = first, int32(len(out.Objects)); im.First < im.Last {
			out.Images = append(out.Images, im)
		}
	}
	return out
}

// TestNoFalseAlarmOnColumns: no real file, and no stretch of one, is told to have a column that stands one record off.
func TestNoFalseAlarmOnColumns(t *testing.T) {
	sources := realfiles.FirstImages(t)
	stretches := 0
	for i := range sources {
		src := &sources[i]
		if c := OfColumns(src); c.By != 0 {
			t.Errorf("%s: %+v", src.Name, c)
		}
		for _, n := range []int{200, 300, 500, 1000, 3000} {
			for k := range 20 {
				if len(src.Objects) < n {
					continue
				}
				stretches++
				from := (len(src.Objects) - n) * k / 20
				if c := OfColumns(stretch(src, from, n)); c.By != 0 {
					t.Errorf("%s, %d from %d: %+v", src.Name, n, from, c)
				}
			}
		}
	}
	t.Logf("%d stretches", stretches)
}

// TestPowerOnColumns: real files whose boxes, or labels, were moved by one record are told of, if they have several
// classes, or images of several sizes. Boxes are told apart from labels where sizes differ.
func TestPowerOnColumns(t *testing.T) {
	sources := realfiles.FirstImages(t)
	for _, by := range []int{-1, 1} {
		var boxes, labels, named [2]int
		for i := range sources {
			src := &sources[i]
			order, _ := sample.FileOrder(src)
			signal := labelSignal(src, nil, nil)
			tells := signal.classes > 1 && signal.n >= leastFresh
			sizes := displaced(src, order, 1).Home >= 2*leastAway && len(order) >= leastFresh
			if tells || sizes {
				v := OfColumns(copied(src, func(s *dataset.Source) { rollBoxes(s, by) }))
				boxes[0] += sample.One(v.By == by && (v.moved() || !sizes))
				boxes[1]++
				if v.By != by {
					t.Logf("%s, boxes: %+v", src.Name, v)
				}
			}
			if tells {
				v := OfColumns(copied(src, func(s *dataset.Source) { realfiles.RollLabels(s, -by) }))
				labels[0] += sample.One(v.By == by && !v.moved())
				labels[1]++
				named[0] += sample.One(v.Labels && sizes)
				named[1] += sample.One(sizes)
				if v.By != by {
					t.Logf("%s, labels: %+v", src.Name, v)
				}
			}
		}
		t.Logf("%+d: boxes %d, labels %d, named as labels %d", by, boxes, labels, named)
		for _, n := range [][2]int{boxes, labels, named} {
			if n[1] < 8 || 5*n[0] < 4*n[1] {
				t.Errorf("%+d: boxes %d, labels %d, named as labels %d: want four in five", by, boxes, labels, named)
			}
		}
	}
}

// TestColumnsFinding holds the words of both kinds of evidence to a file of COCO.
func TestColumnsFinding(t *testing.T) {
	d := realfiles.Read(t, false, realfiles.Shared(t, "data", "voc2007", "instances_test2007.json"))
	for _, c := range []struct {
		f    func(*dataset.Source)
		want string
	}{
		{func(s *dataset.Source) { rollBoxes(s, 1) }, `labels explain 5 % .*, and 23 % if each box belongs to the record behind ` +
			`its own; 1,361 boxes fit the image of the record behind theirs and not their own, and 0 .* column of boxes`},
		{func(s *dataset.Source) { realfiles.RollLabels(s, 1) }, `belongs to the record before its own[.] The column of labels`},
	} {
		src := copied(&d.Sources[0], c.f)
		v := OfColumns(src)
		if f := v.Finding(src, 0); f.Code != "columns-shifted" || !regexp.MustCompile(c.want).MatchString(f.Message) {
			t.Errorf("%s: %s, want %s", f.Code, f.Message, c.want)
		}
	}
}
