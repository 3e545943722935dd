package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/par"
)

// claimed is a picture that claims a size and holds no pixels.
type claimed struct{ image.Rectangle }

func (c claimed) Bounds() image.Rectangle { return c.Rectangle }
func (claimed) ColorModel() color.Model   { return color.GrayModel }
func (claimed) At(int, int) color.Color   { return color.Gray{} }

// decoding is called while a claimed picture is decoded.
var decoding atomic.Pointer[func(pixels int64)]

func init() {
	size := func(r io.Reader) (w, h int, err error) {
		_, err = fmt.Fscanf(r, "claimed %d %d", &w, &h)
		return w, h, err
	}
	image.RegisterFormat("claimed", "claimed ", func(r io.Reader) (image.Image, error) {
		w, h, err := size(r)
		(*decoding.Load())(int64(w) * int64(h))
		return claimed{image.Rect(0, 0, w, h)}, err
	}, func(r io.Reader) (image.Config, error) {
		w, h, err := size(r)
		return image.Config{ColorModel: color.GrayModel, Width: w, Height: h}, err
	})
}

// cutAll cuts a box out of n pictures of the same file on 8 cores.
func cutAll(t *testing.T, d *Dir, n int) (failed int) {
	t.Helper()
	var errs atomic.Int64
	if err := par.Do(t.Context(), 8, n, func(int) error {
		if _, err := one(d, "a.png", geom.Size{W: 6144, H: 5000}, geom.Box{X1: 9, Y1: 9}); err != nil {
			errs.Add(1)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return int(errs.Load())
}

// TestPixelsAtOneTime: however many cores decode, the pictures that are decoded at one time have no more pixels, or
// bytes, than the largest that is decoded at all; small ones are decoded beside each other.
func TestPixelsAtOneTime(t *testing.T) {
	var mu sync.Mutex
	var now, most int64
	count := func(pixels int64) {
		mu.Lock()
		now += pixels
		most = max(most, now)
		mu.Unlock()
		time.Sleep(5 * time.Millisecond)
		mu.Lock()
		now -= pixels
		mu.Unlock()
	}
	decoding.Store(&count)
	large := dir(t, map[string][]byte{"a.png": []byte("claimed 6144 5000")}) // 29 of 48 Mi px
	if failed := cutAll(t, large, 16); failed > 0 || most != 6144*5000 {
		t.Errorf("%d of 16 failed; at most %d px at one time, want one picture of %d", failed, most, 6144*5000)
	}
	most = 0
	padded := append([]byte("claimed 100 100 "), bytes.Repeat([]byte{' '}, 30<<20)...)
	if failed := cutAll(t, dir(t, map[string][]byte{"a.png": padded}), 8); failed > 0 || most != 100*100 {
		t.Errorf("%d of 8 failed; at most %d px at one time in files of 30 MiB, want one picture of %d", failed, most, 100*100)
	}

	var inside atomic.Int64
	both := make(chan struct{})
	meet := func(int64) { // ends when two are here
		if inside.Add(1) == 2 {
			close(both)
		}
		<-both
	}
	decoding.Store(&meet)
	if failed := cutAll(t, dir(t, map[string][]byte{"a.png": []byte("claimed 4000 3000")}), 4); failed > 0 {
		t.Errorf("%d of 4 pictures of 12 megapixels failed: they are not decoded beside each other", failed)
	}
}

// TestSlowDecoder: what a decoder that was left behind holds is given back when it ends, not before.
func TestSlowDecoder(t *testing.T) {
	defer func(was time.Duration) { maxTime = was }(maxTime)
	maxTime = 10 * time.Millisecond
	release := make(chan struct{})
	wait := func(int64) { <-release }
	decoding.Store(&wait)
	d := dir(t, map[string][]byte{"a.png": []byte("claimed 1000 1000")})
	if _, err := one(d, "a.png", geom.Size{W: 6144, H: 5000}, geom.Box{X1: 9, Y1: 9}); !errors.Is(err, ErrBroken) {
		t.Errorf("got %v, expected ErrBroken", err)
	}
	left := func() int64 {
		d.room.mu.Lock()
		defer d.room.mu.Unlock()
		return d.room.left
	}
	if got := left(); got != maxPixels-1_000_000 {
		t.Errorf("room for %d px beside a decoder that still works, want %d", got, maxPixels-1_000_000)
	}
	close(release)
	for end := time.Now().Add(10 * time.Second); left() != maxPixels; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("room for %d px after the decoder has ended, want %d", left(), maxPixels)
		}
	}
}

// progressive is a gray JPEG of n scans, each of which says in a few bytes that no block changes.
func progressive(w, h, n int) []byte {
	side := func(v int) []byte { return []byte{byte(v >> 8), byte(v)} }
	b := []byte("\xff\xd8\xff\xdb\x00\x43\x00" + string(bytes.Repeat([]byte{1}, 64)))
	b = append(append(append(b, "\xff\xc2\x00\x0b\x08"...), side(h)...), side(w)...)
	b = append(b, "\x01\x01\x11\x00"...)
	b = append(b, "\xff\xc4\x00\x14\x10\x01"+string(make([]byte, 15))+"\xe0"...) // one code, 0: 2^14 blocks and more end
	runs := ((w+7)/8*((h+7)/8) + 1<<14 - 1) >> 14
	bits := (15*runs + 7) / 8
	for range n {
		b = append(b, "\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00"...)
		b = append(b, make([]byte, bits)...)
	}
	return append(b, "\xff\xd9"...)
}

// TestScans: a JPEG of 1 MB with 20,000 scans, which took more than five minutes, is refused; one of 10 is decoded.
func TestScans(t *testing.T) {
	const w, h = 6000, 8000
	d := dir(t, map[string][]byte{"many.jpg": progressive(w, h, 20_000), "few.jpg": progressive(w, h, 10)})
	began := time.Now()
	if _, err := d.decode("many.jpg"); !errors.Is(err, ErrLarge) {
		t.Errorf("20,000 scans: got %v after %v, expected ErrLarge", err, time.Since(began))
	}
	if of, err := d.decode("few.jpg"); err != nil || of.Bounds().Dx() != w {
		t.Errorf("10 scans: got %v", err)
	}
}
