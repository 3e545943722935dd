package memory

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// system returns the lower one of the limits of the control group and of the address space,
// with room for what the Go runtime does not count.
func system() Limit {
	l := Limit{}
	lower := func(n int64, from string) {
		if n > 0 && (l.Bytes == 0 || n < l.Bytes) {
			l = Limit{n, from}
		}
	}
	if n := group("/proc/self/cgroup", "/sys/fs/cgroup"); n > 0 {
		lower(n-n/10, "the control group")
	}
	var space unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &space); err == nil && space.Cur < math.MaxInt64 {
		// half of what is free: the runtime takes address space in pieces of 64 MiB, and a
		// slice that grows needs room for both
		lower(max(1, (int64(space.Cur)-virtual())/2), "ulimit -v")
	}
	return l
}

// group returns the limit of the control group that the process is in, 0 if it has none.
func group(of, root string) int64 {
	dirs := []string{root}
	lines, _ := os.ReadFile(of)
	for line := range strings.Lines(string(lines)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			dirs = append(dirs, filepath.Join(root, path))
		}
	}
	least := int64(0)
	for _, dir := range dirs {
		for _, name := range []string{"memory.max", "memory/memory.limit_in_bytes"} {
			text, _ := os.ReadFile(filepath.Join(dir, name)) // "max", or nothing, is no limit
			n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
			if err == nil && n < 1<<60 && (least == 0 || n < least) {
				least = n
			}
		}
	}
	return least
}

// virtual returns the address space that the process has taken.
func virtual() int64 {
	text, _ := os.ReadFile("/proc/self/statm")
	first, _, _ := strings.Cut(string(text), " ")
	pages, _ := strconv.ParseInt(first, 10, 64)
	return pages * int64(os.Getpagesize())
}
