package part

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/klauspost/compress/zstd"

	"focalaudit/internal/pack"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/trainer"
)

// sample reads the sample, counts it and writes it as a part.
func sample(t testing.TB) (dir string, whole *Part) {
	t.Helper()
	ctx := t.Context()
	files, err := coco.Find([]string{filepath.Join("..", "..", "testdata", "sample")}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	outcomes, err := coco.ReadEach(ctx, files, coco.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	p := &Part{Version: "test", Declared: dataset.DeclaredBy(outcomes)}
	for _, f := range files {
		p.Files = append(p.Files, File{Name: f.Name, Whole: f.Whole, Least: f.Least})
	}
	if p.Data, err = dataset.Join(ctx, 1, outcomes); err != nil {
		t.Fatal(err)
	}
	c := analysis.Default()
	p.Settings.Preset = c.Preset
	if p.Counted, err = analysis.Count(ctx, p.Data, c); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "part")
	if err := Write(ctx, dir, p); err != nil {
		t.Fatal(err)
	}
	return dir, p
}

// TestRecordsComeBack: what a part gives back of a source is what was read: records, heads and slots.
func TestRecordsComeBack(t *testing.T) {
	dir, want := sample(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	set, err := Open(ctx, []string{dir}, "test", 2, cancel)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(set.Data.Classes, want.Data.Classes) {
		t.Errorf("classes %v, want %v", set.Data.Classes, want.Data.Classes)
	}
	for s := range want.Data.Sources {
		if got := set.Data.Source(s); !reflect.DeepEqual(*got, want.Data.Sources[s]) {
			t.Errorf("source %d is another one:\n%+v\nwant\n%+v", s, *got, want.Data.Sources[s])
		}
		if got := set.Data.Images(s); !reflect.DeepEqual(got, want.Data.Sources[s].Images) {
			t.Errorf("source %d has other images", s)
		}
		images, objects := set.Counted.Slots.ImageSlots(s), set.Counted.Slots.ObjectSlots(s)
		if !reflect.DeepEqual(images, want.Counted.ImageSlots(s)) ||
			!reflect.DeepEqual(objects, want.Counted.ObjectSlots(s)) {
			t.Errorf("source %d has other slots", s)
		}
	}
	if err := context.Cause(ctx); err != nil {
		t.Error(err)
	}
}

// TestRecordsVanish: where records can't be read any more, the run is told, and what it gets meanwhile takes no part.
func TestRecordsVanish(t *testing.T) {
	for _, images := range []bool{false, true} { // whether these can still be read
		recordsVanish(t, images)
	}
}

func recordsVanish(t *testing.T, images bool) {
	dir, want := sample(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	set, err := Open(ctx, []string{dir}, "test", 2, cancel)
	if err != nil {
		t.Fatal(err)
	}
	end := int64(30)
	if images {
		end = set.parts[0].frames[0].at(objects).offset
	}
	if err := os.Truncate(filepath.Join(dir, recordsName), end); err != nil {
		t.Fatal(err)
	}
	if n := len(want.Data.Sources[0].Images); len(set.Data.Images(0)) != n || (context.Cause(ctx) == nil) != images {
		t.Errorf("%d images of %d, %v", len(set.Data.Images(0)), n, context.Cause(ctx))
	}
	src := set.Data.Source(0)
	if context.Cause(ctx) == nil {
		t.Fatal("nobody was told")
	}
	if len(src.Images) != len(want.Data.Sources[0].Images) || len(src.Objects) != len(want.Data.Sources[0].Objects) {
		t.Error("another number of records")
	}
	c := analysis.Default()
	if _, err := analysis.Merge(ctx, set.Data, c, set.Counted); err == nil {
		t.Error("the run ends well")
	}
}

// TestPresetsComeBack: a part knows its preset by what part.json says.
func TestPresetsComeBack(t *testing.T) {
	for _, name := range trainer.Names() {
		h := &head{Program: this("test"), Settings: Settings{Preset: trainer.MustLoad(name)}, Checksums: map[string]string{}}
		text, err := h.text()
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, headName), text, 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := readHead(dir)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Settings, h.Settings) {
			t.Errorf("%s comes back as %+v", name, got.Settings.Preset)
		}
	}
}

// TestBombs: bytes that stand for more than those of any part are refused before they take memory; records that are
// all equal are no bomb.
func TestBombs(t *testing.T) {
	bomb := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 0x58} // a frame of zstd, with a window of 2 MiB (RFC 8878, 3.1.1)
	const blocks, each = 512, 128 << 10
	for i := range blocks { // one byte, so many times
		last := uint32(i+1) / blocks
		head := binary.LittleEndian.AppendUint32(nil, each<<3|1<<1|last)
		bomb = append(append(bomb, head[:3]...), 0)
	}
	if b, err := decode(bomb, nil); !errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		t.Errorf("a bomb gives %d bytes, %v", len(b), err)
	}
	var src dataset.Source
	for i := range 200_000 {
		src.Objects = append(src.Objects, dataset.Object{ID: dataset.PlainID(1), Image: -1,
			Class: -1, Box: geom.Rect{X: 10, Y: 10, W: 50, H: 50}, Offset: int64(60 * i)})
	}
	var w pack.Writer
	dataset.PackObjects(&w, &src, dataset.Stretch{Objects: len(src.Objects)})
	packed := encoder().EncodeAll(w.Bytes, nil)
	b, err := decode(packed, nil)
	if err != nil || len(b) != len(w.Bytes) {
		t.Errorf("%d bytes for %d, %v", len(packed), len(w.Bytes), err)
	}
	t.Logf("equal records: a byte stands for %d", len(w.Bytes)/len(packed))
}

// FuzzUnpack: bytes that no part has are an error, and nothing panics or takes memory that they can't hold.
func FuzzUnpack(f *testing.F) {
	dir, _ := sample(f)
	for _, name := range []string{sourcesName, recordsName} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		if b, err = decode(b[len(magic):], nil); err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	set, err := Open(f.Context(), []string{dir}, "test", 1, func(error) {})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := &opened{head: &head{}}
		if p.unpack(pack.NewReader(b)) == nil {
			one := &Set{parts: []*opened{p}}
			one.pages = newPages(one, 1, func(error) {})
			one.gather()
			one.count()
		}
		r := pack.NewReader(b)
		all := set.Data.Whole(0)
		images := dataset.UnpackImages(r, all, nil)
		dataset.UnpackObjects(r, all, images, set.Data.Begin(0, images, 0))
		pass.UnpackImages(r, nil)
		pass.UnpackObjects(r, nil)
	})
}
