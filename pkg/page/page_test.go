package page

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/distribution"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/picture"
	"focalaudit/pkg/scores"
)

var sampleDir = filepath.Join("..", "..", "testdata", "sample")

// analysed analyses files, with a detector's results unless they are "".
func analysed(t testing.TB, detections string, paths ...string) *analysis.Result {
	t.Helper()
	files, err := coco.Find(paths, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := coco.Read(t.Context(), files, coco.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	c := analysis.Default()
	c.Workers = 2
	if detections != "" {
		if c.Scores, err = scores.Apply(c.Scores, "detections:"+detections); err != nil {
			t.Fatal(err)
		}
		results, err := coco.ReadResults(t.Context(), detections, "", d, coco.Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		c.Results = append(c.Results, nil, nil, results)
	}
	r, err := analysis.Run(t.Context(), d, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// written returns the page of a run.
func written(t testing.TB, r *analysis.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, Extras{}, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// saved writes a file of annotations.
func saved(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// generated is a data set of so many images and classes, with an object or two an image.
// A third of the objects is too small for the anchors.
func generated(images, classes int) string {
	var im, an, ca []string
	for i := range images {
		im = append(im, fmt.Sprintf(`{"id":%d,"file_name":"%06d.jpg","width":640,"height":480}`, i, i))
		an = append(an, fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":%d,"bbox":[%d,%d,%d,%d],"area":9,"iscrowd":0}`,
			i+1, i, i%classes+1, i%500, i%300, 5+i%90, 5+(i*7)%120))
	}
	for i := range classes {
		ca = append(ca, fmt.Sprintf(`{"id":%d,"name":"class number %d"}`, i+1, i))
	}
	return fmt.Sprintf(`{"images":[%s],"annotations":[%s],"categories":[%s]}`,
		strings.Join(im, ","), strings.Join(an, ","), strings.Join(ca, ","))
}

// TestSizeIsBounded: 50 times the images make no larger page, and 1,203 classes (as many as
// LVIS has) none above the 300 kB that are the limit without pictures.
func TestSizeIsBounded(t *testing.T) {
	few := len(written(t, analysed(t, "", saved(t, generated(200, 20)))))
	many := len(written(t, analysed(t, "", saved(t, generated(10000, 20)))))
	if many > few+few/10 {
		t.Errorf("200 images make a page of %d bytes, 10,000 one of %d", few, many)
	}
	if n := len(written(t, analysed(t, "", saved(t, generated(5000, 1203))))); n > 300e3 {
		t.Errorf("1,203 classes make a page of %d bytes", n)
	}
	if len(pageJS) > 15000 {
		t.Errorf("the script has %d bytes, expected at most 15,000", len(pageJS))
	}
}

// TestPolicyNamesStyleAndScript: the hashes are those of what stands in the page, byte for
// byte. test/browser holds the policy to a browser.
func TestPolicyNamesStyleAndScript(t *testing.T) {
	text := written(t, analysed(t, "", sampleDir))
	policy := html.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)[1])
	for _, element := range []string{"style", "script"} {
		all := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(text, -1)
		if len(all) != 1 || !strings.Contains(policy, element+"-src '"+hash(all[0][1])+"'") {
			t.Errorf("%d elements %s, and the policy is %s", len(all), element, policy)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; ") {
		t.Errorf("the policy is %s", policy)
	}
	if regexp.MustCompile(`<[^>]* (style|on[a-z]+)=`).MatchString(text) {
		t.Error("an attribute has a style or a script, which the policy forbids")
	}
	if !strings.HasPrefix(text, Begin) {
		t.Error("the page does not begin as pages of this program do")
	}
}

// tags are the elements of a page with the names of their attributes: all but its texts.
func tags(text string) []string {
	attribute := regexp.MustCompile(`="[^"]*"`)
	var out []string
	for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(text, -1) {
		out = append(out, attribute.ReplaceAllString(tag, ""))
	}
	return out
}

// TestHostileNamesAreText: names of markup, quotes, control characters, text from right to
// left and 10,000 characters change nothing but texts.
func TestHostileNamesAreText(t *testing.T) {
	const data = `{"images":[{"id":1,"file_name":%q,"width":640,"height":480}],
		"annotations":[{"id":%q,"image_id":1,"category_id":1,"bbox":[100,100,60,60],"area":3600,"iscrowd":0},
		{"id":"b","image_id":1,"category_id":1,"bbox":[300,100,0,60],"area":1,"iscrowd":0}],
		"categories":[{"id":1,"name":%q}]}`
	plain := written(t, analysed(t, "", saved(t, fmt.Sprintf(data, "a.jpg", "a", "cat"))))
	for _, hostile := range []string{
		`</script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `<!-- --> ]]> </style>`,
		`{{.}} ${1} &lt;b&gt; &amp;`, "javascript:alert(1)", "אבג cat", strings.Repeat("x", 10000),
	} {
		got := written(t, analysed(t, "", saved(t, fmt.Sprintf(data, hostile+".jpg", hostile, hostile))))
		if !slices.Equal(tags(got), tags(plain)) {
			t.Errorf("%.40q changes more than texts", hostile)
		}
		if n := len(got) - len(plain); n > 15000 {
			t.Errorf("%.40q makes the page %d bytes larger", hostile, n)
		}
	}
	for _, unseen := range []string{`\u0000`, `\u001b[31m`, `\u202e`, `\u2028`, `\u200b`} {
		text := strings.ReplaceAll(fmt.Sprintf(data, "a.jpg", "a", "UNSEEN"), "UNSEEN", unseen)
		if got := written(t, analysed(t, "", saved(t, text))); !slices.Equal(tags(got), tags(plain)) ||
			strings.ContainsAny(got, "\x00\x1b\u202e\u2028\u200b") {
			t.Errorf("%s is in the page", unseen)
		}
	}
}

// TestBars: segments stand side by side and are as long as their shares.
func TestBars(t *testing.T) {
	rect := regexp.MustCompile(`<rect class="([a-z]+)" x="([0-9.]+)" width="([0-9.]+)" height="1"/>`)
	s := newStack("x", "X", "", 0.75, 0.7)
	want := []string{"pos 0 0.25", "hard 0.25 0.05", "easy 0.3 0.7"}
	for i, m := range rect.FindAllStringSubmatch(string(s.Bar), -1) {
		if got := strings.Join(m[1:], " "); i >= len(want) || got != want[i] {
			t.Errorf("segment %d is %s", i, got)
		}
	}
	if s.Positive != "25.0\u00a0%" || s.Hard != "5.00\u00a0%" || s.Easy != "70.0\u00a0%" {
		t.Errorf("texts are %s, %s, %s", s.Positive, s.Hard, s.Easy)
	}
	if s := newStack("x", "X", "", math.NaN(), math.NaN()); s.Bar != "" || s.Easy != "–" {
		t.Errorf("without a loss: %+v", s)
	}
}

// TestNumbers: three significant digits, and no share that reads as none or all and is not.
func TestNumbers(t *testing.T) {
	for x, want := range map[float64]string{0: "0\u00a0%", 1: "100\u00a0%", 0.5: "50.0\u00a0%", 0.99996: ">\u202f99.9\u00a0%",
		0.9994: "99.9\u00a0%", 0.00005: "<\u202f0.01\u00a0%", 0.0123: "1.23\u00a0%", 0.000539: "0.0539\u00a0%", math.NaN(): "–"} {
		if got := percent(x); got != want {
			t.Errorf("percent(%g) = %q, want %q", x, got, want)
		}
	}
	for x, want := range map[float64]string{0: "0", 1987.3: "1,987", 123.4: "123", 12.34: "12.3", 1.234: "1.23", 0.1234: "0.123",
		0.00012: "0.00012", -5: "-5.00"} {
		if got := digits3(x); got != want {
			t.Errorf("digits3(%g) = %q, want %q", x, got, want)
		}
	}
	if got := prose(percent(0.00005) + ", " + percent(0.99999)); got != "under 0.01\u00a0%, over 99.9\u00a0%" {
		t.Errorf("prose: %q", got)
	}
}

// TestFirstScreen: with a detector the labels are first, in the order of findings.parquet;
// without one the gravest codes.
func TestFirstScreen(t *testing.T) {
	r := analysed(t, filepath.Join("..", "..", "testdata", "detections.json"), sampleDir)
	p := &painter{Result: r, main: r.Headline()}
	if p.main != 2 {
		t.Fatalf("scores %d are shown first, expected the detector's", p.main)
	}
	first := p.first()
	if len(first.Labels) != maxFirst || len(first.Codes) != 0 {
		t.Fatalf("%d labels and %d codes", len(first.Labels), len(first.Codes))
	}
	var suspected []*findings.Finding
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Evidence != nil {
			suspected = append(suspected, f)
		}
	}
	for i, l := range first.Labels {
		f := suspected[i]
		if l.Number != i+1 || l.Value != sortKey(f.Evidence.Score) || l.Print != r.Fingerprint(f) {
			t.Errorf("label %d: %+v", i, l)
		}
		if l.Frame == "" {
			t.Errorf("label %d has no figure", i)
		}
	}
	r = analysed(t, "", sampleDir)
	p = &painter{Result: r, main: r.Headline()}
	if first = p.first(); p.main != 0 || len(first.Labels) != 0 || len(first.Codes) != maxFirst/2 ||
		first.Codes[0].Severity != findings.Error.String() {
		t.Errorf("without a detector: scores %d, %+v", p.main, first)
	}
}

// TestAlike: where every positive costs the same, no curve is drawn and a class has one share; where a detector scores, γ
// is chosen and a class has two. The what-ifs say why their shares are not those of the title.
func TestAlike(t *testing.T) {
	before := analysed(t, "", sampleDir)
	after := analysed(t, filepath.Join("..", "..", "testdata", "detections.json"), sampleDir)
	for _, c := range []struct {
		r      *analysis.Result
		alike  bool
		curves []int // by source of scores
	}{{before, true, []int{0, 0}}, {after, false, []int{0, 0, 2}}} {
		p := &painter{Result: c.r, main: c.r.Headline()}
		v := p.loss()
		if v.Alike != c.alike || (len(v.Gammas) == 0) != c.alike || len(v.BySource) != len(c.curves) {
			t.Fatalf("alike %v, %d γ, %d sources", v.Alike, len(v.Gammas), len(v.BySource))
		}
		for i, of := range v.BySource {
			if len(of.Curves) != c.curves[i] || (len(of.Reads) == 0) != of.Alike {
				t.Errorf("scores %s: %d curves, %d sentences", of.Name, len(of.Curves), len(of.Reads))
			}
		}
		share := percent(*c.r.Metrics[p.main].NegativeShare.BCE)
		if !strings.Contains(v.Objectness, "So background holds ") || !strings.HasSuffix(v.Objectness, " here, and "+share+" at the top.") {
			t.Errorf("%q, want the share %s", v.Objectness, share)
		}
		text := written(t, c.r)
		if one := strings.Contains(text, ">Of either loss<"); one != c.alike || strings.Contains(text, ">Of focal loss<") == c.alike {
			t.Errorf("one share by class: %v, want %v", one, c.alike)
		}
	}
	rows, _ := (&painter{Result: before}).classes()
	if len(rows) == 0 {
		t.Error("no classes")
	}
	for _, v := range rows {
		if v.BCEText != v.FocalText {
			t.Errorf("%s: %s and %s, though every positive costs the same", v.Name, v.BCEText, v.FocalText)
		}
	}
}

// TestAccept: the lines that accept a finding are a policy's, and accept one finding, not all of a code.
func TestAccept(t *testing.T) {
	r := analysed(t, filepath.Join("..", "..", "testdata", "detections.json"), sampleDir)
	p := &painter{Result: r, main: r.Headline()}
	waived, reviewed := 0, 0
	for _, c := range p.codes() {
		lines := strings.NewReplacer("\n", "\n  ", "reason: ", "reason: known", "YYYY-MM-DD", "2030-01-31").Replace("gate:\n" + c.Waiver)
		policy, ok, err := gate.ParsePolicy([]byte(lines))
		if err != nil || !ok {
			t.Fatalf("%s: %v\n%s", c.Code, err, lines)
		}
		waived, reviewed = waived+len(policy.Waivers), reviewed+len(policy.Reviewed)
		for _, w := range policy.Waivers {
			if w.Code != "" || w.Fingerprint != c.Examples[0].Print {
				t.Errorf("%s: %+v", c.Code, w)
			}
		}
		for _, print := range policy.Reviewed {
			if e, _ := findings.Lookup(c.Code); e.Family != findings.Label || print != c.Examples[0].Print {
				t.Errorf("%s: %s is reviewed", c.Code, print)
			}
		}
	}
	if waived == 0 || reviewed == 0 {
		t.Errorf("%d waivers, %d reviewed", waived, reviewed)
	}
}

func TestMarked(t *testing.T) {
	for s, want := range map[string]string{
		"`a < b` is <i>": "<code>a &lt; b</code> is &lt;i&gt;",
		"x `y":           "x <code>y</code>",
		"plain":          "plain",
	} {
		if got := string(marked(s)); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// TestVerdict: the sentence says what the numbers say.
func TestVerdict(t *testing.T) {
	r := analysed(t, "", sampleDir)
	number := func(x float64) analysis.Number { return &x }
	for _, c := range []struct {
		bce, focal float64
		want       string
	}{
		{0.99, 0.3, "At initialisation, background makes up 99.0\u00a0% of the cross entropy. Focal loss cuts it to 30.0\u00a0%."},
		{0.99, 0.95, "At initialisation, background makes up 99.0\u00a0% of the cross entropy, and focal loss leaves 95.0\u00a0%."},
		{0.4, 0.2, "At initialisation, background does not dominate: it makes up 40.0\u00a0% of the cross entropy and 20.0\u00a0% of the focal loss."},
	} {
		r.Metrics[0].NegativeShare = analysis.ByLoss{BCE: number(c.bce), Focal: number(c.focal)}
		if got := (&painter{Result: r}).verdict().Headline; got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestNothing: without objects, anchors or findings there still is a page.
func TestNothing(t *testing.T) {
	for name, data := range map[string]string{
		"no objects":   `{"images":[{"id":1,"width":64,"height":48}],"annotations":[],"categories":[{"id":1,"name":"cat"}]}`,
		"no images":    `{"images":[],"annotations":[],"categories":[]}`,
		"no size":      `{"images":[{"id":1}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,9,9]}],"categories":[{"id":1,"name":"cat"}]}`,
		"nothing fits": `{"images":[{"id":1,"width":64,"height":48}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[99,99,0,0]}],"categories":[]}`,
	} {
		text, _, _ := strings.Cut(written(t, analysed(t, "", saved(t, data))), "<script>")
		if strings.Contains(text, "NaN") || strings.Contains(text, ">Inf") {
			t.Errorf("%s: the page has a number that is none", name)
		}
		if !strings.Contains(text, "There is no usable object") {
			t.Errorf("%s: the verdict is another one", name)
		}
	}
}

// TestGate: the page shows the rules, the gravest first, and what is new since the baseline.
func TestGate(t *testing.T) {
	r := analysed(t, "", sampleDir)
	subject := func() *gate.Subject {
		return &gate.Subject{Scores: []string{"prior"}, Metrics: map[string]analysis.Metrics{"prior": r.Metrics[0]},
			Findings: []gate.Finding{{Code: "box-empty", File: "a.jpg", Fingerprint: "1", Message: "the first"},
				{Code: "box-tiny", Source: "b.json", Fingerprint: "2", Message: "the second"}},
			Counts: map[string]int{"box-empty": 1, "box-tiny": 1}, Classes: []gate.Class{{Name: "cat", Objects: 3}, {Name: "dog"}}}
	}
	g, err := gate.New(gate.Policy{Baseline: "x", Rules: []gate.PolicyRule{{Name: "fine", FailIf: "anchors < 0"},
		{Name: "many objects", Each: "class", FailIf: "objects > 2"}, {WarnIf: "errors > 0"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	now, before := subject(), subject()
	before.Findings = before.Findings[1:]
	before.Metrics["prior"] = analysis.Metrics{Images: 7, Objects: r.Metrics[0].Objects}
	v, err := g.Hold(t.Context(), now, before, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got := (&painter{Result: r, held: &v}).gate()
	if got.Status != "fail" || len(got.Rules) != 3 || got.Rules[0] != (ruleView{"fail", `rule "many objects"`, "objects > 2", "", "cat"}) ||
		got.Rules[1].Status != "warn" || got.Rules[1].Title != "warn_if errors > 0" || got.Rules[1].Measured != "errors = 1, limit 0" ||
		got.Summary != `Not passed: rule "many objects".` {
		t.Errorf("rules: %+v", got)
	}
	if got.Baseline != "1 finding new, 1 already in the baseline, 0 of the baseline gone." || len(got.New) != 1 ||
		got.New[0] != (newView{"box-empty", "error", "a.jpg", "the first"}) {
		t.Errorf("since the baseline: %s, %+v", got.Baseline, got.New)
	}
	if got.Changes[0] != (changeView{"images in use", "7", "42"}) {
		t.Errorf("changes: %+v", got.Changes)
	}
	if (&painter{Result: r}).gate() != nil {
		t.Error("there is a verdict without a gate")
	}
	var b bytes.Buffer
	if err := Write(&b, r, Extras{Verdict: &v}, "1"); err != nil || !strings.Contains(b.String(), "Gate failed") {
		t.Errorf("%v, and the page does not say that the gate failed", err)
	}
}

// TestData: the histograms, classes and pairs are those of the distribution.
func TestData(t *testing.T) {
	r := analysed(t, "", sampleDir)
	v := (&painter{Result: r}).data()
	if len(v.Sources) != 2 || v.Sources[1] != (dataSource{"street.json", "40", "166", "4.15", "src1"}) {
		t.Errorf("sources: %+v", v.Sources)
	}
	if len(v.Drifts) != distribution.NumFigures || v.Drifts[0].Figure != "place" {
		t.Errorf("drifts: %+v", v.Drifts)
	}
	objects := 0
	for _, c := range v.Classes {
		for _, cell := range c.Cells {
			n, err := strconv.Atoi(cell.Sort)
			if err != nil {
				t.Error(err)
			}
			objects += n
		}
	}
	if objects != 172 {
		t.Errorf("classes have %d objects, expected those of both sources", objects)
	}
	for _, place := range v.Places {
		data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(place.Map), "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		if im, err := png.Decode(bytes.NewReader(data)); err != nil || im.Bounds().Dx() != distribution.Side {
			t.Errorf("%s: the heat map is no picture of %d cells: %v", place.Name, distribution.Side, err)
		}
	}
}

// TestCrops: with pictures, the page shows crops with both boxes; missing and broken ones are
// counted, and the frame stands in their place. The bytes do not depend on the workers.
func TestCrops(t *testing.T) {
	r := analysed(t, filepath.Join("..", "..", "testdata", "detections.json"), sampleDir)
	at := t.TempDir()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 640, 480))); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"street_009.jpg": b.Bytes(), "street_030.jpg": []byte("broken")} {
		if err := os.WriteFile(filepath.Join(at, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	d, err := picture.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	pages := map[int]string{}
	for _, workers := range []int{1, 4} {
		r.Config.Workers = workers
		crops, err := CutCrops(t.Context(), d, r, MaxCrops)
		if err != nil {
			t.Fatal(err)
		}
		if len(crops.By) < 3 || crops.Broken == 0 || crops.Missing == 0 || len(crops.By)+crops.Broken+crops.Missing != crops.Asked {
			t.Errorf("%d crops, %d missing, %d broken of %d", len(crops.By), crops.Missing, crops.Broken, crops.Asked)
		}
		for rank := range crops.By {
			if f := &r.Findings[rank]; r.Data.Sources[f.Source].Images[f.Image].File != "street_009.jpg" {
				t.Errorf("finding %d has a crop of another picture", rank)
			}
		}
		var w bytes.Buffer
		if err := Write(&w, r, Extras{Crops: crops}, "1"); err != nil {
			t.Fatal(err)
		}
		pages[workers] = w.String()
		if n := strings.Count(w.String(), "<image href=\"data:image/jpeg;base64,"); n != len(crops.By) {
			t.Errorf("%d crops on the page, expected %d", n, len(crops.By))
		}
	}
	if pages[1] != pages[4] {
		t.Error("the page depends on the workers")
	}
	if none, err := CutCrops(t.Context(), d, r, 0); err != nil || none.Asked != 0 {
		t.Errorf("no crops were asked for: %+v, %v", none, err)
	}
}

// TestSheet: with pictures, the page shows an object of each class whose picture is there, the clearest one, and then the
// largest; a picture that was not measured is not asked for. The bytes do not depend on the workers.
func TestSheet(t *testing.T) {
	r := analysed(t, "", sampleDir)
	at := t.TempDir()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 640, 480))); err != nil {
		t.Fatal(err)
	}
	for s := range r.Data.Sources {
		images := r.Data.Sources[s].Images
		r.Config.Sizes = append(r.Config.Sizes, make([]geom.Size, len(images)))
		for i := range images {
			if slices.Contains([]string{"street_009.jpg", "street_030.jpg"}, images[i].File) {
				r.Config.Sizes[s][i] = images[i].Size
				if err := os.WriteFile(filepath.Join(at, images[i].File), b.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	d, err := picture.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	pages := map[int]string{}
	for _, workers := range []int{1, 4} {
		r.Config.Workers = workers
		crops, err := CutCrops(t.Context(), d, r, MaxCrops)
		if err != nil {
			t.Fatal(err)
		}
		shown := map[int32]bool{}
		for _, one := range crops.Sheet {
			src := &r.Data.Sources[one.Source]
			o := &src.Objects[one.Object]
			if shown[o.Class] {
				t.Errorf("%s is there twice", r.Data.Classes[o.Class].Name)
			}
			shown[o.Class] = true
			grade := gradeOf(src, &src.Images[o.Image], one.Object)
			for k := range src.Objects {
				other := &src.Objects[k]
				if other.Class != o.Class || other.LeftOut != dataset.InUse || r.Config.Sizes[one.Source][other.Image].W == 0 {
					continue
				}
				if g := gradeOf(src, &src.Images[other.Image], int32(k)); g > grade ||
					g == grade && other.Box.W*other.Box.H > o.Box.W*o.Box.H {
					t.Errorf("%v is shown with grade %d, expected %v with %d", o.Box, grade, other.Box, g)
				}
			}
		}
		if len(shown) < 2 {
			t.Errorf("%d classes are shown", len(shown))
		}
		var w bytes.Buffer
		if err := Write(&w, r, Extras{Crops: crops}, "1"); err != nil {
			t.Fatal(err)
		}
		pages[workers] = w.String()
		sheet := w.String()[strings.Index(w.String(), `class="sheet"`):]
		if n := strings.Count(sheet[:strings.Index(sheet, "</ul>")], "<image href="); n != len(shown) {
			t.Errorf("%d crops on the sheet, expected %d", n, len(shown))
		}
	}
	if pages[1] != pages[4] {
		t.Error("the page depends on the workers")
	}
	if none, err := CutCrops(t.Context(), d, r, 0); err != nil || len(none.Sheet) != 0 {
		t.Errorf("no crops were asked for: %d, %v", len(none.Sheet), err)
	}
}

// TestGrade holds the grades to boxes whose place is known.
func TestGrade(t *testing.T) {
	im := dataset.Image{Size: geom.Size{W: 200, H: 100}, Last: 2}
	away := geom.Rect{X: 190, Y: 90, W: 5, H: 5}
	for _, c := range []struct {
		box, other geom.Rect
		want       int
	}{
		{geom.Rect{X: 10, Y: 10, W: 40, H: 40}, away, asideGrade},
		{geom.Rect{X: 150, Y: 10, W: 40, H: 40}, away, asideGrade},
		{geom.Rect{X: 80, Y: 10, W: 40, H: 40}, away, clearGrade},
		{geom.Rect{X: 10, Y: 10, W: 40, H: 40}, geom.Rect{X: 40, Y: 40, W: 50, H: 50}, asideGrade},
		{geom.Rect{X: 10, Y: 10, W: 40, H: 40}, geom.Rect{X: 30, Y: 30, W: 50, H: 50}, halfGrade},
		{geom.Rect{X: 10, Y: 0, W: 120, H: 100}, away, anyGrade},
		{geom.Rect{X: -1, Y: 10, W: 40, H: 40}, away, anyGrade},
	} {
		src := &dataset.Source{Objects: []dataset.Object{{Box: c.box}, {Box: c.other}}}
		if got := gradeOf(src, &im, 0); got != c.want {
			t.Errorf("%v beside %v: grade %d, expected %d", c.box, c.other, got, c.want)
		}
	}
}

// TestCells: the figure of sizes counts every matched object once.
func TestCells(t *testing.T) {
	r := analysed(t, "", sampleDir)
	p := &painter{Result: r}
	text := string(p.anchors().Figure)
	total := int64(0)
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`<rect class="(cell|why\d)" x="([0-9.]+)" y="([0-9.]+)" width="([0-9.]+)"[^>]*><title>(\d+) objects?`).
		FindAllStringSubmatch(text, -1) {
		x, _ := strconv.ParseFloat(m[2], 64)
		y, _ := strconv.ParseFloat(m[3], 64)
		w, _ := strconv.ParseFloat(m[4], 64)
		at := fmt.Sprintf("%.0f %.0f", x+w/2, y+w/2)
		n, _ := strconv.ParseInt(m[5], 10, 64)
		if !seen[at] {
			total += n
		}
		seen[at] = true
	}
	if total != r.Total.Objects {
		t.Errorf("the squares have %d objects, expected %d", total, r.Total.Objects)
	}
}

func BenchmarkWrite(b *testing.B) {
	r := analysed(b, "", saved(b, generated(5000, 80)))
	for b.Loop() {
		var w bytes.Buffer
		if err := Write(&w, r, Extras{}, "1"); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAnswersAsTheTerminal: the page begins with the terminal's answers, in its order, each with a section to go to.
func TestAnswersAsTheTerminal(t *testing.T) {
	r := analysed(t, "", sampleDir)
	var b bytes.Buffer
	if err := Write(&b, r, Extras{}, "1"); err != nil {
		t.Fatal(err)
	}
	page, at := b.String(), 0
	for _, a := range answer.Of(r) {
		link := `<a href="#` + sections[a.Topic] + `" class="mark ` + levels[a.Level] + `">` + string(a.Topic) + `</a>`
		i := strings.Index(page[at:], link)
		if i < 0 || sections[a.Topic] == "" || !strings.Contains(page, ` id="`+sections[a.Topic]+`"`) {
			t.Fatalf("%s: no %s behind byte %d, or nowhere to go", a.Topic, link, at)
		}
		at += i
	}
	if bars := strings.Index(page, `class="imbalance"`); bars < at {
		t.Errorf("bars at byte %d stand before the last answer, at %d", bars, at)
	}
	for _, pair := range [][2]string{{"labels", "anchors"}, {"anchors", "loss"}, {"loss", "findings"}} {
		first, second := strings.Index(page, `<section id="`+pair[0]), strings.Index(page, `<section id="`+pair[1])
		if first < 0 || first > second {
			t.Errorf("%s stands behind %s", pair[0], pair[1])
		}
	}
}

// TestDoubtfulData: where the numbers can't be trusted, that is said first.
func TestDoubtfulData(t *testing.T) {
	r := analysed(t, "", sampleDir)
	f := findings.New("box-convention")
	f.Message = "the boxes are corners"
	r.Findings = append([]findings.Finding{f}, r.Findings...)
	if first := (&painter{Result: r}).answers()[0]; !strings.HasPrefix(string(first.Verdict), "Mend the data first") {
		t.Errorf("the answers begin with %q", first.Verdict)
	}
}

// TestTilesAgreeWithTheAnswer: the tiles advise what the answer on anchors does, and say "most" of more than half only.
func TestTilesAgreeWithTheAnswer(t *testing.T) {
	for _, c := range []struct {
		of, n int64
		want  string
	}{{2, 4, "2 of 4 are"}, {3, 4, "most are"}, {4, 4, "all are"}, {1, 1, "it is"}, {1, 3, "1 of 3 is"}} {
		if got := mostly(c.of, c.n); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.of, c.n, got, c.want)
		}
	}
	// Both are under the smallest anchor, of 32 px.
	r := analysed(t, "", saved(t, `{"images":[{"id":1,"file_name":"1.jpg","width":800,"height":800}],`+
		`"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[400,300,12,12]},`+
		`{"id":2,"image_id":1,"category_id":1,"bbox":[600,600,14,14]}],"categories":[{"id":1,"name":"a"}]}`))
	p := &painter{Result: r}
	a, _ := p.answer(answer.Anchors)
	do := answer.Remedy(r)
	if do == "" || !strings.HasPrefix(strings.ToLower(a.Action), do) {
		t.Fatalf("the answer %q does not begin with %q", a.Action, do)
	}
	if got, want := p.untrained(true), "100 %; all are too small: "+do+"."; strings.ReplaceAll(got, "\u00a0", " ") != want {
		t.Errorf("the tile says %q, want %q", got, want)
	}
}
