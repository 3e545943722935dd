package page

import (
	"fmt"
	"html/template"
	"math"
	"slices"

	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
)

// lossView is what the losses are made of.
type lossView struct {
	Gammas     []gammaView
	BySource   []sourceLossView
	Classes    []classView
	MoreClass  string
	ClassScore string
	Objectness string // that the what-ifs count otherwise than the rest, "" if they don't
	Alike      bool   // under the scores that are shown first, every positive costs the same
}

// gammaView is a γ that can be chosen.
type gammaView struct {
	Index int
	Text  string
	Run   bool
}

// sourceLossView is the losses under one source of scores.
type sourceLossView struct {
	Index   int
	Name    string
	Alike   bool // all positives cost the same, and all negatives: there are no curves
	Curves  []curveView
	Reads   []string // what the curves say, by γ
	WhatIfs []whatIfView
	Sizes   []partView
	Levels  []partView
}

// curveView is a panel of the figure: the curves of one set, by γ.
type curveView struct {
	Title  string
	Figure template.HTML
}

// whatIfView is a scheme of sampling or weighing.
type whatIfView struct {
	Name, About string
	Samples     string
	stackView
}

// partView is a part of the data set with its share of the losses.
type partView struct {
	Name, N    string
	BCE, Focal stackView
}

// classView is a class with what its objects cost.
type classView struct {
	Name                       string
	Objects, Untrained, Rescue int64
	ObjectsText, UntrainedText string
	RescueText                 string
	ObjectsBar                 template.HTML
	BCE, Focal                 string // to sort by
	BCEText, FocalText         string
	Findings                   int64
	FindingsText               string
}

func (p *painter) loss() lossView {
	v := lossView{ClassScore: p.source(p.main).Name}
	v.Alike = p.alike(p.main)
	gammas := p.gammas()
	curves, drawn := p.curves(), false
	parts := p.parts()
	for i, s := range p.Config.Scores {
		if i >= maxSources && i != p.main {
			continue
		}
		of := sourceLossView{
			Index: i, Name: p.source(i).Name, Alike: p.alike(i),
			WhatIfs: p.whatIfs(s.Name), Sizes: parts[partKey{s.Name, ledger.BySizeClass}],
			Levels: parts[partKey{s.Name, ledger.ByLevel}],
		}
		if !of.Alike {
			of.Curves, of.Reads = p.panels(curves[s.Name], gammas), reads(curves[s.Name], gammas)
			drawn = true
		}
		v.BySource = append(v.BySource, of)
	}
	if drawn {
		for i, g := range gammas {
			v.Gammas = append(v.Gammas, gammaView{i, short(g), g == p.Config.Focal.Gamma})
		}
	}
	v.Objectness = p.objectness()
	v.Classes, v.MoreClass = p.classes()
	return v
}

// alike reports whether a source of scores gives one score to all positives and one to all negatives.
func (p *painter) alike(source int) bool {
	s := &p.Config.Scores[source]
	return s.Detector == nil && s.Logits == nil && !s.Geometry
}

// objectness says how the what-ifs count background, "" if they do as the rest of the page does.
func (p *painter) objectness() string {
	above := p.Metrics[p.main].NegativeShare.BCE
	if p.Setting.Objective != ledger.PerClass || p.Setting.K < 2 || above == nil {
		return ""
	}
	for w := range p.WhatIfs() {
		if w.Scores == p.Config.Scores[p.main].Name && w.Scheme == loss.AllBCE {
			return fmt.Sprintf("An anchor counts once in this table, and once for each of the %s classes in the rest of the "+
				"page. So background holds %s of the cross entropy here, and %s at the top.", count(p.Setting.K),
				percent(w.NegativeShare), percent(*above))
		}
	}
	return ""
}

// gammas are the γ of the curves, rising.
func (p *painter) gammas() (gs []float64) {
	for _, l := range p.Setting.Losses {
		if l.Name == "focal" {
			gs = append(gs, l.Gamma)
		}
	}
	return gs
}

// curves are the curves by the name of their scores.
func (p *painter) curves() map[string][]ledger.Curve {
	out := map[string][]ledger.Curve{}
	for c := range p.Curves() {
		out[c.Scores] = append(out[c.Scores], c)
	}
	return out
}

// The panel of a curve, in units.
const (
	panelW, panelH            = 300.0, 200.0
	panelLeft, panelBottom    = 40.0, 34.0
	panelRight, panelTop      = 8.0, 8.0
	plotW                     = panelW - panelLeft - panelRight
	plotH                     = panelH - panelTop - panelBottom
	nearest                   = 0.6 // points of a curve that are nearer together are one
	tickHeight, tickTextShift = 4.0, 3.5
)

// panels draws the curves of positives and of negatives.
func (p *painter) panels(curves []ledger.Curve, gammas []float64) (out []curveView) {
	for _, set := range []ledger.Set{ledger.Positive, ledger.Negative} {
		title := "Positives"
		if set == ledger.Negative {
			title = "Negatives"
		}
		s := newSVG("curves", panelW, panelH, title+": share of their loss that the easiest part of them holds, by γ")
		axes(s)
		drawn := false
		for i, g := range gammas {
			for _, c := range curves {
				if c.Set == set && c.Gamma == g {
					s.polyline(fmt.Sprintf("curve g%d", i), plotted(c.Points), "γ = "+short(g))
					drawn = true
				}
			}
		}
		if drawn {
			out = append(out, curveView{title, s.end()})
		}
	}
	return out
}

// axes draws the frame of a panel.
func axes(s *svg) {
	for i := range 5 {
		t := float64(i) / 4
		x, y := panelLeft+float64(t*plotW), panelTop+float64((1-t)*plotH)
		s.gridLine(panelLeft, y, panelLeft+plotW, y)
		s.text("tick end", panelLeft-6, y+tickTextShift, fmt.Sprintf("%.0f %%", 100*t))
		s.text("tick mid", x, panelTop+plotH+15, fmt.Sprintf("%.0f", 100*t))
	}
	s.text("tick mid", panelLeft+plotW/2, panelH-4, "% of the terms, easiest first")
}

// plotted returns a curve in units of a panel, without points that fall together.
func plotted(points []loss.Point) (out [][2]float64) {
	for i, p := range points {
		at := [2]float64{panelLeft + float64(p.X*plotW), panelTop + float64((1-p.Y)*plotH)}
		if n := len(out); n > 0 && i < len(points)-1 &&
			math.Abs(at[0]-out[n-1][0])+math.Abs(at[1]-out[n-1][1]) < nearest {
			continue
		}
		out = append(out, at)
	}
	return out
}

// reads says, for each γ, what the curves of the negatives say.
func reads(curves []ledger.Curve, gammas []float64) []string {
	out := make([]string, len(gammas))
	for i, g := range gammas {
		for _, c := range curves {
			if c.Gamma != g {
				continue
			}
			hardest := percent(1 - at(c.Points, 0.9))
			if c.Set == ledger.Positive {
				out[i] = fmt.Sprintf("At γ = %s, the hardest tenth of the positives carries %s of their loss", short(g), hardest)
			} else {
				out[i] += fmt.Sprintf(", the hardest tenth of the negatives %s of theirs.", hardest)
			}
		}
	}
	return out
}

// at returns a curve's height at x, straight between its points.
func at(points []loss.Point, x float64) float64 {
	for i := 1; i < len(points); i++ {
		if a, b := points[i-1], points[i]; b.X >= x {
			if b.X == a.X {
				return b.Y
			}
			return a.Y + float64((b.Y-a.Y)*((x-a.X)/(b.X-a.X)))
		}
	}
	return 1
}

// schemes are the what-ifs in words.
var schemes = map[loss.Scheme][2]string{
	loss.AllBCE:        {"Cross entropy", "every anchor"},
	loss.AllAlphaBCE:   {"α-balanced cross entropy", "every anchor"},
	loss.AllFocal:      {"Focal loss", "every anchor"},
	loss.HardNegatives: {"Hard negatives 3 : 1", "as SSD chooses them"},
	loss.OHEM128:       {"OHEM 128", "the 128 anchors with the highest loss"},
	loss.OHEM256:       {"OHEM 256", "the 256 anchors with the highest loss"},
	loss.OHEM512:       {"OHEM 512", "the 512 anchors with the highest loss"},
	loss.RPN256:        {"256 at 1 : 1", "as Faster R-CNN's RPN draws them"},
	loss.OneToThree:    {"Random 1 : 3", "three random negatives per positive"},
	loss.GHMC:          {"GHM-C", "weighed by the density of gradients"},
}

func (p *painter) whatIfs(scores string) (out []whatIfView) {
	for w := range p.WhatIfs() {
		if w.Scores == scores {
			words := schemes[w.Scheme]
			out = append(out, whatIfView{
				Name: words[0], About: words[1], Samples: digits3(w.Samples),
				stackView: newStack(w.Scheme.String(), words[0], words[1], w.NegativeShare, w.EasyNegativeShare),
			})
		}
	}
	return out
}

type partKey struct {
	scores string
	scope  ledger.Scope
}

// parts are the shares of the losses that size classes and levels have. Shares are of all
// terms' loss, so that the bars of the levels add up to 1.
func (p *painter) parts() map[partKey][]partView {
	type sums struct {
		name           string
		pos, neg, easy [2]float64 // by loss: cross entropy, focal loss
		positives      int64
	}
	order := map[partKey][]*sums{}
	for e := range p.Entries() {
		if e.Objective != p.Setting.Objective || e.Scope != ledger.BySizeClass && e.Scope != ledger.ByLevel {
			continue
		}
		which := -1
		switch {
		case e.Loss.Name == "bce":
			which = 0
		case e.Loss.Name == "focal" && e.Loss.Focal == p.Setting.Focal:
			which = 1
		default:
			continue
		}
		key := partKey{e.Scores, e.Scope}
		k := slices.IndexFunc(order[key], func(s *sums) bool { return s.name == e.Name })
		if k < 0 {
			k = len(order[key])
			order[key] = append(order[key], &sums{name: e.Name})
		}
		s := order[key][k]
		switch {
		case e.Set != ledger.Negative:
			s.pos[which] += e.Share
			if which == 0 && e.Set == ledger.Positive {
				s.positives += e.N
			}
		default:
			s.neg[which] += e.Share
			if e.Difficulty == ledger.Easy {
				s.easy[which] += e.Share
			}
		}
	}
	out := map[partKey][]partView{}
	for key, list := range order {
		for _, s := range list {
			v := partView{Name: s.name, N: count(s.positives)}
			v.BCE, v.Focal = portion(s.pos[0], s.neg[0], s.easy[0]), portion(s.pos[1], s.neg[1], s.easy[1])
			out[key] = append(out[key], v)
		}
	}
	return out
}

// portion makes a bar of shares that need not add up to 1. Its text is their sum.
func portion(positive, negative, easy float64) stackView {
	hard := max(0, negative-easy)
	return stackView{
		Name: percent(positive + negative), Positive: percent(positive), Hard: percent(hard), Easy: percent(easy),
		Bar: bar(part{"pos", positive}, part{"hard", hard}, part{"easy", easy}),
	}
}

// maxClasses is how many classes the page lists, those with the most objects.
const maxClasses = 100

// classes are the classes with what their objects cost, those with the most objects first.
func (p *painter) classes() (rows []classView, more string) {
	bce, focal := p.classLosses()
	var order []int
	for i := range p.Classes {
		if p.Classes[i].Annotations > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(p.Classes[b].Objects - p.Classes[a].Objects) })
	if n := len(order) - maxClasses; n > 0 {
		more = plural(n, "class")
		order = order[:maxClasses]
	}
	for _, i := range order {
		c := &p.Classes[i]
		v := classView{
			Name: name(p.Data.Classes[i].Name), Objects: c.Objects, Untrained: c.WithoutPositive, Rescue: c.Rescued,
			ObjectsText: count(c.Objects), UntrainedText: count(c.WithoutPositive), RescueText: count(c.Rescued),
			ObjectsBar: bar(part{"plain", float64(c.Objects) / float64(max(1, p.Classes[order[0]].Objects))}),
			BCE:        sortKey(bce[i]), Focal: sortKey(focal[i]), BCEText: percent(bce[i]), FocalText: percent(focal[i]),
			Findings: p.ClassFindings[i], FindingsText: count(p.ClassFindings[i]),
		}
		rows = append(rows, v)
	}
	return rows, more
}

// classLosses returns each class's share of the loss of the positives, under the scores
// that are shown first; NaN where there is no such loss.
func (p *painter) classLosses() (bce, focal []float64) {
	bce, focal = make([]float64, len(p.Classes)), make([]float64, len(p.Classes))
	index := map[string]int{}
	for i := range p.Data.Classes {
		index[p.Data.Classes[i].Name] = i
	}
	scores := p.Config.Scores[p.main].Name
	for e := range p.Entries() {
		if e.Scores != scores || e.Objective != p.Setting.Objective || e.Scope != ledger.ByClass || e.Set != ledger.Positive {
			continue
		}
		switch {
		case e.Loss.Name == "bce":
			bce[index[e.Name]] += e.Sum
		case e.Loss.Name == "focal" && e.Loss.Focal == p.Setting.Focal:
			focal[index[e.Name]] += e.Sum
		}
	}
	for _, of := range [][]float64{bce, focal} {
		total := 0.0
		for _, x := range of {
			total += x
		}
		for i := range of {
			of[i] = ledger.Share(of[i], total)
		}
	}
	return bce, focal
}
