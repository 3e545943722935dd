package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadSmall(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.yaml")
	if err := os.WriteFile(file, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadSmall(file, 10); err != nil || string(got) != "0123456789" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := ReadSmall(file, 9); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a file that is too large: got %v", err)
	}
	if _, err := ReadSmall(filepath.Join(dir, "none"), 9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	if _, err := ReadSmall(dir, 9); err == nil || !strings.Contains(err.Error(), "is a directory, expected a regular file") {
		t.Errorf("a directory: got %v", err)
	}
}
