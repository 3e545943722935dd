package scores

import (
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"focalaudit/pkg/loss"
)

// Logits is where the scores of a real detector come from: its own logits of
// every anchor, one .npy file an image. An image without a file counts as at
// initialisation. Beside them there can be the boxes that it predicts, for trainers
// that choose by both.
type Logits struct {
	Dir string
}

// The ends of files of logits and of predicted boxes, after the image's name.
const (
	logitsEnd = ".npy"
	boxesEnd  = ".boxes.npy"
)

// Naming is how the files of a directory are named: by the images' ids or by the
// stems of their file names. It is one for the whole directory, since an id may
// well be another image's stem.
type Naming bool

// The namings.
const (
	ByID   Naming = false
	ByStem Naming = true
)

// name returns the name of an image's file, "" if the image has none: a path of
// the data set's must not lead elsewhere.
func (n Naming) name(id, file, end string) string {
	name := id
	if n == ByStem {
		name = path.Base(strings.ReplaceAll(file, `\`, "/"))
		name = strings.TrimSuffix(name, path.Ext(name))
	}
	if name == "" || strings.ContainsAny(name, `/\`) {
		return ""
	}
	return name + end
}

// Naming tells how the directory's files are named, by which naming finds more
// of the images that are given by id and file name.
func (l *Logits) Naming(images iter.Seq2[string, string]) (Naming, error) {
	entries, err := os.ReadDir(l.Dir)
	if err != nil {
		return ByID, err
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		there[e.Name()] = true
	}
	n := 0
	found := map[Naming]int{}
	times := map[Naming]map[string]int{ByID: {}, ByStem: {}}
	for id, file := range images {
		n++
		for _, naming := range []Naming{ByID, ByStem} {
			if name := naming.name(id, file, logitsEnd); there[name] {
				found[naming]++
				times[naming][name]++
			}
		}
	}
	best := Naming(found[ByStem] > found[ByID])
	if found[best] == 0 && n > 0 {
		return best, fmt.Errorf(
			"%s: no logits for any of %d images: expected files named ID.npy, or STEM.npy by the images' file names",
			l.Dir, n)
	}
	for _, name := range slices.Sorted(maps.Keys(times[best])) {
		if k := times[best][name]; k > 1 {
			return best, fmt.Errorf(
				"%s: %s is the name of the logits of %d images, expected names that differ: run their annotation files one by one",
				l.Dir, name, k)
		}
	}
	return best, nil
}

// maxName is how many bytes the name of a file may have, on all usual file systems.
const maxName = 255

// Open opens an image's logits. The error is fs.ErrNotExist if there are none.
func (l *Logits) Open(n Naming, id, file string) (*Array, error) {
	return l.open(n.name(id, file, logitsEnd))
}

// OpenBoxes opens the boxes that were predicted on an image, as Open does.
func (l *Logits) OpenBoxes(n Naming, id, file string) (*Array, error) {
	return l.open(n.name(id, file, boxesEnd))
}

// BoxesName is the name of the file that OpenBoxes opens.
func (l *Logits) BoxesName(n Naming, id, file string) string { return n.name(id, file, boxesEnd) }

// Name is the name of the file that Open opens.
func (l *Logits) Name(n Naming, id, file string) string { return n.name(id, file, logitsEnd) }

func (l *Logits) open(name string) (*Array, error) {
	if name == "" || len(name) > maxName || strings.Contains(name, "\x00") {
		return nil, fs.ErrNotExist // no file can have such a name
	}
	return OpenArray(filepath.Join(l.Dir, name))
}

// Boxed reports whether any of the images, given by id and file name, has predicted boxes.
func (l *Logits) Boxed(n Naming, images iter.Seq2[string, string]) (bool, error) {
	entries, err := os.ReadDir(l.Dir)
	if err != nil {
		return false, err
	}
	there := map[string]bool{}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), boxesEnd) {
			there[e.Name()] = true
		}
	}
	for id, file := range images {
		if there[n.name(id, file, boxesEnd)] {
			return true, nil
		}
	}
	return false, nil
}

// logits reads DIR[,name=NAME].
func logits(spec, args string) (Source, error) {
	s := Source{Name: "logits", Positive: loss.LogitOf(DefaultPrior), Negative: loss.LogitOf(DefaultPrior)}
	dir, given, err := options(spec, args)
	if err != nil {
		return s, err
	}
	if name, ok := given["name"]; ok {
		s.Name = name
		delete(given, "name")
	}
	switch {
	case len(given) > 0 || strings.TrimSpace(dir) == "":
		return s, fmt.Errorf("scores %q: expected logits:DIR[,name=NAME]", spec)
	case s.Name == "" || strings.ContainsRune(s.Name, '@'):
		return s, fmt.Errorf("scores %q: name %q: expected some text without @", spec, s.Name)
	}
	s.Logits = &Logits{Dir: dir}
	return s, nil
}
