package gate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"focalaudit/pkg/text"
)

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
func (r *Rule) said(left *budget, of any, name string) string {
	source, class := partOf(of)
	e := r.evaluation(left, of)
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
			return name + ": " + r.measure(left, of)
		}
		told = append(told, sentence(len(told) == 0, source, class, number, int64(has), int64(had))+known.limits[number])
	}
	if told == nil {
		return name + ": " + r.measure(left, of)
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
