package gate

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"focalaudit/internal/spelling"
)

// parts are what rules over each part of the data are about.
var parts = map[string]any{"class": Class{}, "source": Source{}, SourceAndClass: SourceClass{}}

// classes are those of the report, then those of the baseline only, of which nothing is left: a class that was deleted
// together with its category, or renamed, would else be in no rule.
func (f *facts) classes() []Class {
	if f.baseline == nil {
		return f.subject.Classes
	}
	return both(f.subject.Classes, f.baseline.Classes, nameOfClass, func(name string) Class { return Class{Name: name} })
}

// sources are those of the report, then those of the baseline only.
func (f *facts) sources() []Source {
	if f.baseline == nil {
		return f.subject.Sources
	}
	empty := func(name string) Source { return Source{Name: name} }
	return both(f.subject.Sources, f.baseline.Sources, nameOfSource, empty)
}

// sourceClasses are those of the report, then those of the baseline only.
func (f *facts) sourceClasses() []SourceClass {
	if f.baseline == nil {
		return f.subject.SourceClasses
	}
	had := byName(f.baseline.SourceClasses, nameOfSourceClass)
	empty := func(name string) SourceClass { return SourceClass{Source: had[name].Source, Class: had[name].Class} }
	return both(f.subject.SourceClasses, f.baseline.SourceClasses, nameOfSourceClass, empty)
}

func nameOfSourceClass(c *SourceClass) string { return inSource(c.Source, c.Class) }

// inSource names a class of a source for people, and as a key: val.json: boat. Names of files and classes are anything,
// so that names with ": " in them stand in quotes.
func inSource(source, class string) string {
	if strings.Contains(source, ": ") || strings.Contains(class, ": ") {
		return strconv.Quote(source) + ": " + strconv.Quote(class)
	}
	return source + ": " + class
}

func nameOfClass(c *Class) string   { return c.Name }
func nameOfSource(s *Source) string { return s.Name }

// both returns the parts of now, and an empty one for each that was there before only.
func both[P any](now, before []P, name func(*P) string, empty func(string) P) []P {
	here, all := byName(now, name), slices.Clone(now)
	for i := range before {
		if of := name(&before[i]); here[of] == nil {
			all = append(all, empty(of))
		}
	}
	return all
}

// byName returns parts by their name.
func byName[P any](of []P, name func(*P) string) map[string]*P {
	all := make(map[string]*P, len(of))
	for i := range of {
		all[name(&of[i])] = &of[i]
	}
	return all
}

// wasIn makes the function was of a part: a number that it had in the baseline, 0 if it was not there.
func wasIn[P any](before map[string]*P, part string) func(string) (*float64, error) {
	return func(number string) (*float64, error) {
		var none P
		return numberOf(*cmp.Or(before[part], &none), number)
	}
}

// numberOf returns a number of a class or a source by its name in rules.
func numberOf(part any, name string) (*float64, error) {
	v := reflect.ValueOf(part)
	var numbers []string
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("expr")
		if v.Field(i).Kind() != reflect.Int64 {
			continue
		}
		if tag == name {
			x := float64(v.Field(i).Int())
			return &x, nil
		}
		numbers = append(numbers, tag)
	}
	return nil, fmt.Errorf("was(%q): there is no such number of a part; the nearest is %s; numbers are %s", name,
		spelling.Nearest(name, numbers, 1)[0], strings.Join(numbers, ", "))
}
