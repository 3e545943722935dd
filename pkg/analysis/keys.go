package analysis

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/convention"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// keyFinder finds what is to be said of the keys of a source's annotations.
type keyFinder struct {
	*Result
	s     int
	found []findings.Finding
}

// find tells what is to be said, once for each key. Where the boxes of the source are of another convention, its areas
// say nothing.
func (r *keyFinder) find(conventions []findings.Finding) {
	r.findFlag(r.s, "iscrowd", dataset.OddCrowd, r.Trainer.MisreadsCrowd)
	r.findFlag(r.s, "ignore", dataset.OddIgnore, r.Trainer.MisreadsIgnore)
	r.findIgnored(r.s)
	for _, k := range keys {
		r.findTraits(r.s, &k)
	}
	if !slices.ContainsFunc(conventions, func(f findings.Finding) bool {
		return f.Code == "box-convention" && f.Severity() != findings.Info
	}) {
		r.findAreas(r.s)
	}
	r.findIDZero(r.s)
	r.findCrowdOutlines(r.s)
	for i := range unread {
		r.findUnread(r.s, &unread[i])
	}
	r.findSaid(r.s)
	for i := range ringKinds {
		r.findRings(r.s, &ringKinds[i])
	}
}

// unreadKey is a trait that speaks against the boxes of annotations.
type unreadKey struct {
	trait           dataset.Trait
	half            bool
	key, what, mend string
}

// unread are the traits of annotations that speak against their boxes, under keys that no trainer
// reads. A value that most annotations have may be a default: half says that fewer must have it.
var unread = []unreadKey{
	{dataset.Rotated, false, "attributes.rotation", "attributes.rotation is not 0",
		"trainers read bbox, which is the rectangle before it was turned, as CVAT writes it. Write the upright box " +
			"around the turned one"},
	{dataset.Hidden, true, "visibility", "visibility is 0",
		"trainers read the box all the same, and nothing of these objects shows. Remove them, or set iscrowd to 1"},
	{dataset.Difficult, true, "difficult", "difficult is 1",
		"trainers of COCO files take these objects like all others, and VOC's evaluation leaves them out. Set iscrowd to " +
			"1, or remove them, unless they are meant to be learnt"},
	{dataset.Passive, false, "mot_conf", "mot_conf is 0",
		"trainers read the box all the same, and MOT leaves these out of its evaluation. Remove them, or set iscrowd to 1"},
	{dataset.Grouped, false, "IsGroupOf", "IsGroupOf is 1",
		"trainers take the box around many objects for one object. Set iscrowd to 1, as OpenImages' own evaluation does, " +
			"or remove these boxes"},
	{dataset.Believed, false, "score", "score is between 0 and 1",
		"these boxes seem to be a detector's, and trainers take them for the truth. Look at them, or remove them; " +
			"compared with such labels, a detector looks as good as it is like the other one"},
}

// findUnread tells of one of them.
func (r *keyFinder) findUnread(s int, u *unreadKey) {
	src := r.Data.Source(s)
	tally := &src.Traits[u.trait]
	if tally.N == 0 || u.half && 2*tally.N >= len(src.Objects) || u.trait == dataset.Rotated && enclosing(src) {
		return
	}
	f := r.aboutKey("key-unread", u.key, s, tally)
	f.Message = fmt.Sprintf("%s in %s annotations, such as %s; %s", u.what, of(tally.N, len(src.Objects)),
		dataset.Label("annotation", src.Objects[tally.First].ID), u.mend)
	r.found = append(r.found, f)
}

// enclosing tells whether the boxes of turned objects are the upright boxes around them: 20 that are turned by 30
// degrees or more can be, and hardly any can't, though of those that are hardly turned one in five has sides, 5 at
// least, that no box around the others has. So the objects are oblong, and boxes before they were turned would be
// so at any turn. Or the areas of half of them, and of ten, are those of turned rectangles in such boxes.
func enclosing(src *dataset.Source) bool {
	within, beyond := src.Traits[dataset.TurnedWithin].N, src.Traits[dataset.TurnedBeyond].N
	long, all := src.Traits[dataset.TurnedLong].N, src.Traits[dataset.Rotated].N
	if by := src.Traits[dataset.TurnedArea].N; by >= 10 && 2*by >= all {
		return true
	}
	return within >= 20 && 50*beyond <= within && long >= 5 && 5*long >= all-within-beyond-long
}

// leastRings is how many outlines must contradict their areas for a word about their rings: none of the real files
// does so.
const leastRings = 3

// ringKind is a trait of outlines that are no lists of parts.
type ringKind struct {
	trait           dataset.Trait
	key, what, mend string
}

// ringKinds are these traits, with what they mean.
var ringKinds = []ringKind{
	{dataset.HoleRings, "holes", "a part of segmentation lies inside another one, and the recorded area leaves it out",
		"it is a hole, and pycocotools, which joins all parts, fills it. Write such masks as run lengths, or cut " +
			"the outer ring open"},
	{dataset.JoinedRings, "joined", "segmentation is one ring that jumps, and the recorded area is that of the parts " +
		"between the jumps", "the parts of an object seem to be written behind each other as one polygon, which covers " +
		"what is between them. Write each part as a list of its own"},
	{dataset.CrossedRings, "crossed", "segmentation is a ring of four points, of which two sides cross",
		"the corners of rectangles seem to stand in the order of reading, upper left, upper right, lower left, lower " +
			"right: a mask of such an outline is a bow tie. Write the corners around the box"},
}

// crossedShare: one in so many outlines that were compared must cross itself. Slips of the hand cross some: of the
// real files' outlines of four points 35 of 8,482 have hardly an area at most.
const crossedShare = 20

// compared counts the objects whose outlines were compared.
func compared(src *dataset.Source) (n int) {
	for k := range src.Objects {
		if src.Objects[k].Outline != dataset.OutlineNone {
			n++
		}
	}
	return n
}

// findRings tells of one of them, as far as outlines were compared.
func (r *keyFinder) findRings(s int, k *ringKind) {
	src := r.Data.Source(s)
	tally := &src.Traits[k.trait]
	if tally.N < leastRings || k.trait == dataset.CrossedRings && crossedShare*tally.N < compared(src) {
		return
	}
	if k.trait == dataset.CrossedRings && src.Traits[dataset.HalvedRings].N > tally.N/2 { // all x and then all y cross too
		return
	}
	f := r.aboutKey("segmentation-rings", k.key, s, tally)
	f.Message = fmt.Sprintf("%s in %d annotations, of those whose outlines were compared, such as %s; %s", k.what, tally.N,
		dataset.Label("annotation", src.Objects[tally.First].ID), k.mend)
	r.found = append(r.found, f)
}

// keys are the traits at which some trainers stop, by the findings that tell of them.
var keys = []keyTraits{
	{code: "key-absent", key: "id", mend: "give each annotation its own number, from 1 on", traits: []traitWords{
		{dataset.NoIDKey, "id is absent from"},
	}},
	{code: "key-absent", key: "iscrowd", mend: `write "iscrowd": 0`, traits: []traitWords{
		{dataset.NoCrowdKey, "iscrowd is absent from"},
	}},
	{code: "key-absent", key: "area", mend: "write the outline's area, or width times height", traits: []traitWords{
		{dataset.NoAreaKey, "area is absent from"},
		{dataset.OddArea, ""},
	}},
	{code: "key-absent", key: "segmentation", mend: "write the outline, or " + boxAsPolygon, traits: []traitWords{
		{dataset.NoOutlineKey, "segmentation is absent from"},
	}},
	{code: "segmentation-unusable", key: "bytes", mend: "write counts.decode() in place of str(counts), or polygons",
		level: findings.Warning, traits: []traitWords{
			{dataset.BytesOutline, "the counts of segmentation are the text of Python's bytes, b'...', which is no mask, in"},
		}},
	{code: "segmentation-unusable", key: "counts", mend: "write each mask's counts as a list of numbers (decode it " +
		"and count its runs), or polygons of 3 points or more", traits: []traitWords{
		{dataset.PackedOutline, "the counts of segmentation are text (compressed run lengths) in"},
		{dataset.NullRuns, "null, text or an object stands among the numbers of a mask's size or counts in"},
		{dataset.TextRuns, "text, a list or NaN stands among the counts of a mask in"},
		{dataset.CrowdRuns, "something else than a number stands in the size or the counts of the masks of crowds in"},
	}},
	{code: "segmentation-unusable", mend: "write polygons of 3 points or more, or " + boxAsPolygon, traits: []traitWords{
		{dataset.NullOutline, ""},
		{dataset.EmptyOutline, "segmentation is [] in"},
		{dataset.FlatOutline, "segmentation is a list of numbers, without the list of polygons around it, in"},
		{dataset.ShortOutline, "the first polygon of segmentation has fewer than 5 coordinates in"},
	}},
	{code: "segmentation-unusable", key: "points", mend: "write each polygon as one list of numbers, [x1, y1, x2, ...]",
		traits: []traitWords{
			{dataset.NestedPoints, "the polygons of segmentation hold lists, such as points as pairs, in"},
			{dataset.TextPoints, "text that is no number stands among the coordinates of segmentation in"},
			{dataset.ObjectPoints, "objects stand among the coordinates of segmentation in"},
			{dataset.UnsetPoints, "null, NaN or Infinity stands among the coordinates of segmentation in"},
			{dataset.QuotedPoints, "true, false or numbers as text stand among the numbers of segmentation in"},
		}},
}

const boxAsPolygon = "the box as a polygon of four corners"

// keyTraits are traits that one finding tells of.
type keyTraits struct {
	code, key, mend string
	level           findings.Severity // if no trainer stops; 0 is that of the code
	traits          []traitWords
}

// traitWords says what a trait is; "" if the tally has what stands in the file.
type traitWords struct {
	dataset.Trait
	words string
}

// findTraits tells of traits of a source at which a trainer stops: as an error if it is the
// preset's. Of those at which the preset stops, the first in the list speaks for all.
func (r *keyFinder) findTraits(s int, k *keyTraits) {
	src, preset := r.Data.Source(s), r.Config.Preset.Name
	n, stopping := 0, 0
	var first, stop *traitWords
	for i := range k.traits {
		t := &k.traits[i]
		of := src.Traits[t.Trait].N
		if of == 0 {
			continue
		}
		n += of
		first = cmp.Or(first, t)
		if r.Trainer.StopsAt(t.Trait) != "" {
			stopping += of
			stop = cmp.Or(stop, t)
		}
	}
	switch {
	case stop != nil:
		f := r.aboutTrait(s, k, stop, stopping)
		f.Level = findings.Error
		f.Message = fmt.Sprintf("%s stops with a Python %s: %s; %s",
			preset, r.Trainer.StopsAt(stop.Trait), f.Message, k.mend)
		r.found = append(r.found, f)
	case first != nil:
		f := r.aboutTrait(s, k, first, n)
		f.Level = k.level
		switch readsPoints := r.Trainer.StopsAt(dataset.NestedPoints) != ""; {
		case first.Trait == dataset.QuotedPoints:
			f.Message += "; Python reads them as numbers, other programs may not; " + k.mend
		case first.Trait == dataset.UnsetPoints && readsPoints:
			f.Level = findings.Warning
			f.Message += fmt.Sprintf("; %s makes NaN of each and draws a mask with it that may be anything; %s", preset, k.mend)
		case first.Trait == dataset.UnsetPoints:
			f.Message += fmt.Sprintf("; torchvision makes NaN of each, %s does not read them; %s", preset, k.mend)
		default:
			f.Message += fmt.Sprintf("; this stops %s, not %s; %s", stoppers(first.Trait), preset, k.mend)
		}
		r.found = append(r.found, f)
	}
}

// aboutTrait starts a finding about a trait that n annotations of a source have, with others
// like it.
func (r *keyFinder) aboutTrait(s int, k *keyTraits, t *traitWords, n int) findings.Finding {
	src := r.Data.Source(s)
	tally := &src.Traits[t.Trait]
	f := r.aboutKey(k.code, k.key, s, tally)
	f.Size = float64(n)
	f.Message = fmt.Sprintf("%s %s annotations, such as %s",
		cmp.Or(t.words, tally.Text+" in"), of(n, len(src.Objects)), dataset.Label("annotation", src.Objects[tally.First].ID))
	return f
}

// stoppers names the loaders that stop at a trait.
func stoppers(t dataset.Trait) string {
	names := trainer.StoppingAt(t)
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// findAreas tells of areas of a source that no outline within the box can have.
func (r *keyFinder) findAreas(s int) {
	src := r.Data.Source(s)
	n, first := 0, -1
	for i := range src.Objects {
		if src.Objects[i].Flags&(dataset.AreaAboveBox|dataset.AreaZeroOutline) == 0 {
			continue
		}
		if n++; first < 0 || src.Objects[i].Offset < src.Objects[first].Offset {
			first = i
		}
	}
	if n == 0 {
		r.findAreaParts(s)
		return
	}
	f := r.aboutKey("area-impossible", "", s, &dataset.Tally{N: n, First: int32(first)})
	what := "is larger than its box"
	if src.Objects[first].Flags&dataset.AreaZeroOutline != 0 {
		what = "is not above 0, although there is an outline"
	}
	f.Message = fmt.Sprintf("%s annotations have an area that cannot be: that of %s %s; compute areas anew",
		of(n, len(src.Objects)), dataset.Label("annotation", src.Objects[first].ID), what)
	r.found = append(r.found, f)
}

// findAreaParts tells of areas that are one part of what they should be in most boxes of a source that were
// compared (half, and 20 at least): those of boxes of another size; where boxes were enlarged, the ones at an
// edge have other parts. An ellipse has π/4 of its box.
func (r *keyFinder) findAreaParts(s int) {
	src := r.Data.Source(s)
	if w := convention.OfWrapped(src); w.Found() {
		return // which is told of for itself
	}
	if n := src.AreaParts.Below(); n >= 20 && 4*n >= 3*src.AreaParts.Compared {
		first := src.AreaParts.First
		f := r.aboutKey("area-impossible", "", s, &dataset.Tally{N: n, First: first})
		f.Message = fmt.Sprintf("%d of %d areas that were compared are below an eighth of the outline's area, or of width "+
			"times height where there is no outline, such as that of %s: they seem to be no areas in square pixels (a root, "+
			"a perimeter, a part of the image, a constant), and evaluation takes these objects for small ones; compute areas "+
			"anew", n, src.AreaParts.Compared, dataset.Label("annotation", src.Objects[first].ID))
		r.found = append(r.found, f)
		return
	}
	part, n := src.AreaParts.Most()
	if n < 20 || 2*n < src.AreaParts.Compared || math.Abs(part-math.Pi/4) < 0.015 {
		return
	}
	first := src.AreaParts.First
	f := r.aboutKey("area-impossible", "", s, &dataset.Tally{N: n, First: first})
	f.Message = fmt.Sprintf("%d of %d areas that were compared are about %.2g of the outline's area, or of width times "+
		"height where there is no outline, such as that of %s: they seem to be those of pictures of another size, or of "+
		"boxes before a margin was added; compute areas anew, or take the margin off",
		n, src.AreaParts.Compared, part, dataset.Label("annotation", src.Objects[first].ID))
	r.found = append(r.found, f)
}

// findIDZero tells of annotations with the id 0.
func (r *keyFinder) findIDZero(s int) {
	tally := &r.Data.Sources[s].Traits[dataset.IDZero]
	if tally.N == 0 {
		return
	}
	_, objects := r.Data.Count(s)
	f := r.aboutKey("annotation-id-zero", "", s, tally)
	f.Message = fmt.Sprintf("id is 0 in %s annotations: pycocotools counts a detection that matches one as wrong; "+
		"number annotations from 1", of(tally.N, objects))
	r.found = append(r.found, f)
}

// findCrowdOutlines tells of crowds that are outlined as single objects are. In the real files none is.
func (r *keyFinder) findCrowdOutlines(s int) {
	tally := &r.Data.Sources[s].Traits[dataset.CrowdOutline]
	if tally.N == 0 {
		return
	}
	_, objects := r.Data.Count(s)
	f := r.aboutKey("crowd-outline", "iscrowd", s, tally)
	f.Message = fmt.Sprintf("iscrowd is set in %s annotations whose outline is a list of polygons, such as %s, and no "+
		"trainer trains them as objects: set it to 0 unless the polygons stand for groups that nobody counted",
		of(tally.N, objects), dataset.Label("annotation", r.Data.Source(s).Objects[tally.First].ID))
	r.found = append(r.found, f)
}

// aboutKey starts a finding about a trait of a source: its place is that of the first
// annotation that has it.
func (r *keyFinder) aboutKey(code, key string, source int, t *dataset.Tally) findings.Finding {
	o := &r.Data.Source(source).Objects[t.First]
	f := findings.New(code)
	f.Key, f.Source, f.Offset, f.Line, f.Size, f.Cases = key, int32(source), o.Offset, o.Line, float64(t.N), int64(t.N)
	return f
}

// findFlag tells of a flag that is neither 0 nor 1 in some annotations of a source, and
// of what the preset makes of it. Python takes null and "0" for set, which their author
// does not mean: misread says of which flags that is so.
func (r *keyFinder) findFlag(s int, key string, t dataset.Trait, misread func(dataset.Flags) bool) {
	src := r.Data.Source(s)
	tally := &src.Traits[t]
	if tally.N == 0 {
		return
	}
	dropped, stops := 0, false
	for i := range src.Objects {
		switch why := r.ObjectSlots(s)[i].LeftOut.Trainer; {
		case !misread(src.Objects[i].Flags):
		case key == "ignore" && why.Refused():
			stops = true
		case why != trainer.Kept:
			dropped++
		}
	}
	preset, all := r.Config.Preset.Name, len(src.Objects)
	f := r.aboutKey("flag-not-number", key, s, tally)
	what := fmt.Sprintf("%s in %s, and neither 0 nor 1 in %s annotations",
		tally.Text, dataset.Label("annotation", src.Objects[tally.First].ID), of(tally.N, all))
	switch {
	case stops:
		f.Level = findings.Error
		f.Message = fmt.Sprintf("%s stops with an error: %s; write 0 or 1", preset, what)
	case dropped > 0:
		f.Level = findings.Error
		f.Message = fmt.Sprintf("%s drops %s annotations: %s; write 0 or 1", preset, of(dropped, all), what)
	case r.Sources[s].Objects == 0: // an error says so
		f.Message = fmt.Sprintf("%s; %s reads it as it is meant", what, preset)
	default:
		f.Message = fmt.Sprintf("%s; this changes nothing under %s", what, preset)
	}
	r.found = append(r.found, f)
}

// findIgnored tells of annotations of a source that are marked ignore, and what the preset makes
// of them.
func (r *keyFinder) findIgnored(s int) {
	src := r.Data.Source(s)
	var marked []int32
	refused, dropped, trained := 0, 0, 0
	for k := range src.Objects {
		if src.Objects[k].Flags&dataset.Ignore == 0 {
			continue
		}
		marked = append(marked, int32(k))
		switch got := &r.ObjectSlots(s)[k]; {
		case got.LeftOut.Trainer == trainer.RefuseIgnore:
			refused++
		case got.LeftOut.Trainer == trainer.DropIgnore:
			dropped++
		case got.Matched():
			trained++
		}
	}
	if len(marked) == 0 {
		return
	}
	slices.SortFunc(marked, func(a, b int32) int { return cmp.Compare(src.Objects[a].Offset, src.Objects[b].Offset) })
	f := r.aboutKey("ignore-flag", "", s, &dataset.Tally{N: len(marked), First: marked[0]})
	var names []string
	for _, k := range marked {
		names = append(names, src.Objects[k].ID.String())
	}
	preset := r.Config.Preset.Name
	f.Message = fmt.Sprintf("ignore is set in %s of %s (%s). ", text.Group(int64(len(marked))),
		text.Plural(len(src.Objects), "annotation"), listed(names))
	switch {
	case refused > 0:
		f.Level = findings.Error
		f.Message += preset + " stops with an error at the first: delete the key, or the annotation"
	case trained > 0:
		f.Message += fmt.Sprintf("%s trains %s of them as ordinary objects: set iscrowd to 1 to keep them out of training",
			preset, text.Group(int64(trained)))
	case dropped > 0:
		f.Level = findings.Info
		f.Message += fmt.Sprintf("%s leaves %s of them out of training, as the key asks; other trainers do not know it",
			preset, text.Group(int64(dropped)))
	default:
		f.Level = findings.Info
		f.Message += preset + " leaves them out for other reasons; trainers disagree on the key"
	}
	r.found = append(r.found, f)
}

// of writes a count with its total: "3 of 1,200".
func of(n, all int) string { return text.Group(int64(n)) + " of " + text.Group(int64(all)) }
