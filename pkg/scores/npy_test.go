package scores

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// npy returns a file as numpy.save writes it.
func npy(version byte, header string, data ...byte) string {
	length := binary.LittleEndian.AppendUint16(nil, uint16(len(header)))
	if version > 1 {
		length = binary.LittleEndian.AppendUint32(nil, uint32(len(header)))
	}
	return "\x93NUMPY" + string([]byte{version, 0}) + string(length) + header + string(data)
}

func openText(t testing.TB, text string) (*Array, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.npy")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := OpenArray(path)
	if err == nil {
		t.Cleanup(a.Close)
	}
	return a, err
}

func TestArray(t *testing.T) {
	for _, c := range []struct {
		descr string
		data  []byte
		want  []float64
	}{
		// 1, -2, the largest half 65504, the smallest 2^-24, infinity
		{"<f2", []byte{0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00, 0x00, 0x7c}, []float64{1, -2, 65504, math.Ldexp(1, -24), math.Inf(1)}},
		{"<f4", binary.LittleEndian.AppendUint32(nil, math.Float32bits(-5.25)), []float64{-5.25}},
		{"<f8", binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.Pi)), []float64{math.Pi}},
	} {
		for _, version := range []byte{1, 2, 3} {
			a, err := openText(t, npy(version, fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%d, 1), }\n", c.descr, len(c.want)), c.data...))
			if err != nil {
				t.Fatal(err)
			}
			got := make([]float64, len(c.want))
			if err := a.Read(got); err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) || fmt.Sprint(a.Shape) != fmt.Sprintf("[%d 1]", len(c.want)) {
				t.Errorf("%s: got %v of shape %v, %v, want %v", c.descr, got, a.Shape, err, c.want)
			}
			if err := a.Read(make([]float64, 1)); err == nil {
				t.Error("read beyond the end")
			}
		}
	}
	if !math.IsNaN(half[0x7e00]) || half[0xfc00] != math.Inf(-1) || half[0x8000] != 0 || !math.Signbit(half[0x8000]) {
		t.Error("half: NaN, -infinity or -0 is wrong")
	}
}

func TestArrayRefused(t *testing.T) {
	plain := "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
	for text, want := range map[string]string{
		"":                   "not a .npy file",
		"PK\x03\x04 an .npz": "not a .npy file",
		npy(1, plain)[:20]:   "cut off within its header",
		npy(1, strings.Replace(plain, "<f4", ">f4", 1)):                              "little-endian",
		npy(1, strings.Replace(plain, "<f4", "<i8", 1)):                              "expected float16, float32 or float64",
		npy(1, strings.Replace(plain, "False", "True", 1)):                           "ascontiguousarray",
		npy(1, strings.Replace(plain, "2,", "-2,", 1)):                               "shape",
		npy(1, strings.Replace(plain, "2,", "65536, 65536", 1)):                      "below 2^31",
		npy(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"): "a plain array",
		npy(2, strings.Repeat(" ", 20000)):                                           "at most 10000",
	} {
		if _, err := openText(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: got %v, want an error with %q", text, err, want)
		}
	}
}

// TestArrayThatLies: no header is believed against the size of its file, nor one that
// says a thing twice.
func TestArrayThatLies(t *testing.T) {
	header := func(descr, order, shape, more string) string {
		return fmt.Sprintf("{'descr': %s, 'fortran_order': %s, 'shape': %s, %s}\n", descr, order, shape, more)
	}
	eight := []byte{0, 0, 0, 0, 0, 0, 0, 0}
	for text, want := range map[string]string{
		npy(1, header("'<f8'", "False", "(2,)", ""), eight...):                         "cut off: 8 bytes of values, expected 16 for 2 values of 8 bytes",
		npy(1, header("'<f2'", "False", "(2,)", ""), eight...):                         "8 bytes of values, expected 4",
		npy(1, header("'<f4'", "False", "(2,)", ""), append(eight, 1)...):              "9 bytes of values, expected 8",
		npy(1, header("'<f4'", "False", "(2,)", "'shape': (1, 2), "), eight...):        "the key shape stands there twice",
		npy(1, header("'<f4'", "False", "(2,)", "'descr': '<f4', "), eight...):         "the key descr stands there twice",
		npy(1, header("'<f4'", "False", "(2,)", "'other': (1, 2), "), eight...):        "each once",
		npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} {}", eight...): "each once",
		npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)", eight...):     "each once",
		npy(1, "{'descr': '<f4', 'shape': (2,)}", eight...):                            "each once",
		npy(1, header("'|O'", "False", "(2,)", ""), eight...):                          "pickled Python objects",
		npy(1, header("'<f4'", "True", "(2,)", ""), eight...):                          "C order",
		npy(1, header("'<f4'", "False", "(-2, -1)", ""), eight...):                     "shape (-2, -1)",
		npy(1, header("'<f4'", "False", "(0, 65536, 65536)", "")):                      "below 2^31",
		npy(1, header("'<f4'", "False", "(65536, 65536, 0)", "")):                      "below 2^31",
		npy(1, header("'<f4'", "False", "(18446744073709551618,)", ""), eight...):      "below 2^31",
		npy(1, header("'<f4'", "False", "(, 2)", ""), eight...):                        "shape (, 2)",
		npy(1, header("'<f4'", "False", "(2)", ""), eight...):                          "shape (2)",
		npy(9, header("'<f4'", "False", "(2,)", ""), eight...):                         "version 9.0",
		npy(1, header("'<f4'", "False", "[2]", ""), eight...):                          "each once",
		npy(1, header("[('a', '<f4'), ('b', '<f4')]", "False", "(1,)", ""), eight...):  "each once",
		npy(1, header("'<f4'", "False", "(2,)", "'x': {'descr': '<f2'}, "), eight...):  "each once",
		npy(1, header("'<f4'", "False", "()", ""), eight...):                           "8 bytes of values, expected 4 for 1 values",
	} {
		if _, err := openText(t, text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "a.npy: ") {
			t.Errorf("%.90q: got %v, want an error with %q", text, err, want)
		}
	}
	if _, err := OpenArray(t.TempDir()); err == nil || !strings.Contains(err.Error(), "expected a regular file") {
		t.Errorf("a directory: %v", err)
	}
	a, err := openText(t, npy(1, "{'shape': ( 1 , 2 ), 'fortran_order':False,'descr':'<f4'}  \n", eight...))
	if err != nil || fmt.Sprint(a.Shape) != "[1 2]" {
		t.Errorf("another order and other spaces: %v", err)
	}
}

// TestArrayShrinks: a file may change after it was opened.
func TestArrayShrinks(t *testing.T) {
	a, err := openText(t, npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (100000,), }", make([]byte, 800000)...))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(a.name, 1000); err != nil {
		t.Fatal(err)
	}
	if err := a.Read(make([]float64, 100000)); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("cut off: got %v", err)
	}
}

// TestNaming: one naming holds for a directory, the one that finds more images;
// names that lead elsewhere find nothing.
func TestNaming(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"1.npy", "2.npy", "b.npy"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := &Logits{Dir: dir}
	images := func(pairs ...string) func(func(string, string) bool) {
		return func(yield func(string, string) bool) {
			for i := 0; i < len(pairs) && yield(pairs[i], pairs[i+1]); i += 2 {
			}
		}
	}
	for _, c := range []struct {
		pairs []string
		want  Naming
		fails bool
	}{
		{[]string{"1", "x.png", "2", "1.png"}, ByID, false},
		{[]string{"7", "1.png", "8", `dir/b.jpg`, "2", "z.png"}, ByStem, false},
		{[]string{"7", "z.png"}, ByID, true},
		{[]string{"1", "x.png", "1", "y.png"}, ByID, true}, // one name for two images
		{[]string{"8", "a/b.jpg", "9", "c/b.jpg"}, ByStem, true},
		{[]string{"../1", "/etc/", "..", ".."}, ByID, true},
	} {
		if got, err := l.Naming(images(c.pairs...)); got != c.want || (err != nil) != c.fails {
			t.Errorf("%q: got %v, %v", c.pairs, got, err)
		}
	}
	if n := ByID.name("../../x", "", logitsEnd); n != "" {
		t.Errorf("an id that leads elsewhere: %q", n)
	}
	if n := ByStem.name("", `a\b\c.tar.png`, logitsEnd); n != "c.tar.npy" {
		t.Errorf("stem: %q", n)
	}
}

// FuzzArray: whatever the bytes are, opening and reading ends without a panic, and what is
// opened has all the values that it tells of.
func FuzzArray(f *testing.F) {
	f.Add(npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 0, 0, 0, 0))
	f.Add(npy(2, "{'descr': '<f2', 'fortran_order': True, 'shape': (), }"))
	f.Add(npy(3, "{'shape': (2, 0), 'descr': '<f8', 'fortran_order': False}"))
	f.Add(npy(1, "{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (1,), 'shape': (-1,)}", 0))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, "a.npy")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := OpenArray(path)
		if err != nil {
			return
		}
		defer a.Close()
		if err := a.Read(make([]float64, a.left)); err != nil || a.left*a.size > len(text) {
			t.Fatalf("shape %v of %d bytes: %v", a.Shape, len(text), err)
		}
	})
}

// TestNamesOfNoFile: an image whose id no file can be named after has no logits, as any other that has none.
func TestNamesOfNoFile(t *testing.T) {
	l := &Logits{Dir: t.TempDir()}
	for _, id := range []string{"1", strings.Repeat("x", 300), "a\x00b"} {
		if _, err := l.Open(ByID, id, ""); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%.10q: got %v", id, err)
		}
	}
}

func TestLogitsSpec(t *testing.T) {
	ss, err := Apply(Default(), "logits:a,b/c,name=x")
	if err != nil || ss[2].Name != "x" || ss[2].Logits.Dir != "a,b/c" || !ss[2].Model() {
		t.Errorf("got %+v, %v", ss, err)
	}
	for _, spec := range []string{"logits:", "logits:a,floor=0.1", "logits:a,name="} {
		if _, err := Apply(Default(), spec); err == nil {
			t.Errorf("%s: no error", spec)
		}
	}
}
