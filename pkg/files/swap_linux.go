package files

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"
)

// swap puts tmp in the place of dir. Linux exchanges two names in one step, so
// that there is a whole directory at dir at any time; the old one is left at tmp.
func swap(tmp, dir string) error {
	err := unix.Renameat2(unix.AT_FDCWD, tmp, unix.AT_FDCWD, dir, unix.RENAME_EXCHANGE)
	if err == nil || errors.Is(err, fs.ErrPermission) {
		return err
	}
	return swapByRenaming(tmp, dir) // nothing at dir yet, or a file system that can't exchange
}
