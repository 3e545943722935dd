package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/page"
	"focalaudit/pkg/report"
	"focalaudit/pkg/show"
	"focalaudit/pkg/trainer"
)

func newTrainers() *cobra.Command {
	f := &runFlags{config: analysis.Default()}
	var presets []string
	var all, wide bool
	var sizes string
	cmd := &cobra.Command{
		Use:   "trainers PATH...",
		Short: "Compare trainers: objects trained, weakly, never, or left out",
		Long: `trainers reads annotations once and matches them under every preset (analyze
presets). The table shows, for each trainer, how many objects it trains, trains
weakly, never trains, or drops; positives per object, negatives per positive,
and the negatives' share of the loss before training. --all and --anchors add
the reasons, and the objects that the presets treat differently.

To have the table on the page of a report: analyze run PATH --trainers all.`,
		Example: `  analyze trainers instances_val.json
  analyze trainers instances_val.json --anchors ultralytics --sizes 320..1536
  analyze trainers annotations/ --anchors retinanet-torchvision \
      --anchors mine.yaml -o trainers`,
		Args: between(1, -1, "PATH"),
		RunE: func(cmd *cobra.Command, paths []string) error {
			if presets == nil {
				presets = trainer.Names()
			}
			return f.memory.bound(cmd, func() error {
				if sizes != "" {
					return f.sweep(cmd, paths, presets, sizes, wide)
				}
				return f.trainers(cmd, paths, presets, all, wide)
			})
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&f.output, "output", "o", "",
		"directory for trainers.parquet and treatment.parquet, or with --sizes for sizes.parquet")
	fs.StringArrayVarP(&presets, "anchors", "a", nil,
		"presets, or YAML files of your own (repeatable; default: all presets)")
	fs.BoolVar(&all, "all", false, "a row for each preset, reasons, and objects treated differently; also with --anchors")
	fs.BoolVar(&wide, "wide", false, "all columns side by side, however wide; else at the terminal's width")
	fs.StringVar(&sizes, "sizes", "",
		"one preset at several input sizes: SIZE, FROM..TO or FROM..TO:STEP, of the short side in px (step: 64)")
	f.choose(fs)
	fs.BoolVar(&f.config.SkipEmpty, "skip-empty", false,
		"leave out the images without objects that each trainer's loader skips")
	fs.IntVarP(&f.config.Workers, "workers", "j", runtime.GOMAXPROCS(0), "cores to use")
	f.memory.define(fs)
	fs.BoolVar(&f.keepGoing, "keep-going", false, "exit status 0 even if a file was refused")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "no table and no progress: only errors")
	return cmd
}

func (f *runFlags) trainers(cmd *cobra.Command, paths, names []string, all, wide bool) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	presets, err := presetsOf("anchors", names)
	if err != nil {
		return err
	}
	p := newProgress(cmd.ErrOrStderr(), f.quiet)
	defer p.close()
	d, err := f.toCompare(ctx, paths, p)
	if err != nil {
		return err
	}
	p.stage("matching", int64(len(presets)))
	config := analysis.CompareConfig(f.config)
	t, err := analysis.Compare(ctx, d, config, presets, func() { p.add(1) })
	if err != nil {
		return err
	}
	larger, err := t.Double(ctx, config)
	if err != nil {
		return err
	}
	if f.output != "" {
		if err := report.WriteTrainers(ctx, f.output, t, version); err != nil {
			return err
		}
	}
	p.end()
	if !f.quiet {
		of := show.TrainersFolded
		if all || cmd.Flags().Changed("anchors") {
			of = show.Trainers
		}
		err = of(out, t, larger, f.layout(cmd, wide))
		if err != nil {
			return err
		}
	}
	return f.refused(d)
}

// toCompare reads the files under paths, once settings and output have proved usable.
func (f *runFlags) toCompare(ctx context.Context, paths []string, p *progress) (*dataset.Dataset, error) {
	if err := f.config.Validate(); err != nil {
		return nil, err
	}
	if f.output != "" {
		if err := report.CheckTrainers(f.output); err != nil {
			return nil, err
		}
	}
	files, err := f.find(paths, p.w)
	if err != nil {
		return nil, err
	}
	return f.read(ctx, files, p)
}

// presetsOf loads presets to compare, which a flag names.
func presetsOf(flag string, names []string) (presets []trainer.Preset, err error) {
	for _, name := range names {
		p, err := trainer.Load(name)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, err)
		}
		if at := slices.IndexFunc(presets, func(o trainer.Preset) bool { return o.Name == p.Name }); at >= 0 {
			return nil, fmt.Errorf("--%s %s: its name is %q, as that of --%s %s: name them differently (the key name)",
				flag, name, p.Name, flag, names[at])
		}
		presets = append(presets, p)
	}
	return presets, nil
}

// allTrainers stands for all presets in --trainers of run.
const allTrainers = "all"

// besides loads the presets that a run compares beside its own; its own is compared too.
func (f *runFlags) besides() ([]trainer.Preset, error) {
	if len(f.trainersToo) == 0 {
		return nil, nil
	}
	names := f.trainersToo
	if slices.Contains(names, allTrainers) {
		names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == allTrainers })
		for _, name := range trainer.Names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	presets, err := presetsOf("trainers", names)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(presets, func(p trainer.Preset) bool { return p.Name == f.config.Preset.Name }) {
		presets = append(presets, f.config.Preset)
	}
	// whatever the order of the flags
	slices.SortFunc(presets, func(a, b trainer.Preset) int { return strings.Compare(a.Name, b.Name) })
	return presets, nil
}

// compared compares the trainers of --trainers; it returns nil without that flag.
func (f *runFlags) compared(ctx context.Context, d *dataset.Dataset, p *progress) (*page.Compared, error) {
	if f.beside == nil {
		return nil, nil
	}
	p.stage("comparing trainers", int64(len(f.beside)))
	config := analysis.CompareConfig(analysis.Default()) // each trainer under its own objective
	config.Workers, config.SkipEmpty = f.config.Workers, f.config.SkipEmpty
	config.Classes, config.Focal = f.config.Classes, f.config.Focal
	t, err := analysis.Compare(ctx, d, config, f.beside, func() { p.add(1) })
	if err != nil {
		return nil, err
	}
	larger, err := t.Double(ctx, config)
	return &page.Compared{Trainers: t, Larger: larger}, err
}

// layout is how a comparison is shown.
func (f *runFlags) layout(cmd *cobra.Command, wide bool) show.Layout {
	l := show.Layout{Dir: f.output}
	if !wide {
		l.Width = terminalWidth(cmd.OutOrStdout())
	}
	return l
}

// sweep shows one preset at several sizes of the input.
func (f *runFlags) sweep(cmd *cobra.Command, paths, names []string, sizes string, wide bool) error {
	switch {
	case !cmd.Flags().Changed("anchors"):
		return fmt.Errorf("--sizes %s: expected one preset to sweep: add --anchors PRESET", sizes)
	case len(names) != 1:
		return fmt.Errorf("--sizes %s: got %d presets (%s), expected one: call it once for each", sizes, len(names),
			strings.Join(names, ", "))
	}
	preset, err := trainer.Load(names[0])
	if err != nil {
		return err
	}
	at, err := presetsAt(&preset, sizes)
	if err != nil {
		return fmt.Errorf("--sizes %s: %w", sizes, err)
	}
	p := newProgress(cmd.ErrOrStderr(), f.quiet)
	defer p.close()
	ctx := cmd.Context()
	d, err := f.toCompare(ctx, paths, p)
	if err != nil {
		return err
	}
	p.stage("matching", int64(len(at)))
	t, err := analysis.Sweep(ctx, d, analysis.CompareConfig(f.config), at, func() { p.add(1) })
	if err != nil {
		return err
	}
	if f.output != "" {
		if err := report.WriteSizes(ctx, f.output, t, version); err != nil {
			return err
		}
	}
	p.end()
	if !f.quiet {
		layout := f.layout(cmd, wide)
		layout.Own = &preset
		if err := show.Sizes(cmd.OutOrStdout(), t, layout); err != nil {
			return err
		}
	}
	return f.refused(d)
}

// mostSizes bounds how many sizes one sweep has.
const mostSizes = 1000

// presetsAt returns a preset at the sizes that a range names: SIZE, FROM..TO or FROM..TO:STEP; and at its own, if that
// is in the range.
func presetsAt(p *trainer.Preset, sizes string) (at []trainer.Preset, err error) {
	text, stepText, stepped := strings.Cut(sizes, ":")
	fromText, toText, ranged := strings.Cut(text, "..")
	if !ranged && !stepped { // one size
		toText, ranged = fromText, true
	}
	from, wrongFrom := strconv.Atoi(fromText)
	to, wrongTo := strconv.Atoi(toText)
	step, wrongStep := 64, error(nil)
	if stepped {
		step, wrongStep = strconv.Atoi(stepText)
	}
	if !ranged || wrongFrom != nil || wrongTo != nil || wrongStep != nil || from < 1 || to < from || step < 1 {
		return nil, errors.New("expected SIZE, FROM..TO or FROM..TO:STEP in whole px, such as 320..1536:32")
	}
	if n := (to-from)/step + 1; n > mostSizes {
		return nil, fmt.Errorf("%d sizes, expected at most %d: give a larger step", n, mostSizes)
	}
	own := int(p.Resize.Short)
	for size := from; size <= to; size += step {
		if size-step < own && own < size && own > from {
			at = append(at, *p)
		}
		of, err := p.AtSize(size)
		if err != nil {
			return nil, err
		}
		at = append(at, of)
	}
	if last := int(at[len(at)-1].Resize.Short); last < own && own <= to {
		at = append(at, *p)
	}
	return at, nil
}
