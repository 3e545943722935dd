package text

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
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

// The expected texts follow from the rule: three significant digits, whole from 100 on.
func TestDigits(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.1: "0.1", 0.0025335: "0.00253", 1.2345e-7: "0.000000123", 1e-9: "0.000000001", 9.994e-10: "9.99e-10", -5e-324: "-4.94e-324", 12.345: "12.3", 99.94: "99.9",
		99.96: "100", 100.4: "100", 1833.5: "1,834", -1833.5: "-1,834", 2e10: "20,000,000,000", 1e300: "1e+300",
	} {
		if got := Digits(x); got != want {
			t.Errorf("Digits(%v) = %q, want %q", x, got, want)
		}
	}
}

// Only the whole is 100 %.
func TestPercent(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0 %", 0.0144912: "1.45 %", 0.979149: "97.9 %", 0.99: "99 %", 0.9977: "99.8 %", 0.999973: "99.997 %",
		0.9996: "99.96 %", 1: "100 %", 0.000002: "0.0002 %", 12.5: "1,250 %",
	} {
		if got := Percent(x); got != want {
			t.Errorf("Percent(%v) = %q, want %q", x, got, want)
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

// TestSentences: no cut but between sentences, unless one is too long.
func TestSentences(t *testing.T) {
	for _, c := range []struct {
		in, want string
	}{
		{"Short. All.", "Short. All."},
		{"One is here. Two is here. Three is here.", "One is here. …"},
		{"One is a longer one. Two.", "One is a longer one. …"},
		{"in a.jpg: no end of it at all", "in a.jpg: no end of it at all"},
		{"vs. two is one. More follows", "vs. two is one. …"},
		{"this one goes on for ever and ever and ever", "this one goes on for ever and…"},
	} {
		if got := Sentences(c.in, 20, 30); got != c.want {
			t.Errorf("Sentences(%q) = %q, want %q", c.in, got, c.want)
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

// TestLinesAreHarmless: texts among the arguments are mapped, what the format says is not.
func TestLinesAreHarmless(t *testing.T) {
	var b strings.Builder
	l := NewLines(&b)
	l.Line("::error::%s %d%s", "a\x1b]0;b\u009b\n::c", 1, "\u202e")
	if want := "::error::a ]0;b \n: :c 1 \n"; b.String() != want || l.Err() != nil {
		t.Errorf("got %q, %v, want %q", b.String(), l.Err(), want)
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

// TestPrintable: lines are looked at after the characters are mapped, and the first line
// is one too.
func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"::error::x": ": :error::x", "a\n\u00a0\u0085 ::x": "a\n   : :x", "\u2028::x": " : :x", "\ufeff::x": " : :x", "a::b": "a::b", "\n:::": "\n: ::",
		"##[##[x": "## [## [x", "\u200b##[": " ## [", "é\u202eü\u2067": "é ü ", "\u3164\U000e0041": "  ", "漢字 😀": "漢字 😀", "a\r::b": "a ::b",
	} {
		if got := Printable(in); got != want || Printable(got) != got {
			t.Errorf("Printable(%q) = %q, want %q, and then %q", in, got, want, Printable(got))
		}
	}
	if got := InLine("a\n::b"); got != "a ::b" {
		t.Errorf("InLine: %q", got)
	}
}

// TestCells: what GitHub would link, and what a spreadsheet would compute.
func TestCells(t *testing.T) {
	for in, want := range map[string]string{
		"http://x www.y": "http:&#8203;//x www&#8203;.y", "~~a~~ &amp; $b$": `\~\~a\~\~ &amp;amp; \$b\$`, "#12 GH-1": "#&#8203;12 GH&#8203;-1", "a # b": "a # b",
	} {
		if got := Cell(in); got != want {
			t.Errorf("Cell(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "-1.5e+3": "-1.5e+3", "+7": "+7", "-": "'-", "-1+1": "'-1+1", "@x": "'@x", "\t=x": "' =x", "\r=x": "' =x", "a=b": "a=b", "": "", "＝x": "'＝x", "1,5": "1,5",
	} {
		if got := CSVCell(in); got != want {
			t.Errorf("CSVCell(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzNames: whatever a name is, nothing of it is a command, and JSON tells it as it is.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"a", "\x1b[31m", "a\n::error::x", "\u202e", "\ufffe", "]]>", "\xff", "a|b", "%0a", "::x", "\u2028::", "##[x", "\U000e0041", "\\##[", "-1", "=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, out := range []string{Printable(name), InLine(name), Clip(name, 10), CSVCell(name), Cell(name)} {
			for line := range strings.Lines(out) {
				if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
					t.Fatalf("%q became %q", name, out)
				}
			}
			if strings.ContainsFunc(out, unseen) {
				t.Fatalf("%q became %q", name, out)
			}
		}
		var b bytes.Buffer
		if err := JSON(&b, []string{name}); err != nil {
			t.Fatal(err)
		}
		var back []string
		if err := json.Unmarshal(b.Bytes(), &back); err != nil || utf8.ValidString(name) && back[0] != name {
			t.Fatalf("%q is read back as %q, %v", name, back, err)
		}
		if strings.ContainsFunc(b.String(), unseen) || strings.Contains(b.String(), "##[") {
			t.Fatalf("%q as JSON: %s", name, b.String())
		}
	})
}
