package main

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// equalBoxes is a data set of one image with so many equal boxes.
func equalBoxes(n int) string {
	var b strings.Builder
	b.WriteString(`{"images":[{"id":1,"file_name":"a","width":640,"height":480}],"categories":[{"id":1,"name":"a"}],"annotations":[`)
	for i := range n {
		fmt.Fprintf(&b, `{"id":%d,"image_id":1,"category_id":1,"bbox":[10,10,50,50]},`, i)
	}
	return strings.TrimSuffix(b.String(), ",") + "]}"
}

// TestMaxMemory: a run that needs more than it may use ends with what it would need, and
// writes nothing.
func TestMaxMemory(t *testing.T) {
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "r")
	write(t, filepath.Join(dir, "a.json"), equalBoxes(200_000))
	before := giveUp
	giveUp = func(io.Writer, error) {} // a slow machine is not the test's concern
	defer func() { giveUp = before }()
	for _, command := range [][]string{{"run"}, {"trainers"}, {"calibrate", "--scores", "logits:" + dir}} {
		args := append(command, filepath.Join(dir, "a.json"), "-o", out, "--max-memory", "1MB")
		analyze(t, args...).expect(t, statusTrouble, "err:needs more memory than it may use", "err:1 MB allowed by --max-memory", "err:would need at least", "err:nothing was written")
		expectNothing(t, out)
	}
	analyze(t, "run", filepath.Join(dir, "a.json"), "--max-memory", "2XB").expect(t, statusTrouble, `err:--max-memory "2XB": expected a size, such as 512MB or 2GiB`)
	write(t, filepath.Join(dir, "b.json"), equalBoxes(3))
	analyze(t, "run", filepath.Join(dir, "b.json"), "-o", out, "--max-memory", "1TB").expect(t, statusFine)
}

// TestWorkersAreCapped: more workers than four a core only take memory.
func TestWorkersAreCapped(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.json"), equalBoxes(3))
	most := 4 * max(runtime.NumCPU(), runtime.GOMAXPROCS(0))
	for _, command := range []string{"run", "trainers"} {
		r := analyze(t, command, filepath.Join(dir, "a.json"), "-o", filepath.Join(dir, command), "-j", "100000")
		if want := fmt.Sprintf("analyze: --workers 100000: %d are started", most); r.status != statusFine || !strings.Contains(r.errw, want) {
			t.Errorf("%s: status %d, %q, want %q", command, r.status, r.errw, want)
		}
		analyze(t, command, filepath.Join(dir, "a.json"), "-o", filepath.Join(dir, command), "-j", fmt.Sprint(most)).expect(t, statusFine)
	}
}
