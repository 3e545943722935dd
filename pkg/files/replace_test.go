//go:build unix

package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// tables is a kind whose files end in .t.
var tables = Kind{
	Check: func(string) error { return nil },
	Ours:  func(_ string, e fs.DirEntry) bool { return e.Type().IsRegular() && filepath.Ext(e.Name()) == ".t" },
}

// twoTables fills a directory with two files of one text.
func twoTables(text string) func(string) error {
	return func(tmp string) error {
		for _, name := range []string{"a.t", "b.t"} {
			err := Write(filepath.Join(tmp, name), func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// whole reports whether dir holds both files with one text.
func whole(dir, text string) bool {
	a, err := os.ReadFile(filepath.Join(dir, "a.t"))
	b, err2 := os.ReadFile(filepath.Join(dir, "b.t"))
	return err == nil && err2 == nil && string(a) == text && string(b) == text
}

// failing counts the steps that a disk can refuse, and lets the n-th fail.
type failing struct {
	mu   sync.Mutex
	n    int
	at   int // 0 for none
	ops  map[string]int
	from bool // all later ones fail too: the disk stays full
}

var errDisk = fmt.Errorf("the disk is full: %w", syscall.ENOSPC)

func (f *failing) step(op, _ string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	if f.n == f.at || f.from && f.n > f.at {
		return errDisk
	}
	f.ops[op]++
	return nil
}

// TestEveryStepFails: whichever write, sync, rename or removal of a run fails, and whether
// the disk recovers or not, there is a whole directory, the old one or the new one; what the
// user put there is kept; the next run leaves nothing of it.
func TestEveryStepFails(t *testing.T) {
	steps := 0
	for _, from := range []bool{false, true} {
		for n := 1; ; n++ {
			parent := t.TempDir()
			dir := filepath.Join(parent, "r")
			if err := Replace(dir, tables, twoTables("old")); err != nil {
				t.Fatal(err)
			}
			f := &failing{at: n, ops: map[string]int{}, from: from}
			undo := Inject(f.step)
			want := map[string]string{"r": "<dir>", "r/a.t": "next", "r/b.t": "next"}
			err := Replace(dir, tables, func(tmp string) error {
				put(t, filepath.Join(dir, "note"), "mine")
				want["r/note"] = "mine"
				return twoTables("new")(tmp)
			})
			undo()
			done := f.n < n
			if err != nil && (done || !errors.Is(err, errDisk)) {
				t.Errorf("step %d: got %v", n, err)
			}
			if !whole(dir, "old") && !whole(dir, "new") || err == nil && !whole(dir, "new") {
				t.Errorf("step %d: neither the old report nor the new one is there: %v", n, err)
			}
			if err := Replace(dir, tables, twoTables("next")); err != nil {
				t.Errorf("after step %d: %v", n, err)
			}
			expect(t, parent, want)
			if done {
				steps += n - 1
				for _, op := range []string{opCreate, opMkdir, opWrite, opSync, opChmod, opRename, opRemove} {
					if f.ops[op] == 0 {
						t.Errorf("no step %s", op)
					}
				}
				break
			}
		}
	}
	t.Logf("%d failing steps", steps)
}

// TestEveryStepOfAFileFails is the same for a file.
func TestEveryStepOfAFileFails(t *testing.T) {
	for n := 1; ; n++ {
		parent := t.TempDir()
		file := filepath.Join(parent, "f")
		put(t, file, "old")
		f := &failing{at: n, ops: map[string]int{}}
		o := Output{Path: file, Former: func(io.Reader) bool { return true }}
		undo := Inject(f.step)
		err := o.Write(func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err })
		undo()
		got, e := os.ReadFile(file)
		if e != nil || string(got) != "old" && string(got) != "new" || err == nil && string(got) != "new" {
			t.Errorf("step %d: %q, %v after %v", n, got, e, err)
		}
		expectNames(t, parent, "f")
		if f.n < n {
			return
		}
		if !errors.Is(err, errDisk) {
			t.Errorf("step %d: got %v", n, err)
		}
	}
}

// TestSyncedBeforeTheExchange: the disk has the files and the new directory before that takes
// the old one's place, and the exchange before the old one is removed.
func TestSyncedBeforeTheExchange(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	if err := Replace(dir, tables, twoTables("old")); err != nil {
		t.Fatal(err)
	}
	synced := map[string]bool{}
	defer Inject(func(op, path string) error {
		switch {
		case op == opSync:
			synced[filepath.Base(path)] = true
		case op == opRename && path == dir && (!synced["a.t"] || !synced["b.t"] || len(synced) != 3):
			t.Errorf("exchanged when only %v are synced", synced)
		case op == opRemove && !synced[filepath.Base(filepath.Dir(dir))]:
			t.Errorf("%s is removed before the exchange is synced", path)
		}
		return nil
	})()
	if err := Replace(dir, tables, twoTables("new")); err != nil {
		t.Fatal(err)
	}
}

// expectNames compares the names in a directory.
func expectNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// TestWhatAppearsIsKept: files, directories and links that somebody puts into the directory
// while it is written, also where their name is taken.
func TestWhatAppearsIsKept(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "r")
	if err := Replace(dir, tables, twoTables("old")); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		err := Replace(dir, tables, func(tmp string) error {
			put(t, filepath.Join(dir, fmt.Sprint("note-", round)), "mine")
			put(t, filepath.Join(dir, fmt.Sprint("sub-", round), "deep"), "mine too")
			os.Remove(filepath.Join(dir, "a.t"))
			put(t, filepath.Join(dir, "a.t", "x"), "a directory by the name of a table")
			return twoTables("new")(tmp)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{"r": "<dir>", "r/a.t": "new", "r/b.t": "new"}
	for i := range 2 {
		maps.Copy(want, map[string]string{
			fmt.Sprint("r/note-", i): "mine", fmt.Sprint("r/sub-", i): "<dir>", fmt.Sprint("r/sub-", i, "/deep"): "mine too",
			fmt.Sprint("r/a.t.kept-", i+1): "<dir>", fmt.Sprint("r/a.t.kept-", i+1, "/x"): "a directory by the name of a table",
		})
	}
	expect(t, parent, want)
}

// TestNewDirectoryIsSharedMeanwhile: nothing is lost where there was nothing at first, and nothing is mixed: a run into
// a new directory ends without it if something is there by then.
func TestNewDirectoryIsSharedMeanwhile(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "r")
	err := Replace(dir, New(), func(tmp string) error {
		put(t, filepath.Join(dir, "a.t"), "mine")
		return twoTables("new")(tmp)
	})
	if err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("got %v", err)
	}
	expect(t, parent, map[string]string{"r": "<dir>", "r/a.t": "mine"})
	put(t, filepath.Join(parent, "f"), "mine")
	err = Replace(filepath.Join(parent, "g"), New(), func(string) error { return os.Rename(filepath.Join(parent, "f"), filepath.Join(parent, "g")) })
	if err == nil || !strings.Contains(err.Error(), "is none any more") {
		t.Errorf("a file: %v", err)
	}
	expectNames(t, parent, "g", "r")
}

// TestOneOfManyGetsANewDirectory: of several runs into one new directory, one is written whole, and the others say that
// something is there.
func TestOneOfManyGetsANewDirectory(t *testing.T) {
	for range 10 {
		parent := t.TempDir()
		dir := filepath.Join(parent, "r")
		errs := make([]error, 6)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { errs[i] = Replace(dir, New(), twoTables(fmt.Sprint("run ", i))) })
		}
		all.Wait()
		won := ""
		for i, err := range errs {
			switch {
			case err == nil && won == "":
				won = fmt.Sprint("run ", i)
			case err == nil:
				t.Errorf("%s and run %d were both written", won, i)
			case !strings.Contains(err.Error(), "is not empty"):
				t.Errorf("run %d: %v", i, err)
			}
		}
		expect(t, parent, map[string]string{"r": "<dir>", "r/a.t": won, "r/b.t": won})
	}
}

// TestTwoKindsAreNotMixed: a run of one kind into a directory that a run of another kind wrote meanwhile is refused, whether
// there was an earlier directory or none; a file that somebody put there meanwhile is kept beside the new ones.
func TestTwoKindsAreNotMixed(t *testing.T) {
	kind := func(ending string) Kind {
		ours := func(_ string, e fs.DirEntry) bool { return filepath.Ext(e.Name()) == ending }
		return Kind{Ours: ours, Check: func(dir string) error {
			return EmptyOrOurs(dir, func(all []fs.DirEntry) bool {
				return !slices.ContainsFunc(all, func(e fs.DirEntry) bool { return !ours(dir, e) })
			}, "holds another kind")
		}}
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, "r")
	for _, before := range []string{"nothing", "an empty directory"} {
		if before != "nothing" {
			if err := os.Mkdir(dir, 0o777); err != nil {
				t.Fatal(err)
			}
		}
		err := Replace(dir, kind(".t"), func(tmp string) error {
			if err := Replace(dir, kind(".u"), func(tmp string) error { put(t, filepath.Join(tmp, "c.u"), "u"); return nil }); err != nil {
				t.Error(err)
			}
			return twoTables("t")(tmp)
		})
		if err == nil || !strings.Contains(err.Error(), "holds another kind") {
			t.Errorf("%s: got %v", before, err)
		}
		expect(t, parent, map[string]string{"r": "<dir>", "r/c.u": "u"})
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	err := Replace(dir, kind(".t"), func(tmp string) error {
		put(t, filepath.Join(dir, "notes"), "mine")
		return twoTables("t")(tmp)
	})
	if err != nil {
		t.Error(err)
	}
	expect(t, parent, map[string]string{"r": "<dir>", "r/a.t": "t", "r/b.t": "t", "r/notes": "mine"})
}

// TestModes: those of an earlier directory and its files are kept, new ones have what the
// umask leaves.
func TestModes(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "r")
	put(t, filepath.Join(dir, "a.t"), "old")
	if err := errors.Join(os.Chmod(dir, fs.ModeSetgid|0o750), os.Chmod(filepath.Join(dir, "a.t"), 0o640)); err != nil {
		t.Fatal(err)
	}
	old := syscall.Umask(0o027)
	defer syscall.Umask(old)
	if err := errors.Join(Replace(dir, tables, twoTables("new")), Replace(filepath.Join(parent, "s"), tables, twoTables("new"))); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{
		"r": fs.ModeDir | fs.ModeSetgid | 0o750, "r/a.t": 0o640, "r/b.t": 0o640, "s": fs.ModeDir | 0o750, "s/a.t": 0o640,
	} {
		if info, err := os.Stat(filepath.Join(parent, name)); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
	syscall.Umask(0o022)
	file := filepath.Join(parent, "r", "a.t")
	o := Output{Path: file, Former: func(io.Reader) bool { return true }}
	if err := o.Write(func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestDeadSiblings: what killed runs left is removed, what a run that lives has is not, nor
// what looks alike; what a user had put into a directory that was exchanged comes back.
func TestDeadSiblings(t *testing.T) {
	parent := t.TempDir()
	dir, pid := filepath.Join(parent, "r"), deadProcess(t)
	if err := Replace(dir, tables, twoTables("old")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(parent, fmt.Sprintf(".r.tmp-%d-1a", pid), "half"), "ours")
	put(t, filepath.Join(parent, fmt.Sprintf(".r.tmp-%d-2b", os.Getpid()), "half"), "ours, of a process with this number")
	put(t, filepath.Join(parent, fmt.Sprintf(".r.tmp-%d-3c.old", pid), "a.t"), "ours")
	put(t, filepath.Join(parent, fmt.Sprintf(".r.tmp-%d-3c.old", pid), "note"), "mine")
	put(t, filepath.Join(parent, ".r.tmp-lock"), "")
	kept := map[string]string{".r.tmp-x": "mine", ".r.tmp-1": "mine", "s": "mine", fmt.Sprintf(".r.tmp-%d-4d", pid): "mine: a file",
		fmt.Sprintf(".s.tmp-%d-1a", pid): "mine: of another name"}
	for name, text := range kept {
		put(t, filepath.Join(parent, name), text)
	}
	err := Replace(dir, tables, func(tmp string) error {
		if err := Replace(dir, tables, twoTables("of another run")); err != nil { // which must leave this one alone
			return err
		}
		return twoTables("new")(tmp)
	})
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(kept, map[string]string{"r": "<dir>", "r/a.t": "new", "r/b.t": "new", "r/note": "mine"})
	expect(t, parent, kept)
}

// deadProcess returns the number of a process that has ended.
func deadProcess(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

// TestRestore: a directory that a run on a system without exchange had moved aside when it
// was killed is put back by the next run, which may fail.
func TestRestore(t *testing.T) {
	parent := t.TempDir()
	dir, pid := filepath.Join(parent, "r"), deadProcess(t)
	aside := filepath.Join(parent, fmt.Sprintf(".r.tmp-%d-1a", pid))
	put(t, filepath.Join(aside+".aside", "a.t"), "old")
	put(t, filepath.Join(aside+".old", "a.t"), "new")
	err := Replace(dir, tables, func(string) error { return errDisk })
	if !errors.Is(err, errDisk) {
		t.Errorf("got %v", err)
	}
	expect(t, parent, map[string]string{"r": "<dir>", "r/a.t": "old"})
}

// TestTwoRuns: of runs into one directory at the same time, each ends well, and at any time
// there is a whole directory of one of them.
func TestTwoRuns(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "r")
	if err := Replace(dir, tables, twoTables("0")); err != nil {
		t.Fatal(err)
	}
	var runs sync.WaitGroup
	for run := range 4 {
		runs.Go(func() {
			for range 25 {
				if err := Replace(dir, tables, twoTables(fmt.Sprint(run))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	stop := make(chan struct{})
	reader := make(chan int)
	go func() {
		looks := 0
		for ; ; looks++ {
			select {
			case <-stop:
				reader <- looks
				return
			default:
				if _, err := os.Stat(dir); err != nil {
					t.Errorf("no directory: %v", err)
				}
			}
		}
	}()
	runs.Wait()
	close(stop)
	t.Logf("100 runs, %d looks", <-reader)
	expectNames(t, parent, "r")
	a, _ := os.ReadFile(filepath.Join(dir, "a.t"))
	if !whole(dir, string(a)) {
		t.Error("a mixture")
	}
}

// TestHeld: a run does not wait for ever for one that hangs.
func TestHeld(t *testing.T) {
	defer func(was time.Duration) { patience = was }(patience)
	patience = 20 * time.Millisecond
	dir := filepath.Join(t.TempDir(), "r")
	release, err := hold(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := Replace(dir, tables, twoTables("new")); err == nil || !strings.Contains(err.Error(), "another run") {
		t.Errorf("got %v", err)
	}
}
