package verdict

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestFormer: a format knows its own files, and no other's; none of them takes a foreign
// file for its own.
func TestFormer(t *testing.T) {
	for _, f := range Formats() {
		if f.To != File {
			continue
		}
		if f.Kind == "" || f.Former == nil {
			t.Fatalf("%s: no kind", f.Flag)
		}
		for _, of := range Formats() {
			var b bytes.Buffer
			if err := of.Write(&b, sample(3), Options{Version: "1"}); err != nil {
				t.Fatal(err)
			}
			if got := f.Former(&b); got != (f.Flag == of.Flag) {
				t.Errorf("%s: a file of %q: %v", f.Flag, of.Flag, got)
			}
		}
		for _, text := range []string{
			"", "{}", "[]", "notes", `{"status": "fail"}`, `{"images": [], "annotations": [], "categories": []}`, strings.Repeat("[", 1<<20),
			`{"status": "pass", "rules": [], "baseline": false, "only_new": false, "findings": []}`,
			`{"$schema": "x", "version": "2.1.0", "runs": [{"tool": {"driver": {"name": "another"}}}]}`,
			"<?xml version=\"1.0\"?>\n<testsuites><testsuite name=\"another\">", "gate: {rules: []}",
		} {
			if f.Former(strings.NewReader(text)) {
				t.Errorf("%s: takes %.60q for its own", f.Flag, text)
			}
		}
		if f.Former(io.LimitReader(zeros{}, 1<<30)) {
			t.Errorf("%s: takes zeros for its own", f.Flag)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
