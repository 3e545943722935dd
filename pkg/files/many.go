package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"os"
)

// Many writes several files of a directory that nobody reads yet, in turns. It needs bounded memory, and has no file
// open between two writes, so that there may be more of them than a process may open.
type Many struct {
	paths []string
	held  [][]byte // by file: what is not written yet
	room  int      // of each
	sums  []hash.Hash
	sizes []int64
}

// The bounds of what is held of each file.
const (
	minHeld = 8 << 10
	maxHeld = 1 << 20
)

// NewMany creates the files, which must not be there. Together they hold so many bytes of memory, or 8 KiB each if
// that is more.
func NewMany(paths []string, memory int) (*Many, error) {
	m := &Many{
		paths: paths, held: make([][]byte, len(paths)), sums: make([]hash.Hash, len(paths)),
		sizes: make([]int64, len(paths)), room: min(max(memory/max(1, len(paths)), minHeld), maxHeld),
	}
	for i, path := range paths {
		m.sums[i] = sha256.New()
		if err := ask(opCreate, path); err != nil {
			return nil, err
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Write appends bytes to the i-th file.
func (m *Many) Write(i int, b []byte) error {
	if len(m.held[i])+len(b) > m.room {
		if err := m.flush(i); err != nil {
			return err
		}
	}
	if len(b) > m.room {
		return m.append(i, b)
	}
	if m.held[i] == nil {
		m.held[i] = make([]byte, 0, m.room)
	}
	m.held[i] = append(m.held[i], b...)
	return nil
}

// flush writes what is held of a file.
func (m *Many) flush(i int) error {
	if len(m.held[i]) == 0 {
		return nil
	}
	err := m.append(i, m.held[i])
	m.held[i] = m.held[i][:0]
	return err
}

// append writes bytes to the end of a file.
func (m *Many) append(i int, b []byte) (err error) {
	m.sums[i].Write(b)
	m.sizes[i] += int64(len(b))
	f, err := os.OpenFile(m.paths[i], os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = asking{f}.Write(b)
	return errors.Join(err, f.Close())
}

// Close writes what is held, and returns when the disk has all of it.
func (m *Many) Close() error {
	for i, path := range m.paths {
		if err := m.flush(i); err != nil {
			return err
		}
		m.held[i] = nil
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		if err := errors.Join(syncFile(f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Sum returns the size of the i-th file, and its SHA-256 in hex, when all is written.
func (m *Many) Sum(i int) (size int64, sum string) {
	return m.sizes[i], hex.EncodeToString(m.sums[i].Sum(nil))
}
