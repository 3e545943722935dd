package foreign

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
)

// A Sketch is which keys stand where in JSON. A place is a path such as
// shapes/[]/points: keys and, for the elements of an array, []. An array also has the
// path of its key with [] behind it, shapes[], be it empty or not; a string that ends
// like the name of a picture has the path of its place and "picture".
type Sketch struct {
	paths map[string]bool
	left  int  // tokens that may still be read
	twice bool // it is a string that holds an object or an array
}

// The bounds of a sketch: what a file is shows in its first records.
const (
	maxTokens = 50_000
	maxPaths  = 4096
	maxDepth  = 8
	maxBytes  = 64 << 20 // a picture within the file, in base64
	maxKey    = 64
)

// NewSketch returns an empty sketch.
func NewSketch() *Sketch { return &Sketch{paths: map[string]bool{}} }

// Add notes a path.
func (s *Sketch) Add(path string) {
	if len(s.paths) < maxPaths {
		s.paths[path] = true
	}
}

// Read notes the paths of the JSON value that r begins with, below a path, which may be
// "". What is broken ends it.
func (s *Sketch) Read(r io.Reader, below string) {
	d := s.decoder(r)
	_ = s.value(d, below, 0) // an error only ends it
}

// ReadLines notes the paths of the JSON values that r is a sequence of, as elements of
// an array and as themselves.
func (s *Sketch) ReadLines(r io.Reader) {
	d := s.decoder(r)
	for s.value(d, "[]", 0) == nil {
	}
	for _, path := range slices.Collect(maps.Keys(s.paths)) {
		if of, ok := strings.CutPrefix(path, "[]/"); ok {
			s.Add(of)
		}
	}
}

func (s *Sketch) decoder(r io.Reader) *json.Decoder {
	s.left = maxTokens
	d := json.NewDecoder(Squeeze(io.LimitReader(r, maxBytes)))
	d.UseNumber()
	return d
}

// Squeeze returns what r holds with a single blank in place of many, outside of texts. The decoder of encoding/json
// looks at a stretch of blanks anew after each reading, which takes quadratic time where readings are small, and keeps
// all of it in memory: 300 MB of blanks, 300 KB as gzip data, kept it busy for more than 200 s.
func Squeeze(r io.Reader) io.Reader { return &squeezed{r: r} }

// squeezed reads JSON without most of its blanks.
type squeezed struct {
	r       io.Reader
	inText  bool // within quotes
	escaped bool // behind a backslash in a text
	blank   bool // behind a blank
}

// Read implements io.Reader.
func (s *squeezed) Read(p []byte) (kept int, err error) {
	for n := 0; kept == 0 && err == nil && len(p) > 0; {
		n, err = s.r.Read(p)
		for _, c := range p[:n] {
			blank := !s.inText && (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			if blank && s.blank {
				continue
			}
			s.blank = blank
			switch {
			case s.escaped:
				s.escaped = false
			case c == '"':
				s.inText = !s.inText
			case c == '\\':
				s.escaped = s.inText
			}
			p[kept] = c
			kept++
		}
	}
	return kept, err
}

var errEnough = errors.New("enough")

// value reads a value that stands at a path.
func (s *Sketch) value(d *json.Decoder, path string, depth int) error {
	t, err := s.token(d)
	if err != nil {
		return err
	}
	if depth <= maxDepth {
		s.Add(path)
	}
	switch t := t.(type) {
	case string:
		if inner := strings.TrimLeft(t, ` \"`); path == "" && inner != "" {
			s.twice = inner[0] == '{' || inner[0] == '['
		}
		if isPicture(t) {
			s.Add(join(path, "picture"))
		}
		return nil
	case json.Delim:
		if t == '[' && path != "" {
			s.Add(path + "[]")
		}
		return s.members(d, t == '{', path, depth+1)
	}
	return nil
}

// members reads the members of an object, or the elements of an array, and its end.
func (s *Sketch) members(d *json.Decoder, object bool, path string, depth int) error {
	if depth > 1000 {
		return errEnough
	}
	for d.More() {
		of := "[]"
		if object {
			key, err := s.token(d)
			if err != nil {
				return err
			}
			of, _ = key.(string)
			of = strings.ReplaceAll(of[:min(len(of), maxKey)], "/", "_")
		}
		if err := s.value(d, join(path, of), depth); err != nil {
			return err
		}
	}
	_, err := s.token(d)
	return err
}

func (s *Sketch) token(d *json.Decoder) (json.Token, error) {
	if s.left--; s.left < 0 {
		return nil, errEnough
	}
	return d.Token()
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "/" + key
}

// has tells whether there is a path that a pattern holds for: * stands for one key.
func (s *Sketch) has(pattern string) bool {
	if !strings.Contains(pattern, "*") {
		return s.paths[pattern]
	}
	for path := range s.paths {
		if matches(pattern, path) {
			return true
		}
	}
	return false
}

// matches compares a pattern with a path, key by key.
func matches(pattern, path string) bool {
	for more := true; more; {
		var want, key string
		var moreKeys bool
		want, pattern, more = strings.Cut(pattern, "/")
		key, path, moreKeys = strings.Cut(path, "/")
		if more != moreKeys || want != key && (want != "*" || key == "[]") {
			return false
		}
	}
	return true
}

// pictures are the endings of pictures.
var pictures = []string{
	".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".jp2", ".heic", ".dcm", ".ppm", ".pgm",
}

func isPicture(name string) bool {
	name = strings.ToLower(name)
	for _, end := range pictures {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
