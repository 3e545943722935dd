package gate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// The bounds of one rule. A rule has no loop and builds no text, so its evaluation takes
// no more steps than it has parts, and no more memory: these bounds are all that it needs.
const (
	maxRuleText  = 4 << 10 // bytes
	maxRuleParts = 1000    // nodes of the syntax tree
)

// maxSteps bounds what all rules of a policy take, over all classes and sources, to some seconds: the nodes that are
// evaluated, and apart from them the texts, so that a text never costs a comparison of numbers its verdict. A step is a
// node, 64 bytes of a text that is searched, or 16 bytes for an instruction of a pattern. To make what a rule may name
// of a class or source takes as long as partSteps. There are stepsPerPart more for each class, source, or class of a
// source: a rule that compares two numbers takes some 20, so that forty such rules are judged of however many.
const (
	maxSteps      = 20_000_000
	stepsPerPart  = 1000
	searchedBytes = 64
	matchedBytes  = 16
	partSteps     = 10
)

// maxPatternSize bounds the instructions of all patterns of a rule, maxPatternSizes those of a policy: they are known
// before a pattern is compiled. To compile one takes 0.5 µs, three times, and 80 bytes: 0.3 s for a policy.
const (
	maxPatternSize  = 10_000
	maxPatternSizes = 200_000
)

var (
	errSteps = errors.New("the rules take more than 20 million steps, and 1,000 for each class and source: expected " +
		"fewer rules over each of them")
	errTexts = errors.New("the rules take more than 20 million steps to search texts, over all classes and sources: " +
		"expected simpler patterns, or fewer rules with texts")
	errPatterns = fmt.Errorf("its patterns have more than %d instructions: expected simpler ones, without large "+
		"repetitions", maxPatternSize)
)

// toldOf is of how many rules at least that are true all findings are looked at, to tell of those that the rules count;
// one takes findingSteps.
const (
	toldOf       = 20
	findingSteps = 4
)

// budget is what rules may still take.
type budget struct {
	steps, texts int64
}

// ends are the first and the last instruction of every pattern.
const ends = 2

// sizeOf returns at least as many instructions as a pattern is compiled to.
func sizeOf(re *syntax.Regexp) int {
	n := 1
	for _, sub := range re.Sub {
		n += sizeOf(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		n += len(re.Rune)
	case syntax.OpCapture, syntax.OpStar, syntax.OpAlternate:
		n += 1 + len(re.Sub)
	case syntax.OpRepeat:
		n *= max(1, re.Min, re.Max) + 1 // each of the optional ones has one more
		if re.Max > re.Min {
			n += re.Max - re.Min
		}
	}
	return n
}

// sized collects the instructions of the patterns of an expression, before anybody compiles it.
type sized int

// Visit implements ast.Visitor.
func (c *sized) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || n.Operator != "matches" {
		return
	}
	if text, ok := n.Right.(*ast.StringNode); ok {
		if re, err := syntax.Parse(text.Value, syntax.Perl); err == nil { // the compiler tells the error
			*c += sized(sizeOf(re) + ends)
		}
	}
}

// sizeOfPatterns returns at least as many instructions as the patterns of an expression have.
func sizeOfPatterns(text string) int {
	tree, err := parser.Parse(text)
	if err != nil { // the compiler tells it, before it compiles any pattern
		return 0
	}
	var c sized
	ast.Walk(&tree.Node, &c)
	return int(c)
}

// pattern is a compiled pattern with the number of its instructions.
type pattern struct {
	*regexp.Regexp
	size int
}

// exactInt is 2^53: beyond it, float64 leaves out whole numbers, so that a comparison could
// come out either way.
const exactInt = 1 << 53

// ruleFunctions are the built-in functions that rules may call. None of them repeats an
// expression, makes a text longer, or depends on more than its arguments.
var ruleFunctions = map[string]func(args []any) (any, error){
	"abs":    ofNumber(math.Abs),
	"ceil":   ofNumber(math.Ceil),
	"floor":  ofNumber(math.Floor),
	"round":  ofNumber(math.Round),
	"int":    ofNumber(math.Trunc),
	"max":    ofNumbers(slices.Max[[]float64]),
	"min":    ofNumbers(slices.Min[[]float64]),
	"sum":    ofNumbers(sum),
	"mean":   ofNumbers(func(xs []float64) float64 { return sum(xs) / float64(len(xs)) }),
	"median": ofNumbers(median),
	"len":    length,
	"lower":  ofText(strings.ToLower),
	"upper":  ofText(strings.ToUpper),
}

// reportFunctions are the functions that a rule may ask of a report.
var reportFunctions = map[string]bool{
	"count": true, "cases": true, "rate": true, "drift": true, "was": true, "was_count": true,
}

// formChecker refuses the forms of an expression that a rule may not have, and compiles
// its patterns.
type formChecker struct {
	patterns map[ast.Node]pattern
	ranges   int // that stand anywhere
	members  int // times that a range stands behind in
	names    int // times that a function is named
	calls    int // times that one is called by its name
	err      error
}

// check reports what a rule may not have.
func (c *formChecker) check(tree ast.Node) error {
	ast.Walk(&tree, c)
	if c.err == nil && c.ranges > c.members {
		return errors.New("a range may only stand behind in, as in `errors in 1..3`")
	}
	if c.err == nil && c.names > c.calls { // what a rule counts is read off its calls
		return errors.New("a function can only be called: expected brackets behind its name, as in `count(\"missing\")`")
	}
	return c.err
}

// Visit implements ast.Visitor.
func (c *formChecker) Visit(node *ast.Node) {
	if c.err != nil {
		return
	}
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if reportFunctions[n.Value] {
			c.names++
		}
	case *ast.NilNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode,
		*ast.UnaryNode, *ast.ChainNode, *ast.ConditionalNode, *ast.VariableDeclaratorNode, *ast.ArrayNode:
	case *ast.IntegerNode:
		if n.Value >= exactInt || n.Value <= -exactInt {
			c.err = fmt.Errorf("%d: expected a number between -2^53 and 2^53", n.Value)
		}
	case *ast.MemberNode:
		if _, name := n.Property.(*ast.StringNode); !name || n.Method {
			c.err = errors.New("expected a name after the dot or in the brackets: rules index no lists")
		}
	case *ast.CallNode:
		name, ok := n.Callee.(*ast.IdentifierNode)
		if !ok || !reportFunctions[name.Value] || len(n.Arguments) != 1 {
			c.err = errors.New("expected count, cases, rate, drift, was or was_count with one argument")
			return
		}
		c.calls++
	case *ast.BuiltinNode:
		if _, ok := ruleFunctions[n.Name]; !ok {
			c.err = fmt.Errorf("the function %s is not available in rules; available are %s", n.Name,
				strings.Join(functionNames(), ", "))
		}
	case *ast.BinaryNode:
		c.binary(n)
	default:
		c.err = errors.New("this form is not available in rules, which have no loops, mappings or slices")
	}
}

// binary checks where a pattern or a range stands.
func (c *formChecker) binary(n *ast.BinaryNode) {
	if n.Operator == ".." {
		c.ranges++
	}
	if r, ok := n.Right.(*ast.BinaryNode); ok && r.Operator == ".." && n.Operator == "in" {
		c.members++
	}
	if n.Operator != "matches" {
		return
	}
	text, ok := n.Right.(*ast.StringNode)
	if !ok {
		c.err = errors.New("matches takes a pattern in quotes")
		return
	}
	compiled, err := regexp.Compile(text.Value) // the compiler of expressions has seen an error
	if err != nil {
		c.err = err
		return
	}
	parsed, err := syntax.Parse(text.Value, syntax.Perl)
	if err != nil {
		c.err = err
		return
	}
	c.patterns[n] = pattern{compiled, sizeOf(parsed) + ends}
}

func functionNames() []string {
	names := slices.Collect(maps.Keys(reportFunctions))
	for name := range ruleFunctions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// evaluation is one evaluation of a rule over facts of its scope. Numbers are float64,
// whatever they are elsewhere; texts, booleans and nil are themselves, and arrays are
// []any. No operation gives a number that is NaN, infinite, or too large to be exact:
// that is an error, and so is a metric with such a value.
type evaluation struct {
	facts    reflect.Value
	left     *budget
	patterns map[ast.Node]pattern
	vars     []variable
}

type variable struct {
	name  string
	value any
}

// take takes some steps.
func (e *evaluation) take(steps int) error {
	if e.left.steps -= int64(steps); e.left.steps < 0 {
		return errSteps
	}
	return nil
}

// takeText takes some steps that a text costs.
func (e *evaluation) takeText(steps int) error {
	if e.left.texts -= int64(steps); e.left.texts < 0 {
		return errTexts
	}
	return nil
}

// of evaluates a node.
func (e *evaluation) of(node ast.Node) (any, error) {
	if err := e.take(1); err != nil {
		return nil, err
	}
	switch n := node.(type) {
	case *ast.NilNode:
		return nil, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.IntegerNode:
		return float64(n.Value), nil
	case *ast.FloatNode:
		return exact(n.Value)
	case *ast.IdentifierNode:
		return e.name(n.Value)
	case *ast.ChainNode:
		return e.of(n.Node)
	case *ast.MemberNode:
		return e.member(n)
	case *ast.CallNode:
		return e.call(n)
	case *ast.BuiltinNode:
		return e.builtin(n)
	case *ast.ArrayNode:
		return e.all(n.Nodes)
	case *ast.UnaryNode:
		return e.unary(n)
	case *ast.BinaryNode:
		return e.binary(n)
	case *ast.ConditionalNode:
		yes, err := e.truth(n.Cond)
		if err != nil {
			return nil, err
		}
		if yes {
			return e.of(n.Exp1)
		}
		return e.of(n.Exp2)
	case *ast.VariableDeclaratorNode:
		value, err := e.of(n.Value)
		if err != nil {
			return nil, err
		}
		e.vars = append(e.vars, variable{n.Name, value})
		out, err := e.of(n.Expr)
		e.vars = e.vars[:len(e.vars)-1]
		return out, err
	}
	return nil, fmt.Errorf("%T is not available in rules", node)
}

func (e *evaluation) all(nodes []ast.Node) ([]any, error) {
	values := make([]any, len(nodes))
	for i, n := range nodes {
		var err error
		if values[i], err = e.of(n); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// truth evaluates a node that is true or false.
func (e *evaluation) truth(node ast.Node) (bool, error) {
	v, err := e.of(node)
	if err != nil {
		return false, err
	}
	yes, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("got %s, expected true or false", describe(v))
	}
	return yes, nil
}

// name returns a variable's value, the latest of its name, or a fact.
func (e *evaluation) name(name string) (any, error) {
	for _, v := range slices.Backward(e.vars) {
		if v.name == name {
			return v.value, nil
		}
	}
	return member(e.facts, name)
}

func (e *evaluation) member(n *ast.MemberNode) (any, error) {
	of, err := e.of(n.Node)
	if err != nil {
		return nil, err
	}
	if of == nil && n.Optional {
		return nil, nil
	}
	v, ok := of.(reflect.Value)
	if !ok {
		return nil, fmt.Errorf("%s has no parts", describe(of))
	}
	return member(v, n.Property.(*ast.StringNode).Value)
}

// member returns a field by its name in expressions, or what a mapping has under a key.
func member(v reflect.Value, name string) (any, error) {
	if v.Kind() == reflect.Map {
		at := v.MapIndex(reflect.ValueOf(name))
		if !at.IsValid() {
			return nil, fmt.Errorf("there is no %q", name)
		}
		return plain(at)
	}
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Tag.Get("expr") == name {
				return plain(v.Field(i))
			}
			if f.Anonymous {
				if out, err := member(v.Field(i), name); err == nil || !errors.Is(err, errNoMember) {
					return out, err
				}
			}
		}
	}
	return nil, fmt.Errorf("%w %q", errNoMember, name)
}

var errNoMember = errors.New("there is no")

// plain returns a fact as expressions have it.
func plain(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return plain(v.Elem())
	case reflect.Int, reflect.Int32, reflect.Int64:
		return exact(float64(v.Int()))
	case reflect.Float64:
		return exact(v.Float())
	case reflect.String:
		return v.String(), nil
	case reflect.Bool:
		return v.Bool(), nil
	}
	return v, nil
}

// call calls one of reportFunctions.
func (e *evaluation) call(n *ast.CallNode) (any, error) {
	f, err := e.name(n.Callee.(*ast.IdentifierNode).Value)
	if err != nil {
		return nil, err
	}
	arg, err := e.of(n.Arguments[0])
	if err != nil {
		return nil, err
	}
	v, isFacts := f.(reflect.Value)
	text, isText := arg.(string)
	if !isFacts || !isText || v.Kind() != reflect.Func {
		return nil, errors.New("expected count, cases, rate, drift, was or was_count of a name in quotes")
	}
	out := v.Call([]reflect.Value{reflect.ValueOf(text)})
	if err, failed := out[1].Interface().(error); failed {
		return nil, err
	}
	return plain(out[0])
}

func (e *evaluation) builtin(n *ast.BuiltinNode) (any, error) {
	args, err := e.all(n.Arguments)
	if err != nil {
		return nil, err
	}
	for _, arg := range args {
		if text, is := arg.(string); is {
			if err := e.takeText(len(text) / searchedBytes); err != nil {
				return nil, err
			}
		}
	}
	out, err := ruleFunctions[n.Name](args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Name, err)
	}
	return out, nil
}

func (e *evaluation) unary(n *ast.UnaryNode) (any, error) {
	if n.Operator == "!" || n.Operator == "not" {
		yes, err := e.truth(n.Node)
		return !yes, err
	}
	v, err := e.of(n.Node)
	if err != nil {
		return nil, err
	}
	x, ok := v.(float64)
	switch {
	case !ok:
		return nil, fmt.Errorf("got %s, expected a number behind %s", describe(v), n.Operator)
	case n.Operator == "-":
		return -x, nil
	}
	return x, nil
}

func (e *evaluation) binary(n *ast.BinaryNode) (any, error) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		yes, err := e.truth(n.Left)
		if err != nil || yes == (n.Operator == "or" || n.Operator == "||") {
			return yes, err
		}
		return e.truth(n.Right)
	case "??":
		v, err := e.of(n.Left)
		if err != nil || v != nil {
			return v, err
		}
		return e.of(n.Right)
	}
	a, err := e.of(n.Left)
	if err != nil {
		return nil, err
	}
	if n.Operator == "in" {
		return e.in(a, n.Right)
	}
	b, err := e.of(n.Right)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case "==":
		return equal(a, b)
	case "!=":
		same, err := equal(a, b)
		return !same, err
	case "<", "<=", ">", ">=":
		return compare(n.Operator, a, b)
	case "contains", "startsWith", "endsWith", "matches":
		return e.text(n, a, b)
	}
	return arithmetic(n.Operator, a, b)
}

// in reports whether a stands in an array or a range, which is never written out.
func (e *evaluation) in(a any, right ast.Node) (bool, error) {
	if r, ok := right.(*ast.BinaryNode); ok && r.Operator == ".." {
		ends, err := e.all([]ast.Node{r.Left, r.Right})
		if err != nil {
			return false, err
		}
		x, ok := a.(float64)
		low, okLow := ends[0].(float64)
		high, okHigh := ends[1].(float64)
		if !ok || !okLow || !okHigh {
			return false, fmt.Errorf("%s in %s..%s: expected numbers", describe(a), describe(ends[0]), describe(ends[1]))
		}
		return x == math.Trunc(x) && x >= low && x <= high, nil
	}
	b, err := e.of(right)
	if err != nil {
		return false, err
	}
	list, ok := b.([]any)
	if !ok {
		return false, fmt.Errorf("got %s, expected a list or a range behind in", describe(b))
	}
	for _, x := range list {
		if same, err := equal(a, x); err != nil || same {
			return same, err
		}
	}
	return false, nil
}

// text applies an operator of two texts.
func (e *evaluation) text(n *ast.BinaryNode, a, b any) (bool, error) {
	x, ok := a.(string)
	y, ok2 := b.(string)
	if !ok || !ok2 {
		return false, fmt.Errorf("%s %s %s: expected texts", describe(a), n.Operator, describe(b))
	}
	steps := len(x) / searchedBytes
	if n.Operator == "matches" {
		steps = len(x) * e.patterns[n].size / matchedBytes
	}
	if err := e.takeText(steps); err != nil {
		return false, err
	}
	switch n.Operator {
	case "contains":
		return strings.Contains(x, y), nil
	case "startsWith":
		return strings.HasPrefix(x, y), nil
	case "endsWith":
		return strings.HasSuffix(x, y), nil
	}
	return e.patterns[n].MatchString(x), nil
}

// equal compares plain values. Values of two kinds differ.
func equal(a, b any) (bool, error) {
	for _, v := range []any{a, b} {
		switch v.(type) {
		case nil, bool, string, float64:
		default:
			return false, fmt.Errorf("%s: expected a number, a text, true, false or nil", describe(v))
		}
	}
	return a == b, nil
}

// compare orders two numbers or two texts.
func compare(operator string, a, b any) (bool, error) {
	var c int
	switch x := a.(type) {
	case float64:
		y, ok := b.(float64)
		if !ok {
			return false, fmt.Errorf("%s %s %s: expected two numbers", describe(a), operator, describe(b))
		}
		c = cmp.Compare(x, y)
	case string:
		y, ok := b.(string)
		if !ok {
			return false, fmt.Errorf("%s %s %s: expected two texts", describe(a), operator, describe(b))
		}
		c = strings.Compare(x, y)
	default:
		return false, fmt.Errorf("%s %s %s: expected two numbers", describe(a), operator, describe(b))
	}
	switch operator {
	case "<":
		return c < 0, nil
	case "<=":
		return c <= 0, nil
	case ">":
		return c > 0, nil
	}
	return c >= 0, nil
}

// arithmetic computes with two numbers.
func arithmetic(operator string, a, b any) (any, error) {
	x, ok := a.(float64)
	y, ok2 := b.(float64)
	if !ok || !ok2 {
		return nil, fmt.Errorf("%s %s %s: expected two numbers", describe(a), operator, describe(b))
	}
	var out float64
	vanishes := false // a result of 0 that isn't 0, but too small for a float64
	switch operator {
	case "+":
		out = x + y
	case "-":
		out = x - y
	case "*":
		out = x * y
		vanishes = x != 0 && y != 0
	case "/":
		out = x / y
		vanishes = x != 0
	case "%":
		out = math.Mod(x, y)
	case "**", "^":
		out = math.Pow(x, y)
		vanishes = x != 0
	default:
		return nil, fmt.Errorf("the operator %s is not available in rules", operator)
	}
	if _, err := exact(out); err != nil || vanishes && out == 0 {
		return nil, fmt.Errorf("%v %s %v is no number that can be compared exactly: "+
			"expected one between -2^53 and 2^53", x, operator, y)
	}
	return out, nil
}

// exact returns a number that may decide a rule.
func exact(x float64) (any, error) {
	if !(math.Abs(x) < exactInt) { // NaN too
		return nil, fmt.Errorf("got the number %v: expected one between -2^53 and 2^53", x)
	}
	return x, nil
}

// describe names a value for messages.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case string:
		return fmt.Sprintf("the text %.40q", v)
	case bool, float64:
		return fmt.Sprint(v)
	case []any:
		return "a list"
	}
	return "a group of metrics"
}
