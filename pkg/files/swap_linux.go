package files

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// isMountPoint reports whether a file system begins at dir, or a part of one that is bound there.
func isMountPoint(dir string) bool {
	var s unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, dir, 0, 0, &s); err != nil {
		return false // what comes next says why
	}
	return s.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
}

// swap puts tmp in the place of dir. Linux exchanges two names in one step, so
// that there is a whole directory at dir at any time; the old one is left at tmp.
func swap(tmp, dir string) error {
	if err := ask(opRename, dir); err != nil {
		return err
	}
	err := unix.Renameat2(unix.AT_FDCWD, tmp, unix.AT_FDCWD, dir, unix.RENAME_EXCHANGE)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrPermission):
		return &os.LinkError{Op: "exchange", Old: tmp, New: dir, Err: err}
	}
	return swapByRenaming(tmp, dir) // nothing at dir yet, or a file system that can't exchange
}
