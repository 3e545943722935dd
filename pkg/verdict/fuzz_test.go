package verdict

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"

	"focalaudit/pkg/gate"
)

// FuzzWriters: names of any bytes through every writer of a verdict. JSON and XML stay what
// they are, no text has a control character, and GitHub's lines are all of ours.
func FuzzWriters(f *testing.F) {
	for _, s := range []string{
		"a", "\x1b[31m", "a\n::error::x", "\u202e", "\ufffe", "]]>", "\xff", "<b>", "a|b", "..", "../../x", "/etc/passwd",
		"c:\\x", "%0a", "a b", "::x", "\u2028", "\u0085", "\r", "\x00",
	} {
		f.Add(s, "b", "c")
		f.Add("a", s, s)
	}
	f.Fuzz(func(t *testing.T, name, file, msg string) {
		v := &gate.Verdict{
			Status: gate.Fail, Sources: []gate.Source{{Name: file}}, Counts: gate.Counts{Total: 2},
			Rules: []gate.Outcome{
				{Name: name, Rule: "x", Status: gate.Fail, Of: []string{name, file}, Error: msg},
				{Name: msg, Rule: name, Status: gate.Warn}, {Name: file, Rule: name, Error: msg, Status: gate.Undecided},
			},
			Findings: []gate.Finding{
				{Rank: 1, Code: "box-empty", Source: file, File: name, Message: msg, New: true, Class: name},
				{Rank: 2, Code: "box-empty", Source: name, File: file, Message: msg, New: true, Annotation: msg},
			},
		}
		for _, format := range Formats() {
			var b bytes.Buffer
			if err := format.Write(&b, v, Options{Version: "x"}); err != nil {
				t.Fatalf("%q: %v", format.Flag, err)
			}
			kind := format.Flag
			if format.To == AppendEnv { // the page of a job, whose flag is that of the lines
				kind = "page"
			}
			switch kind {
			case "sarif", "json":
				if !json.Valid(b.Bytes()) {
					t.Fatalf("%s is not JSON: %s", format.Flag, b.String())
				}
			case "junit":
				if err := wellFormed(b.Bytes()); err != nil {
					t.Fatalf("%v: %s", err, b.String())
				}
			case "github":
				for line := range strings.SplitSeq(strings.TrimSuffix(b.String(), "\n"), "\n") {
					ours := strings.HasPrefix(line, "::error ") || strings.HasPrefix(line, "::warning ")
					if !ours || strings.Contains(line, "\r") {
						t.Fatalf("a line that is none of ours: %q", line)
					}
				}
			default:
				for line := range strings.SplitSeq(b.String(), "\n") {
					if strings.ContainsFunc(line, unicode.IsControl) {
						t.Fatalf("%q has a control character: %q", format.Flag, line)
					}
				}
			}
		}
	})
}

func wellFormed(text []byte) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
