package convention

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Filled says that the column of classes was not chosen object by object: it counts up from record to record, or was
// sorted apart from the others. Records are those of the file.
type Filled struct {
	Counted bool  // it counts up; else it is sorted
	Steps   int   // from an image to the next, by one class up; or classes that begin amid the objects of an image
	Of      int   // steps from an image to the next; or classes that begin
	Records int   // in the stretch of the file that tells
	Example int32 // an object, -1 if there is nothing to tell
}

// filledIn looks for classes that count up in stretches of the file, and for classes that are sorted apart from their
// boxes. OfColumns asks it. Fresh leaves those steps that are new in the scenes of a video.
func filledIn(src *dataset.Source, fresh bool, of ...[]columnRow) Filled {
	none := Filled{Example: -1}
	if len(src.Categories) < 3 {
		return none
	}
	rank := rankOf(src)
	if f := sortedApart(src, rank); f.Example >= 0 {
		return f
	}
	if len(src.Objects) <= columnRows/columnBlocks {
		of = append(of, slices.Concat(of...)) // which are neighbours: stretches of small files are all of them
	}
	for _, rows := range of {
		if f := countedIn(rows, rank, fresh); f.Example >= 0 {
			return f
		}
	}
	return none
}

// rankOf returns a function for the place of a class in the categories of a source, by their ids, -1 if it has none.
func rankOf(src *dataset.Source) func(class int32) int32 {
	type category struct {
		id    int64
		class int32
	}
	all := make([]category, len(src.Categories))
	most := int32(0)
	for i := range all {
		id, whole := src.Categories[i].ID.Int()
		if !whole {
			id = int64(i)
		}
		all[i] = category{id, src.Categories[i].Class}
		most = max(most, all[i].class)
	}
	slices.SortStableFunc(all, func(a, b category) int { return cmp.Compare(a.id, b.id) })
	ranks := make([]int32, most+1)
	for i := range ranks {
		ranks[i] = -1
	}
	for i := range all {
		if all[i].class >= 0 {
			ranks[all[i].class] = int32(i)
		}
	}
	return func(class int32) int32 {
		if class < 0 || class > most {
			return -1
		}
		return ranks[class]
	}
}

// countedIn looks for classes that count up. Only steps from one image to the next tell, since the objects of an
// image may be listed by class: of 60 at least, two in five go to the next category, and four times as many as to
// the one before. In the real files, one in five goes up at most, and as many go down. From one frame of a video to
// the next, the same two objects are a step again: fresh counts those of which one is new, and to the same class
// only once on end. Of 30 of these, three in four are enough.
func countedIn(rows []columnRow, rank func(int32) int32, fresh bool) Filled {
	f := Filled{Counted: true, Records: len(rows), Example: -1}
	down, last := 0, int32(-1)
	for i := 1; i < len(rows); i++ {
		a, b := &rows[i-1], &rows[i]
		if a.image == b.image || a.image < 0 || b.image < 0 || a.class < 0 || b.class < 0 {
			continue
		}
		same := fresh && b.class == last
		if last = b.class; fresh && (same || !a.fresh && !b.fresh) {
			continue
		}
		f.Of++
		switch rank(b.class) - rank(a.class) {
		case 1:
			if f.Steps++; f.Example < 0 {
				f.Example = b.object
			}
		case -1:
			down++
		}
	}
	if fresh && f.Of >= 30 && 4*f.Steps >= 3*f.Of && f.Steps >= 4*down {
		return f
	}
	if f.Of < 60 || 5*f.Steps < 2*f.Of || f.Steps < 4*down {
		return Filled{Example: -1}
	}
	return f
}

// sortedApart looks for a stretch of the file in which images follow each other and classes never go back, though
// classes begin amid the objects of an image: three times, and at one in three of the places where one begins. Pictures
// that were sorted by what they show have one class each, and one that shows two goes back to the first with the next.
func sortedApart(src *dataset.Source, rank func(int32) int32) Filled {
	none := Filled{Example: -1}
	if src.Returns > 0 || !rising(src, rank) { // written class by class, or in no order
		return none
	}
	f, first := none, 0
	last, images := int32(-1), 0
	for k := range src.Objects {
		o := &src.Objects[k]
		if o.Image < 0 || o.Class < 0 {
			break // those of no image come last
		}
		at := rank(o.Class)
		if at < last {
			f, first, images = none, k, 0
		}
		fresh := k == first || src.Objects[k-1].Image != o.Image
		images += sample.One(fresh)
		if k > first && at > last {
			f.Of++
			if !fresh {
				if f.Steps++; f.Example < 0 {
					f.Example = int32(k)
				}
			}
		}
		last = at
		if f.Records = k - first + 1; f.Records >= 100 && images >= 20 && f.Steps >= 3 && 3*f.Steps >= f.Of {
			return f
		}
	}
	return none
}

// sortedProbes are the records of a large source that are looked at first, and risingProbes how many of them have to
// follow each other without going back: an eighth of the file.
const sortedProbes, risingProbes = 4000, 500

// rising tells whether classes may be sorted in some stretch.
func rising(src *dataset.Source, rank func(int32) int32) bool {
	if len(src.Objects) <= columnRows {
		return true
	}
	run, last := 0, int32(-1)
	for i := range sortedProbes {
		at := rank(src.Objects[int(int64(i)*int64(len(src.Objects))/sortedProbes)].Class)
		if run++; at < last {
			run = 0
		}
		if last = at; run >= risingProbes {
			return true
		}
	}
	return false
}

// Finding returns the finding on the column of classes.
func (c *Filled) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[c.Example]
	name := text.Printable(src.Name)
	if c.Counted {
		f := say.Finding("classes-filled", s, o.Offset, o.Line,
			"%s: the classes count up from record to record: of %s from an "+
				"image to the next, in %s that follow each other in the file, %s go to the next category of the list. A "+
				"spreadsheet's fill handle does so where it should copy: write each object's own class. Example: %s", name,
			say.Plural(c.Of, "step"), say.Plural(c.Records, "record"), say.Group(c.Steps), say.Place(src, c.Example))
		f.Size = float64(c.Steps)
		return f
	}
	f := say.Finding("classes-filled", s, o.Offset, o.Line, "%s: the column of classes seems to be sorted apart from the "+
		"boxes: over %s of images that follow each other, classes never go back in the list of categories, and %s of %s "+
		"begin amid the objects of one image. Join boxes and classes anew. Example: %s", name,
		say.Plural(c.Records, "record"), say.Group(c.Steps), say.Plural(c.Of, "class"), say.Place(src, c.Example))
	f.Size = float64(c.Records)
	return f
}

// Default is a class whose boxes are those of all other classes together.
type Default struct {
	Class   int32   // of the blocks, -1 if there is none
	N, Of   int     // records of the class, all that were compared
	Apart   float64 // nats a record, from all other classes
	Others  float64 // the same of the other classes, the median
	Example int32   // an object of the class
}

// Thresholds of a default class: records of it, of each other class that counts, nats a record by which these are apart
// in the median, and of these, the part that the default is apart at most. The divergence goes with the square of the
// part of the class that is its own: of one in four, a fifteenth is left.
const (
	leastDefault = 200
	leastOther   = 100
	leastNats    = 0.1
	defaultPart  = 15
)

// defaultOf looks for a class that is written where none was given. Its boxes are drawn from those of all classes, so
// that normal distributions of their size, shape and height in the image are those of all others together: the
// divergence of Kullback and Leibler, less the mean of chance (one for each free number over twice the records), is a
// fifteenth of that of the median class at most. Four other classes have to count, and each of the three has to tell,
// by 0.01 nats in the median: the classes of drawn letters that stand anywhere are average in all but their shape.
func defaultOf(classes int, blocks ...[]columnRow) Default {
	sums, all := sumClasses(classes, blocks, func(*columnRow) bool { return true })
	found := Default{Class: -1, Of: int(all.n), Example: -1, Apart: math.Inf(1)}
	var apart [features + 1][]float64 // by each feature, by all
	for c := 1; c < classes; c++ {    // 0 is all rare ones
		s := &sums[c]
		if s.n < leastOther || 2*s.n > all.n {
			continue
		}
		nats, by := s.apart(&all)
		for f, v := range by {
			if !math.IsInf(v, 0) {
				apart[f] = append(apart[f], v)
			}
		}
		apart[features] = append(apart[features], nats)
		if s.n >= leastDefault && nats < found.Apart {
			found.Class, found.N, found.Apart, found.Example = int32(c), int(s.n), nats, s.example
		}
	}
	none := Default{Class: -1, Example: -1}
	if len(apart[features]) < 5 || found.Class < 0 {
		return none
	}
	for f, of := range apart {
		slices.Sort(of)
		least := leastNats / 10
		if f == features {
			least = leastNats
		}
		if len(of) < 5 || of[(len(of)+1)/2] < least {
			return none
		}
	}
	found.Others = apart[features][(len(apart[features])+1)/2]
	if math.IsInf(found.Others, 0) || defaultPart*found.Apart > found.Others ||
		!strewn(found.Class, float64(found.N)/all.n, blocks...) {
		return none
	}
	return found
}

// classSum sums up the features of a class's boxes, or of all.
type classSum struct {
	n          float64
	of, square [features]float64
	example    int32
}

// sumClasses returns the sums of each class, and of all, over the records that count.
func sumClasses(classes int, blocks [][]columnRow, counts func(r *columnRow) bool) (sums []classSum, all classSum) {
	sums = make([]classSum, classes)
	for _, rows := range blocks {
		for i := range rows {
			r := &rows[i]
			if !r.fresh || !counts(r) {
				continue
			}
			s := &sums[r.class]
			if s.n == 0 {
				s.example = r.object
			}
			s.n++
			all.n++
			for f, x := range r.x {
				s.of[f] += x
				s.square[f] += float64(x * x)
				all.of[f] += x
				all.square[f] += float64(x * x)
			}
		}
	}
	return sums, all
}

// apart returns the nats a record by which a class is apart from all others, less the mean of chance, and the part of
// each feature; infinite where one does not vary.
func (s *classSum) apart(all *classSum) (nats float64, by [features]float64) {
	nats = -float64(features) / s.n // two free numbers for each feature
	for f := range features {
		n := all.n - s.n
		mean, own := (all.of[f]-s.of[f])/n, s.of[f]/s.n
		spread := (all.square[f]-s.square[f])/n - float64(mean*mean)
		spreadOwn := s.square[f]/s.n - float64(own*own)
		by[f] = math.Inf(1)
		if spread > 0 && spreadOwn > 0 {
			by[f] = (spreadOwn/spread + float64((own-mean)*(own-mean))/spread - 1 - math.Log(spreadOwn/spread)) / 2
		}
		nats += by[f]
	}
	return nats, by
}

// upright tells whether the boxes of a default are those of all other classes in pictures that lie, and in those that
// stand, too. A class that is written where none was given is drawn from all in either. Pictures that were turned at
// random take its shape and height from a class, so that one of mean size looks like all others; but where they lie,
// its boxes stand, or the other way round. By chance, the nats of n records are off by √3/n (half of a χ² with six
// degrees of freedom, over n); three of these are allowed.
func (c *Default) upright(src *dataset.Source, classes int, blocks ...[]columnRow) bool {
	if c.Class < 0 {
		return true
	}
	for _, lies := range [...]bool{false, true} {
		sums, all := sumClasses(classes, blocks, func(r *columnRow) bool {
			size := src.Images[r.image].Size
			return size.W != size.H && size.W > size.H == lies
		})
		s := &sums[c.Class]
		if s.n < leastOther || all.n-s.n < leastOther {
			continue
		}
		if nats, _ := s.apart(&all); nats > c.Others/defaultPart+float64(3*math.Sqrt(3))/s.n {
			return false
		}
	}
	return true
}

// strewn tells whether the records of a class, of which all have so large a part, stand in the images as if they were
// drawn: of the pairs of records of one image, both are of the class at most twice as often as the square of its part
// says, where that is 20 pairs or more. Objects of one kind stand together.
func strewn(class int32, part float64, blocks ...[]columnRow) bool {
	pairs, both := 0, 0
	for _, rows := range blocks {
		for i := 0; i < len(rows); {
			n, of, j := 0, 0, i
			for ; j < len(rows) && rows[j].image == rows[i].image; j++ {
				if rows[j].fresh {
					n++
					of += sample.One(rows[j].class == class)
				}
			}
			pairs += n * (n - 1)
			both += of * (of - 1)
			i = j
		}
	}
	expected := float64(pairs) * float64(part*part)
	return expected >= 40 && float64(both) <= 2*expected // each pair counts twice
}

// Finding returns the finding on a class that is a default.
func (c *Default) Finding(d *dataset.Dataset, src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[c.Example]
	f := say.Finding("classes-filled", s, o.Offset, o.Line,
		"%s: the boxes of class %q, %s of %s that were compared, differ "+
			"from those of all other classes together by %.2g nats a record in size, shape and height in the image, where the "+
			"other classes differ by %.2g. The class seems to be written where none was given, by a default or a lookup that "+
			"fails: look at some of its objects. If the class is one for all the rest, waive the finding. Example: %s",
		text.Printable(src.Name), d.Classes[o.Class].Name, say.Group(c.N), say.Group(c.Of), max(c.Apart, 0), c.Others,
		say.Place(src, c.Example))
	f.Size = float64(c.N)
	return f
}
