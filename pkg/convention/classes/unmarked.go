package classes

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Unmarked is a class that a part of a source lacks and the rest has throughout: annotators may have left
// it out there.
type Unmarked struct {
	Class    int32  // -1 if there is none
	Part     string // as messages have it
	Images   int    // of the part, that were looked at
	With, Of int    // images of the rest that have the class, all
	Example  int32  // the first image of the part

	withBlocks int // blocks of the rest with the class
	runs       int // stretches of images of the rest that have it
}

// Images that follow each other resemble each other, so that chance is judged by blocks of them. At most some
// maxLooked images are looked at, spread over the source.
const (
	blockImages  = 20
	maxLooked    = 1500
	leastShare   = 20   // the class is in one in so many images of the rest at least
	leastMarked  = 10   // blocks of the rest with the class, and stretches of images
	mostApart    = 0.35 // of the other classes' shares: at most 0.23 in real files, 0.73 if they are sorted by class
	unmarkedOdds = 1e-6 // of a class to be absent by chance from so many blocks, for all classes and places together
)

// OfUnmarked looks for a class that a stretch of the images, by their place in the file or by their ids, or a
// directory of them lacks. The tiles of one picture are no pictures of their own, of which blocks could tell.
func OfUnmarked(src *dataset.Source, classes int) Unmarked {
	u := unmarkedIn(src, classes)
	if u.Class >= 0 && names.TileGrids(src) != nil {
		return Unmarked{Class: -1}
	}
	return u
}

// unmarkedIn is OfUnmarked, whatever the images are.
func unmarkedIn(src *dataset.Source, classes int) Unmarked {
	none := Unmarked{Class: -1}
	if classes < 2 { // no other class tells whether the part is like the rest
		return none
	}
	l := look(src, classes)
	if len(l.order) < 2*blockImages || len(l.classes) == 0 {
		return none
	}
	if u := l.stretch(); u.Class >= 0 {
		u.Part = fmt.Sprintf("that follow each other from %s on", say.Label(&src.Images[u.Example]))
		return u
	}
	if u := l.directory(); u.Class >= 0 {
		return u
	}
	if !sample.SortByID(src, l.order) {
		return none
	}
	u := l.stretch()
	if u.Class >= 0 {
		u.Part = "from id " + text.Printable(src.Images[u.Example].ID.String()) + " on"
	}
	return u
}

// looked are the images that are looked at, in some order.
type looked struct {
	src     *dataset.Source
	order   []int32
	has     map[int32][]int32 // by image: the slots of its classes, each once
	classes []int32           // by slot: a class that is frequent enough to be missed; all others have the next slot
}

// look notes which classes the images have.
func look(src *dataset.Source, classes int) *looked {
	l := &looked{src: src}
	step := (len(src.Images)-1)/maxLooked + 1
	images, last := countTables.get(classes), placeTables.get(classes) // last is the image that had it last, plus 1
	slot := placeTables.get(classes)                                   // the place in l.classes, plus 1
	defer countTables.put(images, src)
	defer placeTables.put(last, src)
	defer placeTables.put(slot, src)
	all, ends := make([]int32, 0, 2*maxLooked), make([]int, 0, maxLooked)
	for i := range src.Images {
		im := &src.Images[i]
		if step > 1 && sample.Mix(uint64(i))%uint64(step) != 0 || im.LeftOut != dataset.InUse || im.First == im.Last {
			continue
		}
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			if o.Class >= 0 && last[o.Class] != int32(i)+1 && sample.Told(o) && o.Flags&dataset.Crowd == 0 {
				last[o.Class] = int32(i) + 1
				images[o.Class]++
				all = append(all, o.Class)
			}
		}
		l.order, ends = append(l.order, int32(i)), append(ends, len(all))
	}
	for _, c := range src.Categories { // in an order that other sources do not change
		if n := images[c.Class]; n >= leastMarked && 2*leastShare*n >= len(l.order) && slot[c.Class] == 0 {
			l.classes = append(l.classes, c.Class)
			slot[c.Class] = int32(len(l.classes))
		}
	}
	for k, c := range all {
		if all[k] = slot[c] - 1; slot[c] == 0 {
			all[k] = int32(len(l.classes))
		}
	}
	l.has = make(map[int32][]int32, len(l.order))
	from := 0
	for n, i := range l.order {
		l.has[i], from = all[from:ends[n]], ends[n]
	}
	return l
}

// marks count the images that have a class, block by block.
type marks struct {
	images [][]uint8 // by block and slot
	runs   []int     // by slot: stretches of images that have it
}

// marked counts images; those behind the last whole block do not count.
func (l *looked) marked(order []int32) marks {
	slots := len(l.classes) + 1
	m := marks{make([][]uint8, len(order)/blockImages), make([]int, slots)}
	last := make([]int, slots) // the place at which a class was met last, plus 1
	for b := range m.images {
		m.images[b] = make([]uint8, slots)
		for at := b * blockImages; at < (b+1)*blockImages; at++ {
			for _, c := range l.has[order[at]] {
				if last[c] == at+1 { // one of several that share a slot
					continue
				}
				m.images[b][c]++
				m.runs[c] += sample.One(last[c] != at || at == 0)
				last[c] = at + 1
			}
		}
	}
	return m
}

// stretch looks for the longest stretch of blocks without a class.
func (l *looked) stretch() Unmarked {
	best := Unmarked{Class: -1}
	m := l.marked(l.order)
	places := len(l.classes) * len(m.images)
	for c := range l.classes {
		from, to, at := 0, 0, 0
		u := Unmarked{Class: l.classes[c], runs: m.runs[c]}
		for b := range m.images {
			if n := int(m.images[b][c]); n > 0 {
				u.withBlocks++
				u.With += n
				at = b + 1
			} else if b+1-at > to-from {
				from, to = at, b+1
			}
		}
		u.Images, u.Of = (to-from)*blockImages, (len(m.images)-to+from)*blockImages
		if u.Images <= best.Images || !u.certain(places) {
			continue
		}
		if alike(c, m.images[from:to], m.images[:from], m.images[to:]) {
			u.Example = l.order[from*blockImages]
			best = u
		}
	}
	return best
}

// certain reports whether chance hardly leaves a class out of so many images, at so many places where it could.
// Two measures have to agree: how many blocks of the rest lack the class, and how often an image without it
// follows another one, since what is seen in one picture of a series is seen in the next. And it has to come and
// go, since a lorry that is parked before a camera leaves once, and to be in 5 % of the images of the rest.
func (u *Unmarked) certain(places int) bool {
	if u.Images == 0 || u.Images > u.Of || leastShare*u.With < u.Of || min(u.withBlocks, u.runs) < leastMarked {
		return false
	}
	rest, lack := u.Of/blockImages, u.Of-u.With
	byBlocks := float64(rest-u.withBlocks+1) / float64(rest+1)
	byImages := float64(lack-u.runs+1) / float64(lack+2)
	least := math.Log(unmarkedOdds / float64(places))
	return float64(u.Images/blockImages)*math.Log(byBlocks) < least &&
		float64(u.Images)*math.Log(max(byImages, 0.5)) < least
}

// alike tells whether the other classes of a part are as frequent there as in the rest: pictures that are sorted
// by what they show, or come from another place, are not. It compares the images with each class by half of the
// sum of the differences of shares.
func alike(but int, part [][]uint8, rest ...[][]uint8) bool {
	count := func(c int, all ...[][]uint8) (n int) {
		for _, blocks := range all {
			for _, b := range blocks {
				n += int(b[c])
			}
		}
		return n
	}
	var here, there []int
	ofHere, ofThere := 0, 0
	for c := range part[0] {
		if c != but {
			here, there = append(here, count(c, part)), append(there, count(c, rest...))
			ofHere += here[len(here)-1]
			ofThere += there[len(there)-1]
		}
	}
	if ofHere == 0 || ofThere == 0 {
		return false
	}
	apart := 0.0
	for c := range here {
		apart += math.Abs(float64(here[c])/float64(ofHere)-float64(there[c])/float64(ofThere)) / 2
	}
	return apart < mostApart
}

// directory looks for the directory with most images that lacks a class.
func (l *looked) directory() Unmarked {
	src, best := l.src, Unmarked{Class: -1}
	if !strings.Contains(src.Images[0].File, "/") {
		return best
	}
	common := names.CommonDirectory(src)
	var dirs []string
	of := map[string][]int32{}
	for _, i := range l.order {
		if dir := names.Below(src.Images[i].File, common); dir != "" {
			if of[dir] == nil {
				dirs = append(dirs, dir)
			}
			of[dir] = append(of[dir], i)
		}
	}
	dirs = slices.DeleteFunc(dirs, func(dir string) bool { return len(of[dir]) < blockImages })
	parts := make([]marks, len(dirs))
	blocks := 0
	for p, dir := range dirs {
		parts[p] = l.marked(of[dir])
		blocks += len(parts[p].images)
	}
	places := len(l.classes) * len(dirs)
	for c := range l.classes {
		var all Unmarked
		has := make([]bool, len(parts))
		for p := range parts {
			for _, b := range parts[p].images {
				all.With += int(b[c])
				all.withBlocks += sample.One(b[c] > 0)
				has[p] = has[p] || b[c] > 0
			}
			all.runs += parts[p].runs[c]
		}
		for p, dir := range dirs {
			u := all
			u.Class, u.Part, u.Example = l.classes[c], "in "+text.Printable(dir)+"/", of[dir][0]
			u.Images = len(parts[p].images) * blockImages
			u.Of = blocks*blockImages - u.Images
			if has[p] || u.Images <= best.Images || !u.certain(places) {
				continue
			}
			var rest [][][]uint8
			for q := range parts {
				if q != p {
					rest = append(rest, parts[q].images)
				}
			}
			if alike(c, parts[p].images, rest...) {
				best = u
			}
		}
	}
	return best
}

// Finding returns the finding on a class that a part of a source lacks.
func (u *Unmarked) Finding(d *dataset.Dataset, s int32) findings.Finding {
	src := d.Source(int(s))
	im := &src.Images[u.Example]
	f := say.Finding("class-unmarked", s, im.Offset, im.Line, "%s: no %q is annotated in %s %s, and %s of %s in the rest "+
		"have one (of those that were looked at), although the other classes are as frequent there. If these pictures "+
		"show some, they are trained as background: look at some, and mark them. The first is %s",
		text.Printable(src.Name), d.Classes[u.Class].Name, say.Plural(u.Images, "image"), u.Part, say.Group(u.With),
		say.Group(u.Of), say.Label(im))
	f.Class, f.Size, f.Cases = u.Class, float64(u.Images), int64(u.Images)
	return f
}
