package report

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unsealed takes the checksums out of a report, as earlier versions wrote it.
func unsealed(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, summaryName)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(text, []byte(",\n  \"checksums\""))
	if at < 0 {
		t.Fatal("no checksums")
	}
	write(t, name, string(text[:at])+"\n}\n")
}

// TestEveryFlippedBitIsNoticed: one bit of any file of a report, at its ends and at places
// in between, and of every byte of its summary.
func TestEveryFlippedBitIsNoticed(t *testing.T) {
	dir := written(t, sample())
	if protected, err := Verify(t.Context(), dir); err != nil || !protected {
		t.Fatalf("got %v, %v", protected, err)
	}
	s, err := ReadSummary(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Checksums) != Parts()+1 {
		t.Errorf("checksums of %d files, want all %d tables, the page and the summary", len(s.Checksums), len(tables))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Checksums)) {
		file := filepath.Join(dir, name)
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		step := len(whole)/5 + 1
		if name == summaryName {
			step = 7
		}
		for at := 0; at < len(whole); at += step {
			text := bytes.Clone(whole)
			text[at] ^= 1 << (at % 7)
			write(t, file, string(text))
			protected, err := Verify(t.Context(), dir)
			if err == nil {
				t.Errorf("%s, byte %d: %q for %q passes (protected: %v)", name, at, text[at], whole[at], protected)
			}
		}
		write(t, file, string(whole))
	}
}

// TestLineEndsMayChange: version control may write them as the system has them.
func TestLineEndsMayChange(t *testing.T) {
	dir := written(t, sample())
	name := filepath.Join(dir, summaryName)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, strings.ReplaceAll(string(text), "\n", "\r\n"))
	if protected, err := Verify(t.Context(), dir); err != nil || !protected {
		t.Errorf("got %v, %v", protected, err)
	}
}

// TestOlderReportsOpen: a report without checksums opens, and is said not to be protected.
func TestOlderReportsOpen(t *testing.T) {
	dir := written(t, sample())
	unsealed(t, dir)
	if protected, err := Verify(t.Context(), dir); err != nil || protected {
		t.Errorf("got %v, %v", protected, err)
	}
	if _, err := Load(dir); err != nil {
		t.Error(err)
	}
}

// TestCountsAreHeldAgainstRows: without checksums too, what summary.json counts has to agree
// with the rows of findings.parquet, and with itself.
func TestCountsAreHeldAgainstRows(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"box-empty": 1`, `"box-empty": 0`, "is damaged"},
		{`"box-empty": 1`, `"box-empty": -1`, "is damaged"},
		{`"box-empty": 1`, `"box-emtpy": 1`, "does not know"},
		{`"box-empty": 1`, `"box-empty": 1, "logits-missing": 5`, "is damaged"},
		{`"error": `, `"erorr": 0, "error": `, "unknown severity"},
		{`"error": `, `"warning": 0, "error": 1`, "is damaged"},
		{`"listed": `, `"listed": 1`, "not whole"},
		{`"total": `, `"total": 1`, "is damaged"},
	} {
		dir := written(t, sample())
		unsealed(t, dir)
		name := filepath.Join(dir, summaryName)
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), c.old) {
			t.Fatalf("the sample has no %s", c.old)
		}
		write(t, name, strings.Replace(string(text), c.old, c.new, 1))
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, expected it to say %q", c.new, err, c.want)
		}
	}
}

// TestDamagedTablesAreNamed: a broken table is told by its name, and not in the words of a
// library, or of Go.
func TestDamagedTablesAreNamed(t *testing.T) {
	for _, table := range []string{"findings", "classes"} {
		dir := written(t, sample())
		unsealed(t, dir)
		file := tableFile(dir, table)
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			"", "PAR1", string(whole[:len(whole)/2]), string(whole[:len(whole)-1]), "PAR1" + strings.Repeat("\xff", 300) + "PAR1",
			string(whole[:50]) + strings.Repeat("\xff", 100) + string(whole[150:]),
			string(whole[:len(whole)-300]) + strings.Repeat("\xff", 200) + string(whole[len(whole)-100:]),
		} {
			write(t, file, text)
			_, err := Load(dir)
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), table+".parquet is damaged") {
				t.Errorf("%s of %d bytes: got %v", table, len(text), err)
				continue
			}
			for _, foreign := range []string{"parquet-go", "runtime", "slice", "thrift", "EOF", "goroutine"} {
				if strings.Contains(err.Error(), foreign) {
					t.Errorf("%s of %d bytes: %v speaks of %s", table, len(text), err, foreign)
				}
			}
		}
	}
}
