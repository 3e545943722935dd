package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/shards"
	"focalaudit/pkg/text"
)

// splitFlags are the flags of split.
type splitFlags struct {
	run    runFlags
	shards int
	output string
}

func newSplit() *cobra.Command {
	f := &splitFlags{}
	cmd := &cobra.Command{
		Use:   "split FILE -n SHARDS -o DIR",
		Short: "Cut one annotation file into shards",
		Long: `split cuts one COCO file (.json, .json.gz, .json.zst) into shards for machines
that read one each: COCO files whose records are the bytes of yours, images in
the order of the file, each with its annotations. It needs little memory,
however long the file is and in whatever order its records stand.

The last shard also has what belongs to no image; every odd record is told. The
table shards.csv lists the shards. A reviewed.yaml beside the file is not
copied: split says how to take it. docs/scale.md has the rules.`,
		Example: `  analyze split instances_train.json -n 64 -o shards
  analyze run shards -o report`,
		Args: exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run.memory.bound(cmd, func() error { return f.split(cmd, args[0]) })
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.IntVarP(&f.shards, "shards", "n", 0, "how many shards (required)")
	fs.StringVarP(&f.output, "output", "o", "",
		"directory to write (required); the shards of an earlier run there are replaced")
	fs.IntVarP(&f.run.config.Workers, "workers", "j", runtime.GOMAXPROCS(0),
		"cores to use; the shards do not depend on it")
	f.run.memory.define(fs)
	fs.BoolVarP(&f.run.quiet, "quiet", "q", false, "say nothing but errors")
	return cmd
}

// check reports what is wrong with the flags, before any work.
func (f *splitFlags) check(cmd *cobra.Command, path string) error {
	switch {
	case !cmd.Flags().Changed("shards"):
		return errors.New("-n: say how many shards to write, such as -n 64")
	case f.shards < 1 || f.shards > shards.Max:
		return fmt.Errorf("--shards %d: expected 1 to %s", f.shards, text.Group(shards.Max))
	case f.output == "":
		return errors.New("-o: name a directory for the shards")
	case f.run.config.Workers < 1:
		return fmt.Errorf("workers %d: expected 1 or more", f.run.config.Workers)
	}
	in, err := behindLinks(path)
	if err != nil {
		return err
	}
	out, err := behindLinks(f.output)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(out, in); err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("-o %s holds %s, which is read: name another directory", f.output, path)
	}
	return shards.Check(f.output)
}

func (f *splitFlags) split(cmd *cobra.Command, path string) error {
	if err := f.check(cmd, path); err != nil {
		return err
	}
	file, err := shards.File(path)
	if err != nil {
		return err
	}
	p := newProgress(cmd.ErrOrStderr(), f.run.quiet)
	defer p.close()
	f.run.memory.run.Store(p)
	f.run.capWorkers(p)
	p.bytes("splitting", 2*file.Size) // it is read twice
	o := coco.Options{Workers: f.run.config.Workers, Progress: p.set}
	r, err := shards.Write(cmd.Context(), f.output, file, f.shards, o)
	if err != nil {
		return err
	}
	p.end()
	kept := keptOf(path)
	if kept != "" {
		fmt.Fprintf(cmd.ErrOrStderr(), "analyze: kept labels not split: %s: shards have labels only; to take them, name it: "+
			"run or merge with --config %s\n", text.Printable(kept), text.Printable(shell(kept)))
	}
	if f.run.quiet {
		return nil
	}
	w := text.NewLines(cmd.OutOrStdout())
	longest := 0
	if onTerminal(cmd.OutOrStdout()) {
		longest = longestShown
	}
	f.tell(w, path, kept, r, longest)
	return w.Err()
}

// tell says what was written, and which records have no place of their own, in so many characters for a
// message at most, or all if longest is 0. kept is the list of kept labels beside the file, "" for none.
func (f *splitFlags) tell(w *text.Lines, path, kept string, r *shards.Result, longest int) {
	cut := false
	images, annotations, least, most := int64(0), int64(0), r.Shards[0].Images, r.Shards[0].Images
	for _, s := range r.Shards {
		images, annotations = images+s.Images, annotations+s.Annotations
		least, most = min(least, s.Images), max(most, s.Images)
	}
	each := text.Group(least)
	if most > least {
		each += " to " + text.Group(most)
	}
	w.Line("read     %s: %s, %s", text.InLine(path), text.Plural(int(images), "image"),
		text.Plural(int(annotations), "annotation"))
	w.Line("written  %s: %s of %s images, %s to %s", text.InLine(f.output), text.Plural(len(r.Shards), "shard"), each,
		text.InLine(r.Shards[0].File), text.InLine(r.Shards[len(r.Shards)-1].File))
	w.Line("table    %s", text.InLine(filepath.Join(f.output, shards.TableName)))
	if r.NumOdd > 0 {
		w.Line("odd      %s, kept as they are:", text.Plural(int(r.NumOdd), "record"))
	}
	for _, o := range r.Odd {
		message := text.InLine(o.Message)
		if longest > 0 {
			message = text.Clip(message, longest)
			cut = cut || len([]rune(o.Message)) > longest
		}
		w.Line("         byte %d, line %d: %s; in %s", o.Offset, o.Line, message, text.InLine(r.Shards[o.Part].File))
	}
	if cut {
		w.Line("         messages end with … after %s characters", text.Group(int64(longest)))
	}
	if more := r.NumOdd - int64(len(r.Odd)); more > 0 {
		w.Line("         and %s more; `analyze run` on the shards tells all", text.Group(more))
	}
	then := append([]string{"analyze", "run"}, append(places(f.output), "-o", free("report"))...)
	if kept != "" {
		then = append(then, "--config", kept)
	}
	w.Line("then     %s", shell(then...))
}

// keptOf returns the list of kept labels that lies beside a file and that a run of the file would read, "" if there is
// none. One that can't be read is one: the run says what is wrong with it.
func keptOf(file string) string {
	kept := filepath.Join(filepath.Dir(file), keptName)
	if !isThere(kept) {
		return ""
	}
	if begins, err := beginsAsPolicy(kept); err == nil && !begins {
		return ""
	}
	return kept
}
