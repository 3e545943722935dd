// Package part keeps what a run found out about a part of a data set, so that reports add up: parts that were
// counted apart, on several machines, become the report that one run over all of them writes, byte for byte.
//
//  1. Write writes the directory of a part: part.json with the settings, sources.pack with what each source says
//     of itself and what its images add up to, records.pack with its images, annotations, and what became of
//     them (write.go), lists.pack with sorted lists of what is compared over the whole (lists.go), rows.pack with rows
//     of the report's largest table (rows.go).
//  2. Open takes several parts and puts them together: one data set, whose records are read when they are asked
//     for (open.go, pages.go), and what was counted of it, for analysis.Merge.
//
// What a source says by itself is stored as it is. What depends on the others is settled again from what the
// sources declare: the classes and their numbers, and all that a run asks of the whole data set.
package part

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/trainer"
)

// Layout is the version of a part's files. It rises when their bytes change meaning.
const Layout = 8

// The files of a part.
const (
	headName    = "part.json"
	sourcesName = "sources.pack"
	recordsName = "records.pack"
	listsName   = "lists.pack"
	rowsName    = "rows.pack"
)

// Settings are what a run was asked for that its report depends on: parts add up if theirs are equal.
type Settings struct {
	Preset      trainer.Preset `json:"preset"`
	Scores      []string       `json:"scores"` // as the flag --scores has them
	Objective   string         `json:"objective"`
	Classes     int            `json:"classes"`
	Alpha       float64        `json:"alpha"`
	Gamma       float64        `json:"gamma"`
	Easy        float64        `json:"easy"`
	Hard        float64        `json:"hard"`
	SkipEmpty   bool           `json:"skip_empty"`
	ImageLosses bool           `json:"image_losses"`
	NoAudit     bool           `json:"no_audit"`
	Prevalence  float64        `json:"prevalence"`
	Outlines    bool           `json:"check_outlines"`
}

// File is a file that a part was asked to read, and what became of it.
type File struct {
	Name    string
	Whole   string // find.File's
	Least   int
	Skipped string // why it holds no boxes, "" if it does
	Refused string // why it can't be read, "" if it can
}

// found returns the file as a find.File, for names that are settled anew.
func (f *File) found() find.File { return find.File{Name: f.Name, Whole: f.Whole, Least: f.Least} }

// taken reports whether the file is a source of the part.
func (f *File) taken() bool { return f.Skipped == "" && f.Refused == "" }

// Part is what Write writes.
type Part struct {
	Settings Settings
	Version  string // of the program
	Files    []File // sorted by name
	Data     *dataset.Dataset
	Declared []dataset.Declared // by source

	// Counted is what became of the images, nil if that is left to whoever puts the parts together.
	Counted *analysis.Counted

	// Kept are the labels that a person looked at and kept, by what lay beside the files.
	Kept Kept

	// Rows, if not nil, writes the rows of a source's objects as the report has them, and reports whether the source has
	// any that can be copied into the report of the whole.
	Rows func(w io.Writer, source int) (bool, error)
}

// Kept are fingerprints of labels that a person looked at and kept, by lists that lay beside the files of a part.
type Kept struct {
	Mine   prints `json:"own,omitempty"`    // in the working directory, or named by the user
	Others prints `json:"others,omitempty"` // wherever else the files lay
}

// Add adds a list of fingerprints. mine says that it lay in the working directory, or that the user named it.
func (k *Kept) Add(list []string, mine bool) {
	of := &k.Others
	if mine {
		of = &k.Mine
	}
	*of = slices.Compact(slices.Sorted(slices.Values(slices.Concat(*of, list))))
}

// prints are fingerprints, sorted. As JSON they are one text: there may be millions.
type prints []string

// MarshalText implements encoding.TextMarshaler.
func (p prints) MarshalText() ([]byte, error) { return []byte(strings.Join(p, " ")), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *prints) UnmarshalText(text []byte) error {
	*p = strings.Fields(string(text))
	for _, print := range *p {
		if b, err := hex.DecodeString(print); err != nil || len(b) != 12 {
			return fmt.Errorf("%q is no fingerprint", print)
		}
	}
	return nil
}

// head is part.json.
type head struct {
	Program   program           `json:"focalaudit"`
	Settings  Settings          `json:"settings"`
	Sources   int               `json:"sources"`
	Images    int64             `json:"image_count"`
	Objects   int64             `json:"annotation_count"`
	Counted   bool              `json:"counted"`
	Kept      Kept              `json:"reviewed"`
	Checksums map[string]string `json:"checksums"` // SHA-256 by file; that of part.json is of its text with zeros there
}

// program names what wrote a part.
type program struct {
	Layout    int    `json:"part"`
	Version   string `json:"version"`
	Numbering string `json:"numbering"` // the hash of pass.Numbering
}

// this is the program at hand.
func this(version string) program {
	sum := sha256.Sum256([]byte(pass.Numbering()))
	return program{Layout, version, hex.EncodeToString(sum[:8])}
}

// unlike says how the program that wrote a part differs from the one at hand.
func (p program) unlike(here program) string {
	switch {
	case p.Version != here.Version:
		return fmt.Sprintf("was written by version %s of this program, and this is version %s", p.Version, here.Version)
	case p.Layout != here.Layout:
		return fmt.Sprintf("was written by another build of version %s, with layout %d of a part's files, and this build "+
			"reads layout %d", p.Version, p.Layout, here.Layout)
	}
	return fmt.Sprintf("was written by another build of version %s, which numbers the reasons and codes of findings in "+
		"another way than this one", p.Version)
}

// zeroSum stands for the checksum of part.json while that is computed.
var zeroSum = strings.Repeat("0", 2*sha256.Size)

// text returns part.json, with its own checksum.
func (h *head) text() ([]byte, error) {
	h.Checksums[headName] = zeroSum
	b, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	h.Checksums[headName] = hex.EncodeToString(sum[:])
	return bytes.Replace(b, []byte(zeroSum), []byte(h.Checksums[headName]), 1), nil
}

// ErrDamaged is the error of a part whose files are not what a run wrote.
var ErrDamaged = errors.New("is damaged")

// damaged returns the error of a file of a part, and what helps.
func damaged(dir, name, why string) error {
	return fmt.Errorf("%s %w: %s: write the part anew with analyze run --part, or fetch it again",
		filepath.Join(dir, name), ErrDamaged, why)
}

// maxHead is how long part.json may be, in bytes: a preset's YAML takes a few thousand, and a label that was kept 25,
// of which a policy holds two million.
const maxHead = 64 << 20

// readHead reads part.json of a directory, and holds it against its checksum.
func readHead(dir string) (*head, error) {
	b, err := files.ReadSmall(filepath.Join(dir, headName), maxHead)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("%s is no part of a report: expected a directory that analyze run --part wrote",
			cmp.Or(dir, `""`))
	}
	if err != nil {
		return nil, err
	}
	h := &head{}
	if err := json.Unmarshal(b, h); err != nil || h.Program.Layout == 0 || h.Checksums == nil {
		return nil, damaged(dir, headName, "it can't be read")
	}
	sum := h.Checksums[headName]
	if want := sha256.Sum256(bytes.Replace(b, []byte(sum), []byte(zeroSum), 1)); sum != hex.EncodeToString(want[:]) {
		return nil, damaged(dir, headName, "its checksum is another one")
	}
	return h, nil
}

// Is reports whether a directory holds a part.
func Is(dir string) bool {
	_, err := readHead(dir)
	return err == nil
}

// CheckTarget reports why a part can't be put at dir: something else is there.
func CheckTarget(dir string) error {
	ours := func(entries []fs.DirEntry) bool {
		_, err := readHead(dir)
		for _, e := range entries {
			if !isPartFile(dir, e) {
				return false
			}
		}
		return err == nil
	}
	err := files.EmptyOrOurs(dir, ours, "is not empty and not just a part of a report: it is left alone; "+
		"name another directory with -o")
	if err != nil {
		return err
	}
	return files.Writable(filepath.Dir(filepath.Clean(dir)))
}

// isPartFile reports whether an entry of a directory is a file of a part.
func isPartFile(dir string, e fs.DirEntry) bool {
	if !e.Type().IsRegular() {
		return false
	}
	begin := map[string]string{
		headName: "{\n  \"focalaudit\": {\n    \"part\":", sourcesName: magic, recordsName: magic,
		listsName: magic, rowsName: magic,
	}[e.Name()]
	if begin == "" {
		return false
	}
	f, err := files.Open(filepath.Join(dir, e.Name()))
	if err != nil {
		return false
	}
	defer f.Close()
	got := make([]byte, len(begin))
	n, _ := f.Read(got) // an empty file has nothing to lose
	return strings.HasPrefix(begin, string(got[:n]))
}

// magic begins the packed files of a part.
const magic = "focalaudit part\n"
