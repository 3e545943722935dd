package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"focalaudit/pkg/answer"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// labelsView is the list of labels that a detector contradicts.
type labelsView struct {
	Asked    bool
	Lead     string // how many look wrong, and what they carry of the loss
	All      string // in figures
	Wrong    string // how many have which error, "" if nobody can tell
	Focal    string // what focal loss makes of them, "" if nobody can tell
	Kinds    []kindView
	Rows     []suspectView
	Pictures string // how many are shown, "" if nobody gave any
	More     string // how many are not shown, "" if all are
}

// kindView is a kind of label error.
type kindView struct{ Code, Title, N, Wrong string }

// suspectView is a label that may be wrong.
type suspectView struct {
	Number    int // in the list, from 1
	Code      string
	What      string // in a few words
	Chance    string
	Value     string // the chance, to sort by
	File      string
	Record    string // the annotation, or that there is none
	Detection string
	BCE       string
	Focal     string
	FocalSort string
	Thumb     template.HTML
	Frame     template.HTML
	Print     string // fingerprint
}

// MaxLabels is how many label errors the page lists: as many as a person looks at in an
// hour. findings.parquet has all.
const MaxLabels = 100

func (p *painter) labels() labelsView {
	v := labelsView{Asked: p.Audit != nil}
	if !v.Asked {
		return v
	}
	n, wrong := map[string]int{}, map[string]float64{}
	total := 0
	for i := range p.Findings {
		if f := &p.Findings[i]; f.Suspected() {
			n[f.Code]++
			wrong[f.Code] += f.Evidence.Score
			total++
		}
	}
	v.Focal, v.Wrong = p.amplified(), prose(strings.TrimSpace(answer.Division(p.Result)+" "+answer.Wrong(p.Result)))
	v.Pictures = p.pictures()
	v.Lead, v.All, v.Rows = p.labelsLead(), count(total), p.suspects(MaxLabels)
	for _, e := range findings.Catalogue() {
		if n[e.Code] > 0 && e.Family == findings.Label {
			v.Kinds = append(v.Kinds, kindView{e.Code, e.Title, count(n[e.Code]), about(wrong[e.Code])})
		}
	}
	if total > len(v.Rows) {
		v.More = count(total - len(v.Rows))
	}
	return v
}

// about writes an expected number.
func about(x float64) string {
	if x < 1 {
		return "less than one"
	}
	return "about " + count(int(math.Round(x)))
}

// amplified says what focal loss makes of suspected objects, beside others that are as hard.
func (p *painter) amplified() string {
	a := &p.Metrics[p.Audit.Scores].NoiseAmplification
	if a.Objects == nil || a.ControlObjects == nil {
		return ""
	}
	return prose(fmt.Sprintf("Focal loss follows hardness: it multiplies the share that suspected objects have of the "+
		"positives’ loss by %s, and that of other objects that are as hard by %s. A wrong and a right "+
		"label of equal loss weigh the same.", digits3(*a.Objects), digits3(*a.ControlObjects)))
}

// suspects returns the first n labels that the detector contradicts.
func (p *painter) suspects(n int) (out []suspectView) {
	for i := range p.Findings {
		if f := &p.Findings[i]; f.Suspected() && len(out) < n {
			out = append(out, p.suspect(f, len(out)+1, i))
		}
	}
	return out
}

// suspect is a label, by its number in the list and its index among all findings.
func (p *painter) suspect(f *findings.Finding, number, index int) suspectView {
	e := f.Evidence
	v := suspectView{
		Number: number, Code: f.Code, What: p.what(f), Chance: percent(e.Score), Value: sortKey(e.Score),
		File: p.image(f), Record: "not annotated", Detection: "nothing",
		BCE: digits3(e.BCE), Focal: digits3(e.Focal), FocalSort: sortKey(e.Focal),
		Thumb: p.frame(f), Frame: p.drawn(f, index), Print: p.Fingerprint(f),
	}
	if f.Object >= 0 {
		v.Record = dataset.Label("annotation", p.Data.Object(int(f.Source), int(f.Object)).ID)
	}
	if f.Code == "duplicate" { // the detector finds one object for both boxes
		v.Detection = "no second one"
	}
	if d := &e.Detection; !math.IsNaN(d.Score) {
		v.Detection = fmt.Sprintf("%s %.2f", p.class(d.Class), d.Score)
		if !math.IsNaN(f.IoU) {
			v.Detection += fmt.Sprintf(", IoU %.2f", f.IoU)
		}
	}
	return v
}

// what says in a few words what seems wrong with a label.
func (p *painter) what(f *findings.Finding) string {
	own, d := p.class(f.Class), &f.Evidence.Detection
	switch f.Code {
	case "missing":
		return own + " is not annotated"
	case "spurious":
		return own + ": no such object here"
	case "location":
		return own + ": the box is off"
	case "class":
		if d.Class >= 0 && d.Class != f.Class {
			return own + " looks like " + p.class(d.Class)
		}
		return own + ": the class looks wrong"
	case "duplicate":
		return own + " is annotated twice"
	}
	return own
}

// class is the name of a class.
func (p *painter) class(c int32) string {
	if c < 0 {
		return "an object"
	}
	return name(p.Data.Classes[c].Name)
}

// image names the image of a finding, and its file where there are several.
func (p *painter) image(f *findings.Finding) string {
	if f.Source < 0 {
		return ""
	}
	return p.at(int(f.Source), f.Image)
}

// at names an image of a source, -1 if there is none, and its file where there are several.
func (p *painter) at(source int, image int32) string {
	src := &p.Data.Sources[source]
	at := ""
	if image >= 0 {
		im := p.Data.Image(source, int(image))
		if at = im.File; at == "" {
			at = dataset.Label("image", im.ID)
		}
	}
	if len(p.Data.Sources) > 1 {
		if at != "" {
			at = " · " + name(at)
		}
		return name(src.Name) + at
	}
	if at == "" {
		return name(src.Name)
	}
	return name(at)
}
