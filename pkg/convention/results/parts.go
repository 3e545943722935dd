package results

import (
	"cmp"
	"fmt"
	"slices"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/text"
)

// Uneven is a part of the data in which far fewer objects are detected, or detected as their class, than in the
// rest: it may be written by another convention.
type Uneven struct {
	Part  string // as messages have it; "" if there is none
	Class bool   // whether classes differ, else places
	Low   Share  // objects of the part
	Rest  Share  // of the rest
	First [2]int32
	Moves []Move // if Class: what most objects of a class are detected as in the part
}

// Share counts objects that have something.
type Share struct{ N, Of, Images int }

// of returns the share, 0 of nothing.
func (s Share) of() float64 { return float64(s.N) / float64(max(s.Of, 1)) }

// A part is told of if it and the rest have leastPart objects in leastPartImages images that were looked at, and
// the shares differ by unevenBy.
const (
	leastPart       = 30
	leastPartImages = 10
	unevenBy        = 0.4
)

// tallied are the counts of one image of the sample: objects that any detection overlaps, and of those that
// a confident one does, by one of their class.
type tallied struct{ place, class Share }

// uneven looks for a part of the data that fits far worse than the rest: a source, a directory, or the images on one
// side of a place of the file, or of an id.
func (v *Verdict) uneven(d *dataset.Dataset) Uneven {
	var best Uneven
	counts := make([]tallied, len(v.sample))
	for i := range v.sample {
		s, c := &v.sample[i], &counts[i]
		c.place.Images, c.place.Of = 1, len(s.boxes)
		for k := range s.boxes {
			c.place.N += sample.One(s.found[k])
			c.class.Of += sample.One(s.seen[k] != unseenClass)
			c.class.N += sample.One(s.same[k])
		}
		c.class.Images = sample.One(c.class.Of > 0)
	}
	v.bySource(d, counts, &best)
	v.byDirectory(d, counts, &best)
	v.byPlace(d, counts, &best)
	return best
}

func (s *Share) add(t Share) { s.N, s.Of, s.Images = s.N+t.N, s.Of+t.Of, s.Images+t.Images }

func (s Share) less(t Share) Share { return Share{s.N - t.N, s.Of - t.Of, s.Images - t.Images} }

func (s Share) tells() bool { return s.Of >= leastPart && s.Images >= leastPartImages }

// hold takes a part if it is more uneven than the one that is held. Members are places in the sample.
func (u *Uneven) hold(v *Verdict, d *dataset.Dataset, name func() string, members []int, low, rest Share, class bool) {
	if !low.tells() || !rest.tells() || rest.of()-low.of() <= max(unevenBy, u.Rest.of()-u.Low.of()) {
		return
	}
	s := &v.sample[members[0]]
	*u = Uneven{Part: name(), Class: class, Low: low, Rest: rest, First: [2]int32{s.source, s.image}}
	if class {
		u.Moves = v.moves(d, members)
	}
}

// group holds each of several parts, given as lists of places in the sample, against the others.
func (u *Uneven) group(v *Verdict, d *dataset.Dataset, counts []tallied, names []string, parts [][]int) {
	for i, members := range parts {
		var low, all tallied
		for j, others := range parts {
			for _, k := range others {
				all.place.add(counts[k].place)
				all.class.add(counts[k].class)
				if i == j {
					low.place.add(counts[k].place)
					low.class.add(counts[k].class)
				}
			}
		}
		name := func() string { return names[i] }
		u.hold(v, d, name, members, low.place, all.place.less(low.place), false)
		u.hold(v, d, name, members, low.class, all.class.less(low.class), true)
	}
}

// bySource compares the sources.
func (v *Verdict) bySource(d *dataset.Dataset, counts []tallied, u *Uneven) {
	v.by(d, counts, u, sourceName(d))
}

// sourceName returns what the source of an image is called.
func sourceName(d *dataset.Dataset) func(*sampled) string {
	return func(s *sampled) string { return text.Printable(d.Sources[s.source].Name) }
}

// byDirectory compares the directories of pictures: the first below what all names of a source have in common.
func (v *Verdict) byDirectory(d *dataset.Dataset, counts []tallied, u *Uneven) {
	v.by(d, counts, u, directoryName(d))
}

// directoryName returns the first directory of an image below what all names of its source have in common, "" if there
// is none.
func directoryName(d *dataset.Dataset) func(*sampled) string {
	common := map[int32]string{}
	return func(s *sampled) string {
		src := d.Source(int(s.source))
		above, ok := common[s.source]
		if !ok {
			above = names.CommonDirectory(src)
			common[s.source] = above
		}
		dir := names.Below(src.Images[s.image].File, above)
		if dir == "" {
			return ""
		}
		return "the pictures in " + text.Printable(dir) + "/"
	}
}

// by compares parts by their names.
func (v *Verdict) by(d *dataset.Dataset, counts []tallied, u *Uneven, name func(*sampled) string) {
	if names, parts := v.groups(name); len(parts) > 1 {
		u.group(v, d, counts, names, parts)
	}
}

// groups lists the places in the sample by a name; images with "" are of no part.
func (v *Verdict) groups(name func(*sampled) string) (names []string, parts [][]int) {
	at := map[string]int{}
	for i := range v.sample {
		n := name(&v.sample[i])
		if n == "" {
			continue
		}
		k, ok := at[n]
		if !ok {
			k = len(parts)
			at[n] = k
			names, parts = append(names, n), append(parts, nil)
		}
		parts[k] = append(parts[k], i)
	}
	return names, parts
}

// byPlace divides each source at every place of the file, and at every id.
func (v *Verdict) byPlace(d *dataset.Dataset, counts []tallied, u *Uneven) {
	for _, o := range v.orders(d) {
		u.divide(v, d, counts, o.order, o.name)
	}
}

// imageOrder are places in the sample, of one source, in some order, and what the part before (0) or from (1) the at-th
// is called.
type imageOrder struct {
	order []int
	name  func(at, side int) string
	ids   bool // of their ids
}

// orders lists the images of each source in the order of the file, and of their ids.
func (v *Verdict) orders(d *dataset.Dataset) (all []imageOrder) {
	for from := 0; from < len(v.sample); {
		to := from
		var order []int
		for ; to < len(v.sample) && v.sample[to].source == v.sample[from].source; to++ {
			order = append(order, to)
		}
		from = to
		src := d.Source(int(v.sample[order[0]].source))
		all = append(all, imageOrder{order, func(at, side int) string {
			im := &src.Images[v.sample[order[at]].image]
			return fmt.Sprintf("the images %s %s in the file", [...]string{"before", "from"}[side], say.Label(im))
		}, false})
		id := func(i int) int64 { n, _ := src.Images[v.sample[i].image].ID.Int(); return n }
		byID := slices.Clone(order)
		slices.SortStableFunc(byID, func(a, b int) int { return cmp.Compare(id(a), id(b)) })
		if !slices.Equal(order, byID) {
			all = append(all, imageOrder{byID, func(at, side int) string {
				return fmt.Sprintf("the images with ids %s %d", [...]string{"below", "from"}[side], id(byID[at]))
			}, true})
		}
	}
	return all
}

// divide compares both sides of every place of an order.
func (u *Uneven) divide(v *Verdict, d *dataset.Dataset, counts []tallied, order []int, name func(at, side int) string) {
	var all, head tallied
	for _, k := range order {
		all.place.add(counts[k].place)
		all.class.add(counts[k].class)
	}
	for at, k := range order {
		for _, c := range [...]struct {
			class     bool
			head, all Share
		}{{false, head.place, all.place}, {true, head.class, all.class}} {
			tail := c.all.less(c.head)
			u.hold(v, d, func() string { return name(at, 0) }, order[:at], c.head, tail, c.class)
			u.hold(v, d, func() string { return name(at, 1) }, order[at:], tail, c.head, c.class)
		}
		head.place.add(counts[k].place)
		head.class.add(counts[k].class)
	}
}

// moves returns what most objects of a class are detected as in some images of the sample, the commonest class first.
func (v *Verdict) moves(d *dataset.Dataset, members []int) []Move {
	counts, of := map[[2]int32]int{}, map[int32]int{}
	for _, i := range members {
		s := &v.sample[i]
		for k, c := range s.seen {
			if c != unseenClass {
				should := d.Source(int(s.source)).Objects[s.objects[k]].Class
				counts[[2]int32{should, c}]++
				of[should]++
			}
		}
	}
	var all []Move
	for c, n := range counts {
		if c[0] != c[1] && 10*n >= 7*of[c[0]] {
			all = append(all, Move{c[0], c[1], n, of[c[0]]})
		}
	}
	slices.SortFunc(all, func(a, b Move) int { return cmp.Or(b.Of-a.Of, int(a.Object-b.Object)) })
	return all
}

// message says how a part of the data differs from the rest.
func (u *Uneven) message(d *dataset.Dataset) string {
	src := d.Source(int(u.First[0]))
	example := fmt.Sprintf(". The first is %s of %s", say.Label(&src.Images[u.First[1]]), text.Printable(src.Name))
	if !u.Class {
		return fmt.Sprintf("%s of %s of %s are overlapped by a detection, and %s of %s in the rest. The boxes of this part "+
			"may be written by another convention, or for pictures of another size, or its detections are; or the detector "+
			"knows no such pictures. Draw both on some of them before labels are mended%s", say.Group(u.Low.N),
			say.Plural(u.Low.Of, "object"), u.Part, say.Group(u.Rest.N), say.Group(u.Rest.Of), example)
	}
	what := fmt.Sprintf("of %s of %s that a detection overlaps with a score of %s or more, %s %s overlapped by one of "+
		"their class, and %s of %s in the rest", say.Plural(u.Low.Of, "object"), u.Part, text.Short(confident),
		say.Group(u.Low.N),
		say.Are(u.Low.N), say.Group(u.Rest.N), say.Group(u.Rest.Of))
	for i, m := range u.Moves {
		if i == 2 {
			break
		}
		joint := "; d"
		if i == 0 {
			joint = ". D"
		}
		what += fmt.Sprintf("%setections of %s lie on objects of %s (%s of %s)",
			joint, category(d, m.Detection), category(d, m.Object), say.Group(m.N), say.Group(m.Of))
	}
	return what + ". This part, or its detections, may have the classes in another order, as files that were " +
		"merged by number: look each class up by its name" + example
}
