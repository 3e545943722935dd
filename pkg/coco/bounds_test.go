package coco

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
)

// readBytes reads data as a file of the given name.
func readBytes(t *testing.T, name string, data []byte) *dataset.Dataset {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := Find([]string{path}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Read(t.Context(), files, Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestHugeTokensAreRefused: a key, and a number, of 100 MB, which compress to a
// few kB.
func TestHugeTokensAreRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 100 MB")
	}
	for name, parts := range map[string][2]string{"key": {`{"`, `":1,"images":[],"annotations":[]}`}, "number": {`{"x":1`, `,"images":[],"annotations":[]}`}} {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		fmt.Fprint(z, parts[0])
		digits := bytes.Repeat([]byte("1"), 1<<20)
		for range 100 {
			z.Write(digits)
		}
		fmt.Fprint(z, parts[1])
		z.Close()
		d := readBytes(t, name+".json.gz", b.Bytes())
		if len(d.Refused) != 1 || !strings.Contains(d.Refused[0].Error(), "at most 64 MiB") {
			t.Errorf("%s: refused %v", name, d.Refused)
		}
	}
}

// TestFlawsAreBounded: of 100,005 elements that are numbers all are counted,
// 100,000 listed.
func TestFlawsAreBounded(t *testing.T) {
	text := `{"images":[],"categories":[],"annotations":[` + strings.Repeat("0,", dataset.MaxListed+4) + "0]}"
	d := readBytes(t, "junk.json", []byte(text))
	if len(d.Sources) != 1 {
		t.Fatalf("refused %v, skipped %v", d.Refused, d.Skipped)
	}
	s := &d.Sources[0]
	if s.BadAnnotations != dataset.MaxListed+5 || len(s.Flaws) != dataset.MaxListed || s.Unlisted[dataset.RecordNotObject] != 5 {
		t.Errorf("%d elements, %d flaws, unlisted %v", s.BadAnnotations, len(s.Flaws), s.Unlisted)
	}
}

// TestTextThatIsNotUTF8 is shown with U+FFFD, a byte each, and told of.
func TestTextThatIsNotUTF8(t *testing.T) {
	d := readBytes(t, "latin1.json", []byte("{\"images\":[{\"id\":\"\xe9\",\"width\":9,\"height\":9,\"file_name\":\"caf\xe9\xe8.jpg\"}],"+
		"\"categories\":[{\"id\":1,\"name\":\"caf\xe9\"}],\"annotations\":[]}"))
	s := &d.Sources[0]
	if s.Images[0].File != "caf\uFFFD\uFFFD.jpg" || d.Classes[0].Name != "caf\uFFFD" || s.Images[0].ID.String() != "\uFFFD" {
		t.Errorf("got %q, %q, %q", s.Images[0].File, d.Classes[0].Name, s.Images[0].ID)
	}
	n := 0
	for _, f := range s.Flaws {
		if f.Code == dataset.TextGarbled {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d flaws, want 3: id and file_name of the image, name of the category", n)
	}
}

func TestPipesAreRefused(t *testing.T) {
	if _, err := Find([]string{os.DevNull}, nil, nil); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v", err)
	}
}
