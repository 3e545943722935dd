package coco

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
	"focalaudit/pkg/par"
)

// A single is a file of one image and its annotations, as SA-1B has them: an object with image, an object, and
// annotations, a list. Its records are COCO's, but for the key image_id of the image, which annotations lack, and
// for categories, of which there are none. A directory of singles, or a tar archive of them, is one source.

// Together makes one file of the singles of each directory; see find.Together.
func Together(list []find.File) []find.File { return find.Together(list, role) }

// maxSingle bounds a single: it is read as a whole. SA-1B's largest ones have a few MiB.
const maxSingle = 64 << 20

// sketchSize is how much of a file is looked at first to tell a single: SA-1B's begin with the image.
const sketchSize = 4 << 10

// role tells by the keys of a file whether it is a single.
func role(f find.File) find.Role {
	if isArchive(f) {
		return find.Alone
	}
	for _, most := range []int64{sketchSize, maxSingle} {
		b, whole := head(f, most)
		if of, sure := roleOf(b, whole); sure {
			return of
		}
	}
	return find.Alone
}

// head returns the first bytes of what a file holds, and whether that is all.
func head(f find.File, most int64) (b []byte, whole bool) {
	in, err := open(f, func(int) {})
	if err != nil {
		return nil, true
	}
	defer in.close()
	b, _ = io.ReadAll(io.LimitReader(in, most+1)) // where it is damaged is where it ends
	if int64(len(b)) > most {
		return b[:most], false
	}
	return b, true
}

// roleOf tells a single by a file's beginning, or all of it; sure is false if it takes more of the file.
func roleOf(b []byte, whole bool) (of find.Role, sure bool) {
	s := jsonscan.New(bytes.TrimPrefix(b, bom), 0, whole)
	s.Space()
	switch s.Peek() {
	case '{':
	case '[':
		return find.Alone, true
	default:
		if s.SkipValue(0) {
			return find.Alone, true
		}
		return find.Unclear, s.Fault() != nil
	}
	s.Move(1)
	s.Space()
	if s.Peek() == '}' {
		return find.Alone, true
	}
	for {
		key, ok := s.Name()
		switch {
		case !ok:
			return find.Unclear, s.Fault() != nil
		case string(key) == "images", string(key) == "image" && s.Peek() != '{' && len(s.Ahead()) > 0:
			return find.Alone, true
		case string(key) == "image" && s.Peek() == '{':
			return find.Member, true
		case string(key) == "annotations" && hasImageID(b, s.Pos(), whole):
			return find.Alone, true
		}
		if !s.SkipValue(1) {
			return find.Unclear, s.Fault() != nil
		}
		s.Space()
		if s.Peek() != ',' {
			if s.Peek() == '}' {
				return find.Alone, true
			}
			return find.Unclear, whole || len(s.Ahead()) > 0
		}
		s.Move(1)
		s.Space()
	}
}

// hasImageID reports whether the first element of the list at a position has the key image_id, as COCO's
// annotations do.
func hasImageID(b []byte, at int, whole bool) bool {
	s := jsonscan.New(bytes.TrimPrefix(b, bom), 0, whole)
	s.Move(at)
	for _, c := range []byte("[{") {
		if s.Peek() != c {
			return false
		}
		s.Move(1)
		s.Space()
	}
	for {
		key, ok := s.Name()
		if !ok {
			return false
		}
		if string(key) == fImage.String() {
			return true
		}
		if !s.SkipValue(recordDepth) {
			return false
		}
		if s.Space(); s.Peek() != ',' {
			return false
		}
		s.Move(1)
		s.Space()
	}
}

// single is what was read of a file.
type single struct {
	name   string
	from   int64  // what offsets of its records count from
	stored []byte // the file
	size   int64  // of what it holds, decompressed
	part   part   // its records: the image, then the annotations
	format string // "gzip", "zstd" or ""
	marked bool   // it begins with a byte order mark
	broken error
}

// errNotSingle is what is wrong with a file that is JSON.
var errNotSingle = errors.New("expected an object with image and annotations")

// singles reads a source that is made up of many files: members, each opened by its number.
func (r *reader) singles(
	ctx context.Context, f find.File, names []string, read func(i int) ([]byte, error), out *dataset.Outcome,
) error {
	j := &joint{x: newExtract(f.Name), sum: sha256.New(), images: map[dataset.IDKey]string{}}
	i := 0
	err := par.Pipe(ctx, max(1, r.Workers), func() (int, bool, error) {
		i++
		return i - 1, i <= len(names), nil
	}, func(i int) *single {
		s := &single{name: names[i], from: int64(i) << windowBits} // so that few of many files' outlines are compared
		if s.stored, s.broken = read(i); s.broken == nil {
			s.broken = r.single(s)
		}
		if bad := (*SyntaxError)(nil); s.broken != nil && !errors.As(s.broken, &bad) {
			s.broken = fmt.Errorf("%s: %w", s.name, s.broken)
		}
		return s
	}, func(s *single) error {
		r.progress(len(s.stored))
		j.add(s)
		return nil
	})
	if err != nil {
		return err
	}
	switch j.settle(); {
	case j.n > 0:
		out.Builder = j.x.b
		out.Builder.Bytes, out.Builder.SHA256 = j.stored, hex.EncodeToString(j.sum.Sum(nil))
	case (f.Listed || f.Members != nil) && j.first != nil:
		out.Refused = fmt.Errorf("%s: no file in it can be read; the first: %w", f.Name, j.first)
	case f.Listed:
		out.Refused = fmt.Errorf("%s: expected files of one image each (*.json with image and annotations), found none",
			f.Name)
	default:
		out.Skip = "an archive without files of one image each: unpack it if it holds annotations"
	}
	return nil
}

// single reads the records of a file.
func (r *reader) single(s *single) error {
	in, err := newInput(io.NopCloser(bytes.NewReader(s.stored)), int64(len(s.stored)), func(int) {})
	if err != nil {
		return err
	}
	defer in.close()
	text := s.stored
	if in.format != "" {
		if text, err = io.ReadAll(io.LimitReader(in, maxSingle+1)); err != nil {
			return in.wrap(err)
		}
	}
	if len(text) > maxSingle {
		return errors.New("expected a file of at most 64 MiB for an image, found a longer one")
	}
	s.size, s.format, s.marked = int64(len(text)), in.format, bytes.HasPrefix(text, bom)
	first := state{kind: annotations, outlines: r.Outlines, limit: maxSingle}
	mark := 0
	if s.marked {
		mark = len(bom)
	}
	s.part = part{state: first, over: -1}
	c := scan{Scanner: jsonscan.New(text[mark:], s.from+int64(mark), true), part: &s.part}
	if c.single() {
		if at, ok := c.Deep(); ok {
			s.part.deep = &at
		}
		return nil
	}
	f := c.Fault()
	if f == nil {
		return errNotSingle
	}
	a := assembly{file: s.name, bol: s.from + int64(mark)}
	bad := a.syntaxError(f)
	bad.Offset -= s.from
	return bad
}

// single reads a file as a whole. The first record of the part is the image's.
func (s *scan) single() bool {
	image, list := raw{size: -1}, false
	s.recs = append(s.recs, image) // its place
	s.Space()
	if s.Peek() != '{' {
		return s.Fail("an object with image and annotations")
	}
	s.Move(1)
	s.Space()
	for more := s.Peek() != '}'; more; {
		key, ok := s.Name()
		if !ok {
			return false
		}
		switch string(key) {
		case "image":
			if s.Peek() != '{' {
				return s.Fail("the image, an object")
			}
			image = s.newRaw()
			if !s.record(&image) {
				return false
			}
		case "annotations":
			if list {
				return s.Fail("one list of annotations")
			}
			if list = true; !s.annotations() {
				return false
			}
		default:
			if !s.SkipValue(1) {
				return false
			}
		}
		s.Space()
		if more = s.Peek() == ','; more {
			s.Move(1)
			s.Space()
		}
	}
	if s.Peek() != '}' {
		return s.Fail(`"," or "}"`)
	}
	s.Move(1)
	if s.Space(); len(s.Ahead()) > 0 {
		return s.Fail(endOfFile)
	}
	s.recs[0] = image
	return image.size == 0 && list
}

// newRaw returns a record that begins here.
func (s *scan) newRaw() raw {
	at := s.Place(s.Pos())
	none := dataset.AbsentID()
	return raw{id: none, image: none, category: none, offset: at.Offset, line: at.Line}
}

// annotations reads a list of annotations.
func (s *scan) annotations() bool {
	if s.Peek() != '[' {
		return s.Fail("a list of annotations")
	}
	s.Move(1)
	s.Space()
	for more := s.Peek() != ']'; more; {
		r := s.newRaw()
		if !s.record(&r) {
			return false
		}
		if r.lengthy != 0 {
			r = leftOut(jsonscan.Place{Offset: r.offset, Line: r.line}, lengthy)
		}
		s.recs = append(s.recs, r)
		s.Space()
		if more = s.Peek() == ','; more {
			s.Move(1)
			s.Space()
		}
	}
	if s.Peek() != ']' {
		return s.Fail(`"," or "]"`)
	}
	s.Move(1)
	return true
}

// joint is the source that singles make up.
type joint struct {
	x      *extract
	sum    hash.Hash // of the files as stored, one behind the other
	stored int64     // bytes of them
	base   int64     // bytes of what they hold
	n      int       // files that were taken
	first  error     // on the first file that is broken
	images map[dataset.IDKey]string
	plain  int64      // annotations without a category
	only   dataset.ID // of their class
}

// add adds a file.
func (j *joint) add(s *single) {
	j.sum.Write(s.stored)
	j.stored += int64(len(s.stored))
	j.x.b.Member(s.name, j.base)
	if s.broken == nil {
		s.broken = j.claim(s)
	}
	if s.broken != nil {
		j.x.b.Broken("%s; the file is left out", s.broken)
		if j.first == nil {
			j.first = s.broken
		}
	} else {
		j.take(s)
	}
	j.base += s.size
}

// claim reports what is wrong with the image of a file, to which all of its annotations belong.
func (j *joint) claim(s *single) error {
	im := &s.part.recs[0]
	if im.image.Kind() == dataset.Absent && im.id.Kind() != dataset.Absent {
		im.image = im.id // another program's
	}
	place := fmt.Sprintf("%s, byte %d", s.name, im.offset-s.from)
	switch {
	case im.lengthy != 0:
		return fmt.Errorf("%s: the image has a name or an id longer than 32 KiB", place)
	case im.image.Kind() == dataset.Absent:
		return fmt.Errorf("%s: %s, expected the image's id", place, im.found(fImage))
	}
	key := im.image.Key()
	if had, ok := j.images[key]; ok {
		return fmt.Errorf("%s: image_id is %s, which is that of %s too, expected ids that differ", place,
			im.image.Quoted(), had)
	}
	j.images[key] = s.name
	return nil
}

// take adds the records of a file that is fine.
func (j *joint) take(s *single) {
	j.n++
	im := s.part.recs[0].image
	for _, f := range wholeFlaws(s.marked, s.name, s.format) {
		j.x.b.WholeMember(f.code, "%s %s", s.name, f.what)
	}
	if at := s.part.deep; at != nil {
		j.x.nested(at.Offset-s.from+j.base, at.Line+1)
	}
	for i := range s.part.recs {
		r := &s.part.recs[i]
		r.offset += j.base - s.from
		switch {
		case i == 0:
			r.id = im
			j.x.image(r)
		default:
			if !r.list && r.category.Kind() == dataset.Absent {
				if j.plain++; j.plain == 1 {
					j.only = j.x.b.Only(onlyClass)
				}
				r.category = j.only
			}
			r.image = im
			if !r.has.has(fCrowd) { // the form has no crowds, and counts of masks as text
				r.has |= 1 << fCrowd
				r.flags.SetCrowd(dataset.FlagZero)
			}
			if r.shape == shapePacked {
				r.shape = shapeFine
			}
			j.x.object(r)
		}
	}
}

// onlyClass is the class of objects whose form has none.
const onlyClass = "object"

// settle tells of the class.
func (j *joint) settle() {
	if j.plain == 0 {
		return
	}
	j.x.b.Whole(dataset.ClassAbsent,
		"%d annotations name no category, as in files of one image each: all of them count as one class, %q",
		j.plain, onlyClass)
}

// directory reads a directory of singles as one source.
func (r *reader) directory(ctx context.Context, f find.File, out *dataset.Outcome) error {
	names := make([]string, len(f.Members))
	for i, m := range f.Members {
		names[i] = m.Name
	}
	return r.singles(ctx, f, names, func(i int) ([]byte, error) { return readMember(f.Members[i].Path) }, out)
}

// readMember reads a file that may have 64 MiB, and reports if somebody writes to it meanwhile.
func readMember(path string) ([]byte, error) {
	file, err := files.Open(path)
	if err != nil {
		return nil, plainError(err)
	}
	defer file.Close()
	changed := sinceNow(file)
	b, err := io.ReadAll(io.LimitReader(file, maxSingle+1))
	if err != nil {
		return nil, plainError(err)
	}
	return b, changed()
}
