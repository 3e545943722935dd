package page

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/pkg/findings"
)

// TestKeptLabelsOnThePage: what people kept counts nowhere as a suspect: title, list, and kinds agree with the findings.
// The page says what focal loss makes of suspects and of others as hard, and nothing of a weight for wrong labels.
func TestKeptLabelsOnThePage(t *testing.T) {
	r := analysed(t, filepath.Join("..", "..", "testdata", "detections.json"), sampleDir)
	kept, left, expected, wrong := 0, 0, 0.0, map[string]float64{}
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Evidence == nil:
		case kept < 2:
			f.Reviewed = true
			kept++
		default:
			left++
			expected += f.Evidence.Score
			wrong[f.Code] += f.Evidence.Score
		}
	}
	if left < 5 {
		t.Fatalf("%d suspects are left: too few to tell", left)
	}
	p := &painter{Result: r, main: r.Headline()}
	want := fmt.Sprintf("%d labels look wrong to the detector; expect about %.0f to be. With 2 that people kept, they carry ",
		left, math.Round(expected))
	if lead := p.labelsLead(); !strings.HasPrefix(strings.ReplaceAll(lead, "\u00a0", " "), want) {
		t.Errorf("got %q, want %q", lead, want)
	}
	v := p.labels()
	if v.All != fmt.Sprint(left) || len(v.Rows) != left {
		t.Errorf("%s labels and %d rows, want %d", v.All, len(v.Rows), left)
	}
	for _, k := range v.Kinds {
		if k.Wrong != about(wrong[k.Code]) {
			t.Errorf("%s: expect %s, want %s", k.Code, k.Wrong, about(wrong[k.Code]))
		}
	}
	text := written(t, r)
	m := &r.Metrics[r.Audit.Scores].NoiseAmplification
	for part, is := range map[string]bool{
		"more weight than on right": false, "enter the finding as reviewed": false,
		"positives’ loss by " + digits3(*m.Objects) + ", and that of other objects that are as hard by " + digits3(*m.ControlObjects): true,
		"<code>analyze review DIR PATH… -o review</code>":                                                                             true,
		"where scores = &#39;detections&#39; and loss_function = &#39;focal&#39;":                                                     true,
		"show DIR findings --where 'score &gt; 0 and not reviewed'":                                                                   left > MaxLabels,
	} {
		if strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), part) != is {
			t.Errorf("%q: want %v", part, is)
		}
	}
}

// TestDuplicateOnThePage: of two boxes of one object the detector finds no second one, which is not nothing.
func TestDuplicateOnThePage(t *testing.T) {
	r := analysed(t, filepath.Join("..", "..", "testdata", "detections.json"), sampleDir)
	p := &painter{Result: r, main: r.Headline()}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Evidence == nil || f.Code == "missing" {
			continue
		}
		f.Evidence.Detection = findings.NoDetection()
		for code, want := range map[string]string{"duplicate": "no second one", "spurious": "nothing"} {
			f.Code = code
			if got := p.suspect(f, 1, i).Detection; got != want {
				t.Errorf("%s: detection %q, want %q", code, got, want)
			}
		}
		return
	}
	t.Fatal("no suspected annotation")
}
