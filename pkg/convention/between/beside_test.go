package between

import (
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// named returns a source with one box for each name.
func named(name string, files ...string) dataset.Source {
	src := realfiles.Source(name, realfiles.Middle(len(files))...)
	for i, f := range files {
		src.Images[i].File = f
	}
	return *src
}

// Sources with images in common are told apart from sources with equal names.
func TestBeside(t *testing.T) {
	moved := named("b/x.json", "1.jpg", "2.jpg")
	for i := range moved.Objects {
		moved.Objects[i].Box.X += 100
	}
	larger := named("b/x.json", "1.jpg", "2.jpg")
	for i := range larger.Images {
		larger.Images[i].Size = geom.Size{W: 100, H: 100}
	}
	for _, c := range []struct {
		name    string
		a, b    dataset.Source
		images  int // 0 if nothing is found
		kind    SharedKind
		include string
	}{
		{"nothing", named("a.json", "1.jpg"), named("b.json", "2.jpg"), 0, Twice, ""},
		{"no names", named("a.json", "", ""), named("b.json", "", ""), 0, Twice, ""},
		{"one directory", named("a.json", "1.jpg", "2.jpg"), named("b.json", "2.JPG"), 1, Twice, ""},
		{"a leak", named("ann_train.json", "1.jpg", "2.jpg"), named("ann_val.json", "2.jpg"), 1, Leak, ""},
		{"a leak by directories", named("train/_annotations.coco.json", "1.jpg"), named("valid/_annotations.coco.json", "1.jpg"), 1, Leak, ""},
		{"both for training", named("train_a.json", "1.jpg"), named("train_b.json", "1.jpg"), 1, Twice, ""},
		{"validation and testing", named("val.json", "1.jpg"), named("test.json", "1.jpg"), 1, Twice, ""},
		{"training for both", named("train_val.json", "1.jpg"), named("val.json", "1.jpg"), 1, Twice, ""},
		{"no word", named("constraint.json", "1.jpg"), named("value.json", "1.jpg"), 1, Twice, ""},
		{"COCO's directory", named("instances_val2017.json", "1.jpg"), named("person_keypoints_val2017.json", "1.jpg"), 1, Layers, "instances_*"},
		{"COCO's sets", named("instances_train2017.json", "1.jpg"), named("instances_val2017.json", "1.jpg"), 1, Leak, ""},
		{"two directories, one picture", named("a/x.json", "1.jpg", "2.jpg"), named("b/x.json", "1.jpg", "2.jpg"), 2, Twice, ""},
		{"two directories, other boxes", named("a/x.json", "1.jpg", "2.jpg"), moved, 0, Twice, ""},
		{"two directories, other sizes", named("a/x.json", "1.jpg", "2.jpg"), larger, 0, Twice, ""},
	} {
		d := &dataset.Dataset{Sources: []dataset.Source{c.a, c.b}}
		got := Beside(d)
		if c.images == 0 {
			if len(got) > 0 {
				t.Errorf("%s: %+v", c.name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Images != c.images || got[0].Kind != c.kind || got[0].Include != c.include {
			t.Errorf("%s: %+v", c.name, got)
			continue
		}
		f := got[0].Finding(d)
		if want := map[bool]findings.Severity{true: findings.Error, false: findings.Warning}[c.kind == Leak]; f.Severity() != want {
			t.Errorf("%s: %s, want %s", c.name, f.Severity(), want)
		}
	}
}

// Three sources have three pairs.
func TestBesideThree(t *testing.T) {
	d := &dataset.Dataset{Sources: []dataset.Source{named("a.json", "1.jpg", "2.jpg"), named("b.json", "1.jpg"), named("c.json", "2.jpg", "1.jpg")}}
	got := Beside(d)
	var pairs [][3]int
	for _, s := range got {
		pairs = append(pairs, [3]int{s.A, s.B, s.Images})
	}
	if len(pairs) != 3 || pairs[0] != [3]int{0, 1, 1} || pairs[1] != [3]int{0, 2, 2} || pairs[2] != [3]int{1, 2, 1} {
		t.Errorf("%v", pairs)
	}
}
