package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Output is a file that the user names to be written over an earlier one of its kind.
type Output struct {
	Path string // as given; links are followed

	// Kind is a word for such files, such as "SARIF file"; Former reports whether
	// the content of a file is that of an earlier one.
	Kind   string
	Former func(content io.Reader) bool

	// Force lets it replace any other file, but no input.
	Force bool

	// Inputs are the files and directories that the run reads. IsData reports whether the content of a file is
	// that of an input, of whatever run; nil if that can't be told.
	Inputs []string
	IsData func(content io.Reader) bool
}

// Check reports why the file can't be written, or must not be: it is an input of
// the run, or there is something that is no former output of its kind.
func (o *Output) Check() error {
	_, err := o.target()
	return err
}

// Write writes the file: beside the one that is there, which it replaces when the disk
// has all of the new one. It keeps the mode and the owner; links to the file stay. What is no
// file, such as a pipe or a terminal, is written to.
func (o *Output) Write(write func(io.Writer) error) error {
	target, err := o.target()
	if err != nil {
		return err
	}
	if target == "" {
		return o.stream(write)
	}
	if err := overwrite(target, write); err != nil {
		return fmt.Errorf("%s is not written; what was there still is: %w", o.Path, err)
	}
	return syncDir(filepath.Dir(target))
}

// target returns the file behind links, "" if it is a stream.
func (o *Output) target() (string, error) {
	if last := len(o.Path) - 1; last >= 0 && os.IsPathSeparator(o.Path[last]) {
		return "", fmt.Errorf("%s names a directory: name a file", o.Path)
	}
	if info, err := os.Stat(o.Path); err == nil && !info.IsDir() && (!info.Mode().IsRegular() || standard(info) != nil) {
		return "", streams(o.Path, info)
	}
	target, err := follow(o.Path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err := parentOf(target, o.Path)
		if err == nil {
			err = o.isInput(target, nil)
		}
		return target, err
	case err != nil:
		return "", err
	case info.IsDir():
		return "", fmt.Errorf("%s is a directory: name a file", o.Path)
	case !info.Mode().IsRegular(): // it has become one since
		return "", regular(o.Path, info)
	}
	if err := o.isInput(target, info); err != nil {
		return "", err
	}
	if err := mayWrite(filepath.Dir(target)); err != nil {
		return "", err
	}
	f, err := os.OpenFile(target, os.O_RDWR, 0) // a file that may not be written may not be replaced either
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := o.holdsData(f); err != nil {
		return "", err
	}
	if info.Size() > 0 && !o.Force && !o.Former(f) {
		return "", fmt.Errorf("%s is there, and is no %s of this program: it is left alone; "+
			"name another file, or replace it with --force", o.Path, o.Kind)
	}
	return target, nil
}

// holdsData reports that a file holds data, which nothing replaces. It leaves the file at its beginning.
func (o *Output) holdsData(f *os.File) error {
	if o.IsData == nil {
		return nil
	}
	if o.IsData(f) {
		return fmt.Errorf("%s holds annotations or detections, which are never overwritten: name another file", o.Path)
	}
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// Spare reports that there is a file at the path which is an input of the run, or holds data: nothing may be added
// to it either.
func (o *Output) Spare() error {
	target, err := follow(o.Path)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil || !info.Mode().IsRegular() { // nothing is there, or what opening it tells
		return nil
	}
	if err := o.isInput(target, info); err != nil {
		return err
	}
	f, err := os.Open(target)
	if err != nil {
		return err // it might be one
	}
	defer f.Close()
	return o.holdsData(f)
}

// parentOf reports why no file can be made at path, which the user calls name.
func parentOf(path, name string) error {
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: there is no directory %s: make it, or name another file", name, dir)
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s: %s is no directory: name another file", name, dir)
	}
	return mayWrite(dir)
}

// noWriting is the error of a directory in which no file can be made.
func noWriting(dir string, err error) error {
	if abs, e := filepath.Abs(dir); e == nil {
		dir = abs // "." says nothing where a message is read later
	}
	why := err.Error()
	if errors.Is(err, fs.ErrPermission) {
		why = "you may not write there"
	} else if path := (*fs.PathError)(nil); errors.As(err, &path) {
		why = path.Err.Error()
	}
	return fmt.Errorf("the directory %s: %s: name another place for the output", dir, why)
}

// isInput reports that a file is one of the inputs, or within one that is a directory.
func (o *Output) isInput(target string, info fs.FileInfo) error {
	dir, err := filepath.EvalSymlinks(filepath.Dir(target))
	if err != nil {
		return err
	}
	target = filepath.Join(dir, filepath.Base(target))
	for _, input := range o.Inputs {
		in, err := os.Stat(input)
		if err != nil {
			continue
		}
		if !in.IsDir() {
			if info != nil && os.SameFile(in, info) {
				return fmt.Errorf("%s is an input of this run (%s), which is never overwritten: name another file",
					o.Path, input)
			}
			continue
		}
		if real, err := realDir(input); err == nil && strings.HasPrefix(target, real+string(filepath.Separator)) {
			return fmt.Errorf("%s is within %s, which this run reads: name another place", o.Path, input)
		}
	}
	return nil
}

// realDir returns the absolute path of a directory without links.
func realDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// follow returns the absolute path of what a path leads to, which need not be there.
func follow(path string) (string, error) {
	at, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(at); err == nil {
		return real, nil
	}
	to, err := os.Readlink(at)
	if err != nil {
		return at, nil // no link
	}
	if !filepath.IsAbs(to) {
		to = filepath.Join(filepath.Dir(at), to)
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s is a link that leads nowhere", path)
	}
	return to, nil
}

// streams reports why nothing can be written to what is no file, or must not be: a disk holds
// files that nobody has looked at.
func streams(path string, info fs.FileInfo) error {
	const disk = fs.ModeDevice | fs.ModeCharDevice
	switch mode := info.Mode(); {
	case mode&disk == fs.ModeDevice:
		return fmt.Errorf("%s is a disk, which is never written to: name a file", path)
	case mode&fs.ModeSocket != 0:
		return fmt.Errorf("%s is a socket: name a file or a pipe", path)
	}
	return nil
}

// standard returns the standard output or error if that is where a file goes, as in
// --json /dev/stdout.
func standard(info fs.FileInfo) *os.File {
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if at, err := f.Stat(); err == nil && os.SameFile(at, info) {
			return f
		}
	}
	return nil
}

// stream writes to what is no regular file, or is already open as one.
func (o *Output) stream(write func(io.Writer) error) error {
	if info, err := os.Stat(o.Path); err == nil {
		if f := standard(info); f != nil {
			return write(asking{f})
		}
	}
	f, err := os.OpenFile(o.Path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return fill(f, write)
}

// overwrite puts a new file in the place of the one at path, if there is one. It removes
// what killed runs left beside it.
func overwrite(path string, write func(io.Writer) error) error {
	release, err := hold(path)
	if err != nil {
		return err
	}
	defer release()
	for _, rest := range dead(path, fs.FileMode.IsRegular) {
		_ = remove(rest) // what can't be removed now may be removed by the next run
	}
	old, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	tmp := sibling(path)
	defer os.Remove(tmp)
	if err := ask(opCreate, tmp); err != nil {
		return err
	}
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if err := fill(f, write); err != nil {
		return err
	}
	if old != nil {
		if err := likeFile(tmp, old); err != nil {
			return err
		}
	}
	return rename(tmp, path)
}
