package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"focalaudit/pkg/files"
	"focalaudit/pkg/gate"
)

// Load reads what rules are held against from the report in dir. All of it is of one report,
// also where runs replace it meanwhile: then it is read again. The files that it reads are held
// against their checksums; Verify does that for all of them.
func Load(dir string) (subject *gate.Subject, err error) {
	err = steadily(dir, func() error {
		subject, err = loadOnce(dir)
		return err
	})
	return subject, err
}

// LoadCovered is Load, with how the trainer treats the objects: both of the same report.
func LoadCovered(dir string) (subject *gate.Subject, err error) {
	err = steadily(dir, func() error {
		if subject, err = loadOnce(dir); err == nil {
			if subject.Coverage, err = coverage(dir); err == nil {
				subject.Losses, err = lossSums(dir)
			}
		}
		return err
	})
	return subject, err
}

// steadily calls read, which reads a report, until nobody replaced the report meanwhile.
func steadily(dir string, read func() error) error {
	for tries := 1; ; tries++ {
		before, _ := os.Stat(dir)
		err := read()
		after, _ := os.Stat(dir)
		if tries == maxTries || before == nil && after == nil || isSame(before, after) {
			return err
		}
	}
}

// maxTries is how often steadily reads a report that is replaced again and again.
const maxTries = 100

// isSame reports whether a directory is the same one as before, and has the same entries.
func isSame(before, after fs.FileInfo) bool {
	return before != nil && after != nil && os.SameFile(before, after) && before.ModTime().Equal(after.ModTime())
}

// loadOnce reads a report that nobody replaces.
func loadOnce(dir string) (*gate.Subject, error) {
	s, err := readWhole(dir)
	if err != nil {
		return nil, err
	}
	out := &gate.Subject{
		Dir: dir, Preset: s.Configuration.Preset.Name, Metrics: s.Metrics, Counts: s.Findings.ByCode,
		Images: s.Images.Read, Annotations: s.Annotations.Read, Kept: s.Configuration.Reviewed,
		Refused: gate.Refusals(s.RefusedFiles, s.Refused),
	}
	if !s.Baseline {
		out.Labels = func(wanted gate.Wanted) (gate.Labelled, error) { return Labelled(dir, wanted) }
	}
	if s.Drift != nil {
		out.Drift = map[string]float64{}
		for _, d := range s.Drift {
			out.Drift[d.Figure] = d.Divergence
		}
	}
	if err := s.settings(out); err != nil {
		return nil, err
	}
	if len(out.Scores) == 0 || len(out.Metrics) == 0 {
		return nil, fmt.Errorf("%s: summary.json has no scores", dir)
	}
	for _, in := range s.Inputs {
		out.Sources = append(out.Sources, gate.Source{
			Name: in.Name, Images: int64(in.Images.InUse),
			Annotations: int64(in.Annotations.Read), Objects: int64(in.Annotations.InUse),
		})
	}
	for _, name := range []string{"classes.parquet", "findings.parquet"} {
		if err := s.verify(context.Background(), dir, name); err != nil {
			return nil, err
		}
	}
	if out.Classes, err = loadTable[gate.Class](dir, "classes"); err != nil {
		return nil, err
	}
	if out.SourceClasses, err = s.sourceClasses(dir); err != nil {
		return nil, err
	}
	if out.Findings, err = s.loadFindings(dir); err != nil {
		return nil, err
	}
	return out, nil
}

// settings fills in what the run was asked for, and what it looked at.
func (s *Summary) settings(out *gate.Subject) error {
	c := &s.Configuration
	preset, err := json.Marshal(c.Preset)
	if err != nil {
		return err
	}
	out.Looked = gate.Looked{Outlines: c.CheckOutlines && (c.Compared == nil || *c.Compared > 0), Pictures: c.Pictures}
	out.Setting = gate.Setting{
		Preset: string(preset), Objective: c.Objective, K: c.K, Alpha: c.Alpha, Gamma: c.Gamma, EasyFrom: c.EasyFrom,
		SkipEmpty: c.SkipEmpty, Scores: map[string]gate.ScoreSetting{},
	}
	out.Results, out.Silent = map[string]string{}, map[string][]gate.Silence{}
	for _, of := range c.Scores {
		out.Scores = append(out.Scores, of.Name)
		set := gate.ScoreSetting{Positive: of.Positive, Negative: of.Negative}
		switch {
		case of.Detections != nil:
			set.Kind, out.Results[of.Name], out.Looked.Detections = "detections", of.Detections.SHA256, true
			if of.Detections.Silent != nil {
				out.Silent[of.Name] = []gate.Silence{}
			}
			for _, in := range of.Detections.Silent {
				silence := gate.Silence{Images: int64(in.Images), WithObjects: int64(in.WithObjects)}
				out.Silent[of.Name] = append(out.Silent[of.Name], silence)
			}
		case of.Logits != nil:
			set.Kind, out.Looked.Logits = "logits", true
			out.Silent[of.Name] = []gate.Silence{{Images: of.Logits.Missing, WithObjects: of.Logits.Missing, Logits: true}}
		}
		out.Setting.Scores[of.Name] = set
	}
	return nil
}

// loadFindings reads the findings, and marks those that are about all records of their source.
func (s *Summary) loadFindings(dir string) (all []gate.Finding, err error) {
	rows, err := loadTable[heldRow](dir, "findings")
	if err != nil {
		return nil, err
	}
	if err := s.checkCounts(dir, rows); err != nil {
		return nil, err
	}
	type counts struct{ images, annotations int64 } // that were read
	records := map[string]counts{}
	for _, in := range s.Inputs {
		records[in.Name] = counts{int64(in.Images.Read), int64(in.Annotations.Read)}
	}
	for i := range rows {
		if s.Baseline {
			rows[i].whole(i + 1)
		}
		f := rows[i].finding()
		of := records[f.Source].annotations
		if gate.PerImage(f.Code) {
			of = records[f.Source].images
		}
		f.Whole = f.Cases > 0 && f.Cases == of
		all = append(all, f)
	}
	return all, nil
}

// perSource is the table of what each source has of each class, which reports of earlier versions lack.
const perSource = "source_classes"

// has reports whether a report has a table of this version.
func (s *Summary) has(table string) bool {
	if s.Checksums == nil { // of an earlier version
		return table != perSource
	}
	_, listed := s.Checksums[table+".parquet"]
	return listed
}

// sourceClasses reads what each source has of each class, nil from a report of an earlier version. Annotations without
// a class are left out.
func (s *Summary) sourceClasses(dir string) ([]gate.SourceClass, error) {
	if !s.has(perSource) {
		return nil, nil
	}
	if err := s.verify(context.Background(), dir, perSource+".parquet"); err != nil {
		return nil, err
	}
	rows, err := loadTable[sourceClassRow](dir, perSource)
	if err != nil {
		return nil, err
	}
	out := []gate.SourceClass{} // not nil: a report without annotations says so
	for _, r := range rows {
		if r.Class != nil {
			out = append(out, gate.SourceClass{
				Source: r.Source, Class: *r.Class, Annotations: r.Annotations, Objects: r.Objects,
			})
		}
	}
	return out, nil
}

// readReport reads a report's summary, and says what dir is if it holds none that
// this version understands.
func readReport(dir string) (*Summary, error) {
	if dir == "" {
		return nil, errors.New(`"" holds no report: expected a directory that analyze run wrote ` +
			`(is a variable of the shell empty?)`)
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s holds no report: it is not a directory", dir)
	}
	s, err := ReadSummary(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && isPart(dir):
		return nil, fmt.Errorf("%s holds no report, but a part of one: analyze merge makes a report of parts", dir)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s holds no report: expected a directory that analyze run wrote, with a %s", dir, summaryName)
	case err != nil:
		return nil, err
	case s.Program.Schema != Schema && s.Program.Schema != Former:
		return nil, fmt.Errorf("%s: a report of schema %d, and this version reads schemas %d and %d: "+
			"write it anew with analyze run", dir, s.Program.Schema, Former, Schema)
	}
	return s, nil
}

// isPart reports whether a directory looks as one of analyze run --part.
func isPart(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "part.json"))
	return err == nil
}

// TablesIn returns the names of the tables in dir, which holds a report or a comparison
// of trainers.
func TablesIn(dir string) ([]string, error) {
	_, err := os.Stat(tableFile(dir, trainerTables[0].name))
	compares := err == nil
	if _, err := os.Stat(filepath.Join(dir, summaryName)); compares && err != nil {
		return namesOf(trainerTables), nil
	}
	if _, err := os.Stat(tableFile(dir, sizeTables[0].name)); err == nil {
		return namesOf(sizeTables), nil
	}
	s, err := readReport(dir)
	lacks := func(table string) bool { return !s.has(table) }
	switch {
	case err != nil:
		return nil, err
	case s.Baseline:
		return slices.DeleteFunc([]string{"classes", perSource, "findings"}, lacks), nil
	}
	all := slices.DeleteFunc(Tables(), lacks)
	if compares {
		all = append(all, namesOf(trainerTables)...)
	}
	return all, nil
}

// OpenChecked is Open for people who read the rows: it first holds the table, and the summary of the report in dir,
// against their checksums. Comparisons of trainers, and reports of earlier versions, have none. All that use
// sees is of one report, also where runs replace it meanwhile: then use is called again.
func OpenChecked(ctx context.Context, dir, table string, use func(*parquet.File) error) error {
	return steadily(dir, func() error {
		if err := check(ctx, dir, table); err != nil {
			return err
		}
		return Open(dir, table, use)
	})
}

// check holds a table against its checksum, if dir holds a report.
func check(ctx context.Context, dir, table string) error {
	if _, err := os.Lstat(filepath.Join(dir, summaryName)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s, err := readWhole(dir)
	if err != nil {
		return err
	}
	return s.verify(ctx, dir, filepath.Base(tableFile(dir, table)))
}

// Open opens a table of dir for use. A damaged file is an error, wherever it turns out:
// the Parquet library panics at some. An ErrDamaged of use is that error too.
func Open(dir, table string, use func(*parquet.File) error) (err error) {
	file := tableFile(dir, table)
	f, err := files.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	defer func() {
		if p := recover(); p != nil {
			err = ErrDamaged
		}
		if errors.Is(err, ErrDamaged) {
			err = damaged(dir, filepath.Base(file), "it can't be read as a Parquet file")
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	in, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		return ErrDamaged
	}
	return use(in)
}

// loadTable reads a table of a report.
func loadTable[T any](dir, name string) (rows []T, err error) {
	err = Open(dir, name, func(in *parquet.File) error {
		rows, err = readRows[T](in)
		if err != nil {
			return fmt.Errorf("%s: %w", tableFile(dir, name), err)
		}
		return nil
	})
	return rows, err
}

// readRows reads the rows of a table that has every column of T.
func readRows[T any](in *parquet.File) (rows []T, err error) {
	err = eachRow(in, func(row *T) { rows = append(rows, *row) }) // grows: a damaged file may promise any number
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// eachRow calls f with the rows of a table that has every column of T, one after the other.
func eachRow[T any](in *parquet.File, f func(row *T)) error {
	tags := formerTags[T](in)
	for _, c := range parquet.SchemaOf(new(T), tags...).Columns() {
		if _, there := in.Schema().Lookup(c...); !there {
			return fmt.Errorf("has no column %s: the table is of another kind, or of another version",
				strings.Join(c, "."))
		}
	}
	var options []parquet.ReaderOption
	for _, t := range tags {
		options = append(options, t)
	}
	r := parquet.NewGenericReader[T](in, options...)
	defer r.Close()
	batch := make([]T, batchRows)
	for done := int64(0); done < r.NumRows(); {
		clear(batch)
		n, err := r.Read(batch)
		for i := range n {
			f(&batch[i])
		}
		done += int64(n)
		if err != nil && !errors.Is(err, io.EOF) || n == 0 {
			return ErrDamaged
		}
	}
	return nil
}
