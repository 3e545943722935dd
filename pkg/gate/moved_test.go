package gate

import (
	"fmt"
	"strings"
	"testing"

	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// found makes findings of words: file:x, or : for one that is about no image.
func found(words ...string) []Finding {
	var fs []Finding
	for _, w := range words {
		at := strings.LastIndex(w, ":")
		file, x := w[:at], w[at+1:]
		f := Finding{Code: "box-empty", File: file, Class: "cat", HasBox: true}
		if x == "" {
			f.HasBox = false
		} else if _, err := fmt.Sscan(x, &f.Box.X); err != nil {
			panic(err)
		}
		f.Box.W, f.Box.H = 10, 0
		if f.Box.X >= 100 { // with an area, for matching by IoU
			f.Box.H = 10
		}
		f.Fingerprint = findings.Fingerprint(f.Code, f.File, f.Class, f.Box, f.HasBox)
		fs = append(fs, f)
	}
	return fs
}

// TestMoved: names that changed in one way, and such as only look like it.
func TestMoved(t *testing.T) {
	for _, c := range []struct {
		name        string
		before, now string
		newOnes     int
		moved       string // "" for none
	}{
		{"folder added", "a.jpg:1 b.jpg:2", "train/a.jpg:1 train/b.jpg:2", 0, `2: file names now begin with "train/"`},
		{"folder removed", "x/a.jpg:1 x/b.jpg:2", "a.jpg:1 b.jpg:2", 0, `2: file names now no longer begin with "x/"`},
		{"folder renamed", "x/a.jpg:1 x/b.jpg:2", "y/z/a.jpg:1 y/z/b.jpg:2", 0, `2: file names now begin with "y/z/" instead of "x/"`},
		{"folders below", "p/a.jpg:1 q/b.jpg:2", "img/p/a.jpg:1 img/q/b.jpg:2", 0, `2: file names now begin with "img/"`},
		{"absolute", "/old/d/a.jpg:1 /old/d/b.jpg:2", "/mnt/d/a.jpg:1 /mnt/d/b.jpg:2", 0, `2: file names now begin with "/mnt/" instead of "/old/"`},
		{"Windows", `C:\d\a.jpg:1 C:\d\b.jpg:2`, "a.jpg:1 b.jpg:2", 0, `no longer begin with "C:\\d\\"`},
		{"ending", "a.jpg:1 b.jpg:2", "a.png:1 b.png:2", 0, `2: file names now end in ".png" instead of ".jpg"`},
		{"both", "a.jpg:1 b.jpg:2", "t/a.png:1 t/b.png:2", 0, `begin with "t/" and end in ".png" instead of ".jpg"`},
		{"one more, one gone", "a.jpg:1 b.jpg:2 c.jpg:3", "t/a.jpg:1 t/b.jpg:2 t/d.jpg:4", 1, `2: file names now begin with "t/"`},
		{"a box that moved by a pixel", "a.jpg:1 b.jpg:200", "t/a.jpg:1 t/b.jpg:202", 0, `2: `},
		{"as many times", "a.jpg:1 a.jpg:1", "t/a.jpg:1 t/a.jpg:1 t/a.jpg:1", 1, `2: `},
		{"one finding", "a.jpg:1", "t/a.jpg:1", 0, `1: `},
		{"about a class", "a.jpg:1 :", "t/a.jpg:1 :", 0, `1: `},
		{"nothing moved", "a.jpg:1", "a.jpg:1", 0, ""},
		{"two parts, an old one fixed and a new one broken", "train/a.jpg:1 train/b.jpg:2", "train/b.jpg:2 val/a.jpg:1", 1, ""},
		{"some moved only", "a.jpg:1 b.jpg:2 c.jpg:3", "a.jpg:1 t/b.jpg:2 t/c.jpg:3", 2, ""},
		{"most are gone", "a.jpg:1 b.jpg:2 c.jpg:3", "t/a.jpg:1", 1, ""},
		{"other names", "a.jpg:1 b.jpg:2", "c.jpg:1 d.jpg:2", 2, ""},
		{"part of a name", "a.jpg:1 b.jpg:2", "xa.jpg:1 xb.jpg:2", 2, ""},
	} {
		now, before := found(strings.Fields(c.now)...), found(strings.Fields(c.before)...)
		gone, moved := Compare(now, before, Pairs{})
		got, fresh := "", 0
		if moved != nil {
			got = fmt.Sprintf("%d: %s", moved.Findings, moved)
		}
		for _, f := range now {
			if f.New {
				fresh++
			}
		}
		if fresh != c.newOnes || len(gone) != len(before)-len(now)+fresh || (got == "") != (c.moved == "") || !strings.Contains(got, c.moved) {
			t.Errorf("%s: %d new, %d gone, %q; want %d new, %q", c.name, fresh, len(gone), got, c.newOnes, c.moved)
		}
	}
}

// TestMovedIsReversible: a name is what it was between.
func TestMovedIsReversible(t *testing.T) {
	for _, c := range [][2]string{{"a", "b/a"}, {"a.jpg", "b/a.jpg"}, {"x/y/a.jpg", "z/y/a.png"}, {"xa/b", "ya/b"}, {"/a", "a"}, {".jpg", "a/.png"}} {
		m := between(c[0], c[1])
		if !m.covers(c[0]) || m.of(c[0]) != c[1] {
			t.Errorf("%q to %q: %+v", c[0], c[1], m)
		}
	}
}

// BenchmarkCompareMoved is a baseline of 100,000 findings under another folder.
func BenchmarkCompareMoved(b *testing.B) {
	var now, before []Finding
	for i := range 100_000 {
		f := Finding{Code: "box-empty", File: fmt.Sprintf("%d.jpg", i), HasBox: true, Box: geom.Rect{X: float64(i)}}
		f.Fingerprint = findings.Fingerprint(f.Code, f.File, f.Class, f.Box, f.HasBox)
		before = append(before, f)
		f.File = "train/" + f.File
		f.Fingerprint = findings.Fingerprint(f.Code, f.File, f.Class, f.Box, f.HasBox)
		now = append(now, f)
	}
	for b.Loop() {
		if gone, moved := Compare(now, before, Pairs{}); len(gone) > 0 || moved == nil {
			b.Fatal(len(gone), moved)
		}
	}
}
