package coco

import (
	"fmt"
	"strconv"
	"strings"

	"focalaudit/pkg/dataset"
)

// classifier gathers the classes of all sources.
type classifier struct {
	classes []dataset.Class
	byName  map[string]int32
	folded  map[string]string // a name without case and surrounding space: the first name of that look
	byID    map[dataset.IDKey]owner
}

// owner is the source that first gave an id to a name.
type owner struct {
	source int
	name   string
}

func newClassifier() *classifier {
	return &classifier{byName: map[string]int32{}, folded: map[string]string{}, byID: map[dataset.IDKey]owner{}}
}

// meaning is what the category ids of one source stand for.
type meaning struct {
	class []int32 // by the number of the reference
	text  []bool  // the category's own id is a string
	known []bool

	categories []dataset.Category
}

// add takes the categories of a source, then the ids that none of them has.
// names are those of the sources so far, x's included.
func (c *classifier) add(x *extract, names []string) meaning {
	ids := newTable(len(x.categories))
	classOf := make([]int32, len(x.categories))
	firstOf := make(map[int32]int, len(x.categories)) // class: its first category
	for i, cat := range x.categories {
		s := categoryFlaws{x, cat}
		if first := ids.put(cat.id, int32(i)); first != int32(i) {
			s.flaw(dataset.CategoryRepeated, "%q has the id of %q, which came first and counts", cat.name, x.categories[first].name)
			classOf[i] = -1
			continue
		}
		c.clash(s, names)
		classOf[i] = c.declare(s)
		if j, ok := firstOf[classOf[i]]; ok {
			s.flaw(dataset.CategorySameName, "%q is also the name of category %s; they are one class", cat.name, x.categories[j].id)
		} else {
			firstOf[classOf[i]] = i
		}
	}
	m := c.resolve(x, ids, classOf)
	for i, cat := range x.categories {
		if classOf[i] >= 0 {
			m.categories = append(m.categories, dataset.Category{ID: cat.id, Class: classOf[i]})
		}
	}
	for i, id := range x.refs.ids {
		if !m.known[i] {
			m.categories = append(m.categories, dataset.Category{ID: id, Class: m.class[i]})
		}
	}
	return m
}

// clash reports an id to which an earlier source gives another name.
func (c *classifier) clash(s categoryFlaws, names []string) {
	had, ok := c.byID[s.cat.id.Key()]
	if !ok {
		c.byID[s.cat.id.Key()] = owner{len(names) - 1, s.cat.name}
		return
	}
	if had.name != s.cat.name {
		s.flaw(dataset.CategoryClash, "the id stands for %q here and for %q in %s; names decide", s.cat.name, had.name, names[had.source])
	}
}

// declare returns the class of a category's name.
func (c *classifier) declare(s categoryFlaws) int32 {
	name := s.cat.name
	n, ok := c.byName[name]
	if !ok {
		n = c.append(dataset.Class{Name: name})
		look := strings.ToLower(strings.TrimSpace(name))
		if other, ok := c.folded[look]; ok {
			s.flaw(dataset.CategoryCase, "%q differs from the class %q only in case or surrounding space; they are two classes", name, other)
		} else {
			c.folded[look] = name
		}
	}
	c.classes[n].Known = true
	return n
}

func (c *classifier) append(class dataset.Class) int32 {
	n := int32(len(c.classes))
	c.classes = append(c.classes, class)
	c.byName[class.Name] = n
	return n
}

// resolve finds the class of each category id that annotations name.
func (c *classifier) resolve(x *extract, ids *table, classOf []int32) meaning {
	n := len(x.refs.ids)
	m := meaning{class: make([]int32, n), text: make([]bool, n), known: make([]bool, n)}
	for i, id := range x.refs.ids {
		if j := ids.get(id); j >= 0 {
			m.class[i], m.text[i], m.known[i] = classOf[j], textual(x.categories[j].id), true
			continue
		}
		name := "category " + plainText(id) + " (undeclared)"
		class, ok := c.byName[name]
		if !ok {
			class = c.append(dataset.Class{Name: name})
		}
		m.class[i] = class
	}
	return m
}

// plainText returns an id in the notation that all that are the same share.
func plainText(id dataset.ID) string {
	if n, ok := id.Int(); ok {
		return strconv.FormatInt(n, 10)
	}
	return id.String()
}

// categoryFlaws adds flaws of a category.
type categoryFlaws struct {
	x   *extract
	cat category
}

func (s categoryFlaws) flaw(code, format string, args ...any) {
	if s.x.full(code) {
		return
	}
	s.x.flaws = append(s.x.flaws, dataset.Flaw{
		Code: code, Offset: s.cat.offset, Line: s.cat.line, Image: -1, Object: -1, Record: s.cat.id,
		Message: dataset.Label("category", s.cat.id) + ": " + fmt.Sprintf(format, args...),
	})
}
