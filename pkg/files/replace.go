package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// Kind is a kind of directory that Replace writes.
type Kind struct {
	// Check reports why dir may not be replaced. It is asked again right before the new
	// directory is made, when the rest of earlier runs is cleared away, and at the end if another
	// directory is at dir by then: a command of another kind may have written it meanwhile.
	Check func(dir string) error

	// Ours reports whether the entry e of dir is a file that this program wrote, whole or
	// in part. Only these are removed.
	Ours func(dir string, e fs.DirEntry) bool

	// Fresh has Check asked once more right before the new directory is put in its place: where two runs began with a
	// directory that was empty, the second one to end must not mix its files with those of the first.
	Fresh bool
}

// New is the kind of a directory that must be empty before, so that nothing in it is ours
// to remove.
func New() Kind {
	return Kind{Check: Empty, Ours: func(string, fs.DirEntry) bool { return false }, Fresh: true}
}

// Replace lets fill write into a new directory beside dir, and then puts it in the
// place of dir. If fill fails, dir is as it was. The new directory and its files get the
// modes and the owner of those that they replace. When the disk has all of it, dir and
// the new directory are exchanged; what is in the old one then and is not ours, because
// someone put it there meanwhile, is moved into the new one.
//
// The rest of runs that were killed is removed. Of two runs into one directory, the later
// one to end wins whole, if it may replace what the other one wrote: else it is refused.
func Replace(dir string, k Kind, fill func(tmp string) error) error {
	dir = filepath.Clean(dir)
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // a link to a directory goes on leading to it
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return err
	}
	before, _ := os.Stat(dir)
	tmp, held, err := begin(dir, k)
	if err != nil {
		return err
	}
	defer held.Close()      // ends the lock by which others see that tmp is in use
	defer os.RemoveAll(tmp) // all in it is ours; what exchange leaves has another name
	if err := fill(tmp); err != nil {
		return err
	}
	if err := imitate(tmp, dir); err != nil {
		return err
	}
	if err := syncFile(held); err != nil {
		return err
	}
	return exchange(tmp, dir, k, before)
}

// The endings of the names of siblings, after the process and a random number. One without
// an ending is being filled, and all in it is ours.
const (
	// oldEnding: it is about to be exchanged, or was and is the old directory.
	oldEnding = ".old"

	// asideEnding: it is the old directory, and there may be none in its place.
	asideEnding = ".aside"
)

// exchange puts the whole directory at tmp in the place of dir, and removes the old one. Before is what was at dir when
// the run began, nil if nothing was.
func exchange(tmp, dir string, k Kind, before fs.FileInfo) error {
	release, err := hold(dir)
	if err != nil {
		return err
	}
	defer release()
	if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
		return fmt.Errorf("%s was a directory and is none any more: it is left alone; name another directory", dir)
	}
	if k.Fresh || isAnother(dir, before) { // by another command, maybe of another kind
		if err := k.Check(dir); err != nil {
			return err
		}
	}
	old := tmp + oldEnding
	if err := rename(tmp, old); err != nil {
		return err
	}
	if err := swap(old, dir); err != nil {
		return errors.Join(err, os.RemoveAll(old))
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return fmt.Errorf("%s is written, but the disk may not have it yet: %w", dir, err)
	}
	if err := settle(old, dir, k); err != nil {
		return fmt.Errorf("%s is written, but the one before could not be removed: %w", dir, err)
	}
	return nil
}

// isAnother reports whether a directory is at dir that was not there before. A file that somebody puts into one does
// not make it another.
func isAnother(dir string, before fs.FileInfo) bool {
	now, err := os.Stat(dir)
	return err == nil && (before == nil || !os.SameFile(before, now))
}

// begin makes the new directory, and clears away what earlier runs left. The directory is
// open and locked as long as this run lives, so that no other takes it for such a rest.
func begin(dir string, k Kind) (tmp string, held *os.File, err error) {
	release, err := hold(dir)
	if err != nil {
		return "", nil, err
	}
	defer release()
	if err := restore(dir); err != nil {
		return "", nil, err
	}
	for _, rest := range dead(dir, fs.FileMode.IsDir) { // what can't be removed now may be by the next run
		if filepath.Ext(rest) == oldEnding || filepath.Ext(rest) == asideEnding {
			_ = settle(rest, dir, k)
		} else {
			_ = os.RemoveAll(rest)
		}
	}
	if err := k.Check(dir); err != nil {
		return "", nil, err
	}
	if _, err := os.Stat(dir); err == nil {
		if err := mayWrite(dir); err != nil {
			return "", nil, err
		}
	}
	tmp = sibling(dir)
	if err := mkdir(tmp); err != nil {
		return "", nil, err
	}
	if held, err = os.Open(tmp); err != nil {
		return "", nil, errors.Join(err, os.Remove(tmp))
	}
	lock(held)
	return tmp, held, nil
}

// imitate gives the new directory at tmp, and the files in it, the modes and owners of
// those of the same names in dir. What is new has the modes that the umask leaves it.
func imitate(tmp, dir string) error {
	old, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if was, err := os.Lstat(filepath.Join(dir, e.Name())); err == nil && was.Mode().IsRegular() {
			if err := likeFile(filepath.Join(tmp, e.Name()), was); err != nil {
				return err
			}
		}
	}
	return likeFile(tmp, old)
}

// likeFile gives a new file, or directory, the mode and the owner of another.
func likeFile(path string, as fs.FileInfo) error {
	own(path, as)
	return chmod(path, as.Mode()&(fs.ModePerm|fs.ModeSetgid|fs.ModeSticky))
}

// settleRounds is how often settle looks at a directory into which others still write.
const settleRounds = 20

// settle removes the directory at from: the files that are ours; all others move to dir,
// under another name where theirs is taken. Nothing is removed that it has not looked at.
func settle(from, dir string, k Kind) error {
	var err error
	for range settleRounds {
		entries, e := os.ReadDir(from)
		if errors.Is(e, fs.ErrNotExist) {
			return nil
		} else if e != nil {
			return e
		}
		for _, entry := range entries {
			if k.Ours(from, entry) {
				e = remove(filepath.Join(from, entry.Name()))
			} else {
				e = move(filepath.Join(from, entry.Name()), dir)
			}
			if e != nil {
				return e
			}
		}
		if err = remove(from); err == nil {
			return nil
		}
	}
	return err
}

// move moves a file into dir. Where its name is taken, it gets the next free one.
func move(path, dir string) error {
	if _, err := os.Stat(dir); err != nil {
		return err
	}
	name := filepath.Base(path)
	to := filepath.Join(dir, name)
	name = keptEnding.ReplaceAllString(name, "")
	for n := 1; ; n++ {
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return rename(path, to)
		}
		to = filepath.Join(dir, fmt.Sprintf("%s.kept-%d", name, n))
	}
}

// keptEnding ends the names of files that were moved before.
var keptEnding = regexp.MustCompile(`\.kept-[0-9]+$`)

// swapByRenaming puts tmp in the place of dir by two renames, for systems that cannot
// exchange two directories at once. The old one is left at tmp. Between the renames there
// is none at dir: where that is the last moment of a run, restore brings the old one back.
func swapByRenaming(tmp, dir string) error {
	old := strings.TrimSuffix(tmp, oldEnding) + asideEnding
	err := rename(dir, old)
	if errors.Is(err, syscall.EXDEV) {
		return fmt.Errorf("%w: the file system can't move %s, as what a layer of a container's image holds: "+
			"name another directory", err, dir)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	had := err == nil
	if err := rename(tmp, dir); err != nil {
		if had {
			return errors.Join(err, os.Rename(old, dir))
		}
		return err
	}
	if !had {
		return nil
	}
	return os.Rename(old, tmp)
}

// restore puts a directory back that a killed run had moved aside.
func restore(dir string) error {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var last string
	var when time.Time
	for _, rest := range dead(dir, fs.FileMode.IsDir) {
		info, err := os.Stat(rest)
		if err == nil && filepath.Ext(rest) == asideEnding && !info.ModTime().Before(when) {
			last, when = rest, info.ModTime()
		}
	}
	if last == "" {
		return nil
	}
	return rename(last, dir)
}
