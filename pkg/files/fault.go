package files

import (
	"io/fs"
	"os"
	"sync/atomic"
)

// The steps that a disk can refuse.
const (
	opCreate = "create"
	opMkdir  = "mkdir"
	opWrite  = "write"
	opSync   = "sync"
	opChmod  = "chmod"
	opRename = "rename"
	opRemove = "remove"
)

var injected atomic.Pointer[func(op, path string) error]

// Inject lets f decide before every step that a disk can refuse whether it fails, and
// with which error. It is for tests; undo ends it. f is called from any goroutine.
func Inject(f func(op, path string) error) (undo func()) {
	injected.Store(&f)
	return func() { injected.Store(nil) }
}

// ask returns the error that a step fails with, nil if it may go on.
func ask(op, path string) error {
	f := injected.Load()
	if f == nil {
		return nil
	}
	if err := (*f)(op, path); err != nil {
		return &fs.PathError{Op: op, Path: path, Err: err}
	}
	return nil
}

// asking is a file whose writes ask first.
type asking struct{ file *os.File }

// Write implements io.Writer.
func (f asking) Write(p []byte) (int, error) {
	if err := ask(opWrite, f.file.Name()); err != nil {
		return 0, err
	}
	return f.file.Write(p)
}

// These ask, and then do as the functions of package os do.

func mkdir(path string) error {
	if err := ask(opMkdir, path); err != nil {
		return err
	}
	return os.Mkdir(path, 0o777)
}

func chmod(path string, mode fs.FileMode) error {
	if err := ask(opChmod, path); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}

func rename(from, to string) error {
	if err := ask(opRename, to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

func remove(path string) error {
	if err := ask(opRemove, path); err != nil {
		return err
	}
	return os.Remove(path)
}
