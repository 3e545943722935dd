package foreign

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"focalaudit/pkg/files"
)

// The bounds of a look at a directory.
const (
	maxEntries = 100_000
	maxSamples = 8
)

// Directory returns what stands in a directory in place of annotations that can be
// read. Files for which known is true, and hidden directories, are passed over: where
// there are such files and no others that mean something, the Kind is the zero one.
func Directory(dir string, known func(name string) bool) (Kind, error) {
	l := listing{samples: map[string][]string{}, count: map[string]int{}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == dir:
			return err
		case err != nil:
			return nil // what can't be looked at is no help
		case d.IsDir() && path != dir && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir():
			return nil
		case known(d.Name()):
			l.known = true
			return nil
		}
		return l.add(path)
	})
	return l.kind(), err
}

// listing is what a directory holds, by the endings of the names.
type listing struct {
	count    map[string]int
	samples  map[string][]string // the first paths
	pictures int
	all      int
	known    bool // there are files that are passed over
}

func (l *listing) add(path string) error {
	if l.all++; l.all > maxEntries {
		return filepath.SkipAll
	}
	if isPicture(path) {
		l.pictures++
		return nil
	}
	end := strings.ToLower(filepath.Ext(path))
	if l.count[end]++; len(l.samples[end]) < maxSamples {
		l.samples[end] = append(l.samples[end], path)
	}
	return nil
}

// kind asks samples of the most frequent endings first.
func (l *listing) kind() Kind {
	ends := slices.SortedFunc(maps.Keys(l.count), func(a, b string) int {
		return cmp.Or(cmp.Compare(l.count[b], l.count[a]), strings.Compare(a, b))
	})
	for _, end := range ends {
		for _, path := range l.samples[end] {
			if k, ok := file(path); ok {
				k.Name = fmt.Sprintf("%s, such as %s: %s", counted(l.count[end], end), filepath.Base(path), k.Name)
				return k
			}
		}
	}
	if l.known {
		return Kind{}
	}
	other := "no file"
	if len(ends) > 0 {
		shown := strings.Join(ends[:min(len(ends), 3)], ", ")
		if other = fmt.Sprintf("none of %d files whose annotations are known (%s)", l.all, shown); l.all == 1 {
			other = fmt.Sprintf("1 file (%s) whose annotations are not known", shown)
		}
	}
	if l.pictures > 0 {
		other = fmt.Sprintf("%s and no annotations", counted(l.pictures, "picture"))
	}
	return Kind{other, "name the file or the directory that holds the annotations, *.json"}
}

// counted counts files of a sort: an ending, or a word.
func counted(n int, sort string) string {
	switch {
	case sort == "picture" && n == 1:
		return "1 picture"
	case sort == "picture":
		return fmt.Sprintf("%d pictures", n)
	case n == 1:
		return strings.TrimSpace("1 " + sort + " file")
	}
	return fmt.Sprintf("%d %s files", n, cmp.Or(sort, "other"))
}

// file returns the format of a file, by what is in it.
func file(path string) (Kind, bool) {
	f, err := files.Open(path)
	if err != nil {
		return Kind{}, false
	}
	defer f.Close()
	head := make([]byte, HeadSize)
	n, _ := io.ReadFull(f, head) // a short file is a short head
	if k, ok := Text(head[:n]); ok || !startsJSON(head[:n]) {
		return k, ok
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Kind{}, false
	}
	s := NewSketch()
	s.Read(f, "")
	if s.all("images + annotations") {
		return Kind{"a file that looks like COCO but for its ending",
			"name the file itself, or let its name end in .json"}, true
	}
	k := s.Kind()
	return k, k != otherJSON
}

func startsJSON(head []byte) bool {
	text := strings.TrimLeft(strings.TrimPrefix(string(head[:min(len(head), 64)]), "\ufeff"), " \t\r\n")
	return strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}
