// Package classes answers whether the list of categories and the class numbers of the objects belong together: ids that
// were cut, names that a lookup missed, another order of COCO's names, a class that a part of a source lacks.
//
// Each rule is a function OfX of a source whose result tells whether it Found something, and makes a Finding of it.
package classes

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Lookup says that all classes whose names have something in common, over which a lookup of names may trip, lack
// objects: annotations were joined to the list of classes by names that the two sides write differently, and went to
// a default class, or were dropped.
type Lookup struct {
	Trait   string // what the names have in common, "" if nothing was found
	Classes int    // whose names have it
	Stray   int32  // a class of these with objects nevertheless, as the default may be one; -1 if there is none
	Others  int    // classes whose names lack it
	Used    int    // of Others, with objects
	Odds    float64
	Default int32 // the class to which a lookup would fall back, -1 if it has too few objects
	Of      int   // objects of Default
	Objects int
}

// Found reports whether names seem to be lost.
func (l *Lookup) Found() bool { return l.Trait != "" }

// What shows that names were lost. Were the used classes drawn from all, those with the trait would be left out by a
// chance under lookupOdds for all traits together; three names have it and three have not, and of the others three in
// four have objects, since in a small part of a data set most classes are absent, or the chance is under lookupSure.
const (
	lookupOdds  = 0.005
	lookupSure  = 1e-6
	leastNames  = 3
	leastUsed   = 0.75
	leastHoard  = 0.1 // of all objects, that a default class has
	lookupFirst = 2048
)

// nameTraits are what names may have and other spellings of them lack.
var nameTraits = []struct {
	what string
	has  func(name string) bool
}{
	{"a blank", func(s string) bool { return strings.ContainsFunc(s, unicode.IsSpace) }},
	{"an underscore", with("_")},
	{"a hyphen", with("-")},
	{"a slash", with(`/\`)},
	{"an apostrophe or a quote", with("'\"`´’‘“”")},
	{"a parenthesis", with("()[]")},
	{"a comma, an ampersand or a plus", with(",;&+")},
	{"a full stop", with(".")},
	{"a digit", func(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }},
	{"a capital letter", func(s string) bool { return strings.ContainsFunc(s, unicode.IsUpper) }},
	{"a letter beyond ASCII", func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
	}},
}

// with returns whether a name has one of some characters.
func with(chars string) func(string) bool {
	return func(name string) bool { return strings.ContainsAny(name, chars) }
}

// OfLookup compares the names of classes with objects with those of classes without.
func OfLookup(d *dataset.Dataset, src *dataset.Source) Lookup {
	none := Lookup{Stray: -1, Default: -1}
	if len(src.Categories) < 2*leastNames || len(d.Classes) == 0 { // sources by themselves have no list of classes
		return none
	}
	var list []int32 // declared, each once, in the order of the file
	listed, counts := markTables.get(len(d.Classes)), countTables.get(len(d.Classes))
	defer markTables.put(listed, src)
	defer countTables.put(counts, src)
	for i := range src.Categories {
		if c := src.Categories[i].Class; !listed[c] && d.Classes[c].Known {
			listed[c] = true
			list = append(list, c)
		}
	}
	n := len(src.Objects)
	for i := range min(n, lookupFirst) { // most files are settled by some objects, spread over them
		if c := src.Objects[i*(n/min(n, lookupFirst))].Class; c >= 0 {
			counts[c]++
		}
	}
	if l := lookUp(d, list, counts); n > lookupFirst && !l.Found() && !lacking(d, list, counts) {
		return none
	}
	for k := range src.Objects {
		if c := src.Objects[k].Class; c >= 0 {
			counts[c] = 0
		}
	}
	for k := range src.Objects {
		if c := src.Objects[k].Class; c >= 0 {
			counts[c]++
		}
	}
	return lookUp(d, list, counts)
}

// lacking tells whether some trait's names lack objects, but one of them.
func lacking(d *dataset.Dataset, list []int32, counts []int) bool {
	for _, t := range nameTraits {
		if l := traitOf(d, list, counts, t.has); l.Classes >= leastNames && l.Others >= leastNames && l.Odds <= 0 {
			return true
		}
	}
	return false
}

// lookUp returns the trait that chance explains least.
func lookUp(d *dataset.Dataset, list []int32, counts []int) Lookup {
	best, tries := Lookup{Stray: -1, Default: -1}, 0
	for _, t := range nameTraits {
		l := traitOf(d, list, counts, t.has)
		if min(l.Classes, l.Others) < leastNames {
			continue
		}
		tries++
		known := l.Odds <= math.Log(lookupSure) || float64(l.Used) >= leastUsed*float64(l.Others)
		if l.Odds <= 0 && known && (best.Trait == "" || l.Odds < best.Odds) {
			best = l
			best.Trait = t.what
		}
	}
	if best.Trait == "" || best.Odds+math.Log(float64(tries)) >= math.Log(lookupOdds) {
		return Lookup{Stray: -1, Default: -1}
	}
	for _, n := range counts {
		best.Objects += n
	}
	for _, c := range []int32{best.Stray, list[0], list[len(list)-1]} { // the usual defaults: the first, or -1 in Python
		if c >= 0 && float64(counts[c]) >= leastHoard*float64(best.Objects) && (best.Stray < 0 || c == best.Stray) {
			best.Default, best.Of = c, counts[c]
			break
		}
	}
	return best
}

// traitOf counts the classes with a trait. Odds is the logarithm of the chance that as few of them have objects, were
// the classes with objects drawn from all, and above 0 if more than a default class has any.
func traitOf(d *dataset.Dataset, list []int32, counts []int, has func(string) bool) Lookup {
	l := Lookup{Stray: -1, Default: -1, Odds: 1}
	strays := 0
	for _, c := range list {
		switch used := counts[c] > 0; {
		case !has(d.Classes[c].Name):
			l.Others++
			l.Used += sample.One(used)
		default:
			l.Classes++
			if used {
				l.Stray = c
				strays++
			}
		}
	}
	if strays > 1 || strays == 1 && l.Stray != list[0] && l.Stray != list[len(list)-1] {
		return l
	}
	n := l.Classes + l.Others
	// Of the default nothing is known, so that it is left out where it has the trait itself.
	l.Odds = choices(l.Others, l.Used) - choices(n-strays, l.Used)
	return l
}

// Finding returns the finding on names that a lookup missed.
func (l *Lookup) Finding(d *dataset.Dataset, src *dataset.Source, s int32) findings.Finding {
	var names []string
	has := l.has()
	example := int32(-1)
	for i := range src.Categories {
		if c := src.Categories[i].Class; c != l.Stray && has(d.Classes[c].Name) && len(names) < 3 {
			names = append(names, fmt.Sprintf("%q", d.Classes[c].Name))
		}
	}
	but := ""
	if l.Stray >= 0 {
		but = fmt.Sprintf(" but %q", d.Classes[l.Stray].Name)
	}
	// Where no class holds theirs, they may as well be names of rare things, as those of several words often are.
	seem := "may be"
	where := "Their annotations may have been dropped, or have gone to a default class"
	if l.Default >= 0 {
		seem = "seem to be"
		where = fmt.Sprintf("%q has %s of %s: it may hold theirs, as the class to which the lookup falls back",
			d.Classes[l.Default].Name, say.Group(l.Of), say.Plural(l.Objects, "object"))
	}
	for k := range src.Objects {
		if c := src.Objects[k].Class; c >= 0 && (l.Default < 0 || c == l.Default) {
			example = int32(k)
			break
		}
	}
	o := &src.Objects[example]
	f := say.Finding("class-lookup", s, o.Offset, o.Line,
		"%s: none of the %s whose names have %s has an object%s, and %s of "+
			"the %s others have (names: %s). Annotations %s joined to the list of categories by names that are "+
			"written otherwise there. %s. Join them anew, with the names as the list has them, and let the script stop at a "+
			"name that it does not know. If none of these was annotated, remove the categories, or waive the finding",
		text.Printable(src.Name), say.Plural(l.Classes-sample.One(l.Stray >= 0), "class"), l.Trait, but, say.Group(l.Used),
		say.Group(l.Others), strings.Join(names, ", "), seem, where)
	if f.Cases, f.Size = int64(l.Classes), float64(l.Classes); l.Default < 0 {
		f.Level = findings.Info
	}
	return f
}

// has returns the test of the trait.
func (l *Lookup) has() func(string) bool {
	for _, t := range nameTraits {
		if t.what == l.Trait {
			return t.has
		}
	}
	return func(string) bool { return false }
}
