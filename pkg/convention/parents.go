package convention

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Parents are classes whose objects all have exactly the box of an object of another class: each object stands a second
// time as its parent class.
type Parents struct {
	Of      []parent
	Example int32 // an object of the first parent, -1 if there is nothing to tell
}

// parent is such a class.
type parent struct {
	class    int32
	n, of    int           // objects that have such a box, all
	images   int           // with these
	last     int32         // the last of these
	example  int32         // an object
	children map[int32]int // objects by the other class
}

// Found reports whether there is such a class.
func (p *Parents) Found() bool { return p.Example >= 0 }

// leastParents is how many objects all parents have, and leastParent each, all but one in twenty with the box of
// another class. Boxes of two classes that are equal to the last digit are one box: objects that share one now and
// then, as a picture and its frame do, are parts of their classes.
const leastParents, leastParent = 30, 5

// parentsFirst is how many images, spread over the source, tell whether the others are looked at: where an eighth of
// the images has such boxes, none of so many does by a chance of 3e-6.
const parentsFirst = 96

// OfParents looks for such classes.
func OfParents(src *dataset.Source) Parents { return glanceAt(src).parents() }

func (g *glance) parents() Parents {
	none := Parents{Example: -1}
	step, any := len(g.images)/parentsFirst+1, false
	for k := 0; k < len(g.images) && !any; k += step {
		any = g.images[k].class < 0 && g.sharedBoxes(k, func(_, _ int32) {})
	}
	if !any {
		return none
	}
	all := map[int32]*parent{}
	of := map[int32]int{}
	for k := range g.images {
		im := &g.src.Images[g.images[k].image]
		for i := im.First; i < im.Last; i++ {
			if o := &g.src.Objects[i]; sample.Told(o) && !isCrowd(*o) {
				of[o.Class]++
			}
		}
		counted := map[int32]bool{} // objects of this image: several others may have the box of one
		g.sharedBoxes(k, func(a, b int32) {
			for _, pair := range [][2]int32{{a, b}, {b, a}} {
				o, other := &g.src.Objects[pair[0]], &g.src.Objects[pair[1]]
				p := all[o.Class]
				if p == nil {
					p = &parent{class: o.Class, last: -1, example: pair[0], children: map[int32]int{}}
					all[o.Class] = p
				}
				p.n += sample.One(!counted[pair[0]])
				counted[pair[0]] = true
				p.images += sample.One(o.Image != p.last)
				p.last = o.Image
				p.children[other.Class]++
			}
		})
	}
	p, n, images := Parents{Example: -1}, 0, 0
	for _, class := range slices.Sorted(maps.Keys(all)) {
		c := all[class]
		if c.of = of[class]; c.n >= leastParent && 20*c.n >= 19*c.of && g.above(c, all) {
			p.Of = append(p.Of, *c)
			n, images = n+c.n, images+c.images
		}
	}
	if n < leastParents || images < leastSlipImages {
		return none
	}
	slices.SortStableFunc(p.Of, func(a, b parent) int { return cmp.Compare(b.n, a.n) })
	p.Example = p.Of[0].example
	return p
}

// sharedBoxes calls f with the first two objects of each box of an image that several have, of different classes.
func (g *glance) sharedBoxes(k int, f func(a, b int32)) (any bool) {
	im := &g.src.Images[g.images[k].image]
	n := int(im.Last - im.First)
	if n < 2 {
		return false
	}
	had := make(map[geom.Rect]int32, n)
	for i := im.First; i < im.Last; i++ {
		o := &g.src.Objects[i]
		if !sample.Told(o) || isCrowd(*o) || o.Class < 0 ||
			reading.WholeImage(&o.Box, float64(im.Size.W), float64(im.Size.H)) {
			continue
		}
		at, ok := had[o.Box]
		if !ok {
			had[o.Box] = i
		} else if g.src.Objects[at].Class != o.Class {
			any = true
			f(at, i)
		}
	}
	return any
}

// above tells whether a class is a parent of the others whose boxes it has: it is the supercategory of one of them by
// its name, and none of them is its own; or it has the boxes of more classes than each of them, or, of as many, is
// further down in the list.
func (g *glance) above(c *parent, all map[int32]*parent) bool {
	groups := g.groupOf()
	for child := range c.children {
		if at, ok := groups[child]; ok && at == c.class {
			return true
		}
	}
	if at, ok := groups[c.class]; ok && c.children[at] > 0 {
		return false
	}
	for child := range c.children {
		if o := all[child]; cmp.Or(cmp.Compare(len(o.children), len(c.children)), cmp.Compare(child, c.class)) > 0 {
			return false
		}
	}
	return true
}

// groupOf returns, by class, the class that its supercategory names, if there is one.
func (g *glance) groupOf() map[int32]int32 {
	if g.groups == nil {
		g.groups = map[int32]int32{}
	}
	return g.groups
}

// named fills in the classes that supercategories name.
func (g *glance) named(d *dataset.Dataset) {
	names := map[string]int32{}
	for i := range g.src.Categories {
		if c := g.src.Categories[i].Class; c >= 0 && int(c) < len(d.Classes) {
			names[strings.ToLower(d.Classes[c].Name)] = c
		}
	}
	groups := g.groupOf()
	for i := range g.src.Categories {
		c := &g.src.Categories[i]
		if at, ok := names[strings.ToLower(c.Group)]; ok && at != c.Class {
			groups[c.Class] = at
		}
	}
}

// parentsToo is the rule on objects that stand a second time as their parent class.
func parentsToo(at site) (f findings.Finding, ok bool) {
	at.seen.named(at.d)
	p := at.seen.parents()
	if !p.Found() {
		return f, false
	}
	n, named := 0, 0
	var said []string
	for i := range p.Of {
		c := &p.Of[i]
		n += c.n
		var children []string
		for _, child := range slices.SortedFunc(maps.Keys(c.children), func(a, b int32) int {
			return cmp.Or(cmp.Compare(c.children[b], c.children[a]), cmp.Compare(a, b))
		}) {
			if group, ok := at.seen.groupOf()[child]; ok && group == c.class {
				named++
			}
			if len(children) < 4 {
				children = append(children, fmt.Sprintf("%q (%s)", at.d.Classes[child].Name, say.Group(c.children[child])))
			}
		}
		if more := len(c.children) - len(children); more > 0 {
			children = append(children, fmt.Sprintf("%s more", say.Group(more)))
		}
		if i < 3 {
			said = append(said, fmt.Sprintf("%s of %s of %q have the box of %s", say.Group(c.n), say.Plural(c.of, "object"),
				at.d.Classes[c.class].Name, strings.Join(children, ", ")))
		}
	}
	if more := len(p.Of) - len(said); more > 0 {
		said = append(said, "and so it is with "+say.Plural(more, "class")+" more")
	}
	why := ""
	if named > 0 {
		why = ", as the supercategories of the list say"
	}
	o := &at.src.Objects[p.Example]
	f = say.Finding("objects-doubled", at.s, o.Offset, o.Line, "%s: each object seems to stand a second time as its "+
		"parent class%s, with exactly the same box%s: %s. class-conflict lists the single pairs. Trainers with one class an "+
		"object train each against the other: leave the parent class out, or keep it alone. Example: %s",
		text.Printable(at.src.Name), why, at.seen.seen(), strings.Join(said, "; "), say.Place(at.src, p.Example))
	f.Key, f.Class = "parents", p.Of[0].class
	f.Size, f.Cases = float64(n), int64(n)
	return f, true
}
