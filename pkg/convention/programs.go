package convention

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Programs says that the records of a source are written in one form up to an image, and in another from there on, as
// programs do that write a file one behind the other.
type Programs struct {
	From   int32    // the first image of the other form, -1 if there is none
	ByID   bool     // in the order of the images' ids, and not in that of the file
	Images int      // from there on, with objects
	Marks  []Change // what changes there
	Scale  int      // the denominator of all fractions, where only these change and are scaled whole numbers; else 0
}

// Change is how many records have a mark before and from a place on, of how many.
type Change struct {
	Mark     int // in formMarks
	Has, Of  [2]int
	from     int // in the order of the images
	straight int // records as they should be, if the mark changes there
}

// Found reports whether there is such a place.
func (p *Programs) Found() bool { return p.From >= 0 }

// A mark changes where 95 in 100 records have it on one side and 5 in 100 on the other, in 10 images and 50 records
// each. Whole numbers may come by chance where fractions are halves or a program writes 10 for 10.0.
const (
	formRecords = 50
	formImages  = 10
	formRare    = 0.05
	formSample  = 2048
)

// wholeBoxes is the place of boxes of whole numbers in formMarks.
const wholeBoxes = 0

// formMarks are what records of one program have in common.
var formMarks = []struct {
	what string
	has  func(dataset.Flags) bool
}{
	{"boxes of four whole numbers", func(f dataset.Flags) bool { return f&dataset.IntegerBox != 0 }},
	{"an area", func(f dataset.Flags) bool { return f&dataset.NoArea == 0 }},
	{"an area that is width times height", func(f dataset.Flags) bool { return f&dataset.AreaAsBox != 0 }},
	{"the key iscrowd", func(f dataset.Flags) bool { return f.CrowdValue() != dataset.FlagAbsent }},
	{"the key ignore", func(f dataset.Flags) bool { return f.IgnoreValue() != dataset.FlagAbsent }},
}

// formed tells whether the form of a record counts: crowds have run lengths, and other programs' habits.
func formed(o *dataset.Object) bool {
	return o.LeftOut == dataset.InUse && o.Flags&(dataset.Crowd|dataset.FromOutline) == 0
}

// OfPrograms looks for such an image, in the order of the file and in that of the ids.
func OfPrograms(src *dataset.Source) Programs {
	none := Programs{From: -1}
	mixed := mixedMarks(src)
	if len(mixed) == 0 {
		return none
	}
	var order []int32
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == dataset.InUse && im.First < im.Last {
			order = append(order, int32(i))
		}
	}
	if mixed = mayChange(src, order, mixed); len(mixed) == 0 {
		return none
	}
	counts := countForms(src, mixed)
	p := changeIn(order, mixed, counts)
	if !p.Found() && sample.SortByID(src, order) {
		p = changeIn(order, mixed, counts)
		p.ByID = true
	}
	if p.Found() {
		p.Scale = p.scaleOf(src, order)
	}
	return p
}

// Where boxes of whole numbers were scaled with their pictures by a simple ratio, their fractions are of one
// denominator, for which scaleMost is enough: 640 of 3,840 px are 1/6, 512 of 1,920 are 4/15. Of fractions that have
// nothing to do with it, 2 · scaleSlack · scaleMost, 16 %, are as near by chance at most. Tenths are left to programs
// that round to one digit. scaleSlack is for numbers that were rounded to two.
const (
	scaleMost  = 16
	scaleSlack = 0.0051
	scaleShare = 1 - formRare
)

// scaleOf returns the denominator of the fractions where all that changes is that boxes have some, and these are those
// of whole numbers that were scaled: that may be no other program, but pictures of another scale. It is 0 elsewhere.
// order is that of the images in which the change was found.
func (p *Programs) scaleOf(src *dataset.Source, order []int32) int {
	c := p.Marks[0]
	if len(p.Marks) > 1 || c.Mark != wholeBoxes {
		return 0
	}
	side := order[:c.from]
	if c.Has[1]*c.Of[0] < c.Has[0]*c.Of[1] {
		side = order[c.from:]
	}
	var on [scaleMost + 1]int
	fractions := 0
	for _, i := range side {
		im := &src.Images[i]
		for k := im.First; k < im.Last; k++ {
			if o := &src.Objects[k]; formed(o) {
				for _, v := range [...]float64{o.Box.X, o.Box.Y, o.Box.W, o.Box.H} {
					if v == math.Floor(v) {
						continue
					}
					fractions++
					for q := 2; q <= scaleMost; q++ {
						near := math.Round(v*float64(q)) / float64(q)
						on[q] += sample.One(math.Abs(v-near) < scaleSlack)
					}
				}
			}
		}
	}
	for q := 2; q <= scaleMost; q++ {
		if q != 10 && fractions > 0 && float64(on[q]) >= scaleShare*float64(fractions) {
			return q
		}
	}
	return 0
}

// mixedMarks returns the marks that some records have and some not, of a sample spread over the source.
func mixedMarks(src *dataset.Source) (mixed []int) {
	n := len(src.Objects)
	if n < 2*formRecords {
		return nil
	}
	var has [8]int
	of := 0
	for i := range min(n, formSample) {
		o := &src.Objects[int(int64(n)*int64(i)/int64(min(n, formSample)))]
		if !formed(o) {
			continue
		}
		of++
		for m := range formMarks {
			has[m] += sample.One(formMarks[m].has(o.Flags))
		}
	}
	for m := range formMarks {
		if has[m] > 0 && has[m] < of {
			mixed = append(mixed, m)
		}
	}
	return mixed
}

// fewForms is the part of the records below which a mark, or the lack of it, is rare enough to look at the ends of the
// file only.
const fewForms = 0.1

// mayChange returns those of some marks for which a change cannot be ruled out without going through all records. All
// records of one side of a change have to be rare ones, but for one in 20, so that the side is at one end of
// the images and about as short as there are rare records: if neither end begins with so many of them, there is none.
// How many there are at most is known from a sample drawn by hash, to a chance of 1e-9.
func mayChange(src *dataset.Source, order []int32, mixed []int) (left []int) {
	var byID []int32
	for _, m := range mixed {
		has, of := 0, 0
		n, size := len(src.Objects), min(len(src.Objects), formSample)
		for i := range size { // one of each 2,048th of the file
			from, to := int(int64(n)*int64(i)/int64(size)), int(int64(n)*int64(i+1)/int64(size))
			if o := &src.Objects[from+int(sample.Mix(uint64(i))%uint64(to-from))]; formed(o) {
				of++
				has += sample.One(formMarks[m].has(o.Flags))
			}
		}
		rare := float64(min(has, of-has)) / float64(max(of, 1))
		doubt := math.Log(1e9) / float64(max(of, 1)) // by Chernoff's bound
		part := rare + math.Sqrt(2*rare*doubt) + 2*doubt
		if part > fewForms {
			left = append(left, m)
			continue
		}
		if byID == nil {
			byID = slices.Clone(order)
			sample.SortByID(src, byID)
		}
		most := int(part * float64(n) / (1 - formRare))
		if mark := 2*has < of; endsIn(src, order, m, mark, most) || endsIn(src, byID, m, mark, most) {
			left = append(left, m)
		}
	}
	return left
}

// endsIn tells whether 95 in 100 of the records at one end of an order have a mark, or lack it, in some stretch of at
// most so many records that is long enough for a change.
func endsIn(src *dataset.Source, order []int32, m int, mark bool, most int) bool {
	for side := range 2 {
		has, of := 0, 0
		for i := range order {
			if i >= formImages && of >= formRecords && float64(of-has) <= formRare*float64(of) {
				return true
			}
			if of > most {
				break
			}
			at := order[i]
			if side == 1 {
				at = order[len(order)-1-i]
			}
			im := &src.Images[at]
			for k := im.First; k < im.Last; k++ {
				if o := &src.Objects[k]; formed(o) {
					of++
					has += sample.One(formMarks[m].has(o.Flags) == mark)
				}
			}
		}
	}
	return false
}

// formCounts are, by image, how many records there are, and how many of them have each of some marks.
type formCounts struct {
	of  []int32
	has [][]int32
}

// countForms goes through the records once for all orders.
func countForms(src *dataset.Source, marks []int) formCounts {
	c := formCounts{of: make([]int32, len(src.Images)), has: make([][]int32, len(marks))}
	for j := range marks {
		c.has[j] = make([]int32, len(src.Images))
	}
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		for k := im.First; k < im.Last; k++ {
			if o := &src.Objects[k]; formed(o) {
				c.of[i]++
				for j, m := range marks {
					c.has[j][i] += int32(sample.One(formMarks[m].has(o.Flags)))
				}
			}
		}
	}
	return c
}

// changeIn looks for the image in an order of them.
func changeIn(order []int32, marks []int, counts formCounts) Programs {
	p := Programs{From: -1}
	for j, m := range marks {
		c := change(m, order, counts.has[j], counts.of)
		if c.from < 0 || len(p.Marks) > 0 && c.from != p.Marks[0].from {
			continue
		}
		p.Marks = append(p.Marks, c)
		p.From, p.Images = order[c.from], len(order)-c.from
	}
	return p
}

// change returns where a mark changes for most records, from -1 if it does not change there for good.
func change(m int, order, has, of []int32) Change {
	best := Change{Mark: m, from: -1}
	all, records := 0, 0
	for _, at := range order {
		all, records = all+int(has[at]), records+int(of[at])
	}
	marked, passed := 0, 0
	for i, at := range order {
		if i >= formImages && i <= len(order)-formImages {
			straight := marked + records - passed - (all - marked)
			straight = max(straight, records-straight)
			if straight > best.straight {
				best = Change{m, [2]int{marked, all - marked}, [2]int{passed, records - passed}, i, straight}
			}
		}
		marked, passed = marked+int(has[at]), passed+int(of[at])
	}
	rare := func(n, of int) bool { return float64(n) <= formRare*float64(of) }
	low, high := 0, 1 // the side that lacks the mark, and the other one
	if float64(best.Has[0])*float64(best.Of[1]) > float64(best.Has[1])*float64(best.Of[0]) {
		low, high = 1, 0
	}
	if min(best.Of[0], best.Of[1]) < formRecords || !rare(best.Has[low], best.Of[low]) ||
		!rare(best.Of[high]-best.Has[high], best.Of[high]) {
		best.from = -1
	}
	return best
}

// Finding returns the finding on records of two programs.
func (p *Programs) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[p.From]
	var says []string
	for _, c := range p.Marks {
		says = append(says, fmt.Sprintf("%s of %s before have %s, and %s of %s from there on", say.Group(c.Has[0]),
			say.Plural(c.Of[0], "record"), formMarks[c.Mark].what, say.Group(c.Has[1]), say.Group(c.Of[1])))
	}
	in := ""
	if p.ByID {
		in = " by the images' ids"
	}
	advice := "Another program seems to have written them: a second tool, or a model whose boxes nobody has corrected. " +
		"Look at some of these pictures, and make sure that people drew or checked the boxes"
	if p.Scale > 0 {
		advice = fmt.Sprintf("The fractions are multiples of 1/%d, as of whole numbers that were scaled: the boxes seem to "+
			"be drawn on pictures of another size. Look at some of these pictures, and make sure that the boxes fit them",
			p.Scale)
	}
	f := say.Finding("records-change", s, im.Offset, im.Line,
		"%s: from %s on%s, in %s, annotations are written in another form: %s. %s",
		text.Printable(src.Name), say.Label(im), in, say.Plural(p.Images, "image"), strings.Join(says, "; "), advice)
	f.Cases, f.Size = int64(p.Images), float64(p.Images)
	return f
}
