package page

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"slices"

	"focalaudit/pkg/distribution"
)

// dataView is what the data look like, source by source.
type dataView struct {
	Sources []dataSource
	More    string // sources that are not drawn
	Drifts  []driftView
	Shapes  []shapeFigure
	Classes []dataClass
	More2   string // classes that are not listed
	Pairs   []pairView
	Places  []placeView
	Lead    string
}

// dataSource is a source with its colour.
type dataSource struct{ Name, Images, Objects, PerImage, Colour string }

// driftView is how far a source is from the others in a figure.
type driftView struct {
	Name, Source, Figure        string
	Divergence, Chance, Verdict string
	Bar                         template.HTML
}

// shapeFigure is a histogram with a line for each source.
type shapeFigure struct {
	Name, About string
	Figure      template.HTML
}

// dataClass is a class with its share in each source.
type dataClass struct {
	Name    string
	Cells   []shareCell
	Overlap string
	Sort    string // the overlap
}

// shareCell is a class's objects in one source.
type shareCell struct {
	N, Sort string
	Bar     template.HTML
}

// pairView is two classes that stand together.
type pairView struct{ A, B, N, Lift, Sort string }

// placeView is a heat map of where boxes lie.
type placeView struct {
	Name string
	Map  template.URL
}

// The limits of the section.
const (
	maxDrawn  = 4  // sources that are drawn, the largest
	maxListed = 40 // classes
	maxPairs  = 12
	maxPlaces = 12
)

// figureNames are the figures in words, with what to do about a difference.
var figureNames = map[distribution.Figure][2]string{
	distribution.Class:       {"classes", "objects by class"},
	distribution.PerImage:    {"objects per image", "images by the number of their objects"},
	distribution.ImageSize:   {"image sizes", "images by √(width · height), in px"},
	distribution.ImageAspect: {"image aspect", "images by height / width"},
	distribution.BoxSize:     {"box sizes", "objects by √(share of the image's area)"},
	distribution.BoxAspect:   {"box aspect", "objects by height / width"},
	distribution.Place:       {"places", "where objects are centred"},
}

// data draws the distributions.
func (p *painter) data() (v dataView) {
	drawn := p.drawnSources()
	for i, s := range drawn {
		of := &p.Distribution.Sources[s]
		v.Sources = append(v.Sources, dataSource{name(p.Data.Sources[s].Name), count(of.Images), count(of.Objects),
			digits3(float64(of.Objects) / float64(max(1, of.Images))), fmt.Sprintf("src%d", i)})
	}
	if n := len(p.Distribution.Sources) - len(drawn); n > 0 {
		v.More = plural(n, "more file")
	}
	v.Drifts, v.Lead = p.drifts()
	for _, f := range []distribution.Figure{distribution.PerImage, distribution.BoxSize, distribution.BoxAspect,
		distribution.ImageSize} {
		words := figureNames[f]
		v.Shapes = append(v.Shapes, shapeFigure{words[0], words[1], p.histogram(f, drawn)})
	}
	v.Classes, v.More2 = p.dataClasses(drawn)
	v.Pairs = p.pairs()
	v.Places = p.places(drawn)
	return v
}

// drawnSources returns the sources that are drawn: the largest, in the order of the data.
func (p *painter) drawnSources() []int {
	var order []int
	for s := range p.Distribution.Sources {
		if p.Distribution.Sources[s].Images > 0 {
			order = append(order, s)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(p.Distribution.Sources[b].Objects, p.Distribution.Sources[a].Objects)
	})
	order = order[:min(len(order), maxDrawn)]
	slices.Sort(order)
	return order
}

// clearly is by how many times the divergence of chance a difference is one of the data.
const clearly = 4

// drifts lists how far the sources are apart, the farthest first.
func (p *painter) drifts() (out []driftView, lead string) {
	all := p.Distribution.Drifts()
	slices.SortStableFunc(all, func(a, b distribution.Drift) int { return cmp.Compare(b.Divergence, a.Divergence) })
	for _, d := range all {
		v := driftView{
			Name: figureNames[d.Figure][0], Source: name(p.Data.Sources[d.Source].Name), Figure: d.Figure.String(),
			Divergence: digits3(d.Divergence), Chance: digits3(d.ByChance), Verdict: "no more than chance",
			Bar: bar(part{"plain", d.Divergence}),
		}
		if d.Divergence > clearly*d.ByChance {
			v.Verdict = "different"
		}
		out = append(out, v)
	}
	switch {
	case len(all) == 0:
		lead = "There is one source, so there is nothing to compare it with."
	case all[0].Divergence > clearly*all[0].ByChance:
		lead = fmt.Sprintf("%s differs most from the rest: in its %s, by %s of 1.",
			out[0].Source, out[0].Name, out[0].Divergence)
	default:
		lead = "No figure of the sources differs by more than chance explains."
	}
	return out, lead
}

// The panel of a histogram, in units.
const (
	histW, histH        = 360.0, 150.0
	histLeft, histRight = 8.0, 8.0
	histTop, histBottom = 14.0, 24.0
)

// histogram draws the shares of a figure's bins, a line of steps for each source.
func (p *painter) histogram(f distribution.Figure, drawn []int) template.HTML {
	first, last, most := math.MaxInt, -1, 0.0
	shares := make([][]float64, len(drawn))
	for i, s := range drawn {
		counts := p.Distribution.Sources[s].Counts[f]
		total := int64(0)
		for _, n := range counts {
			total += n
		}
		shares[i] = make([]float64, len(counts))
		for k, n := range counts {
			if n > 0 {
				first, last = min(first, k), max(last, k)
				shares[i][k] = float64(n) / float64(total)
				most = max(most, shares[i][k])
			}
		}
	}
	if last < 0 {
		return ""
	}
	label := figureNames[f][1] + ":"
	for i, s := range drawn {
		top := 0
		for k := range shares[i] {
			if shares[i][k] > shares[i][top] {
				top = k
			}
		}
		label += fmt.Sprintf(" %s most often %s;", name(p.Data.Sources[s].Name), rangeOf(f, top))
	}
	g := newSVG("hist", histW, histH, label)
	width := (histW - histLeft - histRight) / float64(last-first+1)
	bottom, height := histH-histBottom, histH-histTop-histBottom
	g.gridLine(histLeft, bottom, histW-histRight, bottom)
	g.gridLine(histLeft, histTop, histW-histRight, histTop)
	g.text("tick", histLeft, histTop-3, percent(most))
	step := max(1, int(math.Ceil(34/width)))
	for k := first; k <= last; k++ {
		x := histLeft + float64(float64(k-first)*width)
		if (k-first)%step == 0 {
			low, _, _ := f.Range(k)
			g.text("tick mid", x+width/2, histH-8, tickOf(f, low))
		}
		for i := range drawn {
			share := shares[i][k]
			if share == 0 {
				continue
			}
			w := width * 0.86 / float64(len(drawn))
			g.rect(fmt.Sprintf("src%d", i), x+float64(width*0.07)+float64(float64(i)*w), bottom-float64(share/most*height), w,
				share/most*height, rangeOf(f, k)+": "+percent(share))
		}
	}
	return g.end()
}

// tickOf writes the lower end of a bin.
func tickOf(f distribution.Figure, low float64) string {
	if f == distribution.BoxAspect || f == distribution.ImageAspect || f == distribution.BoxSize {
		return short3(low)
	}
	return count(int64(math.Round(low)))
}

// short3 writes a number with two digits at most.
func short3(x float64) string {
	if x >= 1 {
		return fmt.Sprintf("%.2g", x)
	}
	return fmt.Sprintf("%.1g", x)
}

// rangeOf writes the ends of a bin.
func rangeOf(f distribution.Figure, bin int) string {
	low, high, _ := f.Range(bin)
	switch {
	case f == distribution.PerImage && high == low+1:
		return plural(int(low), "object")
	case f == distribution.PerImage && math.IsInf(high, 1):
		return count(int(low)) + " objects or more"
	case f == distribution.PerImage:
		return fmt.Sprintf("%s to %s objects", count(int(low)), count(int(high)-1))
	}
	return fmt.Sprintf("%s to %s", digits3(low), digits3(high))
}

// dataClasses lists the classes, those with the most objects first, with their share in each
// source relative to the source's largest class.
func (p *painter) dataClasses(drawn []int) (rows []dataClass, more string) {
	total := make([]int64, p.Distribution.Classes)
	overlapping := make([]int64, p.Distribution.Classes)
	for s := range p.Distribution.Sources {
		for _, of := range p.Distribution.Sources[s].Classes {
			total[of.Class] += of.Objects
			overlapping[of.Class] += of.Overlapping[0]
		}
	}
	var order []int
	for c, n := range total {
		if n > 0 {
			order = append(order, c)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(total[b], total[a]) })
	if n := len(order) - maxListed; n > 0 {
		more, order = plural(n, "class"), order[:maxListed]
	}
	most := make([]int64, len(drawn)) // objects of a class, by source
	for i, s := range drawn {
		for _, of := range p.Distribution.Sources[s].Classes {
			most[i] = max(most[i], of.Objects)
		}
	}
	for _, c := range order {
		share := float64(overlapping[c]) / float64(total[c])
		row := dataClass{Name: p.class(int32(c)), Overlap: percent(share), Sort: sortKey(share)}
		for i, s := range drawn {
			n := p.Distribution.Sources[s].Of(int32(c)).Objects
			row.Cells = append(row.Cells, shareCell{count(n), fmt.Sprint(n),
				bar(part{fmt.Sprintf("src%d", i), float64(n) / float64(max(1, most[i]))})})
		}
		rows = append(rows, row)
	}
	return rows, more
}

// pairs lists the classes that most often stand together.
func (p *painter) pairs() (rows []pairView) {
	images, has, together := int64(0), make([]int64, p.Distribution.Classes), map[distribution.Pair]int64{}
	for s := range p.Distribution.Sources {
		of := &p.Distribution.Sources[s]
		images += of.Images
		for _, class := range of.Classes {
			has[class.Class] += class.Images
		}
		for pair, n := range p.Distribution.Detail(s).Together {
			together[pair] += n
		}
	}
	order := slices.SortedFunc(maps.Keys(together), func(a, b distribution.Pair) int {
		return cmp.Or(cmp.Compare(together[b], together[a]), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	for _, pair := range order[:min(len(order), maxPairs)] {
		n := together[pair]
		lift := float64(n) / (float64(has[pair.A]) * float64(has[pair.B]) / float64(images))
		rows = append(rows, pairView{p.class(pair.A), p.class(pair.B), count(n), digits3(lift), sortKey(lift)})
	}
	return rows
}

// places draws where boxes lie: of each source that is drawn, then of the largest classes.
func (p *painter) places(drawn []int) (out []placeView) {
	for _, s := range drawn {
		if counts := p.Distribution.Sources[s].Counts[distribution.Place]; slices.Max(counts) > 0 {
			out = append(out, placeView{name(p.Data.Sources[s].Name), heatMap(counts)})
		}
	}
	type placed struct {
		class  int
		n      int64
		counts *[distribution.Side * distribution.Side]int64
	}
	var classes []placed
	for c := range p.Distribution.Classes {
		classes = append(classes, placed{class: c})
	}
	for s := range p.Distribution.Sources {
		for _, of := range p.Distribution.Detail(s).ClassPlaces {
			for _, n := range of.All() {
				classes[of.Class].n += n
			}
		}
	}
	classes = slices.DeleteFunc(classes, func(of placed) bool { return of.n == 0 })
	slices.SortStableFunc(classes, func(a, b placed) int { return cmp.Compare(b.n, a.n) })
	classes = classes[:min(len(classes), maxPlaces)]
	for k := range classes {
		classes[k].counts = &[distribution.Side * distribution.Side]int64{}
	}
	for s := range p.Distribution.Sources {
		detail := p.Distribution.Detail(s)
		for k := range classes {
			for i, n := range detail.PlacesOf(int32(classes[k].class)).All() {
				classes[k].counts[i] += n
			}
		}
	}
	for k := range classes {
		out = append(out, placeView{p.class(int32(classes[k].class)), heatMap(classes[k].counts[:])})
	}
	return out
}

// shades is how many shades a heat map has.
const shades = 16

// heatMap draws the cells of an image as a picture of shades of one colour on nothing, so
// that it fits a light ground and a dark one.
func heatMap(counts []int64) template.URL {
	palette := make(color.Palette, shades)
	for i := range palette {
		palette[i] = color.NRGBA{R: 0x4b, G: 0x8c, B: 0xd0, A: uint8(i * 255 / (shades - 1))}
	}
	im := image.NewPaletted(image.Rect(0, 0, distribution.Side, distribution.Side), palette)
	most := slices.Max(counts)
	for i, n := range counts {
		if n > 0 { // the square root shows the thin places too
			im.Pix[i] = uint8(max(1, math.Round(float64((shades-1)*math.Sqrt(float64(n)/float64(most))))))
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, im); err != nil {
		panic(err) // a buffer takes everything
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())) // a picture of ours
}
