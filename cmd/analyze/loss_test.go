package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestLossTable: the numbers of the article, which are worked out there to two digits: (1-p_t)^γ is
// 0.0025 at 0.95, 0.25 at 0.5, 0.81 for a negative at 0.9 and 0.01 for one at 0.1; the losses are their
// logarithms' by hand.
func TestLossTable(t *testing.T) {
	analyze(t, "loss", "0.95", "0.5", "--negative", "0.9", "--negative", "0.1").expect(t, statusFine,
		"γ = 2, α = 0.25 for positives, 0.75 for negatives",
		"positive  0.95   0.95  0.0513  0.0025     0.25  0.0000321  0.000625",
		"positive  0.5    0.5   0.693   0.25       0.25  0.0433     0.0625",
		"negative  0.9    0.1   2.3     0.81       0.75  1.4        0.607",
		"negative  0.1    0.9   0.105   0.01       0.75  0.00079    0.0075")
	analyze(t, "loss", "0.6", "--gamma", "0", "--alpha", "-1").expect(t, statusFine, "without α",
		"positive  0.6    0.6  0.511  1          1    0.511  1")
}

// TestLossOfTinyScores: the smallest number above 0 is 2^-1074, whose logarithm is -1074 ln 2, and whose line is no wider
// than a terminal.
func TestLossOfTinyScores(t *testing.T) {
	r := analyze(t, "loss", "5e-324", "1e-310", "--negative", "0.9999999999999999")
	r.expect(t, statusFine, "positive  5e-324              4.94e-324  744 ", "positive  1e-310              1e-310     714 ")
	for line := range strings.Lines(r.out) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestLossMistakes(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "err:no score: give one or more"},
		{[]string{"x"}, `err:score "x": expected a number between 0 and 1`},
		{[]string{"1"}, "err:score 1: expected a number between 0 and 1, both excluded"},
		{[]string{"--negative", "0"}, "err:score 0: expected"},
		{[]string{"0.5", "--gamma", "-1"}, "err:--gamma -1: expected a number from 0 to 100"},
		{[]string{"0.5", "--alpha", "2"}, "err:--alpha 2: expected a number from 0 to 1"},
		{[]string{"NaN"}, "err:score NaN: expected"},
	} {
		analyze(t, append([]string{"loss"}, c.args...)...).expect(t, statusTrouble, c.want)
	}
}
