package files

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// TestMany: what is written in turns, in pieces larger and smaller than what is held, is in the files in the end.
func TestMany(t *testing.T) {
	root := t.TempDir()
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		dir := filepath.Join(root, fmt.Sprint(round))
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(1, 5).Draw(t, "files")
		var paths []string
		for i := range n {
			paths = append(paths, filepath.Join(dir, fmt.Sprint(i)))
		}
		m, err := NewMany(paths, n*minHeld)
		if err != nil {
			t.Fatal(err)
		}
		want := make([][]byte, n)
		for k := range rapid.IntRange(0, 40).Draw(t, "writes") {
			i := rapid.IntRange(0, n-1).Draw(t, "file")
			b := bytes.Repeat([]byte{byte(k)}, rapid.SampledFrom([]int{0, 1, 700, 5000, minHeld, minHeld + 1, 30000}).Draw(t, "size"))
			want[i] = append(want[i], b...)
			if err := m.Write(i, b); err != nil {
				t.Fatal(err)
			}
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		for i, path := range paths {
			got, err := os.ReadFile(path)
			size, sum := m.Sum(i)
			hash := sha256.Sum256(want[i])
			if err != nil || !bytes.Equal(got, want[i]) || size != int64(len(got)) || sum != hex.EncodeToString(hash[:]) {
				t.Fatalf("file %d: %v, %d bytes, expected %d", i, err, len(got), len(want[i]))
			}
		}
	})
}

// TestManyFails: each step that a disk refuses is told, and nothing that is there is written to.
func TestManyFails(t *testing.T) {
	refused := errors.New("refused")
	write := func(dir string) error {
		m, err := NewMany([]string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}, 0)
		if err != nil {
			return err
		}
		return errors.Join(m.Write(0, []byte("x")), m.Write(1, make([]byte, 2*minHeld)), m.Close())
	}
	for _, op := range []string{opCreate, opWrite, opSync} {
		undo := Inject(func(what, path string) error {
			if what == op && filepath.Base(path) == "b" {
				return refused
			}
			return nil
		})
		if err := write(t.TempDir()); !errors.Is(err, refused) {
			t.Errorf("%s: %v", op, err)
		}
		undo()
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "b"), "mine")
	if err := write(dir); !errors.Is(err, os.ErrExist) {
		t.Errorf("a file that was there: %v", err)
	}
	expect(t, dir, map[string]string{"a": "", "b": "mine"})
}
