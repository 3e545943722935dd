package files

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// isMountPoint is for systems that tell. Elsewhere the exchange fails, and the old directory stays.
func isMountPoint(string) bool { return false }

// swap puts tmp in the place of dir. macOS exchanges two names in one step, so that
// there is a whole directory at dir at any time; the old one is left at tmp.
func swap(tmp, dir string) error {
	if err := ask(opRename, dir); err != nil {
		return err
	}
	err := unix.RenamexNp(tmp, dir, unix.RENAME_SWAP)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrPermission):
		return &os.LinkError{Op: "exchange", Old: tmp, New: dir, Err: err}
	}
	return swapByRenaming(tmp, dir) // nothing at dir yet, or a file system that can't exchange
}
