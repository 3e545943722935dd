package coco

import "focalaudit/pkg/dataset"

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
	kind kind    // of the array that the position is in
	in   skipper // if at is inValue

	outlines bool // compare them with boxes
}

// part is what the scan of a stretch yields.
type part struct {
	state       // in which it ended
	used  int   // bytes behind which nothing is pending
	recs  []raw // of all arrays
	runs  []run // which of recs are of which array
	own   bool  // a key of the program's own reports was met
	lines int32 // newlines before used, or before the fault
	bol   int64 // offset of the last line's first byte, -1 if there was no newline
	bad   *fault
}

// run is a stretch of part.recs, up to the next run's.
type run struct {
	kind  kind
	first int    // index in recs
	opens bool   // its array begins here
	key   place  // of the array's key, if it opens
	not   string // what stands in place of the array, if it is none
}

// run scans b, the stretch of a file that begins in state st at offset base,
// into p.
func (p *part) scan(b []byte, base int64, final bool, st state) {
	*p = part{state: st, recs: p.recs[:0], runs: p.runs[:0], bol: -1}
	p.runs = append(p.runs, run{kind: st.kind})
	s := scan{b: b, base: base, final: final, part: p}
	s.lf = s.newline(0)
	for s.step() {
		p.used = s.p
	}
	if p.bad == nil {
		s.seek(p.used)
	}
}

// step reads one token of the upper levels, or one record. It says false at the
// end of the stretch.
func (s *scan) step() bool {
	if s.at == inValue {
		return s.resume()
	}
	s.space()
	s.used = s.p
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
		return s.p < len(s.b) && s.fail("end of file")
	}
	return false
}

// closed is where the end of an array of records leads.
func (s *scan) closed() where {
	if s.kind == results {
		return atEnd
	}
	return afterMember
}

func (s *scan) start() bool {
	if s.kind == results {
		if s.peek() != '[' {
			return s.fail("an array of detections")
		}
		s.p++
		s.at = atFirstRecord
		return true
	}
	switch s.peek() {
	case '{':
		s.p++
		s.at = atFirstKey
	case '[':
		s.p++
		s.at, s.kind = atFirstRecord, list
		s.runs[0].kind = list
	case 0:
		return s.fail("a JSON object")
	default:
		s.at, s.kind, s.in = inValue, list, skipper{}
	}
	return true
}

// more reads a comma or the bracket that closes.
func (s *scan) more(closing byte, comma, closed where) bool {
	switch s.peek() {
	case ',':
		s.at = comma
	case closing:
		s.at = closed
	default:
		return s.fail(`"," or "` + string(closing) + `"`)
	}
	s.p++
	return true
}

// member reads a key of the file's object and begins its value.
func (s *scan) member() bool {
	if s.at == atFirstKey && s.peek() == '}' {
		s.p++
		s.at = atEnd
		return true
	}
	at := s.p
	key, ok := s.name()
	if !ok {
		return false
	}
	if s.p >= len(s.b) {
		return s.fail("a JSON value")
	}
	s.own = s.own || string(key) == "focalaudit"
	s.at, s.kind, s.in = inValue, unknown, skipper{}
	if k := kindOf(key); k != unknown {
		s.array(k, at)
	}
	return true
}

// array begins the array of records whose key stands at a position.
func (s *scan) array(k kind, key int) {
	r := run{kind: k, first: len(s.recs), opens: true, key: s.place(key)}
	if s.b[s.p] == '[' {
		s.p++
		s.at, s.kind = atFirstRecord, k
	} else {
		r.key, r.not = s.place(s.p), describeValue(s.b[s.p])
	}
	s.runs = append(s.runs, r)
}

func describeValue(c byte) string {
	switch c {
	case '{':
		return "an object"
	case '"':
		return "a string"
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
}

// resume goes on with a value that is skipped.
func (s *scan) resume() bool {
	depth, behind := 1, afterMember
	if s.kind == list { // the value is the file's own
		depth, behind = 0, atEnd
	}
	ok := s.skip(&s.in, depth)
	s.used = s.in.at
	if ok {
		s.at = behind
	}
	return ok
}

// element reads an element of an array of records, or the array's end.
func (s *scan) element() bool {
	if s.at == atFirstRecord && s.peek() == ']' {
		s.p++
		s.at = s.closed()
		if s.kind == list {
			s.at = atList
		}
		return true
	}
	from := s.p
	s.seek(from)
	s.recs = append(s.recs, raw{})
	r := &s.recs[len(s.recs)-1]
	r.id, r.image, r.category = dataset.AbsentID(), dataset.AbsentID(), dataset.AbsentID()
	r.offset, r.line = s.base+int64(from), s.lines
	ok := s.record(r)
	if s.bad == nil && s.p-from > maxRecord {
		s.p, ok = from, false
		s.failWith("a record of at most 64 MiB", "a longer one")
	}
	if !ok {
		s.recs = s.recs[:len(s.recs)-1]
		return false
	}
	s.at = afterRecord
	if s.kind == list {
		s.at = atList
	}
	return true
}

// maxRecord bounds what must be held in memory to make sense of a record.
const maxRecord = 64 << 20
