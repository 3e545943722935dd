package part

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
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
	return written(t, filepath.Join("..", "..", "testdata", "sample"))
}

// written reads files, counts them and writes them as a part.
func written(t testing.TB, path string) (dir string, whole *Part) {
	t.Helper()
	ctx := t.Context()
	files, err := coco.Find([]string{path}, nil, nil)
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

// large writes a file of so many images with n boxes each but one, which has more than a frame, and of as many
// annotations without an image as a frame has and some more. Every 100th names its image by another type.
func large(t *testing.T, path string, images, n int) {
	t.Helper()
	type m = map[string]any
	var all, objects []any
	add := func(image any) {
		k := len(objects)
		objects = append(objects, m{"id": k + 1, "image_id": image, "category_id": 1 + k%3,
			"bbox": []int{k % 500, k % 300, 5 + k%90, 5 + k%70}, "area": 100, "iscrowd": 0})
	}
	for i := range images {
		all = append(all, m{"id": i, "width": 640, "height": 480, "file_name": fmt.Sprintf("%d.jpg", i)})
		boxes := n
		if i == images/2 {
			boxes = frameRecords + 100
		}
		for range boxes {
			if len(objects)%100 == 0 {
				add(fmt.Sprint(i))
				continue
			}
			add(i)
		}
	}
	for range frameRecords + 10 {
		add(images + 7)
	}
	text, err := json.Marshal(m{"images": all, "annotations": objects,
		"categories": []m{{"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": 3, "name": "c"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestStretches: single records of sources that are divided, and of one that is not beside them, are those of the
// whole source, asked for in any order.
func TestStretches(t *testing.T) {
	data := t.TempDir()
	large(t, filepath.Join(data, "a.json"), 900, 40)
	large(t, filepath.Join(data, "b.json"), 3, 0)
	small := `{"images": [{"id": 1, "width": 300, "height": 200, "file_name": "one.jpg"}], "annotations": [],
"categories": [{"id": 1, "name": "a"}]}`
	for _, name := range []string{"0.json", "aa.json", "c.json"} {
		if err := os.WriteFile(filepath.Join(data, name), []byte(small), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	dir, want := written(t, data)
	ctx, cancel := context.WithCancelCause(t.Context())
	set, err := Open(ctx, []string{dir}, "test", 2, cancel)
	if err != nil {
		t.Fatal(err)
	}
	// Of a: the images up to the one with many boxes, that one, those behind it, the annotations without an image; of b:
	// the three images, whose boxes are more than a frame has, and those without.
	if n := [2]int32{set.parts[0].spans[1].n, set.parts[0].spans[3].n}; n[0] < 4 || n[1] < 2 {
		t.Errorf("%v frames: the test shows less than it should", n)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for s := range want.Data.Sources {
		src, filled := &want.Data.Sources[s], set.Counted.Slots
		var run []dataset.Image
		var runSlots []pass.Image
		for first, images := range set.Data.Runs(s) {
			if first != len(run) {
				t.Fatalf("source %d: a run begins with %d, behind %d images", s, first, len(run))
			}
			run, runSlots = append(run, images...), append(runSlots, filled.SlotRun(s, first)...)
		}
		if !reflect.DeepEqual(run, src.Images) || !reflect.DeepEqual(runSlots, want.Counted.ImageSlots(s)) {
			t.Errorf("source %d: its runs have other images or slots", s)
		}
		for range 2000 {
			i := r.IntN(len(src.Images))
			if *set.Data.Image(s, i) != src.Images[i] || *filled.ImageSlot(s, i) != want.Counted.ImageSlots(s)[i] {
				t.Fatalf("source %d: image %d is another one", s, i)
			}
			got, is := set.Data.Objects(s, i), src.Objects[src.Images[i].First:src.Images[i].Last]
			if !slices.Equal(got, is) {
				t.Fatalf("source %d: image %d has %d objects, want %d", s, i, len(got), len(is))
			}
			if len(src.Objects) == 0 {
				continue
			}
			k := r.IntN(len(src.Objects))
			if *set.Data.Object(s, k) != src.Objects[k] || *filled.ObjectSlot(s, k) != want.Counted.ObjectSlots(s)[k] {
				t.Fatalf("source %d: object %d is another one", s, k)
			}
			if got, is := set.Data.ImageID(s, k), src.ImageID(k); got.String() != is.String() || got.Kind() != is.Kind() {
				t.Fatalf("source %d: object %d names image %s, want %s", s, k, got, is)
			}
		}
		if got := set.Data.Source(s); !reflect.DeepEqual(*got, *src) {
			t.Errorf("source %d as a whole is another one", s)
		}
		if !reflect.DeepEqual(filled.ImageSlots(s), want.Counted.ImageSlots(s)) ||
			!reflect.DeepEqual(filled.ObjectSlots(s), want.Counted.ObjectSlots(s)) {
			t.Errorf("source %d as a whole has other slots", s)
		}
	}
	if err := context.Cause(ctx); err != nil {
		t.Error(err)
	}
}

// TestDivide: stretches are all records in their order, each with at least as many as asked for, but for the last one.
func TestDivide(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		src, least := &dataset.Source{}, 1+r.IntN(30)
		n := int32(0)
		for range r.IntN(20) {
			im := dataset.Image{First: n, Last: n + int32(r.IntN(1+r.IntN(60)))}
			src.Images, n = append(src.Images, im), im.Last
		}
		src.Objects = make([]dataset.Object, int(n)+r.IntN(2)*r.IntN(100))
		var next dataset.Stretch
		all := src.Divide(least)
		for i, of := range all {
			if of.Image != next.Image || of.Object != next.Object {
				t.Fatalf("stretch %d of %v begins elsewhere than %v", i, all, next)
			}
			if of.Images+of.Objects < least && i+1 < len(all) {
				t.Fatalf("stretch %d of %v is shorter than %d", i, all, least)
			}
			next.Image, next.Object = of.Image+of.Images, of.Object+of.Objects
			if of.Images > 0 && int(src.Images[next.Image-1].Last) > next.Object {
				t.Fatalf("stretch %d of %v lacks objects of its last image", i, all)
			}
			if next.Image < len(src.Images) && int(src.Images[next.Image].First) != next.Object {
				t.Fatalf("stretch %d of %v has objects of the next image", i, all)
			}
		}
		if next.Image != len(src.Images) || next.Object != len(src.Objects) {
			t.Fatalf("%v of %d images and %d objects", all, len(src.Images), len(src.Objects))
		}
	}
}

// TestDetailsComeBack: what a part gives back of where classes lie and which stand together is what was counted.
func TestDetailsComeBack(t *testing.T) {
	dir, want := sample(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	set, err := Open(ctx, []string{dir}, "test", 2, cancel)
	if err != nil {
		t.Fatal(err)
	}
	of := set.Counted.Of[0]
	for s := range want.Data.Sources {
		if got, is := of.Detail(s), want.Counted.Digests[s].Look.Detail; !reflect.DeepEqual(got, is) || len(is.Together) == 0 {
			t.Errorf("source %d: %v, want %v", s, got, is)
		}
	}
	if err := os.Truncate(filepath.Join(dir, recordsName), 30); err != nil {
		t.Fatal(err)
	}
	if got := of.Detail(0); len(got.ClassPlaces)+len(got.Together) > 0 || context.Cause(ctx) == nil {
		t.Errorf("of a file cut off: %v, %v", got, context.Cause(ctx))
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

// TestUnlike: a part of another build is told by what differs, also where both have one version.
func TestUnlike(t *testing.T) {
	is := this("0.1.0")
	for want, p := range map[string]program{
		"was written by version 0.2.0 of this program, and this is version 0.1.0": {is.Layout, "0.2.0", is.Numbering},
		"was written by another build of version 0.1.0, with layout 99":           {99, "0.1.0", is.Numbering},
		"which numbers the reasons and codes of findings in another way":          {is.Layout, "0.1.0", "0123456789abcdef"},
	} {
		if got := p.unlike(is); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
