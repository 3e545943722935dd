package page

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/text"
)

// anchorsView is how the anchors suit the objects.
type anchorsView struct {
	Figure  template.HTML
	Summary string
	Answer  template.HTML
	Options []optionView
	Changed string // which anchors the changed ones are
	Reasons []reasonView
	Sizes   []coverView
}

// reasonView is a reason for which objects have no anchor of their own.
type reasonView struct{ Code, Text, N, Share, Colour string }

// optionView is a choice of anchors and input size.
type optionView struct{ Setting, Input, Untrained, Weakly, Negatives, Anchors string }

// options are the rows of the table that goes with the answer on anchors.
func options(of []answer.Option) (out []optionView, changed string) {
	for i := range of {
		o, setting := &of[i], "today’s anchors"
		if o.Anchors != of[0].Anchors {
			setting, changed = "changed anchors", text.InLine(o.Anchors)
		}
		out = append(out, optionView{setting, text.InLine(o.Input), count(o.Untrained), count(o.Weakly), digits3(o.Negatives),
			"× " + digits3(o.Cost)})
	}
	return out, changed
}

// coverView is a size class with how the anchors serve it.
type coverView struct {
	Name, About, Objects, Own, Rescued, Never string
	Bar                                       template.HTML
}

// The figure: its bins are those of analysis.Shapes.
const (
	sizeFrom, sizeTo = analysis.SizeFrom, analysis.SizeTo
	perOctave        = analysis.PerOctave
	sizeBins         = analysis.SizeBins
	aspectEnd        = analysis.AspectEnd
	aspectBins       = analysis.AspectBins
	cellW, cellH     = 20.0, 17.0
	mapLeft, mapTop  = 44.0, 8.0
	mapBottom        = 40.0
)

// anchors draws the objects by size and aspect over the shapes of the anchors.
func (p *painter) anchors() anchorsView {
	shapes := p.Digested().Shapes
	reasons := make([]int64, iou.Whys())
	n := int64(0)
	for i := range shapes.Cells {
		for k := range shapes.Cells[i] {
			n += shapes.Cells[i][k].N
			for why, w := range shapes.Cells[i][k].Why {
				reasons[why] += w
			}
		}
	}
	v := anchorsView{Summary: "No object takes part in the matching."}
	if n == 0 {
		return v
	}
	v.Reasons = reasonsOf(reasons, n)
	v.Figure = p.sizeMap(&shapes.Cells, v.Reasons)
	v.Summary = p.sizesOf()
	if a, ok := p.answer(answer.Anchors); ok {
		v.Answer = marked(text.Printable(a.Text()))
		v.Options, v.Changed = options(a.Options)
	}
	for i, of := range shapes.Sizes {
		all := of[0] + of[1] + of[2]
		if all == 0 {
			continue
		}
		share := func(k int) float64 { return float64(of[k]) / float64(all) }
		v.Sizes = append(v.Sizes, coverView{
			Name: ledger.Size(i).String(), About: [...]string{"below 32² px²", "32² to 96² px²", "96² px² and more"}[i],
			Objects: count(all), Own: percent(share(0)), Rescued: percent(share(1)), Never: percent(share(2)),
			Bar: bar(part{"pos", share(0)}, part{"hard", share(1)}, part{"never", share(2)}),
		})
	}
	return v
}

// colours are the colours of the reasons, by code.
var colours = map[string]string{
	"too-small": "why1", "too-large": "why2", "aspect": "why3", "size-aspect": "why4", "off-grid": "why5",
	"out-competed": "why6",
}

// reasonsOf lists the reasons that objects have, the commonest first.
func reasonsOf(by []int64, n int64) []reasonView {
	var order []iou.Why
	for w, k := range by {
		if k > 0 {
			order = append(order, iou.Why(w))
		}
	}
	slices.SortStableFunc(order, func(a, b iou.Why) int { return cmp.Compare(by[b], by[a]) })
	var out []reasonView
	for _, w := range order {
		words, _ := findings.LookupReason(w.String())
		out = append(out, reasonView{cmp.Or(w.String(), "fallback"), words.Text, count(by[w]),
			percent(float64(by[w]) / float64(n)), colourOf(w)})
	}
	return out
}

func colourOf(w iou.Why) string { return cmp.Or(colours[w.String()], "why7") }

// sizesOf says which sizes the anchors have.
func (p *painter) sizesOf() string {
	least, most := math.Inf(1), 0.0
	for level, shapes := range p.Shapes {
		for k := range shapes {
			b := p.Trainer.Layout.Box(level, k)
			size := math.Sqrt(float64(b.Width()) * float64(b.Height()))
			least, most = min(least, size), max(most, size)
		}
	}
	return fmt.Sprintf("The anchors go from %s px to %s px, measured after resizing.", digits3(least), digits3(most))
}

// sizeMap draws the cells, and the shapes of the anchors over them.
func (p *painter) sizeMap(cells *analysis.Cells, reasons []reasonView) template.HTML {
	width, height := mapLeft+sizeBins*cellW+16, mapTop+aspectBins*cellH+mapBottom
	s := newSVG("map", width, height, "Objects by size and aspect ratio. "+describe(reasons))
	s.rect("paper", mapLeft, mapTop, sizeBins*cellW, aspectBins*cellH, "")
	for i := sizeFrom; i <= sizeTo; i++ {
		x := mapLeft + float64(float64(i-sizeFrom)*perOctave*cellW)
		s.gridLine(x, mapTop, x, mapTop+aspectBins*cellH)
		s.text("tick mid", x, mapTop+aspectBins*cellH+16, count(1<<i))
	}
	for i := -aspectEnd; i <= aspectEnd; i++ {
		y := mapTop + float64(float64(aspectEnd-i)*2*cellH)
		s.gridLine(mapLeft, y, mapLeft+sizeBins*cellW, y)
		s.text("tick end", mapLeft-6, y+4, aspectName(i))
	}
	s.text("tick mid", mapLeft+sizeBins*cellW/2, height-6, "size after resizing, √(width · height), in px")
	most := int64(0)
	for i := range cells {
		for k := range cells[i] {
			most = max(most, cells[i][k].N)
		}
	}
	for i := range cells {
		for k := range cells[i] {
			if c := &cells[i][k]; c.N > 0 {
				drawCell(s, c, most, mapLeft+float64(float64(i)*cellW), mapTop+float64(float64(aspectBins-1-k)*cellH))
			}
		}
	}
	for level, shapes := range p.Shapes {
		for k := range shapes {
			drawAnchor(s, p.Trainer.Layout.Box(level, k), p.Trainer.LevelName(level))
		}
	}
	return s.end()
}

// describe names the reasons for those who can't see the figure.
func describe(reasons []reasonView) string {
	out := "Without an anchor above the threshold:"
	for _, r := range reasons {
		out += " " + r.Code + " " + r.N + ";"
	}
	if len(reasons) == 0 {
		out += " none."
	}
	return out
}

// aspectName writes 2^i as height to width.
func aspectName(i int) string {
	if i < 0 {
		return fmt.Sprintf("1 : %d", 1<<-i)
	}
	return fmt.Sprintf("%d : 1", 1<<i)
}

// drawCell draws the objects of a cell as a square whose area is their number, within it
// those without an anchor of their own.
func drawCell(s *svg, c *analysis.Cell, most int64, x, y float64) {
	side := func(n int64) float64 { return max(1.6, (min(cellW, cellH)-1)*math.Sqrt(float64(n)/float64(most))) }
	square := func(class string, n int64, title string) {
		a := side(n)
		s.rect(class, x+(cellW-a)/2, y+(cellH-a)/2, a, a, title)
	}
	title := plural(c.N, "object")
	if c.Why == nil {
		square("cell", c.N, title)
		return
	}
	poor, top := int64(0), iou.Fine
	for w, n := range c.Why {
		poor += n
		if n > c.Why[top] {
			top = iou.Why(w)
		}
	}
	title += fmt.Sprintf(", %s without an anchor of their own: %s", count(poor), cmp.Or(top.String(), "fallback"))
	if poor < c.N {
		square("cell", c.N, title)
	}
	square(colourOf(top), poor, title)
}

// drawAnchor marks the shape of an anchor.
func drawAnchor(s *svg, b geom.Box32, level string) {
	w, h := float64(b.Width()), float64(b.Height())
	x := mapLeft + float64((math.Log2(math.Sqrt(w*h))-sizeFrom)*perOctave*cellW)
	y := mapTop + float64((aspectEnd-math.Log2(h/w))*2*cellH)
	s.path("anchor", fmt.Sprintf("M%s %sh9m-4.5 -4.5v9", num(x-4.5), num(y)),
		fmt.Sprintf("anchor %.4g × %.4g px, %s", w, h, level))
}
