package coco

import (
	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
)

// kind is which of the arrays a record belongs to.
type kind uint8

const (
	unknown kind = iota // a block that begins inside an array cannot tell which
	images
	annotations
	categories
	list    // the file is an array itself, or a scalar: not COCO
	results // the file is an array of detections, as it should be
	kinds
)

// String returns the key of the array.
func (k kind) String() string {
	return [kinds]string{"", "images", "annotations", "categories", "list", "detections"}[k]
}

func kindOf(key []byte) kind {
	switch string(key) {
	case "images":
		return images
	case "annotations":
		return annotations
	case "categories":
		return categories
	}
	return unknown
}

// where is a position between two tokens of a file's upper levels.
type where uint8

const (
	atStart       where = iota
	atFirstKey          // behind the { of the file
	atKey               // behind a comma of the file's object
	inValue             // inside a value that is skipped
	inRecord            // inside a record that is too long
	afterMember         // behind a value of the file's object
	atFirstRecord       // behind the [ of an array of records
	atRecord            // behind a comma of it
	afterRecord         // behind a record
	atEnd               // behind the file's value
	atList              // behind the first element of a file that is an array; the rest is not read
)

// state is all that the bytes behind a position need to know of those before.
type state struct {
	at   where
	kind kind             // of the array that the position is in
	in   jsonscan.Skipper // if at is inValue or inRecord

	outlines bool // compare them with boxes
	limit    int  // bytes of the longest record that is read
}

// part is what the scan of a stretch yields.
type part struct {
	state                 // in which it ended
	used  int             // bytes behind which nothing is pending
	recs  []raw           // of all arrays
	found []detected      // in a file of detections: all of them in their order
	runs  []run           // which of recs are of which array
	own   bool            // a key of the program's own reports was met
	lines int32           // newlines before used, or before the fault
	bol   int64           // offset of the last line's first byte, -1 if there was no newline
	over  int64           // offset behind the record that was passed over, -1 if none ended
	deep  *jsonscan.Place // the first bracket that is nested deeper than Python reads, nil if none is
	bad   *jsonscan.Fault
}

// run is a stretch of part.recs, up to the next run's.
type run struct {
	kind  kind
	first int            // index in recs
	opens bool           // its array begins here
	key   jsonscan.Place // of the array's key, if it opens
	body  int64          // offset behind its [, if it opens
	not   string         // what stands in place of the array, if it is none
}

// of returns the records of the i-th run.
func (p *part) of(i int) []raw {
	to := len(p.recs)
	if i+1 < len(p.runs) {
		to = p.runs[i+1].first
	}
	return p.recs[p.runs[i].first:to]
}

// scan scans b, the stretch of a file that begins in state st at offset base,
// into p.
func (p *part) scan(b []byte, base int64, final bool, st state) {
	*p = part{state: st, recs: p.recs[:0], found: p.found[:0], runs: p.runs[:0], over: -1}
	p.runs = append(p.runs, run{kind: st.kind})
	s := scan{Scanner: jsonscan.New(b, base, final), part: p}
	for s.step() {
		p.used = s.Pos()
	}
	if at, ok := s.Deep(); ok {
		p.deep = &at
	}
	if p.bad = s.Fault(); p.bad != nil {
		p.lines, p.bol = p.bad.Line, p.bad.LineStart
	} else {
		end := s.Place(p.used)
		p.lines, p.bol = end.Line, end.LineStart
	}
}

// scan is one pass over a stretch of a file: it starts in a state and yields a
// part. The result depends on the state and the bytes alone. Its methods say true
// and false as those of the Scanner do.
type scan struct {
	jsonscan.Scanner
	segment []byte  // of the record, nil if it has none
	parts   int     // of segment, if it is a list
	habits  []habit // of the records
	spelt   string  // the last key, if it is another spelling of iscrowd, or one that may say something against the record
	last    lastSaid
	use     string // the last text, in quotes, that says for what an image is
	*part
}

// recordDepth is the number of brackets open inside a record: the file's, the
// array's and its own.
const recordDepth = 3

// step reads one token of the upper levels, or one record. It says false at the
// end of the stretch.
func (s *scan) step() bool {
	switch s.at {
	case inValue:
		return s.resume()
	case inRecord:
		return s.resumeRecord()
	}
	s.Space()
	s.used = s.Pos()
	switch s.at {
	case atStart:
		return s.start()
	case atFirstKey, atKey:
		return s.member()
	case afterMember:
		return s.more('}', atKey, atEnd)
	case atFirstRecord, atRecord:
		return s.element()
	case afterRecord:
		return s.more(']', atRecord, s.closed())
	case atEnd:
		return len(s.Ahead()) > 0 && s.Fail(endOfFile)
	}
	return false
}

// endOfFile is expected behind the file's value.
const endOfFile = "end of file"

// closed is where the end of an array of records leads.
func (s *scan) closed() where {
	if s.kind == results {
		return atEnd
	}
	return afterMember
}

func (s *scan) start() bool {
	if s.kind == results {
		switch s.Peek() {
		case '[':
		case '{':
			return s.FailWith("an array of detections", "an object; where it holds the array under a key, such as "+
				"annotations or predictions, write the array alone (`jq .predictions OLD > NEW`)")
		default:
			return s.Fail("an array of detections")
		}
		s.Move(1)
		s.at = atFirstRecord
		return true
	}
	switch s.Peek() {
	case '{':
		s.Move(1)
		s.at = atFirstKey
	case '[':
		s.Move(1)
		s.at, s.kind = atFirstRecord, list
		s.runs[0].kind = list
	case 0:
		return s.Fail("a JSON object")
	default:
		s.at, s.kind, s.in = inValue, list, jsonscan.Skipper{}
	}
	return true
}

// more reads a comma or the bracket that closes.
func (s *scan) more(closing byte, comma, closed where) bool {
	switch s.Peek() {
	case ',':
		s.at = comma
	case closing:
		s.at = closed
	default:
		return s.Fail(`"," or "` + string(closing) + `"`)
	}
	s.Move(1)
	return true
}

// member reads a key of the file's object and begins its value.
func (s *scan) member() bool {
	if s.at == atFirstKey && s.Peek() == '}' {
		s.Move(1)
		s.at = atEnd
		return true
	}
	at := s.Pos()
	key, ok := s.Name()
	if !ok {
		return false
	}
	if len(s.Ahead()) == 0 {
		return s.Fail("a JSON value")
	}
	s.own = s.own || string(key) == "focalaudit"
	s.at, s.kind, s.in = inValue, unknown, jsonscan.Skipper{}
	if k := kindOf(key); k != unknown {
		s.array(k, at)
	}
	return true
}

// array begins the array of records whose key stands at a position.
func (s *scan) array(k kind, key int) {
	r := run{kind: k, first: len(s.recs), opens: true, key: s.Place(key)}
	if s.Peek() == '[' {
		s.Move(1)
		r.body = r.key.Offset + int64(s.Pos()-key)
		s.at, s.kind = atFirstRecord, k
	} else {
		r.key, r.not = s.Place(s.Pos()), jsonscan.Describe(s.Peek())
	}
	s.runs = append(s.runs, r)
}

// resume goes on with a value that is skipped.
func (s *scan) resume() bool {
	depth, behind := 1, afterMember
	if s.kind == list { // the value is the file's own
		depth, behind = 0, atEnd
	}
	ok := s.Skip(&s.in, depth)
	s.used = s.in.Pos()
	if ok {
		s.at = behind
	}
	return ok
}

// resumeRecord goes on with a record that is too long.
func (s *scan) resumeRecord() bool {
	ok := s.Skip(&s.in, recordDepth-1)
	s.used = s.in.Pos()
	if ok {
		s.at, s.over = afterRecord, s.Place(s.Pos()).Offset
	}
	return ok
}

// element reads an element of an array of records, or the array's end.
func (s *scan) element() bool {
	if s.at == atFirstRecord && s.Peek() == ']' {
		s.Move(1)
		s.at = s.closed()
		if s.kind == list {
			s.at = atList
		}
		return true
	}
	if s.kind == results && s.quick() {
		s.at = afterRecord
		return true
	}
	from := s.Pos()
	at := s.Place(from)
	s.recs = append(s.recs, raw{})
	r := &s.recs[len(s.recs)-1]
	r.id, r.image, r.category = dataset.AbsentID(), dataset.AbsentID(), dataset.AbsentID()
	r.offset, r.line = at.Offset, at.Line
	if !s.record(r) {
		s.recs = s.recs[:len(s.recs)-1]
		return false
	}
	if s.Pos()-from > s.limit {
		*r = tooLong(at)
		s.Move(from - s.Pos())
		if !s.SkipValue(recordDepth - 1) { // as strictly as where its end is in another stretch
			s.recs = s.recs[:len(s.recs)-1]
			return false
		}
	}
	if r.lengthy != 0 {
		*r = leftOut(at, lengthy)
	}
	r.size = s.Pos() - from
	if s.kind == results {
		s.found = append(s.found, detected{offset: r.offset, raw: int32(len(s.recs))})
	}
	s.at = afterRecord
	if s.kind == list {
		s.at = atList
	}
	return true
}

// maxRecord bounds what must be held in memory to make sense of a record. The longest
// records of public data sets, whose segmentations are bitmaps in text, have a few MiB.
const maxRecord = 64 << 20

// tooLong is what stands for a record above the limit, which begins at a place.
func tooLong(at jsonscan.Place) raw { return leftOut(at, longer) }

// leftOut is what stands for a record that begins at a place and is not read, and why.
func leftOut(at jsonscan.Place, why string) raw {
	none := dataset.AbsentID()
	return raw{
		id: none, image: none, category: none, offset: at.Offset, line: at.Line, list: true,
		notes: []note{{fOther, why}},
	}
}

// What is noted of a record above the limits.
const (
	longer  = "longer than 64 MiB"
	lengthy = "one with a name or an id longer than 32 KiB"
)

// most says how long an object may be, where that is what is wrong with the record.
func (r *raw) most() string {
	switch r.notes[0].text {
	case longer:
		return " of at most 64 MiB; it is left out"
	case lengthy:
		return " whose names and ids have at most 32 KiB; it is left out"
	}
	return ""
}
