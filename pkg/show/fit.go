package show

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/fit"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// Fitted is what fit found: settings of anchors, each confirmed by matching all objects under it.
type Fitted struct {
	Preset   *trainer.Preset
	Named    string             // what the user called the preset, its name or a file, as a shell reads it
	Of       *analysis.Trainers // today's preset first, then the points
	Points   []fit.Point
	Searched int // objects that the search looked at
	Beyond   int // of these, that no shape at these strides suits
	Chosen   int // index in Points, -1 if today's is as good
	Taken    bool
	Limit    float64 // negatives per positive that the chosen setting may have
	Asked    bool    // the limit is the user's
	Dearer   int     // if none is chosen: one that is better by as much, above the limit; -1 without
	Slight   int     // if none is chosen: one within the limit that is better, but by less; -1 without
	Sized    bool    // the input is not the preset's own, but the user's
	File     string
	Own      string // the file as a shell reads it, "" without
	Paths    string // the annotations, as a shell reads them

	// Larger are today's preset and the chosen one at a larger input, that of today alone if none is chosen; nil if the
	// trainer has one size.
	Larger *analysis.Trainers
}

// Weak counts the objects of a preset that no anchor suits, and of these the ones without any positive anchor.
func Weak(t *analysis.Trainer) (weak, never, all int64) {
	of := t.All().Objects
	never = of[analysis.Unassigned]
	return never + of[analysis.Weakly], never, never + of[analysis.Weakly] + of[analysis.Trained]
}

// Fit prints settings side by side, and the chosen one as the trainer's configuration has it.
func Fit(w io.Writer, f *Fitted) error {
	p := newPrinter(w)
	weak, _, all := Weak(&f.Of.Of[0])
	input := ""
	if f.Sized {
		input = " with an input of " + f.Preset.Input()
	}
	p.prose("", fmt.Sprintf("%s of %s (%s) have no anchor that fits under %s%s.", text.Group(weak),
		text.Plural(int(all), "object"), shareText(weak, all), f.Preset.Name, input))
	sampled := ""
	if int64(f.Searched) < all {
		sampled = fmt.Sprintf(", of a sample of %s", text.Group(int64(f.Searched)))
	}
	beyond := shareText(int64(f.Beyond), int64(f.Searched))
	p.prose("", fmt.Sprintf("%s cannot have one at these strides, whatever its shape%s.", beyond, sampled))
	p.Line("")
	rows := [][]string{{"", "sizes a level", "shapes", "anchors", "no fit", "never", "negatives"}}
	for i := range f.Of.Of {
		t := &f.Of.Of[i]
		name, sizes := "today", sizesOf(t.Preset)
		if i > 0 {
			name = fmt.Sprint(i)
			if i-1 == f.Chosen {
				name += " *"
			}
		}
		weak, never, all := Weak(t)
		per := "-"
		if t.Metrics.NegativesPerPositive != nil {
			per = text.Digits(*t.Metrics.NegativesPerPositive)
		}
		rows = append(rows, []string{
			name, sizes, text.Group(int64(Shapes(&t.Preset))), text.Group(t.Total.Anchors), shareText(weak, all),
			text.Group(never), per,
		})
	}
	p.columns(rows)
	p.Line("")
	p.prose("  ", "shapes: of anchors, on all levels. no fit: objects that no anchor overlaps as much as the trainer "+
		"asks for. never: objects without any positive anchor. negatives: per positive.")
	p.Line("")
	if f.Chosen < 0 {
		f.keep(p)
		f.configured(p, &f.Of.Of[0])
		return p.Err()
	}
	if !f.Taken {
		p.prose("", fmt.Sprintf("* has the fewest objects without an anchor that fits, of those with as many anchors as "+
			"today and %s: --at-most N sets another limit, --take N another line.", f.limit()))
		p.Line("")
	}
	own := "FILE"
	if f.File != "" {
		own = f.Own
		p.prose("", fmt.Sprintf("It is written to %s: `analyze run %s -a %s` reports what it does to these objects.",
			f.File, f.Paths, own))
		p.Line("")
	}
	f.sizes(p, own)
	of, to := "", ""
	if f.File != "" {
		of = fmt.Sprintf(": `analyze trainers %s -a %s -a %s`, with your validation set in the place of %s, shows both there",
			f.Paths, f.Named, own, f.Paths)
	} else {
		to = " -o mine.yaml writes the setting to a file for `analyze run` and `analyze trainers`."
	}
	p.prose("", fmt.Sprintf("The search and this table saw the same objects, so that others will fit a little less "+
		"well%s.%s A better fit is no better mAP yet: after training, compare the mAP of small, medium and large "+
		"objects.", of, to))
	f.configured(p, &f.Of.Of[f.Chosen+1])
	return p.Err()
}

// configured prints anchors as the trainer's configuration has them, and the input size that the advice names, if a
// larger input helps.
func (f *Fitted) configured(p *printer, t *analysis.Trainer) {
	if lines := fit.Lines(&t.Preset, t.Outputs); lines != nil {
		p.Line("")
		p.Line("%s", strings.Join(lines, "\n"))
	}
	if f.Larger == nil {
		return
	}
	large := &f.Larger.Of[len(f.Larger.Of)-1]
	now, _, _ := Weak(t)
	then, _, _ := Weak(large)
	if input := fit.Input(&large.Preset); input != "" && then < now {
		p.comment(fmt.Sprintf("for an input of %s, with the same anchors (%s without a fit instead of %s):",
			strings.TrimPrefix(large.Preset.Input(), "a short side of "), text.Group(then), text.Group(now)))
		p.comment(input)
	}
}

// comment prints a text as comments of Python or YAML, in lines of text.Columns.
func (p *printer) comment(s string) {
	line := "#"
	for _, word := range strings.Fields(s) {
		if line != "#" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > text.Columns {
			p.Line("%s", line)
			line = "#"
		}
		line += " " + word
	}
	p.Line("%s", line)
}

// sizes says whether the anchors or the input should be changed first, with the table of both.
func (f *Fitted) sizes(p *printer, own string) {
	if f.Larger == nil {
		return
	}
	today := &f.Of.Of[0]
	option := func(t *analysis.Trainer) analysis.Option {
		return analysis.OptionOf(&t.Preset, &t.Metrics, &t.Total, t.Load, today.Load)
	}
	preset := f.Named
	if f.File != "" {
		preset = own
	}
	others := fmt.Sprintf("`analyze trainers %s -a %s --sizes 640..1536` shows other sizes of the input.", f.Paths, preset)
	large := &f.Larger.Of[len(f.Larger.Of)-1]
	then, _, _ := Weak(large)
	if now, _, _ := Weak(&f.Of.Of[f.Chosen+1]); then < now {
		others = fmt.Sprintf("`analyze fit %s -a %s --size %d` fits the anchors for that input. ", f.Paths, f.Named,
			large.Preset.Resize.Short) + others
	}
	if f.Chosen < 0 {
		p.prose("", answer.Larger([2]analysis.Option{option(today), option(&f.Larger.Of[0])}, "")+" "+others)
		return
	}
	chosen := &f.Of.Of[f.Chosen+1]
	of := [2][2]analysis.Option{
		{option(today), option(&f.Larger.Of[0])}, {option(chosen), option(&f.Larger.Of[1])},
	}
	name := fmt.Sprintf("the anchors of line %d", f.Chosen+1)
	p.prose("", answer.Advice(name, of, "")+" "+others)
	p.Line("")
	p.options("", answer.Options(name, of))
	p.Line("")
}

// limit says which negatives per positive the chosen setting may have.
func (f *Fitted) limit() string {
	if f.Asked {
		return fmt.Sprintf("at most %s negatives per positive", text.Digits(f.Limit))
	}
	return fmt.Sprintf("at most a quarter more negatives per positive (%s)", text.Digits(f.Limit))
}

// keep advises to keep the anchors, and names a setting that misses the limit only.
func (f *Fitted) keep(p *printer) {
	p.prose("", fmt.Sprintf("Keep your anchors: no setting found is 2 points better with as many anchors and %s.",
		f.limit()))
	if f.Slight >= 0 {
		t := &f.Of.Of[f.Slight+1]
		weak, _, all := Weak(t)
		today, _, _ := Weak(&f.Of.Of[0])
		p.prose("", fmt.Sprintf("Line %d suits %s more (%s without, instead of %s): a small gain. --take %d chooses it.",
			f.Slight+1, text.Plural(int(today-weak), "object"), shareText(weak, all), shareText(today, all), f.Slight+1))
	}
	if f.Dearer >= 0 {
		t := &f.Of.Of[f.Dearer+1]
		weak, _, all := Weak(t)
		p.prose("", fmt.Sprintf("Line %d leaves %s without, at %s negatives per positive. If that is no concern, "+
			"--take %d chooses it.", f.Dearer+1, shareText(weak, all), text.Digits(*t.Metrics.NegativesPerPositive),
			f.Dearer+1))
	}
	if f.File != "" {
		p.prose("", fmt.Sprintf("They are written to %s as they are.", f.File))
	}
	f.sizes(p, f.Own)
}

func shareText(n, of int64) string { return fmt.Sprintf("%.2f %%", 100*float64(n)/float64(max(1, of))) }

// Shapes is how many shapes all levels of a preset have together.
func Shapes(p *trainer.Preset) (n int) {
	for _, l := range p.Anchors.Levels {
		n += len(l.Boxes) + len(l.Sizes)*len(p.Anchors.Ratios)
	}
	return n
}

// sizesOf says how many sizes or boxes a level of a preset has.
func sizesOf(p trainer.Preset) string {
	l := &p.Anchors.Levels[0]
	if len(l.Boxes) > 0 {
		return fmt.Sprintf("%d boxes", len(l.Boxes))
	}
	return fmt.Sprint(len(l.Sizes))
}
