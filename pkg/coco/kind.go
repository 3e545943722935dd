package coco

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"focalaudit/internal/jsonscan"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
	"focalaudit/pkg/foreign"
)

// judge decides whether a file that is JSON is COCO.
func (r *reader) judge(f find.File, in *input, x *extract, out *dataset.Outcome) {
	switch {
	case x.isCOCO() && x.notArray != nil:
		out.Refused = x.notArray
	case x.isCOCO():
		x.aboutFile(f.Name, in.format)
		out.Builder = x.b
	case f.Listed:
		out.Refused = refused(f.Name, annotated, r.kind(f, &x.nature))
	default:
		out.Skip = r.kind(f, &x.nature).String()
	}
}

// isCOCO reports whether a file that was read to its end, or far enough, has the two
// arrays that COCO files with boxes have.
func (x *nature) isCOCO() bool {
	return !x.isList && !x.own && x.seen[images] && x.seen[annotations] && (x.boxed || x.bare < 0)
}

// annotated is what a file should be.
const annotated = "COCO annotations"

// refused refuses a file of another kind than the expected one.
func refused(name, expected string, k foreign.Kind) error {
	return fmt.Errorf("%s: expected %s, found %s", name, expected, k)
}

// own is what this program writes.
var own = foreign.Kind{
	Name: "a report of focalaudit",
	Help: "`analyze check DIR` and `analyze show DIR` read one, `analyze merge` makes one of parts",
}

// kind says what JSON is that is not COCO. It reads the file's beginning again, and its
// first annotation, which may stand far behind.
func (r *reader) kind(f find.File, x *nature) foreign.Kind {
	if x.own {
		return own
	}
	s := foreign.NewSketch()
	r.again(f, 0, func(in io.Reader) { s.Read(in, "") })
	if x.seen[annotations] && x.bare >= 0 {
		s.Add("annotations")
		r.again(f, x.bare, func(in io.Reader) { s.Read(in, "annotations/[]") })
	}
	return s.Kind()
}

// notJSON says what a file is that is not JSON, or only that it is not.
func (r *reader) notJSON(f find.File, bad *SyntaxError, expected string) error {
	var k foreign.Kind
	known, empty := false, false
	r.again(f, 0, func(in io.Reader) {
		head := beginning(in, foreign.HeadSize)
		k, known = foreign.Text(head)
		empty = len(bytes.TrimSpace(head)) == 0 && len(head) < foreign.HeadSize
	})
	if known {
		return refused(f.Name, expected, k)
	}
	if empty {
		return &emptyFile{f.Name, expected, bad}
	}
	const before = 16 // bytes of a word, at most
	from := max(0, bad.Offset-before)
	done := bad.Expected == endOfFile
	r.again(f, from, func(in io.Reader) {
		k, known = foreign.AtFault(beginning(in, 2*before), int(bad.Offset-from), done)
	})
	switch {
	case known && done:
		r.again(f, 0, func(in io.Reader) { k = foreign.Lines(in) })
		return refused(f.Name, expected, k)
	case known:
		return fmt.Errorf("%w: the file holds %s", bad, k)
	case bad.Found == endOfFile:
		return fmt.Errorf("%w: the file is cut off: export or fetch it again", bad)
	}
	return bad
}

// emptyFile says of a file that it has nothing but space, in place of where its JSON ends.
type emptyFile struct {
	name, expected string
	bad            *SyntaxError
}

// Error names the file and what it should hold.
func (e *emptyFile) Error() string { return e.name + ": the file is empty, expected " + e.expected }

// Unwrap returns the place at which the JSON ended.
func (e *emptyFile) Unwrap() error { return e.bad }

// beginning returns the first bytes of in, up to n.
func beginning(in io.Reader, n int64) []byte {
	head, _ := io.ReadAll(io.LimitReader(in, n)) // what can be read is what there is
	return head
}

// again opens a file that was read once more, from an offset in what it holds. A file
// that is gone meanwhile is not looked at.
func (r *reader) again(f find.File, offset int64, look func(io.Reader)) {
	in, err := r.open(f, func(int) {})
	if err != nil {
		return
	}
	defer in.close()
	if _, err := io.CopyN(io.Discard, in, offset); err == nil {
		look(in)
	}
}

// aboutFile notes what Python's reader would not take in the file as a whole.
func (x *extract) aboutFile(name, format string) {
	for _, f := range wholeFlaws(x.marked, name, format) {
		x.b.Whole(f.code, "the file %s", f.what)
	}
	if x.deep >= 0 {
		x.nested(x.deep, x.deepLine)
	}
}

// wholeFlaw is what Python's reader, or another that goes by a file's name, would not take in a file as a whole: what
// the file does.
type wholeFlaw struct{ code, what string }

// wholeFlaws returns what is wrong with a file's first bytes: whether it is marked by a byte order mark, and its format
// against its name.
func wholeFlaws(marked bool, name, format string) (all []wholeFlaw) {
	if marked {
		all = append(all, wholeFlaw{dataset.FileBOM,
			"begins with a UTF-8 byte order mark, expected {; Python's json.load stops there"})
	}
	if endings := packed[format]; len(endings) > 0 && !find.HasEnding(name, endings) {
		all = append(all, wholeFlaw{dataset.FileEnding, fmt.Sprintf(
			"is %s data, expected a name that ends in %s, or plain JSON; Python's json.load stops there",
			format, strings.Join(endings, " or "))})
	}
	if format != "" {
		return all
	}
	for _, format := range []string{"gzip", "zstd"} {
		if find.HasEnding(name, packed[format]) {
			all = append(all, wholeFlaw{dataset.FileEnding, fmt.Sprintf(
				"is plain JSON, expected %s data by its name; programs that unpack it by its name stop there", format)})
		}
	}
	return all
}

// nested notes that brackets are nested deeper than some Pythons read, from a place on.
func (x *extract) nested(offset int64, line int32) {
	x.b.Nested(offset, line, "brackets are nested more than %d levels deep, expected fewer: json.load of Python 3.6 to "+
		"3.11 stops there with a RecursionError", jsonscan.PythonDepth)
}

// packed are the endings of compressed files.
var packed = map[string][]string{"gzip": {".gz", ".gzip"}, "zstd": {".zst", ".zstd"}}
