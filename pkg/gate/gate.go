// Package gate holds the metrics and findings of a run against rules.
//
// A rule is an expression (expr-lang.org) that fails the run where it is true:
// over the metrics of the first source of scores by their own names, those of
// any source as scores.NAME.METRIC or scores["NAME"].METRIC, and count("CODE"),
// the number of findings of a code. Rules are compiled, and so checked for
// unknown names and wrong types, before a run starts. A metric that has
// nothing to divide by is nil: to compare it is an error of the rule and not a
// pass; `(domination.bce ?? 0) > 10` gives it a value.
package gate

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
)

// Rule is a compiled expression.
type Rule struct {
	Text    string
	program *vm.Program
}

// Facts are what rules are held against.
type Facts struct {
	analysis.Metrics                                // of the first source of scores
	Scores           map[string]analysis.Metrics    `expr:"scores"`
	Count            func(code string) (int, error) `expr:"count"`
}

// Compile checks an expression and makes it a rule. Sources are the names of
// the sources of scores that the run will have.
func Compile(text string, sources []string) (Rule, error) {
	names := &nameChecker{sources: sources}
	program, err := expr.Compile(text, expr.Env(Facts{}), expr.AsBool(), expr.Patch(names))
	if err != nil {
		message := strings.ReplaceAll(err.Error(), "type analysis.ByLoss has no field", "this metric has no part")
		return Rule{}, fmt.Errorf("rule %q: %s%s", text, message, hint(message))
	}
	if names.err == nil && names.uses > names.members {
		names.source(nil)
	}
	if names.err != nil {
		return Rule{}, fmt.Errorf("rule %q: %w", text, names.err)
	}
	return Rule{text, program}, nil
}

// ErrUndecided is the error of a rule that is neither true nor false.
var ErrUndecided = errors.New("can't be decided")

// Fails reports whether the rule is true of the facts.
func (r Rule) Fails(f Facts) (bool, error) {
	out, err := expr.Run(r.program, f)
	if err != nil {
		return false, fmt.Errorf("rule %q %w: %w (a metric without a value is nil; `(METRIC ?? 0)` gives it one)", r.Text, ErrUndecided, err)
	}
	return out.(bool), nil
}

// nameChecker looks for the names that stand in strings, which the compiler
// takes as they come.
type nameChecker struct {
	sources []string
	members int // times that scores stands before a dot or bracket
	uses    int // times that it stands at all
	err     error
}

// Visit implements ast.Visitor.
func (c *nameChecker) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		c.identifier(n.Value)
	case *ast.BinaryNode:
		c.division(n)
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok && id.Value == "count" && len(n.Arguments) == 1 {
			c.code(n.Arguments[0])
		}
	case *ast.MemberNode:
		if id, ok := n.Node.(*ast.IdentifierNode); ok && id.Value == "scores" {
			c.members++
			c.source(n.Property)
		}
	}
}

// identifier refuses names by which the checks of the others could be passed by.
func (c *nameChecker) identifier(name string) {
	switch name {
	case "$env", "Metrics":
		c.err = fmt.Errorf("unknown name %s", name)
	case "scores":
		c.uses++
	}
}

// division refuses a divisor that may be 0: the quotient would be NaN or
// infinite, and a comparison with NaN never holds, so that the rule would pass.
func (c *nameChecker) division(n *ast.BinaryNode) {
	if n.Operator != "/" && n.Operator != "%" {
		return
	}
	switch d := n.Right.(type) {
	case *ast.IntegerNode:
		if d.Value != 0 {
			return
		}
	case *ast.FloatNode:
		if d.Value != 0 {
			return
		}
	}
	c.err = fmt.Errorf("a divisor that may be 0; multiply the other side instead, as in `count(\"box-empty\") > 0.01 * positives`")
}

func (c *nameChecker) code(arg ast.Node) {
	code, ok := arg.(*ast.StringNode)
	if !ok {
		c.err = fmt.Errorf("count takes a code in quotes")
		return
	}
	if _, known := findings.Lookup(code.Value); !known {
		c.err = fmt.Errorf("no finding has the code %q; the nearest are %s", code.Value, strings.Join(findings.Nearest(code.Value, 3), ", "))
	}
}

func (c *nameChecker) source(property ast.Node) {
	name, ok := property.(*ast.StringNode)
	if !ok || !slices.Contains(c.sources, name.Value) {
		c.err = fmt.Errorf("scores takes the name of a source: %s", strings.Join(c.sources, ", "))
	}
}

var unknownName = regexp.MustCompile(`unknown name|has no field|has no part`)

// hint lists the metrics where the compiler says that a name is unknown.
func hint(message string) string {
	if !unknownName.MatchString(message) {
		return ""
	}
	return "\nmetrics are " + strings.Join(MetricNames(), ", ") + `; and scores.NAME.METRIC, count("CODE")`
}

// MetricNames returns the names of all metrics, as expressions have them.
func MetricNames() []string { return namesOf(reflect.TypeFor[analysis.Metrics](), "") }

func namesOf(t reflect.Type, prefix string) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name := prefix + f.Tag.Get("expr")
		if f.Type.Kind() == reflect.Struct {
			names = append(names, namesOf(f.Type, name+".")...)
		} else {
			names = append(names, name)
		}
	}
	return names
}

// FactsOf returns the facts of a run.
func FactsOf(r *analysis.Result) Facts {
	f := Facts{Metrics: r.Metrics[0], Scores: map[string]analysis.Metrics{}}
	for i, s := range r.Config.Scores {
		f.Scores[s.Name] = r.Metrics[i]
	}
	counts := r.Counts()
	f.Count = func(code string) (int, error) {
		if _, known := findings.Lookup(code); !known {
			return 0, fmt.Errorf("no finding has the code %q", code)
		}
		return counts[code], nil
	}
	return f
}
