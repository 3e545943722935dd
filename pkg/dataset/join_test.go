package dataset

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"focalaudit/pkg/geom"
)

// build returns a builder with one image, 1, and one category.
func build(name string, category ID, class string) *Builder {
	b := NewBuilder(name, Fields{Image: "image_ref", Category: "class_ref", Box: "box", File: "path"})
	b.Image(&Image{ID: PlainID(1), File: "a.png", Size: geom.Size{W: 100, H: 80}, Offset: 10, Line: 1})
	b.Category(category, class, 5, 1)
	return b
}

// at returns an annotation that is fine: of image 1 and category 7, at a byte.
func at(offset int64) *Annotation {
	return &Annotation{
		ID: PlainID(offset), Image: PlainID(1), Category: PlainID(7), Box: geom.Rect{X: 1, Y: 2, W: 3, H: 4},
		Offset: offset, Line: 2,
	}
}

// joined joins the builders of files.
func joined(t *testing.T, builders ...*Builder) *Dataset {
	t.Helper()
	var outcomes []Outcome
	for _, b := range builders {
		outcomes = append(outcomes, Outcome{Name: b.Name, Builder: b})
	}
	d, err := Join(t.Context(), 2, outcomes)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func messages(s *Source) (list []string) {
	for _, f := range s.Flaws {
		list = append(list, fmt.Sprintf("%s image %d object %d: %s", f.Code, f.Image, f.Object, f.Message))
	}
	return list
}

// Files of several formats become one data set, sorted by name, whose classes are
// told apart by name.
func TestJoinFiles(t *testing.T) {
	second := build("b.txt", PlainID(7), "boat")
	second.Object(at(20))
	first := build("a.json", TextID("x"), "boat")
	refused := errors.New("c.txt: it is cut off")
	d, err := Join(t.Context(), 2, []Outcome{
		{Name: "d.json", Skip: "captions"}, {Name: "c.txt", Refused: refused},
		{Name: "b.txt", Builder: second}, {Name: "a.json", Builder: first},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Sources) != 2 || d.Sources[0].Name != "a.json" || d.Sources[1].Name != "b.txt" {
		t.Fatalf("sources %+v", d.Sources)
	}
	if want := []Class{{Name: "boat", Known: true}}; !reflect.DeepEqual(d.Classes, want) || d.Sources[1].Objects[0].Class != 0 {
		t.Errorf("classes %+v, objects %+v", d.Classes, d.Sources[1].Objects)
	}
	skipped := []Skip{{Name: "d.json", Why: "captions"}}
	if !reflect.DeepEqual(d.Skipped, skipped) || !reflect.DeepEqual(d.Refused, []*Refusal{{"c.txt", refused}}) {
		t.Errorf("skipped %v, refused %v", d.Skipped, d.Refused)
	}
}

// TestUndeclaredApart: a class that is called as classes without a category are is not one of them, whichever file comes
// first.
func TestUndeclaredApart(t *testing.T) {
	for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
		declared, other := build(names[0], PlainID(7), "category 9 (undeclared)"), build(names[1], PlainID(7), "boat")
		of := at(20)
		of.Category = PlainID(9)
		declared.Object(at(20))
		other.Object(of)
		d := joined(t, declared, other)
		known := map[string]bool{}
		for _, c := range d.Classes {
			known[c.Name] = c.Known
		}
		want := map[string]bool{"boat": true, "category 9 (undeclared)": false, "category 9 (undeclared) (declared)": true}
		if !reflect.DeepEqual(known, want) {
			t.Errorf("%v: got %v, want %v", names, known, want)
		}
	}
}

// Objects are laid out image by image, and the flaws that a reader found follow
// them there.
func TestJoinGroups(t *testing.T) {
	b := build("a", PlainID(7), "boat")
	b.Image(&Image{ID: PlainID(2), File: "b.png", Size: geom.Size{W: 10, H: 10}, Offset: 11, Line: 1})
	lost, late, early := at(30), at(31), at(32)
	lost.Image, late.Image = PlainID(9), PlainID(2)
	b.Object(lost).Flaw(KeyRepeated, "seen first")
	b.Object(late)
	b.Object(early).Flaw(KeyRepeated, "seen last")
	s := &joined(t, b).Sources[0]
	for i, want := range []int64{32, 31, 30} {
		if o := s.Objects[i]; o.Offset != want || o.Image != []int32{0, 1, -1}[i] {
			t.Errorf("object %d: %+v, want that of byte %d", i, o, want)
		}
	}
	want := []string{
		"image-unknown image -1 object 2: annotation 30: image_ref is 9, expected the id of an image in the file; the annotation is left out",
		"key-repeated image -1 object 2: annotation 30: seen first",
		"key-repeated image 0 object 0: annotation 32: seen last",
	}
	if got := messages(s); !reflect.DeepEqual(got, want) {
		t.Errorf("flaws\n%q, want\n%q", got, want)
	}
}

// What is wrong between records is told in the format's own words.
func TestJoinFlaws(t *testing.T) {
	b := build("a", PlainID(7), "boat")
	b.Image(&Image{ID: PlainID(1), File: "a.png", Size: geom.Size{W: 10, H: 10}, Offset: 12, Line: 1})
	b.Image(&Image{ID: AbsentID(), Offset: 13, Line: 1})
	b.Image(&Image{ID: PlainID(3), File: "c.png", Offset: 14, Line: 1})
	outside, none, mixed, twice, hidden := at(40), at(41), at(42), at(43), at(44)
	outside.Box.X = 200
	none.Category = AbsentID()
	mixed.Category = TextID("7")
	twice.ID = PlainID(40)
	hidden.Image = PlainID(3)
	for _, a := range []*Annotation{outside, none, mixed, twice, hidden} {
		b.Object(a)
	}
	b.Bad(Annotations, 50, 3, "a line of %d words", 2)
	s := &joined(t, b).Sources[0]
	want := []string{
		`file-name-duplicate image 1 object -1: image 1: path "a.png" is also that of image 1, expected names that differ`,
		`image-id-duplicate image 1 object -1: image 1: the image at byte 10, line 1, has the same id and is kept; this one is left out`,
		`box-outside image 0 object 0: annotation 40: box [200, 2, 3, 4] has nothing in common with its image of 100 x 80`,
		`category-unknown image 0 object 1: annotation 41: no usable class_ref, expected the id of a category`,
		`id-type-mixed image 0 object 2: annotation 42: class_ref is "7", a string, but the id that it refers to is a number; Python would not find it`,
		`annotation-id-duplicate image -1 object -1: annotation id 40 is used twice (image a.png, byte 40; image a.png, byte 43)`,
		`record-not-object image -1 object -1: a line of 2 words`,
	}
	if got := messages(s); !reflect.DeepEqual(got, want) {
		t.Errorf("flaws\n%q, want\n%q", got, want)
	}
	for i, want := range []Reason{InUse, DuplicateImage, NoID, NoImageSize} {
		if got := s.Images[i].LeftOut; got != want {
			t.Errorf("image %d is left out as %q, want %q", i, got, want)
		}
	}
	if s.BadAnnotations != 1 || s.Objects[1].Class != -1 || s.Objects[4].LeftOut != ImageLeftOut {
		t.Errorf("%d elements that are no records; objects %+v", s.BadAnnotations, s.Objects)
	}
}

func TestJoinEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Join(ctx, 1, []Outcome{{Name: "a", Builder: build("a", PlainID(7), "boat")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("of a cancelled context: %v", err)
	}
}

// What a run keeps of an annotation to its end, and what it takes while it is read: an object has no image_id.
func TestDraftSize(t *testing.T) {
	if draft, object := reflect.TypeFor[draft]().Size(), reflect.TypeFor[Object]().Size(); draft > 88 || object > 72 {
		t.Errorf("a draft has %d bytes, an object %d", draft, object)
	}
}

func TestList(t *testing.T) {
	var l list[int]
	for i := range 3 * mostChunk {
		*l.next() = i
	}
	all := l.all()
	for i := range l.n {
		if *l.at(i) != i || all[i] != i {
			t.Fatalf("element %d: %d, %d", i, *l.at(i), all[i])
		}
	}
}

// A coordinate is shown without the digits that rounding has made.
func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		22.400000000000006: "22.4", 12.25: "12.25", -2: "-2", 0: "0", 1e-9: "1e-09", 0.1 + 0.2: "0.3", 1e300: "1e+300",
	} {
		if got := Number(v); got != want {
			t.Errorf("%g: %s, want %s", v, got, want)
		}
	}
}

// TestRepeatedIDs: the ids that annotations share are told once for a file, the first three with
// their first places.
func TestRepeatedIDs(t *testing.T) {
	for _, c := range []struct {
		ids   []int64
		want  string
		cases int
	}{
		{[]int64{1, 2, 3}, "", 0},
		{[]int64{5, 2, 5}, "annotation id 5 is used twice (image a.png, byte 100; image a.png, byte 102)", 1},
		{[]int64{5, 5, 5}, "annotation id 5 is used 3 times (image a.png, byte 100; image a.png, byte 101; image a.png, byte 102)", 2},
		{[]int64{5, 5, 5, 5, 5}, "annotation id 5 is used 5 times (image a.png, byte 100; image a.png, byte 101; image a.png, byte 102; …)", 4},
		{[]int64{1, 2, 2, 1}, "2 annotation ids are used more than once: id 2 is used twice (image a.png, byte 101; image a.png, byte 102), id 1 is used twice (image a.png, byte 100; image a.png, byte 103)", 2},
		{[]int64{1, 1, 2, 2, 3, 3, 4, 4, 5, 5}, "5 annotation ids are used more than once: id 1 is used twice (image a.png, byte 100; image a.png, byte 101), " +
			"id 2 is used twice (image a.png, byte 102; image a.png, byte 103), id 3 is used twice (image a.png, byte 104; image a.png, byte 105) and 2 more", 5},
	} {
		b := build("a", PlainID(7), "boat")
		for i, id := range c.ids {
			a := at(int64(100 + i))
			a.ID = PlainID(id)
			b.Object(a)
		}
		var got []Flaw
		for _, f := range joined(t, b).Sources[0].Flaws {
			if f.Code == ObjectDuplicate {
				got = append(got, f)
			}
		}
		if c.want == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || got[0].Message != c.want || got[0].Cases != c.cases || got[0].Object != -1 {
			t.Errorf("%d: got %+v, want %q of %d", c.ids, got, c.want, c.cases)
		}
	}
}
