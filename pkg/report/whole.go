package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"focalaudit/pkg/files"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/par"
)

// A report is whole if its files are those that the run wrote. summary.json has the
// SHA-256 of every table, and its own: that of its bytes with zeros in the place of its
// own, and with line ends of one character, which version control may change.

const summaryName = "summary.json"

// zeroSum stands for the checksum of summary.json while that is computed.
var zeroSum = strings.Repeat("0", 2*sha256.Size)

// ErrDamaged is the error of a file of a report that is not what a run wrote.
var ErrDamaged = errors.New("is damaged")

// damaged returns the error of a file of a report, why it is told, and what helps.
func damaged(dir, name, why string) error {
	return fmt.Errorf("%s %w: %s: write the report anew with analyze run, or fetch it again",
		filepath.Join(dir, name), ErrDamaged, why)
}

// sealed returns the text of summary.json with its own checksum in the place of zeroSum.
func sealed(summary []byte) []byte {
	at := ownSum(summary)
	if at < 0 {
		return summary
	}
	return slices.Concat(summary[:at], []byte(sumOf(summary)), summary[at+len(zeroSum):])
}

// ownSum returns where the checksum of summary.json itself stands in it, -1 if nowhere.
func ownSum(summary []byte) int {
	key := []byte(`"` + summaryName + `": "`)
	at := bytes.LastIndex(summary, key)
	if at < 0 || at+len(key)+len(zeroSum) > len(summary) {
		return -1
	}
	return at + len(key)
}

// sumOf returns the checksum of summary.json, whatever stands in its place.
func sumOf(summary []byte) string {
	text := bytes.Clone(summary)
	if at := ownSum(text); at >= 0 {
		copy(text[at:], zeroSum)
	}
	sum := sha256.Sum256(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	return hex.EncodeToString(sum[:])
}

// Verify holds every file of the report in dir against its checksum. Reports of earlier
// versions have none: then protected is false, and there is no error.
func Verify(ctx context.Context, dir string) (protected bool, err error) {
	s, err := readWhole(dir)
	if err != nil || s.Checksums == nil {
		return false, err
	}
	names := slices.Sorted(maps.Keys(s.Checksums))
	return true, par.Do(ctx, runtime.GOMAXPROCS(0), len(names), func(i int) error {
		return s.verify(ctx, dir, names[i])
	})
}

// readWhole reads a report's summary, and holds it against its own checksum.
func readWhole(dir string) (*Summary, error) {
	s, err := readReport(dir)
	if err != nil {
		return nil, err
	}
	text, err := files.ReadSmall(filepath.Join(dir, summaryName), maxSummary)
	if err != nil {
		return nil, err
	}
	if s.Checksums == nil { // an older version's, if it has no key that was to be one of ours
		return s, onlyKnownKeys(dir, text)
	}
	if got := s.Checksums[summaryName]; got != sumOf(text) {
		return nil, damaged(dir, summaryName, "it has changed since the run wrote it")
	}
	return s, nil
}

// onlyKnownKeys returns an error for a summary with another key than those of Summary.
func onlyKnownKeys(dir string, text []byte) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(text, &keys); err != nil {
		return damaged(dir, summaryName, "it is not JSON")
	}
	of := reflect.TypeFor[Summary]()
	for key := range keys {
		if !slices.ContainsFunc(reflect.VisibleFields(of), func(f reflect.StructField) bool {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			return name == key
		}) {
			return damaged(dir, summaryName, fmt.Sprintf("it has no checksums, but an unknown key %q", key))
		}
	}
	return nil
}

// verify holds one file against its checksum, if the report has any.
func (s *Summary) verify(ctx context.Context, dir, name string) error {
	if s.Checksums == nil || name == summaryName {
		return nil
	}
	want, listed := s.Checksums[name]
	if !listed || filepath.Base(name) != name || !strings.HasSuffix(name, ".parquet") && name != PageName {
		return damaged(dir, summaryName,
			fmt.Sprintf("it should have checksums of tables and the page, and has none of %s", name))
	}
	f, err := files.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return damaged(dir, name, "it is missing")
	}
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, &interruptible{ctx, f}); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != want {
		return damaged(dir, name, "its SHA-256 is not the one in summary.json")
	}
	return nil
}

// interruptible is a reader that ends when its context does.
type interruptible struct {
	ctx context.Context
	io.Reader
}

// Read implements io.Reader.
func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// checkCounts returns an error where the counts of findings in summary.json are not those of
// the rows of findings.parquet. A code may be counted more often than it is listed, never less.
func (s *Summary) checkCounts(dir string, rows []heldRow) error {
	c := s.Findings
	if len(rows) != c.Listed {
		return fmt.Errorf("%s: findings.parquet has %d rows, and summary.json says %d: the report is not whole",
			dir, len(rows), c.Listed)
	}
	codes, severities := map[string]int{}, map[string]int{}
	for i := range rows {
		code, severity := rows[i].Code, findings.SeverityOf(rows[i].Severity)
		e, known := findings.Lookup(code)
		switch {
		case !known:
			return fmt.Errorf("%s: findings.parquet has the code %q, which this version does not know: "+
				"use the version that wrote the report (%s), or write it anew", dir, code, s.Program.Version)
		case !slices.Contains(e.Severities(), severity):
			return damaged(dir, "findings.parquet", fmt.Sprintf("findings %s have the severity %s, row %d has %.20q",
				code, e.SeverityText(), i+1, rows[i].Severity))
		}
		codes[code]++
		severities[severity.String()]++
	}
	byCode, bySeverity := 0, 0
	for code, n := range c.ByCode {
		if _, known := findings.Lookup(code); !known {
			return fmt.Errorf("%s: summary.json counts findings of the code %q, which this version does not know: "+
				"use the version that wrote the report (%s), or write it anew", dir, code, s.Program.Version)
		}
		byCode += n
	}
	for name, n := range c.BySeverity {
		if findings.SeverityOf(name) == 0 {
			return damaged(dir, summaryName, fmt.Sprintf("it counts findings of an unknown severity, %.20q", name))
		}
		bySeverity += n
	}
	if byCode != c.Total || bySeverity != c.Total {
		return damaged(dir, summaryName, fmt.Sprintf("it counts %d findings in all, %d by code and %d by severity",
			c.Total, byCode, bySeverity))
	}
	return errors.Join(atLeast(dir, "code", c.ByCode, codes), atLeast(dir, "severity", c.BySeverity, severities))
}

// atLeast returns an error where a count is negative, or less than what is listed.
func atLeast(dir, kind string, counted, listed map[string]int) error {
	for _, name := range slices.Sorted(maps.Keys(counted)) {
		if counted[name] < 0 {
			return damaged(dir, summaryName, fmt.Sprintf("it counts %d findings of the %s %s", counted[name], kind, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		if counted[name] < listed[name] {
			return damaged(dir, summaryName, fmt.Sprintf("it counts %d findings of the %s %s, and findings.parquet lists %d",
				counted[name], kind, name, listed[name]))
		}
	}
	return nil
}
