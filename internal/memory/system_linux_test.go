package memory

import (
	"os"
	"path/filepath"
	"testing"
)

// TestGroup: the lower limit of the own group and of all counts; max is none.
func TestGroup(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	of := put("of", "1:cpu:/x\n0::/a/b\n")
	if got := group(of, dir); got != 0 {
		t.Errorf("no limit: %d", got)
	}
	put("memory.max", "max\n")
	put("a/b/memory.max", "12345\n")
	if got := group(of, dir); got != 12345 {
		t.Errorf("the own group's: %d", got)
	}
	put("memory/memory.limit_in_bytes", "9223372036854771712\n")
	if got := group(filepath.Join(dir, "none"), dir); got != 0 {
		t.Errorf("version 1, no limit: %d", got)
	}
}
