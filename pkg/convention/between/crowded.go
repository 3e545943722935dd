package between

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// crowded are the names that more than maxPlaces sources have. Not all pairs of these sources are compared: each source
// is with the first that has an image of one name in its own directory, or with one of the image's boxes. Where it is
// for training, also with the first of those for validation and for testing, and the other way round. These pairs are
// counted in full. Who is in no leak then is held against all of the other role, see leaks.
type crowded struct {
	d     *dataset.Dataset
	names [][]spot
}

// spot is the place of a Sighting.
type spot struct{ source, image int32 }

// add takes the images of a name.
func (c *crowded) add(same []Sighting) {
	all := make([]spot, len(same))
	for i := range same {
		all[i] = spot{same[i].Source, same[i].Image}
	}
	c.names = append(c.names, all)
}

// sharedBy returns the images that two sources have in common, which are counted in pairs.
func sharedBy(pairs map[[2]int32]*Shared, a, b spot) *Shared {
	key := [2]int32{a.source, b.source}
	of := pairs[key]
	if of == nil {
		of = &Shared{A: int(a.source), B: int(b.source), Example: b.image, Original: a.image}
		pairs[key] = of
	}
	if b.image < of.Example {
		of.Example, of.Original = b.image, a.image
	}
	return of
}

// member is an image with a crowded name.
type member struct {
	name int32
	at   spot
}

// members returns the images, source by source, as the records of a large data set are read.
func (c *crowded) members() (members []member) {
	for n, all := range c.names {
		for _, at := range all {
			members = append(members, member{int32(n), at})
		}
	}
	slices.SortStableFunc(members, func(a, b member) int { return int(a.at.source) - int(b.at.source) })
	return members
}

// choose adds the pairs of sources that are counted.
func (c *crowded) choose(pairs map[[2]int32]*Shared) {
	members := c.members()
	type mark struct {
		name int32
		role string
		hash uint64
	}
	first := map[mark]spot{}
	each := func(do func(m member, role string, hash uint64)) {
		role, dir := "", uint64(0)
		for i, m := range members {
			if i == 0 || members[i-1].at.source != m.at.source {
				name := c.d.Sources[m.at.source].Name
				key := keyOf(path.Dir(name))
				role, dir = roleOf(name), binary.BigEndian.Uint64(key[:])
			}
			for _, hash := range append(c.hashes(m.at), dir) {
				do(m, role, hash)
			}
		}
	}
	each(func(m member, role string, hash uint64) {
		for _, as := range [...]string{anyRole, role} {
			if _, known := first[mark{m.name, as, hash}]; !known {
				first[mark{m.name, as, hash}] = m.at
			}
		}
	})
	each(func(m member, role string, hash uint64) {
		for _, with := range opposite[role] {
			of, known := first[mark{m.name, with, hash}]
			switch {
			case known && of.source < m.at.source:
				sharedBy(pairs, of, m.at).crowded = true
			case known && of.source > m.at.source:
				sharedBy(pairs, m.at, of).crowded = true
			}
		}
	})
}

// anyRole stands for all roles.
const anyRole = "any"

// roleOf is role, with "none" for "".
func roleOf(name string) string {
	if of := names.Role(name); of != "" {
		return of
	}
	return "none"
}

// opposite are the roles whose first images one is compared with, by its own role.
var opposite = map[string][]string{
	"none": {anyRole}, "train": {anyRole, "val", "test"}, "val": {anyRole, "train"}, "test": {anyRole, "train"},
}

// hashes returns what an image is compared with others by, beside its file's directory: its size with all of its boxes,
// and with each.
func (c *crowded) hashes(at spot) (all []uint64) {
	im, objects := c.d.Image(int(at.source), int(at.image)), c.d.Objects(int(at.source), int(at.image))
	size := sample.Mix(uint64(im.Size.W)<<32 ^ uint64(im.Size.H))
	whole := size
	for k := range objects {
		of := sample.Mix(size ^ sample.DrawOf(objects[k].Box))
		all = append(all, of)
		whole += of
	}
	slices.Sort(all)
	return append(slices.Compact(all), sample.Mix(whole))
}

// leaks returns further pairs of sources that are counted: of each source for training, validation or testing that is
// in none of the leaks found, one with which it has a leak, if there is any. So whoever has a leak is named in one, and
// there are no more pairs than sources. pairs are those that are counted already.
func (c *crowded) leaks(found []Shared, pairs map[[2]int32]*Shared) map[[2]int32]*Shared {
	named := map[int32]bool{}
	for i := range found {
		if s := &found[i]; s.Kind == Leak {
			named[int32(s.A)], named[int32(s.B)] = true, true
		}
	}
	more := map[[2]int32]*Shared{}
	if !c.unnamed(named) {
		return more
	}
	pictures := c.pictures()
	for i := range pictures.of {
		s := int32(i)
		if named[s] {
			continue
		}
		for _, other := range pictures.partners(s) {
			a, b := min(s, other), max(s, other)
			if pictures.leak(s, other) && pairs[[2]int32{a, b}] == nil {
				more[[2]int32{a, b}] = &Shared{A: int(a), B: int(b), Example: math.MaxInt32, crowded: true}
				named[a], named[b] = true, true
				break
			}
		}
	}
	return more
}

// unnamed reports whether a source with crowded names is for training, validation or testing and not named yet.
func (c *crowded) unnamed(named map[int32]bool) bool {
	for _, all := range c.names {
		for _, at := range all {
			if !named[at.source] && roleOf(c.d.Sources[at.source].Name) != "none" {
				return true
			}
		}
	}
	return false
}

// picture is an image with objects that has a crowded name, as it is compared with those of other directories.
type picture struct {
	name   int32
	size   geom.Size
	hashes []uint64 // of its boxes, each with the size
}

// pictures are those of the sources that are for something.
type pictures struct {
	of    [][]picture          // by source, rising by name
	train []bool               // by source
	with  [2]map[boxed][]int32 // sources that have a box in an image of a name: those for training, and the others

	// of partners, by source; reused
	n    []int32 // pictures with a box in common
	last []int32 // the last one of these, counted from 1
}

type boxed struct {
	name int32
	hash uint64
}

func (c *crowded) pictures() *pictures {
	p := &pictures{
		of: make([][]picture, len(c.d.Sources)), train: make([]bool, len(c.d.Sources)),
		with: [2]map[boxed][]int32{{}, {}}, n: make([]int32, len(c.d.Sources)), last: make([]int32, len(c.d.Sources)),
	}
	for _, m := range c.members() {
		s := m.at.source
		role := roleOf(c.d.Sources[s].Name)
		if role == "none" {
			continue
		}
		im := c.d.Image(int(s), int(m.at.image))
		if im.First == im.Last {
			continue
		}
		hashes := c.hashes(m.at)
		hashes = hashes[:len(hashes)-1] // without that of all together
		p.of[s] = append(p.of[s], picture{m.name, im.Size, hashes})
		p.train[s] = role == "train"
		for _, hash := range hashes {
			key := boxed{m.name, hash}
			with := p.with[sample.One(role != "train")]
			with[key] = append(with[key], s)
		}
	}
	return p
}

// partners returns the sources of the other role that have a box of a source's pictures in one of the same name: those
// with most such pictures first.
func (p *pictures) partners(s int32) (others []int32) {
	with := p.with[sample.One(p.train[s])]
	var met []int32
	for i, pic := range p.of[s] {
		for _, hash := range pic.hashes {
			for _, other := range with[boxed{pic.name, hash}] {
				if p.last[other] == int32(i+1) {
					continue
				}
				if p.last[other] = int32(i + 1); p.n[other] == 0 {
					met = append(met, other)
				}
				p.n[other]++
			}
		}
	}
	byCount := make([][]int32, len(p.of[s])+1)
	for _, other := range met {
		n := p.n[other]
		byCount[n] = append(byCount[n], other)
		p.n[other], p.last[other] = 0, 0
	}
	slices.Reverse(byCount)
	return slices.Concat(byCount...)
}

// leak reports whether half of the pictures that two sources have by name and size have a box in common.
func (p *pictures) leak(a, b int32) bool {
	of, same := 0, 0
	for i, k := 0, 0; i < len(p.of[a]) && k < len(p.of[b]); {
		switch x, y := &p.of[a][i], &p.of[b][k]; {
		case x.name < y.name:
			i++
		case x.name > y.name:
			k++
		default:
			if x.size == y.size {
				of++
				same += sample.One(meet(x.hashes, y.hashes))
			}
			i, k = i+1, k+1
		}
	}
	return same > 0 && 2*same >= of
}

// meet reports whether two rising lists have a number in common.
func meet[N cmp.Ordered](a, b []N) bool {
	for i, k := 0, 0; i < len(a) && k < len(b); {
		switch {
		case a[i] == b[k]:
			return true
		case a[i] < b[k]:
			i++
		default:
			k++
		}
	}
	return false
}

// count calls met with each image that a chosen pair of sources has in common.
func (c *crowded) count(pairs map[[2]int32]*Shared, met func(of *Shared, a, b int32)) {
	partners := map[int32][]*Shared{}
	for _, key := range sortedPairs(pairs) {
		partners[key[1]] = append(partners[key[1]], pairs[key])
	}
	for _, all := range c.names {
		at := make(map[int]int32, len(all))
		for _, one := range all {
			at[int(one.source)] = one.image
		}
		for _, one := range all {
			for _, of := range partners[one.source] {
				if image, has := at[of.A]; has {
					sharedBy(pairs, spot{int32(of.A), image}, one)
					met(of, image, one.image)
				}
			}
		}
	}
}

// Group is sources of which each has pictures in common with another one of the group.
type Group struct {
	Sources []int // rising
	Images  int   // that an earlier source has too, at least
	Example Shared
}

// groups takes the pairs of crowded sources that are no leaks out of the list, where more than maxPlaces sources hang
// together, and returns these as groups. together tells of two sources whether they hang together, be they many or few.
func groups(found []Shared) (rest []Shared, many []Group, together func(a, b int) bool) {
	crowd := func(s *Shared) bool { return s.crowded && s.Kind != Leak }
	parent := map[int]int{} // of all but the first source of a group, an earlier one of it
	root := func(s int) int {
		for {
			up, known := parent[s]
			if !known {
				return s
			}
			if next, known := parent[up]; known {
				parent[s] = next // half the way for those who come later
			}
			s = up
		}
	}
	for i := range found {
		if s := &found[i]; crowd(s) {
			if a, b := root(s.A), root(s.B); a != b {
				parent[max(a, b)] = min(a, b)
			}
		}
	}
	of := map[int]*Group{} // by the first source
	var order []int
	for i := range found {
		if s := &found[i]; crowd(s) {
			r := root(s.A)
			if of[r] == nil {
				of[r] = &Group{Example: *s}
				order = append(order, r)
			}
			of[r].Sources = append(of[r].Sources, s.A, s.B)
		}
	}
	for _, r := range order {
		g := of[r]
		slices.Sort(g.Sources)
		if g.Sources = slices.Compact(g.Sources); len(g.Sources) > maxPlaces {
			many = append(many, *g)
		}
	}
	again := map[int]int{} // images of a source that an earlier one has
	for i := range found {
		if s := &found[i]; crowd(s) && len(of[root(s.A)].Sources) > maxPlaces {
			again[s.B] = max(again[s.B], s.Images)
		} else {
			rest = append(rest, *s)
		}
	}
	for i := range many {
		for _, s := range many[i].Sources {
			many[i].Images += again[s]
		}
	}
	return rest, many, func(a, b int) bool { return root(a) == root(b) }
}

// Finding returns the finding on the sources of a group.
func (g *Group) Finding(d *dataset.Dataset) findings.Finding {
	e := &g.Example
	im := d.Image(e.B, int(e.Example))
	const few = 3
	var names []string
	for _, s := range g.Sources[:min(few, len(g.Sources))] {
		names = append(names, text.Printable(d.Sources[s].Name))
	}
	more := ""
	if n := len(g.Sources) - few; n > 0 {
		more = fmt.Sprintf(" and %s more", say.Group(n))
	}
	f := say.Finding("image-in-two-sources", int32(e.B), im.Offset, im.Line, "%s have images in common with each other: "+
		"%s%s. At least %s %s there again. Read one of those that are about one picture, or give pictures names of "+
		"their own. Example: %s of %s is in %s too", say.Plural(len(g.Sources), "file"), strings.Join(names, ", "), more,
		say.Plural(g.Images, "image"), say.Are(g.Images), say.Label(im), text.Printable(d.Sources[e.B].Name),
		text.Printable(d.Sources[e.A].Name))
	f.Key, f.Size, f.Cases = "group", float64(g.Images), int64(g.Images)
	return f
}
