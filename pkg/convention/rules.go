package convention

import (
	"iter"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// Inspect returns what the numbers and names of the annotation files say of
// themselves: what each says by itself, and what they say of each other.
func Inspect(d *dataset.Dataset) (all []findings.Finding) {
	parts := make([][]Part, len(d.Sources))
	for s := range d.Sources {
		all = append(all, InspectSource(d, s)...)
		parts[s] = PartsOf(d, s)
	}
	return append(all, Compare(d, parts, func(l List) iter.Seq[Sighting] { return Sighted(d, l) })...)
}

// InspectSource returns what a source says of itself: one finding for its boxes or for its image sizes (both where
// either may be exchanged), one for names spelt in several ways, and so on. Other sources, and the numbers of classes,
// change nothing in it.
func InspectSource(d *dataset.Dataset, s int) (all []findings.Finding) {
	at := site{d: d, src: d.Source(s), s: int32(s), seen: glanceAt(d.Source(s))}
	t := count(at.src)
	at.least = t.least
	b := t.readBoxes(at.src)
	all = t.placed(at, &b)
	if f, ok := t.lone(at.src, at.s); ok && !b.Found() {
		all = append(all, f)
	}
	if c := t.readColumns(at.src); !b.Found() || !c.One.Found() {
		if f, ok := c.tell(at); ok {
			all = append(all, f)
		}
	}
	if !b.Found() && t.n >= quarterBoxes {
		all = at.ask(leftByTools, all)
	}
	return at.ask(leftInRecords, all)
}

// leftByTools are the rules on what tools left in boxes and sizes that are COCO's: seams of tiles, a default size,
// sizes of batches.
var leftByTools = []rule{of(OfSeams), of(OfSized), of(OfBatches)}

// leftInRecords are the rules on what is missing among the records, stands there for others, or has another's name.
var leftInRecords = []rule{
	of(OfEmptied), of(OfEndings), of(OfLost), of(OfBaseNames), first(of(OfTransposed), oneFrameOff, carriedOver),
	first(of(OfCut), of(OfFiltered), of(OfOnce), onceIn, of(OfJoined)),
	of(OfTileEdges), of(OfGrouped), of(OfRounds), of(OfRolled),
	first(oneLabel, movedClasses, of(OfAdded)),
	listed(OfCutIDs), lookedUp, byCOCO, listed(OfInstances), of(OfSplits), of(OfFlipped), of(OfPrograms), unmarked,
	twoParts, labelledTwice, of(Spellings), tracks,
}

// A site is the source that rules look at, number s of its data set.
type site struct {
	d   *dataset.Dataset
	src *dataset.Source
	s   int32

	seen  *glance
	least *leasts
}

// A rule returns what it tells of a source, if it tells anything.
type rule func(site) (findings.Finding, bool)

// A trace is what a rule has seen.
type trace interface {
	Found() bool
	finding(*dataset.Source, int32) findings.Finding
}

// of returns the rule that looks for traces of one kind.
func of[T any, P interface {
	*T
	trace
}](look func(*dataset.Source) T) rule {
	return func(at site) (f findings.Finding, ok bool) {
		seen := look(at.src)
		if P(&seen).Found() {
			return P(&seen).finding(at.src, at.s), true
		}
		return f, false
	}
}

// listed returns the same of what is looked for in the list of classes too.
func listed[T any, P interface {
	*T
	trace
}](look func(*dataset.Dataset, *dataset.Source) T) rule {
	return func(at site) (findings.Finding, bool) {
		return of[T, P](func(src *dataset.Source) T { return look(at.d, src) })(at)
	}
}

// first returns the rule that tells what the first of rules tells that tells anything.
func first(rules ...rule) rule {
	return func(at site) (f findings.Finding, ok bool) {
		for _, tells := range rules {
			if f, ok = tells(at); ok {
				break
			}
		}
		return f, ok
	}
}

// ask returns all with what rules tell of the source.
func (at site) ask(rules []rule, all []findings.Finding) []findings.Finding {
	for _, tells := range rules {
		if f, ok := tells(at); ok {
			all = append(all, f)
		}
	}
	return all
}

// placed returns what is said of the boxes of a source by their reading, or else by the first of the rules that tells.
func (t *tally) placed(at site, b *Boxes) []findings.Finding {
	src, s := at.src, at.s
	if f, ok := b.outlinesFinding(src, s); ok { // the boxes are right as they stand
		*b = Boxes{Total: b.Total, COCO: b.COCO, Example: -1}
		return append([]findings.Finding{f}, t.placed(at, b)...)
	}
	switch {
	case b.Found():
		all := []findings.Finding{b.finding(src, s)}
		if b.Reading.Form == Exchanged && b.By == ByPlace && upright(src) {
			if z := t.readSizes(src); z.Kind == Turned {
				all = append(all, z.finding(src, s))
			}
		}
		return all
	case t.apart():
		return []findings.Finding{t.apartFinding(src, s)}
	case t.loose():
		return []findings.Finding{t.looseFinding(src, s)}
	}
	if p := at.seen.padded(); p.Found() && (p.Place != "" || p.holds(src)) {
		return []findings.Finding{p.finding(at.seen, s)}
	}
	if u := at.seen.unpadded(); u.Found() {
		return []findings.Finding{u.finding(src, s)}
	}
	if z := t.readSizes(src); z.Kind == Clipped {
		return []findings.Finding{z.finding(src, s)} // which slips may explain too
	} else if m := t.readBeyond(src); m.Kind != Unexplained && z.Kind != Turned && !t.confirmed() {
		return []findings.Finding{m.finding(src, s)}
	} else if m := t.readSlip(src); m.Kind != NoSlip {
		return []findings.Finding{m.finding(src, s)}
	} else if z.Found() && !z.seamed(src) && (z.Kind != PiledRight && z.Kind != PiledBottom || z.pilesAnew(src)) {
		return []findings.Finding{z.finding(src, s)}
	} else if m := t.readMoved(src); m.Found() && !t.confirmed() {
		return []findings.Finding{m.finding(src, s)}
	} else if t.stray() {
		return []findings.Finding{t.strayFinding(src, s)}
	}
	return nil
}

// upright tells whether more images with boxes are higher than wide than the other way round. Of 11 real files
// one is so, pictures of phones: where boxes fit as x and y exchanged, sizes that are exchanged are as likely.
func upright(src *dataset.Source) bool {
	n := 0
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == dataset.InUse && im.First < im.Last {
			n += one(im.Size.H > im.Size.W) - one(im.Size.W > im.Size.H)
		}
	}
	return n > 0
}
