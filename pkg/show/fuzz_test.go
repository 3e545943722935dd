package show

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/report"
	"focalaudit/pkg/trainer"
)

// FuzzLoad: a report with altered files is loaded, or refused, and shown, soon. It has no
// checksums, so that the readers of its tables see what was altered.
func FuzzLoad(f *testing.F) {
	ref := filepath.Join(f.TempDir(), "report")
	r := testrun.Run(f, testrun.Read(f, testrun.Sample), testrun.Config(f, trainer.Default))
	if err := report.Write(f.Context(), ref, r, "1", nil); err != nil {
		f.Fatal(err)
	}
	names := []string{"findings.parquet", "classes.parquet", "summary.json"}
	data := map[string][]byte{}
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(ref, n))
		if err != nil {
			f.Fatal(err)
		}
		data[n] = b
	}
	at := bytes.Index(data["summary.json"], []byte(",\n  \"checksums\""))
	data["summary.json"] = append(data["summary.json"][:at:at], "\n}\n"...)
	f.Add(uint8(0), uint32(0), []byte{1}, uint32(0))
	f.Add(uint8(1), uint32(100), []byte{0xff, 0xff}, uint32(3))
	f.Add(uint8(2), uint32(50), []byte("9"), uint32(0))
	f.Add(uint8(129), uint32(500), []byte{0xff, 0xff, 0xff, 0x7f}, uint32(0))
	f.Add(uint8(128), uint32(900), []byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, uint32(0))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, which uint8, at uint32, with []byte, cut uint32) {
		altered := names[int(which)%len(names)]
		for _, n := range names {
			b := bytes.Clone(data[n])
			if n == altered {
				i := int(at) % len(b)
				if which >= 128 && strings.HasSuffix(n, ".parquet") { // the footer, where the structure is
					i = len(b) - 1 - int(at)%min(len(b), 4000)
				}
				copy(b[i:], with)
				if which%2 == 1 && which >= 64 {
					b = b[:len(b)-int(cut)%len(b)]
				}
			}
			if err := os.WriteFile(filepath.Join(dir, n), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		begun := time.Now()
		_, err := report.Load(dir)
		for _, table := range []string{"findings", "classes"} {
			err = errors.Join(err, Rows(t.Context(), io.Discard, dir, Query{Table: table, Format: "csv", Limit: -1}))
		}
		if err != nil && (strings.Contains(err.Error(), "runtime error") || strings.Contains(err.Error(), "slice bounds")) {
			t.Fatalf("Go's own words: %v", err)
		}
		if d := time.Since(begun); d > 4*time.Second {
			t.Fatalf("%v", d)
		}
	})
}
