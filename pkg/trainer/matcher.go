package trainer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/iou"
)

// Matcher is the rule of a preset: the key matcher of its file. Its key rule names one
// of iou.Rules, max-iou if it is left out; the other keys are the fields of that
// rule's type.
type Matcher struct {
	Given string // the key rule as it stands in the file, "" if it is left out
	iou.Rule
}

// Name returns the rule's name.
func (m *Matcher) Name() string { return cmp.Or(m.Given, iou.NameMaxIoU) }

// MarshalJSON writes the keys as a file has them.
func (m Matcher) MarshalJSON() ([]byte, error) {
	keys, err := json.Marshal(m.Rule)
	if err != nil || m.Given == "" || m.Rule == nil {
		return keys, err
	}
	name, err := json.Marshal(m.Given)
	if err != nil {
		return nil, err
	}
	first := append([]byte(`{"rule":`), name...)
	if bytes.Equal(keys, []byte("{}")) {
		return append(first, '}'), nil
	}
	return append(append(first, ','), keys[1:]...), nil
}

// MarshalYAML writes the keys as a file has them.
func (m Matcher) MarshalYAML() (any, error) {
	text, err := yaml.Marshal(m.Rule)
	if err != nil {
		return nil, err
	}
	var keys yaml.MapSlice
	if m.Given != "" {
		keys = append(keys, yaml.MapItem{Key: "rule", Value: m.Given})
	}
	var own yaml.MapSlice
	if err := yaml.Unmarshal(text, &own); err != nil {
		return nil, err
	}
	return append(keys, own...), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Matcher) UnmarshalJSON(data []byte) error {
	var key struct {
		Rule string `json:"rule"`
	}
	if err := json.Unmarshal(data, &key); err != nil {
		return err
	}
	rule, ok := iou.New(cmp.Or(key.Rule, iou.NameMaxIoU))
	if !ok {
		return anchors.OneOf("matcher.rule", key.Rule, iou.Rules()...)
	}
	m.Given, m.Rule = key.Rule, rule
	return json.Unmarshal(data, rule)
}

// UnmarshalYAML reads the keys of a file over those that m has: an extended preset's, of
// which those of another rule are dropped.
func (m *Matcher) UnmarshalYAML(decode func(any) error) error {
	all := reflect.New(everyKey)
	had := m.Rule
	if had != nil {
		copyKeys(all.Elem(), reflect.ValueOf(had).Elem())
	}
	all.Elem().FieldByName(ruleField).SetString(m.Given)
	if err := decode(all.Interface()); err != nil {
		return err
	}
	name := all.Elem().FieldByName(ruleField).String()
	rule, ok := iou.New(cmp.Or(name, iou.NameMaxIoU))
	if !ok {
		return anchors.OneOf("matcher.rule", name, iou.Rules()...)
	}
	if had != nil {
		forget(all.Elem(), reflect.ValueOf(had).Elem(), reflect.TypeOf(rule).Elem())
	}
	if err := foreign(all.Elem(), rule); err != nil {
		return err
	}
	copyKeys(reflect.ValueOf(rule).Elem(), all.Elem())
	m.Given, m.Rule = name, rule
	return nil
}

// ruleField is the field of everyKey for the key rule.
const ruleField = "Rule"

// everyKey is a type with a field for each key of any rule, for a decoder that knows
// where in a file a key stands and what it should be.
var everyKey = func() reflect.Type {
	fields := []reflect.StructField{{Name: ruleField, Type: reflect.TypeFor[string](), Tag: `yaml:"rule"`}}
	seen := map[string]bool{}
	for _, name := range iou.Rules() {
		rule, _ := iou.New(name)
		for f := range keysOf(reflect.TypeOf(rule).Elem()) {
			if seen[keyOf(f)] {
				continue
			}
			seen[keyOf(f)] = true
			f.Name = fmt.Sprintf("Key%d", len(fields))
			if f.Type.Kind() == reflect.Int {
				f.Type = reflect.TypeFor[anchors.Whole]() // refuses fractions
			}
			fields = append(fields, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
		}
	}
	return reflect.StructOf(fields)
}()

// keysOf yields the fields of a rule's type that are keys.
func keysOf(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); keyOf(f) != "" && !yield(f) {
				return
			}
		}
	}
}

// has returns the field of a rule's type that is a key; ok is false if it has none.
func has(t reflect.Type, key string) (field int, ok bool) {
	for f := range keysOf(t) {
		if keyOf(f) == key {
			return f.Index[0], true
		}
	}
	return 0, false
}

func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return key
}

// copyKeys sets the fields of to that from has too.
func copyKeys(to, from reflect.Value) {
	for f := range keysOf(to.Type()) {
		if i, ok := has(from.Type(), keyOf(f)); ok {
			to.FieldByIndex(f.Index).Set(from.Field(i).Convert(f.Type))
		}
	}
}

// forget clears the fields of all that are still as they were and that a rule's type
// does not have: another rule's, which the file does not give anew.
func forget(all, were reflect.Value, own reflect.Type) {
	for f := range keysOf(were.Type()) {
		if _, ok := has(own, keyOf(f)); ok {
			continue
		}
		i, _ := has(all.Type(), keyOf(f))
		if v := all.Field(i); v.Convert(f.Type).Equal(were.FieldByIndex(f.Index)) {
			v.SetZero()
		}
	}
}

// foreign reports a key that is set and that the rule does not have, with the rules that
// do.
func foreign(all reflect.Value, rule iou.Rule) error {
	own := reflect.TypeOf(rule).Elem()
	for f := range keysOf(all.Type()) {
		v := all.FieldByIndex(f.Index)
		if _, ok := has(own, keyOf(f)); ok || f.Name == ruleField || v.IsZero() {
			continue
		}
		var with []string
		for _, name := range iou.Rules() {
			of, _ := iou.New(name)
			if _, ok := has(reflect.TypeOf(of).Elem(), keyOf(f)); ok {
				with = append(with, name)
			}
		}
		return fmt.Errorf("matcher.%s: got %v, allowed: only with %s; leave it out or set it to %v",
			keyOf(f), v, rulesText(with), reflect.Zero(f.Type))
	}
	return nil
}

func rulesText(names []string) string {
	if len(names) == 1 {
		return "the rule " + names[0]
	}
	slices.Sort(names)
	return "the rules " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
