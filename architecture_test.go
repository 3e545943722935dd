package focalaudit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// allowed lists what each package may import beside the standard library. What
// is not listed is not allowed: ARCHITECTURE.md tells why.
var allowed = map[string][]string{
	"pkg/geom":     {},
	"pkg/par":      {},
	"pkg/picture":  {"pkg/geom", "pkg/par", "golang.org/x/image"},
	"pkg/text":     {},
	"pkg/files":    {"pkg/par", "golang.org/x/sys"},
	"pkg/loss":     {"internal/pack"},
	"pkg/scores":   {"pkg/files", "pkg/loss"},
	"pkg/anchors":  {"pkg/geom", "github.com/goccy/go-yaml"},
	"pkg/trainer":  {"internal/smallyaml", "internal/spelling", "pkg/files", "pkg/anchors", "pkg/dataset", "pkg/geom", "pkg/iou", "pkg/text", "github.com/goccy/go-yaml"},
	"pkg/iou":      {"internal/anchorindex", "pkg/geom"},
	"pkg/findings": {"internal/pack", "internal/spelling", "pkg/geom"},
	"pkg/boost":    {},
	"pkg/ranking":  {},
	"pkg/labels":   {"pkg/boost", "pkg/geom", "pkg/inject", "pkg/iou", "pkg/par"},
	"pkg/inject":   {"pkg/geom", "pkg/iou"},
	"pkg/naming":   {"pkg/dataset", "golang.org/x/text"},
	"pkg/convention": {"pkg/convention/changes", "pkg/convention/classes", "pkg/convention/names", "pkg/convention/reading", "pkg/convention/sample", "pkg/convention/say", "pkg/convention/series",
		"pkg/dataset", "pkg/findings", "pkg/geom", "pkg/iou", "pkg/naming", "pkg/text"},
	"pkg/convention/results": {"pkg/convention/names", "pkg/convention/reading", "pkg/convention/sample", "pkg/convention/say", "pkg/dataset", "pkg/findings", "pkg/geom", "pkg/iou", "pkg/naming", "pkg/text"},
	"pkg/convention/between": {"internal/pack", "pkg/convention/names", "pkg/convention/sample", "pkg/convention/say", "pkg/dataset", "pkg/findings", "pkg/geom", "pkg/naming", "pkg/text"},
	"pkg/convention/series":  {"pkg/convention/names", "pkg/convention/reading", "pkg/convention/sample", "pkg/convention/say", "pkg/dataset", "pkg/findings", "pkg/geom", "pkg/iou", "pkg/naming", "pkg/text"},
	"pkg/convention/changes": {"pkg/convention/sample", "pkg/convention/say", "pkg/dataset", "pkg/findings", "pkg/geom", "pkg/iou", "pkg/text"},
	"pkg/convention/classes": {"pkg/convention/names", "pkg/convention/sample", "pkg/convention/say", "pkg/dataset", "pkg/findings", "pkg/text"},
	"pkg/convention/names":   {"pkg/convention/sample", "pkg/dataset", "pkg/naming"},
	"pkg/convention/reading": {"pkg/geom", "pkg/text"},
	"pkg/convention/sample":  {"pkg/dataset", "pkg/geom"},
	"pkg/convention/say":     {"pkg/dataset", "pkg/findings", "pkg/geom", "pkg/text"},
	"pkg/dataset":            {"internal/pack", "pkg/geom", "pkg/par"},
	"pkg/distribution":       {"internal/pack", "pkg/dataset", "pkg/geom", "pkg/iou", "pkg/par"},
	"pkg/find":               {"github.com/bmatcuk/doublestar"},
	"pkg/foreign":            {"pkg/files"},
	"pkg/coco":               {"pkg/files", "internal/jsonscan", "pkg/dataset", "pkg/find", "pkg/foreign", "pkg/geom", "pkg/naming", "pkg/par", "github.com/klauspost/compress"},
	"pkg/calibration":        {"pkg/files", "pkg/geom", "pkg/inject", "pkg/iou", "pkg/labels", "pkg/ranking"},
	"pkg/ledger":             {"internal/pack", "pkg/geom", "pkg/loss", "pkg/scores"},
	"pkg/belief":             {"internal/anchorindex", "pkg/dataset", "pkg/geom", "pkg/iou", "pkg/ledger", "pkg/loss", "pkg/scores", "pkg/trainer"},
	"pkg/pass":               {"internal/pack", "pkg/anchors", "pkg/belief", "pkg/dataset", "pkg/findings", "pkg/geom", "pkg/iou", "pkg/ledger", "pkg/loss", "pkg/scores", "pkg/text", "pkg/trainer"},
	"pkg/audit":              {"pkg/belief", "pkg/calibration", "pkg/dataset", "pkg/findings", "pkg/geom", "pkg/labels", "pkg/ledger", "pkg/loss", "pkg/par", "pkg/pass", "pkg/text"},
	"pkg/answer":             {"pkg/analysis", "pkg/audit", "pkg/dataset", "pkg/findings", "pkg/fit", "pkg/iou", "pkg/labels", "pkg/text", "pkg/trainer"},
	"pkg/analysis": {"internal/pack", "pkg/anchors", "pkg/audit", "pkg/belief", "pkg/calibration", "pkg/dataset", "pkg/findings", "pkg/iou", "pkg/ledger", "pkg/loss", "pkg/par", "pkg/pass",
		"pkg/convention", "pkg/convention/between", "pkg/convention/results", "pkg/distribution", "pkg/geom", "pkg/labels", "pkg/scores", "pkg/text", "pkg/trainer"},
	"pkg/gate": {"internal/smallyaml", "internal/spelling", "pkg/analysis", "pkg/distribution", "pkg/findings", "pkg/geom", "pkg/iou", "pkg/text", "github.com/expr-lang/expr", "github.com/goccy/go-yaml"},
	"pkg/page": {"pkg/analysis", "pkg/answer", "pkg/dataset", "pkg/distribution", "pkg/findings", "pkg/gate", "pkg/geom", "pkg/iou", "pkg/ledger", "pkg/loss", "pkg/par", "pkg/picture", "pkg/text", "pkg/trainer"},
	"pkg/report": {"pkg/analysis", "pkg/answer", "pkg/dataset", "pkg/distribution", "pkg/files", "pkg/findings", "pkg/gate", "pkg/geom", "pkg/calibration", "pkg/audit", "pkg/iou", "pkg/labels", "pkg/ledger", "pkg/page", "pkg/par", "pkg/pass", "pkg/text", "pkg/trainer",
		"github.com/klauspost/compress", "github.com/parquet-go/parquet-go"},
	"pkg/fit": {"pkg/anchors", "pkg/dataset", "pkg/geom", "pkg/iou", "pkg/par", "pkg/text", "pkg/trainer", "github.com/goccy/go-yaml"},
	"pkg/show": {"internal/spelling", "pkg/analysis", "pkg/answer", "pkg/dataset", "pkg/findings", "pkg/fit", "pkg/gate", "pkg/ledger", "pkg/report", "pkg/text", "pkg/trainer",
		"github.com/expr-lang/expr", "github.com/parquet-go/parquet-go"},
	"pkg/part":    {"internal/pack", "pkg/analysis", "pkg/convention/between", "pkg/dataset", "pkg/distribution", "pkg/files", "pkg/find", "pkg/findings", "pkg/ledger", "pkg/loss", "pkg/par", "pkg/pass", "pkg/scores", "pkg/text", "pkg/trainer", "github.com/klauspost/compress"},
	"pkg/shards":  {"pkg/coco", "pkg/files", "pkg/find"},
	"pkg/review":  {"internal/spelling", "pkg/coco", "pkg/dataset", "pkg/files", "pkg/find", "pkg/geom", "pkg/report", "pkg/text"},
	"pkg/truth":   {"pkg/coco", "pkg/dataset", "pkg/files", "pkg/inject", "pkg/text"},
	"pkg/verdict": {"pkg/findings", "pkg/gate", "pkg/text"},
	"cmd/analyze": {"internal/memory", "internal/smallyaml", "internal/spelling", "pkg/analysis", "pkg/anchors", "pkg/audit", "pkg/calibration", "pkg/coco", "pkg/dataset", "pkg/files", "pkg/find", "pkg/findings", "pkg/foreign", "pkg/gate", "pkg/geom", "pkg/par",
		"pkg/inject", "pkg/labels", "pkg/ledger", "pkg/loss", "pkg/page", "pkg/part", "pkg/pass", "pkg/picture", "pkg/report", "pkg/review", "pkg/scores", "pkg/shards", "pkg/show", "pkg/text", "pkg/trainer", "pkg/truth", "pkg/verdict", "pkg/fit",
		"github.com/goccy/go-yaml", "github.com/schollz/progressbar", "github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term"},
	"internal/anchorindex": {},
	"internal/cputime":     {},
	"internal/golden":      {},
	"internal/memory":      {"golang.org/x/sys"},
	"internal/pack":        {},
	"internal/realfiles":   {"pkg/coco", "pkg/convention/reading", "pkg/dataset", "pkg/geom"},
	"internal/jsonscan":    {},
	"internal/testrun":     {"pkg/analysis", "pkg/anchors", "pkg/coco", "pkg/dataset", "pkg/geom", "pkg/iou", "pkg/scores", "pkg/trainer"},
	"internal/smallyaml":   {"github.com/goccy/go-yaml"},
	"internal/spelling":    {},
}

func TestImportsPointOneWay(t *testing.T) {
	seen := map[string]bool{}
	module, _, _ := strings.Cut(strings.TrimPrefix(read(t, "go.mod"), "module "), "\n")
	eachFile(t, func(dir string, f *ast.File, _ *token.FileSet) {
		seen[dir] = true
		list, known := allowed[dir]
		if !known {
			t.Errorf("%s is not in ARCHITECTURE.md's list of packages", dir)
			return
		}
		for _, spec := range f.Imports {
			path := strings.TrimPrefix(strings.Trim(spec.Path.Value, `"`), module+"/")
			first, _, _ := strings.Cut(path, "/")
			std := !strings.Contains(first, ".") && first != "pkg" && first != "internal" && first != "cmd"
			if !std && !slices.ContainsFunc(list, func(a string) bool { return path == a || strings.HasPrefix(path, a+"/") }) {
				t.Errorf("%s imports %s", dir, path)
			}
		}
	})
	for dir := range allowed {
		if !seen[dir] {
			t.Errorf("%s is listed, but not there", dir)
		}
	}
}

// TestGoroutinesStartInPar: every goroutine of the program starts where its end
// can be seen.
func TestGoroutinesStartInPar(t *testing.T) {
	eachFile(t, func(dir string, f *ast.File, fset *token.FileSet) {
		ast.Inspect(f, func(n ast.Node) bool {
			starts := false
			switch n := n.(type) {
			case *ast.GoStmt:
				starts = true
			case *ast.SelectorExpr: // WaitGroup.Go, errgroup.Group.Go
				starts = n.Sel.Name == "Go"
			}
			if starts && dir != "pkg/par" {
				t.Errorf("%s: a goroutine starts here", fset.Position(n.Pos()))
			}
			return true
		})
	})
}

// maxColumns is how many characters a line of code may have, tabs as one.
const maxColumns = 120

// TestLinesAreShort: no line of the program is longer than maxColumns. A rule that does not
// fit beside a field stands above it; a long call is broken between its arguments.
func TestLinesAreShort(t *testing.T) {
	eachPath(t, func(path string) error {
		text, err := os.ReadFile(path)
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			if got := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); got > maxColumns {
				t.Errorf("%s:%d: %d columns", path, n, got)
			}
		}
		return err
	})
}

// TestArchitectureNamesEveryPackage holds the page to the tree.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	page, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for dir := range allowed {
		if !strings.Contains(string(page), "`"+dir+"`") {
			t.Errorf("ARCHITECTURE.md does not name `%s`", dir)
		}
	}
}

// eachFile calls f with every Go file of the program that is not a test.
func eachFile(t *testing.T, f func(dir string, file *ast.File, fset *token.FileSet)) {
	t.Helper()
	fset := token.NewFileSet()
	eachPath(t, func(path string) error {
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err == nil {
			f(filepath.ToSlash(filepath.Dir(path)), file, fset)
		}
		return err
	})
}

// eachPath calls f with the path of every such file.
func eachPath(t *testing.T, f func(path string) error) {
	t.Helper()
	for _, root := range []string{"pkg", "cmd", "internal"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			return f(path)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
