// Package picture opens the pictures of a data set, and cuts out of them what a person has to
// look at.
//
//  1. Open opens the directory that the pictures lie in. No name leads out of it, neither by
//     dots nor by links.
//  2. Measure reads the size of a picture from its header, as it is shown: turned by its EXIF
//     orientation (exif.go).
//  3. Crop decodes a picture and cuts a part out, as a JPEG of bounded size (crop.go).
//
// Pictures are JPEG, PNG, WebP or BMP. What is decoded is bounded in bytes, pixels and time, so
// that a broken picture, or one made to harm, costs one crop and nothing else.
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
	maxPixels = 48 << 20 // as the largest cameras of telephones have
	maxTime   = 10 * time.Second
	header    = 256 << 10 // bytes in which the size and the orientation stand
)

// The errors of a picture.
var (
	ErrMissing = errors.New("there is no such file")
	ErrBroken  = errors.New("can't be read as JPEG, PNG, WebP or BMP")
	ErrLarge   = errors.New("is too large to be decoded")
)

// Dir is a directory of pictures. It is safe for concurrent use.
type Dir struct{ root *os.Root }

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
	return &Dir{root}, nil
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
	data, err := d.read(name, header)
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

// read reads the first bytes of a file: by its name, else by the last part of its name, as data
// sets that were moved have it.
func (d *Dir) read(name string, most int64) ([]byte, error) {
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	for _, n := range []string{name, path.Base(name)} {
		data, err := d.readFile(filepath.FromSlash(n), most)
		if !errors.Is(err, ErrMissing) {
			return data, err
		}
	}
	return nil, ErrMissing
}

func (d *Dir) readFile(name string, most int64) ([]byte, error) {
	if !filepath.IsLocal(name) {
		return nil, ErrMissing
	}
	info, err := d.root.Stat(name) // before it is opened: to open a pipe may take for ever
	if err != nil || !info.Mode().IsRegular() {
		return nil, ErrMissing // or it leads out of the directory
	}
	f, err := d.root.Open(name)
	if errors.Is(err, fs.ErrPermission) {
		return nil, err
	}
	if err != nil {
		return nil, ErrMissing
	}
	defer f.Close()
	if most > header && info.Size() > maxBytes {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrLarge, info.Size())
	}
	return io.ReadAll(io.LimitReader(f, most))
}

// decode decodes a picture, turned as it is shown.
func (d *Dir) decode(name string) (image.Image, Measured, error) {
	data, err := d.read(name, maxBytes)
	if err != nil {
		return nil, Measured{}, err
	}
	m, err := measure(data)
	if err != nil {
		return nil, m, err
	}
	if n := int64(m.Stored.W) * int64(m.Stored.H); n > maxPixels {
		return nil, m, fmt.Errorf("%w: it has %d × %d px", ErrLarge, m.Stored.W, m.Stored.H)
	}
	im, err := par.Within(maxTime, func() (im image.Image, err error) {
		defer func() {
			if recover() != nil { // a decoder's own fault
				err = ErrBroken
			}
		}()
		im, _, err = image.Decode(bytes.NewReader(data))
		return im, err
	})
	if err != nil {
		return nil, m, ErrBroken
	}
	return im, m, nil
}
