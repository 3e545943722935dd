package analysis_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/findings"
)

// TestFlags: null and "0" are told of once for a source and key, with what the preset makes
// of them; the objects that it drops for this have no findings of their own.
func TestFlags(t *testing.T) {
	const in = " in annotation 1, and neither 0 nor 1 in 1 of 2 annotations"
	for _, c := range []struct {
		preset, iscrowd, ignore string
		objects                 int // of 2, the second one is plain
		messages                []string
	}{
		{"retinanet-torchvision", "null", "0", 1, []string{
			"error: retinanet-torchvision drops 1 of 2 annotations: iscrowd is null" + in + "; write 0 or 1"}},
		{"retinanet-mmdet", "null", "0", 2, []string{
			"info: iscrowd is null" + in + "; this changes nothing under retinanet-mmdet"}},
		{"retinanet-mmdet", "0", `"0"`, 1, []string{
			`error: retinanet-mmdet drops 1 of 2 annotations: ignore is "0"` + in + "; write 0 or 1"}},
		{"retinanet-detectron2", "0", "null", 1, []string{
			"error: retinanet-detectron2 stops with an error: ignore is null" + in + "; write 0 or 1"}},
		{"retinanet-torchvision", "0", "null", 2, []string{
			"info: ignore is null" + in + "; this changes nothing under retinanet-torchvision"}},
		{"yolov5", `"0"`, "false", 1, []string{
			`error: yolov5 drops 1 of 2 annotations: iscrowd is "0"` + in + "; write 0 or 1",
			"info: ignore is false" + in + "; this changes nothing under yolov5"}},
		{"retinanet-keras", "true", "0", 1, []string{ // dropped as a crowd, as it is meant
			"info: iscrowd is true" + in + "; this changes nothing under retinanet-keras-0.5"}},
	} {
		annotation := `{"id":%d,"image_id":1,"category_id":1,"bbox":[%d,100.5,128,128],"iscrowd":%s,"ignore":%s}`
		text := fmt.Sprintf(annotation+","+annotation, 1, 100, c.iscrowd, c.ignore, 2, 400, "0", "0")
		r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, text)), testrun.Config(t, c.preset))
		if n := r.ImageSlots(0)[0].Objects; n != c.objects {
			t.Errorf("%s, iscrowd %s, ignore %s: %d objects, want %d", c.preset, c.iscrowd, c.ignore, n, c.objects)
		}
		var got []string
		for i := range r.Findings {
			switch f := &r.Findings[i]; f.Code {
			case "flag-not-number":
				got = append(got, f.Severity().String()+": "+f.Message)
			case "trainer-drops", "trainer-refuses":
				t.Errorf("%s, iscrowd %s, ignore %s: told twice: %s", c.preset, c.iscrowd, c.ignore, f.Message)
			}
		}
		if strings.Join(got, "\n") != strings.Join(c.messages, "\n") {
			t.Errorf("%s, iscrowd %s, ignore %s: got\n%s\nwant\n%s", c.preset, c.iscrowd, c.ignore,
				strings.Join(got, "\n"), strings.Join(c.messages, "\n"))
		}
	}
}

// TestOwnSeverityIsRanked: an error of a code that is an info otherwise comes before
// warnings, and counts as an error.
func TestOwnSeverityIsRanked(t *testing.T) {
	text := `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,128,128],"iscrowd":"0"}`
	r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, text)), testrun.Config(t, "retinanet-torchvision"))
	last := findings.Error
	for i := range r.Findings {
		s := r.Findings[i].Severity()
		if s < last {
			t.Fatalf("%s after %s", s, last)
		}
		last = s
	}
	at := -1
	for i, k := range r.Kinds() {
		if k.Code == "flag-not-number" && k.Severity == findings.Error && k.N == 1 {
			at = i
		}
	}
	if at < 0 {
		t.Errorf("not counted as an error: %+v", r.Kinds())
	}
	if left := r.ObjectSlots(0)[0].LeftOut.String(); left != "flag-misread" {
		t.Errorf("left out %q", left)
	}
}

// TestUnread: keys that speak against boxes are told of once for a source and key, under every preset;
// visibility 0 only where fewer than half of the annotations have it.
func TestUnread(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{`"attributes":{"rotation":30}`, "warning key-unread attributes.rotation: attributes.rotation is not 0 in 1 of 3"},
		{`"visibility":0`, "warning key-unread visibility: visibility is 0 in 1 of 3"},
		{`"mot_conf":0.0`, "warning key-unread mot_conf: mot_conf is 0 in 1 of 3"},
		{`"score":0.6`, "warning key-unread score: score is between 0 and 1 in 1 of 3"},
		{`"segmentation":{"size":[480,640],"counts":"b'00'"}`,
			"warning segmentation-unusable bytes: the counts of segmentation are the text of Python's bytes"},
		{`"segmentation":{"size":[480,640],"counts":"0e2"}`,
			"info segmentation-unusable counts: the counts of segmentation are text"},
		{`"attributes":{"rotation":0},"visibility":1,"mot_conf":1,"score":1`, ""},
	} {
		const annotation = `{"id":%d,"image_id":1,"category_id":1,"bbox":[%d,100.5,128,128],"area":9,"iscrowd":0,%s}`
		fine := `"segmentation":[[1,2,3,4,5,6]]`
		text := fmt.Sprintf(annotation+","+annotation+","+annotation, 1, 20, fine, 2, 200, c.keys, 3, 400, fine)
		r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, text)), testrun.Config(t, "retinanet-detectron2"))
		got := ""
		for i := range r.Findings {
			f := &r.Findings[i]
			if f.Code == "key-unread" || f.Code == "segmentation-unusable" {
				got += f.Severity().String() + " " + f.Name() + ": " + f.Message
			}
		}
		if (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.keys, got, c.want)
		}
	}
	const annotation = `{"id":%d,"image_id":1,"category_id":1,"bbox":[100,100.5,128,128],"visibility":0}`
	text := fmt.Sprintf(annotation+","+annotation, 1, 2)
	r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, text)), testrun.Config(t, "yolov5"))
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Code == "key-unread" {
			t.Errorf("visibility 0 throughout: %s", f.Message)
		}
	}
}

// TestOddPoints: what stands among the numbers of the outlines of a real file is one finding, by what the preset's
// loader does with it: pycocotools' frPyObjects (torchvision; detectron2 for runs) reads polygons as
// np.array(points, dtype=np.double) and counts as np.array(counts, dtype=np.uint32).
func TestOddPoints(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "data", "coco", "instances_val2014_100.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Skip("needs the shared test material: coco/instances_val2014_100.json")
	}
	first := regexp.MustCompile(`"segmentation": ?\[\[([-0-9.e]+), ?([-0-9.e]+)`)
	mask := regexp.MustCompile(`"counts": ?\[[0-9]+`)
	for _, c := range []struct {
		kind          *regexp.Regexp
		to            string
		preset, wants string
	}{
		{first, `"segmentation":[[[$1,$2]`, "retinanet-torchvision",
			"error: retinanet-torchvision stops with a Python ValueError"},
		{first, `"segmentation":[["a",$2`, "retinanet-torchvision",
			"error: retinanet-torchvision stops with a Python ValueError"},
		{first, `"segmentation":[[{},$2`, "retinanet-torchvision",
			"error: retinanet-torchvision stops with a Python TypeError"},
		{first, `"segmentation":[[null,$2`, "retinanet-torchvision", "warning: null, NaN or Infinity"},
		{first, `"segmentation":[["$1",$2`, "retinanet-torchvision", "info: true, false or numbers as text"},
		{first, `"segmentation":[[{},$2`, "retinanet-detectron2", "info: objects stand among"},
		{first, `"segmentation":[[null,$2`, "retinanet-mmdet", "info: null, NaN or Infinity"},
		{first, `"segmentation":[["$1",$2`, "yolov5", "info: true, false or numbers as text"},
		{mask, `"counts":[null`, "retinanet-detectron2",
			"error: retinanet-detectron2 stops with a Python TypeError or ValueError"}, // of crowds
	} {
		n := len(c.kind.FindAll(text, -1))
		broken := filepath.Join(t.TempDir(), "x.json")
		testrun.Write(t, broken, string(c.kind.ReplaceAll(text, []byte(c.to))))
		r := testrun.Run(t, testrun.Read(t, broken), testrun.Config(t, c.preset))
		var got []string
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Code == "segmentation-unusable" && f.Key != "" {
				got = append(got, f.Severity().String()+": "+f.Message)
			}
		}
		if n == 0 || len(got) != 1 || !strings.HasPrefix(got[0], c.wants) {
			t.Errorf("%s, %s, in %d: got %q, want %q", c.to, c.preset, n, got, c.wants)
		}
		t.Log(got)
	}
}
