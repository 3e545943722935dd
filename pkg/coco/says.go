package coco

import (
	"strings"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
)

// saying is what a key of a record says against it.
type saying struct {
	trait dataset.Trait
	text  string // the key and its value, as a message has them
}

// sayingKeys are the keys by which programs say that a record does not hold, or may not, beside outside among CVAT's
// attributes. COCO Annotator's records have deleted, and its images annotated; Label Studio's annotations was_cancelled
// where somebody skipped them; WIDER FACE's have invalid; COCO's panoptic categories isthing. Statuses are those of
// workflows: Labelbox, V7, SuperAnnotate, Encord and CVAT name theirs by words of reviewed and statuses. The other
// spellings are those of Python and JavaScript.
var sayingKeys = map[string]field{
	"outside": fOutside,

	"deleted": fRemoved, "is_deleted": fRemoved, "isDeleted": fRemoved, "removed": fRemoved, "is_removed": fRemoved,
	"isRemoved": fRemoved, "archived": fRemoved, "is_archived": fRemoved, "isArchived": fRemoved,
	"rejected": fRemoved, "is_rejected": fRemoved, "isRejected": fRemoved, "discarded": fRemoved,
	"was_cancelled": fRemoved, "invalid": fRemoved, "is_invalid": fRemoved,

	"valid": fValid, "is_valid": fValid, "isValid": fValid,

	"status": fStatus, "state": fStatus, "review_status": fStatus, "reviewStatus": fStatus,
	"annotation_status": fStatus, "annotationStatus": fStatus, "label_status": fStatus, "labelStatus": fStatus,
	"workflow_status": fStatus, "workflow_state": fStatus,

	"reviewed": fReviewed, "is_reviewed": fReviewed, "isReviewed": fReviewed, "verified": fReviewed,
	"is_verified": fReviewed, "isVerified": fReviewed, "human_verified": fReviewed,

	"source": fOrigin, "origin": fOrigin, "annotation_source": fOrigin, "label_source": fOrigin, "created_by": fOrigin,

	"annotated": fLabelled, "is_annotated": fLabelled, "isAnnotated": fLabelled, "labeled": fLabelled,
	"labelled": fLabelled, "is_labeled": fLabelled, "isLabeled": fLabelled, "is_labelled": fLabelled,

	"occlusion": fOcclusion, "occlusion_ratio": fOcclusion, "occlusion_rate": fOcclusion,

	"isthing": fThing, "is_thing": fThing, "isThing": fThing,
}

// statuses are the values of statuses that say something of annotations, in lower case and without spaces, lines and
// underscores.
var statuses = map[string]dataset.Trait{
	"rejected": dataset.Removed, "declined": dataset.Removed, "deleted": dataset.Removed, "removed": dataset.Removed,
	"discarded": dataset.Removed, "trashed": dataset.Removed, "invalid": dataset.Removed, "skipped": dataset.Removed,
	"cancelled": dataset.Removed, "canceled": dataset.Removed, "softdeleted": dataset.Removed,

	"draft": dataset.Unreviewed, "pending": dataset.Unreviewed, "unreviewed": dataset.Unreviewed,
	"notreviewed": dataset.Unreviewed, "needsreview": dataset.Unreviewed, "toreview": dataset.Unreviewed,
	"unverified": dataset.Unreviewed, "predicted": dataset.Prelabelled, "prelabeled": dataset.Prelabelled,
	"prelabelled": dataset.Prelabelled,
}

// imagesSay are the values of statuses by which images say that they are not labelled, or not yet to the end. Which
// array a record is in is not known while it is read.
var imagesSay = map[string]bool{
	"todo": true, "new": true, "pending": true, "queued": true, "inqueue": true, "unassigned": true, "assigned": true,
	"unlabeled": true, "unlabelled": true, "notlabeled": true, "notlabelled": true, "tolabel": true, "labeling": true,
	"unannotated": true, "notannotated": true, "toannotate": true, "annotate": true, "annotating": true,
	"notstarted": true, "inprogress": true, "labelinprogress": true, "incomplete": true, "skipped": true, "draft": true,
}

// models are the values of sources by which annotations say that a model made them, written as statuses are.
var models = map[string]bool{
	"model": true, "prediction": true, "predictions": true, "predicted": true, "auto": true, "automatic": true,
	"machine": true, "detector": true, "ai": true, "pseudo": true, "pseudolabel": true, "preannotation": true,
	"preannotated": true, "prelabel": true, "prelabeled": true, "modelassisted": true,
}

// thing is the text of a category that says to be one of countable things.
const thing = "1"

// longestWord is the longest value that is a word of these lists, with its quotes.
const longestWord = 32

// says reads the value of a key that may say something against its record.
func (s *scan) says(r *raw, f field) bool {
	from := s.Pos()
	if !s.SkipValue(recordDepth) {
		return false
	}
	value := s.Since(from)
	switch f {
	case fOutside:
		s.sayIf(isSet(value), r, dataset.Outside, value)
	case fRemoved:
		s.sayIf(isSet(value), r, dataset.Removed, value)
	case fValid:
		s.sayIf(isUnset(value), r, dataset.Removed, value)
	case fReviewed:
		s.sayIf(isUnset(value), r, dataset.Unreviewed, value)
		r.looked = r.looked || isSet(value)
	case fLabelled:
		s.sayIf(isUnset(value), r, dataset.Unlabelled, value)
	case fOrigin:
		s.sayIf(models[word(value)], r, dataset.ModelMade, value)
	case fOcclusion:
		s.sayIf(isOne(value) && value[0] != 't', r, dataset.Covered, value)
		s.sayIf(isPart(value), r, dataset.PartCovered, value)
	case fThing:
		if isSet(value) {
			r.say(dataset.Stuff, thing)
		} else if isUnset(value) {
			r.say(dataset.Stuff, "0")
		}
	case fStatus:
		w := word(value)
		t, is := statuses[w]
		s.sayIf(imagesSay[w], r, dataset.Unlabelled, value)
		s.sayIf(is, r, t, value)
	}
	return true
}

// sayIf notes what the key that was read last says, if it does.
func (s *scan) sayIf(is bool, r *raw, t dataset.Trait, value []byte) {
	if !is {
		return
	}
	if last := &s.last; last.trait != t || last.key != s.spelt || last.value != string(value) {
		shown := jsonscan.Clip(value)
		*last = lastSaid{t, s.spelt, string(value), s.spelt + " is " + shown}
	}
	r.say(t, s.last.text)
}

// lastSaid is what was said last: most records that say something say the same.
type lastSaid struct {
	trait            dataset.Trait
	key, value, text string
}

// say notes something against the record.
func (r *raw) say(t dataset.Trait, text string) { r.says = append(r.says, saying{t, text}) }

// alike ends a text on what several keys or values say.
const alike = " or the like"

// said counts what the keys of an annotation say against it. What a model made and nobody has looked at is one thing,
// and what somebody has looked at is no model's any more.
func (s *subject) said() {
	var has [dataset.NumTraits]string
	for _, of := range s.r.says {
		has[of.trait] = of.text
	}
	if model, un := has[dataset.ModelMade], has[dataset.Unreviewed]; model != "" && un != "" {
		has[dataset.Prelabelled], has[dataset.ModelMade], has[dataset.Unreviewed] = model+" and "+un, "", ""
	}
	if s.r.looked {
		has[dataset.ModelMade], has[dataset.Prelabelled] = "", ""
	}
	for t := dataset.Outside; t <= dataset.PartCovered; t++ {
		if has[t] == "" {
			continue
		}
		if tally := s.Trait(t); tally.N == 1 {
			tally.Text = has[t]
		} else if tally.Text != has[t] && !strings.HasSuffix(tally.Text, alike) {
			tally.Text += alike
		}
	}
}

// isSet tells whether a JSON value is 1 or true, or text that says so.
func isSet(b []byte) bool {
	switch word(b) {
	case "true", "1", "yes":
		return true
	}
	return len(b) > 0 && isOne(b)
}

// isUnset tells whether a JSON value is 0 or false, or text that says so.
func isUnset(b []byte) bool {
	switch word(b) {
	case "false", "0", "no":
		return true
	}
	return string(b) == "false" || len(b) > 0 && isZero(b)
}

// isPart tells whether a JSON value is a number between 0 and 1.
func isPart(b []byte) bool {
	s := jsonscan.New(b, 0, true)
	if !s.Numeric() {
		return false
	}
	v, ok := s.Value()
	return ok && v > 0 && v < 1
}

// word returns a JSON text in lower case without spaces, lines and underscores, "" for other values and long ones.
func word(b []byte) string {
	if len(b) < 3 || len(b) > longestWord || b[0] != '"' {
		return ""
	}
	out := make([]byte, 0, longestWord)
	for _, c := range b[1 : len(b)-1] {
		if c != ' ' && c != '_' && c != '-' {
			out = append(out, c)
		}
	}
	return strings.ToLower(string(out))
}

// saidOfImage notes what the keys of an image say against it. One that somebody skipped is not labelled.
func (s *subject) saidOfImage() {
	var removed, unlabelled string
	for _, of := range s.r.says {
		switch of.trait {
		case dataset.Removed:
			removed = of.text
		case dataset.Unlabelled:
			unlabelled = of.text
		}
	}
	switch {
	case unlabelled != "":
		s.Said(dataset.Unlabelled, unlabelled)
	case removed != "":
		s.Said(dataset.RemovedImage, removed)
	}
}
