package find

import (
	"errors"
	"path"
	"strings"
	"testing"
)

// TestGlobRules: what the library decides, beside the cases of TestMatchGlob.
func TestGlobRules(t *testing.T) {
	for _, c := range []struct {
		glob, name string
		want       bool
	}{
		{"a/", "a", true}, // as a/** does
		{"a/", "ab/c", false},
		{"a*/", "ab/c/d", true},
		{"**/b/", "a/b/c", true},
		{"**/b/", "a/c/b", true},
		{"/", "a", false},
		{"**", "a", true},
		{"a", "b/a", true}, // without /: the last element
		{"a", "a/b", false},
		{"a/b", "x/a/b", false}, // with /: from the first one
		{"A.json", "a.json", false},
		{"?.json", "é.json", true},
		{"*", "a/.b", true}, // hidden directories are passed over before
		{"{train,val}*.json", "coco/val2017.json", true},
		{"{train,val}*.json", "coco/test2017.json", false},
		{"{train,val}/", "val/a.json", true},
		{"[a-c].json", "b.json", true},
		{"[!a-c].json", "b.json", false},
		{`\{a\}.json`, "{a}.json", true},
		{`\*.json`, "a.json", false},
	} {
		if err := checkGlob(c.glob); err != nil {
			t.Errorf("%q: %v", c.glob, err)
		}
		if got := matchGlob(c.glob, c.name); got != c.want {
			t.Errorf("%q %q: %v, want %v", c.glob, c.name, got, c.want)
		}
	}
}

func TestMalformedGlobs(t *testing.T) {
	for _, g := range []string{"[", "a/[", "[/b", "{a", "a}", `a\`, "{a,[}"} {
		if err := checkGlob(g); !errors.Is(err, path.ErrBadPattern) {
			t.Errorf("%q: got %v, want %v", g, err, path.ErrBadPattern)
		}
		if _, err := Files([]string{t.TempDir()}, nil, []string{g}, endings); err == nil {
			t.Errorf("Files takes %q", g)
		}
	}
}

// TestGlobsAreBounded: alternatives behind one another multiply; matching them once took for ever.
func TestGlobsAreBounded(t *testing.T) {
	for g, fits := range map[string]bool{
		strings.Repeat("{a,b}", 9): true, strings.Repeat("{a,b}", 10): false, strings.Repeat("{,a}", 30) + "*b": false,
		"{{a,b},{c,d,e}}": true, `\{a,b\}` + strings.Repeat("{a}", 50): true, "{" + strings.Repeat("x,", 500) + "x}.json": true,
		strings.Repeat("a", 4097): false, strings.Repeat("*a", 30) + "b": true, strings.Repeat("**/a/", 30) + "b": true,
	} {
		if err := checkGlob(g); (err == nil) != fits {
			t.Errorf("%.40q: %v", g, err)
		}
		if fits {
			matchGlob(g, strings.Repeat("a/", 30)+strings.Repeat("a", 200)) // ends
		}
	}
}
