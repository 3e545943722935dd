package coco

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"focalaudit/pkg/find"
)

// TestColumns: as counted by decoding the text before.
func TestColumns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	var starts []int64
	for b.Len() < 200_000 {
		starts = append(starts, int64(b.Len()))
		b.WriteString([]string{"{", "é", "船", "😀", "ab", "\n", "\r\n"}[r.IntN(7)])
		if b.Len() > 100_000 { // a long line at the end
			b.WriteString(strings.Repeat("x", r.IntN(5)))
		}
	}
	for _, mark := range []string{"", "\ufeff"} {
		text := mark + b.String()
		want := map[int64]int{}
		for _, at := range starts {
			at += int64(len(mark))
			line := text[len(mark):at]
			line = line[strings.LastIndexByte(line, '\n')+1:]
			want[at] = len(utf16.Encode([]rune(line))) + 1
		}
		for _, name := range []string{"a.json", "a.json.gz"} {
			path := filepath.Join(t.TempDir(), name)
			stored := text
			if name == "a.json.gz" {
				stored = gz(t, text)
			}
			if err := os.WriteFile(path, []byte(stored), 0o600); err != nil {
				t.Fatal(err)
			}
			var offsets []int64
			for at := range want {
				offsets = append(offsets, at, at)
			}
			got, err := Columns(find.File{Name: name, Path: path}, append(offsets, 1<<40))
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %d columns, want %d; %v", name, len(got), len(want), err)
			}
		}
	}
	if _, err := Columns(find.File{Name: "gone", Path: filepath.Join(t.TempDir(), "gone")}, nil); err == nil {
		t.Error("a file that is gone has columns")
	}
}
