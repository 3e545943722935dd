package gate_test

import (
	"testing"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/geom"
)

// TestDeleted: a finding that is gone is told from one that is gone with its annotation, its image or its file, also in
// a file whose annotations were renumbered; each case follows from what became of the record.
func TestDeleted(t *testing.T) {
	at := func(x float64) geom.Rect { return geom.Rect{X: x, Y: 20, W: 30, H: 40} }
	label := func(id, class string, box geom.Rect) gate.Label {
		return gate.Label{ID: id, Class: class, Box: box, Image: "a.jpg"}
	}
	was := gate.Labelled{"a.jpg": {label("7", "cat", at(0)), label("8", "dog", at(100))}}
	of := func(code string) gate.Finding {
		return gate.Finding{Code: code, Source: "t.json", File: "a.jpg", Annotation: "7", Class: "cat", Box: at(0), HasBox: true}
	}
	ofImage := gate.Finding{Code: "image-without-objects", Source: "t.json", File: "a.jpg"}
	ofFile := gate.Finding{Code: "key-absent", Source: "t.json", Cases: 2}
	unknown := gate.Finding{Code: "image-unknown", Source: "t.json", Image: "99", Annotation: "7", Class: "cat", Box: at(0),
		HasBox: true}
	boxless := gate.Finding{Code: "box-missing", Source: "t.json", File: "a.jpg", Annotation: "7", Class: "cat"}
	elsewhere := label("7", "cat", at(0))
	elsewhere.Image = "b.jpg"
	away := gate.Labelled{"a.jpg": nil, gate.AnnotationKey("7"): {elsewhere}}
	for _, c := range []struct {
		name    string
		f       gate.Finding
		now     gate.Labelled
		deleted bool
	}{
		{"box drawn anew", of("location"), gate.Labelled{"a.jpg": {label("7", "cat", at(25))}}, false},
		{"other class", of("class"), gate.Labelled{"a.jpg": {label("7", "dog", at(0))}}, false},
		{"other class, renumbered", of("class"), gate.Labelled{"a.jpg": {label("1", "dog", at(0))}}, false},
		{"deleted", of("box-tiny"), gate.Labelled{"a.jpg": {label("8", "dog", at(100))}}, true},
		{"deleted, the next has its id", of("box-tiny"), gate.Labelled{"a.jpg": {label("7", "dog", at(100))}}, true},
		{"made like the next one", of("box-tiny"), gate.Labelled{"a.jpg": {label("7", "dog", at(100)), label("8", "dog", at(100))}}, false},
		{"the last of its image deleted", of("box-tiny"), gate.Labelled{"a.jpg": nil}, true},
		{"with its image", of("box-tiny"), gate.Labelled{}, true},
		{"moved to another image", of("box-tiny"), away, false},
		{"a label on nothing deleted", of("spurious"), gate.Labelled{"a.jpg": nil}, false},
		{"a label on nothing, with its image", of("spurious"), gate.Labelled{}, true},
		{"an object labelled", of("missing"), gate.Labelled{"a.jpg": {label("7", "cat", at(0))}}, false},
		{"an image without labels now has some", ofImage, gate.Labelled{"a.jpg": {label("7", "cat", at(0))}}, false},
		{"an image without labels deleted", ofImage, gate.Labelled{}, true},
		{"of a file that is there", ofFile, gate.Labelled{}, false},
		{"image named right", unknown, away, false},
		{"without an image, deleted", unknown, gate.Labelled{"a.jpg": nil}, true},
		{"box drawn", boxless, gate.Labelled{"a.jpg": {label("7", "cat", at(0))}}, false},
		{"without a box, deleted", boxless, gate.Labelled{"a.jpg": {label("8", "dog", at(100))}}, true},
	} {
		before, now := subject(), subject()
		before.Findings, now.Findings = []gate.Finding{c.f}, nil
		for _, s := range []*gate.Subject{before, now} {
			s.Sources = []gate.Source{{Name: "t.json", Images: 1, Annotations: 2}}
		}
		d := gate.Diff(before, now)
		if d.Trace(was, c.now); !d.Parted || len(d.Gone) != 1 || d.Gone[0].Deleted != c.deleted {
			t.Errorf("%s: %+v", c.name, d.Gone)
		}
		now.Refused = []gate.Refusal{{File: "u.json"}} // it may hold the record
		d = gate.Diff(before, now)
		if d.Trace(was, c.now); d.Parted || len(d.Gone) != 1 || d.Gone[0].Deleted {
			t.Errorf("%s: told though a file could not be read: %+v", c.name, d.Gone)
		}
	}
	before, now := subject(), subject()
	before.Findings, now.Findings = []gate.Finding{ofFile}, nil
	other := gate.Source{Name: "u.json", Images: 5}
	before.Sources, now.Sources = []gate.Source{{Name: "t.json", Images: 1}, other}, []gate.Source{other}
	d := gate.Diff(before, now)
	if d.Trace(was, gate.Labelled{}); len(d.Gone) != 1 || !d.Gone[0].Deleted {
		t.Errorf("of a file that is gone: %+v", d.Gone)
	}
	before.Sources = before.Sources[:1] // u.json may be t.json, with more images
	d = gate.Diff(before, now)
	if d.Trace(was, gate.Labelled{}); len(d.Gone) != 1 || d.Gone[0].Deleted {
		t.Errorf("of a file that may have another name now: %+v", d.Gone)
	}
	d = gate.Diff(before, now)
	if d.Trace(was, nil); d.Parted {
		t.Error("a baseline tells of records")
	}
}
