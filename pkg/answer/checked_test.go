package answer_test

import (
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/findings"
)

// TestChecked: the summary says what boxes were held against, by the keys that annotations have.
func TestChecked(t *testing.T) {
	const none = "boxes were held against nothing but the sizes of their images"
	for _, c := range []struct{ keys, want, not string }{
		{`"area":9,"segmentation":[[1,2,3,4,5,6]]`, "boxes, areas and outlines were checked", none},
		{`"area":9,"segmentation":[]`, "sizes, boxes and areas were checked", "areas and outlines"},
		{`"segmentation":[[1,2,3,4,5,6]]`, "boxes and outlines were checked", "areas"},
		{`"area":null`, none, "areas and"},
		{`"ignore":0`, none + ". Nothing was held against the pictures, and nothing against the class names", "areas and"},
	} {
		text := `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100.5,128,128],"iscrowd":0,` + c.keys + `}`
		r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, text)), testrun.Config(t, "yolov5"))
		if got := answer.Checked(r, ""); !strings.Contains(got, c.want) || strings.Contains(got, c.not) {
			t.Errorf("%s: got %q, want %q and not %q", c.keys, got, c.want, c.not)
		}
	}
}

// TestHints: an info that a right file may have, too, is pointed at; no other info is.
func TestHints(t *testing.T) {
	text := `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100.5,128,128],"iscrowd":0}`
	r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, text)), testrun.Config(t, "yolov5"))
	const look = "and so may data of which a part means something else: look once."
	if got := answer.Checked(r, ""); strings.Contains(got, look) {
		t.Errorf("nothing to look at: %q", got)
	}
	r.Findings = append(r.Findings, findings.New("part-differs"), findings.New("part-differs"))
	if got := answer.Checked(r, ""); !strings.Contains(got, "Right data may be as part-differs among the findings says, "+look) {
		t.Errorf("got %q", got)
	}
	r.Findings = append(r.Findings, findings.New("records-change"), findings.New("box-convention")) // an error
	if got := answer.Checked(r, ""); !strings.Contains(got, "as part-differs and records-change among the findings say, "+look) {
		t.Errorf("got %q", got)
	}
}
