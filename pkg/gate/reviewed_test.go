package gate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/smallyaml"
	"focalaudit/pkg/gate"
)

// prints are n fingerprints.
func prints(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%024x", i+1)
	}
	return all
}

// TestManyReviewed: what people kept of a large data set is read, whatever stands around it, and the rest of the
// policy as if it stood alone.
func TestManyReviewed(t *testing.T) {
	all := prints(100_000)
	list := "    - " + strings.Join(all, "\n    - ") + "\n"
	words := "    - " + strings.Join(all, " # class: annotation 7 \"boat\"\n    - ") + "\n"
	quoted := "  - \"" + strings.Join(all, "\"\n  - \"") + "\"\n"
	for name, file := range map[string]string{
		"alone":     "gate:\n  reviewed:\n" + list + "  rules:\n    - fail_if: errors > 1\n",
		"words":     "gate:\n  rules: [{fail_if: errors > 1}]\n  reviewed: # kept\n" + words + "  only_new: true\n",
		"quoted":    "a: 1\ngate:\n  rules: [{fail_if: errors > 1}]\n  reviewed:\n" + quoted + "b: 2\n",
		"remarks":   "# x\ngate:\n\n  # y\n  rules: [{fail_if: errors > 1}]\n  reviewed:\n\n    # z\n" + list + "\n\n# end\n",
		"crlf":      strings.ReplaceAll("gate:\n  reviewed:\n"+list+"  rules:\n    - fail_if: errors > 1\n", "\n", "\r\n"),
		"no end":    strings.TrimSuffix("gate:\n  rules: [{fail_if: errors > 1}]\n  reviewed:\n"+list, "\n"),
		"elsewhere": "other:\n  reviewed:\n    - x\ngate:\n  rules: [{fail_if: errors > 1}]\n  reviewed:\n" + list,
	} {
		p, ok, err := gate.ParsePolicy([]byte(file))
		if err != nil || !ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(p.Reviewed, all) || len(p.Rules) != 1 || p.Rules[0].FailIf != "errors > 1" {
			t.Errorf("%s: %d reviewed, rules %v", name, len(p.Reviewed), p.Rules)
		}
	}
}

// TestReviewedOfOtherForms: a large list that is not one fingerprint in each line is refused, and mistakes beside a
// large list are told.
func TestReviewedOfOtherForms(t *testing.T) {
	all := prints(5000)
	list := "    - " + strings.Join(all, "\n    - ") + "\n"
	for name, c := range map[string]struct{ file, want string }{
		"flow":    {"gate:\n  reviewed: [" + strings.Join(all, ",\n ") + "]\n", "expected at most 128 KiB"},
		"mixed":   {"gate:\n  reviewed:\n" + list + "    - annotation 7\n", "expected at most 128 KiB"},
		"twice":   {"gate:\n  reviewed:\n" + list + "  reviewed:\n" + list, "reviewed"},
		"nested":  {"gate:\n  rules:\n    reviewed:\n" + strings.ReplaceAll(list, "    -", "      -"), "expected at most 128 KiB"},
		"no gate": {"other:\n  reviewed:\n" + list, "expected at most 128 KiB"},
		"mistake": {"gate:\n  reviewed:\n" + list + "  rulez: []\n", "without the 5000 entries of reviewed"},
		"filled":  {"gate:\n  reviewed:\n" + list + strings.Repeat("# x\n", smallyaml.MaxBytes/4+1) + "x: 1\n", ""},
	} {
		_, _, err := gate.ParsePolicy([]byte(c.file))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	small := []byte("gate:\n  reviewed:\n    - " + all[0] + "\n")
	if rest, cut := gate.CutReviewed(small); string(rest) != string(small) || cut != nil {
		t.Errorf("a small file was cut: %q, %v", rest, cut)
	}
}
