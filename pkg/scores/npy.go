package scores

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

	"focalaudit/pkg/files"
)

// Array is an open .npy file, numpy's format for one array
// (numpy/lib/format.py): a header and the values in C order.
type Array struct {
	Shape []int
	name  string
	file  *os.File
	r     *bufio.Reader
	size  int // bytes of a value
	raw   []byte
	left  int // values
}

// half holds every float16 as a float64.
var half = func() (t [1 << 16]float64) {
	for bits := range t {
		exp, frac := bits>>10&31, float64(bits&1023)
		v := math.Ldexp(1024+frac, exp-25)
		switch exp {
		case 0:
			v = math.Ldexp(frac, -24)
		case 31:
			v = math.Inf(1)
			if frac != 0 {
				v = math.NaN()
			}
		}
		if bits>>15 == 1 {
			v = -v
		}
		t[bits] = v
	}
	return t
}()

const npyMagic = "\x93NUMPY"

// maxHeader bounds the header, as numpy itself does by default.
const maxHeader = 10000

// npyEntry is an entry of the header's dictionary, as Python writes it: its key and its
// value, which is a text, True or False, a tuple, or the list of fields of a record.
var npyEntry = regexp.MustCompile(`^\s*'(\w*)'\s*:\s*('[^']*'|True|False|\([^()]*\)|\[.*\])\s*(,|\})`)

// npyTypes are the sizes of the types of values that are read.
var npyTypes = map[string]int{"<f2": 2, "<f4": 4, "<f8": 8}

// OpenArray opens a .npy file of float16, float32 or float64 in C order. A file whose
// size is not the one that its header tells is refused.
func OpenArray(path string) (*Array, error) {
	f, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	a := &Array{name: path, file: f, r: bufio.NewReaderSize(f, 1<<18)}
	if err := a.header(); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// Close closes the file.
func (a *Array) Close() { a.file.Close() }

// header reads what stands before the values, and holds the file's size against it.
func (a *Array) header() error {
	head := make([]byte, len(npyMagic)+2)
	if _, err := io.ReadFull(a.r, head); err != nil || string(head[:len(npyMagic)]) != npyMagic {
		return errors.New("not a .npy file: expected the bytes \\x93NUMPY at its beginning")
	}
	version := head[len(npyMagic)]
	if version < 1 || version > 3 || head[len(head)-1] != 0 {
		return fmt.Errorf("version %d.%d of the .npy format, expected 1.0, 2.0 or 3.0", version, head[len(head)-1])
	}
	length := make([]byte, 2)
	if version > 1 {
		length = make([]byte, 4)
	}
	if _, err := io.ReadFull(a.r, length); err != nil {
		return errors.New("cut off within its header")
	}
	n := int64(binary.LittleEndian.Uint16(length))
	if version > 1 {
		n = int64(binary.LittleEndian.Uint32(length))
	}
	if n > maxHeader {
		return fmt.Errorf("a header of %d bytes, expected at most %d", n, maxHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(a.r, text); err != nil {
		return errors.New("cut off within its header")
	}
	if err := a.describe(string(text)); err != nil {
		return err
	}
	return a.measure(int64(len(head)+len(length)) + n)
}

// measure holds the size of the file against its header, which ends at an offset.
func (a *Array) measure(header int64) error {
	info, err := a.file.Stat()
	if err != nil {
		return err
	}
	found, want := info.Size()-header, int64(a.left)*int64(a.size)
	switch {
	case found < want:
		return fmt.Errorf("cut off: %d bytes of values, expected %d for %d values of %d bytes",
			found, want, a.left, a.size)
	case found > want:
		return fmt.Errorf("%d bytes of values, expected %d for %d values of %d bytes: the header is of another array",
			found, want, a.left, a.size)
	}
	return nil
}

// describe takes the header's dictionary: descr, fortran_order and shape, each once.
func (a *Array) describe(header string) error {
	plain := fmt.Errorf("header %q: expected descr, fortran_order and shape of a plain array, each once",
		strings.TrimSpace(header))
	rest, ok := strings.CutPrefix(strings.TrimSpace(header), "{")
	entries := map[string]string{}
	for end := ""; ok && end != "}"; {
		m := npyEntry.FindStringSubmatch(rest)
		if m == nil {
			return plain
		}
		if _, twice := entries[m[1]]; twice {
			return fmt.Errorf("header %q: the key %s stands there twice, expected once", strings.TrimSpace(header), m[1])
		}
		entries[m[1]], rest, end = m[2], rest[len(m[0]):], m[3]
		if trimmed := strings.TrimSpace(rest); end == "," && strings.HasPrefix(trimmed, "}") {
			rest, end = trimmed[1:], "}"
		}
	}
	order := entries["fortran_order"]
	shape, tuple := strings.CutPrefix(entries["shape"], "(")
	if !ok || rest != "" || len(entries) != 3 || !strings.HasPrefix(entries["descr"], "'") ||
		order != "True" && order != "False" || !tuple {
		return plain
	}
	if err := a.typed(strings.Trim(entries["descr"], "'")); err != nil {
		return err
	}
	if order == "True" {
		return errors.New("values in Fortran order, expected C order: save numpy.ascontiguousarray(x)")
	}
	return a.shaped(strings.TrimSuffix(shape, ")"))
}

// typed takes the type of the values.
func (a *Array) typed(descr string) error {
	if a.size = npyTypes[descr]; a.size != 0 {
		return nil
	}
	if strings.TrimLeft(descr, "|<>=") == "O" {
		return fmt.Errorf("values of type %q, pickled Python objects, expected numbers: save x.astype(numpy.float32)", descr)
	}
	return fmt.Errorf("values of type %q, expected float16, float32 or float64, little-endian (<f2, <f4, <f8)", descr)
}

// shaped takes the sides of the array, as they stand between the brackets.
func (a *Array) shaped(shape string) error {
	wrong := fmt.Errorf("shape (%s): expected sides from 0 whose product is below 2^31", shape)
	a.left = 1
	product := 1 // of the sides above 0, so that no 0 hides an overflow
	sides := strings.Split(shape, ",")
	if last := len(sides) - 1; strings.TrimSpace(sides[last]) == "" {
		sides = sides[:last] // (3,) and ()
	} else if last == 0 {
		return wrong // (3) is no tuple
	}
	for _, s := range sides {
		n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
		if err != nil || n > 0 && product > math.MaxInt32/int(n) {
			return wrong
		}
		if n > 0 {
			product *= int(n)
		}
		a.Shape = append(a.Shape, int(n))
		a.left *= int(n)
	}
	return nil
}

// Read fills values with the next ones.
func (a *Array) Read(values []float64) error {
	if len(values) > a.left {
		return fmt.Errorf("%s: %d values asked for, %d left", a.name, len(values), a.left)
	}
	n := len(values) * a.size
	if cap(a.raw) < n {
		a.raw = make([]byte, n)
	}
	raw := a.raw[:n]
	if _, err := io.ReadFull(a.r, raw); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%s: cut off: %d values are missing", a.name, a.left)
		}
		return fmt.Errorf("%s: %w", a.name, err)
	}
	a.left -= len(values)
	switch a.size {
	case 2:
		for i := range values {
			values[i] = half[binary.LittleEndian.Uint16(raw[2*i:])]
		}
	case 4:
		for i := range values {
			values[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	default:
		for i := range values {
			values[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
		}
	}
	return nil
}
