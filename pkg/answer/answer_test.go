package answer_test

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/findings"
)

// ask runs the audit on annotations of one image and returns the answers by topic.
func ask(t *testing.T, annotations ...string) map[answer.Topic]answer.Answer {
	t.Helper()
	all := map[answer.Topic]answer.Answer{}
	for _, a := range answer.Of(run(t, annotations...)) {
		all[a.Topic] = a
	}
	return all
}

// run runs the audit on annotations of one image.
func run(t *testing.T, annotations ...string) *analysis.Result {
	t.Helper()
	return under(t, testrun.Config(t, "retinanet-torchvision"), annotations...)
}

// under runs the audit on annotations of one image under a configuration.
func under(t *testing.T, c analysis.Config, annotations ...string) *analysis.Result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.json")
	testrun.Write(t, path, testrun.COCO([]string{`{"id":1,"file_name":"1.jpg","width":800,"height":800}`}, annotations,
		`{"id":1,"name":"a"}`))
	return testrun.Run(t, testrun.Read(t, path), c)
}

// box returns an annotation.
func box(id int, x, y, w, h float64) string {
	return fmt.Sprintf(`{"id":%d,"image_id":1,"category_id":1,"bbox":[%g,%g,%g,%g],"area":%g,"iscrowd":0,`+
		`"segmentation":[[%g,%g,%g,%g,%g,%g,%g,%g]]}`, id, x, y, w, h, w*h, x, y, x+w, y, x+w, y+h, x, y+h)
}

func TestAnswers(t *testing.T) {
	good := ask(t, box(1, 100, 100, 128, 128), box(2, 400, 300, 200, 180))
	if a := good[answer.Anchors]; a.Level != answer.Fine || a.Verdict != "The anchors fit: 2 of 2 objects have at least one of their own." {
		t.Errorf("%+v", a)
	}
	if a, ok := good[answer.Data]; ok {
		t.Errorf("%+v", a)
	}
	if a := good[answer.Balance]; a.Level != answer.Fine || !strings.Contains(a.Reason, "(COCO: 1,017, ") {
		t.Errorf("%+v", a)
	}
	if a := good[answer.Balance]; !strings.HasPrefix(a.Verdict, "Nothing to do: retinanet-torchvision trains with focal loss (γ = 2, α = 0.25)") {
		t.Errorf("%+v", a)
	}
	// ln(0.01/0.99) = -4.595: torchvision's retinanet.py, RetinaNetClassificationHead, sets this bias itself.
	if a := good[answer.Balance]; a.Action != "Its head starts at 0.01 by itself; in a head of your own, set the last bias to "+
		"-ln((1-0.01)/0.01) = -4.6." {
		t.Errorf("%+v", a)
	}
	if a := good[answer.Labels]; a.Level != answer.Note || !strings.Contains(a.Text(), "not checked against a detector. Give the results") {
		t.Errorf("%+v", a)
	}

	// Of the three, two are below the smallest anchor. The image is padded to 800 px and to 1,216: (1216/800)² = 2.31.
	small := ask(t, box(1, 100, 100, 128, 128), box(2, 400, 300, 12, 12), box(3, 600, 600, 14, 14))
	a := small[answer.Anchors]
	if a.Level != answer.Warning || !strings.HasPrefix(a.Verdict, "2 of 3 objects (66.7 %) have no anchor that fits: they are trained weakly, on fallback") {
		t.Errorf("%+v", a)
	}
	// The smallest anchor of size 32 is rounded to 46 × 22 px, and √0.5 of its side is 22.5 px.
	if a.Reason != "Of these, 2 are under 22.5 px after resizing: the smallest anchor has 31.8 px, and can't overlap a "+
		"smaller object by the IoU of 0.5 that the trainer asks for." {
		t.Errorf("%+v", a)
	}
	if !strings.HasPrefix(a.Action, "Change the anchors first: anchors of half the size, from 16 px, would leave 0 of the 2, for as many anchors; "+
		"an input of 1,200 px 2, for 2.31 times as many anchors and pixels, with which computing grows; both 0. `analyze fit PATH -a ") {
		t.Errorf("%+v", a)
	}

	if len(a.Options) != 4 || a.Options[0].Weakly != 2 || a.Options[0].Untrained != 0 || a.Options[0].Cost != 1 ||
		a.Options[2].Weakly != 0 || a.Options[1].Input != "a short side of 1,200 px" {
		t.Errorf("%+v", a.Options)
	}

	// Fitted anchors are not fitted again: the answer is the input, with the options of above (2 of 2 stay weak at 1,200 px).
	c := testrun.Config(t, "retinanet-torchvision")
	c.Preset.Name += "-fit-3"
	for _, again := range answer.Of(under(t, c, box(1, 100, 100, 128, 128), box(2, 400, 300, 12, 12), box(3, 600, 600, 14, 14))) {
		if again.Topic == answer.Anchors && (strings.Contains(again.Action, "analyze fit") || again.Options != nil ||
			again.Action != "The anchors were fitted already; the input size is left. An input of 1,200 px does not help. "+
				"`analyze trainers PATH -a FILE --sizes 640..1536` shows other sizes of the input.") {
			t.Errorf("%+v", again)
		}
	}

	// A file without a usable object has one answer.
	none := ask(t, box(1, 100, 100, 0, 0))
	if a := none[answer.Data]; len(none) != 1 || a.Level != answer.Error || !strings.HasPrefix(a.Reason, "No object can be trained") {
		t.Errorf("%+v", none)
	}
}

// The reference is what COCO's own counts give: under the prior, the share of n negatives per
// positive, of loss b each against a for a positive, is nb/(nb+a).
func TestReference(t *testing.T) {
	good := ask(t, box(1, 100, 100, 128, 128))
	// With one output, each positive costs -ln 0.01 and each negative -ln 0.99.
	const n = 19879635228. / 19553970
	a, b := -math.Log(0.01), -math.Log(0.99)
	share := n * b / (n*b + a)
	if want := fmt.Sprintf("1,017, %.3g %% and", 100*share); !strings.Contains(good[answer.Balance].Reason, want) {
		t.Errorf("%q, want %q", good[answer.Balance].Reason, want)
	}
}

// TestOrder: what costs most comes first, and the balance is told in five lines of a terminal: 5 × 71 columns.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		annotations []string
		want        []answer.Topic
	}{
		{[]string{box(1, 100, 100, 128, 128)}, []answer.Topic{answer.Labels, answer.Anchors, answer.Balance}},
		{[]string{box(1, 100, 100, 12, 12)}, []answer.Topic{answer.Anchors, answer.Labels, answer.Balance}},
	} {
		var got []answer.Topic
		for _, a := range answer.Of(run(t, c.annotations...)) {
			got = append(got, a.Topic)
			if n := len([]rune(a.Text())); a.Topic == answer.Balance && n > 5*71-20 {
				t.Errorf("%d characters: %s", n, a.Text())
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
}

// TestMuted: 0.01² is 1/10,000; the article's negatives score 1 - e^-0.1.
func TestMuted(t *testing.T) {
	got := answer.Muted(run(t, box(1, 100, 100, 128, 128), box(2, 400, 300, 200, 180)))
	if !strings.HasPrefix(got, "Focal loss multiplies the cost of a negative of score 0.01 by 0.01^γ = 0.0001; if "+
		"background scored 0.0952, as in the article's example, negatives would carry ") {
		t.Errorf("%q", got)
	}
}

// TestBalanceOfTrainers: the answer is about the trainer's own loss and its own initial outputs. The shares are
// computed here, term by term, for keras-hub, whose class outputs start at ½: a bias of 0.
func TestBalanceOfTrainers(t *testing.T) {
	for preset, want := range map[string]string{
		"retinanet-torchvision": "Nothing to do: retinanet-torchvision trains with focal loss (γ = 2, α = 0.25), which mutes the",
		"retinanet-keras-hub":   "Before training, negatives carry ",
		"ssd300-torchvision":    "Nothing to do: ssd300-torchvision trains on the three negatives with the highest loss",
		"rpn-torchvision":       "Nothing to do: rpn-torchvision trains on 256 anchors of each image",
		"yolov5":                "Nothing to do: before training, negatives carry ",
		"rt-detr":               "Nothing to do: rt-detr weighs each negative by its score",
	} {
		r := under(t, testrun.Config(t, preset), box(1, 100, 100, 128, 128), box(2, 400, 300, 200, 180))
		for _, a := range answer.Of(r) {
			if a.Topic == answer.Balance && !strings.HasPrefix(a.Verdict, want) {
				t.Errorf("%s: %s", preset, a.Text())
			}
		}
		own, known := answer.Own(r)
		if !known {
			t.Fatalf("%s: its own loss is not known", preset)
		}
		if drawn := preset[:2] != "re" && preset != "yolov5"; drawn != math.IsNaN(own.Share) {
			t.Errorf("%s: %+v", preset, own)
		}
	}

	// One class: every negative costs (1-α)·p^γ·ln(1/(1-p)), every positive α·(1-p)^γ·ln(1/p).
	r := under(t, testrun.Config(t, "retinanet-keras-hub"), box(1, 100, 100, 128, 128))
	own, _ := answer.Own(r)
	n, pos := float64(r.Total.Negatives)*0.75*0.25*math.Ln2, float64(r.Total.Positives)*0.25*0.25*math.Ln2
	if want := n / (n + pos); math.Abs(own.Share-want) > 1e-9 || !own.Led() || own.Start != 0.5 {
		t.Errorf("%+v, expected %g", own, want)
	}
	if r.Setting.K != 1 {
		t.Fatalf("K is %d", r.Setting.K)
	}
}

// TestDoubted: a warning that a part of the data may mean something else is an answer, with the other codes of this sort;
// an info is none, and beside what spoils every number nothing is said of a part.
func TestDoubted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	testrun.Write(t, path, testrun.COCO([]string{`{"id":1,"file_name":"1.jpg","width":800,"height":800}`},
		[]string{box(1, 10, 10, 128, 128)}, `{"id":1,"name":"a"}`))
	r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "retinanet-torchvision"))
	told := func(codes ...string) (all []answer.Answer) {
		of := *r
		for _, code := range codes {
			f := findings.New(strings.TrimSuffix(code, "?"))
			f.Message = "none of 3 classes"
			if strings.HasSuffix(code, "?") {
				f.Level = findings.Info
			}
			of.Findings = append(slices.Clone(of.Findings), f)
		}
		return slices.DeleteFunc(answer.Of(&of), func(a answer.Answer) bool { return a.Topic != answer.Data })
	}
	if all := told(); len(all) != 0 {
		t.Errorf("nothing is odd: %+v", all)
	}
	if all := told("annotations-cut?"); len(all) != 0 {
		t.Errorf("an info: %+v", all)
	}
	all := told("class-lookup", "class-lookup", "track-class-changed")
	if len(all) != 1 || all[0].Level != answer.Warning || all[0].Reason != "None of 3 classes." ||
		all[0].Action != "`analyze explain class-lookup` tells more. See track-class-changed in the findings, too." {
		t.Errorf("two codes: %+v", all)
	}
	if all := told("class-lookup", "box-convention"); len(all) != 1 || all[0].Level != answer.Error {
		t.Errorf("spoilt: %+v", all)
	}
}

// TestErrorsAndClasses: errors of the file come first, with their codes; classes with fewer than ten objects are told of
// where there are several classes.
func TestErrorsAndClasses(t *testing.T) {
	bad := ask(t, box(1, 100, 100, 128, 128), box(2, 300, 100, -128, 128), box(3, 500, 100, 0, 0))
	want := "Mend 2 errors: records are lost, or a trainer stops or reads something else. The findings list "
	if a := bad[answer.Errors]; a.Level != answer.Error || !strings.HasPrefix(a.Text(), want) || !strings.Contains(a.Reason, "box-empty") {
		t.Errorf("%+v", a)
	}
	path := filepath.Join(t.TempDir(), "x.json")
	var annotations []string
	for i := range 12 {
		annotations = append(annotations, box(1+i, 10, 10, 128, 128))
	}
	annotations = append(annotations, strings.Replace(box(20, 300, 300, 100, 100), `"category_id":1`, `"category_id":2`, 1))
	testrun.Write(t, path, testrun.COCO([]string{`{"id":1,"file_name":"1.jpg","width":800,"height":800}`}, annotations,
		`{"id":1,"name":"a"},{"id":2,"name":"b"},{"id":3,"name":"c"}`))
	for _, a := range answer.Of(testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "retinanet-torchvision"))) {
		if a.Topic == answer.Classes {
			if want := "1 of 3 classes has fewer than 10 usable objects"; !strings.HasPrefix(a.Verdict, want) || a.Reason != "1 more has none." {
				t.Errorf("%+v", a)
			}
			return
		}
	}
	t.Error("nothing is said of classes")
}
