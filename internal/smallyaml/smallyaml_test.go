package smallyaml

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// laughs are aliases of aliases of aliases: n levels of them stand for 10^n values.
func laughs(n int) string {
	text := "a0: &a0 [x]\n"
	for i := range n {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	return text
}

// TestDocuments: several documents are refused, an empty first one too, and what only looks like several is read. By
// YAML 1.2.2, chapter 9: --- begins a document, ... ends one, and directives belong to the document behind them.
func TestDocuments(t *testing.T) {
	for text, line := range map[string]int{
		"---\n---\na: 1\n": 2, "---\n# none\n\n---\na: 1\n": 4, "a: 1\n---\n": 2, "a: 1\n...\n---\n": 3,
		"---\na: 1\n...\nb: 2\n": 4, "---\n...\na: 1\n": 3, "---\n...\n---\na: 1\n": 3, "--- {}\n--- {a: 1}\n": 2,
		"%YAML 1.2\n---\n---\na: 1\n": 3, "%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 1\n": 6, "---\nnull\n---\na: 1\n": 3,
		"---\r\n---\r\na: 1\r\n": 2,
	} {
		want := fmt.Sprintf("several documents, expected one: another begins in line %d", line)
		if err := Check([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{
		"", "# none\n", "---\n", "a: 1\n", "---\na: 1\n", "# of\n---\na: 1\n...\n", "%YAML 1.2\n# of\n---\na: 1\n",
		"a: |\n  ---\n  ---\n", "a: '---'\nb: \"...\"\n", "a: 1\n...\n# behind\n",
	} {
		if err := Check([]byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"brackets":             {strings.Repeat("[", 8000), "nested too deeply"},
		"mappings":             {strings.Repeat("{a: ", 2000), "nested too deeply"},
		"dashes":               {strings.Repeat("- ", 4000), "nested too deeply"},
		"question marks":       {strings.Repeat("? ", 4000), "nested too deeply"},
		"anchors":              {strings.Repeat("&a ", 2500), "nested too deeply"},
		"brackets behind ]":    {strings.Repeat("]", 4000) + strings.Repeat("[", 4000), "nested too deeply"},
		"closers in texts":     {strings.Repeat(`["]", `, 1000), "nested too deeply"},
		"indentation":          {strings.Repeat(" ", 300) + "a: 1", "indented"},
		"aliases of aliases":   {laughs(9), "holds an alias"},
		"an alias of itself":   {"a: &a [*a]\n", "holds an alias"},
		"an alias by a merge":  {"a: &a {b: 1}\nc: &c {<<: *a}\n", "holds an alias"},
		"aliases of much":      {"a: &a\n" + strings.Repeat("- x\n", 20_000) + "b: [" + strings.Repeat("*a, ", 100) + "*a]\n", "aliases"},
		"a long line":          {"a: " + strings.Repeat("x", 10_000), "break it"},
		"bytes":                {strings.Repeat("#\n", MaxBytes), "KiB"},
		"mappings one by line": {deep(300), "indented"},
		"blank lines folded":   {"a: >\n" + strings.Repeat("\n", 60_000), "blank lines"},
		"blank lines kept":     {"a: |\n" + strings.Repeat(" \r\n", 30_000), "blank lines"},
		"carriage returns":     {"a: |\n" + strings.Repeat("\r", 8000), "blank lines"},
	} {
		begun := time.Now()
		if err := Check([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, expected it to say %q", name, err, c.want)
		}
		if d := time.Since(begun); d > 5*time.Second {
			t.Errorf("%s: took %v", name, d)
		}
	}
}

// deep nests mappings, a column deeper on each line.
func deep(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestCheckAccepts(t *testing.T) {
	for _, text := range []string{
		"", "a: 1\n", "# only a comment\n", "---\na: 1\n",
		"a: &a [1, 2]\nb: *a\nc: {<<: *a}\n", "a: '[[[[[ {{{{'\n", "- - - 1\n",
	} {
		if err := Check([]byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestCheckedIsQuick: what passes is decoded in a time that a person does not notice. Each
// text is as large as a file may be.
func TestCheckedIsQuick(t *testing.T) {
	fill := func(s string) string { return strings.Repeat(s, MaxBytes/len(s)) }
	keys := ""
	for i := 0; len(keys) < MaxBytes-20; i++ {
		keys += fmt.Sprintf("key%d: [1, 2]\n", i)
	}
	for name, text := range map[string]string{
		"list": fill("- a: 1\n"), "keys": keys, "texts": fill("- [" + strings.Repeat("'a', ", 1000) + "]\n"),
		"comments": fill("#\n"), "escapes": fill(`- "` + strings.Repeat(`\n`, 3000) + "\"\n"),
		"dashes":      fill(strings.Repeat("- ", 45) + "\n"),
		"brackets":    fill("- " + strings.Repeat("[", 45) + strings.Repeat("]", 45) + "\n"),
		"blank lines": "a: |\n" + fill(strings.Repeat("\n", 99)+"  x\n"),
		"depths":      fill(deep(150)), "a mistake": fill("- [" + strings.Repeat(", ", 4000) + "]\n"),
	} {
		begun := time.Now()
		if err := Check([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var v any
		err := yaml.Unmarshal([]byte(text), &v)
		t.Logf("%s: %.60v, %v", name, err, time.Since(begun))
		if d := time.Since(begun); d > 20*time.Second {
			t.Errorf("%s: took %v", name, d)
		}
	}
}

// Guard returns errors and panics alike.
func TestGuard(t *testing.T) {
	if err := Guard(func() error { return nil }); err != nil {
		t.Error(err)
	}
	want := fmt.Errorf("x")
	if err := Guard(func() error { return want }); err != want {
		t.Error(err)
	}
	if err := Guard(func() error { panic("y") }); err == nil || !strings.Contains(err.Error(), "no YAML") {
		t.Error(err)
	}
}
