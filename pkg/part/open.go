package part

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"focalaudit/internal/pack"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/distribution"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/par"
	"focalaudit/pkg/text"
)

// Set is several parts, put together.
type Set struct {
	Settings Settings
	Version  string
	Data     *dataset.Dataset
	Files    []File // of all parts, sorted by name
	Counted  *analysis.Parts

	// Kept are the labels that a person kept, by what lay beside the files of all parts.
	Kept Kept

	// Repeated are directories whose sources another one has too, all of them: they are left out.
	Repeated []string

	parts []*opened
	pages *pages
}

// opened is a part that was read, but for its records.
type opened struct {
	dir      string
	head     *head
	files    []File
	heads    []*dataset.Head
	frames   []frame
	spans    []span // by source
	counted  bool
	classes  []dataset.Class
	lists    lists
	rows     []stretch
	book     []byte
	found    [][]findings.Finding
	unlisted map[string]int
	digests  []string // by source, packed
	details  []piece  // by source: where the details of their looks stand
	names    []string // of its sources, as it was counted

	numbers []int // of the sources in the data set

	listsOnce sync.Once // opens listsFile
	listsFile *os.File
	listsErr  error
}

// Open reads the parts in some directories and puts them together. Their order does not matter. It holds every
// file against its checksum first. Records are read when they are asked for; cancel is told if that fails, and
// what is returned then is of no use.
func Open(
	ctx context.Context, dirs []string, version string, workers int, cancel context.CancelCauseFunc,
) (*Set, error) {
	dirs = slices.Clone(dirs)
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	set := &Set{Version: version}
	parts := make([]*opened, len(dirs))
	err := par.Do(ctx, workers, len(dirs), func(i int) (err error) {
		parts[i], err = open(dirs[i], version)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if err := agree(parts[0], p); err != nil {
			return nil, err
		}
	}
	if set.parts, set.Repeated, err = once(parts); err != nil {
		return nil, err
	}
	set.Settings = parts[0].head.Settings
	var mine, others []string
	for _, p := range parts {
		mine, others = append(mine, p.head.Kept.Mine...), append(others, p.head.Kept.Others...)
	}
	set.Kept.Add(mine, true)
	set.Kept.Add(others, false)
	set.pages = newPages(set, workers, cancel)
	set.gather()
	set.count()
	return set, nil
}

// open reads a part, but for its records.
func open(dir, version string) (*opened, error) {
	h, err := readHead(dir)
	if err != nil {
		return nil, err
	}
	if is := this(version); h.Program != is {
		return nil, fmt.Errorf("%s %s: write all parts with the program that puts them together", dir, h.Program.unlike(is))
	}
	p := &opened{dir: dir, head: h}
	for _, name := range [...]string{recordsName, sourcesName, listsName, rowsName} {
		sum, err := hashOf(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, damaged(dir, name, "it is missing")
		}
		if err != nil {
			return nil, err
		}
		if sum != h.Checksums[name] {
			return nil, damaged(dir, name, "its checksum is another one")
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, sourcesName))
	if err != nil {
		return nil, err
	}
	b, err = decode(b[min(len(b), len(magic)):], nil)
	if err == nil {
		err = p.unpack(pack.NewReader(b))
	}
	if err != nil {
		return nil, damaged(dir, sourcesName, "it can't be read")
	}
	return p, nil
}

// hashOf returns the SHA-256 of a file.
func hashOf(path string) (string, error) {
	f, err := files.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// maxSwelling is how many bytes a compressed byte of a part stands for at most. The fastest level has one stand for
// 4,077 where all records of an image are equal (TestBombs); in a bomb it is 30,000.
const maxSwelling = 2 * maxRatio

// decode appends to a slice what compressed bytes hold: an error if that is more than any part has.
func decode(b, to []byte) ([]byte, error) {
	most := uint64(len(b)+1<<10) * maxSwelling
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(most))
	if err != nil {
		return to, err
	}
	defer d.Close()
	return d.DecodeAll(b, to)
}

// maxFrame bounds the bytes of a compressed frame, maxRatio how many bytes of records one of these stands for: real
// ones stand for ten.
const (
	maxFrame = 1 << 40
	maxRatio = 1 << 12
)

// span is where the records of a source stand: in so many frames, several if it is divided.
type span struct{ frame, n int32 }

// unpackFrames reads where the records stand, and reports whether each source has its own.
func (p *opened) unpackFrames(r *pack.Reader) bool {
	first := 0
	var next dataset.Stretch // of the source that is divided, behind the frames before
	for range r.Len(4 + int(kinds)) {
		f := frame{offset: r.Int(), first: first}
		for k := range f.length {
			f.length[k] = r.Int()
		}
		f.n = r.Below(len(p.heads) - first + 1)
		next.Images, next.Objects = r.Below(1<<31), r.Below(1<<31)
		if f.offset < 0 || slices.Min(f.length[:]) < 0 || slices.Max(f.length[:]) > maxFrame || f.n == 0 {
			return false
		}
		most := maxRatio * (f.length[images] + f.length[objects])
		if next.Images+next.Objects == 0 {
			if next.Image+next.Object > 0 {
				return false
			}
			for _, h := range p.heads[first : first+f.n] {
				if h.Bytes() > most {
					return false
				}
				p.spans = append(p.spans, span{int32(len(p.frames)), 1})
			}
			first += f.n
			p.frames = append(p.frames, f)
			continue
		}
		f.of = next
		images, objects := p.heads[first].Sizes()
		next.Image, next.Object = next.Image+next.Images, next.Object+next.Objects
		if f.n != 1 || next.Image > images || next.Object > objects || f.of.Bytes() > most {
			return false
		}
		if len(p.spans) == first {
			p.spans = append(p.spans, span{int32(len(p.frames)), 0})
		}
		p.spans[first].n++
		p.frames = append(p.frames, f)
		if next.Image == images && next.Object == objects {
			first, next = first+1, dataset.Stretch{}
		}
	}
	return first == len(p.heads) && next == dataset.Stretch{}
}

// unpack reads sources.pack.
func (p *opened) unpack(r *pack.Reader) error {
	for range r.Len(5) {
		p.files = append(p.files, File{
			Name: r.Text(), Whole: r.Text(), Least: int(r.Int()), Skipped: r.Text(), Refused: r.Text(),
		})
	}
	for range r.Len(8) {
		h := dataset.UnpackHead(r)
		for _, code := range h.Codes() {
			if _, known := findings.Lookup(code); !known {
				return pack.ErrDamaged
			}
		}
		p.heads = append(p.heads, h)
	}
	if !p.unpackFrames(r) {
		return pack.ErrDamaged
	}
	taken := 0
	for i := range p.files {
		if p.files[i].taken() {
			taken++
		}
	}
	if taken != len(p.heads) {
		return pack.ErrDamaged
	}
	p.lists.unpack(r)
	p.rows = unpackRows(r, len(p.heads))
	if p.counted = r.Bool(); p.counted {
		for range r.Len(2) {
			p.classes = append(p.classes, dataset.Class{Name: r.Text(), Known: r.Bool()})
		}
		if len(p.lists.values) != analysis.Quantities*len(p.classes) {
			return pack.ErrDamaged
		}
		p.book = []byte(r.Text())
		for _, h := range p.heads {
			images, objects := h.Sizes()
			of := analysis.Extent{Classes: len(p.classes), Images: images, Objects: objects}
			p.found = append(p.found, analysis.UnpackFound(r, of))
			p.digests = append(p.digests, r.Text())
			p.details = append(p.details, piece{r.Int(), r.Int()})
			if r.Err() != nil || !p.details[len(p.details)-1].fits() {
				return pack.ErrDamaged
			}
			digest := pack.NewReader([]byte(p.digests[len(p.digests)-1]))
			if analysis.UnpackDigest(digest, of); digest.End() != nil {
				return digest.End()
			}
		}
		p.unlisted = map[string]int{}
		for range r.Len(2) {
			code, n := r.Text(), int(r.Int())
			if _, known := findings.Lookup(code); !known || n < 0 {
				return pack.ErrDamaged
			}
			p.unlisted[code] = n
		}
	}
	return r.End()
}

// agree reports that two parts were counted with other settings.
func agree(a, b *opened) error {
	var of [2]map[string]any
	for i, p := range [...]*opened{a, b} {
		text, err := json.Marshal(p.head.Settings)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &of[i]); err != nil {
			return err
		}
	}
	for key, was := range of[0] {
		x, _ := json.Marshal(was) // they were JSON a moment ago
		y, _ := json.Marshal(of[1][key])
		if !bytes.Equal(x, y) {
			return fmt.Errorf("%s and %s do not add up: %s is %.200s in one and %.200s in the other: "+
				"write all parts with the same flags", a.dir, b.dir, key, x, y)
		}
	}
	return nil
}

// once returns parts of which no two have a source in common. A part that was written twice, by a job that was
// tried again say, counts once.
func once(parts []*opened) (all []*opened, repeated []string, err error) {
	owner := map[string]*opened{} // by the whole path of a source
	sums := map[string]string{}
	for _, p := range parts {
		shared, of := 0, 0
		var other *opened
		next := 0
		for i := range p.files {
			f := &p.files[i]
			if !f.taken() {
				continue
			}
			h := p.heads[next]
			next++
			of++
			had := owner[f.Whole]
			switch {
			case f.Whole == "" || had == nil:
				continue
			case sums[f.Whole] != h.SHA256():
				return nil, nil, fmt.Errorf("%s and %s both have %s, with different contents: one of them is out of date; "+
					"write it anew", had.dir, p.dir, f.Name)
			}
			shared++
			other = had
		}
		if shared > 0 && shared < of {
			return nil, nil, fmt.Errorf("%s and %s have %s in common and %d not: each source must be in one part",
				other.dir, p.dir, text.Plural(shared, "source"), of-shared)
		}
		if shared > 0 {
			repeated = append(repeated, p.dir)
			continue
		}
		next = 0
		for i := range p.files {
			if f := &p.files[i]; f.taken() {
				owner[f.Whole], sums[f.Whole] = p, p.heads[next].SHA256()
				next++
			}
		}
		all = append(all, p)
	}
	return all, repeated, nil
}

// gather makes the data set.
func (set *Set) gather() {
	var found []find.File
	for _, p := range set.parts {
		for i := range p.files {
			found = append(found, p.files[i].found())
		}
	}
	find.Name(found)
	var heads []*dataset.Head
	type place struct {
		part   *opened
		number int
	}
	places := map[*dataset.Head]place{}
	at := 0
	for _, p := range set.parts {
		next := 0
		for i := range p.files {
			f := p.files[i]
			if f.Refused != "" && f.Name != found[at].Name {
				f.Refused = found[at].Name + strings.TrimPrefix(f.Refused, f.Name)
			}
			f.Name = found[at].Name
			at++
			set.Files = append(set.Files, f)
			if f.taken() {
				h := p.heads[next]
				p.names = append(p.names, p.files[i].Name)
				h.Rename(f.Name)
				heads, places[h] = append(heads, h), place{p, next}
				next++
			}
		}
		p.numbers = make([]int, len(p.heads))
	}
	slices.SortStableFunc(set.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	set.Data = dataset.Gather(heads, set.pages)
	set.pages.of = make([]where, len(heads))
	for i, h := range heads { // sorted as the sources are
		at := places[h]
		at.part.numbers[at.number] = i
		set.pages.of[i] = where(at)
	}
	for i := range set.Files {
		switch f := &set.Files[i]; {
		case f.Refused != "":
			set.Data.Refused = append(set.Data.Refused, &dataset.Refusal{Name: f.Name, Err: errors.New(f.Refused)})
		case f.Skipped != "":
			set.Data.Skipped = append(set.Data.Skipped, dataset.Skip{Name: f.Name, Why: f.Skipped})
		}
	}
}

// count collects what was counted of the data set. A part in which a class is declared that is not in the whole, or
// the other way round, is counted anew: trainers treat such objects in other ways.
func (set *Set) count() {
	set.Counted = &analysis.Parts{Slots: set.pages, Sighted: set.sighted}
	rows := make([]*analysis.Rows, len(set.Data.Sources))
	set.Counted.Rows = func(source int) *analysis.Rows { return rows[source] }
	number := map[string]int{}
	for i := range set.Data.Classes {
		number[set.Data.Classes[i].Name] = i
	}
	for _, p := range set.parts {
		classes := make([]int, len(p.classes))
		same := p.counted
		for i, c := range p.classes {
			at, known := number[c.Name]
			same = same && known && set.Data.Classes[at].Known == c.Known
			classes[i] = at
		}
		if !same {
			continue
		}
		for _, of := range p.rows {
			s := p.numbers[of.source]
			rows[s] = &analysis.Rows{ReaderAt: &rowsFile{set, p, of.offset}, Size: of.length, Name: of.name}
		}
		set.Counted.Of = append(set.Counted.Of, analysis.Part{
			Sources: p.numbers, Names: p.names, Classes: classes, Found: p.found, Unlisted: p.unlisted,
			Values: set.valuesOf(p), Digest: p.digest,
			Detail: func(source int) *distribution.Detail { return set.detail(p, source) },
			Unpack: func(b *ledger.Book) error {
				r := pack.NewReader(p.book)
				p.book = nil // it is not held twice
				b.Unpack(r)
				if r.End() != nil {
					return damaged(p.dir, sourcesName, "its sums can't be read")
				}
				return nil
			},
		})
	}
}

// digest returns the digest of a source, which is asked for once.
func (p *opened) digest(source int) analysis.Digest {
	images, objects := p.heads[source].Sizes()
	of := analysis.Extent{Classes: len(p.classes), Images: images, Objects: objects}
	d := analysis.UnpackDigest(pack.NewReader([]byte(p.digests[source])), of)
	p.digests[source] = ""
	return d
}

// detail reads the detail of the look of a source. If it can't be read the run ends, and an empty one is returned.
func (set *Set) detail(p *opened, source int) *distribution.Detail {
	room := rooms.Get().(*room)
	defer rooms.Put(room)
	file, err := p.file(recordsName)
	if err == nil {
		defer file.Close()
		err = room.read(p, file, p.details[source])
	}
	if err == nil {
		r := pack.NewReader(room.bytes)
		d := distribution.UnpackDetail(r, len(p.classes))
		if r.End() == nil {
			return d
		}
		err = damaged(p.dir, recordsName, "it can't be read")
	}
	set.pages.cancel(err)
	return distribution.UnpackDetail(pack.NewReader(nil), len(p.classes))
}

// Again returns how many parts have images that are counted anew.
func (set *Set) Again() int {
	return len(set.parts) - len(set.Counted.Of)
}
