package page

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// maxSources is how many sources of scores can be chosen: the style sheet knows so many.
const maxSources = 6

// sourceView is a source of scores, with its three bars.
type sourceView struct {
	Index   int
	Main    bool
	Name    string
	About   string // what p is, in a sentence
	Caveat  string // what an assumption does to the bars, "" if there is none
	Stacks  []stackView
	HasLoss bool
}

// stackView is a stacked bar: positives, hard and easy negatives.
type stackView struct {
	ID, Name, About      string
	Positive, Hard, Easy string
	Bar                  template.HTML
}

// newStack makes a bar of three shares that add up to 1.
func newStack(id, title, about string, negative, easy float64) stackView {
	if math.IsNaN(negative) || math.IsNaN(easy) {
		return stackView{ID: id, Name: title, About: about, Positive: "–", Hard: "–", Easy: "–"}
	}
	hard := max(0, negative-easy)
	return stackView{
		ID: id, Name: title, About: about,
		Positive: percent(1 - negative), Hard: percent(hard), Easy: percent(easy),
		Bar: bar(part{"pos", 1 - negative}, part{"hard", hard}, part{"easy", easy}),
	}
}

// sources makes the bars of every source of scores.
func (p *painter) sources() []sourceView {
	var out []sourceView
	for i := range p.Config.Scores {
		if i < maxSources || i == p.main {
			out = append(out, p.source(i))
		}
	}
	return out
}

func (p *painter) source(i int) sourceView {
	s, m := &p.Config.Scores[i], &p.Metrics[i]
	v := sourceView{Index: i, Main: i == p.main, Name: name(s.Name)}
	switch {
	case s.Geometry:
		v.Name, v.About = "Geometry", "An illustration made from the labels themselves: it is evidence of nothing."
	case s.Detector != nil:
		of := p.Config.Results[i]
		v.About = fmt.Sprintf("Scores are those of %s: %s of %s detections belong to these images. "+
			"An anchor without a detection is assumed to score %s.", name(of.Name), count(of.Joined),
			count(of.Read), short(s.Detector.Floor))
		v.Caveat = p.caveat(i)
	case s.Logits != nil:
		v.About = fmt.Sprintf("Scores are the model's own logits, of %s of %s images.",
			count(p.Total.Images-p.Accounts[i].Missing), count(p.Total.Images))
		if p.Plan.ChosenBy(i) {
			v.About += " Positives are those that the trainer chooses by them and by the model's boxes, with its soft targets."
		}
	case i == 0:
		v.Name = "At initialisation"
		v.About = fmt.Sprintf("Every anchor scores %s, as a RetinaNet does before it has learnt anything.",
			short(roundTo(s.Positive.P())))
	case s.Name == "article":
		v.Name = "The article's example"
		v.About = "Every positive costs 3 and every negative 0.1, as in the example of the focal-loss article."
	default:
		v.About = fmt.Sprintf("Every positive scores %s and every negative %s, as given.",
			digits3(s.Positive.P()), digits3(s.Negative.P()))
	}
	inLoss := float64(m.Positives + m.Negatives)
	negative := float64(m.Negatives) / inLoss
	v.Stacks = []stackView{
		newStack("anchors", "Anchors", p.anchorsInLoss(m), negative,
			negative*valueOf(m.EasyNegativeFraction)),
		newStack("bce", "Cross entropy", "plain", valueOf(m.NegativeShare.BCE),
			valueOf(m.EasyNegativeShare.BCE)),
		newStack("focal", "Focal loss", p.focalName(), valueOf(m.NegativeShare.Focal), valueOf(m.EasyNegativeShare.Focal)),
	}
	return v
}

// anchorsInLoss counts the anchors that have a loss, and those that a trainer ignores.
func (p *painter) anchorsInLoss(m *analysis.Metrics) string {
	if ignored := p.Total.Anchors - m.Positives - m.Negatives; ignored > 0 {
		return fmt.Sprintf("%s, without %s ignored ones", count(m.Positives+m.Negatives), count(ignored))
	}
	return count(m.Positives + m.Negatives)
}

// focalName is the run's focal loss.
func (p *painter) focalName() string {
	if f := p.Config.Focal; f.Alpha >= 0 {
		return fmt.Sprintf("γ = %s, α = %s", short(f.Gamma), short(f.Alpha))
	}
	return "γ = " + short(p.Config.Focal.Gamma) + ", without α"
}

// caveat says what another floor would make of a detector's bars.
func (p *painter) caveat(i int) string {
	floors := p.AtFloors(i)
	last := floors[len(floors)-1]
	return fmt.Sprintf("That floor is an assumption. At %s, background would hold %s of the cross entropy and %s of the "+
		"focal loss.", short(last.Floor), shareOf(last.NegativeShare.BCE), shareOf(last.NegativeShare.Focal))
}

// verdictView is the verdict in a few sentences.
type verdictView struct {
	Headline string
	Lead     []string
}

// dominated is the negatives' share of a loss from which on background leads it.
const dominated = 0.5

// verdict tells what the run means.
func (p *painter) verdict() verdictView {
	m := &p.Metrics[p.main]
	bce, focal := valueOf(m.NegativeShare.BCE), valueOf(m.NegativeShare.Focal)
	switch {
	case m.Objects == 0:
		return verdictView{"There is no usable object: nothing can be trained.", nil}
	case m.Positives == 0 || math.IsNaN(bce) || math.IsNaN(focal):
		return verdictView{"No object gets an anchor: training would learn background only.", nil}
	}
	if own, known := p.ownStart(); known {
		return verdictView{
			Headline: prose(fmt.Sprintf("At initialisation, background makes up %s of the %s that %s trains with.",
				percent(own.Share), own.Name, p.Config.Preset.Name)),
			Lead: []string{prose(fmt.Sprintf("If its outputs started at %s, as RetinaNet's do and the bars below show, it "+
				"would make up %s of the cross entropy and %s of the focal loss.",
				short(roundTo(p.Config.Scores[0].Negative.P())), percent(bce), percent(focal)))},
		}
	}
	v := verdictView{}
	when, background := "", "Background"
	if p.main == 0 {
		when, background = "At initialisation, ", "background"
	}
	switch {
	case bce < dominated:
		v.Headline = fmt.Sprintf("%s%s does not dominate: it makes up %s of the cross entropy and %s of the focal loss.",
			when, background, percent(bce), percent(focal))
	case focal < 0.9*bce:
		v.Headline = fmt.Sprintf("%s%s makes up %s of the cross entropy. Focal loss cuts it to %s.",
			when, background, percent(bce), percent(focal))
	default:
		v.Headline = fmt.Sprintf("%s%s makes up %s of the cross entropy, and focal loss leaves %s.",
			when, background, percent(bce), percent(focal))
	}
	if m.EasyNegativeFraction != nil && m.NegativesPerPositive != nil {
		v.Lead = append(v.Lead, prose(fmt.Sprintf(
			"For each anchor on an object, %s lie on background, and %s of those are easy (scored %s or less).",
			digits3(*m.NegativesPerPositive), percent(*m.EasyNegativeFraction),
			short(roundTo(1-p.Config.Edges.Easy)))))
	}
	v.Headline = prose(v.Headline)
	return v
}

// answerView is an answer of the terminal, with the section that it is about.
type answerView struct {
	Topic, Level, Link      string
	Verdict, Reason, Action template.HTML
}

// sections are those that the answers are about.
var sections = map[answer.Topic]string{
	answer.Data: "findings", answer.Errors: "findings", answer.Classes: "classes", answer.Balance: "loss",
	answer.Anchors: "anchors", answer.Labels: "labels",
}

// levels are the marks of the answers' levels.
var levels = map[answer.Level]string{
	answer.Fine: "pass", answer.Note: "info", answer.Warning: "warning", answer.Error: "error",
}

// allAnswers returns the answers of the run, which take a look at all findings: they are made once.
func (p *painter) allAnswers() []answer.Answer {
	if p.told == nil {
		p.told = answer.Of(p.Result)
	}
	return p.told
}

// answers are what the run means, in the words and the order of the terminal.
func (p *painter) answers() (out []answerView) {
	html := func(s string) template.HTML { return marked(prose(text.Printable(s))) }
	for _, a := range p.allAnswers() {
		out = append(out, answerView{string(a.Topic), levels[a.Level], sections[a.Topic], html(a.Verdict), html(a.Reason),
			html(a.Action)})
	}
	return out
}

// ownStart returns how negatives weigh in the trainer's own loss, if the main source of scores is the start of
// training, and the trainer starts elsewhere.
func (p *painter) ownStart() (answer.OwnLoss, bool) {
	own, known := answer.Own(p.Result)
	start := p.Config.Scores[0].Negative.P()
	return own, known && p.main == 0 && !math.IsNaN(own.Share) && math.Abs(own.Start-start) > start/10
}

// answer is what the run answers on a topic, in the words of the terminal.
func (p *painter) answer(topic answer.Topic) (answer.Answer, bool) {
	for _, a := range p.allAnswers() {
		if a.Topic == topic {
			return a, true
		}
	}
	return answer.Answer{}, false
}

// labelsLead says what is known of the labels.
func (p *painter) labelsLead() string {
	if p.Audit == nil {
		return ""
	}
	m := &p.Metrics[p.Audit.Scores]
	n, expected, kept := answer.Suspects(p.Result)
	switch {
	case n+kept == 0:
		return "The detector contradicts no label."
	case n == 0:
		return "Every label that the detector contradicts was reviewed and kept."
	}
	look, they := "look", "They"
	if n == 1 {
		look, they = "looks", "It"
	}
	carry := they + " carry"
	switch {
	case kept > 0: // the shares are those of all that the detector contradicts
		carry = fmt.Sprintf("With %s that people kept, %s carry", count(kept), strings.ToLower(they))
	case n == 1:
		carry = "It carries"
	}
	return prose(fmt.Sprintf("%s %s wrong to the detector; expect about %s to be. %s %s of the cross entropy and %s of "+
		"the focal loss.", plural(n, "label"), look, count(max(1, int(math.Round(expected)))), carry,
		shareOf(m.SuspectShare.BCE), shareOf(m.SuspectShare.Focal)))
}

// figureView is one of the five numbers.
type figureView struct {
	Value, Name string
	About       string // of how many, and which way is better
	Do, Link    string
}

// figures are the five numbers to know.
func (p *painter) figures() []figureView {
	m := &p.Metrics[p.main]
	about := fmt.Sprintf("of %s; lower is better", count(m.Objects))
	ratio, share := "–", "–"
	if m.NegativesPerPositive != nil {
		ratio = digits3(*m.NegativesPerPositive)
	}
	if m.NegativeShare.BCE != nil && m.NegativeShare.Focal != nil {
		share = shareOf(m.NegativeShare.BCE) + "\u00a0→ " + shareOf(m.NegativeShare.Focal)
	}
	easier := "lower is easier"
	if coco, known := answer.COCO(p.Result); known {
		easier += "; COCO under the same preset: " + digits3(coco)
	}
	when := " never trained"
	if p.Plan.Chooses() {
		when = " not trained at this moment"
	}
	answers := "Focal loss or sampling must make up for it."
	if own, known := answer.Own(p.Result); known {
		answers = own.Answers()
	}
	return []figureView{
		{count(m.ObjectsWithoutPositive), objects(m.ObjectsWithoutPositive) + when, about,
			p.untrained(false), "anchors"},
		p.weakly(about),
		{ratio, "negatives per positive", easier, answers, "loss"},
		{share, "of the loss is background", "cross entropy → focal loss; 50\u00a0% is balanced", p.balance(), "loss"},
		p.gamma(m),
	}
}

// weakly is the number of objects that are trained, but weakly: with fallback anchors, or with few points.
func (p *painter) weakly(about string) figureView {
	n := p.Metrics[p.main].ObjectsRescued
	if !p.Config.Preset.Matcher.Measure().Points() {
		return figureView{count(n), objects(n) + " with fallback anchors only", about, p.untrained(true), "anchors"}
	}
	few := p.Digested().FewPoints
	v := figureView{count(few), objects(few) + " with fewer points than the trainer would give", about, "Nothing to do.",
		"anchors"}
	if few > 0 {
		v.Do = fmt.Sprintf("%s; small or thin: train at a larger size.",
			percent(float64(few)/float64(max(1, p.Total.Objects))))
	}
	return v
}

// objects is the word for so many objects.
func objects(n int64) string {
	if n == 1 {
		return "object"
	}
	return "objects"
}

// fewObjects is the share of objects without an anchor of their own below which the anchors fit, as
// package answer has it.
const fewObjects = 0.05

// reasons say why no anchor suits an object, and what to do where the answer on anchors has nothing that was tried.
var reasons = map[iou.Why][2]string{
	iou.TooSmall:       {"too small", "add smaller anchors, or train at a larger size"},
	iou.TooLarge:       {"too large", "add larger anchors, or train at a smaller size"},
	iou.Aspect:         {"too long", "add anchors of their aspect ratio"},
	iou.SizeAspect:     {"between the anchors in size and aspect", "add shapes between the others"},
	iou.OffGrid:        {"between the places of the anchors", "use smaller strides or more shapes"},
	iou.NoPoint:        {"too small or too thin for the grids", "train at a larger size"},
	iou.NoPointAtLevel: {"too thin for their level", "train at a larger size"},
	iou.OutCompeted:    {"crowded out by an overlapping object", "look for duplicates"},
	iou.NoOverlap:      {"fitted by no prediction at this moment", "look at them, or train on"},
}

// untrained says what helps the objects that have no anchor, or only fallback ones: the advice is that of the answer on
// anchors.
func (p *painter) untrained(rescued bool) string {
	by := make([]int64, iou.Whys())
	n := int64(0)
	weak := p.Digested().Weak
	for why := range weak {
		by[why] = weak[why].Of(rescued)
		n += by[why]
	}
	if n == 0 {
		return "Nothing to do."
	}
	share := percent(float64(n) / float64(p.Total.Objects))
	if float64(p.Weak.Objects) < fewObjects*float64(p.Total.Objects) {
		return share + ": the anchors fit nearly all."
	}
	why := iou.Fine
	for w := range by {
		if by[w] > by[why] {
			why = iou.Why(w)
		}
	}
	words, known := reasons[why]
	if !known {
		return share + "; the section says why."
	}
	do := cmp.Or(answer.Remedy(p.Result), words[1])
	return fmt.Sprintf("%s; %s %s: %s.", share, mostly(by[why], n), words[0], do)
}

// mostly says how many of n objects something is true of: most if they are more than half.
func mostly(of, n int64) string {
	switch {
	case of == n && n == 1:
		return "it is"
	case of == n:
		return "all are"
	case 2*of > n:
		return "most are"
	case of == 1:
		return fmt.Sprintf("1 of %s is", count(n))
	}
	return fmt.Sprintf("%s of %s are", count(of), count(n))
}

// balance says what to do about the negatives' share of focal loss.
func (p *painter) balance() string {
	m := &p.Metrics[p.main]
	switch focal := valueOf(m.NegativeShare.Focal); {
	case math.IsNaN(focal):
		return "There is no loss to share."
	case p.main == 0:
		return "This is before training. Add detections to see a trained detector."
	case focal < dominated:
		return "Objects lead the focal loss: it does its work."
	default:
		return "Background still leads: compare γ and the what-ifs below."
	}
}

// gamma is the number about γ.
func (p *painter) gamma(m *analysis.Metrics) figureView {
	f, yours := p.Config.Focal, short(p.Config.Focal.Gamma)
	v := figureView{"none", "is the γ that balances both sides", "yours is " + yours, sentence(m.GammaBalanceWhy), "loss"}
	if m.GammaBalance == nil {
		return v
	}
	v.Value, v.About = digits3(*m.GammaBalance), v.About+"; above it, objects lead"
	if f.Gamma >= *m.GammaBalance {
		v.Do = "Yours is higher, so objects lead. It measures the imbalance, and is no setting to train with."
	} else {
		v.Do = "Yours is lower, so background leads. It measures the imbalance, and is no setting to train with."
	}
	return v
}

// sentence makes a sentence of words.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return string(s[0]-'a'+'A') + s[1:] + "."
}

// firstView is what to look at first.
type firstView struct {
	Title, About string
	Labels       []suspectView
	Codes        []firstCode
}

// firstCode is a code of findings, with the first of them.
type firstCode struct{ Code, Severity, Title, N, Message string }

// maxFirst is how many labels, or codes of findings, are shown first.
const maxFirst = 10

// first returns the labels to look at first, or without a detector the gravest codes.
func (p *painter) first() firstView {
	if suspects := p.suspects(maxFirst); len(suspects) > 0 {
		return firstView{
			Title:  fmt.Sprintf("Check these %d labels first", len(suspects)),
			About:  "The likeliest to be wrong. Solid: annotated. Dashed: detected.",
			Labels: suspects,
		}
	}
	v := firstView{Title: "Look at these first", About: "The gravest kinds of findings, the worst first."}
	for i, k := range p.OpenKinds() {
		if i == maxFirst/2 {
			break
		}
		e, _ := findings.Lookup(k.Code)
		v.Codes = append(v.Codes, firstCode{k.Code, k.Severity.String(), e.Title, count(k.N),
			text.Clip(p.Findings[k.First].Message, 100)})
	}
	return v
}
