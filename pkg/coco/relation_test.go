package coco

import (
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
)

// The area is compared with the box wherever the two stand in the record.
func TestArea(t *testing.T) {
	polygon := `"segmentation": [[1, 1, 9, 1, 9, 9]]`
	for _, c := range []struct {
		ann  string
		want dataset.Flags
	}{
		{`"area": 400, "bbox": [10, 10, 20, 20]`, dataset.AreaAsBox},
		{`"bbox": [10, 10, 20, 20], "area": 400`, dataset.AreaAsBox},
		{`"bbox": [10, 10, 20.4, 19.7], "area": 401.88`, dataset.AreaAsBox},
		{`"bbox": [10, 10, 20.4, 19.7], "area": 402`, dataset.AreaAsBox},
		{`"bbox": [10, 10, 20.4, 19.7], "area": 4.0188e2`, dataset.AreaAsBox},
		{`"bbox": [0.3, 0.2, 0.14, 0.12], "area": 0.0168`, dataset.AreaAsBox},
		{`"bbox": [10, 20, 50, 70], "area": 2000`, dataset.AreaAsCorners},
		{`"bbox": [0, 0, 50, 70], "area": 3500`, dataset.AreaAsBox}, // both, so it says nothing
		{`"bbox": [50, 70, 10, 20], "area": 2000`, dataset.AreaAboveBox},
		{`"bbox": [10, 10, 20, 20], "area": 440`, 0}, // a row and a column more
		{`"bbox": [10, 10, 20, 20], "area": 442`, dataset.AreaAboveBox},
		{`"bbox": [10, 10, 20, 20], "area": 200`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 1, "area": 400`, dataset.AreaAsBox},
		{`"bbox": [10, 10, 20, 20], "area": null`, 0},
		{`"bbox": [10, 10, 20], "area": 9000`, 0},
		{`"bbox": [10, 10, 20, 20], "area": NaN`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 0`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 0, ` + polygon, dataset.AreaZeroOutline},
		{polygon + `, "bbox": [10, 10, 20, 20], "area": -1`, dataset.AreaZeroOutline},
		{`"bbox": [10, 10, 20, 20], "area": 0, "segmentation": []`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 0, "segmentation": [[]]`, 0},
		{`"bbox": [10, 10, 20, 20], "area": 0, "segmentation": null`, 0},
	} {
		s, _ := source(t, file("", `{"id": 1, "image_id": 1, "category_id": 1, `+c.ann+`}`, ""))
		if got := s.Objects[0].Flags & derived; got != c.want {
			t.Errorf("%s: flags %b, want %b", c.ann, got, c.want)
		}
	}
}

// An outline tells which reading of a box is meant: here of the box from (10, 20)
// to (40, 70).
func TestConfirmedReading(t *testing.T) {
	for _, c := range []struct {
		box  string
		want dataset.Outline
	}{
		{`10, 20, 30, 50`, dataset.OutlineBox},
		{`10, 20, 40, 70`, dataset.OutlineCorners},
		{`25, 45, 30, 50`, dataset.OutlineCentre},
		{`10, 70, 30, 50`, dataset.OutlineBelow},
		{`20, 10, 50, 30`, dataset.OutlineExchanged},
		{`10, 410, 30, 50`, dataset.OutlineHeight}, // from the bottom of an image of 480 px
		{`16, 23, 30, 50`, dataset.OutlineOther},
		{`110, 20, 30, 50`, dataset.OutlineApart},
		{`0.1, 0.2, 0.3, 0.5`, dataset.OutlineApart},
		{`10, 20, -30, 50`, dataset.OutlineApart},
	} {
		for outline, want := range map[string]dataset.Outline{
			`[[10, 20, 40, 20, 40, 70, 10, 70]]`: c.want,
			`[]`:                                 dataset.OutlineNone,
			`[[1, 2, 3]]`:                        dataset.OutlineNone,
		} {
			s, _ := source(t, file("", ann(`"bbox": [`+c.box+`]; "segmentation": `+outline), ""))
			if got := s.Objects[0].Outline; got != want {
				t.Errorf("bbox [%s], outline %s: reading %d, want %d", c.box, outline, got, want)
			}
		}
	}
}

// Far into a large file few outlines are compared, the same ones whatever the
// blocks and the workers.
func TestOutlinesSampled(t *testing.T) {
	a := ann(`"segmentation": [[10, 10, 30, 10, 30, 30, 10, 30]]`)
	text := file("", strings.Repeat(a+", ", 20_000)+a, "")
	for _, v := range [][2]int{{1 << 16, 2}, {5_003, 3}, {blockSize, 1}} {
		d := texts(v[0], v[1], map[string]string{"a.json": text})
		n := 0
		for _, o := range d.Sources[0].Objects {
			if compared := o.Outline == dataset.OutlineBox; compared != sampled(o.Offset) {
				t.Fatalf("blocks of %d: the outline at byte %d is compared: %v", v[0], o.Offset, compared)
			} else if compared {
				n++
			}
		}
		if total := len(d.Sources[0].Objects); n < 800 || n > total/8 {
			t.Errorf("%d of %d outlines are compared", n, total)
		}
	}
}

// TestOnlyCorners: the box of an outline from (40, 50) to (90, 80), wherever it stands in the file.
func TestOnlyCorners(t *testing.T) {
	const polygon = `"segmentation": [[40, 50, 90, 50, 90, 80, 40, 80]]`
	for _, c := range []struct {
		ann  string
		want bool
	}{
		{`"bbox": [40, 50, 90, 80], ` + polygon, true},
		{polygon + `, "area": 1500, "bbox": [40, 50, 90, 80]`, true},
		{`"bbox": [40.4, 49.6, 90.3, 80], ` + polygon, true},
		{`"bbox": [40, 50, 90, 80], "segmentation": [[40, 50, 60, 50, 60, 80], [61, 50, 90, 50, 90, 80]]`, true},
		{`"bbox": [1, 0, 3, 2], "segmentation": {"size": [5, 5], "counts": [5, 2, 3, 2, 13]}`, false}, // 1 px apart
		{`"bbox": [40, 50, 50, 30], ` + polygon, false},
		{`"bbox": [40, 50, 92, 80], ` + polygon, false},
		{`"bbox": [40, 50, 90, 80], "area": 1700, ` + polygon, false},
		{`"bbox": [90, 80, 40, 50], ` + polygon, false},
		{`"bbox": [40, 50, 90, 80], "segmentation": []`, false},
		{`"bbox": [40, 50, 90, 80], "segmentation": null`, false},
		{`"bbox": [40, 50, 90, 80], "segmentation": [["a"]]`, false},
		{`"bbox": [40, 50, 90, 80]`, false},
		{`"bbox": [0, 0, 90, 80], "segmentation": [[0, 0, 90, 0, 90, 80]]`, false}, // both, so it says nothing
	} {
		s, _ := source(t, file("", `{"id": 1, "image_id": 1, "category_id": 1, `+c.ann+`}`, ""))
		if got := s.Objects[0].Flags&dataset.OnlyCorners != 0; got != c.want {
			t.Errorf("%s: %v", c.ann, got)
		}
	}
}
