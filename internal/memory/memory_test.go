package memory

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]int64{
		"1": 1, "512MB": 512e6, "2GiB": 2 << 30, "1.5g": 1.5e9, " 3 kb ": 3000, "1TiB": 1 << 40, "64b": 64,
		"": 0, "0": 0, "-1": 0, "2XB": 0, "MB": 0, "1e9": 0, "9999999999TB": 0, "1.2.3": 0, "NaN": 0,
	} {
		if got, err := Parse(in); got != want || (err == nil) != (want > 0) {
			t.Errorf("Parse(%q) = %d, %v, want %d", in, got, err, want)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[int64]string{
		0: "0 bytes", 999: "999 bytes", 1000: "1 kB", 1234: "1.23 kB", 999_400: "999 kB", 999_600: "1 MB", 512e6: "512 MB", 123456789012: "123 GB",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%d) = %q, want %q", in, got, want)
		}
	}
}

// TestFind: the flag goes before GOMEMLIMIT, and the collector is as before afterwards.
func TestFind(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	l, restore, err := Find("1GB")
	if err != nil || l.Bytes != 1e9 || debug.SetMemoryLimit(-1) != 9e8 {
		t.Errorf("%+v, %v, the collector's is %d", l, err, debug.SetMemoryLimit(-1))
	}
	restore()
	debug.SetMemoryLimit(1 << 30)
	l, restore, err = Find("")
	if err != nil || l.Bytes != 1<<30 || l.From != "GOMEMLIMIT" {
		t.Errorf("%+v, %v", l, err)
	}
	restore()
	debug.SetMemoryLimit(before)
	if _, restore, err := Find("much"); err == nil {
		t.Error("no error")
	} else {
		restore()
	}
	if debug.SetMemoryLimit(-1) != before {
		t.Error("the collector has another limit than before")
	}
}

// TestOver: garbage does not count, what is in use does.
func TestOver(t *testing.T) {
	used, over := Limit{Bytes: math.MaxInt64 / 2}.Over()
	if over || used < 1<<10 || used > 1<<34 {
		t.Errorf("%d, %t", used, over)
	}
	held := make([]byte, 64<<20)
	runtime.GC()
	if used, over := (Limit{Bytes: 64 << 20}).Over(); !over || used < 64<<20 {
		t.Errorf("%d, %t", used, over)
	}
	runtime.KeepAlive(held)
}

// TestSpareBoundsTheHeap: beside a large array the heap grows by a part of the rest only.
func TestSpareBoundsTheHeap(t *testing.T) {
	before := debug.SetGCPercent(60)
	defer debug.SetGCPercent(before)
	large := make([]byte, 200<<20)
	restore := Spare(60, int64(len(large)), 200<<20)
	if got := debug.SetGCPercent(leastPercent); got != leastPercent { // nothing else lives
		t.Errorf("the heap grows by %d percent, want %d", got, leastPercent)
	}
	runtime.KeepAlive(large)
	restore()
	if got := debug.SetGCPercent(60); got != 60 {
		t.Errorf("%d percent after restore, want 60", got)
	}
	defer Spare(60, 0, 0)()
	if got := debug.SetGCPercent(60); got != 60 {
		t.Errorf("the heap grows by %d percent with nothing idle, want 60", got)
	}
}
