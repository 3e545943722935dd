package files

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOutput: what may be written over, and what stays as it is.
func TestOutput(t *testing.T) {
	for name, c := range map[string]struct {
		links map[string]string // by name: where it leads
		path  string
		force bool
		want  string // part of the error, "" for none
		file  string // that has the text then
	}{
		"new":                        {path: "new", file: "new"},
		"empty":                      {path: "empty", file: "empty"},
		"former":                     {path: "former", file: "former"},
		"foreign":                    {path: "foreign", want: "is no text file of this program: it is left alone"},
		"foreign, forced":            {path: "foreign", force: true, file: "foreign"},
		"an input":                   {path: "input", force: true, want: "is an input of this run"},
		"a hard link to an input":    {path: "hard", force: true, want: "is an input of this run"},
		"a link to an input":         {path: "link", links: map[string]string{"link": "input"}, force: true, want: "is an input of this run"},
		"within an input":            {path: "dir/x", force: true, want: "which this run reads"},
		"through a link to an input": {path: "link/x", links: map[string]string{"link": "dir"}, force: true, want: "which this run reads"},
		"a link to a former one":     {path: "link", links: map[string]string{"link": "former"}, file: "former"},
		"a link to nothing yet":      {path: "link", links: map[string]string{"link": "new"}, file: "new"},
		"a link to a link":           {path: "l", links: map[string]string{"l": "link", "link": "nowhere"}, want: "leads nowhere"},
		"a directory":                {path: "sub", want: "is a directory"},
		"no directory":               {path: "nowhere/x", want: "there is no directory"},
		"a file above":               {path: "former/x", want: "not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			at := func(name string) string { return filepath.Join(dir, name) }
			for name, text := range map[string]string{"empty": "", "former": "ours: old", "foreign": "mine", "input": "data", "dir/y": "data", "sub/y": "mine"} {
				put(t, at(name), text)
			}
			if err := os.Link(at("input"), at("hard")); err != nil {
				t.Skip(err)
			}
			for from, to := range c.links {
				if err := os.Symlink(to, at(from)); err != nil {
					t.Skip(err)
				}
			}
			before, _ := os.ReadDir(dir)
			o := Output{Path: at(c.path), Kind: "text file", Force: c.force, Inputs: []string{at("input"), at("dir"), at("missing")},
				Former: func(r io.Reader) bool {
					text, _ := io.ReadAll(r)
					return strings.HasPrefix(string(text), "ours")
				}}
			err := o.Check()
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if e := o.Write(func(w io.Writer) error { _, err := io.WriteString(w, "ours: new"); return err }); (e == nil) != (err == nil) {
				t.Errorf("check says %v, write says %v", err, e)
			}
			if c.file == "" {
				if after, _ := os.ReadDir(dir); len(after) != len(before) {
					t.Errorf("got %v, there was %v", after, before)
				}
				return
			}
			if got, err := os.ReadFile(at(c.file)); err != nil || string(got) != "ours: new" {
				t.Errorf("%q, %v", got, err)
			}
			for from, to := range c.links {
				if got, err := os.Readlink(at(from)); err != nil || got != to {
					t.Errorf("link %s leads to %s, %v", from, got, err)
				}
			}
		})
	}
}

// TestOutputAppears: what somebody puts there after the check is left alone too.
func TestOutputAppears(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	o := Output{Path: file, Kind: "text file", Former: func(io.Reader) bool { return false }}
	if err := o.Check(); err != nil {
		t.Fatal(err)
	}
	put(t, file, "mine")
	if err := o.Write(func(io.Writer) error { return nil }); err == nil || !strings.Contains(err.Error(), "left alone") {
		t.Errorf("got %v", err)
	}
}

// TestOutputToADevice: what is no file is written to, and is there afterwards.
func TestOutputToADevice(t *testing.T) {
	o := Output{Path: os.DevNull, Kind: "text file"}
	if err := o.Write(func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
