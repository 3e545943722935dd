package find

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestNamesOfBytes: files whose names differ in bytes that are no UTF-8 are two sources. Both had one name, so that rules
// over each source took them for one, and review said that a file had changed. A file whose name can't be told from
// another's is refused.
func TestNamesOfBytes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a\xfe.json", "a\xff.json", `a\xff.json`, "a\ufffd.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o666); err != nil {
			t.Skipf("the file system takes no such names: %v", err)
		}
	}
	found, err := Files([]string{dir}, nil, nil, []string{".json"})
	if err != nil || len(found) != 4 {
		t.Fatalf("%v, %d files", err, len(found))
	}
	refused := 0
	var names []string
	for i := range found {
		if found[i].Err != nil {
			refused++
			continue
		}
		names = append(names, filepath.Base(found[i].Name))
	}
	slices.Sort(names)
	if want := []string{`a\xfe.json`, `a\xff.json`, "a\ufffd.json"}; refused != 1 || !slices.Equal(names, want) {
		t.Errorf("%d refused, names %q, want %q", refused, names, want)
	}
}
