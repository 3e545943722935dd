package show

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
	"github.com/parquet-go/parquet-go"

	"focalaudit/internal/spelling"
	"focalaudit/pkg/report"
)

// tableRows are the rows of a table of plain columns.
type tableRows struct {
	columns []string
	zeros   []any // by column: a value of its type
	n       int   // rows

	// renamed returns the name of a column that had another one in an earlier schema, "" if there is
	// none; nil if the table was never written.
	renamed func(name string) string

	// each yields the rows, with all columns, until one is the last that is wanted.
	each func(yield func(row []any) (more bool, err error)) error
}

// newTableRows returns the rows of a Parquet file.
func newTableRows(in *parquet.File) *tableRows {
	t := &tableRows{n: int(in.NumRows()), columns: report.Columns(in)}
	t.renamed = func(name string) string { return report.NewName(in, name) }
	for _, c := range in.Schema().Fields() {
		zero := any("")
		switch c.Type().Kind() {
		case parquet.Boolean:
			zero = false
		case parquet.Int32, parquet.Int64:
			zero = 0
		case parquet.Float, parquet.Double:
			zero = 0.0
		}
		t.zeros = append(t.zeros, zero)
	}
	t.each = func(yield func([]any) (bool, error)) error {
		for _, g := range in.RowGroups() {
			if more, err := eachOf(g, len(t.columns), yield); err != nil || !more {
				return err
			}
		}
		return nil
	}
	return t
}

// eachOf yields the rows of a row group. More is false if no further row is wanted.
func eachOf(g parquet.RowGroup, columns int, yield func([]any) (bool, error)) (more bool, err error) {
	in := g.Rows()
	defer in.Close()
	batch := make([]parquet.Row, 256)
	for {
		n, err := in.ReadRows(batch)
		for _, r := range batch[:n] {
			row := make([]any, columns)
			for _, v := range r {
				row[v.Column()] = plain(v)
			}
			if more, err := yield(row); err != nil || !more {
				return false, err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, report.ErrDamaged
		}
	}
}

// page are the rows that a query found, as far as they are shown.
type page struct {
	query   *Query
	columns []string
	rows    [][]any
	matched int // rows that the condition holds for
	hidden  int // columns that are not shown
	clipped bool
}

// page reads the rows that a query asks for, with the columns that it shows.
func (t *tableRows) page(q Query) (page, error) {
	out := page{query: &q}
	if err := t.known(q.Columns); err != nil { // before a long reading
		return out, err
	}
	var err error
	if out.rows, out.matched, err = t.query(&q); err != nil {
		return out, err
	}
	out.columns = q.chosen(t.columns, out.rows)
	out.hidden = len(t.columns) - len(out.columns)
	return out, t.pick(out.rows, out.columns)
}

// known reports a column that the table does not have.
func (t *tableRows) known(columns []string) error {
	for _, c := range columns {
		if _, err := t.column(c); err != nil {
			return err
		}
	}
	return nil
}

// pick leaves the columns in rows that are to be shown, in this order.
func (t *tableRows) pick(rows [][]any, shown []string) (err error) {
	index := make([]int, len(shown))
	for i, c := range shown {
		if index[i], err = t.column(c); err != nil {
			return err
		}
	}
	for r := range rows {
		row := make([]any, len(index))
		for i, k := range index {
			row[i] = rows[r][k]
		}
		rows[r] = row
	}
	return nil
}

// column returns the index of a column.
func (t *tableRows) column(name string) (int, error) {
	if i := slices.Index(t.columns, name); i >= 0 {
		return i, nil
	}
	if t.renamed != nil {
		if now := t.renamed(name); now != "" {
			return 0, fmt.Errorf("no column %q: reports call it %q since schema %d", name, now, report.Schema)
		}
	}
	return 0, fmt.Errorf("no column %q: the nearest is %s; columns are %s", name,
		spelling.Nearest(name, t.columns, 1)[0], strings.Join(t.columns, ", "))
}

// query reads the rows that are asked for, sorted, with all columns, and counts those that match.
func (t *tableRows) query(q *Query) (rows [][]any, matched int, err error) {
	var order []sortKey
	for _, s := range q.Sort {
		name, falling := strings.CutPrefix(s, "-")
		i, err := t.column(name)
		if err != nil {
			return nil, 0, err
		}
		order = append(order, sortKey{i, falling})
	}
	keep, err := t.filter(q.Where)
	if err != nil {
		return nil, 0, err
	}
	// Rows that are neither sorted nor shown are counted only, and without a condition not even read.
	most := -1
	if len(order) == 0 {
		most = q.Limit
	}
	err = t.each(func(row []any) (bool, error) {
		if q.Where == "" && len(rows) == most {
			return false, nil
		}
		yes, err := keep(row)
		if err != nil || !yes {
			return true, err
		}
		if matched++; most < 0 || len(rows) < most {
			rows = append(rows, row)
		}
		return true, nil
	})
	if err != nil {
		return nil, 0, err
	}
	if q.Where == "" {
		matched = t.n
	}
	slices.SortStableFunc(rows, func(a, b []any) int {
		for _, k := range order {
			if c := k.compare(a, b); c != 0 {
				return c
			}
		}
		return 0
	})
	if q.Limit >= 0 && len(rows) > q.Limit {
		rows = rows[:q.Limit]
	}
	return rows, matched, nil
}

// plain returns a value as Go has it, nil for null.
func plain(v parquet.Value) any {
	if v.IsNull() {
		return nil
	}
	switch v.Kind() {
	case parquet.Boolean:
		return v.Boolean()
	case parquet.Int32:
		return int(v.Int32())
	case parquet.Int64:
		return int(v.Int64())
	case parquet.Float:
		digits := strconv.FormatFloat(float64(v.Float()), 'g', -1, 32) // its own, not those of its double
		f, _ := strconv.ParseFloat(digits, 64)
		return f
	case parquet.Double:
		return v.Double()
	}
	return string(v.ByteArray())
}

// condition reports whether a row is to be kept.
type condition func(row []any) (bool, error)

// filter compiles a condition over rows.
func (t *tableRows) filter(where string) (condition, error) {
	if where == "" {
		return func([]any) (bool, error) { return true, nil }, nil
	}
	env := map[string]any{}
	for i, c := range t.columns {
		env[c] = t.zeros[i]
	}
	env["known"] = func(v any) bool { return v != nil }
	forms := &bounded{}
	options := []expr.Option{
		expr.Env(env), expr.AsBool(), expr.Patch(nullable{t.columns}), expr.Patch(forms),
		expr.MaxNodes(1000), expr.DisableAllBuiltins(),
	}
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	program, err := expr.Compile(where, options...)
	if err == nil && forms.err != nil {
		return nil, fmt.Errorf("where %q: %w", where, forms.err)
	}
	if err != nil {
		return nil, fmt.Errorf("where %q: %s\ncolumns are %s", where, t.mistake(where, err), strings.Join(t.columns, ", "))
	}
	machine := &vm.VM{}
	return func(row []any) (bool, error) {
		for i, c := range t.columns {
			env[c] = row[i]
		}
		out, err := machine.Run(program, env)
		if err != nil {
			return false, fmt.Errorf("where %q: %w", where, err)
		}
		yes, ok := out.(bool)
		if !ok {
			return false, fmt.Errorf("where %q: gives %v, expected true or false", where, out)
		}
		return yes, nil
	}, nil
}

// What people write who know SQL or another language, outside of texts.
var (
	quoted      = regexp.MustCompile(`"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|` + "`[^`]*`")
	assigned    = regexp.MustCompile(`(^|[^=!<>])=([^=]|$)`)
	capitals    = regexp.MustCompile(`\b(AND|OR|NOT|IN|NULL|LIKE|IS|is)\b`)
	unknownName = regexp.MustCompile(`unknown name ([\w.]+)`)
)

// instead are the words of expressions for those of SQL.
var instead = map[string]string{
	"AND": "and", "OR": "or", "NOT": "not", "IN": "in", "NULL": "nil", "LIKE": "contains or matches",
	"IS": "== nil or != nil", "is": "== nil or != nil",
}

// mistake says what is wrong with a condition, and what to write.
func (t *tableRows) mistake(where string, err error) string {
	bare := quoted.ReplaceAllString(where, `""`)
	switch word := capitals.FindString(bare); {
	case assigned.MatchString(bare):
		return "a single = compares nothing: write =="
	case strings.Contains(bare, "<>"):
		return "got <>: write !="
	case word != "" && !slices.Contains(t.columns, word):
		return fmt.Sprintf("got %s: write %s", word, instead[word])
	}
	name := unknownName.FindStringSubmatch(err.Error())
	if name != nil && strings.Contains(bare, name[1]+"(") {
		return fmt.Sprintf("no function %q; functions are %s", name[1], strings.Join(functions, ", "))
	}
	if name != nil {
		return fmt.Sprintf("no column %q: the nearest is %s; texts stand in quotes", name[1],
			spelling.Nearest(name[1], t.columns, 1)[0])
	}
	if told := t.mistyped(where, err.Error()); told != "" {
		return told
	}
	return spelling.Expression(where, err.Error())
}

// mistyped says which column holds texts and is compared with a number, or the other way round; "" if none is.
func (t *tableRows) mistyped(where, message string) string {
	if !strings.Contains(message, "mismatched types") && !strings.Contains(message, "as type") {
		return ""
	}
	for i, c := range t.columns {
		_, isText := t.zeros[i].(string)
		_, isTruth := t.zeros[i].(bool)
		value := number
		if !isText {
			value = `"(` + number + `)"`
		}
		if isTruth || !strings.Contains(where, c) {
			continue
		}
		name := `\b` + regexp.QuoteMeta(c) + `\b`
		for _, form := range []string{name + ` *(?:[=!]=|[<>]=?|in *\[) *` + value, value + ` *(?:[=!]=|[<>]=?) *` + name} {
			found := regexp.MustCompile(form).FindString(where)
			given := strings.Trim(regexp.MustCompile(value).FindString(strings.ReplaceAll(found, c, "")), `"`)
			switch {
			case given == "":
			case isText:
				return fmt.Sprintf("%s holds texts, which stand in quotes: write %[1]s == %[2]q", c, given)
			default:
				return fmt.Sprintf("%s holds numbers, which have no quotes: write %[1]s == %[2]s", c, given)
			}
		}
	}
	return ""
}

// number is how people write one in a condition.
const number = `-?[0-9]+(?:\.[0-9]+)?`

// functions are those of conditions.
var functions = strings.Fields("abs ceil floor round int float len lower upper trim max min")

// bounded refuses what could take a condition long, or much memory: loops, and ranges and
// variables, by which texts and lists grow.
type bounded struct{ err error }

// Visit implements ast.Visitor.
func (b *bounded) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode, *ast.VariableDeclaratorNode, *ast.SequenceNode:
		b.err = errors.New("loops and variables are not available in conditions")
	case *ast.BinaryNode:
		low, isLow := n.Left.(*ast.IntegerNode)
		high, isHigh := n.Right.(*ast.IntegerNode)
		if n.Operator != ".." {
			return
		}
		if !isLow || !isHigh || low.Value < -1<<53 || high.Value > 1<<53 || high.Value-low.Value >= 10_000 {
			b.err = errors.New("a range needs two numbers that are less than 10,000 apart")
		}
	}
}

// comparisons are the operators that nullable guards.
var comparisons = []string{"==", "!=", "<", "<=", ">", ">=", "in", "contains", "startsWith", "endsWith", "matches"}

// nullable makes every comparison with a column that is null false, as in SQL where it
// decides: a < b becomes known(a) && known(b) && a < b. Only == nil and != nil ask for it.
type nullable struct{ columns []string }

// Visit implements ast.Visitor.
func (v nullable) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || !slices.Contains(comparisons, n.Operator) || isNil(n.Left) || isNil(n.Right) {
		return
	}
	var names columnNames
	ast.Walk(node, &names)
	var all ast.Node = n
	for _, name := range slices.Backward(names) {
		if slices.Contains(v.columns, name) {
			column := []ast.Node{&ast.IdentifierNode{Value: name}}
			test := &ast.CallNode{Callee: &ast.IdentifierNode{Value: "known"}, Arguments: column}
			all = &ast.BinaryNode{Operator: "&&", Left: test, Right: all}
		}
	}
	if all != ast.Node(n) {
		ast.Patch(node, all)
	}
}

// isNil reports whether a part of an expression is the word nil.
func isNil(n ast.Node) bool {
	_, is := n.(*ast.NilNode)
	return is
}

// columnNames collects identifiers.
type columnNames []string

// Visit implements ast.Visitor.
func (c *columnNames) Visit(node *ast.Node) {
	if id, ok := (*node).(*ast.IdentifierNode); ok && !slices.Contains(*c, id.Value) {
		*c = append(*c, id.Value)
	}
}

// sortKey is a column by which rows are sorted; nulls come last.
type sortKey struct {
	column  int
	falling bool
}

func (k sortKey) compare(a, b []any) int {
	x, y := a[k.column], b[k.column]
	if x == nil || y == nil {
		return cmp.Compare(nullRank(x), nullRank(y))
	}
	c := 0
	switch x := x.(type) {
	case string:
		c = cmp.Compare(x, y.(string))
	case int:
		c = cmp.Compare(x, y.(int))
	case float64:
		c = cmp.Compare(x, y.(float64))
	case bool:
		c = cmp.Compare(valueText(x), valueText(y))
	}
	if k.falling {
		return -c
	}
	return c
}

func nullRank(x any) int {
	if x == nil {
		return 1
	}
	return 0
}
