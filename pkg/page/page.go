// Package page draws the page of a report: one HTML file that shows the imbalance, and
// which labels to look at first.
//
//  1. Write makes the view of a run: plain texts, numbers and figures (the type view and
//     the files named for its parts), and fills the template page.html with it.
//  2. Figures are SVG, drawn by small functions (svg.go) from what the run already knows.
//     Their size depends on classes, levels and bins, never on the number of images.
//  3. The style and the script are embedded. The page's content policy allows these two,
//     by their hashes, and images within the page: nothing else is loaded or run.
//
// Products in coordinates are rounded before they are added to, so that no processor fuses
// both. Names from the data set are text: html/template escapes them, and package text has
// taken out what nobody sees. The same run gives the same bytes.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the template, the style and the script
	"encoding/base64"
	"html/template"
	"io"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/gate"
)

// Begin is what every page of a report begins with: by it the program knows its own.
const Begin = "<!doctype html>\n<!-- focalaudit report -->\n"

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// view is what the template shows.
type view struct {
	Title, Version string
	Preset         string
	CSS            template.CSS
	JS             template.JS
	Policy         string
	Sources        []sourceView // of scores, the one that is shown first included
	Verdict        verdictView
	Answers        []answerView // in the terminal's order
	Figures        []figureView
	First          firstView
	Gate           *gateView
	Eyes           eyesView
	Labels         labelsView
	Loss           lossView
	Anchors        anchorsView
	Trainers       *trainersView // nil if they were not compared
	Codes          []codeView
	Data           dataView
	Findings       string
	Inputs         inputsView
	Tables         []tableView
}

// Extras are what a page has that not every run has.
type Extras struct {
	Verdict *gate.Verdict // of a gate, nil if there was none
	Crops   *Crops        // of the pictures, nil if there are none

	// Compared is the trainers side by side, nil if they were not compared.
	Compared *Compared
}

// Write writes the page of a run. The error is that of w.
func Write(w io.Writer, r *analysis.Result, e Extras, version string) error {
	p := &painter{Result: r, held: e.Verdict, crops: e.Crops, compared: e.Compared, main: r.Headline()}
	var b bytes.Buffer
	b.WriteString(Begin)
	if err := pageTemplate.Execute(&b, p.view(version)); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// painter makes the parts of the view.
type painter struct {
	*analysis.Result
	held     *gate.Verdict
	crops    *Crops
	compared *Compared
	main     int // the source of scores that is shown first

	told []answer.Answer // what the run means, once it was asked for
}

func (p *painter) view(version string) *view {
	v := &view{
		Title: p.title(), Version: version, Preset: name(p.Config.Preset.Name),
		CSS: template.CSS(pageCSS), JS: template.JS(pageJS), // both are embedded
		Policy: "default-src 'none'; style-src '" + hash(pageCSS) + "'; script-src '" + hash(pageJS) + "'; img-src data:; " +
			"base-uri 'none'; form-action 'none'",
		Sources: p.sources(), Verdict: p.verdict(), Answers: p.answers(), Figures: p.figures(), First: p.first(),
		Gate: p.gate(), Eyes: p.eyes(),
		Labels: p.labels(), Loss: p.loss(), Anchors: p.anchors(), Trainers: p.trainers(), Codes: p.codes(),
		Findings: p.counted(),
		Data:     p.data(), Inputs: p.inputs(), Tables: p.tables(),
	}
	return v
}

// hash is a text's hash as content policies have it.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// title names the data.
func (p *painter) title() string {
	switch s := p.Data.Sources; len(s) {
	case 1:
		return name(s[0].Name)
	case 2:
		return name(s[0].Name) + " and " + name(s[1].Name)
	default:
		return name(s[0].Name) + " and " + plural(len(s)-1, "more file")
	}
}
