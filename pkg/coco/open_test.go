package coco

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

func gz(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zst(t *testing.T, s string, o ...zstd.EOption) string {
	t.Helper()
	w, err := zstd.NewWriter(nil, append(o, zstd.WithEncoderConcurrency(1))...)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return string(w.EncodeAll([]byte(s), nil))
}

// many is a file of several blocks' worth of records.
func many(n int) string {
	var anns []string
	for i := range n {
		anns = append(anns, ann(fmt.Sprintf(`"id": %d; "segmentation": [[1, 2, 3, %d, 5, 6]]`, i+1, i)))
	}
	return file("", strings.Join(anns, ",\n"), "")
}

// records strips a data set of what depends on how the file is stored.
func records(d *dataset.Dataset) []dataset.Source {
	s := slices.Clone(d.Sources)
	for i := range s {
		s[i].Bytes, s[i].SHA256 = 0, ""
	}
	return s
}

func TestCompressed(t *testing.T) {
	plain := many(3000)
	want := text(plain)
	for name, stored := range map[string]string{
		"gzip.gz":        gz(t, plain),
		"two gzips.GZ":   gz(t, plain[:1000]) + gz(t, plain[1000:]),
		"zstd.json.zst":  zst(t, plain),
		"two frames.zst": zst(t, plain[:1000]) + zst(t, plain[1000:]),
	} {
		want.Sources[0].Name = name
		for _, workers := range []int{1, 3} {
			d := texts(1<<16, workers, map[string]string{name: stored})
			if !reflect.DeepEqual(records(d), records(want)) {
				t.Errorf("%s: differs: %v", name, d.Refused)
				continue
			}
			sum := sha256.Sum256([]byte(stored))
			if s := d.Sources[0]; s.Bytes != int64(len(stored)) || s.SHA256 != hex.EncodeToString(sum[:]) {
				t.Errorf("%s: %d bytes, %s", name, s.Bytes, s.SHA256)
			}
		}
	}
}

func TestDamaged(t *testing.T) {
	plain := many(300)
	g, z := gz(t, plain), zst(t, plain)
	for _, c := range []struct{ name, stored, want string }{
		{"gzip cut off", g[:len(g)/2], "a.json: the gzip data is cut off after"},
		{"gzip without its sum", g[:len(g)-8], "a.json: the gzip data is cut off after"},
		{"gzip cut in its head", g[:5], "a.json: the gzip data is cut off after 5 bytes of the file"},
		{"gzip and more", g + "more", "a.json: the file goes on behind the end of its gzip data"},
		{"gzip with a wrong sum", g[:len(g)-8] + "xxxxxxxx", "a.json: the gzip data is damaged: invalid checksum"},
		{"gzip and something else", g + "\x00garbage", "a.json: the file goes on behind the end of its gzip data"},
		{"zstd cut off", z[:len(z)/2], "a.json: the zstd data is cut off after"},
		{"zstd damaged", z[:len(z)/2] + strings.Repeat("x", len(z)/2), "a.json: the zstd data is damaged"},
		{"gzip of no JSON", gz(t, "{\n1"), "a.json:2:1 (byte 2): expected a key in quotes"},
		{"gzip of nothing", gz(t, ""), "a.json: the file is empty, expected COCO annotations"},
	} {
		for _, workers := range []int{1, 3} {
			d := texts(1<<12, workers, map[string]string{"a.json": c.stored})
			if len(d.Refused) != 1 || !strings.HasPrefix(d.Refused[0].Error(), c.want) {
				t.Errorf("%s: %v", c.name, d.Refused)
			}
		}
	}
}

// What expands without end is read in bounded memory: here, spaces.
func TestBomb(t *testing.T) {
	d := text(zst(t, "{"+strings.Repeat(" ", 64<<20)+"]"))
	if want := "a.json:1:67108866 (byte 67108865): expected a key in quotes, found \"]\""; len(d.Refused) != 1 || d.Refused[0].Error() != want {
		t.Error(d.Refused)
	}
}

func TestByteOrderMarkAndLineEnds(t *testing.T) {
	plain := strings.ReplaceAll(many(10), "\n", "\r\n")
	want := text(plain)
	got := text("\xef\xbb\xbf" + plain)
	if f := got.Sources[0].Flaws; len(f) != 1 || f[0].Code != dataset.FileBOM || f[0].Offset != 0 || f[0].Line != 1 {
		t.Errorf("flaws %+v", f)
	}
	got.Sources[0].Flaws = want.Sources[0].Flaws
	for i := range got.Sources[0].Objects {
		got.Sources[0].Objects[i].Offset -= 3
	}
	got.Sources[0].Images[0].Offset -= 3
	if !reflect.DeepEqual(records(got), records(want)) {
		t.Error("the mark makes a difference beyond offsets")
	}
	if o := want.Sources[0].Objects[9]; o.Line != 10 || plain[o.Offset] != '{' {
		t.Errorf("line %d, offset %d", o.Line, o.Offset)
	}
}

// Files on disk: unreadable ones are refused by name, the others are read.
func TestReadFiles(t *testing.T) {
	dir := t.TempDir()
	content := map[string]string{
		"a.json": many(5), "b.json": "{", "d.json.gz": gz(t, many(7)), "e.json": `{"x": 1}`, "f.json": many(2),
	}
	for name, s := range content {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Find([]string{dir}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, find.File{Name: "c.json", Path: filepath.Join(dir, "gone.json")})
	slices.Reverse(files)
	var done, total atomic.Int64
	for _, s := range content {
		total.Add(int64(len(s)))
	}
	d, err := Read(context.Background(), files, Options{Workers: 2, Progress: func(n int64) { done.Store(max(done.Load(), n)) }})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(d.Refused, d.Skipped)
	want := `[b.json:1:2 (byte 1): expected a key in quotes, found end of file: the file is cut off: export or fetch it again c.json: no such file or directory] [{e.json JSON of another kind: the audit reads an object with the arrays images, annotations and categories}]`
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if len(d.Sources) != 3 || d.Sources[1].Name != "d.json.gz" || len(d.Sources[1].Objects) != 7 {
		t.Errorf("%+v", d.Sources)
	}
	if done.Load() != total.Load() {
		t.Errorf("progress ends at %d of %d", done.Load(), total.Load())
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	path := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(path, []byte(many(20000)), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &reader{Options: Options{Workers: 2, Progress: func(n int64) { cancel() }}, block: 1 << 12, open: open}
	if _, err := r.read(ctx, []find.File{{Name: "a", Path: path}}); err != context.Canceled {
		t.Error(err)
	}
}

// TestFoundBroken: a file that could not be looked at when it was found is refused.
func TestFoundBroken(t *testing.T) {
	d, err := Read(t.Context(), []find.File{{Name: "gone.json", Err: errors.New("the link leads nowhere")}}, Options{})
	if err != nil || len(d.Refused) != 1 || d.Refused[0].Error() != "gone.json: the link leads nowhere" {
		t.Errorf("%+v %v", d, err)
	}
}
