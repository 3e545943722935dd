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

var (
	npyDescr = regexp.MustCompile(`'descr'\s*:\s*'([^']*)'`)
	npyOrder = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape = regexp.MustCompile(`'shape'\s*:\s*\(([^)]*)\)`)
)

// OpenArray opens a .npy file of float16, float32 or float64 in C order.
func OpenArray(path string) (*Array, error) {
	f, err := os.Open(path)
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

func (a *Array) header() error {
	head := make([]byte, len(npyMagic)+2)
	if _, err := io.ReadFull(a.r, head); err != nil || string(head[:len(npyMagic)]) != npyMagic {
		return errors.New("not a .npy file: expected the bytes \\x93NUMPY at its beginning")
	}
	wide := head[len(npyMagic)] > 1
	length := make([]byte, 2)
	if wide {
		length = make([]byte, 4)
	}
	if _, err := io.ReadFull(a.r, length); err != nil {
		return errors.New("cut off within its header")
	}
	n := int(binary.LittleEndian.Uint16(length))
	if wide {
		n = int(binary.LittleEndian.Uint32(length))
	}
	if n > maxHeader {
		return fmt.Errorf("a header of %d bytes, expected at most %d", n, maxHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(a.r, text); err != nil {
		return errors.New("cut off within its header")
	}
	return a.describe(string(text))
}

// describe takes the header's dictionary.
func (a *Array) describe(header string) error {
	descr, order := npyDescr.FindStringSubmatch(header), npyOrder.FindStringSubmatch(header)
	shape := npyShape.FindStringSubmatch(header)
	if descr == nil || order == nil || shape == nil {
		return fmt.Errorf("header %q: expected descr, fortran_order and shape of a plain array", strings.TrimSpace(header))
	}
	switch descr[1] {
	case "<f2":
		a.size = 2
	case "<f4":
		a.size = 4
	case "<f8":
		a.size = 8
	default:
		return fmt.Errorf("values of type %q, expected float16, float32 or float64, little-endian (<f2, <f4, <f8)", descr[1])
	}
	if order[1] == "True" {
		return errors.New("values in Fortran order, expected C order: save numpy.ascontiguousarray(x)")
	}
	a.left = 1
	for _, s := range strings.Split(shape[1], ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > 0 && a.left > math.MaxInt32/n {
			return fmt.Errorf("shape (%s): expected sides whose product is below 2^31", shape[1])
		}
		a.Shape = append(a.Shape, n)
		a.left *= n
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
