package coco

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"focalaudit/pkg/find"
)

// TestFilesThatChange: a file that somebody writes to while it is read is refused, whether
// what was read is JSON or not, and whether its size tells or only its time; the others are
// read.
func TestFilesThatChange(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"images":[{"id":1,"file_name":"a.jpg","width":640,"height":480}],"categories":[{"id":1,"name":"cat"}],"annotations":[`)
	for i := range 20000 { // several blocks
		fmt.Fprintf(&b, "%s{\"id\":%d,\"image_id\":1,\"category_id\":1,\"bbox\":[1,2,30,40]}\n", strings.Repeat(",", min(i, 1)), i)
	}
	b.WriteString("]}")
	text := b.String()
	for name, change := range map[string]func(file string) error{
		"":           func(string) error { return nil },
		"grows":      func(file string) error { return os.WriteFile(file, []byte(text+"\n"), 0o600) },
		"is cut off": func(file string) error { return os.Truncate(file, int64(len(text)/2)) },
		"same size":  func(file string) error { return os.WriteFile(file, []byte(text), 0o600) },
		"is touched": func(file string) error { return os.Chtimes(file, time.Time{}, time.Now().Add(time.Hour)) },
		"is another": func(file string) error { // a new file by its name: what is read is the old one, as a whole
			return errors.Join(os.WriteFile(file+"~", []byte(text+" "), 0o600), os.Rename(file+"~", file))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, still := filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")
			for _, f := range []string{file, still} {
				if err := os.WriteFile(f, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			old := time.Now().Add(-time.Hour)
			if err := os.Chtimes(file, old, old); err != nil {
				t.Fatal(err)
			}
			read, done := int64(0), false
			r := &reader{Options: Options{Workers: 1}, block: blockSize}
			r.open = func(f find.File, more func(int)) (*input, error) {
				if f.Name != "a.json" {
					return open(f, more)
				}
				return open(f, func(n int) {
					more(n)
					if read += int64(n); read > int64(len(text)/4) && !done {
						done = true
						if err := change(file); err != nil {
							t.Error(err)
						}
					}
				})
			}
			files, err := Find([]string{dir}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			d, err := r.read(t.Context(), files)
			if err != nil {
				t.Fatal(err)
			}
			refused := name != "" && name != "is another"
			if refused && (len(d.Refused) != 1 || !strings.Contains(d.Refused[0].Error(), "a.json: the file changed while it was read")) ||
				!refused && len(d.Refused) > 0 || len(d.Sources) != 2-len(d.Refused) {
				t.Errorf("%d sources, refused %v", len(d.Sources), d.Refused)
			}
		})
	}
}

// TestReadsNoFurther: no more is read than the file had when it was opened, and what is added is told. So a file of the
// system that says it has 0 bytes and waits for its next line, as /proc/kmsg does, is an empty file.
func TestReadsNoFurther(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(file, []byte("[1]"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := open(find.File{Name: "a.json", Path: file, Size: 3}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	defer in.close()
	first := make([]byte, 1)
	if _, err := in.Read(first); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("[1] and more"), 0o600); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(in)
	if err != nil || string(rest) != "1]" || in.unchanged() == nil {
		t.Errorf("got %q, %v, change: %v", rest, err, in.unchanged())
	}
}
