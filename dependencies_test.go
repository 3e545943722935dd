package focalaudit_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDependenciesAreJustified holds docs/dependencies.md to go.mod: a paragraph for each
// direct module, which names the packages that import it, a line for each indirect one,
// and neither for a module that is gone.
func TestDependenciesAreJustified(t *testing.T) {
	page := read(t, "docs", "dependencies.md")
	direct, indirect := required(t)
	importers := importersOf(t, direct)
	for _, m := range direct {
		_, paragraph, ok := strings.Cut(page, "\n**`"+m+"`** ")
		if !ok {
			t.Errorf("docs/dependencies.md has no paragraph that begins with **`%s`**", m)
			continue
		}
		paragraph, _, _ = strings.Cut(paragraph, "\n\n")
		if !regexp.MustCompile(`(MIT|BSD|Apache|MPL)\S*\s*$`).MatchString(paragraph) {
			t.Errorf("%s: the paragraph does not end with the licence", m)
		}
		for _, dir := range importers[m] {
			if !strings.Contains(paragraph, "`"+dir+"`") {
				t.Errorf("%s: the paragraph does not say that `%s` imports it", m, dir)
			}
		}
	}
	known := map[string]bool{}
	for _, m := range append(direct, indirect...) {
		known[m] = true
	}
	for _, m := range indirect {
		if !strings.Contains(page, "\n- `"+m+"`: ") {
			t.Errorf("docs/dependencies.md has no line that begins with - `%s`: ", m)
		}
	}
	for _, m := range regexp.MustCompile("(?m)^(?:\\*\\*|- )`([^`]+)`").FindAllStringSubmatch(page, -1) {
		if !known[m[1]] {
			t.Errorf("docs/dependencies.md justifies %s, which go.mod does not require", m[1])
		}
	}
}

// required returns the modules that go.mod requires.
func required(t *testing.T) (direct, indirect []string) {
	t.Helper()
	block := regexp.MustCompile(`(?ms)^require \((.*?)^\)|^require ([^(\n]+)$`)
	for _, b := range block.FindAllStringSubmatch(read(t, "go.mod"), -1) {
		for line := range strings.Lines(b[1] + b[2]) {
			if f := strings.Fields(line); len(f) > 1 && strings.HasSuffix(strings.TrimSpace(line), "// indirect") {
				indirect = append(indirect, f[0])
			} else if len(f) > 1 {
				direct = append(direct, f[0])
			}
		}
	}
	if len(direct) == 0 || len(indirect) == 0 {
		t.Fatalf("go.mod: read %d direct and %d indirect modules", len(direct), len(indirect))
	}
	return direct, indirect
}

// importersOf returns the directories whose files, tests included, import each module.
func importersOf(t *testing.T, modules []string) map[string][]string {
	t.Helper()
	by, seen := map[string][]string{}, map[string]bool{}
	for _, root := range []string{"pkg", "cmd", "internal"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			dir := filepath.ToSlash(filepath.Dir(path))
			for _, spec := range file.Imports {
				imported := strings.Trim(spec.Path.Value, `"`)
				for _, m := range modules {
					if (imported == m || strings.HasPrefix(imported, m+"/")) && !seen[dir+" "+m] {
						seen[dir+" "+m] = true
						by[m] = append(by[m], dir)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return by
}

// read returns the text of a file of the project.
func read(t *testing.T, elem ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
