package part

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"sort"
	"syscall"

	"focalaudit/internal/pack"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/convention/between"
	"focalaudit/pkg/files"
)

// lists.pack holds sorted lists, whose entries have one length each and are not compressed: a merge finds a median by
// looking at a few places, and goes through keys of images in the order of all parts. First come the values of the
// objects by class and quantity, then the sightings of the images by list.

// lists says how long the lists of a part are.
type lists struct {
	values    []int // by class, and quantity in it
	sightings [between.Lists]int
}

// The lengths of entries, in bytes: of a value, which is a float64 and the number of the object among all of the part,
// and of a sighting.
const valueBytes = 8 + 4

var sightingBytes = [between.Lists]int{between.Names: 24, between.Layouts: 24, between.Stems: 48}

func (l *lists) pack(w *pack.Writer) {
	w.Len(len(l.values))
	for _, n := range l.values {
		w.Len(n)
	}
	for _, n := range l.sightings {
		w.Len(n)
	}
}

func (l *lists) unpack(r *pack.Reader) {
	for range r.Len(1) {
		l.values = append(l.values, r.Below(math.MaxInt32))
	}
	for i := range l.sightings {
		l.sightings[i] = r.Below(math.MaxInt32)
	}
}

// writeLists writes lists.pack.
func writeLists(to io.Writer, p *Part) (l lists, err error) {
	w := bufio.NewWriter(to)
	w.WriteString(magic) // Flush returns the first error
	if p.Counted != nil {
		if err := l.writeValues(w, p); err != nil {
			return l, err
		}
	}
	for list := range between.List(between.Lists) {
		var all []between.Sighting
		for s := range p.Data.Sources {
			all = list.Sight(all, p.Data.Source(s), int32(s))
		}
		between.SortSightings(all)
		l.sightings[list] = len(all)
		var b []byte
		for i := range all {
			one := &all[i]
			b = append(b[:0], one.Key[:]...)
			b = binary.LittleEndian.AppendUint32(b, uint32(one.Source))
			b = binary.LittleEndian.AppendUint32(b, uint32(one.Image))
			if list == between.Stems {
				b = append(b, one.Base[:]...)
				b = binary.LittleEndian.AppendUint32(b, uint32(one.Size[0]))
				b = binary.LittleEndian.AppendUint32(b, uint32(one.Size[1]))
			}
			w.Write(b)
		}
	}
	return l, w.Flush()
}

// errManyObjects is that of a part whose objects have no number of 32 bits.
var errManyObjects = errors.New("a part can hold 4,294,967,295 annotations, and this one has more: " +
	"divide the files among several parts")

// writeValues writes the values of the objects.
func (l *lists) writeValues(w *bufio.Writer, p *Part) error {
	first, n := make([]int, len(p.Data.Sources)), 0
	for s := range first {
		first[s] = n
		_, objects := p.Data.Count(s)
		n += objects
	}
	if n > math.MaxUint32 {
		return errManyObjects
	}
	var b []byte
	for _, of := range p.Counted.Values() {
		for _, values := range of {
			l.values = append(l.values, len(values))
			for _, v := range values {
				b = binary.LittleEndian.AppendUint64(b[:0], math.Float64bits(v.X))
				b = binary.LittleEndian.AppendUint32(b, uint32(first[v.Source]+int(v.Object)))
				w.Write(b)
			}
		}
	}
	return nil
}

// column is a stretch of lists.pack with n entries of one length. It holds the blocks that it read last: a search comes
// back to the same ones.
type column struct {
	set    *Set
	part   *opened
	offset int64
	n      int
	each   int // bytes of an entry
	block  int // entries that are read together

	held map[int][]byte // by the number of the block
	buf  []byte         // the block that was asked for last
	from int            // its first entry
}

// maxBlocks is how many blocks a column holds.
const maxBlocks = 16

// at returns an entry. If it can't be read the run ends, and zeros are returned meanwhile.
func (c *column) at(i int) []byte {
	if i < c.from || (i-c.from+1)*c.each > len(c.buf) {
		k := i / c.block
		c.from = k * c.block
		if c.buf = c.held[k]; c.buf == nil {
			c.buf = c.read(c.from)
			if c.held == nil || len(c.held) == maxBlocks {
				c.held = map[int][]byte{}
			}
			c.held[k] = c.buf
		}
	}
	return c.buf[(i-c.from)*c.each:][:c.each]
}

func (c *column) read(from int) []byte {
	b := make([]byte, min(c.block, c.n-from)*c.each)
	f, err := c.part.openLists()
	if err == nil {
		if _, err = f.ReadAt(b, c.offset+int64(from)*int64(c.each)); err != nil {
			err = c.part.changed(listsName, err)
		}
	}
	if err != nil {
		c.set.pages.cancel(err)
		clear(b)
	}
	return b
}

// openLists returns lists.pack, which stays open: as many files as there are parts.
func (p *opened) openLists() (*os.File, error) {
	p.listsOnce.Do(func() { p.listsFile, p.listsErr = p.file(listsName) })
	return p.listsFile, p.listsErr
}

// file opens a file of a part again. It may have become a pipe, for whose writer a merge would wait for ever.
func (p *opened) file(name string) (*os.File, error) {
	f, err := files.Open(filepath.Join(p.dir, name))
	switch {
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return nil, fmt.Errorf("%s: too many files are open: a merge keeps one of each part open: allow more of them "+
			"(ulimit -n)", filepath.Join(p.dir, name))
	case err != nil:
		return nil, p.changed(name, err)
	}
	return f, nil
}

// changed is the error of a file that was whole when the merge began.
func (p *opened) changed(name string, err error) error {
	path := filepath.Join(p.dir, name)
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s changed while it was read: it is shorter than it was", path)
	}
	return fmt.Errorf("%s changed while it was read: %w", path, err)
}

// The blocks of columns, in bytes: of one that is searched, and of one that is gone through.
const (
	searchBlock = 4 << 10
	streamBlock = 64 << 10
)

// valueColumn is the values of a class and quantity.
type valueColumn struct {
	column
	first []int // by source of the part: the number of its first object
}

// valuesOf returns what returns the values of a part.
func (set *Set) valuesOf(p *opened) func(class, q int) analysis.Values {
	offsets := make([]int64, len(p.lists.values))
	offset := int64(len(magic))
	for i, n := range p.lists.values {
		offsets[i] = offset
		offset += int64(n) * valueBytes
	}
	first, n := make([]int, len(p.numbers)), 0
	for k, s := range p.numbers {
		first[k] = n
		_, objects := set.Data.Count(s)
		n += objects
	}
	return func(class, q int) analysis.Values {
		i := class*analysis.Quantities + q
		return &valueColumn{column{
			set: set, part: p, offset: offsets[i], n: p.lists.values[i], each: valueBytes, block: searchBlock / valueBytes,
		}, first}
	}
}

// Len returns how many values there are.
func (c *valueColumn) Len() int { return c.n }

// At returns a value.
func (c *valueColumn) At(i int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(c.at(i)))
}

// Object returns the object that has a value.
func (c *valueColumn) Object(i int) (source, object int) {
	n := int(binary.LittleEndian.Uint32(c.at(i)[8:]))
	k := sort.Search(len(c.first), func(k int) bool { return c.first[k] > n }) - 1
	return c.part.numbers[k], n - c.first[k]
}

// stream is the sightings of a part that a list has, of which the next is at hand.
type stream struct {
	column
	next int
	of   between.Sighting
}

// advance takes the next sighting; false at the end.
func (s *stream) advance() bool {
	if s.next == s.n {
		return false
	}
	b := s.at(s.next)
	s.next++
	s.of = between.Sighting{
		Key:    between.Key(b[:16]),
		Source: int32(s.part.numbers[min(int(binary.LittleEndian.Uint32(b[16:])), len(s.part.numbers)-1)]),
		Image:  int32(binary.LittleEndian.Uint32(b[20:])),
	}
	if len(b) > 24 {
		s.of.Base = between.Key(b[24:40])
		s.of.Size = [2]int32{int32(binary.LittleEndian.Uint32(b[40:])), int32(binary.LittleEndian.Uint32(b[44:]))}
	}
	return true
}

// streams are a heap: the one with the smallest sighting first.
type streams []*stream

// Len implements heap.Interface.
func (s streams) Len() int { return len(s) }

// Less implements heap.Interface.
func (s streams) Less(i, j int) bool { return s[i].of.Compare(&s[j].of) < 0 }

// Swap implements heap.Interface.
func (s streams) Swap(i, j int) { s[i], s[j] = s[j], s[i] }

// Push implements heap.Interface.
func (s *streams) Push(x any) { *s = append(*s, x.(*stream)) }

// Pop implements heap.Interface.
func (s *streams) Pop() any {
	last := len(*s) - 1
	x := (*s)[last]
	*s = (*s)[:last]
	return x
}

// sighted yields the sightings of all parts that a list has, sorted by their keys.
func (set *Set) sighted(l between.List) iter.Seq[between.Sighting] {
	return func(yield func(between.Sighting) bool) {
		var all streams
		for _, p := range set.parts {
			offset := int64(len(magic))
			for _, n := range p.lists.values {
				offset += int64(n) * valueBytes
			}
			for k, n := range p.lists.sightings[:l] {
				offset += int64(n) * int64(sightingBytes[k])
			}
			s := &stream{column: column{
				set: set, part: p, offset: offset, n: p.lists.sightings[l], each: sightingBytes[l],
				block: streamBlock / sightingBytes[l],
			}}
			if s.advance() {
				all = append(all, s)
			}
		}
		heap.Init(&all)
		for len(all) > 0 {
			if !yield(all[0].of) {
				return
			}
			if all[0].advance() {
				heap.Fix(&all, 0)
			} else {
				heap.Pop(&all)
			}
		}
	}
}
