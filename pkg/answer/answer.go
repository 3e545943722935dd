// Package answer says in a few sentences what a run means for the owner of a data set, and what to
// do: can the numbers be trusted, how are positives and negatives balanced, do the anchors fit the
// objects, which labels should be checked. Each answer begins with the verdict; the reason with its
// numbers follows, then the action.
package answer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Answer is one sentence or a few on one topic.
type Answer struct {
	Topic Topic `json:"topic"`
	Level Level `json:"level"`

	Verdict string `json:"verdict"` // what it means
	Reason  string `json:"reason"`  // the numbers, "" if the verdict has them
	Action  string `json:"action"`  // what to do, "" if nothing

	Options []Option `json:"options,omitempty"` // a table that goes with it
}

// Text returns the answer as one paragraph.
func (a *Answer) Text() string {
	var parts []string
	for _, part := range []string{a.Verdict, a.Reason, a.Action} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ")
}

// Topic is what an answer is about.
type Topic string

// The topics.
const (
	Data    Topic = "data"    // only if the numbers can't be trusted, or a part of the data may mean something else
	Errors  Topic = "errors"  // only if there are some
	Classes Topic = "classes" // only if some have few objects
	Balance Topic = "balance" // of the loss of positives and negatives
	Anchors Topic = "anchors" // that fit the objects
	Labels  Topic = "labels"  // that look wrong
)

// Level is how bad it is.
type Level string

// The levels.
const (
	Fine    Level = "fine"    // nothing to do
	Note    Level = "note"    // worth to know
	Warning Level = "warning" // worth to mend before training
	Error   Level = "error"   // mend it first
)

// Of returns the answers of a run: one on data if its numbers can't be trusted or a part of it may
// mean something else, then one on each other topic that the run can tell about. What costs most
// comes first: the gravest, and of equals labels, then anchors, then the balance.
func Of(r *analysis.Result) []Answer {
	var all []Answer
	if a, ok := data(r); ok {
		all = append(all, a)
	} else {
		if a, ok := errors(r); ok {
			all = append(all, a)
		}
		if a, ok := doubted(r); ok {
			all = append(all, a)
		}
	}
	if r.Total.Objects > 0 {
		all = append(all, labelled(r), anchors(r))
		if a, ok := classes(r); ok {
			all = append(all, a)
		}
	}
	if r.Total.Positives > 0 && r.Total.Negatives > 0 {
		all = append(all, balance(r))
	}
	slices.SortStableFunc(all, func(a, b Answer) int { return a.Level.grade() - b.Level.grade() })
	return all
}

// grade orders levels, the gravest first.
func (l Level) grade() int { return slices.Index([]Level{Error, Warning, Note, Fine}, l) }

// spoilt are the codes whose findings make every number of a run doubtful.
var spoilt = map[string]bool{
	"no-objects": true, "box-convention": true, "image-size-convention": true, "boxes-carried-over": true,
	"boxes-misjoined": true,
}

// data says whether the numbers can be trusted at all.
func data(r *analysis.Result) (Answer, bool) {
	for i := range r.Findings {
		f := &r.Findings[i]
		single := f.Code == "box-convention" && f.Key == "corners" // the others are right
		column := f.Code == "columns-shifted" && f.Key != ""       // of numbers of boxes
		if !spoilt[f.Code] && !column || single || f.Severity() == findings.Info {
			continue
		}
		return Answer{
			Topic: Data, Level: Error, Verdict: "Mend the data first: the numbers below are about something else.",
			Reason: sentence(f.Message), Action: fmt.Sprintf("`analyze explain %s` tells more.", f.Code),
		}, true
	}
	return Answer{}, false
}

// doubtful are the codes whose warnings say that records of a part, or some classes, mean something else than they
// seem.
var doubtful = map[string]bool{
	"annotations-cut": true, "category-ids-shifted": true, "category-order": true, "class-lookup": true,
	"class-numbers-shifted": true, "class-unmarked": true, "classes-apart": true, "classes-filled": true,
	"columns-shifted": true, "image-id-duplicate": true, "objects-doubled": true, "segmentation-rings": true,
	"track-class-changed": true,
}

// doubted says whether a part of the data may mean something else: a warning, since the numbers are about most of it.
func doubted(r *analysis.Result) (Answer, bool) {
	var codes []string
	reason := ""
	for i := range r.Findings {
		f := &r.Findings[i]
		if !doubtful[f.Code] || f.Severity() != findings.Warning || slices.Contains(codes, f.Code) {
			continue
		}
		if codes = append(codes, f.Code); len(codes) == 1 {
			reason = sentence(f.Message)
		}
	}
	if len(codes) == 0 {
		return Answer{}, false
	}
	action := fmt.Sprintf("`analyze explain %s` tells more.", codes[0])
	if more := codes[1:]; len(more) > 0 {
		action += fmt.Sprintf(" See %s in the findings, too.", strings.Join(more, ", "))
	}
	return Answer{
		Topic: Data, Level: Warning, Verdict: "Look at the data: a part may mean something else than it seems.",
		Reason: reason, Action: action,
	}, true
}

// errors counts the findings that lose records or stop a trainer.
func errors(r *analysis.Result) (Answer, bool) {
	n, codes := 0, []string{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Severity() != findings.Error || f.Suspected() {
			continue
		}
		if n++; !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	if n == 0 {
		return Answer{}, false
	}
	named := strings.Join(codes[:min(len(codes), maxCodes)], ", ")
	if more := len(codes) - maxCodes; more > 0 {
		named += fmt.Sprintf(" and %d more kinds", more)
	}
	return Answer{
		Topic: Errors, Level: Error,
		Verdict: fmt.Sprintf("Mend %s: records are lost, or a trainer stops or reads something else.",
			text.Plural(n, "error")),
		Reason: fmt.Sprintf("The findings list %s.", named),
		Action: fmt.Sprintf("`analyze explain %s` says what to do.", codes[0]),
	}, true
}

// maxCodes is how many codes of errors an answer names.
const maxCodes = 4

// classes counts the classes with few objects.
func classes(r *analysis.Result) (Answer, bool) {
	few, none, of := 0, 0, 0
	for i := range r.Findings {
		if r.Findings[i].Code == "class-rare" {
			few++
		}
	}
	for i := range r.Data.Classes {
		if r.Data.Classes[i].Known {
			of++
			if r.Classes[i].Objects == 0 {
				none++
			}
		}
	}
	if few == 0 || of < 2 {
		return Answer{}, false
	}
	a := Answer{
		Topic: Classes, Level: Note,
		Verdict: fmt.Sprintf("%s of %s %s fewer than %d usable objects: too few to learn from, or to measure by.",
			text.Group(int64(few)), text.Plural(of, "class"), have(few), analysis.RareBelow),
		Action: "Collect more, join them with others, or leave them out.",
	}
	if none > 0 {
		a.Reason = fmt.Sprintf("%s more %s none.", text.Group(int64(none)), have(none))
	}
	return a, true
}

// have is the verb for so many.
func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// sentence makes a sentence of a message: it begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	s = text.Printable(s)
	// A message may begin with a file name, which has other characters than small letters, or with the key bbox.
	if first, _, _ := strings.Cut(s, " "); first != "bbox" && strings.Trim(first, "abcdefghijklmnopqrstuvwxyz") == "" &&
		first != "" {
		s = upper(s)
	}
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// upper writes the first letter as a capital.
func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// whole writes an expected number.
func whole(x float64) string {
	if x < 1 {
		return "less than 1"
	}
	return text.Group(int64(math.Round(x)))
}

// share is a metric that may be absent, 0 then.
func share(x analysis.Number) float64 {
	if x == nil {
		return 0
	}
	return *x
}
