package dataset

import (
	"strconv"
	"strings"
)

// classifier gathers the classes of all sources.
type classifier struct {
	classes []Class
	byName  map[string]int32
	folded  map[string]string // a name without case and surrounding space: the first name of that look
	byID    map[IDKey]owner
}

// owner is the source that first gave an id to a name.
type owner struct{ source, name string }

func newClassifier() *classifier {
	return &classifier{byName: map[string]int32{}, folded: map[string]string{}, byID: map[IDKey]owner{}}
}

// meaning is what the category ids of one source stand for.
type meaning struct {
	class []int32 // by the number of the reference
	known []bool
	mixed []bool // of the reference and the category's own id one is a string and the other a number

	categories []Category
}

// add takes the categories of a source, then the ids that none of them has.
func (c *classifier) add(b *Builder) meaning {
	ids := newTable(len(b.categories))
	classOf := make([]int32, len(b.categories))
	firstOf := make(map[int32]int, len(b.categories)) // class: its first category
	for i, cat := range b.categories {
		if cat.id.Kind() == Absent { // nothing can refer to it
			classOf[i] = -1
			continue
		}
		r := Record{b, Categories, int32(i)}
		if first := ids.put(cat.id, int32(i)); first != int32(i) {
			r.Flaw(CategoryRepeated, "%q has the id of %q, which came first and counts",
				cat.name, b.categories[first].name)
			classOf[i] = -1
			continue
		}
		c.clash(r, cat)
		classOf[i] = c.declare(r, cat.name)
		if j, ok := firstOf[classOf[i]]; ok {
			r.Flaw(CategorySameName, "%q is also the name of category %s; they are one class",
				cat.name, b.categories[j].id)
		} else {
			firstOf[classOf[i]] = i
		}
	}
	m := c.resolve(b, ids, classOf)
	for i, cat := range b.categories {
		if classOf[i] >= 0 {
			m.categories = append(m.categories, Category{ID: cat.id, Class: classOf[i]})
		}
	}
	for i, id := range b.refs.ids {
		if !m.known[i] {
			m.categories = append(m.categories, Category{ID: id, Class: m.class[i]})
		}
	}
	return m
}

// clash reports an id to which an earlier source gives another name.
func (c *classifier) clash(r Record, cat category) {
	had, ok := c.byID[cat.id.Key()]
	if !ok {
		c.byID[cat.id.Key()] = owner{r.b.Name, cat.name}
		return
	}
	if had.name != cat.name {
		r.Flaw(CategoryClash, "the id stands for %q here and for %q in %s; names decide",
			cat.name, had.name, had.source)
	}
}

// declare returns the class of a category's name.
func (c *classifier) declare(r Record, name string) int32 {
	n, ok := c.byName[name]
	if !ok {
		n = c.append(Class{Name: name})
		look := strings.ToLower(strings.TrimSpace(name))
		if other, ok := c.folded[look]; ok {
			r.Flaw(CategoryCase, "%q differs from the class %q only in case or surrounding space; they are two classes",
				name, other)
		} else {
			c.folded[look] = name
		}
	}
	c.classes[n].Known = true
	return n
}

func (c *classifier) append(class Class) int32 {
	n := int32(len(c.classes))
	c.classes = append(c.classes, class)
	c.byName[class.Name] = n
	return n
}

// resolve finds the class of each category id that annotations name.
func (c *classifier) resolve(b *Builder, ids *table, classOf []int32) meaning {
	n := len(b.refs.ids)
	m := meaning{class: make([]int32, n), known: make([]bool, n), mixed: make([]bool, n)}
	for i, id := range b.refs.ids {
		if j := ids.get(id); j >= 0 {
			m.class[i], m.known[i] = classOf[j], true
			m.mixed[i] = textual(b.categories[j].id) != textual(id)
			continue
		}
		name := "category " + plainText(id) + " (undeclared)"
		class, ok := c.byName[name]
		if !ok {
			class = c.append(Class{Name: name})
		}
		m.class[i] = class
	}
	return m
}

// plainText returns an id in the notation that all that are the same share.
func plainText(id ID) string {
	if n, ok := id.Int(); ok {
		return strconv.FormatInt(n, 10)
	}
	return id.String()
}
