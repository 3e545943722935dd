package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxName is how much of a name its siblings have, in bytes: file systems take names of 255, and
// the siblings add up to 30.
const maxName = 200

// prefix begins the names of the siblings of path that this package makes. A long name is
// cut, and told from others by a checksum.
func prefix(path string) string {
	name := filepath.Base(path)
	if len(name) > maxName {
		sum := sha256.Sum256([]byte(name))
		name = strings.ToValidUTF8(name[:maxName-16], "") + hex.EncodeToString(sum[:8])
	}
	return "." + name + ".tmp-"
}

// sibling returns a new name beside path. It names this process.
func sibling(path string) string {
	return filepath.Join(filepath.Dir(path), fmt.Sprintf("%s%d-%x", prefix(path), os.Getpid(), rand.Uint32()))
}

// dead returns the siblings of path that were left by runs which do not live any more.
// Those of other users are theirs. The caller holds path.
func dead(path string, is func(fs.FileMode) bool) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		id, ours := strings.CutPrefix(e.Name(), prefix(path))
		id = strings.TrimSuffix(strings.TrimSuffix(id, oldEnding), asideEnding)
		number, random, whole := strings.Cut(id, "-")
		pid, err := strconv.Atoi(number)
		if !ours || !whole || err != nil || random == "" || strings.Trim(random, "0123456789abcdef") != "" || !is(e.Type()) {
			continue
		}
		at := filepath.Join(filepath.Dir(path), e.Name())
		if info, err := e.Info(); err == nil && mine(info) && !inUse(at, pid) {
			found = append(found, at)
		}
	}
	slices.Sort(found)
	return found
}

// inUse reports whether a run that lives has locked a sibling. Where there are no locks,
// it is in use as long as there is a process of that number.
func inUse(path string, pid int) bool {
	f, err := os.Open(path)
	if err != nil {
		return true
	}
	defer f.Close()
	switch lock(f) {
	case locked:
		return false
	case held:
		return true
	}
	return alive(pid)
}

// patience is how long a run waits for another to exchange a directory or to remove what
// was there. That takes no longer than the removal of a report.
var patience = 30 * time.Second

// hold waits until no other process changes path or its siblings, and keeps others from
// it until release is called. The lock is a file beside path, which is there meanwhile
// only; one that a killed run left locks nothing, and the next run removes it.
func hold(path string) (release func(), err error) {
	file := filepath.Join(filepath.Dir(path), prefix(path)+"lock")
	for end := time.Now().Add(patience); ; {
		f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR|noFollow, 0o666)
		if errors.Is(err, fs.ErrPermission) { // another user's
			if other, e := os.OpenFile(file, os.O_RDONLY|noFollow, 0); e == nil {
				f, err = other, nil
			}
		}
		if err != nil {
			return nil, err
		}
		got := lock(f)
		if got == unable || got == locked && isStill(f, file) {
			return func() { os.Remove(file); f.Close() }, nil
		}
		f.Close()
		if got == locked {
			continue // the one before removed the file between our opening and locking it
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("another run has been changing %s for %s (it locks %s): "+
				"wait until it has ended, or name another place", path, patience, file)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// isStill reports whether an open file is the one at path.
func isStill(f *os.File, path string) bool {
	a, err := f.Stat()
	b, err2 := os.Lstat(path)
	return err == nil && err2 == nil && os.SameFile(a, b)
}
