package gate

import (
	"bytes"
	"fmt"
	"regexp"

	"focalaudit/internal/smallyaml"
)

// MaxFile is how large a file with a policy may be, in bytes: an entry of reviewed that is a fingerprint takes 31, so
// this is room for two million labels that a person kept. Beside its entries the file has at most smallyaml.MaxBytes.
const MaxFile = 64 << 20

// The lines of a list of fingerprints, as review --apply writes it.
var (
	reviewedLine = regexp.MustCompile(`^( +)reviewed:[ \t]*(#.*)?$`)
	entryLine    = regexp.MustCompile(`^ +- ["']?([0-9a-f]{24})["']?[ \t]*(#.*)?$`)
	remarkLine   = regexp.MustCompile(`^[ \t]*(#.*)?$`)
)

// CutReviewed takes the entries of gate.reviewed out of a file that is too large for the YAML library, whose time is
// quadratic in them. The rest is as it was, with a key reviewed that has no value. A file that is small enough is
// returned whole, and so is one whose list is not written with an entry in each line.
func CutReviewed(file []byte) (rest []byte, reviewed []string) {
	if len(file) <= smallyaml.MaxBytes {
		return file, nil
	}
	inGate, inList := false, false
	indent := -1 // of the keys of gate, -1 if there was none yet
	for line := range bytes.Lines(file) {
		bare := bytes.TrimRight(line, "\r\n")
		remark := remarkLine.Match(bare)
		if entry := entryLine.FindSubmatch(bare); inList && entry != nil {
			reviewed = append(reviewed, string(entry[1]))
			continue
		}
		if inList && remark {
			continue
		}
		if inList && bytes.HasPrefix(bytes.TrimLeft(bare, " "), []byte("-")) {
			return file, nil // an entry of another form: let the library read all of them, or refuse the size
		}
		inList = false
		switch {
		case remark:
		case bare[0] != ' ':
			inGate, indent = bytes.HasPrefix(bare, []byte("gate:")), -1
		case inGate:
			if indent < 0 {
				indent = len(bare) - len(bytes.TrimLeft(bare, " "))
			}
			key := reviewedLine.FindSubmatch(bare)
			inList = key != nil && len(key[1]) == indent
		}
		rest = append(rest, line...)
	}
	return rest, reviewed
}

// besideReviewed adds to an error about a file from which entries were cut what that means.
func besideReviewed(err error, cut int) error {
	if err == nil || cut == 0 {
		return err
	}
	return fmt.Errorf("%w (sizes and lines are counted without the %d entries of reviewed)", err, cut)
}
