package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// partMagic is what the packed files of a part begin with.
const partMagic = "focalaudit part\n"

// forge writes a part like the one at from whose sources.pack is another one, with all checksums as they have to be.
func forge(t *testing.T, from, to string, change func([]byte) []byte) {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	was := read("sources.pack")
	plain, err := d.DecodeAll(was[len(partMagic):], nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	now := append([]byte(partMagic), e.EncodeAll(change(plain), nil)...)
	head := bytes.Replace(read("part.json"), []byte(sumHex(was)), []byte(sumHex(now)), 1)
	const key = `"part.json": "`
	at := bytes.Index(head, []byte(key)) + len(key)
	copy(head[at:], strings.Repeat("0", 64))
	copy(head[at:], sumHex(head))
	if err := os.CopyFS(to, os.DirFS(from)); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	write(t, filepath.Join(to, "part.json"), string(head))
	write(t, filepath.Join(to, "sources.pack"), string(now))
}

func sumHex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TestForgedParts: a part that somebody forged, checksums and all, is merged or refused; it ends no program in the Go
// runtime's words, and leaves nothing behind.
func TestForgedParts(t *testing.T) {
	dir := t.TempDir()
	of := filepath.Join(dir, "part")
	analyze(t, "run", sampleDir, "-q", "--part", "-o", of).expect(t, statusFine)
	merge := func(name string, change func([]byte) []byte) result {
		forged, out := filepath.Join(dir, name), filepath.Join(dir, "report")
		forge(t, of, forged, change)
		r := analyze(t, "merge", forged, "-q", "-o", out)
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".report.tmp-*")); left != nil {
			t.Errorf("%s: %q is left behind", name, left)
		}
		return r
	}
	same := func(b []byte) []byte { return b }
	merge("same", same).expect(t, statusFine)
	for _, code := range []string{"box-negative", "near-duplicate"} { // of the reader, and of the pass over images
		merge(code, func(b []byte) []byte {
			return bytes.Replace(b, []byte(code), []byte("x"+code[1:]), 1)
		}).expect(t, statusTrouble, "err:sources.pack is damaged")
	}
	for seed := range 40 {
		r := rand.New(rand.NewPCG(uint64(seed), 0))
		got := merge("seed", func(b []byte) []byte {
			b[r.IntN(len(b))] = byte(r.IntN(256))
			return b
		})
		if got.status != statusFine && got.status != statusTrouble {
			t.Errorf("seed %d: status %d, %s", seed, got.status, got.errw)
		}
		if strings.Contains(got.errw, "goroutine ") || strings.Contains(got.errw, "runtime error") {
			t.Errorf("seed %d: %s", seed, got.errw)
		}
	}
}
