package gate

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"focalaudit/internal/smallyaml"
	"focalaudit/internal/spelling"
)

// Policy is what a data set is held against: the key gate of focalaudit.yaml.
type Policy struct {
	Baseline string       `yaml:"baseline"` // directory of a report, relative to the file
	OnlyNew  bool         `yaml:"only_new"` // findings that the baseline has do not count
	Rules    []PolicyRule `yaml:"rules"`
	Waivers  []Waiver     `yaml:"waivers"`
	Reviewed []string     `yaml:"reviewed"` // fingerprints of findings that a person looked at and kept

	// Beside are the keys of the file beside gate, sorted.
	Beside []string `yaml:"-"`
}

// PolicyRule is a rule as policies have it: one of FailIf and WarnIf.
type PolicyRule struct {
	Name   string `yaml:"name"`
	Each   Each   `yaml:"each"` // what the rule is held against; empty for the whole
	FailIf string `yaml:"fail_if"`
	WarnIf string `yaml:"warn_if"`
}

// Each is what a rule is held against each of: class, source, or SourceAndClass.
type Each string

// UnmarshalYAML reads a word or a list of words, in any order.
func (e *Each) UnmarshalYAML(decode func(any) error) error {
	var words []string
	if decode(&words) != nil {
		var word string
		if err := decode(&word); err != nil {
			return err
		}
		words = strings.Split(word, ",")
	}
	for i := range words {
		words[i] = strings.TrimSpace(words[i])
	}
	if *e = Each(strings.Join(words, ", ")); *e == "class, source" {
		*e = SourceAndClass
	}
	return nil
}

// Default is the policy where there is none: errors fail, warnings warn.
func Default() Policy {
	return Policy{Rules: []PolicyRule{
		{Name: "no errors", FailIf: "errors > 0"},
		{Name: "no warnings", WarnIf: "warnings > 0"},
	}}
}

// ParsePolicy reads the key gate of a configuration file; ok is false if it has none.
func ParsePolicy(file []byte) (p Policy, ok bool, err error) {
	file, reviewed := CutReviewed(smallyaml.Unmarked(file))
	if err := smallyaml.Check(file); err != nil {
		return p, false, besideReviewed(err, len(reviewed))
	}
	err = smallyaml.Guard(func() error {
		p, ok, err = parsePolicy(file)
		return err
	})
	p.Reviewed = append(p.Reviewed, reviewed...)
	return p, ok, besideReviewed(err, len(reviewed))
}

// parsePolicy is ParsePolicy for a file within bounds, but for panics of the YAML library.
func parsePolicy(file []byte) (p Policy, ok bool, err error) {
	tree, err := parser.ParseBytes(file, 0)
	if err != nil {
		return p, false, errors.New(smallyaml.Plain(strings.TrimSpace(yaml.FormatError(err, false, true))))
	}
	var keys map[string]any
	if err := yaml.Unmarshal(file, &keys); err != nil {
		return p, false, errors.New(smallyaml.Plain(strings.TrimSpace(yaml.FormatError(err, false, true))))
	}
	value, there := keys["gate"]
	if !there {
		return p, false, nil
	}
	if value == nil {
		p, err = p.checked()
		return p, true, err
	}
	at, err := yaml.PathString("$.gate")
	if err != nil {
		return p, false, err
	}
	node, err := at.FilterFile(tree)
	if err != nil || node == nil || node.Type() == ast.AliasType {
		return p, false, errors.New("gate: expected at the top level, written out: merge keys and aliases are not followed")
	}
	hyphens := &hyphens{}
	ast.Walk(hyphens, node)
	if hyphens.twice != "" {
		return p, false, fmt.Errorf("gate: the key %s stands twice, with an underscore and with a hyphen", hyphens.twice)
	}
	prints := &prints{}
	if ast.Walk(prints, node); prints.err != nil {
		return p, false, prints.err
	}
	if err := yaml.NodeToValue(node, &p, yaml.DisallowUnknownField()); err != nil {
		if words := notFingerprints(keys); words != nil {
			return p, false, words
		}
		return p, false, errors.New(keyNearest(smallyaml.Plain(strings.TrimSpace(yaml.FormatError(err, false, true)))))
	}
	p, err = p.checked()
	delete(keys, "gate")
	p.Beside = slices.Sorted(maps.Keys(keys))
	return p, true, err
}

// fingerprint is what a fingerprint looks like.
var fingerprint = regexp.MustCompile(`^[0-9a-f]{24}$`)

// notPrint says what is wrong with a fingerprint.
func notPrint(key, got string) error {
	return fmt.Errorf("%s %q: expected a fingerprint, 24 digits and letters from a to f: "+
		"analyze show DIR --columns fingerprint,message lists them", key, got)
}

// pairsOf returns the keys and values of a node that is a mapping, nil of another one.
func pairsOf(node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// prints makes texts of the fingerprints in a tree that YAML takes for numbers (of digits alone, or with one e), and
// checks all of them. It changes the values of a tree.
type prints struct{ err error }

// Visit changes the fingerprints of a mapping.
func (v *prints) Visit(node ast.Node) ast.Visitor {
	for _, pair := range pairsOf(node) {
		key, ok := pair.Key.(*ast.StringNode)
		if !ok {
			continue
		}
		list, isList := pair.Value.(*ast.SequenceNode)
		switch {
		case key.Value == "fingerprint":
			pair.Value = v.text(key.Value, pair.Value)
		case key.Value == "reviewed" && isList:
			for i := range list.Values {
				list.Values[i] = v.text(key.Value, list.Values[i])
			}
		}
	}
	return v
}

// text returns the value of a key, which should be a fingerprint, as a text.
func (v *prints) text(key string, value ast.Node) ast.Node {
	got := value.GetToken()
	switch value.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
	default:
		return value // of a kind that decoding refuses
	}
	if !fingerprint.MatchString(got.Value) {
		if v.err == nil {
			v.err = fmt.Errorf("line %d: %w", got.Position.Line, notPrint(key, got.Value))
		}
		return value
	}
	return ast.String(got)
}

// policyKeys are the keys within the key gate.
var policyKeys = []string{
	"baseline", "only_new", "rules", "waivers", "reviewed", "name", "each", "fail_if", "warn_if", "fingerprint", "code",
	"files", "source", "reason", "until",
}

// hyphens lets keys be written as flags are: only-new for only_new. It changes the keys of a tree.
type hyphens struct{ twice string } // a key that a mapping has in both spellings

// Visit changes the keys of a mapping.
func (h *hyphens) Visit(node ast.Node) ast.Visitor {
	spelt := map[string]string{}
	for _, pair := range pairsOf(node) {
		key, ok := pair.Key.(*ast.StringNode)
		if !ok {
			continue
		}
		name := strings.ReplaceAll(key.Value, "-", "_")
		if first, there := spelt[name]; there && first != key.Value {
			h.twice = name
		}
		spelt[name] = key.Value
		if slices.Contains(policyKeys, name) {
			key.Value = name
		}
	}
	return h
}

var unknownKey = regexp.MustCompile(`unknown field "([^"]*)"`)

// otherKeys are words that people write for a key of a policy, though they look like another one.
var otherKeys = map[string]string{
	"finding": "code", "findings": "code", "type": "code", "image": "files", "images": "files", "path": "files",
	"why": "reason", "because": "reason", "comment": "reason", "note": "reason", "expires": "until", "expiry": "until",
	"end": "until", "date": "until", "id": "fingerprint", "hash": "fingerprint", "fail": "fail_if", "warn": "warn_if",
}

// keyNearest adds to the words about a key that there is not the one that may be meant.
func keyNearest(message string) string {
	of := unknownKey.FindStringSubmatch(message)
	if of == nil {
		return message
	}
	words := "the nearest is " + spelling.Nearest(of[1], policyKeys, 1)[0]
	if meant := otherKeys[of[1]]; meant != "" {
		words = "it is called " + meant
	}
	return unknownKey.ReplaceAllString(message, fmt.Sprintf("there is no key %q, %s", of[1], words))
}

// notFingerprints says what is wrong with gate.reviewed where it is no list of text, which the YAML library tells in
// Go's words.
func notFingerprints(keys map[string]any) error {
	of, ok := keys["gate"].(map[string]any)
	if !ok || of["reviewed"] == nil {
		return nil
	}
	list, ok := of["reviewed"].([]any)
	if !ok {
		return errors.New("reviewed: expected a list of fingerprints, such as [0123456789abcdef01234567]")
	}
	for i, x := range list {
		switch x.(type) {
		case map[string]any, []any:
			return fmt.Errorf("reviewed, entry %d: expected a fingerprint, 24 digits and letters from a to f: "+
				"analyze show DIR --columns fingerprint,message lists them", i+1)
		}
	}
	return nil
}

// checked returns the policy, with the default rules if it has none, or what makes
// it unfit.
func (p Policy) checked() (Policy, error) {
	for i := range p.Waivers {
		if err := p.Waivers[i].check(); err != nil {
			return p, fmt.Errorf("waiver %d: %w", i+1, err)
		}
	}
	for _, print := range p.Reviewed {
		if !fingerprint.MatchString(print) {
			return p, notPrint("reviewed", print)
		}
	}
	if len(p.Rules) == 0 {
		p.Rules = Default().Rules
	}
	return p, nil
}
