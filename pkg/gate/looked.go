package gate

import (
	"fmt"
	"slices"
	"strings"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Looked says what a run looked for, of what it looks for only if asked.
type Looked struct {
	Outlines bool // boxes that disagree with their outlines, in all objects
	Pictures bool // pictures of another size than their record says
	Detector bool // what a detector's results or logits say
}

// codeOutlines is the code of findings that only a run with --check-outlines looks for, codePictures of those that only
// one with --images does. The codes of those of a detector's results begin with
// prefixDetector.
const (
	codeOutlines   = "box-off-outline"
	codePictures   = "image-size-differs"
	prefixDetector = "detection"
)

// unlooked returns why a rule that passes, since it counts nothing, can't be judged: nobody looked for what it counts.
// It is "" if somebody did.
func (s *Subject) unlooked(c *counted) string {
	if c.ofLabels() {
		if !s.judged() {
			return "not judged, since no label was held against a detector: give results that belong to these images " +
				"(--scores detections:results.json), without --no-audit"
		}
		if silent, of := s.silent(); 2*silent > of {
			return fmt.Sprintf("not judged, since %s of %s have no detection: give the results of all images",
				text.Group(silent), text.Plural(int(of), "image"))
		}
	}
	asks := func(is func(code string) bool) bool {
		return slices.ContainsFunc(c.codes, func(code string) bool { return is(code) && s.Counts[code] == 0 })
	}
	switch {
	case !s.Looked.Outlines && asks(func(code string) bool { return code == codeOutlines }):
		return "not judged, since boxes were not compared with all outlines: run with --check-outlines"
	case !s.Looked.Pictures && asks(func(code string) bool { return code == codePictures }):
		return "not judged, since hardly any picture was measured: run with --images DIRECTORY"
	case !s.Looked.Detector && asks(func(code string) bool { return strings.HasPrefix(code, prefixDetector) }):
		return "not judged, since the run had no detector's results: give them with --scores detections:results.json"
	}
	return ""
}

// unlook makes the outcome of a rule that passes undecided.
func (o *Outcome) unlook(why string) {
	if o.Status == Pass {
		*o = Outcome{Name: o.Name, Title: o.Title, Rule: o.Rule, Each: o.Each, Status: Undecided, Error: why}
	}
}

// judged reports whether labels were held against a detector.
func (s *Subject) judged() bool {
	if s.auditor() != "" {
		return true
	}
	for code := range s.Counts {
		if e, known := findings.Lookup(code); known && e.Family == findings.Label {
			return true
		}
	}
	return false
}

// silent counts the images with objects of which the detector says nothing, and all images in use.
func (s *Subject) silent() (images, of int64) {
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Code == "detections-missing-images" && f.Severity() != findings.Info {
			images += f.records()
		}
	}
	for i := range s.Sources {
		of += s.Sources[i].Images
	}
	return images, of
}
