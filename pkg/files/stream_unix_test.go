//go:build unix

package files

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestStreams: a disk and a socket are refused, also with force; a pipe and a terminal are not.
func TestStreams(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir) // the path of a socket must be short
	l, err := net.Listen("unix", "socket")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	if err := unix.Mkfifo("pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mknod("disk", unix.S_IFBLK|0o600, int(unix.Mkdev(240, 250))); err != nil { // no driver has it
		t.Logf("a disk is not tried: %v", err)
	} else if err := (&Output{Path: "disk", Force: true}).Check(); err == nil || !strings.Contains(err.Error(), "is a disk") {
		t.Errorf("disk: %v", err)
	}
	if err := (&Output{Path: "socket", Force: true}).Check(); err == nil || !strings.Contains(err.Error(), "is a socket") {
		t.Errorf("socket: %v", err)
	}
	for _, path := range []string{"pipe", os.DevNull} {
		if err := (&Output{Path: path}).Check(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestTrailingSlash: a path that ends in a slash names no file; a pipe so named was replaced by a file, and a device
// would have been.
func TestTrailingSlash(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := unix.Mkfifo("pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"pipe/", "new/", "pipe//"} {
		o := &Output{Path: path, Force: true, Former: func(io.Reader) bool { return true }}
		err := o.Write(func(w io.Writer) error { return nil })
		if err == nil || !strings.Contains(err.Error(), path+" names a directory: name a file") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if info, err := os.Stat("pipe"); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is %v, %v", info, err)
	}
	if _, err := os.Stat("new"); err == nil {
		t.Error("a file was written")
	}
}

// TestLongNames: a name that the file system takes can be written over, again and again; two
// that begin alike don't share their siblings.
func TestLongNames(t *testing.T) {
	parent := t.TempDir()
	long := filepath.Join(parent, strings.Repeat("é", 127))
	if prefix(long) == prefix(long+"x") || len(prefix(long)) > 210 {
		t.Errorf("%s, %s", prefix(long), prefix(long+"x"))
	}
	for range 2 {
		if err := Replace(long, tables, twoTables("new")); err != nil {
			t.Fatal(err)
		}
	}
	file := &Output{Path: long + "x", Former: func(io.Reader) bool { return true }}
	for range 2 {
		if err := file.Write(func(w io.Writer) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	expectNames(t, parent, filepath.Base(long), filepath.Base(long)+"x")
}
