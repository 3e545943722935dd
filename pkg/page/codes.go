package page

import (
	"fmt"
	"html/template"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
)

// codeView is a code of findings, with what it means and its first examples.
type codeView struct {
	Code, Severity, Title, Text, Fix string
	N                                string
	Share                            template.HTML
	Examples                         []exampleView
	Accept                           string // how to accept one, in words
	Waiver                           string // and as lines of a policy
}

// exampleView is one finding.
type exampleView struct {
	Image, Message, Print string
	Frame                 template.HTML
}

// maxExamples is how many findings of a code are drawn.
const maxExamples = 3

// maxMessage is how many characters of a message are shown.
const maxMessage = 220

// codes lists the codes of findings, in the order of their ranks.
func (p *painter) codes() (out []codeView) {
	kinds := p.OpenKinds()
	at := map[[2]string]int{}
	for i, k := range kinds {
		e, _ := findings.Lookup(k.Code)
		if k.Follows != "" {
			e.Text = "These follow from " + k.Follows + ", since they take the " + k.Takes() +
				" as they stand: mend that first. " + e.Text
		}
		accept, waiver := p.accept(k)
		out = append(out, codeView{
			Accept: accept, Waiver: waiver,
			Code: k.Code, Severity: k.Severity.String(), Title: e.Title, Text: e.Text, Fix: e.Fix, N: count(k.N),
		})
		at[[2]string{k.Code, k.Severity.String()}] = i
	}
	full := 0
	for i := range p.Findings {
		f := &p.Findings[i]
		if f.Reviewed {
			continue
		}
		v := &out[at[[2]string{f.Code, f.Severity().String()}]]
		if len(v.Examples) == maxExamples {
			continue
		}
		e := exampleView{Image: p.image(f), Message: clip(f.Message), Print: p.Fingerprint(f), Frame: p.frame(f)}
		if f.Evidence == nil {
			e.Frame = p.drawn(f, i)
		}
		v.Examples = append(v.Examples, e)
		if len(v.Examples) == maxExamples {
			if full++; full == len(out) {
				break
			}
		}
	}
	return out
}

// accept says how to accept the first finding of a kind, and with which lines of a policy: a label that a person looked
// at is reviewed, anything else is waived. No lines accept more than one finding.
func (p *painter) accept(k analysis.Kind) (words, lines string) {
	f := &p.Findings[k.First]
	print := p.Fingerprint(f)
	if f.Evidence != nil {
		return "If you looked at the image and the label is right, decide keep in analyze review, or put the finding’s " +
			"fingerprint, here that of the first one, under gate: in focalaudit.yaml:", "reviewed:\n  - " + print
	}
	words = "To accept the first one, put this under gate: in focalaudit.yaml:"
	if k.N > 1 {
		words = fmt.Sprintf("To accept the first one, put this under gate: in focalaudit.yaml. With “code: %s” in place of "+
			"the fingerprint it would accept all %s, and those to come:", k.Code, count(k.N))
	}
	return words, fmt.Sprintf("waivers:\n  - fingerprint: %s\n    reason: \n    until: YYYY-MM-DD", print)
}

// counted is how many findings there are, by severity.
func (p *painter) counted() string {
	n := map[findings.Severity]int{}
	for _, k := range p.OpenKinds() {
		n[k.Severity] += k.N
	}
	return fmt.Sprintf("%s, %s, %s", plural(n[findings.Error], "error"), plural(n[findings.Warning], "warning"),
		plural(n[findings.Info], "note"))
}
