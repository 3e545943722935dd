package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"

	"focalaudit/pkg/geom"
)

// painted is a picture of 64 × 48 px: red above left, green above right, blue below left, white
// below right.
func painted() image.Image {
	im := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for y := range 48 {
		for x := range 64 {
			c := [4]color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}}[y/24*2+x/32]
			im.SetRGBA(x, y, c)
		}
	}
	return im
}

// withOrientation is a JPEG with an EXIF block that has one tag.
func withOrientation(t *testing.T, turn int, order binary.AppendByteOrder) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, painted(), &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("II*\x00")
	if order.String() == "BigEndian" {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, uint16(turn))
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	block := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(block)+2))...)
	return append(append(out, block...), b.Bytes()[2:]...)
}

// dir is a directory with these files.
func dir(t *testing.T, files map[string][]byte) *Dir {
	t.Helper()
	at := t.TempDir()
	for name, data := range files {
		path := filepath.Join(at, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, data, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// one is the crop around one box.
func one(d *Dir, name string, annotated geom.Size, box geom.Box) (Crop, error) {
	cut := d.Crops(name, annotated, []geom.Box{box})[0]
	return cut.Crop, cut.Err
}

// TestOrientation: each of the eight orientations shows red where the standard has the stored
// picture's row 0 and column 0 (CIPA DC-008, table of tag Orientation).
func TestOrientation(t *testing.T) {
	corner := []string{"", "top left", "top right", "bottom right", "bottom left", "left top", "right top", "right bottom", "left bottom"}
	for turn := 1; turn <= 8; turn++ {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			data := withOrientation(t, turn, order)
			d := dir(t, map[string][]byte{"a.jpg": data})
			m, err := d.Measure("a.jpg")
			want := geom.Size{W: 64, H: 48}
			if turn > 4 {
				want = geom.Size{W: 48, H: 64}
			}
			if err != nil || m.Shown != want || m.Stored != (geom.Size{W: 64, H: 48}) {
				t.Fatalf("turn %d: %+v, %v", turn, m, err)
			}
			c, err := one(d, "a.jpg", want, geom.Box{X1: float64(want.W), Y1: float64(want.H)})
			if err != nil {
				t.Fatal(err)
			}
			im, err := jpeg.Decode(bytes.NewReader(c.JPEG))
			if err != nil {
				t.Fatal(err)
			}
			x, y := want.W/8, want.H/8
			if strings.Contains(corner[turn], "right") {
				x = want.W - x
			}
			if strings.Contains(corner[turn], "bottom") {
				y = want.H - y
			}
			if r, g, b, _ := im.At(x, y).RGBA(); r < 0xd000 || g > 0x3000 || b > 0x3000 {
				t.Errorf("turn %d: at the %s is %x %x %x, expected red", turn, corner[turn], r, g, b)
			}
		}
	}
}

// TestAnnotatedAsStored: annotations of the stored picture are shown on the stored picture.
func TestAnnotatedAsStored(t *testing.T) {
	d := dir(t, map[string][]byte{"a.jpg": withOrientation(t, 6, binary.LittleEndian)})
	c, err := one(d, "a.jpg", geom.Size{W: 64, H: 48}, geom.Box{X1: 64, Y1: 48})
	if err != nil || c.Size != (geom.Size{W: 64, H: 48}) {
		t.Fatalf("%+v, %v", c.Size, err)
	}
}

// TestNothingOutside: no name leads out of the directory, and only files are opened.
func TestNothingOutside(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, painted()); err != nil {
		t.Fatal(err)
	}
	d := dir(t, map[string][]byte{"in/a.png": b.Bytes()})
	root := d.root.Name()
	outside := filepath.Join(t.TempDir(), "secret.png")
	if err := os.WriteFile(outside, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"link.png": outside, "up": filepath.Dir(outside), "in/inner.png": "a.png"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Skip(err)
		}
	}
	up, err := filepath.Rel(root, outside)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{outside, up, "link.png", "up/secret.png", "../" + filepath.Base(root) + "/in/../../secret.png", "in", "", ".", "..",
		"nothing.png", "in/a.png/b", "a\x00.png"} {
		if _, err := d.Measure(name); err == nil {
			t.Errorf("%q is opened", name)
		}
		if _, err := one(d, name, geom.Size{W: 64, H: 48}, geom.Box{X1: 9, Y1: 9}); err == nil {
			t.Errorf("%q is cropped", name)
		}
	}
	for _, name := range []string{"in/a.png", `in\a.png`, "./in//a.png", "in/inner.png"} {
		if _, err := d.Measure(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestBroken: what is no picture, is cut off, or claims to be huge is an error, and quickly one.
func TestBroken(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, painted()); err != nil {
		t.Fatal(err)
	}
	bomb := bytes.Clone(b.Bytes())
	binary.BigEndian.PutUint32(bomb[16:], 60000) // the width in IHDR, then the height
	binary.BigEndian.PutUint32(bomb[20:], 60000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	d := dir(t, map[string][]byte{"text.jpg": []byte("no picture"), "empty.png": nil, "cut.png": b.Bytes()[:b.Len()/2], "bomb.png": bomb})
	for name, want := range map[string]error{"text.jpg": ErrBroken, "empty.png": ErrBroken, "cut.png": ErrBroken, "bomb.png": ErrLarge,
		"missing.png": ErrMissing} {
		if _, err := one(d, name, geom.Size{W: 64, H: 48}, geom.Box{X1: 9, Y1: 9}); !errors.Is(err, want) {
			t.Errorf("%s: %v, expected that it %v", name, err, want)
		}
	}
	if m, err := d.Measure("bomb.png"); err != nil || m.Shown.W != 60000 {
		t.Errorf("the size of a large picture stands in its header: %+v, %v", m, err)
	}
}

// TestCrop: a crop holds the box and is bounded, whatever the sizes; a picture of another size
// than the annotations is scaled to them.
func TestCrop(t *testing.T) {
	var b, small bytes.Buffer
	big := image.NewGray(image.Rect(0, 0, 2400, 1200))
	for i := range big.Pix {
		big.Pix[i] = uint8(i % 2400 / 10)
	}
	if err := errors.Join(png.Encode(&b, big), bmp.Encode(&small, painted())); err != nil {
		t.Fatal(err)
	}
	d := dir(t, map[string][]byte{"big.png": b.Bytes(), "a.bmp": small.Bytes()})
	for _, box := range []geom.Box{{X0: 100, Y0: 50, X1: 130, Y1: 90}, {X1: 1200, Y1: 600}, {X0: -50, Y0: -50, X1: 10, Y1: 10},
		{X0: 1190, Y0: 590, X1: 1250, Y1: 640}, {X0: 600, Y0: 300, X1: 600.2, Y1: 300.1}} {
		c, err := one(d, "big.png", geom.Size{W: 1200, H: 600}, box)
		if err != nil {
			t.Fatal(err)
		}
		within := box.Intersect(geom.Box{X1: 1200, Y1: 600})
		if shared := within.Intersect(c.Part.Box()); shared != within {
			t.Errorf("the crop %+v does not hold %+v", c.Part, within)
		}
		if c.Size.W > side || c.Size.H > side || c.Size.W < 1 || c.Size.H < 1 || len(c.JPEG) > 60000 {
			t.Errorf("%+v: a JPEG of %+v px, %d bytes", box, c.Size, len(c.JPEG))
		}
		im, err := jpeg.Decode(bytes.NewReader(c.JPEG))
		if err != nil || im.Bounds().Dx() != c.Size.W || im.Bounds().Dy() != c.Size.H {
			t.Fatalf("%v, %v", err, im.Bounds())
		}
		// The picture is a ramp: the middle column has the grey of the middle of the part.
		want := (c.Part.X + c.Part.W/2) * 2 / 10
		if r, _, _, _ := im.At(c.Size.W/2, c.Size.H/2).RGBA(); math.Abs(float64(r>>8)-want) > 6 {
			t.Errorf("%+v: the middle is %d, expected %.0f", c.Part, r>>8, want)
		}
	}
	if c, err := one(d, "a.bmp", geom.Size{W: 64, H: 48}, geom.Box{X1: 20, Y1: 20}); err != nil || c.Size.W < 20 {
		t.Errorf("BMP: %+v, %v", c.Size, err)
	}
	if _, err := one(d, "a.bmp", geom.Size{W: 64, H: 48}, geom.Box{X0: 500, Y0: 500, X1: 520, Y1: 520}); err == nil {
		t.Error("a box outside of its image is cropped")
	}
}

// FuzzOrientation: no bytes make reading EXIF fail.
func FuzzOrientation(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x20Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got := orientation(data); got < 1 || got > 8 {
			t.Errorf("orientation %d", got)
		}
	})
}
