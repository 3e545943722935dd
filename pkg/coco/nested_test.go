package coco

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
)

// TestNested: a file whose brackets are nested deeper than Python 3.11's json.load reads has a finding at the first
// bracket too many, wherever it is, and however the file is cut into blocks.
func TestNested(t *testing.T) {
	for _, open := range []string{"[", `{"a":`} {
		closing := map[string]string{"[": "]", `{"a":`: "}"}[open]
		for depth := 992; depth <= 995; depth++ {
			nest := func(n int) string { return strings.Repeat(open, n) + "1" + strings.Repeat(closing, n) }
			for name, file := range map[string]string{
				"key of the file":      "{\n\"images\": [], \"annotations\": [], \"info\":\n" + nest(depth-1) + "}",
				"key of a record":      file("", ann(`"more": `+nest(depth-3)), ""),
				"outline":              file("", ann(`"segmentation": `+nest(depth-3)), ""),
				"in place of a record": "{\"images\": [], \"annotations\":\n\n[" + nest(depth-2) + "," + ann("") + "]}",
			} {
				at := -1
				if depth > 993 {
					for n, k := 0, 0; k < len(file); k++ { // the 994th bracket that is open
						n += strings.Count("[{", file[k:k+1]) - strings.Count("]}", file[k:k+1])
						if n == 994 {
							at = k
							break
						}
					}
				}
				for _, block := range []int{97, 700, blockSize} {
					d := texts(block, 2, map[string]string{"a.json": file})
					if len(d.Sources) != 1 {
						t.Fatalf("%s: %v", name, d.Refused)
					}
					got, line := -1, 0
					for _, f := range d.Sources[0].Flaws {
						if f.Code == dataset.FileNested {
							got, line = int(f.Offset), int(f.Line)
						}
					}
					if got != at || at >= 0 && line != 1+strings.Count(file[:at], "\n") {
						t.Errorf("%s, %d levels of %s, blocks of %d: byte %d, line %d, want byte %d", name, depth, open, block, got,
							line, at)
					}
				}
			}
		}
	}
}

// TestNestedAsPython holds the limit to json.load of a Python from 3.7 to 3.11, where there is one.
func TestNestedAsPython(t *testing.T) {
	script := `import io, json, sys
if not (3, 7) <= sys.version_info < (3, 12): sys.exit(3)
def dataset(text): return json.load(io.StringIO(text))
for n in (993, 994):
    for open, close in ("[", "]"), ('{"a":', "}"):
        try: dataset(open * n + "1" + close * n)
        except RecursionError: print("stops at", n)
        else: print("reads", n)`
	out, err := exec.Command("python3", "-c", script).CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.As(err, &exit) && exit.ExitCode() == 3:
		t.Skipf("needs Python 3.7 to 3.11: %v", err)
	case err != nil:
		t.Fatalf("%v: %s", err, out)
	}
	if want := "reads 993\nreads 993\nstops at 994\nstops at 994\n"; string(out) != want {
		t.Errorf("Python: %s, want %s", out, want)
	}
}

// TestNestedSingle: of files of one image each, the one that is nested so is named.
func TestNestedSingle(t *testing.T) {
	deep := `{"image": {"image_id": 2, "width": 5, "height": 5, "file_name": "b.jpg"}, "annotations": [], "x":` + "\n" +
		strings.Repeat("[", 993) + strings.Repeat("]", 993) + "}"
	plain := `{"image": {"image_id": 1, "width": 5, "height": 5, "file_name": "a.jpg"}, "annotations": []}`
	dir := t.TempDir()
	put(t, dir, map[string]string{"0.json": plain, "1.json": deep})
	d := found(t, 2, dir)
	if f := d.Sources[0].Flaws; len(f) != 1 || f[0].Code != dataset.FileNested || f[0].Line != 2 ||
		f[0].Offset != int64(len(plain)+strings.Index(deep, "\n")+993) {
		t.Errorf("%+v", f)
	}
}
