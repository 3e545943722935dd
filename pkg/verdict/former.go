package verdict

import (
	"encoding/json"
	"io"
	"regexp"
)

// These tell files that an earlier run wrote from all others, by their content. Files that
// were cut off after their first bytes count too.

// head is how much of a file its writer's name stands in.
const head = 4096

// beginsLike returns a function that reports whether a file's first bytes match.
func beginsLike(pattern string) func(io.Reader) bool {
	expected := regexp.MustCompile(pattern)
	return func(r io.Reader) bool {
		first := make([]byte, head)
		n, _ := io.ReadFull(r, first)
		return expected.Match(first[:n])
	}
}

var (
	formerSARIF = beginsLike(`^\s*\{\s*"\$schema"\s*:\s*"[^"]*"\s*,\s*"version"\s*:\s*"2\.1\.0"\s*,\s*"runs"\s*:\s*\[` +
		`\s*\{\s*"tool"\s*:\s*\{\s*"driver"\s*:\s*\{\s*"name"\s*:\s*"focalaudit"`)
	formerJUnit = beginsLike(`^<\?xml [^>]*\?>\s*<testsuites>\s*<testsuite name="focalaudit"`)
)

// maxVerdict is more than a verdict as JSON has: rules and counts, but no findings.
const maxVerdict = 64 << 20

// formerJSON knows a verdict by its keys, all of which no other program writes.
func formerJSON(r io.Reader) bool {
	var v struct {
		Status   *string
		Rules    *[]struct{ Name, Rule, Status *string }
		Baseline *bool
		OnlyNew  *bool `json:"only_new"`
		Findings *struct {
			Total, Waived, Known, Gone *int
			Counted                    map[string]int
		}
	}
	err := json.NewDecoder(io.LimitReader(r, maxVerdict)).Decode(&v)
	f := v.Findings
	return err == nil && v.Status != nil && v.Rules != nil && v.Baseline != nil && v.OnlyNew != nil &&
		f != nil && f.Total != nil && f.Waived != nil && f.Known != nil && f.Gone != nil
}
