// Package memory ends a run that needs more memory than it may use with a message, before the
// system kills it or the Go runtime prints a stack trace.
//
//  1. Find tells the limit: the one asked for, GOMEMLIMIT, or that of the system
//     (system_linux.go).
//  2. Spare has the heap grow by less beside large arrays that stay.
//  3. Limit.Over reports how much memory the program uses. The caller asks a few times a
//     second, and stops the run when it is over the limit.
package memory

import (
	"fmt"
	"math"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
)

// Limit is how much memory the program may use, and who says so. There is none if Bytes
// is 0.
type Limit struct {
	Bytes int64
	From  string // as in "512 MB allowed by FROM"
}

// Find returns the limit that is asked for, else GOMEMLIMIT's, else that of the system.
// The garbage collector works harder near it, until restore is called.
func Find(asked string) (l Limit, restore func(), err error) {
	before := debug.SetMemoryLimit(-1)
	restore = func() { debug.SetMemoryLimit(before) }
	switch {
	case asked != "":
		l.From = "--max-memory"
		if l.Bytes, err = Parse(asked); err != nil {
			return Limit{}, restore, fmt.Errorf("--max-memory %w", err)
		}
	case before != math.MaxInt64:
		return Limit{before, "GOMEMLIMIT"}, restore, nil
	default:
		l = system()
	}
	if l.Bytes > 0 {
		debug.SetMemoryLimit(l.Bytes - l.Bytes/10)
	}
	return l, restore, nil
}

// size is a size as people write it.
var size = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?([kmgt]?)(i?)b?$`)

// Parse returns the bytes of a size such as 512MB, 2GiB or 1.5g.
func Parse(s string) (int64, error) {
	m := size.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil {
		return 0, fmt.Errorf("%q: expected a size, such as 512MB or 2GiB", s)
	}
	base := 1000.0
	if m[3] != "" {
		base = 1024
	}
	n, _ := strconv.ParseFloat(m[1], 64) // digits and one point: it is a number
	n *= math.Pow(base, float64(strings.Index("kmgt", m[2])+min(len(m[2]), 1)))
	if n < 1 || n > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q: expected a size, such as 512MB or 2GiB", s)
	}
	return int64(n), nil
}

// Text writes bytes with three digits.
func Text(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	v, k := float64(n), 0
	for v >= 999.5 && k < len(units)-1 {
		v, k = v/1000, k+1
	}
	if k == 0 || v >= 100 {
		return fmt.Sprintf("%.0f %s", v, units[k])
	}
	return fmt.Sprintf("%.3g %s", v, units[k])
}

// Over reports whether the program uses more than the limit, and how much it uses. Garbage
// alone does not count, unless it is far beyond.
func (l Limit) Over() (used int64, over bool) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
		{Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(samples)
	value := func(i int) int64 {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			return 0 // no runtime has lacked one of them yet
		}
		return int64(samples[i].Value.Uint64())
	}
	used = value(0) - value(1)
	return used, used > l.Bytes && value(2) > l.Bytes-l.Bytes/4 || used > l.Bytes+l.Bytes/5
}

// Spare has the heap grow by so many percent of what it holds besides idle bytes before it is collected. Idle are large
// arrays without pointers that are there already and stay, coming are those that will be: the collector does not read
// them, and they are no reason to let as much garbage pile up again. restore undoes it.
func Spare(percent int, idle, coming int64) (restore func()) {
	runtime.GC() // which tells how much lives
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if live[0].Value.Kind() != metrics.KindUint64 {
		return func() {}
	}
	all := float64(live[0].Value.Uint64())
	part := (all - float64(idle)) / (all + float64(coming))
	before := debug.SetGCPercent(max(leastPercent, int(float64(percent)*part)))
	return func() { debug.SetGCPercent(before) }
}

// leastPercent bounds how often the heap is collected.
const leastPercent = 4
