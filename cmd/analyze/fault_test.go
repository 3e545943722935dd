//go:build linux

package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"focalaudit/pkg/report"
)

// How much is tried; docs/reliability.md has the figures of more.
var (
	kills = flag.Int("kills", 8, "how many runs TestKilled kills")
	many  = flag.Int("many", 1000, "how many files TestManyFiles reads")
)

// program makes the test binary run as analyze in processes of its own.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "analyze")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// expectWhole checks that there is a whole report, of one run.
func expectWhole(t *testing.T, dir string) {
	t.Helper()
	if _, err := report.Load(dir); err != nil {
		t.Error(err)
	}
	if got := names(tree(t, dir)); !slices.Equal(got, reportFiles) {
		t.Errorf("report has %q", got)
	}
}

// TestKilled: runs are killed at random moments, while a reader looks at the report all the time.
// It always finds a whole one, and the next run that lives removes what the others left.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	analyze := program(t)
	parent := t.TempDir()
	dir := filepath.Join(parent, "report")
	args := []string{"run", sampleDir, "-q", "-j", "2", "-o", dir, "--json", filepath.Join(parent, "out.json"), "--fail-if", "false"}
	begin := time.Now()
	if out, err := exec.Command(analyze, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(begin)
	stop, reader, looks := make(chan struct{}), sync.WaitGroup{}, 0
	reader.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := report.Load(dir); err != nil {
				t.Errorf("look %d: %v", looks, err)
				return
			}
			looks++
		}
	})
	killed, most := 0, 0
	for range *kills {
		cmd := exec.Command(analyze, args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Float64() * float64(took)))
		cmd.Process.Kill()
		if cmd.Wait() != nil {
			killed++
		}
		entries, _ := os.ReadDir(parent)
		most = max(most, len(entries)-2)
	}
	close(stop)
	reader.Wait()
	if out, err := exec.Command(analyze, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	expectWhole(t, dir)
	expectNoRest(t, parent)
	t.Logf("%d of %d runs killed, %d looks, at most %d files left beside the report", killed, *kills, looks, most)
}

// TestTwoRunsAtOnce: runs into one directory at the same time end well, each with the verdict of
// its own report; one of them is there as a whole.
func TestTwoRunsAtOnce(t *testing.T) {
	analyze := program(t)
	parent := t.TempDir()
	dir := filepath.Join(parent, "report")
	for range 3 {
		var runs []*exec.Cmd
		var outs []*bytes.Buffer
		for i := range 4 {
			cmd := exec.Command(analyze, "run", sampleDir, "-q", "-o", dir, "--gamma", fmt.Sprint(i+1), "--fail-if", "anchors < 1")
			out := &bytes.Buffer{}
			cmd.Stdout, cmd.Stderr = out, out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			runs, outs = append(runs, cmd), append(outs, out)
		}
		for i, cmd := range runs {
			if err := cmd.Wait(); err != nil {
				t.Errorf("run %d: %v, %s", i, err, outs[i])
			}
		}
		expectWhole(t, dir)
		expectNoRest(t, parent)
	}
}

// small mounts a file system of so many bytes.
func small(t *testing.T, bytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skipf("a small file system can't be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// sizeOf adds up what the files of a directory take on a tmpfs.
func sizeOf(t *testing.T, dir string) (bytes int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		bytes += (int(info.Size()) + 4095) / 4096 * 4096
	}
	return bytes
}

// TestFullDisk: wherever the disk is full, the old report and the old files stay, and a run says
// so; where there is room, the new ones are there.
func TestFullDisk(t *testing.T) {
	reference := filepath.Join(t.TempDir(), "report")
	analyze(t, "run", sampleDir, "-q", "-o", reference).expect(t, statusFine)
	room := sizeOf(t, reference)
	tries, failed := 0, 0
	for size := room + 8192; ; size += 8192 {
		disk := small(t, size)
		dir, verdict := filepath.Join(disk, "report"), filepath.Join(disk, "out.json")
		if err := os.CopyFS(dir, os.DirFS(reference)); err != nil {
			t.Fatal(err)
		}
		old := `{"status":"pass","rules":[],"baseline":false,"only_new":false,"findings":{"total":0,"waived":0,"known":0,"gone":0}}`
		write(t, verdict, old)
		before := tree(t, dir)
		tries++
		status, text := try(t, "run", sampleDir, "-q", "-o", dir, "--gamma", "3", "--json", verdict, "--fail-if", "anchors < 1")
		expectWhole(t, dir)
		expectNoRest(t, disk)
		got, err := os.ReadFile(verdict)
		if err != nil || string(got) != old && !strings.Contains(string(got), "anchors < 1") {
			t.Errorf("%d bytes: the verdict is %q, %v", size, got, err)
		}
		if status == statusFine {
			break
		}
		failed++
		if !strings.Contains(text, "no space left") {
			t.Errorf("%d bytes: %s", size, text)
		}
		if now := tree(t, dir); !strings.Contains(text, "out.json") && now["summary.json"] != before["summary.json"] {
			t.Errorf("%d bytes: the report is another one, after %s", size, text)
		}
		if size > 3*room {
			t.Fatalf("does not fit: %s", text)
		}
	}
	t.Logf("%d disks, %d full", tries, failed)
}

// TestManyFiles: a directory of very many files takes time and memory in proportion to what it
// holds, not more.
func TestManyFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	in := t.TempDir()
	for i := range *many {
		text := fmt.Sprintf(`{"images":[{"id":%d,"file_name":"%d.jpg","width":64,"height":48}],"annotations":[{"id":%d,"image_id":%d,`+
			`"category_id":1,"bbox":[1,2,30,40]}],"categories":[{"id":1,"name":"cat"}]}`, i, i, i, i)
		if err := os.WriteFile(filepath.Join(in, fmt.Sprintf("%06d.json", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program(t), "run", in, "-q", "-o", filepath.Join(t.TempDir(), "report"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	memory := peakOf(cmd.Process.Pid)
	err := cmd.Wait()
	took := time.Since(begin)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.Bytes())
	}
	t.Logf("%d files: %v, %d MB, %v of CPU", *many, took.Round(time.Millisecond), memory>>20, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	if limit := int64(200<<20) + int64(*many)*5<<10; memory > limit {
		t.Errorf("%d MB, expected at most %d MB", memory>>20, limit>>20)
	}
	if limit := 10*time.Second + time.Duration(*many)*5*time.Millisecond; took > limit {
		t.Errorf("%v, expected at most %v", took, limit)
	}
}

// peakOf returns the largest resident memory of a process, in bytes, by what the system says of it until it ends. What
// wait4 tells has the peak of the process that started it in it, which may be larger.
func peakOf(pid int) (peak int64) {
	for {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		_, at, ok := strings.Cut(string(status), "VmHWM:")
		if err != nil || !ok { // it has ended
			return peak
		}
		kb, _, _ := strings.Cut(strings.TrimSpace(at), " ")
		n, err := strconv.ParseInt(kb, 10, 64)
		if err != nil {
			return peak
		}
		peak = max(peak, n<<10)
		time.Sleep(2 * time.Millisecond)
	}
}

// TestStrangersAreKept: what appears in the report's directory while a run writes it is told and
// kept, file by file.
func TestStrangersAreKept(t *testing.T) {
	analyze := program(t)
	dir := filepath.Join(t.TempDir(), "report")
	if out, err := exec.Command(analyze, "run", sampleDir, "-q", "-o", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(analyze, "run", sampleDir, "-q", "-o", dir)
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var done atomic.Bool
	var written []string
	var writer sync.WaitGroup
	writer.Go(func() {
		for !done.Load() { // until the run has found its directory fit, and writes
			if found, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".report.tmp-[0-9]*")); len(found) > 0 {
				break
			}
		}
		for i := 0; !done.Load() && i < 5000; i++ {
			name := fmt.Sprintf("note-%d.txt", i)
			if os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600) == nil {
				written = append(written, name)
			}
			time.Sleep(100 * time.Microsecond)
		}
	})
	err := cmd.Wait()
	done.Store(true)
	writer.Wait()
	for _, name := range written {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if err != nil || len(written) > 0 && !strings.Contains(out.String(), "appeared while the report was written and was kept") {
		t.Errorf("%v, %s", err, &out)
	}
	t.Logf("%d files, all kept", len(written))
}
