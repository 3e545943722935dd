package convention

import (
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/naming"
)

// One name is one name, however it is written.
func TestNormal(t *testing.T) {
	for name, want := range map[string]string{
		"":                    "",
		"a.jpg":               "a.jpg",
		"a/b.jpg":             "a/b.jpg",
		"./a/b.jpg":           "a/b.jpg",
		`a\b.JPG`:             "a/b.jpg",
		`.\a\B.jpg`:           "a/b.jpg",
		"a//b.jpg":            "a/b.jpg",
		"a/./b.jpg":           "a/b.jpg",
		"../a.jpg":            "../a.jpg",
		".hidden.jpg":         ".hidden.jpg",
		"a/.b/c.jpg":          "a/.b/c.jpg",
		"a/":                  "a",
		"ä.jpg":               "ä.jpg",
		"a\u0308.jpg":         "ä.jpg",
		"Ä.jpg":               "ä.jpg",
		"\xff.jpg":            "\uFFFD.jpg",
		"a..b.jpg":            "a..b.jpg",
		"000000397133.jpg":    "000000397133.jpg",
		"train2017/0001_.jpg": "train2017/0001_.jpg",
	} {
		if got := naming.Normal(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
		if naming.Plain(name) && naming.Normal(name) != name {
			t.Errorf("%q is plain, but not normal", name)
		}
	}
}

// named returns a source with one box for each name.
func named(name string, files ...string) dataset.Source {
	src := source(name, middle(len(files))...)
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
		f := got[0].finding(d)
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

// Names that are spelt alike are the reader's to tell of.
func TestSpellings(t *testing.T) {
	for _, c := range []struct {
		files         []string
		names, images int
	}{
		{[]string{"a.jpg", "b.jpg"}, 0, 0},
		{[]string{"a.jpg", "a.jpg"}, 0, 0},
		{[]string{"A.jpg", "B.jpg"}, 0, 0},
		{[]string{"a.jpg", "A.jpg"}, 1, 1},
		{[]string{"x/a.jpg", `x\a.jpg`, "./x/a.jpg", "b.jpg", "B.jpg"}, 2, 3},
		{[]string{"ä.jpg", "a\u0308.jpg"}, 1, 1},
	} {
		src := named("a.json", c.files...)
		if got := Spellings(&src); got.Names != c.names || got.Images != c.images {
			t.Errorf("%q: %+v", c.files, got)
		}
	}
}
