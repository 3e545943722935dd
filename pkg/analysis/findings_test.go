package analysis_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// found returns a result's findings of a code, as "image annotation"; those about a class by their
// example, in a data set of one image.
func found(r *analysis.Result, code string) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Code != code {
			continue
		}
		id := ""
		if f.Object >= 0 {
			id = r.Data.Sources[f.Source].Objects[f.Object].ID.String()
		}
		image := ""
		if f.Image >= 0 {
			image = r.Data.Sources[f.Source].Images[f.Image].ID.String()
		}
		if _, example, grouped := strings.Cut(f.Message, "such as annotation "); grouped && f.Object < 0 {
			image, id = "1", strings.TrimRight(strings.Fields(example)[0], ":")
		}
		out = append(out, strings.TrimSpace(image+" "+id))
	}
	return out
}

// TestFindings: each case is an image with annotations, of which the last is
// the one that the finding must name. The reasons are hand arithmetic in px.
func TestFindings(t *testing.T) {
	const good = `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,128,128]},`
	for _, c := range []struct{ name, preset, code, annotation, message string }{
		{"same class, IoU 126/128", "", "near-duplicate", `{"id":2,"image_id":1,"category_id":1,"bbox":[100,100,126,128]}`, "repeats annotation 1: IoU 0.984"},
		{"other class, same box", "", "class-conflict", `{"id":2,"image_id":1,"category_id":2,"bbox":[100,100,128,128]}`, `annotation 2 and annotation 1 share a box (IoU 1.000) but are "b" and "a"`},
		{"half a pixel", "", "box-tiny", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,0.5,20]}`, "0.5 × 20 px after resizing"},
		{"400 by 10", "", "aspect-extreme", `{"id":2,"image_id":1,"category_id":2,"bbox":[200,400,400,10]}`, "one side is 40 times the other"},
		{"5 by 5: 25 of 32² px² is below half", "", "object-rescued-only", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,5,5]}`, "too small: 5 × 5 px after resizing, the smallest anchor is 31"},
		{"400 by 40: no anchor has 1:10", "", "object-rescued-only", `{"id":2,"image_id":1,"category_id":2,"bbox":[200,400,400,40]}`, "aspect: 400 × 40 px"},
		{"a crowd of one anchor's size", "", "crowd-as-background", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,128,128],"iscrowd":1}`, "anchors that overlap it by IoU 0.4 or more are trained as background"},
		{"nothing left in the image", "", "box-outside", `{"id":2,"image_id":1,"category_id":2,"bbox":[900,900,20,20]}`, "; retinanet-torchvision drops it"},
		{"no width", "retinanet-keras", "box-empty", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,0,20]}`, "bbox has width 0, expected > 0; retinanet-keras-0.5 drops it"},
		{"no width, and a crowd's", "", "box-empty", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,0,20],"iscrowd":1}`, "bbox has width 0, expected > 0; retinanet-torchvision drops it"},
		// 91 px lie between the squares of 64 and 128 px: 91² of 128² px² is 0.505, 64² of 91² px² 0.495
		{"between two sizes", "rpn-torchvision", "object-rescued-only", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,91,91]}`, "size and aspect: 91 × 91 px after resizing, no anchor is near enough in both; centred on it the best would reach IoU 0.505 of 0.7; best IoU 0.505"},
		// yolov5 scales by 640/800: 1 px becomes 0.8, a twelfth of the smallest anchor's 10
		{"a long one that the longest boxes miss by a little", "yolov5", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[0,125,800,100]}`, "size and aspect: 640 × 80 px after resizing, no anchor is near enough in both; the most similar anchor, 373 × 326 px, differs by a factor of 4.07"},
		{"smaller and longer than all", "ssd300-torchvision", "object-rescued-only", `{"id":2,"image_id":1,"category_id":2,"bbox":[500,400,18.6,88]}`, "size and aspect: 6.975 × 33 px after resizing, no anchor is near enough in both; "},
		{"under a quarter of the smallest box", "yolov5", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,1,1]}`, "too small: 0.8 × 0.8 px after resizing, the smallest anchor is 11.4 px; the most similar anchor, 10 × 13 px, differs by a factor of 16.2, allowed is less than 4"},
		{"longer and thinner than any box by 4", "yolov5", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[100,400,500,5]}`, "aspect: 400 × 4 px after resizing, no anchor's aspect is near enough; the most similar anchor, "},
		{"same class and box again", "yolov5", "trainer-drops", `{"id":2,"image_id":1,"category_id":1,"bbox":[100,100,128,128]}`, "yolov5 drops it: repeated"},
		{"centred outside", "yolov5", "trainer-refuses", `{"id":2,"image_id":1,"category_id":1,"bbox":[-100,100,128,128]}`, "its box [-100, 100, 128, 128] leaves the image of 800 × 800 px with its centre or is larger, and for this yolov5 leaves out the whole image 1 with its 2 annotations"},
		{"an undeclared category", "yolov5", "trainer-refuses", `{"id":2,"image_id":1,"category_id":7,"bbox":[100,100,50,50]}`, "undeclared-category-refused"},
		{"clipped to nothing", "yolov5", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[799.9999,100,0.0002,50]}`, "clipped to the image it has no side left"},
		// 49.5 × 11.43 px and ratio 0.5: centred, 46.25 × 12.43 px² with both edges of 46.25 × 23.63 + 50.5 × 12.43 less these are 0.5019, cut off
		{"off grid by the edges", "retinanet-keras", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[200.395752377066,206.18777107780693,49.5,11.43]}`, "off grid: 49.5 × 11.43 px after resizing; centred, an anchor would reach IoU 0.501"},
		{"a crowd of more than 0.4", "retinanet-keras", "crowd-as-background", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,128,128],"iscrowd":1}`, "anchors that overlap it by more than IoU 0.4 are trained as background"},
		{"a crowd by shape", "yolov5", "crowd-as-background", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,128,128],"iscrowd":1}`, "anchors that would be its if it were an object are trained as background"},
		{"between the lattice points", "atss-mmdet", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[401,401,5,5]}`, "no centre: 5 × 5 px after resizing; of the 45 anchors nearest to it, "},
		{"both anchors centred in it go to annotation 1", "atss-mmdet", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[100,100,128,128]}`, "stand out and are centred in it, and each was given to another object"},
		{"outside by 1/100 px", "retinanet-keras", "trainer-drops", `{"id":2,"image_id":1,"category_id":2,"bbox":[700,400,100.01,50]}`, "retinanet-keras-0.5 drops it: sticks-out"},
		{"an undeclared category", "retinanet-keras", "trainer-refuses", `{"id":2,"image_id":1,"category_id":7,"bbox":[700,400,50,50]}`, "undeclared-category-refused"},
		{"too small for half an overlap", "retinanet-keras", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,5,5]}`, "1 of 1 object has no positive anchor, such as annotation 2: too small: 5 × 5 px after resizing, the smallest anchor is 32 px; best IoU "},
		{"between the points", "ultralytics-8.3", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[406,406,3,3]}`, "no point: 2.4 × 2.4 px after resizing; none of the points, which are 8 px apart or more, lies in it"},
		{"beyond the image by half", "ultralytics-8.3", "trainer-refuses", `{"id":2,"image_id":1,"category_id":2,"bbox":[790,100,40,40]}`, "ultralytics-8.3 leaves out the whole image 1"},
		{"a crowd over points", "ultralytics-8.3", "crowd-as-background", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,80,80],"iscrowd":1}`, "anchors that lie in it and in no object are trained as background"},
		{"too thin for its level", "fcos-torchvision", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[100,505,600,30]}`, "no point at its level: 600 × 30 px after resizing; points lie in it, but none on the level for sides as far away"},
		{"on the points of a smaller one", "fcos-torchvision", "object-without-positive", `{"id":2,"image_id":1,"category_id":2,"bbox":[99,99,130,130]}`, "out-competed: "},
		{"a side of 1 px", "yolox", "trainer-drops", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,1.2,90],"area":90}`, "yolox drops it: side-up-to-1-px"},
		{"a polygon of two points", "retinanet-detectron2", "trainer-drops", `{"id":2,"image_id":1,"category_id":2,"bbox":[400,400,50,50],"segmentation":[[1,1,5,5]]}`, "no-valid-polygon"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.preset == "" {
				c.preset = "retinanet-torchvision"
			}
			r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, good+c.annotation)), testrun.Config(t, c.preset))
			got := found(r, c.code)
			if len(got) != 1 || got[0] != "1 2" {
				t.Fatalf("%s: found %v, want one of annotation 2; all: %+v", c.code, got, r.Findings)
			}
			for _, f := range r.Findings {
				if f.Code == c.code && !strings.Contains(f.Message, c.message) {
					t.Errorf("got %q, want it to say %q", f.Message, c.message)
				}
			}
		})
	}
}

// TestBeyondTheCap: an image with more objects than its trainer takes is an error, told once.
func TestBeyondTheCap(t *testing.T) {
	var records []string
	for i := range 125 {
		records = append(records, fmt.Sprintf(`{"id":%d,"image_id":1,"category_id":1,"bbox":[%d,100,30,30],"area":900,"iscrowd":0}`, i+1, 3*i))
	}
	text := strings.Join(records, ",")
	for preset, message := range map[string]string{
		"yolox":                  "image 1: 125 objects, and yolox takes 120: the other 5 are trained as background, from annotation 121 on",
		"efficientdet-d0-automl": "image 1: 125 objects, and efficientdet-d0-automl takes 99: the other 26 make it stop with an error, from annotation 100 on",
		"rf-detr-seg-small":      "image 1: 125 objects, and rf-detr-seg-small has 100 outputs: at each step 25 objects have none, and which ones they are depends on its predictions",
		"rt-detr":                "",
	} {
		r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, text)), testrun.Config(t, preset))
		var got []string
		for i := range r.Findings {
			switch f := &r.Findings[i]; f.Code {
			case "beyond-the-cap":
				got = append(got, f.Message)
				if f.Severity() != findings.Error {
					t.Errorf("%s: severity %s", preset, f.Severity())
				}
			case "trainer-drops", "trainer-refuses":
				t.Errorf("%s: told twice: %s", preset, f.Message)
			case "object-without-positive":
				if preset != "efficientdet-d0-automl" { // where neighbours have one best anchor
					t.Errorf("%s: told twice: %s", preset, f.Message)
				}
			}
		}
		if strings.Join(got, "\n") != message {
			t.Errorf("%s: got %q, want %q", preset, got, message)
		}
	}
}

// TestOutCompeted: of two equal boxes the first takes every anchor, so that the
// second has none though many reach the threshold.
func TestOutCompeted(t *testing.T) {
	r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,128,128]},{"id":2,"image_id":1,"category_id":2,"bbox":[100,100,128,128]}`)), testrun.Config(t, "retinanet-torchvision"))
	o := r.ObjectSlots(0)[1]
	if o.Positives != 0 || o.AtHigh == 0 || o.Why != iou.OutCompeted {
		t.Errorf("got %+v, want no positives, though anchors reach the threshold", o)
	}
	if got := found(r, "object-without-positive"); len(got) != 1 || got[0] != "1 2" {
		t.Errorf("found %v", got)
	}
}

// TestSmallImage: yolov5's verify_image_label wants more than 9 px a side.
func TestSmallImage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "two.json")
	text := `{"images":[{"id":1,"file_name":"a.jpg","width":9,"height":200},{"id":2,"file_name":"b.jpg","width":10,"height":200}],"categories":[{"id":1,"name":"a"}],"annotations":[
		{"id":1,"image_id":1,"category_id":1,"bbox":[1,10,7,60]},{"id":2,"image_id":2,"category_id":1,"bbox":[1,10,7,60]}]}`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "yolov5"))
	if got := [2]string{r.ImageSlots(0)[0].LeftOut.String(), r.ImageSlots(0)[1].LeftOut.String()}; got != [2]string{"image-under-10-px", ""} {
		t.Errorf("left out %q", got)
	}
	if got := found(r, "trainer-refuses"); len(got) != 1 || got[0] != "1" {
		t.Errorf("found %v", got)
	}
	if r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "retinanet-keras")); r.Total.Images != 2 {
		t.Errorf("keras-retinanet: %+v", r.Total)
	}
}

// TestRepeatedRows: rows of a label file are compared, not what is left of them in the
// image. Two boxes that reach differently far beyond it are two.
func TestRepeatedRows(t *testing.T) {
	r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, `{"id":1,"image_id":1,"category_id":1,"bbox":[700,100,200,100]},{"id":2,"image_id":1,"category_id":1,"bbox":[700,100,100,100]},
		{"id":3,"image_id":1,"category_id":2,"bbox":[700,100,100,100]},{"id":4,"image_id":1,"category_id":1,"bbox":[700,100,100,100]}`)), testrun.Config(t, "yolov5"))
	for k, want := range []string{"", "", "", "repeated"} {
		if got := r.ObjectSlots(0)[k].LeftOut.String(); got != want {
			t.Errorf("annotation %d: left out %q, want %q", k+1, got, want)
		}
	}
}

// TestReasonsAreExplained: every value of the columns why and left_out has its entry.
func TestReasonsAreExplained(t *testing.T) {
	var all []string
	for w := 1; w < iou.Whys(); w++ {
		all = append(all, iou.Why(w).String())
	}
	for d := trainer.Drop(1); int(d) < trainer.Drops(); d++ {
		all = append(all, d.String())
		if r, _ := findings.LookupReason(d.String()); r.Stops != (d.Refused() && d != trainer.RefuseImage) {
			t.Errorf("%s: stops %v", d, r.Stops)
		}
	}
	for r := trainer.Empty; r <= trainer.Huge; r++ {
		all = append(all, r.String())
	}
	for r := dataset.NoID; r <= dataset.ImageLeftOut; r++ {
		all = append(all, r.String())
	}
	known := map[string]bool{}
	for _, r := range findings.Reasons() {
		known[r.Code] = true
		if !slices.Contains(all, r.Code) {
			t.Errorf("%s is explained and never given", r.Code)
		}
	}
	for _, code := range all {
		if !known[code] {
			t.Errorf("%q is not explained", code)
		}
	}
}

// TestLaterRowWins: of two equal boxes yolov5 has the second written over the first.
func TestLaterRowWins(t *testing.T) {
	r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,128,128]},{"id":2,"image_id":1,"category_id":2,"bbox":[100,100,128,128]}`)), testrun.Config(t, "yolov5"))
	if got := found(r, "object-without-positive"); len(got) != 1 || got[0] != "1 1" || r.ObjectSlots(0)[0].Why != iou.OutCompeted {
		t.Errorf("found %v, %+v", got, r.ObjectSlots(0))
	}
	for _, f := range r.Findings {
		if f.Code == "object-without-positive" && !strings.Contains(f.Message, "and over each another object's was written") {
			t.Errorf("got %q", f.Message)
		}
	}
}

// TestOverwrittenIsRescued: under SSD the best anchor of a small object is given to it
// although a larger one reaches the threshold there. That anchor is positive anyway, but
// the small object has it by the low-quality rule alone.
func TestOverwrittenIsRescued(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.json")
	text := `{"images":[{"id":1,"file_name":"a.jpg","width":300,"height":300}],"categories":[{"id":1,"name":"a"}],"annotations":[
		{"id":1,"image_id":1,"category_id":1,"bbox":[268,88,28,19]},{"id":2,"image_id":1,"category_id":1,"bbox":[284,91,5,5]}]}`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "ssd300-torchvision"))
	o := r.ObjectSlots(0)[1]
	if o.AtHigh != 0 || o.Positives != 1 || o.Rescued != 1 || o.Why != iou.TooSmall {
		t.Errorf("got %+v, want one anchor by rescue", o)
	}
	if got := found(r, "object-rescued-only"); len(got) != 1 || got[0] != "1 2" {
		t.Errorf("found %v", got)
	}
	if m := r.Metrics[0]; m.ObjectsRescued != 1 || m.ObjectsWithoutPositive != 0 {
		t.Errorf("got %+v", m)
	}
}

// TestRefusedImage: one record has the whole image left out, and no other image.
func TestRefusedImage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "two.json")
	text := `{"images":[{"id":1,"file_name":"a.jpg","width":800,"height":800},{"id":2,"file_name":"b.jpg","width":800,"height":800}],"categories":[{"id":1,"name":"a"}],"annotations":[
		{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,90,90]},{"id":2,"image_id":1,"category_id":1,"bbox":[790,100,90,90]},{"id":3,"image_id":2,"category_id":1,"bbox":[100,100,90,90]}]}`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "yolov5"))
	if r.Total.Images != 1 || r.Total.Objects != 1 || r.ImageSlots(0)[0].LeftOut.String() != "image-refused" || r.ImageSlots(0)[1].LeftOut.String() != "" {
		t.Errorf("got %+v, images left out %q and %q", r.Total, r.ImageSlots(0)[0].LeftOut, r.ImageSlots(0)[1].LeftOut)
	}
	for k, want := range []string{"image-refused", "image-refused", ""} {
		if got := r.ObjectSlots(0)[k].LeftOut.String(); got != want {
			t.Errorf("annotation %d: left out %q, want %q", k+1, got, want)
		}
	}
}

// TestOutside: an image of 31 × 800 px has its lattice points of stride 64 at x = 32,
// outside. An object of 31 × 64 px shares half of an anchor of 64 px: 32·65 of 65² px²
// with both edges, 0.49, which a preset of one's own may take for positive.
func TestOutside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.json")
	text := `{"images":[{"id":1,"file_name":"a.jpg","width":31,"height":800}],"categories":[{"id":1,"name":"a"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,64,31,64]}]}`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c := testrun.Config(t, "retinanet-keras")
	c.Preset.Resize.Rule = anchors.ResizeNone
	rule := *c.Preset.Matcher.Rule.(*iou.InclusiveIoU)
	rule.High, rule.Low = 0.48, 0.4
	c.Preset.Matcher.Rule = &rule
	c.Preset.Anchors.Ratios, c.Preset.Anchors.Levels = []float64{1}, []anchors.Level{{Stride: 64, Sizes: []float64{64}}}
	r := testrun.Run(t, testrun.Read(t, path), c)
	o := r.ObjectSlots(0)[0]
	if o.Positives != 0 || o.AtHigh != 1 || o.Why != iou.Outside || r.Total.Ignored != 13 {
		t.Errorf("got %+v of %+v, want no positives, since all 13 anchors are centred outside", o, r.Total)
	}
	for _, f := range r.Findings {
		if f.Code == "object-without-positive" && !strings.Contains(f.Message, "since their centres are outside the image") {
			t.Errorf("got %q", f.Message)
		}
	}
}

// TestImageFindings: an image without objects, and, without the low-quality
// rule, one whose only object is too small for any anchor.
func TestImageFindings(t *testing.T) {
	c := testrun.Config(t, "retinanet-torchvision")
	r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, "")), c)
	if got := found(r, "image-without-objects"); len(got) != 1 {
		t.Errorf("image-without-objects: found %v", got)
	}
	changeRule(&c, func(m *iou.MaxIoU) { m.LowQuality = false })
	r = testrun.Run(t, testrun.Read(t, testrun.OneImage(t, `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,4,4]}`)), c)
	if got := found(r, "image-without-positive"); len(got) != 1 {
		t.Errorf("image-without-positive: found %v", got)
	}
	if m := r.Metrics[0]; m.ImagesWithoutPositive != 1 || m.ObjectsWithoutPositive != 1 || m.Domination.BCE != nil || m.GammaBalance != nil || m.GammaBalanceWhy != "there are no positives" {
		t.Errorf("got %+v", m)
	}
	c.SkipEmpty = true
	r = testrun.Run(t, testrun.Read(t, testrun.OneImage(t, `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,1,4]}`)), c)
	if got := r.ImageSlots(0)[0].LeftOut; got.Image != trainer.Empty {
		t.Errorf("--skip-empty: left out %q", got)
	}
	c = testrun.Config(t, "yolov5")
	c.SkipEmpty = true
	if r = testrun.Run(t, testrun.Read(t, testrun.OneImage(t, "")), c); r.Total.Images != 1 || r.Total.Negatives != 25200 {
		t.Errorf("--skip-empty: yolov5 keeps images without objects; got %+v", r.Total)
	}
}

// TestOutliers: 40 boxes of 40 × 40 px and one of 400 × 400, 3.3 octaves away;
// the least spread is a quarter octave.
func TestOutliers(t *testing.T) {
	var b strings.Builder
	for i := range 40 {
		b.WriteString(`{"id":` + string(rune('0'+i/10)) + string(rune('0'+i%10)) + `,"image_id":1,"category_id":1,"bbox":[`)
		b.WriteString(string(rune('1'+i/5)) + "0," + string(rune('1'+i%5)) + `00,40,40]},`)
	}
	text := strings.ReplaceAll(b.String(), `"id":0`, `"id":`)
	r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, text+`{"id":99,"image_id":1,"category_id":1,"bbox":[300,300,400,400]}`)), testrun.Config(t, "retinanet-torchvision"))
	if got := found(r, "size-outlier"); len(got) != 1 || got[0] != "1 99" {
		t.Errorf("found %v", got)
	}
	if got := found(r, "aspect-outlier"); len(got) != 0 {
		t.Errorf("aspect-outlier: found %v", got)
	}
}

// TestSampleShowsItsFindings: testdata/README.md says what the sample shows.
func TestSampleShowsItsFindings(t *testing.T) {
	r := testrun.Run(t, testrun.Read(t, testrun.Sample), testrun.Config(t, "retinanet-torchvision"))
	for _, code := range []string{"near-duplicate", "class-conflict", "box-tiny", "aspect-extreme", "crowd-as-background", "image-without-objects",
		"box-empty", "annotation-id-duplicate", "box-outside", "box-negative", "category-unknown", "image-unknown", "image-size-missing",
		"box-from-outline", "box-partly-outside", "object-without-positive", "object-rescued-only", "class-rare"} {
		if len(found(r, code)) == 0 {
			t.Errorf("%s: none in the sample", code)
		}
	}
	for _, f := range r.Findings {
		if _, known := findings.Lookup(f.Code); !known || f.Message == "" || f.Severity() == 0 {
			t.Errorf("finding without a place in the catalogue, or without a message: %+v", f)
		}
	}
}

// TestUnusualCounts: one image of 60 has 200 objects. A class of which a tenth is
// thin has no outliers among these.
func TestUnusualCounts(t *testing.T) {
	var images, annotations []string
	add := func(image, w, h int) {
		annotations = append(annotations, fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":1,"bbox":[%d,%d,%d,%d]}`, len(annotations)+1, image, len(annotations)%300, len(annotations)%200, w, h))
	}
	for i := range 60 {
		images = append(images, fmt.Sprintf(`{"id":%d,"file_name":"%d.png","width":640,"height":480}`, i+1, i))
		for k := range 4 {
			add(i+1, 50, 50)
			if i%2 == 0 && k == 0 {
				add(i+1, 4, 150)
			}
		}
	}
	for range 200 {
		add(1, 50, 50)
	}
	file := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(file, []byte(`{"images":[`+strings.Join(images, ",")+`],"annotations":[`+strings.Join(annotations, ",")+`],"categories":[{"id":1,"name":"c"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	counts := testrun.Run(t, testrun.Read(t, file), testrun.Config(t, "retinanet-torchvision")).Counts()
	if counts["object-count-outlier"] != 1 || counts["aspect-outlier"] != 0 {
		t.Errorf("got %v", counts)
	}
}

// TestSizesOfPictures: a picture of another size is found, one that nobody measured is not.
func TestSizesOfPictures(t *testing.T) {
	d := &dataset.Dataset{Sources: []dataset.Source{{Name: "a.json", Images: []dataset.Image{
		{ID: dataset.TextID("1"), Size: geom.Size{W: 640, H: 480}}, {ID: dataset.TextID("2"), Size: geom.Size{W: 640, H: 480}},
		{ID: dataset.TextID("3"), Size: geom.Size{W: 640, H: 480}}, {ID: dataset.TextID("4"), Size: geom.Size{W: 640, H: 480}}}}}}
	c := analysis.Default()
	c.Sizes = [][]geom.Size{{{W: 640, H: 480}, {W: 480, H: 640}, {}, {W: 1280, H: 960}}}
	r, err := analysis.Run(t.Context(), d, c)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Code == "image-size-differs" {
			got = append(got, f.Message)
		}
	}
	want := []string{"image 4 is annotated as 640 × 480 px, and the picture has 1280 × 960 px",
		"image 2 is annotated as 640 × 480 px, and the picture has 480 × 640 px: width and height are exchanged, as by an EXIF orientation"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestCountsOfOne: messages about the only annotation of an image have no plural.
func TestCountsOfOne(t *testing.T) {
	for _, c := range []struct{ preset, annotation, want string }{
		{"yolov5", `{"id":2,"image_id":1,"category_id":1,"bbox":[-100,100,128,128]}`, "the whole image 1 with its only annotation"},
		{"retinanet-torchvision", `{"id":2,"image_id":1,"category_id":1,"bbox":[1,1,5,5],"iscrowd":1}`, "matching (1 annotation)"},
		{"retinanet-keras", `{"id":2,"image_id":1,"category_id":1,"bbox":[400,400,5,5]}`, "image 1: its only object has no positive"},
	} {
		r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, c.annotation)), testrun.Config(t, c.preset))
		said := ""
		for _, f := range r.Findings {
			said += f.Message + "\n"
		}
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: want %q in:\n%s", c.preset, c.want, said)
		}
	}
}
