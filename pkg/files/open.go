package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"focalaudit/pkg/par"
)

// answerTime is how long a small file may take to open and to read. A local file takes
// milliseconds; a network that does not answer would take for ever.
const answerTime = 10 * time.Second

// Open opens a regular file for reading. Anything else is an error: to open a pipe waits
// for a writer that may never come, and no signal ends the wait.
func Open(path string) (*os.File, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if err := regular(path, info); err != nil { // to open some devices does something
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may have become a pipe
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = regular(path, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// regular returns an error for what is no regular file.
func regular(path string, info fs.FileInfo) error {
	kind := ""
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		kind = "a directory"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a pipe"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	case mode&fs.ModeDevice != 0:
		kind = "a device"
	default:
		kind = "no regular file"
	}
	return fmt.Errorf("%s is %s, expected a regular file", path, kind)
}

// ReadSmall reads a regular file of at most max bytes, such as a policy or a preset.
func ReadSmall(path string, max int64) ([]byte, error) {
	data, err := par.Within(answerTime, func() ([]byte, error) { return readSmall(path, max) })
	if errors.Is(err, par.ErrTooLong) {
		return nil, fmt.Errorf("%s could not be read within %v: is it on a network that does not answer?", path, answerTime)
	}
	return data, err
}

func readSmall(path string, max int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(data)) > max {
		err = fmt.Errorf("%s is larger than %d KiB, the most that such a file may have", path, max>>10)
	}
	return data, err
}
