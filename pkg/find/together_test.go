package find

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTogether: members of one directory are one file with its name, which is as unlike the others' as those of files
// are; what is unclear goes with them, and stays alone where there are none.
func TestTogether(t *testing.T) {
	dir := tree(t, "a/m1.json", "a/m2.json", "a/u.json", "a/x.json", "a/sub/m3.json", "b/u.json", "b/x.json", "c/a/m4.json",
		"m.json/m5.json", "top.json", "a/gone.json->nowhere")
	role := func(f File) Role {
		switch filepath.Base(f.Path)[0] {
		case 'm':
			return Member
		case 'u':
			return Unclear
		}
		return Alone
	}
	for _, c := range []struct{ paths, want string }{
		{".", "a[m1.json m2.json u.json] a/gone.json a/sub[m3.json] a/x.json b/u.json b/x.json c/a[m4.json] m.json[m5.json] top.json"},
		{"a", "a[m1.json m2.json u.json] gone.json sub[m3.json] x.json"},
		{"a c/a", "DIR/a[m1.json m2.json u.json] c/a[m4.json] gone.json sub[m3.json] x.json"},
		{"a/m1.json", "a[m1.json]*"},
		{"a/m1.json a/x.json a/m2.json", "a[m1.json m2.json]* x.json*"},
		{"a/u.json", "u.json*"},
	} {
		var paths []string
		for _, p := range strings.Fields(c.paths) {
			paths = append(paths, filepath.Join(dir, p))
		}
		list, err := Files(paths, nil, nil, endings)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range Together(list, role) {
			text := strings.ReplaceAll(f.Name, filepath.Base(dir), "DIR")
			size := int64(0)
			var members []string
			for _, m := range f.Members {
				members = append(members, m.Name)
				size += m.Size
			}
			if f.Members != nil {
				text += "[" + strings.Join(members, " ") + "]"
				if f.Size != size {
					t.Errorf("%s: %d bytes, its members have %d", f.Name, f.Size, size)
				}
			}
			if f.Listed {
				text += "*"
			}
			got = append(got, text)
		}
		if want := strings.Fields(c.want); !slices.Equal(strings.Fields(strings.Join(got, " ")), want) {
			t.Errorf("%s:\n got %s\nwant %s", c.paths, strings.Join(got, " "), c.want)
		}
	}
}
