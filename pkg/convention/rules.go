package convention

import (
	"focalaudit/pkg/convention/classes"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/series"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// InspectSource returns what a source says of itself: one finding for its boxes or for its image sizes (both where
// either may be exchanged), one for names spelt in several ways, and so on. Other sources, and the numbers of classes,
// change nothing in it.
func InspectSource(d *dataset.Dataset, s int) (all []findings.Finding) {
	at := site{d: d, src: d.Source(s), s: int32(s), seen: glanceAt(d.Source(s))}
	t := count(at.src)
	at.least, at.areas = t.least, &t.areas
	if f, ok := halvedRings(at.src, at.s, t.compared); ok { // no other reading of the boxes explains them
		at.misread = f.Code == "box-convention"
		return at.ask(leftInRecords, []findings.Finding{f})
	}
	b := t.readBoxes(at.src)
	all = t.placed(at, &b)
	if f, ok := t.lone(at.src, at.s); ok && !b.Found() {
		all = append(all, f)
	}
	if f, ok := partBoxes(at.src, at.s); ok && !b.Found() {
		all = append(all, f)
	}
	if c := t.readColumns(at.src); !b.Found() || !c.One.Found() {
		if f, ok := c.tell(at); ok {
			all = append(all, t.orTurned(at.src, &c, f))
		}
	}
	if !b.Found() && t.n >= quarterBoxes {
		all = at.ask(leftByTools, all)
	}
	return at.unlike(at.ask(leftInRecords, all))
}

// leftByTools are the rules on what tools left in boxes and sizes that are COCO's: seams of tiles, a default size,
// sizes of batches.
var leftByTools = []rule{seams, first(of(OfSized), of(OfAlike)), of(series.OfBatches)}

// leftInRecords are the rules on what is missing among the records, stands there for others, or has another's name.
var leftInRecords = []rule{
	of(series.OfEmptied), of(series.OfEndings), lost, of(series.OfBaseNames),
	first(of(series.OfTransposed), oneFrameOff, of(series.OfTextOrder), carriedOver),
	first(of(OfCut), cappedIn, leftByArea, of(OfOnce), onceIn, of(OfJoined), of(OfSuppressed), suppressedIn, joinedIn),
	groupEnds, partsIn, clampedIn, holesIn, of(series.OfTileEdges), lainOn, first(hullsOfGroups, of(OfRounds)),
	of(series.OfRolled),
	first(oneLabel, numberedAnew, movedClasses, of(OfAdded)),
	listed(classes.OfCutIDs), of(classes.OfBalanced), lookedUp, byCOCO, listed(classes.OfInstances), of(series.OfSplits),
	of(series.OfFlipped), of(series.OfStereo),
	of(OfAveraged), first(cellsIn, gridIn, otherProgram), unmarked,
	first(twoParts, halfRenamed), first(wrappedAreas, of(OfOldAreas)), crowdsInPart, parentsToo, labelledTwice,
	of(Spellings), tracks,
}

// A site is the source that rules look at, number s of its data set.
type site struct {
	d   *dataset.Dataset
	src *dataset.Source
	s   int32

	seen  *glance
	least *sample.Leasts
	areas *areas

	misread bool // the boxes are those of outlines that were misread, so that they overlap at random
}

// A rule returns what it tells of a source, if it tells anything.
type rule func(site) (findings.Finding, bool)

// A trace is what a rule has seen.
type trace interface {
	Found() bool
	Finding(*dataset.Source, int32) findings.Finding
}

// of returns the rule that looks for traces of one kind.
func of[T any, P interface {
	*T
	trace
}](look func(*dataset.Source) T) rule {
	return func(at site) (f findings.Finding, ok bool) {
		seen := look(at.src)
		if P(&seen).Found() {
			return P(&seen).Finding(at.src, at.s), true
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
		all := []findings.Finding{t.readTurned(src, b, b.Finding(src, s))}
		if b.Reading.Form == reading.Exchanged && b.By == ByPlace && upright(src) {
			if z := t.readSizes(src); z.Kind == Turned {
				all = append(all, z.Finding(src, s))
			}
		}
		return all
	case t.ofParts(src): // which explains both
	case t.apart():
		return []findings.Finding{t.apartFinding(src, s)}
	case t.loose():
		return []findings.Finding{t.looseFinding(src, s)}
	}
	if r := OfRounded(src); r.Found() {
		return []findings.Finding{r.finding(src, s)} // boxes of several pictures stand in one
	}
	if l := t.readLostPoint(src); l.found() {
		return []findings.Finding{l.finding(src, s, t.n)}
	}
	if f, ok := at.seen.writtenIn(at); ok {
		return []findings.Finding{f}
	}
	if c := at.seen.clamped(); c.Found() && c.Whole {
		return []findings.Finding{c.Finding(at.seen, s)}
	}
	if p := at.seen.padded(); p.Found() && (p.Place != "" || p.holds(src)) {
		return []findings.Finding{p.Finding(at.seen, s)}
	}
	if u := at.seen.unpadded(); u.Found() {
		return []findings.Finding{u.Finding(src, s)}
	}
	if z := t.readSizes(src); z.Kind == Clipped {
		return []findings.Finding{z.Finding(src, s)} // which slips may explain too
	} else if o := t.repeatedSize(at.seen); o.Found() && z.Kind != Grown && z.Kind != Turned {
		return []findings.Finding{o.finding(src, s)}
	} else if m := t.readBeyond(src); m.Kind != Unexplained && z.Kind != Turned && !t.confirmed() {
		return []findings.Finding{m.Finding(src, s)}
	} else if m := t.readSlip(src); m.Kind != NoSlip {
		return []findings.Finding{m.Finding(src, s)}
	} else if z.Found() && !z.seamed(src) && !at.seen.gridIn().Found() && (z.Kind != PiledRight && z.Kind != PiledBottom ||
		z.pilesAnew(src) && !filledGaps(src)) {
		return []findings.Finding{z.Finding(src, s)}
	} else if m := t.readMoved(src); m.Found() && !t.confirmed() {
		return []findings.Finding{m.Finding(src, s)}
	} else if l := t.looseIn(src); l.Found() {
		return []findings.Finding{l.finding(src, s)}
	} else if t.stray() {
		return []findings.Finding{t.strayFinding(src, s)}
	} else if l := t.lopsided(src); l.Found() {
		return []findings.Finding{l.finding(src, s, t.n)}
	}
	return nil
}

// upright tells whether more images with boxes are higher than wide than the other way round. Of 11 real files
// one is so, pictures of phones: where boxes fit as x and y exchanged, sizes that are exchanged are as likely.
func upright(src *dataset.Source) bool {
	n := 0
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == dataset.InUse && im.First < im.Last {
			n += sample.One(im.Size.H > im.Size.W) - sample.One(im.Size.W > im.Size.H)
		}
	}
	return n > 0
}

// byCOCO is the rule on COCO's names in another order.
func byCOCO(at site) (f findings.Finding, ok bool) {
	if l := classes.OfListed(at.d, at.src); l.Found() {
		return l.Finding(at.d, at.src, at.s), true
	}
	return f, false
}

// lookedUp is the rule on names that a lookup missed.
func lookedUp(at site) (f findings.Finding, ok bool) {
	if l := classes.OfLookup(at.d, at.src); l.Found() {
		return l.Finding(at.d, at.src, at.s), true
	}
	return f, false
}

// unmarked is the rule on a class that a part of a source lacks.
func unmarked(at site) (f findings.Finding, ok bool) {
	u := classes.OfUnmarked(at.src, len(at.d.Classes))
	if u.Class < 0 {
		return f, false
	}
	return u.Finding(at.d, at.s), true
}

// lainOn is the rule on smaller objects that were joined with what they lie on. Boxes of one size do not lie in others.
func lainOn(at site) (f findings.Finding, ok bool) {
	if g := OfGrouped(at.src); g.Found() {
		if a := OfAlike(at.src); !a.Found() {
			return g.Finding(at.src, at.s), true
		}
	}
	return f, false
}

// carriedOver is the rule on boxes that stand again. Those that a key calls outside of their picture are told of for
// it: a track's last box stands again in each image behind its end.
func carriedOver(at site) (f findings.Finding, ok bool) {
	c := series.CarriedBy(at.src, at.least)
	if !c.Found() || at.src.Traits[dataset.Outside].N > c.Boxes/2 {
		return f, false
	}
	return c.Finding(at.src, at.s), true
}

// lost is the rule on annotation ids that are missing.
func lost(at site) (f findings.Finding, ok bool) {
	l := series.OfLost(at.src)
	if !l.Found() {
		return f, false
	}
	l.Scene = at.seen.scenes() != nil
	return l.Finding(at.src, at.s), true
}

// oneFrameOff is the rule on labels of the next frame, or of the one before.
func oneFrameOff(at site) (findings.Finding, bool) {
	return of(func(src *dataset.Source) series.Frames { return series.FramesBy(src, at.least) })(at)
}
