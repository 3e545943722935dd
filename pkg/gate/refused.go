package gate

import (
	"regexp"
	"strconv"
	"strings"

	"focalaudit/pkg/text"
)

// Refusal is why a file could not be read. Why begins with the file's name, and may go on with a place.
type Refusal struct{ File, Why string }

// Refusals joins the names of files with why each could not be read. Reports of earlier versions have no names: then
// why has to tell them.
func Refusals(files, whys []string) []Refusal {
	out := make([]Refusal, len(whys))
	for i, why := range whys {
		if len(files) == len(whys) && strings.HasPrefix(why, files[i]) {
			out[i] = Refusal{files[i], why}
		} else {
			out[i] = Refusal{nameIn(why), why}
		}
	}
	return out
}

// Refuse returns the verdict where no file could be read: one outcome a file, and why nothing is left.
func Refuse(files []Refusal, why string) Verdict {
	v := Verdict{Status: Pass}
	for _, file := range files {
		v.add(refused(file, false))
	}
	v.add(Outcome{Name: "nothing could be read", Rule: "nothing could be read", Status: Undecided, Error: why})
	return v
}

// NoBaseline returns the verdict where the baseline that the policy names is not there yet: nothing is judged. How says
// how to make one.
func NoBaseline(s *Subject, dir, how string) Verdict {
	v := Verdict{Status: Pass, Findings: s.Findings, Sources: s.Sources, Subject: s}
	for i := range s.Findings {
		s.Findings[i].New, s.Findings[i].Was, s.Findings[i].Waived = true, 0, nil
	}
	for _, n := range s.Counts {
		v.Counts.Total += n
	}
	v.Counts.Counted = map[string]int{}
	v.Counts.BySeverity = bySeverity(s, s.Counts, func(*Finding) bool { return true })
	for _, why := range s.Refused {
		v.add(refused(why, false))
	}
	name := "there is no baseline " + dir + " yet"
	v.add(Outcome{Name: name, Rule: name, Status: Undecided, Error: how})
	return v
}

// refused returns the outcome of a file that could not be read, and of which the report says nothing therefore.
// Accepted is a user's word that the others are enough.
func refused(of Refusal, accepted bool) Outcome {
	line, reason := of.placed()
	o := Outcome{Name: of.File + " could not be read", Status: Undecided, File: of.File, Line: line, Error: reason}
	if o.Rule = o.Name; accepted {
		o.Rule, o.Status, o.Error = reason+"; --keep-going accepts that", Warn, ""
	}
	return o
}

// unjudge makes the outcome of a rule undecided where files could not be read, of which nothing was counted: the rule
// might fail with them if it passes, and pass with them if it fails by what a baseline had.
func (o *Outcome) unjudge(refused []Refusal, was bool) {
	if len(refused) == 0 || o.Status != Pass && !was {
		return
	}
	file := refused[0].File
	if n := len(refused) - 1; n > 0 {
		file += " and " + text.Plural(n, "other file")
	}
	*o = Outcome{
		Name: o.Name, Title: o.Title, Rule: o.Rule, Each: o.Each, Status: Undecided, Unjudged: true,
		Error: "not judged, since nothing of " + file + " was counted",
	}
}

// placeOf is how the words behind a file's name begin: with line, column and byte where it is text.
var placeOf = regexp.MustCompile(`^(?::(\d+):(\d+) (\(byte \d+\)))?: `)

// placed divides why into a line, 0 if there is none, and the rest, which begins with the place.
func (r *Refusal) placed() (line int, reason string) {
	behind := strings.TrimPrefix(r.Why, r.File)
	m := placeOf.FindStringSubmatch(behind)
	if m == nil {
		return 0, r.Why
	}
	reason = strings.TrimPrefix(behind, m[0])
	if line, _ = strconv.Atoi(m[1]); m[1] != "" {
		reason = "line " + m[1] + ", column " + m[2] + " " + m[3] + ": " + reason
	}
	return line, reason
}

// nameOf is a file's name at the beginning of why it could not be read, as far as that tells.
var nameOf = regexp.MustCompile(`^(.*?)(?::\d+:\d+ \(byte \d+\))?: `)

func nameIn(why string) string {
	if m := nameOf.FindStringSubmatch(why); m != nil {
		return m[1]
	}
	return why
}
