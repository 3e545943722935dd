package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Looked says what a run looked for, of what it looks for only if asked, or if it has something to look at.
type Looked struct {
	Outlines   bool // boxes that disagree with their outlines, in all objects, of which some have an outline
	Pictures   bool // pictures of another size than their record says
	Detections bool // what a detector's results say
	Logits     bool // what its logits say
}

// Silence counts images in use of which a detector says nothing, and those of them that have objects: of each source in
// its order, or one of all sources together where nobody counted by source.
type Silence struct {
	Images, WithObjects int64
	Logits              bool // it is logits that they lack
}

// codeOutlines is the code of findings that only a run with --check-outlines looks for, codePictures of those that only
// one with --images does, codeLogits of what logits say. The codes of those of a detector's results begin with
// prefixDetections.
const (
	codeOutlines     = "box-off-outline"
	codePictures     = "image-size-differs"
	codeLogits       = "logits-missing"
	prefixDetections = "detection"
	codeSilent       = "detections-missing-images"
)

// unlooked returns why a rule that passes, since it counts nothing, can't be judged: nobody looked for what it counts.
// It is "" if somebody did. A rule over each source says of each whether its labels were judged; see hold.
func (s *Subject) unlooked(c *counted, each string) string {
	if c.ofLabels() {
		if !s.judged() {
			return "not judged, since no label was held against a detector: give results that belong to these images " +
				"(--scores detections:results.json), without --no-audit"
		}
		if why := s.silence(); why != "" && (each == "" || each == "class" || !s.bySource()) {
			return why
		}
	}
	asks := func(is func(code string) bool) bool {
		return slices.ContainsFunc(c.codes, func(code string) bool { return is(code) && s.Counts[code] == 0 })
	}
	switch {
	case !s.Looked.Outlines && asks(func(code string) bool { return code == codeOutlines }):
		return "not judged, since boxes were not compared with all outlines, or there are none: give annotations with " +
			"segmentation, and run with --check-outlines"
	case !s.Looked.Pictures && asks(func(code string) bool { return code == codePictures }):
		return "not judged, since hardly any picture was measured: run with --images DIRECTORY"
	case !s.Looked.Logits && asks(func(code string) bool { return code == codeLogits }):
		return "not judged, since the run had no logits: give them with --scores logits:DIRECTORY"
	case !s.Looked.Detections && asks(func(code string) bool { return strings.HasPrefix(code, prefixDetections) }):
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

// silences returns what the report says of the images of which the detector that was asked about the labels says
// nothing; nil where it does not say, as one of an earlier version.
func (s *Subject) silences() []Silence {
	if name := s.auditor(); name != "" || len(s.Silent) != 1 {
		return s.Silent[name]
	}
	for _, of := range s.Silent { // the loss is 0, so that nobody has a share in it
		return of
	}
	return nil
}

// bySource reports whether the images that a detector says nothing of are counted by source.
func (s *Subject) bySource() bool { return len(s.silences()) == len(s.Sources) }

// silence returns why labels can't be judged: the detector says nothing of more than half of all images, some of which
// have objects. It is "" if it does.
func (s *Subject) silence() string {
	var all Silence
	known := s.silences()
	for _, in := range known {
		all.Images += in.Images
		all.WithObjects += in.WithObjects
		all.Logits = in.Logits
	}
	if known == nil {
		all = s.formerSilence()
	}
	of := int64(0)
	for i := range s.Sources {
		of += s.Sources[i].Images
	}
	return all.tell(of, "")
}

// silentIn is silence of the images of each source, by its name, without those whose labels are judged.
func (s *Subject) silentIn() map[string]string {
	all := map[string]string{}
	if !s.bySource() {
		return all
	}
	for i, in := range s.silences() {
		if why := in.tell(s.Sources[i].Images, s.Sources[i].Name); why != "" {
			all[s.Sources[i].Name] = why
		}
	}
	return all
}

// silentClass is silence of the sources that have objects of a class, by its name, where none of them is judged.
func (s *Subject) silentClass() map[string]string {
	silent, all, judged := s.silentIn(), map[string]string{}, map[string]bool{}
	for i := range s.SourceClasses {
		c := &s.SourceClasses[i]
		switch why := silent[c.Source]; {
		case c.Objects == 0:
		case why == "":
			judged[c.Class] = true
		case all[c.Class] == "":
			all[c.Class] = why
		}
	}
	maps.DeleteFunc(all, func(class, _ string) bool { return judged[class] })
	return all
}

// tell says that a detector says nothing of more than half of some images, those of a source or, without its name, all.
func (n Silence) tell(of int64, source string) string {
	if n.WithObjects == 0 || 2*n.Images <= of {
		return ""
	}
	if source != "" {
		source = " of " + text.InLine(source)
	}
	lack := [2]string{"detection", "results"}
	if n.Logits {
		lack = [2]string{"logits", "logits"}
	}
	return fmt.Sprintf("not judged, since %s of %s%s have no %s: give the %s of all images", text.Group(n.Images),
		text.Plural(int(of), "image"), source, lack[0], lack[1])
}

// formerSilence is what findings say of silent images in a report of an earlier version. Of several results nobody can
// tell there which ones judged the labels: they are taken for those that say most.
func (s *Subject) formerSilence() (n Silence) {
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Code == codeSilent && f.Severity() != findings.Info {
			if of := f.records(); n.Images == 0 || of < n.Images {
				n = Silence{Images: of, WithObjects: of}
			}
		}
	}
	return n
}
