package jsonscan

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// inPieces skips a value in stretches of a size, each from where the one before got
// to, and returns what is wrong with it.
func inPieces(text []byte, size int) *Fault {
	var k Skipper
	for from, to := 0, size; ; to += size {
		to = min(to, len(text))
		s := New(text[from:to], int64(from), to == len(text))
		if k.next != inText && k.next != inKey {
			s.Space()
		}
		switch ok := s.Skip(&k, 0); {
		case ok && to == len(text):
			s.Space()
			if len(s.Ahead()) > 0 {
				s.Fail("end of file")
			}
			return s.Fault()
		case ok: // a number may go on, and so may white space
			s = New(text[from+s.Pos():], int64(from+s.Pos()), true)
			s.Space()
			if len(s.Ahead()) > 0 {
				s.Fail("end of file")
			}
			return s.Fault()
		case s.Fault() != nil:
			return s.Fault()
		}
		from += k.Pos()
	}
}

// python are the numbers that encoding/json does not read.
var python = regexp.MustCompile(`NaN|Infinity`)

// FuzzSkip holds the scanner against encoding/json: they refuse the same bytes. It
// also holds it against itself: where the stretches end changes nothing.
func FuzzSkip(f *testing.F) {
	for _, text := range []string{
		"", " ", "null", "tru", "[]", "{}", "[1, 2.5e-3, -0]",
		`{"a": [{"b": "\u00e9\n"}, true], "": null}`, "[1,]", `{"a" 1}`, `{"a":1,}`,
		`"\ud800\udc00"`, `"\x"`, "\"\t\"", "01", "1.", "-", "[NaN, -Infinity]", "[1] 2",
		"{\n\"a\":\n[\n1 2]}", "[[[[[[", "\xff",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want := inPieces(text, len(text)+1)
		if ok := want == nil; ok != json.Valid(text) && !python.Match(text) {
			t.Fatalf("%q: read %v, encoding/json says otherwise: %+v", text, ok, want)
		}
		for _, size := range []int{1, 3, 16} {
			got := inPieces(text, size)
			same := got == nil && want == nil || got != nil && want != nil &&
				got.Offset == want.Offset && got.Expected == want.Expected && got.Found == want.Found
			if !same {
				t.Fatalf("%q in stretches of %d: %+v, at once: %+v", text, size, got, want)
			}
		}
	})
}

func TestFaults(t *testing.T) {
	s := New([]byte("\n [1,\n x]"), 100, true)
	s.Space()
	if s.SkipValue(0) {
		t.Fatal("read what is wrong")
	}
	want := Fault{Place: Place{Offset: 107, Line: 2, LineStart: 106}, Expected: "a JSON value", Found: `"x"`}
	if got := s.Fault(); got == nil || *got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	s = New([]byte("[1, "), 0, false)
	if s.SkipValue(0) || s.Fault() != nil {
		t.Errorf("a stretch that ends too soon has the fault %+v", s.Fault())
	}
}

func TestText(t *testing.T) {
	s := New([]byte(`"\u0069d" : "a\/b\ud83d\ude00\ud800"`), 0, true)
	key, ok := s.Name()
	if !ok || string(key) != "id" {
		t.Errorf("key %q, %v", key, ok)
	}
	raw, ok := s.Str()
	if got, want := Decoded(raw), "a/b\U0001F600\uFFFD"; !ok || got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Clip([]byte("[1,\n" + strings.Repeat("2", 50))); got != "[1, "+strings.Repeat("2", 36)+"..." {
		t.Errorf("clipped: %q", got)
	}
}

func TestWhole(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int64
		ok   bool
	}{
		{"7", 7, true}, {"-7", -7, true}, {"-0", 0, true}, {"9223372036854775807", 1<<63 - 1, true},
		{"9223372036854775808", 0, false},
		{"7.0", 0, false}, {"7e0", 0, false}, {"12345678901234567890123", 0, false}, {"NaN", 0, false},
	} {
		s := New([]byte(c.text), 0, true)
		s.Number()
		if n, ok := s.Whole(); n != c.n || ok != c.ok || string(s.NumberText()) != c.text {
			t.Errorf("%s: %d %v, as it stands %s", c.text, n, ok, s.NumberText())
		}
	}
}

// TestCutter: the blocks are the file, and begin behind a comma where they say so.
func TestCutter(t *testing.T) {
	text := "\xef\xbb\xbf[" + strings.Repeat(`{"a": "}, {"} , {"b": [{}, {}]},`, 20) + "{}]"
	for _, size := range []int{16, 64, 1 << 20} {
		c := NewCutter[[]int](iotest.OneByteReader(strings.NewReader(text)), size, 16)
		var all []byte
		for n := 0; ; n++ {
			b, ok, err := c.Next()
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			if b.Base != int64(3+len(all)) || b.First != (n == 0) || b.Final != (len(all)+len(b.Data) == len(text)-3) {
				t.Errorf("blocks of %d: block %d: %+v", size, n, b)
			}
			before := bytes.TrimRight(all, " ")
			if b.Guess && !bytes.HasSuffix(before, []byte{','}) {
				t.Errorf("blocks of %d: block %d begins behind %q", size, n, before)
			}
			all = append(all, b.Data...)
			c.Free(b)
		}
		if !slices.Equal(all, []byte(text[3:])) {
			t.Errorf("blocks of %d hold %q", size, all)
		}
	}
}
