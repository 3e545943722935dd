package text

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestGroup(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567", -100: "-100", -1000: "-1,000", -123456: "-123,456",
	} {
		if got := Group(n); got != want {
			t.Errorf("Group(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestPlural(t *testing.T) {
	for _, c := range []struct {
		n           int
		thing, want string
	}{{0, "class", "0 classes"}, {1, "class", "1 class"}, {2, "source", "2 sources"}, {1500, "error", "1,500 errors"}} {
		if got := Plural(c.n, c.thing); got != c.want {
			t.Errorf("Plural(%d, %q) = %q, want %q", c.n, c.thing, got, c.want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"short", 5, "short"}, {"longer", 5, "long…"}, {"", 3, ""}, {"γγγγ", 4, "γγγγ"}, {"γγγγγ", 4, "γγγ…"},
		{"a\nb\tc\x1b[31m\x7f", 20, "a b c [31m "},
	} {
		if got := Clip(c.in, c.n); got != c.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

// TestNamesAreHarmless: no name is a command of GitHub's or markup.
func TestNamesAreHarmless(t *testing.T) {
	if got := Printable("a\n ::error::b ##[group]\x1b[31m"); got != "a\n : :error::b ## [group] [31m" {
		t.Errorf("Printable: %q", got)
	}
	if got := Cell("a|b\n<img> @me [x](y) `c` *d* _e_"); got != "a\\|b &lt;img&gt; @&#8203;me \\[x\\](y) \\`c\\` \\*d\\* \\_e\\_" {
		t.Errorf("Cell: %q", got)
	}
}

// fullAfter takes some writes, and fails then.
type fullAfter struct{ left int }

var errFull = errors.New("no space left")

func (f *fullAfter) Write(p []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestLinesKeepTheFirstError(t *testing.T) {
	disk := &fullAfter{1}
	l := NewLines(disk)
	for range 3 {
		l.Line("%d %%", 1)
	}
	if !errors.Is(l.Err(), errFull) || disk.left != -1 {
		t.Errorf("%v after %d writes", l.Err(), 1-disk.left)
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, map[string]string{"a": "<b> & c"}); err != nil || b.String() != "{\n  \"a\": \"<b> & c\"\n}\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	if err := JSON(&b, func() {}); err == nil || !strings.Contains(err.Error(), "unsupported") {
		t.Errorf("a function: %v", err)
	}
}
