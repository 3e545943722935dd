package gate

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// comparisons are the operators whose sides a rule's outcome tells.
var comparisons = []string{"<", "<=", ">", ">=", "==", "!="}

// maxMeasured is how many comparisons of a rule an outcome tells.
const maxMeasured = 4

// measure says what the comparisons of a rule compare: "errors = 3, limit 0".
func (e *evaluation) measure(rule ast.Node) string {
	var parts []string
	var visit func(node ast.Node)
	visit = func(node ast.Node) {
		switch n := node.(type) {
		case *ast.UnaryNode:
			visit(n.Node)
		case *ast.BinaryNode:
			switch {
			case slices.Contains(comparisons, n.Operator):
				if part := e.sides(n); part != "" && !slices.Contains(parts, part) {
					parts = append(parts, part)
				}
			case slices.Contains([]string{"and", "&&", "or", "||"}, n.Operator):
				visit(n.Left)
				visit(n.Right)
			}
		}
	}
	visit(rule)
	if len(parts) > maxMeasured {
		parts = append(parts[:maxMeasured], "…")
	}
	return strings.Join(parts, "; ")
}

// sides says what a comparison compares, "" if one of its sides has no value.
func (e *evaluation) sides(n *ast.BinaryNode) string {
	left, err := e.of(n.Left)
	right, err2 := e.of(n.Right)
	if err != nil || err2 != nil {
		return ""
	}
	switch {
	case constant(n.Left) && constant(n.Right):
		return ""
	case constant(n.Right):
		return fmt.Sprintf("%s = %s, limit %s", n.Left, written(left), written(right))
	case constant(n.Left):
		return fmt.Sprintf("%s = %s, limit %s", n.Right, written(right), written(left))
	}
	return fmt.Sprintf("%s = %s, limit %s = %s", n.Left, written(left), n.Right, written(right))
}

// partOf returns the source and the class that facts are about, "" where they are about all.
func partOf(facts any) (source, class string) {
	switch f := facts.(type) {
	case SourceFacts:
		return f.Name, ""
	case ClassFacts:
		return "", f.Name
	case SourceClassFacts:
		return f.SourceClass.Source, f.SourceClass.Class
	}
	return "", ""
}

// nouns are the numbers of parts as people call them: one of each, and what follows the noun.
var nouns = map[string][2]string{
	"annotations": {"annotation"}, "objects": {"object"}, "images": {"image"}, "small": {"small object"},
	"medium": {"medium object"}, "large": {"large object"}, "positives": {"positive anchor"},
	"objects_without_positive": {"object", " without a positive anchor"},
	"objects_rescued":          {"object", " with fallback anchors only"},
}

// said says in a sentence what a part has, and what it had in the baseline, of the numbers that the rule compares with
// the baseline's: chair has no object in val.json any more, 11 in the baseline. Other comparisons stand as measure says
// them.
func (r *Rule) said(of any, name string) string {
	source, class := partOf(of)
	e := &evaluation{facts: reflect.ValueOf(of), patterns: r.patterns}
	known := &compared{e: e, was: map[string]bool{}}
	var rest, told []string
	tree := r.tree
	ast.Walk(&tree, known)
	for _, number := range known.numbers {
		now, err := e.name(number)
		before, err2 := e.call(&ast.CallNode{
			Callee: &ast.IdentifierNode{Value: "was"}, Arguments: []ast.Node{&ast.StringNode{Value: number}},
		})
		has, isNumber := now.(float64)
		had, wasNumber := before.(float64)
		if err != nil || err2 != nil || !isNumber || !wasNumber {
			return name + ": " + r.measure(of)
		}
		told = append(told, sentence(len(told) == 0, source, class, number, int64(has), int64(had))+known.limits[number])
	}
	if told == nil {
		return name + ": " + r.measure(of)
	}
	for _, n := range known.others {
		if part := e.sides(n); part != "" && !slices.Contains(rest, part) {
			rest = append(rest, part)
		}
	}
	return strings.Join(append(told, rest[:min(len(rest), maxMeasured)]...), "; ")
}

// sentence says how many of something a part has and had. Only the first sentence names the part.
func sentence(first bool, source, class, number string, has, had int64) string {
	noun := nouns[number]
	what := "no " + noun[0]
	if has > 0 {
		what = text.Plural(int(has), noun[0])
	}
	what += noun[1]
	if first {
		what = cmp.Or(class, source) + " has " + what
		if source != "" && class != "" {
			what += " in " + source
		}
	}
	if has == 0 && had > 0 {
		what += " any more"
	}
	return what + ", " + text.Group(had) + " in the baseline"
}

// compared collects the comparisons of numbers of a part with those that it had, and the others.
type compared struct {
	e       *evaluation
	was     map[string]bool
	numbers []string          // that the rule asks the baseline for, in their order
	limits  map[string]string // by number: ", limit 4.5"
	others  []*ast.BinaryNode
}

// Visit implements ast.Visitor. Nodes come after their parts.
func (c *compared) Visit(node *ast.Node) {
	if number := wasNumber(*node); number != "" && !c.was[number] {
		c.was[number] = true
		c.numbers = append(c.numbers, number)
	}
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || !slices.Contains(comparisons, n.Operator) {
		return
	}
	for _, sides := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
		number := wasNumber(sides[0])
		if id, isName := sides[0].(*ast.IdentifierNode); isName {
			number = id.Value
		}
		names := &numberNames{}
		other := sides[1]
		ast.Walk(&other, names)
		another := func(s string) bool { return s != number }
		if _, known := nouns[number]; !known || names.others || slices.ContainsFunc(names.of, another) {
			continue
		}
		limit, err := c.e.of(other)
		if err != nil || len(names.of) == 0 || wasNumber(other) != "" {
			return // the numbers themselves say it
		}
		if c.limits == nil {
			c.limits = map[string]string{}
		}
		c.limits[number] = ", limit " + written(limit)
		return
	}
	c.others = append(c.others, n)
}

// wasNumber returns the number of the baseline that a node asks for, "" if it is no such node.
func wasNumber(node ast.Node) string {
	call, ok := node.(*ast.CallNode)
	if !ok || len(call.Arguments) != 1 {
		return ""
	}
	name, isName := call.Callee.(*ast.IdentifierNode)
	number, isText := call.Arguments[0].(*ast.StringNode)
	if !isName || !isText || name.Value != "was" {
		return ""
	}
	return number.Value
}

// numberNames collects the numbers that an expression has, of now and of the baseline.
type numberNames struct {
	of     []string
	others bool // it calls something else
}

// Visit implements ast.Visitor.
func (c *numberNames) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value != "was" {
			c.of = append(c.of, n.Value)
		}
	case *ast.CallNode:
		number := wasNumber(n)
		c.of = append(c.of, number)
		c.others = c.others || number == ""
	}
}

// constant reports whether a part of a rule is a value as it stands.
func constant(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.BoolNode, *ast.NilNode:
		return true
	case *ast.UnaryNode:
		return constant(n.Node)
	}
	return false
}

// written writes a value with six significant digits: a limit may be near.
func written(v any) string {
	x, ok := v.(float64)
	switch {
	case !ok:
		return describe(v)
	case x == math.Trunc(x) && math.Abs(x) < exactInt:
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}

// counted are the findings that a rule counts: by severity, and by code.
type counted struct {
	severities []findings.Severity
	sorts      []sort
	codes      []string
	was        bool // it asks for numbers of the baseline
}

// ofLabels reports whether the rule counts what a detector says against labels, by name.
func (c *counted) ofLabels() bool {
	return slices.ContainsFunc(c.sorts, func(s sort) bool { return s.family == findings.Label }) ||
		slices.ContainsFunc(c.codes, func(code string) bool {
			e, known := findings.Lookup(code)
			return known && e.Family == findings.Label
		})
}

// Visit implements ast.Visitor.
func (c *counted) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		s, ok := map[string]findings.Severity{
			"errors": findings.Error, "warnings": findings.Warning, "infos": findings.Info,
		}[n.Value]
		if ok {
			c.severities = append(c.severities, s)
		}
		if s, ok := sortNames[n.Value]; ok {
			c.sorts = append(c.sorts, s)
		}
	case *ast.CallNode:
		name, isName := n.Callee.(*ast.IdentifierNode)
		c.was = c.was || isName && (name.Value == "was" || name.Value == "was_count")
		if !isName || !slices.Contains([]string{"count", "cases", "rate"}, name.Value) || len(n.Arguments) != 1 {
			return
		}
		if code, isText := n.Arguments[0].(*ast.StringNode); isText {
			c.codes = append(c.codes, code.Value)
		}
	}
}

// sortNames are the sorts of findings that have a name in rules.
var sortNames = map[string]sort{
	"data_errors": {findings.Data, findings.Error}, "data_warnings": {findings.Data, findings.Warning},
	"trainer_errors": {findings.Trainer, findings.Error}, "trainer_warnings": {findings.Trainer, findings.Warning},
	"label_errors": {findings.Label, findings.Error}, "label_warnings": {findings.Label, findings.Warning},
}

// has reports whether the rule counts a finding, if anything does.
func (c *counted) has(f *Finding) bool {
	return slices.Contains(c.severities, f.Severity()) ||
		slices.Contains(c.sorts, sortOf(f)) || slices.Contains(c.codes, f.Code)
}
