package convention

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/dataset"
)

// withIDs returns a source whose images have ids.
func withIDs(t *testing.T, ids []int64) *dataset.Source {
	t.Helper()
	var images, objects []string
	for k, id := range ids {
		images = append(images, fmt.Sprintf(`{"id":%d,"file_name":"%d.jpg","width":640,"height":480}`, id, k))
		objects = append(objects, fmt.Sprintf(
			`{"id":%d,"image_id":%d,"category_id":1,"bbox":[%d,9,30,20],"iscrowd":0,"area":600}`, k+1, id, k))
	}
	path := filepath.Join(t.TempDir(), "a.json")
	text := fmt.Sprintf(`{"images":[%s],"annotations":[%s],"categories":[{"id":1,"name":"a"}]}`,
		strings.Join(images, ","), strings.Join(objects, ","))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return &realfiles.Read(t, false, path).Sources[0]
}

// floats returns ids from one on through numbers of 32 bits, each once, as Go rounds them.
func floats(ids []int64, from int) (out []int64) {
	seen := map[int64]bool{}
	for k, id := range ids {
		if k >= from {
			id = int64(float32(id))
		}
		if !seen[id] {
			out = append(out, id)
		}
		seen[id] = true
	}
	return out
}

// counted returns n ids.
func counted(n int, id func(k int64) int64) (ids []int64) {
	for k := range n {
		ids = append(ids, id(int64(k)))
	}
	return ids
}

// TestRounded: ids that went through float32 are told of, all or in a run, whatever their size. Ids that are multiples of
// a power of two for other reasons are not, nor those that 24 digits hold.
func TestRounded(t *testing.T) {
	dates := counted(300, func(k int64) int64 { return 2007000000 + 17*k })
	hashes := counted(40, func(k int64) int64 { return 1<<31 + (k*0x9e3779b1)&(1<<31-1) })
	times := counted(60, func(k int64) int64 { return 1700000000000 + 33367*k })
	for _, c := range []struct {
		what string
		ids  []int64
		want bool
		step int64
	}{
		{"dates", floats(dates, 0), true, 128},
		{"the last third of dates", floats(dates, 200), true, 128},
		{"hashes", floats(hashes, 0), true, 256},
		{"times", floats(times, 0), true, 1 << 17},
		{"dates as they are", dates, false, 0},
		{"hashes as they are", hashes, false, 0},
		{"times as they are", times, false, 0},
		{"small ids", counted(300, func(k int64) int64 { return 128 * k }), false, 0},
		{"packed", counted(300, func(k int64) int64 { return (k + 1) << 32 }), false, 0},
		{"thousands", counted(300, func(k int64) int64 { return 20070000000 + 1000*k }), false, 0},
		{"hours", counted(300, func(k int64) int64 { return 1699999200000 + 3600000*k }), false, 0},
		{"nine", floats(dates, 0)[:9], false, 0},
	} {
		src := withIDs(t, c.ids)
		r := OfRounded(src)
		if r.Found() != c.want || c.want && (r.Step != c.step || r.Images > r.All) {
			t.Errorf("%s: %+v", c.what, r)
		}
		told := strings.Contains(strings.Join(messages(t, &dataset.Dataset{Sources: []dataset.Source{*src}}), "\n"),
			"floats of 32 bits")
		if told != c.want {
			t.Errorf("%s: told %v", c.what, told)
		}
	}
}

// TestRoundedOfRealFiles: no real file has such ids. Those whose ids are written anew, from 2,007,000,000 on and 17 apart,
// are told of once these are rounded, in all images or in the last third, if ten are left there.
func TestRoundedOfRealFiles(t *testing.T) {
	for _, src := range realfiles.RealSources(t) {
		if r := OfRounded(&src); r.Found() {
			t.Errorf("%s: %+v", src.Name, r)
		}
		for _, from := range []int{0, len(src.Images) * 2 / 3} {
			ids := counted(len(src.Images), func(k int64) int64 { return 2007000000 + 17*k })
			if r := OfRounded(anewed(&src, ids)); r.Found() {
				t.Errorf("%s, ids anew: %+v", src.Name, r)
			}
			left := floats(ids, from)
			r := OfRounded(anewed(&src, left))
			if r.Found() != (len(left)-from >= leastStretch) {
				t.Errorf("%s, %d from image %d: %+v", src.Name, len(left), from, r)
			}
		}
	}
}

// anewed returns the first images of a source with other ids.
func anewed(src *dataset.Source, ids []int64) *dataset.Source {
	out := *src
	out.Images = slices.Clone(src.Images[:len(ids)])
	for k, id := range ids {
		out.Images[k].ID = dataset.PlainID(id)
	}
	return &out
}
