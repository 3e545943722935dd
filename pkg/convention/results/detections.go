// Package results answers whether a detector's results belong to the annotations, and how to read them if not.
//
// Judge draws some images and asks one question after another of the same sample: where the boxes lie (detections.go,
// resized.go, offsets.go), under which ids (culprit.go), with which classes (swap.go, rows.go, classpart.go), scores
// (scores.go, unranked.go) and columns (shifts.go), in which part of the data (parts.go), and what the results lack or
// repeat (absent.go, caps.go, copies.go, repeats.go, traces.go). Verdict.Findings puts the answers into words.
package results

import (
	"fmt"
	"slices"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/naming"
)

// Verdict says whether detections belong to a data set. Shares are of the objects
// that were looked at: a sample, since a few thousand tell as well as all.
type Verdict struct {
	Objects    int // in images with detections
	Overlapped int // of these, by a detection of their image
	Chance     int // of these, by a detection of another image
	Disagree   bool
	Reading    Pairing // another reading of the detections that fits, if Named
	Named      bool
	Fits       int       // objects overlapped under Reading
	Gained     int       // of these, not overlapped as the detections stand
	Images     int       // with such objects
	Partly     bool      // Reading is that of a part of the detections
	Resized    Resized   // maps that fit better than Reading, if there are any
	Example    [2]int32  // source and object that no detection overlaps as it stands; -1 if there is none
	Classes    Agreement // of the classes, where boxes overlap
	Swap       Swap      // of the classes of confident detections
	Rows       Rows      // of these classes and the labels of neighbouring records
	RowsIn     RowsIn    // the same in a part
	Sorted     Sorted    // of these classes and the labels of an image
	Offlist    Offlist   // of these classes and the list of categories
	Beside     Beside    // of detections in one place and the list of categories
	Uneven     Uneven    // a part of the data that fits far worse
	Offsets    Offsets   // of detections from the boxes
	Copies     Copies    // of the annotations
	Repeats    Repeats   // of other detections
	MirroredIn Within    // detections of mirrored pictures in a part
	Appended   Appended  // rounds of results, one behind the other
	Order      Order     // of the scores
	Unranked   Unranked  // scores of a part, or within images
	Capped     Capped    // detections of an image
	TopIn      TopIn     // the same in a part
	Shape      Shape     // scores of an image
	Shifts     Shifts    // of the columns of the results
	Culprit    Culprit   // the file that is wrong, where both fit under another reading
	Traces     Traces    // of what is no detector's output
	Absent     Absent    // classes that the results lack
	Missing    Unseen    // images that the results lack
	sample     []sampled // what was looked at
}

// Agreement counts pairs of an object and the detection that overlaps it most.
type Agreement struct {
	Pairs int
	Same  int     // of one class
	Rank  [2]int  // of one class if category ids are ranks from 0, from 1
	Gaps  bool    // the ids of the categories are not consecutive, so that a rank is no constant shift
	Two   [2]bool // a tenth of the pairs that Rank counts, and three, are of other classes than the commonest
}

// ByRank returns 0 or 1 if category ids are ranks counted from 0 or from 1, else -1:
// where fewer than a fifth of the pairs are of one class, and more than half are so; or
// where three in four are so, and a tenth of all, at least ten, more than stand. Low ids
// may be their own ranks: those of 11 of COCO's 80 classes, with 321 of 839 objects in val2014_100.
// Without gaps a rank is a constant shift, and objects of two classes have to be so: one
// class for all objects is what weak detectors find.
func (a *Agreement) ByRank() int {
	for from, n := range a.Rank {
		none := 5*a.Same < a.Pairs && 2*n > a.Pairs
		better := 4*n >= 3*a.Pairs && n-a.Same >= 10 && 10*(n-a.Same) >= a.Pairs
		if (a.Gaps || a.Two[from]) && a.Pairs >= 10 && (none || better) {
			return from
		}
	}
	return -1
}

// Unseen counts images in use without a detection.
type Unseen struct {
	Images, Of int // without detections, in use
	Objects    int // in use, in the images without detections
	// Every is the step at which nearly all images with detections stand; 0 if they do not, or if it is 1.
	Every   int
	Example [2]int32

	Sources []UnseenIn // in their order
}

// UnseenIn counts images in use without a detection in a source.
type UnseenIn struct {
	Images, WithObjects int // of these, with objects in use
}

// Pairing is a way to read detections: their boxes, in the frame of a picture that
// was resized perhaps, for an image whose id is off perhaps. The zero value is that
// of COCO's results.
type Pairing struct {
	Boxes reading.Reading
	Frame Frame
	Shift int // the detections of image n stand under the id n + Shift
}

// String returns the pairing as messages have it.
func (p Pairing) String() string {
	switch {
	case p.Shift != 0:
		return fmt.Sprintf("image ids that are %d too %s", max(p.Shift, -p.Shift), high(p.Shift))
	case p.Frame != Frame{}:
		return "boxes of " + p.Frame.String()
	}
	return p.Boxes.String()
}

// high returns "high" for a shift up, else "low".
func high(shift int) string {
	if shift > 0 {
		return "high"
	}
	return "low"
}

// Frame is a picture that an image was resized to. The zero value is the image
// itself.
type Frame struct {
	Kind  FrameKind
	Side  int // px, or percent
	Other int // the longest long side, of ShortSide
}

// FrameKind is a way to resize.
type FrameKind uint8

// The ways to resize.
const (
	AsIs      FrameKind = iota
	LongSide            // the long side becomes Side
	Letterbox           // the same, in the middle of a square
	Stretch             // both sides become Side
	Scaled              // both sides become Side percent of what they are
	ShortSide           // the short side becomes Side, unless the long one would exceed Other
)

// String returns the frame as messages have it.
func (f Frame) String() string {
	switch f.Kind {
	case LongSide:
		return fmt.Sprintf("pictures with a long side of %d px", f.Side)
	case Letterbox:
		return fmt.Sprintf("pictures letterboxed to %d × %d px", f.Side, f.Side)
	case Stretch:
		return fmt.Sprintf("pictures stretched to %d × %d px", f.Side, f.Side)
	case Scaled:
		return fmt.Sprintf("pictures scaled to %d %%", f.Side)
	case ShortSide:
		return fmt.Sprintf("pictures with a short side of %d px, or a long one of %d px", f.Side, f.Other)
	}
	return "the pictures"
}

// undo returns a box of the resized picture in pixels of the image.
func (f Frame) undo(b geom.Box, w, h float64) geom.Box {
	side, long, short := float64(f.Side), max(w, h), min(w, h)
	sx, dx, dy := side/long, 0.0, 0.0
	sy := sx
	switch f.Kind {
	case AsIs:
		return b
	case Letterbox:
		dx, dy = (side-float64(w*sx))/2, (side-float64(h*sx))/2
	case Stretch:
		sx, sy = side/w, side/h
	case Scaled:
		sx = side / 100
		sy = sx
	case ShortSide:
		sx = min(side/short, float64(f.Other)/long)
		sy = sx
	}
	return geom.Box{X0: (b.X0 - dx) / sx, Y0: (b.Y0 - dy) / sy, X1: (b.X1 - dx) / sx, Y1: (b.Y1 - dy) / sy}
}

// pairings are the readings that are tried, besides shifts of the ids. The sides are
// those that the trainers' and exporters' own settings have.
var pairings = func() (all []Pairing) {
	for _, r := range []reading.Reading{
		{Form: reading.Corners}, {Form: reading.Centre}, {Form: reading.Below}, {Form: reading.Exchanged},
		{Form: reading.ExchangedCorners}, {Form: reading.ExchangedSides},
		{Form: reading.LowerRight}, {Form: reading.Spans},
		{Form: reading.Box, Unit: reading.Parts}, {Form: reading.Corners, Unit: reading.Parts},
		{Form: reading.Centre, Unit: reading.Parts}, {Form: reading.Exchanged, Unit: reading.Parts},
		{Form: reading.ExchangedCorners, Unit: reading.Parts},
		{Form: reading.Box, Unit: reading.Percent}, {Form: reading.Corners, Unit: reading.Percent},
		{Form: reading.Centre, Unit: reading.Percent},
		{Form: reading.FromRight}, {Form: reading.FromBottom}, {Form: reading.FromCorner}, {Form: reading.TurnedLeft},
		{Form: reading.TurnedRight},
		{Form: reading.Box, Unit: reading.Thousandths}, {Form: reading.Corners, Unit: reading.Thousandths},
		{Form: reading.ExchangedCorners, Unit: reading.Thousandths},
	} {
		all = append(all, Pairing{Boxes: r})
	}
	for _, percent := range []int{25, 50, 200} {
		all = append(all, Pairing{Frame: Frame{Kind: Scaled, Side: percent}})
	}
	for _, side := range []int{
		256, 300, 320, 384, 416, 448, 480, 512, 544, 560, 576, 600, 608, 640, 672, 704, 736, 768, 800, 832, 896, 960,
		1024, 1088, 1152, 1216, 1280, 1333, 1344, 1408, 1472, 1536, 1600, 1920, 2048,
	} {
		for _, kind := range []FrameKind{LongSide, Letterbox, Stretch} {
			all = append(all, Pairing{Frame: Frame{Kind: kind, Side: side}})
		}
	}
	for _, s := range [][2]int{
		{480, 800}, {512, 853}, {600, 1000}, {640, 1333}, {672, 1333}, {704, 1333}, {736, 1333}, {768, 1333}, {800, 1333},
		{800, 1440},
	} {
		all = append(all, Pairing{Frame: Frame{ShortSide, s[0], s[1]}})
	}
	return all
}()

// boxSet is the detections of one image, as their file has them.
type boxSet []dataset.Detection

// sampled is an image that is looked at.
type sampled struct {
	source, image int32
	w, h          float64
	objects       []int32 // in the source
	boxes         []geom.Box
	found         []bool  // the objects that a detection overlaps as it stands
	seen          []int32 // class of the surest confident detection that overlaps each object, or unseenClass
	same          []bool  // whether any confident one that does is of its class
	detections    boxSet

	moved, mirrored int // detections that a mirror moves, of these: with another of their class there; see repeats
}

// maxObjects is how many objects are looked at: a share of half is known to 2 %.
const maxObjects = 2000

// leastTelling is how many objects must tell for another reading; below, chance and slips are too likely.
const leastTelling = 3

// overlap is the IoU from which a detection overlaps an object. At 0.5 the worst real
// pair has 81 % of its objects overlapped, and boxes read wrongly 30 % at most; at 0.3
// that is 90 % against 55 %, at 0.7 52 % against 11 %.
const overlap = 0.5

// sure is the IoU of most boxes that a detector found, and of few that overlap by chance.
const sure = 0.7

// Judge says whether detections belong to the annotations, and if not, how they
// would.
//
// They do not if less than half of the objects are overlapped by a detection of
// their image, and
//
//   - another reading overlaps twice as many, and 15 % of the objects more, or
//   - those of another image would overlap half as many, but for 2 % of the objects:
//     then there is nothing in common but the habit of objects to be in the middle.
//
// However many are overlapped, they do not either if another reading overlaps
// many of the others (see gains).
//
// A weak detector passes: it overlaps few objects, but many more than chance does.
func Judge(d *dataset.Dataset, r *dataset.Results) (v Verdict) {
	v.Example = [2]int32{-1, -1}
	defer func() {
		v.Culprit = v.culprit(d, r)
		v.sample = nil // which would keep all detections in memory
	}()
	v.Missing = unseen(d, r)
	v.draw(d, r)
	v.Overlapped = v.count(own, Pairing{})
	v.see(d)
	v.Classes, v.Swap = v.classes(d), v.swap(d)
	v.Rows, v.Sorted, v.Uneven, v.Offsets = v.rows(d), v.sorted(d), v.uneven(d), v.offsets()
	v.RowsIn, v.Offlist, v.Beside = v.rowsIn(d), v.offlist(d), v.besideEach(d)
	v.Copies, v.Repeats, v.Order, v.Capped = v.copies(d), v.repeats(d, r), v.order(d, r), capped(d, r)
	v.MirroredIn, v.TopIn, v.Appended = v.mirroredIn(d), v.topIn(d), v.appended()
	v.Absent, v.Shape, v.Shifts = absent(d, r), shapeOf(d, r), v.shifts(d, r)
	v.Traces = v.traces(d, r)
	if !v.Copies.Taken() { // of labels that are detections every box fits, whatever its score
		v.Unranked = v.unranked(d)
	}
	if v.Objects < 2*leastTelling || 20*v.Overlapped > 19*v.Objects {
		return v
	}
	if 2*v.Overlapped < v.Objects {
		v.Chance = v.count(v.other(), Pairing{})
		v.name(d, r)
		switch {
		case v.Fits >= 2*v.Overlapped && 100*(v.Fits-v.Overlapped) >= 15*v.Objects:
			v.Disagree, v.Named = true, true
		case v.Objects >= 20 && len(v.sample) > 1 && 50*(v.Overlapped-2*v.Chance) <= v.Objects:
			v.Disagree = true
		}
	}
	if !v.Named {
		v.gains()
	}
	v.readResized()
	v.example()
	return v
}

// own returns the detections of an image.
func own(s *sampled) boxSet { return s.detections }

// gain is what a reading does to the objects that no detection overlaps as it stands,
// and to the others.
type gain struct {
	gained, sure, images int // overlapped, with an IoU of sure, and images with such
	kept                 int // of the others: still overlapped
}

// gain compares a reading with COCO's, of the detections of another image perhaps. Unless
// all objects are asked for, only those are looked at that could be gained.
func (v *Verdict) gain(of func(*sampled) boxSet, p Pairing, all bool) gain {
	var g gain
	var boxes []geom.Box
	for i := range v.sample {
		s := &v.sample[i]
		detections := of(s)
		if !all && !slices.Contains(s.found, false) {
			continue
		}
		boxes = p.boxes(boxes[:0], detections, s.w, s.h)
		before := g.gained
		for k, b := range s.boxes {
			if !all && s.found[k] {
				continue
			}
			best, _ := most(b, boxes)
			switch {
			case best < overlap:
			case s.found[k]:
				g.kept++
			default:
				g.gained++
				if best >= sure {
					g.sure++
				}
			}
		}
		if g.gained > before {
			g.images++
		}
	}
	return g
}

// gains finds the reading that gains most with an IoU of sure, and decides whether it is that of all
// detections or of a part.
//
// At least 10 objects have to be gained so, and three times as many as by detections of another image: in a grid,
// objects are overlapped under many readings. The reading is that of all if 5 % of all objects are gained so, 15 % at
// all, and a tenth as many are lost. It is that of a part if two in five of those that are not overlapped are
// gained, one in five with an IoU of sure; or if 15 are and one in ten with an IoU of sure, ten times as many as by
// detections of another image. In real pairs of 100 objects these are 20 % and 3.4 %, and 5 % where boxes are placed
// badly.
func (v *Verdict) gains() {
	var best gain
	var by Pairing
	for _, p := range pairings {
		if g := v.gain(own, p, false); g.sure > best.sure || g.sure == best.sure && g.gained > best.gained {
			best, by = g, p
		}
	}
	if best.sure < 10 {
		return
	}
	chance := v.gain(v.other(), by, false).sure
	if best.sure < 3*chance {
		return
	}
	best = v.gain(own, by, true)
	missed, lost := v.Objects-v.Overlapped, v.Overlapped-best.kept
	many := 20*best.sure >= v.Objects
	all := many && 100*best.gained >= 15*v.Objects && 10*lost <= best.gained
	part := many && 5*best.gained >= 2*missed && 5*best.sure >= missed ||
		best.sure >= 15 && 10*best.sure >= missed && best.sure >= 10*chance
	if all || part {
		v.Disagree, v.Named, v.Partly = true, true, !all
		v.Reading, v.Fits, v.Gained, v.Images = by, best.gained+best.kept, best.gained, best.images
	}
}

// other returns the detections of the image half of the sample further on, for each in turn.
func (v *Verdict) other() func(*sampled) boxSet {
	i, half := 0, len(v.sample)/2
	return func(*sampled) boxSet {
		i++
		return v.sample[(i-1+half)%len(v.sample)].detections
	}
}

// unseen counts the images without a detection.
func unseen(d *dataset.Dataset, r *dataset.Results) Unseen {
	u := Unseen{Example: [2]int32{-1, -1}}
	var steps [maxStep + 1]int
	for s := range d.Sources {
		src := d.Source(s)
		in := UnseenIn{}
		step := 0 // from the last image with detections
		for i := range src.Images {
			if src.Images[i].LeftOut != dataset.InUse {
				continue
			}
			u.Of++
			step++
			if len(r.Of(s, i)) > 0 {
				steps[min(step, maxStep)]++
				step = 0
				continue
			}
			if u.Images++; u.Images == 1 {
				u.Example = [2]int32{int32(s), int32(i)}
			}
			in.Images++
			before := u.Objects
			for k := src.Images[i].First; k < src.Images[i].Last; k++ {
				if counts(&src.Objects[k]) {
					u.Objects++
				}
			}
			if u.Objects > before {
				in.WithObjects++
			}
		}
		u.Sources = append(u.Sources, in)
	}
	seen := u.Of - u.Images
	for step := 2; step < maxStep; step++ {
		if seen >= 20 && 10*steps[step] >= 9*seen {
			u.Every = step
		}
	}
	return u
}

// maxStep is the longest step between images with detections that is told from longer ones: batches are
// seldom larger.
const maxStep = 256

// counts tells whether a detector should find an object.
func counts(o *dataset.Object) bool {
	return o.LeftOut == dataset.InUse && o.Flags&(dataset.Crowd|dataset.Ignore) == 0 && o.Box.W > 0 && o.Box.H > 0
}

// draw takes every n-th image that has objects and detections.
func (v *Verdict) draw(d *dataset.Dataset, r *dataset.Results) {
	objects := 0
	for s := range d.Sources {
		for i := range d.Source(s).Images {
			if im := &d.Source(s).Images[i]; len(r.Of(s, i)) > 0 {
				objects += int(im.Last - im.First)
			}
		}
	}
	step, at := (objects+maxObjects-1)/maxObjects, 0
	for s := range d.Sources {
		src := d.Source(s)
		for i := range src.Images {
			im := &src.Images[i]
			if im.LeftOut != dataset.InUse || im.First == im.Last || len(r.Of(s, i)) == 0 {
				continue
			}
			if at++; at%step != 0 && step > 1 {
				continue
			}
			one := sampled{
				source: int32(s), image: int32(i), w: float64(im.Size.W), h: float64(im.Size.H), detections: r.Of(s, i),
			}
			for k := im.First; k < im.Last; k++ {
				if o := &src.Objects[k]; counts(o) {
					one.objects, one.boxes = append(one.objects, k), append(one.boxes, o.Box.Box())
				}
			}
			if len(one.objects) > 0 {
				v.Objects += len(one.objects)
				v.sample = append(v.sample, one)
			}
		}
	}
}

// count counts the objects that detections overlap under a reading.
func (v *Verdict) count(of func(*sampled) boxSet, p Pairing) int {
	n := 0
	var boxes []geom.Box
	for i := range v.sample {
		s := &v.sample[i]
		boxes = p.boxes(boxes[:0], of(s), s.w, s.h)
		for _, b := range s.boxes {
			if best, _ := most(b, boxes); best >= overlap {
				n++
			}
		}
	}
	return n
}

// boxes appends detections as a pairing reads them.
func (p Pairing) boxes(to []geom.Box, of boxSet, w, h float64) []geom.Box {
	size := geom.Size{W: int(w), H: int(h)}
	for i := range of {
		to = append(to, p.Frame.undo(p.Boxes.Box(of[i].Box, size), w, h))
	}
	return to
}

// most returns the highest IoU of a box with others, and which one has it.
func most(b geom.Box, with []geom.Box) (best float64, at int) {
	for i, c := range with {
		if c.X0 < b.X1 && b.X0 < c.X1 {
			if u := iou.Of(b, c); u > best {
				best, at = u, i
			}
		}
	}
	return best, at
}

// name finds the reading under which most objects are overlapped.
func (v *Verdict) name(d *dataset.Dataset, r *dataset.Results) {
	for _, p := range pairings {
		if n := v.count(own, p); n > v.Fits {
			v.Fits, v.Reading = n, p
		}
	}
	byID := imagesByID(d)
	for _, shift := range []int{-1, 1} {
		p := Pairing{Shift: shift}
		n := v.count(func(one *sampled) boxSet {
			s := int(one.source)
			id, whole := d.Source(s).Images[one.image].ID.Int()
			if i, ok := byID[s][dataset.PlainID(id+int64(shift)).Key()]; ok && whole {
				return r.Of(s, int(i))
			}
			return nil
		}, p)
		if n > v.Fits {
			v.Fits, v.Reading = n, p
		}
	}
}

// imagesByID returns the images in use of each source by their ids.
func imagesByID(d *dataset.Dataset) []map[dataset.IDKey]int32 {
	byID := make([]map[dataset.IDKey]int32, len(d.Sources))
	for s := range d.Sources {
		byID[s] = map[dataset.IDKey]int32{}
		for i := range d.Source(s).Images {
			if im := &d.Source(s).Images[i]; im.LeftOut == dataset.InUse {
				byID[s][im.ID.Key()] = int32(i)
			}
		}
	}
	return byID
}

// example finds an object that no detection of its image overlaps.
func (v *Verdict) example() {
	var boxes, read []geom.Box
	for i := range v.sample {
		s := &v.sample[i]
		boxes = Pairing{}.boxes(boxes[:0], s.detections, s.w, s.h)
		read = v.Reading.boxes(read[:0], s.detections, s.w, s.h)
		for k, b := range s.boxes {
			is, _ := most(b, boxes)
			would, _ := most(b, read)
			if is < overlap && (would >= overlap || !v.Named || v.Reading.Shift != 0 || v.Resized.accepted) {
				v.Example = [2]int32{s.source, s.objects[k]}
				return
			}
		}
	}
}

// classes compares the classes of objects and of the detections that overlap them
// most.
func (v *Verdict) classes(d *dataset.Dataset) Agreement {
	var a Agreement
	ranks := make([]naming.Ranking, len(d.Sources))
	for s := range ranks {
		ranks[s] = naming.Rank(d.Sources[s].Categories)
		a.Gaps = a.Gaps || ranks[s].Gaps
	}
	var boxes []geom.Box
	var ranked [len(a.Rank)]map[int32]int // objects by class
	for i := range v.sample {
		s := &v.sample[i]
		boxes = Pairing{}.boxes(boxes[:0], s.detections, s.w, s.h)
		for k, b := range s.boxes {
			best, at := most(b, boxes)
			if best < overlap {
				continue
			}
			is, should := s.detections[at].Class, d.Source(int(s.source)).Objects[s.objects[k]].Class
			a.Pairs++
			if is == should {
				a.Same++
			}
			for from := range a.Rank {
				if c, ok := ranks[s.source].Class(is, from); ok && c == should {
					a.Rank[from]++
					if ranked[from] == nil {
						ranked[from] = map[int32]int{}
					}
					ranked[from][should]++
				}
			}
		}
	}
	for from, n := range a.Rank {
		most := 0
		for _, of := range ranked[from] {
			most = max(most, of)
		}
		a.Two[from] = n-most >= leastTelling && 10*(n-most) >= n
	}
	return a
}
