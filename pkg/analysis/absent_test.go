package analysis_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
)

// message returns the messages of a code's findings.
func message(t *testing.T, text, code string) string {
	t.Helper()
	return messageUnder(t, text, code, "retinanet-torchvision")
}

// messageUnder is message under a preset.
func messageUnder(t *testing.T, text, code, preset string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.json")
	testrun.Write(t, path, text)
	r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, preset))
	var all []string
	for i := range r.Findings {
		if r.Findings[i].Code == code {
			all = append(all, r.Findings[i].Message)
		}
	}
	return strings.Join(all, "\n")
}

// flagged returns a file of two annotations with a value of iscrowd.
func flagged(value, categories string) string {
	annotation := `{"id":%d,"image_id":1,"category_id":1,"bbox":[%d,100,128,128],"area":9,"iscrowd":%s}`
	return testrun.COCO([]string{`{"id":1,"file_name":"a.jpg","width":800,"height":800}`},
		[]string{fmt.Sprintf(annotation, 1, 100, value), fmt.Sprintf(annotation, 2, 400, value)}, categories)
}

// Crowds are told of by the values that the file has, and no flag is said to change
// nothing where nothing is left.
func TestCrowdValues(t *testing.T) {
	const a = `{"id":1,"name":"a"}`
	for value, want := range map[string]string{
		"1": "iscrowd is 1 in 2 of 2 annotations, which",
		"2": "iscrowd is set in 2 of 2 annotations (neither 0 nor 1 in 2: iscrowd is 2 in annotation 1), which",
	} {
		if got := message(t, flagged(value, a), "mostly-crowd"); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
	if got := message(t, flagged("true", a), "flag-not-number"); strings.Contains(got, "changes nothing") || got == "" {
		t.Errorf("%q", got)
	}
}

// A class without annotations is the root of a tree where another is below it.
func TestRootClass(t *testing.T) {
	const root = "the root of an export's class tree"
	tree := `{"id":0,"name":"pets","supercategory":"none"},{"id":1,"name":"cat","supercategory":"pets"}`
	flat := `{"id":0,"name":"pets","supercategory":"pets"},{"id":1,"name":"cat","supercategory":"animal"}`
	if got := message(t, flagged("0", tree), "class-unused"); !strings.Contains(got, root) {
		t.Errorf("%q", got)
	}
	if got := message(t, flagged("0", flat), "class-unused"); got == "" || strings.Contains(got, root) {
		t.Errorf("%q", got)
	}
}
