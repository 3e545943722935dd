package coco

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
	"fmt"
)

func TestZZ(t *testing.T) {
	p := os.Getenv("ZZ")
	if p == "" { t.Skip() }
	if _, err := os.Stat(p); err != nil { os.WriteFile(p, synthetic(118287), 0o600) }
	st, _ := os.Stat(p)
	w, _ := strconv.Atoi(os.Getenv("ZW"))
	var r0, r1 syscall.Rusage
	syscall.Getrusage(0, &r0)
	t0 := time.Now()
	d, err := Read(context.Background(), []File{{Name: "a.json", Path: p, Size: st.Size()}}, Options{Workers: w})
	wall := time.Since(t0)
	syscall.Getrusage(0, &r1)
	if err != nil || len(d.Refused) > 0 { t.Fatal(err, d.Refused) }
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	fmt.Println("MB", st.Size()>>20, "objs", len(d.Sources[0].Objects), "flaws", len(d.Sources[0].Flaws), "wall", wall, "user", time.Duration(r1.Utime.Nano()-r0.Utime.Nano()), "sys", time.Duration(r1.Stime.Nano()-r0.Stime.Nano()), "rss", r1.Maxrss>>10, "alloc", ms.TotalAlloc>>20, "sysmem", ms.Sys>>20)
}
