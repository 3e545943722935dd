package answer_test

import (
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
)

// TestAdvice: the change that leaves fewer objects badly served comes first, and what does not help is said.
func TestAdvice(t *testing.T) {
	at := func(never, weakly int64, input string, cost float64) analysis.Option {
		return analysis.Option{Input: input, Never: never, Weakly: weakly, Cost: cost, Pixels: 1}
	}
	of := func(today, input, anchors, both int64) [2][2]analysis.Option {
		small, large := "a short side of 800 px", "a short side of 1,200 px"
		out := [2][2]analysis.Option{
			{at(1, today-1, small, 1), at(0, input, large, 2.24)},
			{at(0, anchors, small, 4./3), at(0, both, large, 3)},
		}
		out[0][1].Pixels, out[1][1].Pixels = 2.25, 2.25
		return out
	}
	for _, c := range []struct {
		of   [2][2]analysis.Option
		want string
	}{
		{of(1000, 800, 500, 300), "Change the anchors first: line 7 would leave 500 of the 1,000, for 1.33 times as many " +
			"anchors; an input of 1,200 px 800, for 2.24 times as many anchors and 2.25 times as many pixels, with which computing grows; both 300."},
		{of(1000, 400, 500, 300), "A larger input does more here: an input of 1,200 px would leave 400 of " +
			"the 1,000, for 2.24 times as many anchors and 2.25 times as many pixels, with which computing grows; line 7 500, for 1.33 times as many anchors; both 300."},
		{of(1000, 400, 1000, 400), "Train at a larger input: an input of 1,200 px would leave 400 of the " +
			"1,000, for 2.24 times as many anchors and 2.25 times as many pixels, with which computing grows; line 7 do not help."},
		{of(10, 10, 12, 9), "Neither line 7 nor an input of 1,200 px helps."},
	} {
		if got := answer.Advice("line 7", c.of, ""); got != c.want {
			t.Errorf("got %q\nwant %q", got, c.want)
		}
	}
}

// TestRemedy: the few words are those of the answer's first sentence, for objects below the smallest anchor, and for
// anchors that were fitted, whose owner is sent to the input.
func TestRemedy(t *testing.T) {
	small := []string{box(1, 100, 100, 128, 128), box(2, 400, 300, 12, 12), box(3, 600, 600, 14, 14)}
	if got := answer.Remedy(run(t, small...)); got != "change the anchors first" {
		t.Errorf("got %q", got)
	}
	c := testrun.Config(t, "retinanet-torchvision")
	c.Preset.Name += "-fit-1"
	if got := answer.Remedy(under(t, c, small...)); got != "the anchors were fitted already, and a larger input does not help" {
		t.Errorf("got %q", got) // of an input of 1,200 px: TestAnswers
	}
	if got := answer.Remedy(run(t, box(1, 100, 100, 128, 128))); got != "" {
		t.Errorf("got %q", got)
	}
}
