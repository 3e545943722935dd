// Package picture opens the pictures of a data set, and cuts out of them what a person has to
// look at.
//
//  1. Open opens the directory that the pictures lie in. No name leads out of it, neither by
//     dots nor by links.
//  2. Measure reads the size of a picture from its header, as it is shown: turned by its EXIF
//     orientation (exif.go).
//  3. Crops decodes a picture and cuts parts out, as JPEGs of bounded size (crop.go).
//
// Pictures are JPEG, PNG, WebP or BMP. What is decoded is bounded in bytes, pixels and time, so
// that a broken picture, or one made to harm, costs its crops and nothing else. So is what is
// decoded at one time, however many cores decode (room.go).
package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // decoders enter themselves
	_ "image/png"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	_ "golang.org/x/image/bmp" // likewise
	_ "golang.org/x/image/webp"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/par"
)

// The limits of a picture.
const (
	maxBytes  = 64 << 20
	maxPixels = 48 << 20  // as the largest cameras of telephones have
	header    = 256 << 10 // bytes in which the size and the orientation stand
)

// maxWork bounds the pixels of all scans of a progressive JPEG, each of which may change all of them in a few bytes:
// cameras and programs write some ten scans.
const maxWork = 64 * maxPixels

// maxTime bounds how long a picture is read and decoded; tests shorten it. It is for a disk or a network that does not
// answer: all else is bounded by bytes and pixels, since a busy machine must not change what a page shows.
var maxTime = 5 * time.Minute

// The errors of a picture.
var (
	ErrMissing = errors.New("there is no such file")
	ErrBroken  = errors.New("can't be read as JPEG, PNG, WebP or BMP")
	ErrLarge   = errors.New("is too large to be decoded")
)

// Dir is a directory of pictures. It is safe for concurrent use.
type Dir struct {
	root *os.Root
	room *room
}

// Open opens a directory. Close it.
func Open(dir string) (*Dir, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() { // to open a pipe waits for a writer that may never come
		return nil, &fs.PathError{Op: "open", Path: dir, Err: syscall.ENOTDIR}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Dir{root, newRoom(maxPixels)}, nil
}

// Close closes the directory.
func (d *Dir) Close() error { return d.root.Close() }

// Measured is the size of a picture, px.
type Measured struct {
	Shown  geom.Size // as viewers and most trainers show it
	Stored geom.Size // as its pixels lie; another than Shown if EXIF turns it by 90°
	turn   int       // EXIF orientation, 1 to 8
}

// Measure reads the size of a picture from its first bytes.
func (d *Dir) Measure(name string) (Measured, error) {
	data, _, err := d.read(name, header)
	if err != nil {
		return Measured{}, err
	}
	return measure(data)
}

func measure(data []byte) (Measured, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || config.Width < 1 || config.Height < 1 {
		return Measured{}, ErrBroken
	}
	m := Measured{Stored: geom.Size{W: config.Width, H: config.Height}, turn: orientation(data)}
	if m.Shown = m.Stored; m.turn > 4 {
		m.Shown = geom.Size{W: config.Height, H: config.Width}
	}
	return m, nil
}

// Find returns the path of a picture below the directory, with /: under its name, else under the last part of its name,
// as in data sets that were moved. ok is false if there is no such regular file, or if it leads out of the directory.
func (d *Dir) Find(name string) (at string, ok bool) {
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	for _, at := range []string{name, path.Base(name)} {
		local := filepath.FromSlash(at)
		if !filepath.IsLocal(local) {
			continue
		}
		if info, err := d.root.Stat(local); err == nil && info.Mode().IsRegular() {
			return at, true
		}
	}
	return "", false
}

// read reads the first bytes of a picture, and tells how many it has. It opens regular files only: to open a pipe may
// take for ever.
func (d *Dir) read(name string, most int64) (data []byte, size int64, err error) {
	at, ok := d.Find(name)
	if !ok {
		return nil, 0, ErrMissing
	}
	f, err := d.root.Open(filepath.FromSlash(at))
	if errors.Is(err, fs.ErrPermission) {
		return nil, 0, err
	}
	if err != nil {
		return nil, 0, ErrMissing
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	if most > header && info.Size() > maxBytes {
		return nil, 0, fmt.Errorf("%w: it has %d bytes", ErrLarge, info.Size())
	}
	data, err = io.ReadAll(io.LimitReader(f, most))
	return data, info.Size(), err
}

// decoded is a picture.
type decoded struct {
	image.Image
	Measured
}

// with decodes a picture, and keeps room for it until use has returned.
func (d *Dir) with(name string, use func(decoded)) error {
	need := d.need(name)
	d.room.take(need)
	done := second(func() { d.room.give(need) }) // a decoder that is too slow is left behind, but still holds memory
	defer done()
	of, err := par.Within(maxTime, func() (decoded, error) {
		defer done()
		return d.decode(name)
	})
	switch {
	case errors.Is(err, par.ErrTooLong):
		return ErrBroken
	case err != nil:
		return err
	}
	use(of)
	return nil
}

// need is the room that a picture takes while it is decoded: its pixels, or its bytes if they are more.
func (d *Dir) need(name string) int64 {
	data, size, err := d.read(name, header)
	if err != nil {
		return 0 // nothing will be decoded
	}
	m, err := measure(data)
	if err != nil { // its size stands farther behind, or nowhere
		return maxPixels
	}
	return max(size, m.pixels())
}

// pixels is how many pixels a picture has: two sides of 2^31 have less than 2^63.
func (m *Measured) pixels() int64 { return int64(m.Stored.W) * int64(m.Stored.H) }

// decode decodes a picture as its pixels lie.
func (d *Dir) decode(name string) (decoded, error) {
	data, _, err := d.read(name, maxBytes)
	if err != nil {
		return decoded{}, err
	}
	m, err := measure(data)
	if err != nil {
		return decoded{}, err
	}
	if m.pixels() > maxPixels {
		return decoded{}, fmt.Errorf("%w: it has %d × %d px", ErrLarge, m.Stored.W, m.Stored.H)
	}
	if n := scans(data); n*m.pixels() > maxWork {
		return decoded{}, fmt.Errorf("%w: it has %d scans of %d × %d px", ErrLarge, n, m.Stored.W, m.Stored.H)
	}
	im, err := decodeData(data)
	if err != nil {
		return decoded{}, ErrBroken
	}
	return decoded{im, m}, nil
}

// scans returns how many scans a JPEG has at most, 1 for other pictures. Within a scan no marker can occur; comments
// and previews may hold some.
func scans(data []byte) int64 {
	if !bytes.HasPrefix(data, []byte("\xff\xd8")) {
		return 1
	}
	return int64(bytes.Count(data, []byte("\xff\xda")))
}

func decodeData(data []byte) (im image.Image, err error) {
	defer func() {
		if recover() != nil { // a decoder's own fault
			err = ErrBroken
		}
	}()
	im, _, err = image.Decode(bytes.NewReader(data))
	return im, err
}
