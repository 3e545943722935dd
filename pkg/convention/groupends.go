package convention

import (
	"fmt"
	"math"
	"strconv"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// GroupEnds says that of each group of classes (a supercategory with two of them or more) only the last one of the list
// has objects, or only the first, in all images or in a stretch: classes seem to be looked up by their group.
type GroupEnds struct {
	gathering
	Groups  int   // with objects
	Classes int   // of these groups
	Last    bool  // it is the last one
	Whole   bool  // in all images
	Group   int32 // the largest of these groups, by the place of its first class in the list
	Class   int32 // its class that has objects
	Example int32 // the first such object, -1 if there is nothing to tell
}

// Found reports whether classes are so.
func (g *GroupEnds) Found() bool { return g.Example >= 0 }

// grouped is what is known of a class: its group, by the place of the group's first class in the list, and whether it
// is the first or the last of it.
type grouped struct {
	group int32
	ends  [2]bool
}

// endsOdds bounds the chance that the one class that is used of each group stands at its end, as where a list has the
// commonest class of each group first, or "other" last.
const endsOdds = 0.01

// OfGroupEnds looks for such classes.
func OfGroupEnds(src *dataset.Source) GroupEnds { return glanceAt(src).groupEnds() }

// groupEnds looks at the images that have objects of groups. Two chances have to be small, with all places at which a
// stretch may begin: that the classes that are used are these, if they were drawn from all classes of groups, below
// 1e-6; and that the one that is used of each group is its last one, or its first, if it may be any of the group, below
// endsOdds. A stretch is unlikely for itself too, if such images came in any order.
func (g *glance) groupEnds() GroupEnds {
	best := GroupEnds{Example: -1}
	of, sizes := groupsOf(g.src)
	if len(sizes) < least {
		return best
	}
	for at, last := range [2]bool{false, true} {
		with := &glance{src: g.src}
		var marked []bool
		clean := 0
		for k := range g.images {
			im := &g.src.Images[g.images[k].image]
			has, all := false, true
			for i := im.First; i < im.Last && all; i++ {
				if c, is := of[g.src.Objects[i].Class]; is {
					has, all = true, c.ends[at]
				}
			}
			if has {
				with.images, marked = append(with.images, g.images[k]), append(marked, all)
				clean += sample.One(all)
			}
		}
		s, found := gathering{}, false
		whole := clean == len(marked) && clean >= leastStretch
		if whole {
			for k := range with.images {
				s.images = append(s.images, uint16(k))
			}
			s.n, s.of = clean, clean
		} else if clean < leastStretch {
			continue
		} else if s, found = with.gather(marked, 1, len(marked)); !found {
			continue
		}
		e := GroupEnds{gathering: s, Last: last, Whole: whole, Example: -1}
		if e.unlikely(with, of, sizes) && (!whole || e.everywhere(g.src, of, at)) {
			return e
		}
	}
	return best
}

// groupsOf returns the classes of groups of two or more, and how many each has.
func groupsOf(src *dataset.Source) (map[int32]grouped, map[int32]int) {
	first, last, sizes := map[string]int{}, map[string]int{}, map[int32]int{}
	seen := map[int32]bool{}
	for i := range src.Categories {
		if c := &src.Categories[i]; c.Group != "" && !seen[c.Class] {
			seen[c.Class] = true
			if _, has := first[c.Group]; !has {
				first[c.Group] = i
			}
			last[c.Group] = i
			sizes[int32(first[c.Group])]++
		}
	}
	of := map[int32]grouped{}
	for i := range src.Categories {
		c := &src.Categories[i]
		if group := int32(first[c.Group]); c.Group != "" && sizes[group] > 1 {
			if _, has := of[c.Class]; !has {
				of[c.Class] = grouped{group, [2]bool{first[c.Group] == i, last[c.Group] == i}}
			}
		}
	}
	for group, n := range sizes {
		if n == 1 {
			delete(sizes, group)
		}
	}
	return of, sizes
}

// unlikely counts the groups of the images, and tells whether chance hardly makes them.
func (e *GroupEnds) unlikely(g *glance, of map[int32]grouped, sizes map[int32]int) bool {
	counts, most := map[int32]int{}, 0
	for _, k := range e.images {
		im := &g.src.Images[g.images[k].image]
		for i := im.First; i < im.Last; i++ {
			o := &g.src.Objects[i]
			c, is := of[o.Class]
			if !is {
				continue
			}
			counts[c.group]++
			if e.Example < 0 || o.Offset < g.src.Objects[e.Example].Offset {
				e.Example = i
			}
			if n := counts[c.group]; n > most || n == most && c.group < e.Group {
				most, e.Group, e.Class = n, c.group, o.Class
			}
		}
	}
	product := 1.0
	for group := range counts {
		e.Groups++
		e.Classes += sizes[group]
		product *= float64(sizes[group])
	}
	places := 2.0 // the first class or the last one
	if !e.Whole {
		places *= 3 * float64(e.n) // in three orders
	}
	return math.Log(places)-ways(len(of), e.Groups) < math.Log(sample.Unlikely) && places < endsOdds*product
}

// everywhere tells whether all objects of groups are so, of all images.
func (e *GroupEnds) everywhere(src *dataset.Source, of map[int32]grouped, at int) bool {
	for k := range src.Objects {
		if c, is := of[src.Objects[k].Class]; is && !c.ends[at] {
			return false
		}
	}
	return true
}

// groupEnds is the rule on classes that are looked up by their group.
func groupEnds(at site) (f findings.Finding, ok bool) {
	e := at.seen.groupEnds()
	if !e.Found() || len(at.d.Classes) <= int(e.Class) {
		return f, false
	}
	return e.finding(at.d, at.src, at.s), true
}

// finding returns the finding on classes that are looked up by their group.
func (e *GroupEnds) finding(d *dataset.Dataset, src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[e.Example]
	end, how, where := "first", "a dict that keeps the first class of a group does", ""
	if e.Last {
		end, how = "last", "{c[\"supercategory\"]: c[\"id\"] for c in categories} does"
	}
	if !e.Whole {
		where = fmt.Sprintf(", in %s %s", say.Plural(e.of, "image"), e.place)
	}
	f := say.Finding("class-lookup", s, o.Offset, o.Line,
		"%s: of each of %s of classes (supercategories with two or more), only the %s of the list has objects%s, such as "+
			"%s of %s; they have %s. Classes seem to be looked up by their group, so that all of a group became one, as "+
			"%s: join the annotations anew by the names of classes. The first is %s", text.Printable(src.Name),
		say.Plural(e.Groups, "group"), end, where, strconv.Quote(d.Classes[e.Class].Name),
		strconv.Quote(src.Categories[e.Group].Group), say.Plural(e.Classes, "class"), how, say.Place(src, e.Example))
	f.Size, f.Cases = float64(e.Groups), int64(e.Groups)
	return f
}
