package series

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

// BaseNames counts images that share their name with one of another directory. A table from bare names to images keeps
// one of them, which gets the objects of all, and the others have none.
type BaseNames struct {
	Images, Groups int      // images that share a name and are without objects, names they have
	All            bool     // in the whole source, else from or up to one place of the file
	Later, Earlier bool     // the last image of a name has the objects, or the first; of most names, if All
	Odds           float64  // logarithm of the chance, by how many other images of the same directories have objects
	Dirs           int      // directories that tell
	Bare           int      // directories without any object, if All
	Elsewhere      int      // names whose objects are not in the directory that has those of most names, if All
	Against        int      // names that one directory wins from another, which wins others from it, if All
	Full, Usual    Mean     // objects of images that share their name, of the others
	Example        [2]int32 // an image without objects, and the one that has them; -1 if there is none
}

// Mean sums up how many objects images have.
type Mean struct{ N, Sum, Squares float64 }

func (m *Mean) add(n int32) {
	m.N, m.Sum, m.Squares = m.N+1, m.Sum+float64(n), m.Squares+float64(n)*float64(n)
}

func (m *Mean) of() float64 { return m.Sum / max(m.N, 1) }

// error is the square of the standard error.
func (m *Mean) error() float64 {
	return max(m.Squares/max(m.N, 1)-float64(m.of()*m.of()), 0) / max(m.N, 1)
}

// Thresholds of OfBaseNames.
const (
	leastSharing = 20 // images without objects that share their name
	leastBare    = 4  // directories without any object, beside two or more with objects
	mostPerDir   = 5  // nats that one directory may tell: what its images show goes on from one to the next
)

// Certain reports whether chance does not leave so many images without objects.
func (b *BaseNames) Certain() bool { return b.Odds < math.Log(sample.Unlikely) && b.Dirs >= 3 }

// Overfull reports whether the images that have objects have those of several: half as many more as others, by six
// standard errors, or three times as many, by four.
func (b *BaseNames) Overfull() bool {
	by, usual, noise := b.Full.of()-b.Usual.of(), b.Usual.of(), b.Full.error()+b.Usual.error()
	return b.Full.N >= 10 && b.Usual.N >= 20 && by > 0 &&
		(2*by >= usual && by*by > 36*noise || by >= 2*usual && by*by > 16*noise)
}

// Ranked reports whether directories without any object come behind several others that have some, each of which always
// or never wins against another: where only one camera is labelled, or one in these frames and one in others, it is not
// so.
func (b *BaseNames) Ranked() bool {
	return b.All && b.Bare >= leastBare && b.Elsewhere >= leastSharing && 50*b.Against <= b.Groups
}

// Found reports whether objects seem to be joined by bare names.
func (b *BaseNames) Found() bool {
	return b.Images >= leastSharing && (b.Certain() || b.Overfull() || b.Ranked())
}

// OfBaseNames looks for names that several directories have, of which one image only has objects: in the whole
// source, or in the images from or up to one place of the file, where only a part was joined so.
func OfBaseNames(src *dataset.Source) BaseNames {
	t := readTwins(src)
	if t == nil {
		return BaseNames{Example: [2]int32{-1, -1}}
	}
	if b := t.whole(); b.Found() {
		return b
	}
	for _, later := range [...]bool{true, false} {
		for _, back := range [...]bool{true, false} {
			if b := t.part(later, back); b.Found() {
				return b
			}
		}
	}
	return BaseNames{Example: [2]int32{-1, -1}}
}

// twinsOf are the images in use that share a name with one of another directory.
type twinsOf struct {
	src        *dataset.Source
	next, last []int32 // by image: the next one of its name in the file, and the one before; -1 if there is none
	dir        []int32
	dirs       int
}

// readTwins returns nil where names of images are in one directory, or hardly any is in two.
func readTwins(src *dataset.Source) *twinsOf {
	first, several := "", false
	for i := range src.Images {
		dir, _ := divide(src.Images[i].File)
		if i == 0 {
			first = dir
		}
		if several = dir != first; several {
			break
		}
	}
	if !several {
		return nil
	}
	n := len(src.Images)
	t := &twinsOf{src: src, next: make([]int32, n), last: make([]int32, n), dir: make([]int32, n)}
	dirs, names := map[string]int32{}, make(map[string]int32, n)
	pairs := 0
	for i := range src.Images {
		im := &src.Images[i]
		t.next[i], t.last[i], t.dir[i] = -1, -1, -1
		if im.LeftOut != dataset.InUse || im.File == "" {
			continue
		}
		dir, base := divide(im.File)
		d, known := dirs[dir]
		if !known {
			d = int32(len(dirs))
			dirs[dir] = d
		}
		t.dir[i] = d
		if at, ok := names[base]; ok && t.dir[at] != d {
			t.next[at], t.last[i] = int32(i), at
			pairs++
		}
		names[base] = int32(i)
	}
	if t.dirs = len(dirs); pairs < leastSharing {
		return nil
	}
	return t
}

// divide returns the directory and the bare name of a file.
func divide(file string) (dir, base string) {
	at := max(strings.LastIndexByte(file, '/'), strings.LastIndexByte(file, '\\'))
	return file[:at+1], file[at+1:]
}

func (t *twinsOf) has(i int32) bool { im := &t.src.Images[i]; return im.First < im.Last }

// perDir counts the images of a directory: without objects and with a name that another image has that was kept, others
// with objects, and without.
type perDir struct{ lost, with, without int }

// odds returns the logarithm of the chance that images without objects are those that share their names.
func (p *perDir) odds() float64 {
	if p.lost == 0 || p.with == 0 {
		return 0
	}
	sum := 0.0
	for k := range p.lost {
		sum += math.Log(float64(p.without+p.lost-k) / float64(p.with+p.without+p.lost-k))
	}
	return max(sum, -mostPerDir)
}

// whole looks at all images: of each name one has objects, but for one name in 50.
func (t *twinsOf) whole() BaseNames {
	b := BaseNames{All: true, Example: [2]int32{-1, -1}}
	dirs := make([]perDir, t.dirs)
	wins := map[[2]int32]int{} // names of which one directory has the objects and another has none
	kept := make([]int, t.dirs)
	names, odd, last, first := 0, 0, 0, 0
	for i := range t.next {
		if t.dir[i] < 0 || t.last[i] >= 0 {
			continue
		}
		var with, without []int32
		for k := int32(i); k >= 0; k = t.next[k] {
			if t.has(k) {
				with = append(with, k)
			} else {
				without = append(without, k)
			}
		}
		switch {
		case len(with)+len(without) == 1:
			for _, k := range with {
				dirs[t.dir[k]].with++
				b.Usual.add(t.src.Images[k].Last - t.src.Images[k].First)
			}
			for _, k := range without {
				dirs[t.dir[k]].without++
			}
			continue
		case len(with) == 0:
			for _, k := range without {
				dirs[t.dir[k]].without++
			}
			continue
		case len(with) > 1:
			odd++
		}
		names++
		for _, k := range with {
			dirs[t.dir[k]].with++
			b.Full.add(t.src.Images[k].Last - t.src.Images[k].First)
		}
		for _, k := range without {
			dirs[t.dir[k]].lost++
		}
		b.Images += len(without)
		if len(with) == 1 && len(without) > 0 {
			kept[t.dir[with[0]]]++
			for _, k := range without {
				wins[[2]int32{t.dir[with[0]], t.dir[k]}]++
			}
			last += sample.One(with[0] > without[len(without)-1])
			first += sample.One(with[0] < without[0])
			if b.Example[0] < 0 {
				b.Example = [2]int32{without[0], with[0]}
			}
		}
	}
	if names < leastSharing || 50*odd > names || b.Example[0] < 0 {
		return BaseNames{Example: [2]int32{-1, -1}}
	}
	b.Groups, b.Later, b.Earlier = names, 2*last >= names, 2*first >= names
	for by, n := range wins {
		b.Against += min(n, wins[[2]int32{by[1], by[0]}])
	}
	b.Against /= 2 // each two were seen from both sides
	for _, n := range kept {
		b.Elsewhere += n
	}
	b.Elsewhere -= slices.Max(kept)
	b.sum(dirs)
	return b
}

// sum adds up what the directories tell.
func (b *BaseNames) sum(dirs []perDir) {
	for d := range dirs {
		p := &dirs[d]
		o := p.odds()
		b.Odds += o
		b.Dirs += sample.One(o < 0)
		b.Bare += sample.One(p.lost > 0 && p.with == 0)
	}
}

// part looks at the images up to one place of the file, or from one on, such that of a name that is there several times
// only the last image has objects, or the first.
func (t *twinsOf) part(later, back bool) BaseNames {
	from, to := t.window(later, back)
	b := BaseNames{Later: later, Earlier: !later, Example: [2]int32{-1, -1}}
	dirs := make([]perDir, t.dirs)
	for i := range t.dir {
		at := int32(i)
		if t.dir[i] < 0 {
			continue
		}
		in := func(k int32) bool { return k >= from && k < to }
		kept, lost := t.last[i], t.next[i] // twins that it wins against, and loses against, if the last is kept
		if !later {
			kept, lost = lost, kept
		}
		if !in(at) || !in(kept) && !in(lost) {
			if t.has(at) {
				b.Usual.add(t.src.Images[i].Last - t.src.Images[i].First)
			}
			if !in(at) {
				continue
			}
		}
		p := &dirs[t.dir[i]]
		switch {
		case in(lost):
			p.lost++
			b.Images++
		case !t.has(at):
			p.without++
		default:
			if p.with++; in(kept) {
				b.Groups++
				b.Full.add(t.src.Images[i].Last - t.src.Images[i].First)
				if b.Example[0] < 0 {
					b.Example = [2]int32{kept, at}
				}
			}
		}
	}
	if b.Example[0] < 0 {
		return BaseNames{Example: b.Example}
	}
	b.sum(dirs)
	return b
}

// window returns the widest part of the file, up to a place or from one on, where no image has objects that would have
// none if tables kept the last image of a name, or the first.
func (t *twinsOf) window(later, back bool) (from, to int32) {
	to = int32(len(t.dir))
	for i := range t.dir {
		at, twin := int32(i), t.next[i]
		if !later {
			twin = t.last[i]
		}
		if twin < 0 || !t.has(at) {
			continue
		}
		if back { // both may not be in the part
			from = max(from, min(at, twin)+1)
		} else {
			to = min(to, max(at, twin))
		}
	}
	return from, to
}

// Finding returns the finding on objects that were joined by bare names.
func (b *BaseNames) Finding(src *dataset.Source, s int32) findings.Finding {
	im, kept := &src.Images[b.Example[0]], &src.Images[b.Example[1]]
	which, mostly := "the last", ", mostly the last in the file,"
	if b.Earlier {
		which, mostly = "the first", ", mostly the first in the file,"
	} else if !b.Later {
		mostly = ""
	}
	f := say.Finding("boxes-misjoined", s, im.Offset, im.Line, "%s: ", text.Printable(src.Name))
	if b.All {
		f.Message += fmt.Sprintf("%s are each that of pictures in several directories, and of each name only one picture%s "+
			"has objects: %s have none", say.Plural(b.Groups, "bare file name"), mostly, say.Plural(b.Images, "other image"))
	} else {
		f.Message += fmt.Sprintf("in a part of the file, of pictures with one bare name in several directories only %s has "+
			"objects, for %s: %s have none", which, say.Plural(b.Groups, "name"), say.Plural(b.Images, "other image"))
	}
	if b.Overfull() {
		f.Message += fmt.Sprintf(", and the former have %s objects on average, others %s", text.Short(round1(b.Full.of())),
			text.Short(round1(b.Usual.of())))
	}
	f.Message += fmt.Sprintf(". Objects seem to be joined to images by the name without its directory, so that one "+
		"picture has those of all of its name, and the others are trained as background: join them by the whole path. "+
		"Example: %s without, and %s", say.Label(im), say.Label(kept))
	if f.Level = findings.Warning; b.All && (b.Certain() || b.Overfull()) {
		f.Level = findings.Error
	}
	f.Size, f.Cases = float64(b.Images), int64(b.Images)
	return f
}

func round1(v float64) float64 { return math.Round(10*v) / 10 }
