package gate

import (
	"strings"
	"testing"
)

// TestNamesCannotBePassedBy: each of these names something that isn't there by
// a way on which the compiler would not notice; a rule that never fails would
// look like one that holds.
func TestNamesCannotBePassedBy(t *testing.T) {
	for text, want := range map[string]string{
		`let s = scores; s.artcle.objects_without_positive > 0`:     "scores takes the name of a source",
		`$env.scores.artcle.objects_without_positive > 0`:           "unknown name $env",
		`$env.count("box-emty") > 0`:                                "unknown name $env",
		`Metrics.objects_rescued > 1`:                               "unknown name Metrics",
		`scores["art" + "cle"].objects_without_positive > 0`:        "scores takes the name of a source",
		`len(scores) > 0`:                                           "scores takes the name of a source",
		`count("box-empty") / positives > 0.01`:                     "a divisor that may be 0",
		`count("box-empty") / 0 > 1`:                                "a divisor that may be 0",
		`count("box-empty") % ignored > 1`:                          "a divisor that may be 0",
		`count("box-" + "emty") > 0`:                                "code",
		`scores.prior.positives > 0 && scores.artcle.positives > 0`: "scores takes the name of a source",
		`any(["a"], scores[#].objects_without_positive > 0)`:        "scores takes the name of a source",
		`["box-emty"] | any(count(#) > 0)`:                          "code",
		`let n = "positves"; was(n) > 0`:                            "in quotes",
		`errors > 0; false`:                                         "only the last one would decide",
		`float("NaN") > 1`:                                          "could make a NaN",
		`was("positves") > 0`:                                       "no such metric",
		`was_count("box-emty") > 0`:                                 "code",
	} {
		_, err := Compile(text, "", []string{"prior", "article"}, true)
		if err == nil {
			t.Errorf("%s: compiles", text)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %q, want it to say %q", text, err, want)
		}
	}
}
