package convention

import (
	"cmp"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Doubled says that many objects have two boxes each, nearly the same and of one class, as where the boxes of two
// annotators, or of people and a model, stand in one file.
type Doubled struct {
	Objects int // that were looked at
	Close   int // of these, that overlap another one of their class by twinIoU
	Loose   int // the same by an IoU of 0.5
	Images  int // with close ones
	Behind  int32
	Example int32 // an object that is close to another one
}

// The real files have 2.3 % of their objects so close to another one of their class at most, KITTI's pedestrians.
// Objects that detectors of other sources box again have 18 % and more, of a file of which a third was done so.
// Only up to mostTwins objects of an image are compared.
const (
	twinIoU   = 0.7
	mostTwins = 100
)

// Found reports whether one object in ten is so, 30 at least, in 10 images.
func (d *Doubled) Found() bool { return d.Close >= 30 && 10*d.Close >= d.Objects && d.Images >= 10 }

// OfDoubled compares the objects of each image that is looked at.
func OfDoubled(src *dataset.Source) Doubled { return glanceAt(src).doubled() }

func (g *glance) doubled() Doubled {
	d := Doubled{Behind: -1, Example: -1}
	var pairs [][2]int32 // the record before and the one behind in the file
	var twins []int32
	for n := range g.images {
		im := &g.src.Images[g.images[n].image]
		if d.Objects += int(im.Last - im.First); !g.images[n].twin {
			continue
		}
		close, last := 0, min(im.Last, im.First+mostTwins)
		for i := im.First; i < last; i++ {
			best, at := g.twin(i, im.First, last)
			d.Loose += sample.One(best >= 0.5)
			if best < twinIoU {
				continue
			}
			close++
			twins = append(twins, i)
			if d.Example < 0 {
				d.Example = i
			}
			if g.src.Objects[i].Offset < g.src.Objects[at].Offset {
				pairs = append(pairs, [2]int32{i, at})
			}
		}
		d.Close += close
		d.Images += sample.One(close > 0)
	}
	if d.Found() {
		if !g.doubledAnew(twins) {
			return Doubled{Behind: -1, Example: -1}
		}
		d.Behind = g.behind(pairs)
	}
	return d
}

// doubledAnew tells whether five objects and one in ten are close to another one where they are new: two objects that
// pass each other in a video came apart.
func (g *glance) doubledAnew(twins []int32) bool {
	of := footageOf(g.src)
	if of == nil {
		return true
	}
	n, all := 0, 0
	for _, k := range twins {
		n += sample.One(of.anew(&g.src.Objects[k]))
	}
	for i := range g.images {
		im := &g.src.Images[g.images[i].image]
		for k := im.First; k < im.Last; k++ {
			all += sample.One(of.anew(&g.src.Objects[k]))
		}
	}
	return n >= leastNew && 10*n >= all
}

// twin returns the largest IoU of an object with another of its class, of those from first to last, and which that
// is.
func (g *glance) twin(i, first, last int32) (best float64, at int32) {
	o := &g.src.Objects[i]
	for k := first; k < last; k++ {
		p := &g.src.Objects[k]
		if k == i || p.Class != o.Class || !sample.Told(o) || !sample.Told(p) || (o.Flags|p.Flags)&dataset.Crowd != 0 {
			continue
		}
		w := min(o.Box.X+o.Box.W, p.Box.X+p.Box.W) - max(o.Box.X, p.Box.X)
		h := min(o.Box.Y+o.Box.H, p.Box.Y+p.Box.H) - max(o.Box.Y, p.Box.Y)
		if w <= 0 || h <= 0 {
			continue
		}
		both := float64(w * h)
		if v := both / (float64(o.Box.W*o.Box.H) + float64(p.Box.W*p.Box.H) - both); v > best {
			best, at = v, k
		}
	}
	return best, at
}

// behind returns the record from which on 19 in 20 pairs have one record, and before which they have the other; or
// -1.
func (g *glance) behind(pairs [][2]int32) int32 {
	offset := func(k int32) int64 { return int64(g.src.Objects[k].Offset) }
	slices.SortFunc(pairs, func(a, b [2]int32) int { return cmp.Compare(offset(a[1]), offset(b[1])) })
	if len(pairs) == 0 {
		return -1
	}
	from, before := pairs[len(pairs)/20][1], 0
	for _, p := range pairs {
		before += sample.One(offset(p[0]) < offset(from))
	}
	if 20*before < 19*len(pairs) {
		return -1
	}
	return pairs[0][1]
}

// Finding returns the finding on objects with two boxes.
func (d *Doubled) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[d.Example]
	how := "Find what tells the two apart, as a key, the form of the numbers or the order of the file, and keep one"
	if d.Behind >= 0 {
		how = "In nearly all pairs one record stands before and the other from about " + say.Place(src, d.Behind) + " on: " +
			"keep the records of one side"
	}
	f := say.Finding("objects-doubled", s, o.Offset, o.Line,
		"%s: of %s that were looked at, %s overlap another one of their "+
			"class by an IoU of 0.7 or more, in %s, and %s by 0.5. Objects seem to be labelled twice, by two people or by "+
			"people and a model, and near-duplicate lists only those from 0.9 on. %s. Example: %s",
		text.Printable(src.Name), say.Plural(d.Objects, "object"), say.Group(d.Close), say.Plural(d.Images, "image"),
		say.Group(d.Loose), how,
		say.Place(src, d.Example))
	f.Cases = int64(d.Close)
	return f
}

// labelledTwice is the rule on objects that are labelled twice.
func labelledTwice(at site) (f findings.Finding, ok bool) {
	if d := at.seen.doubled(); d.Found() && !at.misread {
		return d.Finding(at.src, at.s), true
	}
	return f, false
}
