package gate

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Waiver takes findings out of the counts.
type Waiver struct {
	Fingerprint string `yaml:"fingerprint" json:"fingerprint,omitempty"`
	Code        string `yaml:"code" json:"code,omitempty"`
	Source      string `yaml:"source" json:"source,omitempty"` // the annotation file; any if empty
	Files       string `yaml:"files" json:"files,omitempty"`   // glob of the images' file names; all if empty
	Reason      string `yaml:"reason" json:"reason"`
	Until       string `yaml:"until" json:"until"` // the last day on which it holds, YYYY-MM-DD
}

// Waived is a waiver that holds. Code is that of its findings, of one by fingerprint too.
type Waived struct {
	Waiver
	Findings int `json:"findings"` // that it takes out; those that are only counted are not among them
}

// check reports what makes a waiver unfit.
func (w *Waiver) check() error {
	switch {
	case w.Fingerprint != "" && !fingerprint.MatchString(w.Fingerprint):
		return notPrint("fingerprint", w.Fingerprint)
	case w.Fingerprint == "" && w.Code == "":
		return errors.New("expected a fingerprint, or a code with or without files")
	case w.Fingerprint != "" && (w.Code != "" || w.Files != ""):
		return errors.New("a fingerprint names one finding: expected neither code nor files beside it")
	case strings.TrimSpace(text.Printable(w.Reason)) == "":
		return errors.New("no reason: expected one that a reader in a year understands")
	}
	if w.Code != "" {
		if err := checkCode(w.Code); err != nil {
			return err
		}
	}
	if _, err := path.Match(w.Files, ""); err != nil {
		return fmt.Errorf("files %q: %w", w.Files, err)
	}
	if _, err := time.Parse(time.DateOnly, w.Until); err != nil {
		return fmt.Errorf("until %q: expected the last day on which it holds, YYYY-MM-DD", w.Until)
	}
	return nil
}

// means returns the sources that a waiver names: the one of that name, else those of which one name ends in the other.
func (w *Waiver) means(sources []Source) []string {
	if w.Source == "" {
		return nil
	}
	names := make([]string, len(sources))
	for i := range sources {
		names[i] = sources[i].Name
	}
	if slices.Contains(names, w.Source) {
		return []string{w.Source}
	}
	return namesakes([]string{w.Source}, names)[w.Source]
}

// matches reports whether a waiver is about a finding, where it names these sources.
func (w *Waiver) matches(f *Finding, sources []string) bool {
	if w.Source != "" && !slices.Contains(sources, f.Source) {
		return false
	}
	if w.Fingerprint != "" {
		return w.Fingerprint == f.Fingerprint
	}
	if w.Code != f.Code {
		return false
	}
	if w.Files == "" {
		return true
	}
	ok, _ := path.Match(w.Files, f.File)
	return ok
}

// ambiguous returns the files that a waiver may mean, where they are several: those with the end of a name that it
// gives, or, of one by fingerprint, those of which it would waive what is said of each as a whole, since the
// fingerprints of such findings have no file in them.
func (w *Waiver) ambiguous(s *Subject, means []string) (sources []string) {
	if len(means) > 1 {
		return means
	}
	if w.Fingerprint == "" || w.Source != "" {
		return nil
	}
	for i := range s.Findings {
		if f := &s.Findings[i]; f.OfFile() && w.matches(f, nil) && !slices.Contains(sources, f.Source) {
			sources = append(sources, f.Source)
		}
	}
	if len(sources) < 2 {
		return nil
	}
	return sources
}

// expired reports whether a waiver holds no longer on a day.
func (w *Waiver) expired(day time.Time) bool {
	until, err := time.Parse(time.DateOnly, w.Until)
	return err != nil || day.Format(time.DateOnly) > until.Format(time.DateOnly)
}

// waive marks what waivers take out, and what was reviewed. A waiver that has expired takes nothing out
// and fails; one that finds nothing to take out warns. The others hold.
func (g *Gate) waive(s *Subject, day time.Time) (outcomes []Outcome, holds []Waived) {
	kept, found := findings.NewKept(g.policy.Reviewed), map[string]bool{}
	labels := false
	for i := range s.Findings {
		f := &s.Findings[i]
		for _, print := range kept.By(f.Fingerprint, f.Code, f.File, f.Class, f.Box, f.HasBox) {
			f.Reviewed, found[print] = true, true
		}
		e, known := findings.Lookup(f.Code)
		labels = labels || known && e.Family == findings.Label
	}
	if o := unmatched(g.policy.Reviewed, found); o != nil && labels { // without a detector there is nothing to match
		outcomes = append(outcomes, *o)
	}
	for i := range g.policy.Waivers {
		w := &g.policy.Waivers[i]
		n, held, means := 0, Waived{Waiver: *w}, w.means(s.Sources)
		files := w.ambiguous(s, means)
		for k := range s.Findings {
			if f := &s.Findings[k]; w.matches(f, means) {
				n++
				if !w.expired(day) && f.Waived == nil {
					f.Waived = w
					held.Findings++
					held.Code = f.Code
				}
			}
		}
		name := "waiver of " + w.Fingerprint + w.Code
		switch {
		case files != nil && !w.expired(day):
			outcomes = append(outcomes, Outcome{Name: name + " is of several files", Status: Fail,
				Rule: fmt.Sprintf("it may be about %s: name the one that is meant (source: %s), or waive the code",
					strings.Join(files, " or "), strconv.Quote(files[0]))})
		case w.expired(day):
			outcomes = append(outcomes, Outcome{Name: name + " has expired", Rule: "until " + w.Until + ": " + w.Reason,
				Status: Fail})
		case n == 0:
			outcomes = append(outcomes, Outcome{Name: name + " matches nothing",
				Rule: "until " + w.Until + ": " + w.Reason + w.files(s), Status: Warn})
		case held.Findings > 0:
			holds = append(holds, held)
		}
	}
	return outcomes, holds
}

// files says what a waiver's key files is held against, if it has one that matches nothing.
func (w *Waiver) files(s *Subject) string {
	if w.Files == "" {
		return ""
	}
	example, all := "", 0
	for i := range s.Findings {
		switch f := &s.Findings[i]; {
		case f.Code != w.Code:
		case f.File == "":
			all++
		default:
			all++
			example = cmp.Or(example, f.File)
		}
	}
	switch {
	case all == 0:
		return " (there is no finding " + w.Code + ")"
	case example == "":
		return fmt.Sprintf(" (%s: %s, none of which is about an image: leave out the key files)", w.Code,
			text.Plural(all, "finding"))
	}
	return fmt.Sprintf(" (the key files is a pattern for names of images, such as %q; * does not match /)", example)
}
