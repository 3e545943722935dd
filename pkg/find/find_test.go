package find

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// tree makes files, and symbolic links where an entry has "->".
func tree(t *testing.T, entries ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, e := range entries {
		name, to, link := strings.Cut(e, "->")
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		err := error(nil)
		if link {
			err = os.Symlink(filepath.Join(dir, filepath.FromSlash(to)), path)
		} else {
			err = os.WriteFile(path, []byte(name), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var endings = []string{".json", ".json.gz", ".json.zst"}

// TestEmptyDirectory: an argument in which nothing is found, as a directory that is not mounted, is told of, unless
// there is nothing at all. Globs that let nothing through are the user's.
func TestEmptyDirectory(t *testing.T) {
	dir := tree(t, "a/a.json", "b/readme.txt", "c/.hidden/c.json", "d/d.json")
	at := func(names ...string) (paths []string) {
		for _, n := range names {
			paths = append(paths, filepath.Join(dir, n))
		}
		return paths
	}
	for _, c := range []struct {
		paths, exclude []string
		want           string
	}{
		{at("a", "b", "c", "b"), nil, "b! c! a.json"},
		{at("a/a.json", "b"), nil, "b! a.json"},
		{at("a", "d"), []string{"d.json"}, "a.json"},
		{at("a", "a/a.json"), nil, "a.json"},
		{at("b"), nil, ""},
	} {
		found, err := Files(c.paths, nil, c.exclude, endings)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range found {
			name := filepath.Base(f.Name)
			if f.Err != nil {
				name += "!"
				if want := "no file in this directory has an ending such as .json, .json.gz, .json.zst"; f.Err.Error() != want {
					t.Errorf("got %q, want %q", f.Err, want)
				}
			}
			got = append(got, name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v: got %v, want %s", c.paths, got, c.want)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := tree(t, "a.json", "b.JSON", "c.json.gz", "d.Json.Zst", "e.txt", "f.json.bz2", "sub/a.json", "sub/deep/g.json",
		".git/x.json", "sub/.hidden/y.json", ".dot.json", "other/a.json", "link.json->sub/a.json", "linkdir->other", "x/ann/v.json", "y/ann/v.json")
	all := ".dot.json a.json b.JSON c.json.gz d.Json.Zst link.json other/a.json sub/deep/g.json x/ann/v.json y/ann/v.json"
	cases := []struct {
		paths            string
		include, exclude string
		want             string // a * behind those that were named
	}{
		{"", "", "", all}, // link.json comes before sub/a.json, which it is
		{"e.txt", "", "", "e.txt*"},
		{"e.txt a.json", "*.gz", "a*", "a.json* e.txt*"},
		{"sub", "", "", "a.json deep/g.json"},
		{"sub other", "", "", "deep/g.json other/a.json sub/a.json"},
		{"sub sub/a.json", "", "", "a.json* deep/g.json"},
		{"sub/a.json sub", "", "", "a.json* deep/g.json"},
		{"x/ann y/ann", "", "", "x/ann/v.json y/ann/v.json"},
		{"linkdir", "", "", "a.json"},
		{"link.json", "", "", "link.json*"},
		{".git", "", "", "x.json"},
		{"", "a.json", "", "a.json* other/a.json* sub/a.json*"}, // the link is not among them
		{"", "sub/a.json **/g.json", "", "sub/a.json* sub/deep/g.json"},
		{"", "sub/", "", "sub/a.json sub/deep/g.json"},
		{"", "**/ann/*", "", "x/ann/v.json y/ann/v.json"},
		{"", "", "**/*.json", "b.JSON c.json.gz d.Json.Zst"},
		{"", "**", "?/**", strings.Join(strings.Fields(all)[:8], " ")},
	}
	for _, c := range cases {
		var paths []string
		for _, p := range strings.Fields(c.paths) {
			paths = append(paths, filepath.Join(dir, p))
		}
		if c.paths == "" {
			paths = []string{dir}
		}
		files, err := Files(paths, strings.Fields(c.include), strings.Fields(c.exclude), endings)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		var got []string
		for _, f := range files {
			mark := ""
			if f.Listed {
				mark = "*"
			}
			got = append(got, f.Name+mark)
			if data, err := os.ReadFile(f.Path); err != nil || int64(len(data)) != f.Size {
				t.Errorf("%s: %v, %d bytes, Size %d", f.Path, err, len(data), f.Size)
			}
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%+v:\n got %s", c, g)
		}
	}
}

func TestFindErrors(t *testing.T) {
	dir := tree(t, "a.json", "bad/gone.json->nowhere")
	for _, c := range []struct{ path, glob, want string }{
		{filepath.Join(dir, "missing"), "", "missing"},
		{dir, "[", `glob "["`},
	} {
		var globs []string
		if c.glob != "" {
			globs = []string{c.glob}
		}
		if _, err := Files([]string{c.path}, globs, nil, endings); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestFindBroken: what can't be looked at has its error; the rest is found.
func TestFindBroken(t *testing.T) {
	dir := tree(t, "a.json", "bad/gone.json->nowhere")
	files, err := Files([]string{dir}, nil, nil, endings)
	if err != nil || len(files) != 2 || files[1].Name != "bad/gone.json" || files[1].Err == nil {
		t.Fatalf("%+v %v", files, err)
	}
	if got := files[1].Err.Error(); got != "the link leads nowhere" {
		t.Errorf("got %q", got)
	}
}

// TestFindDoesNotDependOnTheOrder: one file under two arguments has one name.
func TestFindDoesNotDependOnTheOrder(t *testing.T) {
	dir := tree(t, "sub/a.json", "b.json")
	one, err := Files([]string{dir, filepath.Join(dir, "sub")}, nil, nil, endings)
	two, err2 := Files([]string{filepath.Join(dir, "sub"), dir}, nil, nil, endings)
	if err != nil || err2 != nil || !reflect.DeepEqual(one, two) {
		t.Errorf("%+v and %+v", one, two)
	}
}

func TestFindRelative(t *testing.T) {
	t.Chdir(tree(t, "p/a.json", "q/a.json"))
	files, err := Files([]string{".", "p/a.json"}, nil, nil, endings)
	if err != nil || len(files) != 2 || files[0].Name != "p/a.json" || files[0].Path != filepath.Join("p", "a.json") || !files[0].Listed {
		t.Errorf("%+v %v", files, err)
	}
}

func TestMatchGlob(t *testing.T) {
	cases := []struct {
		glob, name string
		want       bool
	}{
		{"*.json", "a/b.json", true},
		{"a/*.json", "a/b.json", true},
		{"a/*.json", "a/b/c.json", false},
		{"a/**", "a/b/c.json", true},
		{"a/**/c.json", "a/c.json", true},
		{"**/c.json", "c.json", true},
		{"**/b/**/d", "a/b/b/c/d", true},
		{"**/b/**/d", "a/c/d", false},
		{"a/", "a/b/c", true},
		{"a/", "b/a", false},
		{"**", "x/y", true},
		{"x?", "xy", true},
		{"", "a", false},
	}
	for _, c := range cases {
		if got := matchGlob(c.glob, c.name); got != c.want {
			t.Errorf("%q %q: %v", c.glob, c.name, got)
		}
	}
}

func BenchmarkFiles(b *testing.B) {
	dir := b.TempDir()
	for i := range 1000 {
		sub := filepath.Join(dir, fmt.Sprint(i%50))
		if err := os.MkdirAll(sub, 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprint(i, ".json")), nil, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if files, err := Files([]string{dir}, nil, []string{"x/**"}, endings); err != nil || len(files) != 1000 {
			b.Fatal(len(files), err)
		}
	}
}

// TestGlobsOfDirectories: a glob that holds for a directory holds for all files below it; those that hold for none
// are returned.
func TestGlobsOfDirectories(t *testing.T) {
	dir := tree(t, "train/a.json", "val/b.json", "deep/val/c.json", "valid.json")
	for _, c := range []struct{ include, exclude, want, idle []string }{
		{nil, []string{"val"}, []string{"train/a.json", "valid.json"}, nil},
		{nil, []string{"val/"}, []string{"train/a.json", "valid.json"}, nil},
		{nil, []string{"deep/val"}, []string{"train/a.json", "val/b.json", "valid.json"}, nil},
		{[]string{"v*"}, []string{"deep"}, []string{"val/b.json", "valid.json"}, nil},
		{[]string{"train", "test"}, []string{"old"}, []string{"train/a.json"}, []string{"test", "old"}},
	} {
		found, idle, err := Search([]string{dir}, c.include, c.exclude, endings)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range found {
			if got = append(got, found[i].Name); found[i].Listed {
				t.Errorf("%q, but %q: %s counts as named", c.include, c.exclude, found[i].Name)
			}
		}
		if !slices.Equal(got, c.want) || !slices.Equal(idle, c.idle) {
			t.Errorf("%q, but %q: %q, idle %q; want %q, %q", c.include, c.exclude, got, idle, c.want, c.idle)
		}
	}
	if _, idle, err := Search([]string{filepath.Join(dir, "valid.json")}, nil, []string{"old"}, endings); err != nil || idle != nil {
		t.Errorf("a file by itself: %q, %v", idle, err)
	}
}
