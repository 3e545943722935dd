//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package files

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// noFollow keeps os.OpenFile from following a link.
const noFollow = unix.O_NOFOLLOW

// locking tells what came of an attempt to lock a file.
type locking uint8

const (
	locked locking = iota
	held           // by another process
	unable         // the file system has no locks
)

// lock locks an open file or directory for this process, without waiting. The kernel
// ends the lock with the process, however that ends.
func lock(f *os.File) locking {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return locked
		case errors.Is(err, unix.EWOULDBLOCK):
			return held
		case !errors.Is(err, unix.EINTR):
			return unable
		}
	}
}

// alive reports whether a process runs on this machine.
func alive(pid int) bool {
	err := unix.Kill(pid, 0)
	return err == nil || errors.Is(err, unix.EPERM)
}

// cannotSync reports whether an error of Sync means that the file has nothing to sync:
// devices, and directories of some file systems.
func cannotSync(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP)
}

// mayWrite reports why entries of a directory can't be changed.
func mayWrite(dir string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return noWriting(dir, err)
	}
	return nil
}

// own gives a new file the owner of the one whose place it will take, as far as this
// process may.
func own(path string, as fs.FileInfo) {
	if of, ok := as.Sys().(*syscall.Stat_t); ok && (int(of.Uid) != os.Geteuid() || int(of.Gid) != os.Getegid()) {
		_ = os.Lchown(path, int(of.Uid), int(of.Gid))
	}
}

// mine reports whether a file belongs to the user of this process.
func mine(info fs.FileInfo) bool {
	of, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(of.Uid) == os.Geteuid()
}
