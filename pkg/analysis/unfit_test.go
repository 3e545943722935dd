package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/trainer"
)

// unfitCodes are the codes of objects that no anchor fits.
var unfitCodes = []string{"object-rescued-only", "object-without-positive"}

// TestUnfitCountsObjects: under every preset the findings about objects that no anchor fits count
// each of them once, by class and reason, as the slots have them, and those of one code and severity
// are ranked by their positive anchors, whose loss is in proportion, or by their number.
func TestUnfitCountsObjects(t *testing.T) {
	world, _ := testrun.World(t, 3, 60)
	for _, preset := range trainer.Names() {
		for _, path := range []string{testrun.Sample, world} {
			r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, preset))
			want := map[string][2]int64{}
			for s := range r.Data.Sources {
				for k := range r.ObjectSlots(s) {
					o := &r.ObjectSlots(s)[k]
					if !o.Matched() || o.Rescued != o.Positives {
						continue
					}
					code := unfitCodes[0]
					if o.Positives == 0 {
						code = unfitCodes[1]
					}
					key := fmt.Sprintf("%s %d %s", code, r.Data.Sources[s].Objects[k].Class, o.Why)
					n := want[key]
					want[key] = [2]int64{n[0] + 1, n[1] + int64(o.Positives)}
				}
			}
			last := map[string]float64{}
			for _, f := range r.Findings {
				if f.Code != unfitCodes[0] && f.Code != unfitCodes[1] {
					continue
				}
				key := fmt.Sprintf("%s %d %s", f.Code, f.Class, f.Key)
				if got := [2]int64{f.Cases, f.Positives}; got != want[key] || got[0] == 0 {
					t.Errorf("%s, %s: %s: got %d objects with %d anchors, want %d", preset, path, key, f.Cases, f.Positives, want[key])
				}
				delete(want, key)
				by, of := float64(f.Positives), f.Code+f.Severity().String()
				if f.Positives == 0 {
					by = float64(f.Cases)
				}
				if before, had := last[of]; had && before < by {
					t.Errorf("%s, %s: %s stands behind one of less loss", preset, path, key)
				}
				last[of] = by
			}
			if len(want) > 0 {
				t.Errorf("%s, %s: no finding about %v", preset, path, want)
			}
		}
	}
}

// small and fine are boxes that torchvision's RetinaNet gives fallback anchors only, and others.
const (
	small = `"bbox":[X,400,5,5]`
	fine  = `"bbox":[X,100,128,128]`
)

// TestUnfitSeverity: where half of a class has fallback anchors only, the main reason is a warning:
// in classes of 10 objects or more, and in any where half of all objects has.
func TestUnfitSeverity(t *testing.T) {
	const long = `"bbox":[X,700,400,40]` // no anchor has its aspect
	for _, c := range []struct {
		name              string
		small, long, fine int // of class 1
		others            int // fine ones of class 2
		want              findings.Severity
		message           string
	}{
		{"one of three", 1, 0, 2, 0, findings.Info, `class "a": 1 of 3 objects has only fallback anchors, such as annotation 1: too small: 5 × 5 px after resizing`},
		{"half of all and of the class", 2, 1, 2, 1, findings.Warning, `class "a": 2 of 5 objects have only fallback anchors`},
		{"half of a small class", 2, 1, 2, 9, findings.Info, `class "a": 2 of 5 objects`},
		{"half of a class", 4, 2, 6, 20, findings.Warning, `class "a": 4 of 12 objects`},
		{"less than half of a class", 3, 2, 6, 20, findings.Info, `class "a": 3 of 11 objects`},
	} {
		var all []string
		add := func(n int, class int, box string) {
			for range n {
				id := len(all) + 1
				all = append(all, fmt.Sprintf(`{"id":%d,"image_id":1,"category_id":%d,%s}`, id, class, strings.ReplaceAll(box, "X", fmt.Sprint(20*id))))
			}
		}
		add(c.small, 1, small)
		add(c.long, 1, long)
		add(c.fine, 1, fine)
		add(c.others, 2, fine)
		r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, strings.Join(all, ","))), testrun.Config(t, "retinanet-torchvision"))
		var got []findings.Finding
		for _, f := range r.Findings {
			switch {
			case f.Code != unfitCodes[0]:
			case f.Class == 0 && f.Key == "too-small":
				got = append(got, f)
			case f.Severity() != findings.Info:
				t.Errorf("%s: another reason, %s, is a warning", c.name, f.Key)
			}
		}
		if len(got) != 1 || got[0].Severity() != c.want || !strings.HasPrefix(got[0].Message, c.message) || got[0].Cases != int64(c.small) {
			t.Errorf("%s: got %+v, want the severity %s and %q", c.name, got, c.want, c.message)
		}
	}
}

// TestIgnoreFlag: annotations that are marked ignore are told of once, by what the preset makes of
// them, and of none of them is said anything else for it.
func TestIgnoreFlag(t *testing.T) {
	const marked = `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,128,128]},
		{"id":2,"image_id":1,"category_id":1,"bbox":[300,100,128,128],"ignore":1},{"id":3,"image_id":1,"category_id":1,"bbox":[500,100,128,128],"ignore":true}`
	for _, c := range []struct {
		preset, annotations string
		want                findings.Severity
		message             string
	}{
		{"retinanet-torchvision", marked, findings.Warning, "ignore is set in 2 of 3 annotations (2, 3). retinanet-torchvision trains 2 of them as ordinary objects: set iscrowd to 1"},
		{"yolov5", marked, findings.Warning, "yolov5 trains 2 of them as ordinary objects"},
		{"retinanet-mmdet", marked, findings.Info, "retinanet-mmdet leaves 2 of them out of training, as the key asks"},
		{"retinanet-detectron2", marked, findings.Error, "retinanet-detectron2 stops with an error at the first: delete the key"},
		{"retinanet-torchvision", `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,128,128],"ignore":1,"iscrowd":1}`, findings.Info,
			"ignore is set in 1 of 1 annotation (1). retinanet-torchvision leaves them out for other reasons"},
	} {
		r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, c.annotations)), testrun.Config(t, c.preset))
		told := 0
		for _, f := range r.Findings {
			switch f.Code {
			case "trainer-drops", "trainer-refuses":
				t.Errorf("%s: %s", c.preset, f.Message)
			case "ignore-flag":
				if told++; f.Severity() != c.want || !strings.Contains(f.Message, c.message) {
					t.Errorf("%s: got %s %q, want %s %q", c.preset, f.Severity(), f.Message, c.want, c.message)
				}
			}
		}
		if told != 1 {
			t.Errorf("%s: told %d times", c.preset, told)
		}
	}
}

// TestEmptyBoxIsToldOnce: a box without an area in its image is one finding under every preset but
// one: yolov5 leaves out the whole image for a box that is centred outside.
func TestEmptyBoxIsToldOnce(t *testing.T) {
	for code, box := range map[string]string{"box-empty": "[400,400,0,20]", "box-negative": "[400,400,-9,20]", "box-outside": "[900,900,20,20]"} {
		for _, preset := range trainer.Names() {
			path := testrun.OneImage(t, `{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,128,128]},{"id":2,"image_id":1,"category_id":1,"bbox":`+box+`}`)
			r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, preset))
			var about []string
			for _, f := range r.Findings {
				if f.Object == 1 {
					about = append(about, f.Code)
				}
			}
			want := code
			if r.ImageSlots(0)[0].LeftOut.String() == "image-refused" {
				want += " trainer-refuses"
			}
			if got := strings.Join(about, " "); got != want {
				t.Errorf("%s, %s: got %q, want %q", box, preset, got, want)
			}
		}
	}
}
