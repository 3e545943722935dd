//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package files

import (
	"io/fs"
	"os"
	"runtime"
)

// noFollow is for systems whose users can't plant links.
const noFollow = 0

// locking tells what came of an attempt to lock a file.
type locking uint8

const (
	locked locking = iota
	held           // by another process
	unable         // the system has no locks that end with the process
)

func lock(*os.File) locking { return unable }

// alive reports whether a process runs on this machine, as far as that can be told:
// only Windows knows when it looks for one.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}

// cannotSync reports whether an error of Sync means that there is nothing to sync.
// Windows can't sync directories.
func cannotSync(error) bool { return runtime.GOOS == "windows" }

// mayWrite reports why entries of a directory can't be changed.
func mayWrite(dir string) error {
	probe, err := os.MkdirTemp(dir, ".focalaudit-")
	if err != nil {
		return noWriting(dir, err)
	}
	return os.Remove(probe)
}

func own(string, fs.FileInfo) {}

func mine(fs.FileInfo) bool { return true }
