package gate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"focalaudit/pkg/findings"
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
