package foreign

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// HeadSize is how many bytes of a file Text needs at most.
const HeadSize = 64 << 10

// magic is a format that is known by bytes at a fixed place.
type magic struct {
	at    int
	bytes string
	kind  Kind
}

// The kinds that several magics share.
var (
	zipFile = Kind{"a zip archive", "unpack it with `unzip`"}
	picture = Kind{"a picture", "name the file that holds the annotations"}
	pointer = Kind{"a Git LFS pointer, which stands for a file that was not fetched",
		"`git lfs pull` fetches it; in GitHub Actions, actions/checkout needs `lfs: true`"}
	pickle    = Kind{"a Python pickle", "load it in Python and write it with json.dump"}
	commented = Kind{"JSON with comments, which json.load does not read", "remove the comments: Python's json5 reads " +
		"such a file, and json.dump writes it without them"}
	dumpedTwice = Kind{"JSON written as a text: it was dumped twice",
		"`json.dump(json.loads(json.load(file)), new)` in Python undoes one of them"}
	tfRecord = Kind{"a TFRecord of TensorFlow", "read it with TensorFlow, and " + byHand}
)

// magics are tried in their order.
var magics = []magic{
	{0, "version https://git-lfs.github.com/spec/", pointer},
	{0, "version https://hawser.github.com/spec/", pointer},
	{0, "version http://git-media.io/", pointer},
	{0, "/annex/objects/", Kind{"a git-annex pointer, which stands for a file that was not fetched",
		"`git annex get` fetches it"}},
	{0, "PK\x03\x04", zipFile},
	{0, "PK\x05\x06", zipFile},
	{0, "PK\x07\x08", zipFile},
	{0, "\x1f\x8b", Kind{"gzip data", "unpack it with `gunzip`, or let its name end in .json.gz"}},
	{0, "\x28\xb5\x2f\xfd", Kind{"zstd data", "unpack it with `unzstd`, or let its name end in .json.zst"}},
	{0, "BZh", Kind{"bzip2 data", "unpack it with `bunzip2`, or compress it with gzip or zstd"}},
	{0, "\xfd7zXZ\x00", Kind{"xz data", "unpack it with `unxz`, or compress it with gzip or zstd"}},
	{0, "\x04\x22\x4d\x18", Kind{"lz4 data", "unpack it with `unlz4`, or compress it with gzip or zstd"}},
	{0, "7z\xbc\xaf\x27\x1c", Kind{"a 7-Zip archive", "unpack it with `7z x`"}},
	{0, "Rar!", Kind{"a RAR archive", "unpack it with `unrar x`"}},
	{257, "ustar", Kind{"a tar archive", "unpack it with `tar xf`"}},
	{0, "PAR1", Kind{"a Parquet table", byHand}},
	{0, "ARROW1", Kind{"an Arrow table", byHand}},
	{0, "\x93NUMPY", Kind{"a NumPy array", byHand}},
	{0, "\x89HDF\r\n", Kind{"an HDF5 file", byHand}},
	{0, "MATLAB 5.0", Kind{"a MATLAB file", "load it in Python with scipy.io.loadmat, and " + byHand}},
	{0, "SQLite format 3\x00", Kind{"an SQLite database", byHand}},
	{0, "\x80\x02", pickle}, {0, "\x80\x03", pickle}, {0, "\x80\x04", pickle}, {0, "\x80\x05", pickle},
	{0, "\x89PNG", picture}, {0, "\xff\xd8\xff", picture}, {0, "GIF8", picture}, {8, "WEBP", picture},
	{0, "II*\x00", picture}, {0, "MM\x00*", picture},
	{0, "%PDF-", Kind{"a PDF document", "name the file that holds the annotations"}},
}

// Text returns the format whose first bytes are head: up to HeadSize of them, all of a
// shorter file.
func Text(head []byte) (Kind, bool) {
	if isTFRecord(head) {
		return tfRecord, true
	}
	if k, ok := wide(head); ok {
		return k, true
	}
	for _, m := range magics {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.bytes)) {
			return m.kind, true
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(text) == 0:
		return Kind{}, false
	case text[0] == '<':
		return markup(text), true
	case pickle0.Match(text):
		return pickle, true
	case opensWithComment(text):
		return commented, true
	case text[0] == '{' || text[0] == '[':
		if isLines(text) {
			return Lines(bytes.NewReader(text)), true
		}
		return Kind{}, false
	}
	return plain(text)
}

// pickle0 is how a list or an object begins in a pickle of protocol 0, which is text.
var pickle0 = regexp.MustCompile(`^\((dp|lp|[dl][A-Za-z(\n]|i[a-z_.]+\n)\d*`)

// opensWithComment tells whether JSON stands behind comments.
func opensWithComment(text []byte) bool {
	any := false
	for {
		text = bytes.TrimLeft(text, " \t\r\n")
		end := "\n"
		switch {
		case bytes.HasPrefix(text, []byte("/*")):
			end = "*/"
		case bytes.HasPrefix(text, []byte("//")), bytes.HasPrefix(text, []byte("#")):
		default:
			return any && len(text) > 0 && (text[0] == '{' || text[0] == '[')
		}
		_, rest, ok := bytes.Cut(text, []byte(end))
		if !ok {
			return false
		}
		text, any = rest, true
	}
}

// isTFRecord tells whether head begins with a record of TensorFlow: its length in 8
// bytes, their checksum in 4, and a tf.train.Example, whose only field has the tag 0A and
// the rest of the length.
func isTFRecord(head []byte) bool {
	if len(head) < 14 || head[12] != '\n' {
		return false
	}
	n, k := binary.Uvarint(head[13:min(len(head), 13+binary.MaxVarintLen64)])
	return k > 0 && binary.LittleEndian.Uint64(head) == 1+uint64(k)+n
}

// encodings are those of Unicode that are not UTF-8: by their byte order mark, and
// without one by an ASCII character, as JSON begins with, at the beginning.
var encodings = []struct{ name, mark, first string }{
	{"UTF-32LE", "\xff\xfe\x00\x00", "x000"},
	{"UTF-32BE", "\x00\x00\xfe\xff", "000x"},
	{"UTF-16LE", "\xff\xfe", "x0x0"},
	{"UTF-16BE", "\xfe\xff", "0x0x"},
}

// wide tells UTF-16 and UTF-32, and bytes that are all 0.
func wide(head []byte) (Kind, bool) {
	if len(head) >= 4 && len(bytes.Trim(head, "\x00")) == 0 {
		return Kind{"nothing but zero bytes", "the disk or the download failed: fetch the file anew"}, true
	}
	for _, e := range encodings {
		from := e.name
		if bytes.HasPrefix(head, []byte(e.mark)) {
			from = from[:len(from)-2] // iconv goes by the mark, and leaves it out
		} else if n := len(e.first); !like(head, e.first) || len(head) >= 2*n && !like(head[n:], e.first) {
			continue
		}
		return Kind{e.name[:len(e.name)-2] + " text in place of UTF-8",
			fmt.Sprintf("`iconv -f %s -t UTF-8 OLD > NEW` converts it", from)}, true
	}
	return Kind{}, false
}

// like tells whether the first bytes are ASCII where the pattern has an x, and 0 where
// it has a 0.
func like(head []byte, pattern string) bool {
	if len(head) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		c := head[i]
		if pattern[i] == '0' && c != 0 || pattern[i] == 'x' && (c == 0 || c >= utf8.RuneSelf) {
			return false
		}
	}
	return true
}

// isLines tells whether text is one JSON value a line, by the first line and the
// character behind it.
func isLines(text []byte) bool {
	line, rest, ok := bytes.Cut(text, []byte("\n"))
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return ok && len(rest) > 0 && rest[0] == line[0] && json.Valid(line)
}

// The texts that are known by the look of their first lines.
var (
	yoloLine  = regexp.MustCompile(`^\d+(\s+-?(0?\.\d+|[01](\.\d*)?)([eE][-+]?\d+)?){4,}\s*$`)
	kittiLine = regexp.MustCompile(`^[A-Za-z_]+(\s+-?\d+(\.\d+)?){14,15}\s*$`)
	yoloKey   = regexp.MustCompile(`^(path|train|val|test|nc|names|download)\s*:`)
	nameLine  = regexp.MustCompile(`(?i)^\S.*\.(jpe?g|png|bmp|tiff?|webp)$`)
)

// yoloLabels are YOLO's label files, one for each picture.
var yoloLabels = Kind{"a label file of YOLO (class, centre and size as parts of the sides)",
	fmt.Sprintf(byFiftyOne, "YOLOv5Dataset")}

// plain tells the formats that are lines of text. All lines of the beginning must look
// alike, but for comments.
func plain(text []byte) (Kind, bool) {
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRightFunc(line, unicode.IsSpace); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
		if len(lines) == maxLines {
			break
		}
	}
	all := func(is func(string) bool) bool {
		for _, l := range lines {
			if !is(l) {
				return false
			}
		}
		return len(lines) > 0
	}
	commas := strings.Count(strings.Join(lines, "\n")+"\n", ",")
	switch {
	case all(yoloLine.MatchString):
		return yoloLabels, true
	case all(kittiLine.MatchString):
		return Kind{"a label file of KITTI", fmt.Sprintf(byFiftyOne, "KITTIDetectionDataset")}, true
	case all(nameLine.MatchString):
		return Kind{"a list of pictures", "name the file that holds the annotations"}, true
	case len(lines) > 0 && yoloKey.MatchString(lines[0]):
		return Kind{"a data.yaml of YOLO, whose boxes stand in label files beside the pictures",
			fmt.Sprintf(byFiftyOne, "YOLOv5Dataset")}, true
	case commas >= 3*len(lines) && all(func(l string) bool { return strings.Count(l, ",") == commas/len(lines) }):
		return Kind{"a CSV table", byHand}, true
	}
	return Kind{}, false
}

// maxLines is how many lines have to look alike.
const maxLines = 5

// pythonText is what Python's print and str write, and json.load does not read.
var pythonText = Kind{"Python literals (single quotes, None, True, nan), which are not JSON",
	"write the file with json.dump in place of str or print; json.dump(ast.literal_eval(text), file) converts it"}

// python are words at which JSON ends and Python's literals go on.
var python = regexp.MustCompile(
	`^('|[bru]'|None\b|True\b|False\b|nan\b|inf\b|\(|np\.|array\(|tensor\(|` +
		`(collections\.)?(Ordered|default)[dD]ict\(|datetime\.|Decimal\()`)

// comment is how comments begin in JSON5, JSONC and YAML.
var comment = regexp.MustCompile(`^(//|/\*|#)`)

// conflict is how git marks the two sides of a merge, and where they meet.
var conflict = regexp.MustCompile(`^(<{7}|={7}|>{7})`)

// conflicted is a file with such marks.
var conflicted = Kind{"the marks of a merge conflict (<<<<<<<, =======, >>>>>>>)",
	"choose one side with git checkout --ours or --theirs, or export the file again"}

// AtFault returns the format of a file in which a JSON reader stopped at text[at]; done
// tells that it had expected the end of the file.
func AtFault(text []byte, at int, done bool) (Kind, bool) {
	if conflict.Match(text[at:]) {
		return conflicted, true
	}
	if done {
		return jsonLines, at < len(text) && (text[at] == '{' || text[at] == '[')
	}
	if comment.Match(text[at:]) {
		return commented, true
	}
	for at > 0 && unicode.IsLetter(rune(text[at-1])) { // within a word, such as nan
		at--
	}
	return pythonText, python.Match(text[at:])
}

// jsonLines are JSON values of which nothing else is known.
var jsonLines = Kind{"JSON lines (one JSON value after the other)",
	"make it one object with the arrays images, annotations and categories; `jq -s .` makes it one array"}
