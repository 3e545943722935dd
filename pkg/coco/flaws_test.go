package coco

import (
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// one image, one category; the annotation is what matters.
func TestAnnotationFlaws(t *testing.T) {
	outline := `"segmentation": [[1, 2, 5, 2, 5, 9]]`
	cases := []struct {
		ann     string
		codes   string // in the order of Source.Flaws, separated by spaces
		leftOut dataset.Reason
		message string // of the first flaw
	}{
		{ann(`"bbox": [10, 10, 20, 20]; "bbox2": 3`), "", dataset.InUse, ""},
		{`7`, "record-not-object", dataset.InUse, `an element of annotations is 7, expected an object`},
		{`[{"id": 1}]`, "record-not-object", dataset.InUse, `an element of annotations is [{"id": 1}], expected an object`},
		{ann(`"area": 1, "area": 2`), "key-repeated", dataset.InUse, `annotation 1: area stands there more than once, expected once; the last one counts`},
		{without("id"), "", dataset.InUse, ""}, // a trait of the source
		{ann(`"id": null`), "id-missing", dataset.InUse, `annotation without id: id is null, expected a whole number`},
		{ann(`"id": [1]`), "id-missing", dataset.InUse, `annotation without id: id is [1], expected a whole number`},
		{ann(`"id": "1"`), "id-not-integer", dataset.InUse, `annotation 1: id is "1", expected a whole number`},
		{ann(`"id": 1.0`), "id-not-integer", dataset.InUse, `annotation 1.0: id is 1.0, expected a whole number`},
		{ann(`"id": 9223372036854775808`), "id-not-integer", dataset.InUse, `annotation 9223372036854775808: id is 9223372036854775808, a whole number that does not fit 64 bits; it is kept as it stands`},
		{ann(`"id": NaN`), "id-missing number-not-finite", dataset.InUse, `annotation without id: id is NaN, expected a whole number`},
		{ann(`"image_id": "1"`), "id-type-mixed", dataset.InUse, `annotation 1: image_id is "1", a string, but the id that it refers to is a number; Python would not find it`},
		{ann(`"category_id": "1"`), "id-type-mixed", dataset.InUse, ""},
		{ann(`"image_id": 1.0; "category_id": 1e0`), "", dataset.InUse, ""},
		{ann("") + ", " + ann(`"bbox": [1, 1, 5, 5]`), "annotation-id-duplicate", dataset.InUse, ""},
		{ann(`"image_id": 2`), "image-unknown", dataset.NoImage, `annotation 1: image_id is 2, expected the id of an image in the file; the annotation is left out`},
		{without("image_id"), "image-unknown", dataset.NoImage, `annotation 1: no usable image_id, expected the id of an image; the annotation is left out`},
		{ann(`"category_id": 9`), "category-unknown", dataset.InUse, `annotation 1: category_id is 9, expected the id of a category in the file`},
		{without("category_id"), "category-unknown", dataset.InUse, `annotation 1: no usable category_id, expected the id of a category`},
		{strings.Replace(ann(`"segmentation": []`), "bbox", "box", 1), "box-missing", dataset.NoBox, `annotation 1: bbox is missing and no segmentation gives one, expected four numbers; the annotation is left out`},
		{ann(`"bbox": null`), "box-missing", dataset.NoBox, ""},
		{strings.Replace(ann(outline), `"bbox": [10, 10, 20, 20], `, "", 1), "box-from-outline", dataset.InUse, `annotation 1: bbox is missing, expected four numbers; the box of its segmentation is used: [1, 2, 4, 7]`},
		{ann(`"bbox": [1, 2, 3]`), "box-malformed", dataset.NoBox, `annotation 1: bbox is [1, 2, 3], expected four numbers; the annotation is left out`},
		{ann(`"bbox": [1, 2, 3, 4, 5]`), "box-malformed", dataset.NoBox, ""},
		{ann(`"bbox": ["1", 2, 3, 4]`), "box-malformed", dataset.NoBox, ""},
		{ann(`"bbox": []`), "box-malformed", dataset.NoBox, ""},
		{ann(`"bbox": "none"`), "box-malformed", dataset.NoBox, ""},
		{ann(`"bbox": [1, 2, 3]; ` + outline), "box-from-outline box-malformed", dataset.InUse, ""},
		{ann(`"bbox": [1, 2, 3, NaN]`), "box-not-finite", dataset.NoBox, `annotation 1: bbox is [1, 2, 3, NaN], expected four finite numbers; the annotation is left out`},
		{ann(`"bbox": [1, 2, 3, 1e999]`), "box-not-finite", dataset.NoBox, ""},
		{ann(`"bbox": [-Infinity, 2, 3, 4]; ` + outline), "box-from-outline box-not-finite", dataset.InUse, ""},
		{ann(`"bbox": [10, 10, -2, 5]`), "box-negative", dataset.InUse, `annotation 1: bbox has width -2, expected > 0`},
		{ann(`"bbox": [10, 10, 2, 0]`), "box-empty", dataset.InUse, `annotation 1: bbox has height 0, expected > 0`},
		{ann(`"bbox": [100, 10, 5, 5]`), "box-outside", dataset.InUse, `annotation 1: bbox [100, 10, 5, 5] has nothing in common with its image of 100 x 80`},
		{ann(`"bbox": [90, 10, 12.25, 5]`), "box-partly-outside", dataset.InUse, `annotation 1: bbox [90, 10, 12.25, 5] sticks out of its image of 100 x 80 by 2.25 px`},
		{ann(`"bbox": [90, 10, 10.5, 5]`), "", dataset.InUse, ""},
		{ann(`"area": Infinity`), "number-not-finite", dataset.InUse, `annotation 1: area is Infinity, expected a finite number`},
		{ann(`"iscrowd": NaN`), "number-not-finite", dataset.InUse, ""},
		{strings.Replace(ann(""), "iscrowd", "is_crowd", 1), "crowd-key", dataset.InUse, `annotation 1: the key is is_crowd, expected iscrowd; most trainers overlook it`},
		{strings.Replace(ann(""), "iscrowd", "isCrowd", 1), "crowd-key", dataset.InUse, `annotation 1: the key is isCrowd, expected iscrowd; most trainers overlook it`},
		{strings.Replace(ann(""), "iscrowd", "Is_Crowd", 1), "crowd-key", dataset.InUse, `annotation 1: the key is Is_Crowd, expected iscrowd; most trainers overlook it`},
		{strings.Replace(ann(""), "iscrowd", "iscrowds", 1), "", dataset.InUse, ""},
		{ann(`"isCrowd": 1`), "crowd-key", dataset.InUse, `annotation 1: the key isCrowd is set and iscrowd is not, expected iscrowd alone; most trainers overlook isCrowd`},
		{ann(`"isCrowd": 0`), "", dataset.InUse, ""},
		{ann(`"ignore": 1`), "", dataset.InUse, ""}, // told once for the source
		{ann(`"ignore": "no"`), "", dataset.InUse, ""},
	}
	for _, c := range cases {
		s, _ := source(t, file("", c.ann, ""))
		if got := strings.Join(codes(s.Flaws), " "); got != c.codes {
			t.Errorf("%s: flaws %q, want %q", c.ann, got, c.codes)
			continue
		}
		if c.message != "" && s.Flaws[0].Message != c.message {
			t.Errorf("%s:\n got %s\nwant %s", c.ann, s.Flaws[0].Message, c.message)
		}
		if s.BadAnnotations+len(s.Objects) == 0 || len(s.Objects) > 0 && s.Objects[0].LeftOut != c.leftOut {
			t.Errorf("%s: left out %v, want %v", c.ann, s.Objects, c.leftOut)
		}
	}
}

func TestImageFlaws(t *testing.T) {
	ok := `{"id": 2, "file_name": "b.jpg", "width": 10, "height": 10}`
	cases := []struct {
		image, codes string
		leftOut      dataset.Reason
		message      string
	}{
		{ok, "", dataset.InUse, ""},
		{`null`, "record-not-object", dataset.InUse, `an element of images is null, expected an object`},
		{`{"id": 2, "file_name": "b.jpg", "width": 640.0, "height": 1e1}`, "", dataset.InUse, ""},
		{`{"id": 2, "file_name": "b.jpg", "width": 16777215, "height": 1}`, "", dataset.InUse, ""},
		{`{"id": 2, "file_name": "b.jpg", "width": 16777216, "height": 1}`, "image-size-missing", dataset.NoImageSize, `image 2: width is 16777216, expected whole numbers from 1 to 16777215; its annotations are left out`},
		{`{"id": 2, "file_name": "b.jpg", "width": "640", "height": 0}`, "image-size-missing", dataset.NoImageSize, `image 2: width is "640", height is 0, expected whole numbers from 1 to 16777215; its annotations are left out`},
		{`{"id": 2, "file_name": "b.jpg", "width": 640, "height": -5}`, "image-size-missing", dataset.NoImageSize, ""},
		{`{"id": 2, "file_name": "b.jpg", "width": 640.5, "height": 5}`, "image-size-missing", dataset.NoImageSize, ""},
		{`{"id": 2, "file_name": "b.jpg", "width": 640}`, "image-size-missing", dataset.NoImageSize, `image 2: height is missing, expected whole numbers from 1 to 16777215; its annotations are left out`},
		{`{"id": 2, "file_name": "b.jpg", "width": NaN, "height": 5}`, "image-size-missing number-not-finite", dataset.NoImageSize, ""},
		{`{"id": 2, "im_name": "b.jpg", "width": 10, "height": 10}`, "file-name-missing", dataset.InUse, `image 2: file_name is missing, expected the image's file name`},
		{`{"id": 2, "file_name": "", "width": 10, "height": 10}`, "file-name-missing", dataset.InUse, `image 2: file_name is "", expected the image's file name`},
		{`{"id": 2, "file_name": 5, "width": 10, "height": 10}`, "file-name-missing", dataset.InUse, `image 2: file_name is 5, expected the image's file name`},
		{`{"id": 2, "file_name": "a.jpg", "width": 10, "height": 10}`, "file-name-duplicate", dataset.InUse, `image 2: file_name "a.jpg" is also that of image 1, expected names that differ`},
		{`{"id": 1, "file_name": "b.jpg", "width": 10, "height": 10}`, "image-id-duplicate", dataset.DuplicateImage, `image 1: the image at byte 12, line 1, has the same id and is kept; this one is left out`},
		{`{"id": "1", "file_name": "b.jpg", "width": 10, "height": 10}`, "id-not-integer image-id-duplicate", dataset.DuplicateImage, ""},
		{`{"file_name": "b.jpg", "width": 10, "height": 10}`, "id-missing", dataset.NoID, ""},
		{`{"id": 3, "id": 2, "file_name": "b.jpg", "width": 10, "height": 10, "width": 11}`, "key-repeated key-repeated", dataset.InUse, ""},
		{`{"\u0069d": 2, "f\u0069le_name": "b.jpg", "width": 10, "height": 10, "ID": 5, "Width": "x"}`, "", dataset.InUse, ""},
	}
	first := `{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}, `
	for _, c := range cases {
		s, _ := source(t, file(first+c.image, ann("")+","+ann(`"id": 5; "image_id": 2; "bbox": [0, 0, 1, 1]`), ""))
		var got []dataset.Flaw
		for _, f := range s.Flaws {
			if f.Object < 0 {
				got = append(got, f)
			}
		}
		if g := strings.Join(codes(got), " "); g != c.codes {
			t.Errorf("%s: flaws %q, want %q", c.image, g, c.codes)
			continue
		}
		if c.message != "" && got[0].Message != c.message {
			t.Errorf("%s:\n got %s\nwant %s", c.image, got[0].Message, c.message)
		}
		if len(s.Images)+s.BadImages != 2 || len(s.Images) == 2 && s.Images[1].LeftOut != c.leftOut {
			t.Errorf("%s: %+v, want %v", c.image, s.Images, c.leftOut)
		}
		if c.leftOut == dataset.NoImageSize && s.Objects[1].LeftOut != dataset.ImageLeftOut {
			t.Errorf("%s: its annotation: %+v", c.image, s.Objects[1])
		}
	}
}

func TestCategoryFlaws(t *testing.T) {
	cases := []struct{ cats, codes, classes, message string }{
		{`{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}`, "", "cat,dog", ""},
		{`{"id": 1, "name": "cat"}, 5`, "record-not-object", "cat", ""},
		{`{"id": 1}`, "category-unnamed", "category 1", `category 1: name is missing, expected a name; it is called "category 1"`},
		{`{"id": 1, "name": ""}`, "category-unnamed", "category 1", ""},
		{`{"id": 1, "name": 7}`, "category-unnamed", "category 1", `category 1: name is 7, expected a name; it is called "category 1"`},
		{`{"id": 1, "name": "cat"}, {"id": 1.0, "name": "dog"}`, "category-id-duplicate id-not-integer", "cat", `category 1.0: "dog" has the id of "cat", which came first and counts`},
		{`{"id": 1, "name": "cat"}, {"id": 2, "name": "cat"}`, "category-name-duplicate", "cat", `category 2: "cat" is also the name of category 1; they are one class`},
		{`{"id": 1, "name": "cat"}, {"id": 2, "name": " Cat"}`, "category-name-case", "cat, Cat", ""},
		{`{"id": 1, "name": "tv monitor"}, {"id": 2, "name": "TV_monitors"}`, "category-name-case", "tv monitor,TV_monitors", ""},
		{`{"id": 1, "name": "cat"}, {"name": "dog"}`, "id-missing", "cat", ""},
		{`{"id": 1, "name": "cat", "name": "cow"}`, "key-repeated", "cow", ""},
	}
	for _, c := range cases {
		s, d := source(t, file("", ann(""), c.cats))
		if g := strings.Join(codes(s.Flaws), " "); g != c.codes {
			t.Errorf("%s: flaws %q, want %q", c.cats, g, c.codes)
			continue
		}
		if c.message != "" && s.Flaws[0].Message != c.message {
			t.Errorf("%s:\n got %s\nwant %s", c.cats, s.Flaws[0].Message, c.message)
		}
		if g := classNames(d); g != c.classes {
			t.Errorf("%s: classes %q, want %q", c.cats, g, c.classes)
		}
	}
}

func classNames(d *dataset.Dataset) string {
	var names []string
	for _, c := range d.Classes {
		names = append(names, c.Name)
	}
	return strings.Join(names, ",")
}

func TestClassesOfManySources(t *testing.T) {
	d := texts(blockSize, 1, map[string]string{
		"b.json": file("", ann(`"category_id": 9`)+","+ann(`"id": 2; "category_id": "8"`)+","+ann(`"id": 3`), `{"id": 1, "name": "dog"}, {"id": 3, "name": "cat"}`),
		"a.json": file("", ann(""), `{"id": 1, "name": "cat"}, {"id": 2, "name": "cow"}`),
		"c.json": strings.Replace(file("", ann(`"category_id": 9`), ""), `"categories"`, `"kinds"`, 1),
	})
	if got, want := classNames(d), "cat,cow,dog,category 9 (undeclared),category 8 (undeclared)"; got != want {
		t.Errorf("classes %q, want %q", got, want)
	}
	if d.Classes[2] != (dataset.Class{Name: "dog", Known: true}) || d.Classes[3].Known {
		t.Errorf("%+v", d.Classes)
	}
	b := d.Sources[1]
	if got := []int32{b.Objects[0].Class, b.Objects[1].Class, b.Objects[2].Class, d.Sources[2].Objects[0].Class}; !slices.Equal(got, []int32{3, 4, 2, 3}) {
		t.Errorf("objects' classes %v", got)
	}
	want := []string{"category-unknown", "category-unknown", "category-clash"}
	if !slices.Equal(codes(b.Flaws), want) {
		t.Errorf("flaws %v, want %v", codes(b.Flaws), want)
	}
	if got, want := b.Flaws[2].Message, `category 1: the id stands for "dog" here and for "cat" in a.json; names decide`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestFlags(t *testing.T) {
	const meant = dataset.Crowd | dataset.Ignore | dataset.AreaNotAbove0 | dataset.NoArea | dataset.NoValidPolygon | dataset.FromOutline
	cases := []struct {
		ann  string
		want dataset.Flags
	}{
		{ann(""), 0},
		{ann(`"iscrowd": 1`), dataset.Crowd},
		{ann(`"iscrowd": 1.0`), dataset.Crowd},
		{ann(`"iscrowd": true`), dataset.Crowd},
		{ann(`"iscrowd": "1"`), dataset.Crowd},
		{ann(`"iscrowd": 3`), dataset.Crowd},
		{ann(`"iscrowd": "0"`), 0},
		{ann(`"iscrowd": 1, "iscrowd": 0`), 0},
		{ann(`"is_crowd": 1`), 0}, // iscrowd is there too, and counts
		{strings.Replace(ann(`"iscrowd": 1`), "iscrowd", "is_crowd", 1), dataset.Crowd},
		{ann(`"ignore": 1`), dataset.Ignore},
		{ann(`"ignore": 0`), 0},
		{ann(`"area": 0`), dataset.AreaNotAbove0},
		{ann(`"area": 0.000`), dataset.AreaNotAbove0},
		{ann(`"area": -3`), dataset.AreaNotAbove0},
		{ann(`"area": 1e-999`), dataset.AreaNotAbove0},
		{ann(`"area": 1e-5`), 0},
		{ann(`"area": 12.3456789012345678901`), 0},
		{ann(`"area": null`), dataset.NoArea},
		{ann(`"area": "5"`), dataset.NoArea},
		{ann(`"area": NaN`), dataset.NoArea},
		{without("area"), dataset.NoArea},
		{ann(`"segmentation": []`), 0},
		{ann(`"segmentation": null`), 0},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, 6]]`), 0},
		{ann(`"segmentation": [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6]]`), 0},
		{ann(`"segmentation": [[1, 2, 3, 4]]`), dataset.NoValidPolygon},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, 6, 7]]`), dataset.NoValidPolygon},
		{ann(`"segmentation": [[]]`), dataset.NoValidPolygon},
		{ann(`"segmentation": [1, 2, 3, 4, 5, 6]`), 0},     // detectron2 stops at it
		{ann(`"segmentation": [["1", 2, 3, 4, 5, 6]]`), 0}, // its length counts, whatever stands in it
		{ann(`"segmentation": [[[1, 2], [3, 4], [5, 6]]]`), dataset.NoValidPolygon},
		{ann(`"segmentation": {"counts": [1, 2], "size": [1, 3]}`), 0},
		{ann(`"segmentation": [[1]], "segmentation": []`), 0},
	}
	for _, c := range cases {
		s, _ := source(t, file("", c.ann, ""))
		if got := s.Objects[0].Flags & meant; got != c.want {
			t.Errorf("%s: flags %b, want %b", c.ann, got, c.want)
		}
	}
}

// The objects of an image stand together, in file order; a flaw points at its
// object in its final place.
func TestGrouping(t *testing.T) {
	images := `{"id": 5, "file_name": "a", "width": 9, "height": 9}, {"id": 3, "file_name": "b", "width": 9, "height": 9}, {"id": 4, "file_name": "c", "width": 9, "height": 9}`
	anns := []string{
		ann(`"id": 10; "image_id": 3; "bbox": [1, 1, 1, 1]`),
		ann(`"id": 11; "image_id": 8; "bbox": [1, 1, 0, 1]`),
		ann(`"id": 12; "image_id": 5; "bbox": null`),
		ann(`"id": 13; "image_id": 3; "bbox": [1, 1, 1, 0]`),
		ann(`"id": 14; "image_id": 5; "bbox": [1, 1, 1, 1]`),
	}
	s, _ := source(t, file(images, strings.Join(anns, ", "), ""))
	var ids []string
	for _, o := range s.Objects {
		ids = append(ids, o.ID.String())
	}
	if want := []string{"12", "14", "10", "13", "11"}; !slices.Equal(ids, want) {
		t.Errorf("order %v, want %v", ids, want)
	}
	for i, want := range [][2]int32{{0, 2}, {2, 4}, {4, 4}} {
		if im := s.Images[i]; im.First != want[0] || im.Last != want[1] {
			t.Errorf("image %d has objects %d to %d, want %v", i, im.First, im.Last, want)
		}
	}
	want := []struct {
		code          string
		image, object int32
	}{{dataset.ImageUnknown, -1, 4}, {dataset.BoxMissing, 0, 0}, {dataset.BoxEmpty, 1, 3}}
	for i, w := range want {
		f := s.Flaws[i]
		if f.Code != w.code || f.Image != w.image || f.Object != w.object || f.Record.String() != s.Objects[w.object].ID.String() {
			t.Errorf("flaw %d: %+v, want %+v", i, f, w)
		}
	}
	if s.Objects[2].Box != (geom.Rect{X: 1, Y: 1, W: 1, H: 1}) {
		t.Errorf("box %v", s.Objects[2].Box)
	}
}

// The values of flags as Python tells them apart, and which of them are told of.
func TestFlagValues(t *testing.T) {
	for _, c := range []struct {
		value string
		want  dataset.FlagValue
		odd   bool
	}{
		{"0", dataset.FlagZero, false}, {"1", dataset.FlagTrue, false}, {"0.0", dataset.FlagZero, false}, {"-0", dataset.FlagZero, false},
		{"1.0", dataset.FlagTrue, false}, {"1e-999", dataset.FlagZero, false}, {"2", dataset.FlagTrue, true}, {"-1", dataset.FlagTrue, true},
		{"0.5", dataset.FlagTrue, true}, {"NaN", dataset.FlagTrue, false}, {"Infinity", dataset.FlagTrue, false},
		{"true", dataset.FlagTrue, true}, {"false", dataset.FlagZero, true}, {"null", dataset.FlagEmpty, true},
		{`"0"`, dataset.FlagTrue, true}, {`"1"`, dataset.FlagTrue, true}, {`""`, dataset.FlagEmpty, true}, {`"no"`, dataset.FlagTrue, true},
		{"[]", dataset.FlagEmpty, true}, {"[ ]", dataset.FlagEmpty, true}, {"{}", dataset.FlagEmpty, true}, {"[0]", dataset.FlagTrue, true},
		{`{"a": 0}`, dataset.FlagTrue, true}, {`1, "iscrowd": null, "ignore": null`, dataset.FlagEmpty, true},
		{`null, "iscrowd": 0, "ignore": 0`, dataset.FlagZero, false},
	} {
		record := `{"id": 7, "image_id": 1, "category_id": 1, "bbox": [10, 10, 20, 20], "iscrowd": ` + c.value + `, "ignore": ` + c.value + "}"
		s, _ := source(t, file("", ann("")+", "+record, ""))
		f := s.Objects[1].Flags
		if f.CrowdValue() != c.want || f.IgnoreValue() != c.want {
			t.Errorf("%s: got iscrowd %d and ignore %d, want %d", c.value, f.CrowdValue(), f.IgnoreValue(), c.want)
		}
		for key, trait := range map[string]dataset.Trait{"iscrowd": dataset.OddCrowd, "ignore": dataset.OddIgnore} {
			want := dataset.Tally{}
			if c.odd {
				want = dataset.Tally{N: 1, First: 1, Text: s.Traits[trait].Text}
			}
			if got := s.Traits[trait]; got != want || c.odd && !strings.HasPrefix(got.Text, key+" is ") {
				t.Errorf("%s: %s: got %+v", c.value, key, got)
			}
		}
	}
	s, _ := source(t, file("", without("iscrowd"), ""))
	if f := s.Objects[0].Flags; f.CrowdValue() != dataset.FlagAbsent || f.IgnoreValue() != dataset.FlagAbsent {
		t.Errorf("absent: got iscrowd %d and ignore %d", f.CrowdValue(), f.IgnoreValue())
	}
}

// What trainers stop at is counted once for a source, with the first annotation that has it.
func TestKeyTraits(t *testing.T) {
	for _, c := range []struct {
		record string
		want   dataset.Trait
		text   string
	}{
		{without("id"), dataset.NoIDKey, ""},
		{without("iscrowd"), dataset.NoCrowdKey, ""},
		{without("area"), dataset.NoAreaKey, ""},
		{ann(`"area": null`), dataset.OddArea, "area is null"},
		{ann(`"area": "12"`), dataset.OddArea, `area is "12"`},
		{ann(`"segmentation": null`), dataset.NullOutline, "segmentation is null"},
		{ann(`"segmentation": ""`), dataset.NullOutline, `segmentation is ""`},
		{ann(`"segmentation": {}`), dataset.NullOutline, "segmentation is {}"},
		{ann(`"segmentation": {"counts": [1, 2]}`), dataset.NullOutline, `segmentation is {"counts": [1, 2]}`},
		{ann(`"segmentation": {"size": [3, 4], "counts" : "421O3"}`), dataset.PackedOutline, ""},
		{ann(`"segmentation": []`), dataset.EmptyOutline, ""},
		{ann(`"segmentation": [ ]`), dataset.EmptyOutline, ""},
		{ann(`"segmentation": [1, 2, 3, 4, 5, 6]`), dataset.FlatOutline, ""},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, 6], null]`), dataset.FlatOutline, ""},
		{ann(`"segmentation": [[]]`), dataset.ShortOutline, ""},
		{ann(`"segmentation": [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6]]`), dataset.ShortOutline, ""},
		{ann(`"segmentation": {"size": [3, 4], "counts": "b'421O3'"}`), dataset.BytesOutline, ""},
		{ann(`"segmentation": {"counts": "b\"421O3\"", "size": [3, 4]}`), dataset.BytesOutline, ""},
		// What stands among the numbers, by what np.array(points, dtype=np.double) and np.array(counts, dtype=np.uint32) of
		// NumPy 1.24 do with it, which pycocotools calls.
		{ann(`"segmentation": [[[1, 2], [3, 4], [5, 6], [7, 8], [9, 9]]]`), dataset.NestedPoints, ""},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, [6]]]`), dataset.NestedPoints, ""},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, 6], [[1, 2], [3, 4]]]`), dataset.NestedPoints, ""},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, "x"]]`), dataset.TextPoints, ""},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, "0x6"]]`), dataset.TextPoints, ""},
		{ann(`"segmentation": [[1, 2, null, 4, 5, "]"]]`), dataset.TextPoints, ""},
		{ann(`"segmentation": ["1,2,3,4,5,6"]`), dataset.TextPoints, ""},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, {"x": 6}]]`), dataset.ObjectPoints, ""},
		{ann(`"segmentation": [{"x": 1, "y": 2}]`), dataset.ObjectPoints, ""},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, null]]`), dataset.UnsetPoints, ""},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, NaN]]`), dataset.UnsetPoints, ""},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, "-inf"]]`), dataset.UnsetPoints, ""},
		{ann(`"segmentation": [[1, 2, "3", null, 5, 6]]`), dataset.UnsetPoints, ""},
		{ann(`"segmentation": [["1", "2.5", " 3 ", "1e2", 5, true]]`), dataset.QuotedPoints, ""},
		{ann(`"segmentation": {"size": [3, 4], "counts": [4, null, 6]}`), dataset.NullRuns, ""},
		{ann(`"segmentation": {"size": [3, 4], "counts": [4, {}, 6]}`), dataset.NullRuns, ""},
		{ann(`"segmentation": {"size": ["3", 4], "counts": [4, 2, 6]}`), dataset.NullRuns, ""},
		{ann(`"segmentation": {"counts": [4, 2, 6], "size": [3, null]}`), dataset.NullRuns, ""},
		{ann(`"segmentation": {"size": [3, 4], "counts": [4, "2.5", 6]}`), dataset.TextRuns, ""},
		{ann(`"segmentation": {"size": [3, 4], "counts": [4, [2], 6]}`), dataset.TextRuns, ""},
		{ann(`"segmentation": {"size": [3, 4], "counts": [4, NaN, 6]}`), dataset.TextRuns, ""},
		{ann(`"segmentation": {"size": [3, 4], "counts": [4, "2", 6]}`), dataset.QuotedPoints, ""},
		{ann(`"segmentation": {"size": [3, 4], "counts": [4, null, 6]}; "iscrowd": 1`), dataset.CrowdRuns, ""},
		{ann(`"attributes": {"occluded": false, "rotation": 37.5}`), dataset.Rotated, ""},
		{ann(`"attributes": {"rotation": -90, "tags": [1, {"rotation": 0}]}`), dataset.Rotated, ""},
		{ann(`"visibility": 0`), dataset.Hidden, ""},
		{ann(`"visibility": 0.0`), dataset.Hidden, ""},
		{ann(`"mot_conf": 0`), dataset.Passive, ""},
		{ann(`"score": 0.73`), dataset.Believed, ""},
		{ann(`"IsGroupOf": 1`), dataset.Grouped, ""},
		{ann(`"is_group_of": true`), dataset.Grouped, ""},
		{strings.Replace(ann(""), `"id": 1`, `"id": 0`, 1), dataset.IDZero, ""},
		{strings.Replace(ann(""), `"id": 1`, `"id": "0"`, 1), dataset.IDZero, ""},
		// and what they do not stop at
		{ann(`"segmentation": [[1, 2, 3, 4, 5]]`), dataset.NumTraits, ""},
		{ann(`"segmentation": [[1, 2, 3, 4, 5, 6], []]`), dataset.NumTraits, ""},
		{ann(`"segmentation": [], "segmentation": [[1, 2, 3, 4, 5, 6]]`), dataset.NumTraits, ""},
		{ann(`"segmentation": {"size": [3, 4], "counts": [4, 2, 1, 1, 4]}`), dataset.NumTraits, ""},
		{ann(`"segmentation": {"size": [3, 4], "counts": [4, 2.7, 6]}`), dataset.NumTraits, ""},
		{ann(`"segmentation": []; "iscrowd": 1`), dataset.NumTraits, ""},
		{ann(`"attributes": {"rotation": 180.2, "x": {"rotation": 45}}`), dataset.NumTraits, ""},
		{ann(`"attributes": {"rotation": "45"}`), dataset.NumTraits, ""},
		{ann(`"attributes": "rotation"`), dataset.NumTraits, ""},
		{ann(`"attributes": {"rotation": 45}, "attributes": {}`), dataset.NumTraits, ""},
		{ann(`"visibility": "0"`), dataset.NumTraits, ""},
		{ann(`"visibility": 0.3, "mot_conf": 1.0`), dataset.NumTraits, ""},
		{ann(`"score": 1`), dataset.NumTraits, ""},
		{ann(`"IsGroupOf": 0`), dataset.NumTraits, ""},
		{ann(`"IsGroupOf": -1`), dataset.NumTraits, ""},
		{ann(`"isgroupof": "1"`), dataset.NumTraits, ""},
		{ann(`"score": 0.5, "score": null`), dataset.NumTraits, ""},
		{ann(`"area": NaN`), dataset.NumTraits, ""},
		{ann(`"area": true`), dataset.NumTraits, ""},
	} {
		plain := ann(`"segmentation": [[1, 2, 3, 4, 5, 6]]`)
		record := c.record
		if !strings.Contains(record, "segmentation") {
			record = strings.TrimSuffix(record, "}") + `, "segmentation": [[1, 2, 3, 4, 5, 6]]}`
		}
		s, _ := source(t, file("", plain+", "+record+", "+record, ""))
		for trait := range dataset.NumTraits {
			want := dataset.Tally{}
			if trait == c.want {
				want = dataset.Tally{N: 2, First: 1, Text: c.text}
			}
			if c.want == dataset.Rotated && trait == dataset.TurnedWithin { // its box is a square, as one around a turned one
				want.N = s.Traits[dataset.Rotated].N
				want.First = s.Traits[dataset.Rotated].First
				if strings.Contains(record, "-90") { // which any box is
					want = dataset.Tally{}
				}
			}
			if got := s.Traits[trait]; got != want {
				t.Errorf("%s: trait %d: got %+v, want %+v", record, trait, got, want)
			}
		}
	}
	s, _ := source(t, file("", ann(""), ""))
	if got := s.Traits[dataset.NoOutlineKey]; got.N != 1 {
		t.Errorf("without a segmentation: got %+v", got)
	}
}
