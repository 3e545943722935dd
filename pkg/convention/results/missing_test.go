package results

import (
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// TestByRank: category ids are class indices where these explain the overlapped objects far better than ids do.
func TestByRank(t *testing.T) {
	for _, c := range []struct {
		name string
		a    Agreement
		want int
	}{
		{"right", Agreement{Pairs: 100, Same: 90, Rank: [2]int{3, 40}, Gaps: true}, -1},
		{"from 0, with gaps", Agreement{Pairs: 100, Same: 3, Rank: [2]int{90, 4}, Gaps: true}, 0},
		{"from 1, half of the objects with ids that are their ranks", Agreement{Pairs: 100, Same: 50, Rank: [2]int{0, 92}, Gaps: true}, 1},
		{"a tenth more", Agreement{Pairs: 100, Same: 83, Rank: [2]int{0, 93}, Gaps: true}, 1},
		{"less than a tenth more", Agreement{Pairs: 100, Same: 84, Rank: [2]int{0, 93}, Gaps: true}, -1},
		{"neither", Agreement{Pairs: 100, Same: 50, Rank: [2]int{0, 70}, Gaps: true}, -1},
		{"no gaps", Agreement{Pairs: 18, Rank: [2]int{18, 0}, Two: [2]bool{true, false}}, 0},
		{"no gaps, one class", Agreement{Pairs: 18, Rank: [2]int{18, 0}}, -1},
		{"few", Agreement{Pairs: 9, Rank: [2]int{9, 0}, Gaps: true}, -1},
	} {
		if from := c.a.ByRank(); from != c.want {
			t.Errorf("%s: %d, want %d", c.name, from, c.want)
		}
	}
}

// TestNothingMissing: a detector that is right finds nothing in images without objects, so that these are no warning.
func TestNothingMissing(t *testing.T) {
	d := &dataset.Dataset{Sources: []dataset.Source{{Name: "a.json", Images: make([]dataset.Image, 3)}}}
	for _, c := range []struct {
		u    Unseen
		want findings.Severity
	}{
		{Unseen{Images: 2, Of: 3}, findings.Info},
		{Unseen{Images: 2, Of: 3, Objects: 1}, findings.Warning},
		{Unseen{Images: 2, Of: 3, Every: 2}, findings.Warning},
	} {
		v := Verdict{Missing: c.u}
		all := v.Findings(d, &dataset.Results{Name: "r.json"})
		if len(all) != 1 || all[0].Code != "detections-missing-images" || all[0].Severity() != c.want {
			t.Errorf("%+v: %+v", c.u, all)
		}
	}
}
