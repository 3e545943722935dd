package dataset

import (
	"strconv"
	"strings"
	"unicode"
)

// classifier gathers the classes of all sources.
type classifier struct {
	classes []Class
	byName  map[string]int32
	folded  map[string]string // the look of a name: the first name that has it
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
		if !cat.assumed {
			c.clash(r, cat)
		}
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
			m.categories = append(m.categories, Category{ID: cat.id, Class: classOf[i], Group: cat.group})
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

// What the names of classes without a category begin and end with.
const (
	undeclared    = "category "
	undeclaredEnd = " (undeclared)"
)

// declare returns the class of a category's name. One that looks like that of a class without a category is told apart
// from it.
func (c *classifier) declare(r Record, name string) int32 {
	if strings.HasPrefix(name, undeclared) && strings.HasSuffix(name, undeclaredEnd) {
		name += " (declared)"
	}
	n, ok := c.byName[name]
	if !ok {
		n = c.append(Class{Name: name})
		folded := look(name)
		if other, ok := c.folded[folded]; ok {
			r.Flaw(CategoryCase, "%q differs from the class %q only in %s; they are two classes",
				name, other, difference(name, other))
		} else {
			c.folded[folded] = name
		}
	}
	c.classes[n].Known = true
	return n
}

// look returns a name without what spellings of one name differ in: case, surrounding space,
// separators between letters, and the s of a plural. "4-5" and "45" stay two names.
func look(name string) string {
	in := []rune(strings.ToLower(strings.TrimSpace(name)))
	var out []rune
	for i, c := range in {
		if strings.ContainsRune("_- ", c) && i > 0 && i < len(in)-1 {
			before, behind := in[i-1], in[i+1]
			if wordy(before) && wordy(behind) && !(unicode.IsDigit(before) && unicode.IsDigit(behind)) {
				continue
			}
		}
		out = append(out, c)
	}
	if plural(in) {
		out = out[:len(out)-1]
	}
	return string(out)
}

// plural tells whether the last word of a name is one of four letters or more with one s at the end.
func plural(name []rune) bool {
	n := len(name)
	if n < 4 || name[n-1] != 's' || name[n-2] == 's' {
		return false
	}
	return unicode.IsLetter(name[n-2]) && unicode.IsLetter(name[n-3]) && unicode.IsLetter(name[n-4])
}

// wordy tells whether a rune is part of a word.
func wordy(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// difference says in what two names of one look differ.
func difference(a, b string) string {
	if strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) {
		return "case or surrounding space"
	}
	return `case, "_", "-", spaces or a plural s`
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
		name := undeclared + plainText(id) + undeclaredEnd
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
