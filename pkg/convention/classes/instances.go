package classes

import (
	"strconv"
	"strings"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Instances says that the names of classes number the objects of an image: person-1, person-2 and so on.
type Instances struct {
	Names, Words int   // classes with a number, words they have
	Later        int   // objects with another number than a word's first
	Odd          int   // of these: without the number before in their image; and objects whose name is in it twice
	Example      int32 // the first of Later, -1 if there is none
	name         string
}

// Found reports whether names number objects: five words have two numbers or more, and of 20 objects with a later
// number all but 1 in 50 have the number before beside them and none twice. Lists of classes have numbered names too,
// but there the second of a kind stands without the first, and a kind stands twice in an image.
func (m *Instances) Found() bool {
	return m.Words >= leastWords && m.Later >= 20 && 50*m.Odd <= m.Later
}

// leastWords is how many words must have numbers: the parts of one object may be numbered by right, as wheels are.
const leastWords = 5

// OfInstances looks at the names of the classes, and at the objects only where words have numbers.
func OfInstances(d *dataset.Dataset, src *dataset.Source) Instances {
	m := Instances{Example: -1}
	if len(src.Categories) < 2*leastWords || len(d.Classes) == 0 { // sources by themselves have no list of classes
		return m
	}
	before := m.numbers(d, src)
	if m.Words < leastWords {
		return m
	}
	in := placeTables.get(len(d.Classes)) // the last image with the class, from 1
	defer placeTables.put(in, src)
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		at, objects := int32(i)+1, src.Objects[im.First:im.Last]
		for k := range objects {
			if c := objects[k].Class; c >= 0 {
				if _, numbered := before[c]; numbered && in[c] == at {
					m.Odd++
				}
				in[c] = at
			}
		}
		for k := range objects {
			c := objects[k].Class
			b, numbered := before[c]
			if !numbered || b < 0 {
				continue
			}
			if m.Later++; m.Example < 0 {
				m.Example, m.name = im.First+int32(k), d.Classes[c].Name
			}
			m.Odd += sample.One(in[b] != at)
		}
		if 50*m.Odd > m.Later+1000 { // numbered names, but of classes
			break
		}
	}
	return m
}

// numbers returns, by class with a number in a word that several have, the class with the number before: -1 for the
// first of a word, itself where that number is missing.
func (m *Instances) numbers(d *dataset.Dataset, src *dataset.Source) map[int32]int32 {
	words := map[string]map[int]int32{}
	for i := range src.Categories {
		c := src.Categories[i].Class
		word, n, ok := wordAndNumber(d.Classes[c].Name)
		if !ok {
			continue
		}
		if words[word] == nil {
			words[word] = map[int]int32{}
		}
		words[word][n] = c
	}
	before := map[int32]int32{}
	for _, of := range words {
		if len(of) < 2 {
			continue
		}
		m.Words++
		m.Names += len(of)
		first := -1
		for n := range of {
			if first < 0 || n < first {
				first = n
			}
		}
		for n, c := range of {
			switch b, known := of[n-1]; {
			case n == first:
				before[c] = -1
			case known:
				before[c] = b
			default:
				before[c] = c
			}
		}
	}
	return before
}

// wordAndNumber divides a name that ends with a number.
func wordAndNumber(name string) (word string, n int, ok bool) {
	word = strings.TrimRight(name, "0123456789")
	n, err := strconv.Atoi(name[len(word):])
	word = strings.TrimRight(word, " -_.#:")
	return word, n, err == nil && word != ""
}

// Finding returns the finding on names that number objects.
func (m *Instances) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[m.Example]
	f := say.Finding("classes-filled", s, o.Offset, o.Line,
		"%s: the names of classes number the objects of each image: %s "+
			"are %s with numbers, such as %q, and beside %s of %s with a later number stands the one before. A detector can't "+
			"tell the first object of a kind from the second. Write one class for each word, and the number elsewhere. "+
			"Example: %s", text.Printable(src.Name), say.Plural(m.Names, "name"), say.Plural(m.Words, "word"), m.name,
		say.Group(m.Later-m.Odd), say.Plural(m.Later, "object"), say.Place(src, m.Example))
	f.Size, f.Cases = float64(m.Later), int64(m.Later)
	return f
}
