package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/par"
	"focalaudit/pkg/part"
	"focalaudit/pkg/report"
	"focalaudit/pkg/show"
	"focalaudit/pkg/text"
)

// writePart reads files and writes the part of a report that they are.
func (f *runFlags) writePart(cmd *cobra.Command, paths []string) error {
	if !cmd.Flags().Changed("output") {
		return errors.New("--part: name the directory of the part with -o, such as -o part-1")
	}
	if err := f.settle(); err != nil {
		return err
	}
	if err := part.CheckTarget(f.output); err != nil {
		return err
	}
	found, err := f.find(paths, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, f.earlierReport)
	f.gate.sources = found
	f.gate.inputs = f.inputs()
	if err := f.sparesInputs(nil); err != nil {
		return err
	}
	if len(found) == 0 { // a part of nothing would be merged without a word
		return f.nothingLeft(&dataset.Dataset{})
	}
	ctx := cmd.Context()
	p := newProgress(cmd.ErrOrStderr(), f.quiet)
	defer p.close()
	outcomes, err := f.readAll(ctx, found, p)
	if err != nil {
		return err
	}
	p.stage("matching", 0)
	f.config.Progress = p.add
	s := part.Of(&f.config, f.scores, f.objective)
	of, err := part.Make(ctx, found, outcomes, s, f.config, version)
	if err != nil {
		return err
	}
	p.bytes("writing", 0)
	of.Kept = f.kept
	if of.Counted != nil {
		of.Rows = func(w io.Writer, source int) (bool, error) {
			return report.WriteRows(ctx, w, of.Counted.Result(), source, version)
		}
	}
	if err := part.Write(ctx, f.output, of); err != nil {
		return err
	}
	p.end()
	if f.timings {
		p.timings()
	}
	if !f.quiet {
		images, objects := countOf(of.Data)
		lines := text.NewLines(cmd.OutOrStdout())
		lines.Line("part     %s: %s, %s, %s", text.InLine(f.output), text.Plural(len(of.Data.Sources), "file"),
			text.Plural(images, "image"), text.Plural(objects, "annotation"))
		lines.Line("         analyze merge %s … -o report makes one report of all parts", text.InLine(f.output))
		if err := lines.Err(); err != nil {
			return err
		}
	}
	return f.refused(of.Data)
}

// countOf counts the images and annotations of a data set.
func countOf(d *dataset.Dataset) (images, objects int) {
	for s := range d.Sources {
		n, m := d.Count(s)
		images, objects = images+n, objects+m
	}
	return images, objects
}

// wholeOnly reports a flag of the command line that concerns the whole report, of which a part knows nothing. Keys of a
// configuration file are for the merge.
func wholeOnly(given *pflag.FlagSet) error {
	names := []string{"trainers", "images", "crops", "calibration", "learn"}
	of := pflag.NewFlagSet("", pflag.ContinueOnError)
	(&gateFlags{}).define(of, true)
	of.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	for _, name := range names {
		if given.Changed(name) {
			return fmt.Errorf("--part with --%s: the flag is about the whole report: give it to analyze merge", name)
		}
	}
	return nil
}

func newMerge() *cobra.Command {
	f := &runFlags{config: analysis.Default()}
	cmd := &cobra.Command{
		Use:   "merge PART...",
		Short: "Make one report of parts that analyze run --part wrote",
		Long: `merge makes one report of several parts, each written by analyze run --part with
the same flags, on this machine or on others. The report is the one that analyze
run writes over all of their files, byte for byte, in whatever order the parts
are named.

A part that was written twice counts once.`,
		Example: `  analyze run shard-1.json --part -o part-1
  analyze run shard-2.json --part -o part-2
  analyze merge part-1 part-2 -o report`,
		Args: between(1, -1, "PART"),
		RunE: func(cmd *cobra.Command, dirs []string) error {
			if err := f.configure(cmd, dirs); err != nil {
				return err
			}
			return f.memory.bound(cmd, func() error {
				return f.replacing(func() error { return f.merge(cmd.Context(), dirs, cmd.OutOrStdout(), cmd.ErrOrStderr()) })
			})
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&f.output, "output", "o", defaultReport,
		"directory of the report; an earlier report there is replaced")
	fs.StringArrayVar(&f.scores, "scores", nil,
		"scores of the parts, with files at other places than they name (repeatable; all or none)")
	f.defineRest(fs)
	return cmd
}

// merge makes one report of parts. Parts that contradict themselves, as only somebody can write them who forges
// their checksums too, lead into states that no data set leads to: then a panic is an error.
func (f *runFlags) merge(ctx context.Context, dirs []string, out, errw io.Writer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = contradicts(p)
		}
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	set, err := part.Open(ctx, dirs, version, f.config.Workers, cancel)
	if err != nil {
		return err
	}
	if len(set.Repeated) > 0 {
		fmt.Fprintf(errw, "analyze: %s counted once: another part has the same files\n",
			text.Printable(show.Names(set.Repeated)))
	}
	if err := f.restore(set.Settings); err != nil {
		return err
	}
	f.takeKept("the parts", f.keptOf(set, errw), out)
	held, err := f.gate.prepare(ctx, f.names(), errw)
	if err != nil {
		return err
	}
	if err := report.CheckTarget(f.output); err != nil {
		return err
	}
	f.gate.inputs = append(f.inputs(), dirs...)
	if err := f.sparesInputs(held); err != nil {
		return err
	}
	if err := f.gate.targets(f.output); err != nil {
		return err
	}
	f.paths = []string{"PATH"} // of the annotations, which need not be on this machine
	err = f.report(ctx, held, out, errw, func(p *progress) (*dataset.Dataset, *analysis.Parts, error) {
		f.memory.run.Store(p)
		f.capWorkers(p)
		if len(set.Data.Sources) == 0 {
			return nil, nil, f.nothingLeft(set.Data)
		}
		return set.Data, set.Counted, nil
	})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// keptOf returns the kept labels that lay beside the files of the parts, as far as they count: with rules of the user's
// own, only those that lay in the working directory of a run --part, as run takes them.
func (f *runFlags) keptOf(set *part.Set, errw io.Writer) []string {
	n := len(set.Kept.Others)
	if f.own == "" {
		if f.quiet && n > 0 {
			fmt.Fprintf(errw, "analyze: kept labels found beside the files of the parts: %s\n", text.Plural(n, "label"))
		}
		return slices.Concat(set.Kept.Mine, set.Kept.Others)
	}
	if n > 0 {
		fmt.Fprintf(errw, "analyze: kept labels not taken: %s beside the files of the parts: they came with the data, and "+
			"--%s brings rules of your own (their lines in your policy are taken)\n", text.Plural(n, "label"), f.own)
	}
	return set.Kept.Mine
}

// contradicts is the error of parts over which the program panicked.
func contradicts(p any) error {
	if of, wrapped := p.(*par.Panic); wrapped {
		p = of.Value
	}
	return fmt.Errorf("the parts hold what no run writes (%v): write them anew with analyze run --part; "+
		"if it happens again, the program has an error: please report it; nothing was written", p)
}

// restore takes over the settings of parts.
func (f *runFlags) restore(s part.Settings) error {
	if len(f.scores) > 0 {
		if err := sameScores(s.Scores, f.scores); err != nil {
			return err
		}
		s.Scores, f.learnScores = f.scores, f.scores
	}
	c, err := s.Config()
	if err != nil {
		return err
	}
	f.preset = s.Preset.Name
	c.Workers, c.Reviewed = f.config.Workers, f.config.Reviewed
	f.config = c
	return f.settleRest()
}

// sameScores reports scores that are other ones than the parts have: only places of files may differ.
func sameScores(parts, given []string) error {
	kinds := func(specs []string) string {
		var out []string
		for _, s := range specs {
			before, path, after := pathIn("scores", s)
			if path != "" {
				s = before + after
			}
			out = append(out, s)
		}
		return strings.Join(out, " ")
	}
	if a, b := kinds(parts), kinds(given); a != b {
		return fmt.Errorf("--scores %s: the parts have %s: name the same scores, with the places of their files",
			strings.Join(given, " "), strings.Join(parts, " "))
	}
	return nil
}
