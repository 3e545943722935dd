package distribution

import (
	"testing"

	"pgregory.net/rapid"

	"focalaudit/internal/pack"
)

// TestPlaces: places give back the cells that they were made of, packed or not; the cells are the oracle.
func TestPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want [Side * Side]int64
		var parts [2]cells
		for range rapid.SampledFrom([]int{0, 3, 60, fewCells + 60}).Draw(t, "objects") {
			cell, n := rapid.IntRange(0, len(want)-1).Draw(t, "cell"), int64(1)
			if rapid.IntRange(0, fewCells).Draw(t, "many") == 0 {
				n = rapid.Int64Range(1, 1<<50).Draw(t, "n")
			}
			want[cell] += n
			parts[rapid.IntRange(0, 1).Draw(t, "part")].add(cell, n)
		}
		parts[0].addAll(&parts[1])
		var w pack.Writer
		w.Text(string(parts[0].places()))
		r := pack.NewReader(w.Bytes)
		p := unpackPlaces(r)
		if err := r.End(); err != nil {
			t.Fatal(err)
		}
		var got [Side * Side]int64
		last := -1
		for cell, n := range p.All() {
			if cell <= last || n == 0 {
				t.Fatalf("cell %d with %d objects behind cell %d", cell, n, last)
			}
			got[cell], last = n, cell
		}
		if got != want {
			t.Fatalf("got %v, want %v", got, want)
		}
		if empty := want == [Side * Side]int64{}; empty != (len(p) == 0) {
			t.Fatalf("%d bytes for %v", len(p), want)
		}
	})
}

// TestForgedPlaces: bytes that are no places fail to be read, whatever they are; those that are read have cells of an
// image and objects in each.
func TestForgedPlaces(t *testing.T) {
	for _, of := range []string{"\x01", "\x00\x01", "\x01\x00", "\x80", "\x01\x80", "\x81\x10\x01", "\x80\x08\x01\x01\x01",
		"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"} {
		var w pack.Writer
		w.Text(of)
		r := pack.NewReader(w.Bytes)
		if unpackPlaces(r); r.End() == nil {
			t.Errorf("%q is read", of)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var w pack.Writer
		w.Text(string(rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "bytes")))
		r := pack.NewReader(w.Bytes)
		for cell, n := range unpackPlaces(r).All() {
			if cell < 0 || cell >= Side*Side || n < 1 {
				t.Fatalf("%d objects in cell %d", n, cell)
			}
		}
	})
}
