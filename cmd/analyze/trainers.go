package main

import (
	"fmt"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/report"
	"focalaudit/pkg/show"
	"focalaudit/pkg/trainer"
)

func newTrainers() *cobra.Command {
	f := &runFlags{config: analysis.Default()}
	var presets []string
	var all bool
	cmd := &cobra.Command{
		Use:   "trainers PATH...",
		Short: "The same data under every preset: what each trainer drops, ignores, rescues",
		Long: `trainers reads annotations once and matches them under every preset (analyze
presets), side by side: anchors, positives, ignored and rescued ones, what
negatives weigh at initialisation, objects that are left out or that no anchor
suits, and the objects that the presets treat differently, with the reason.`,
		Example: `  analyze trainers instances_val.json
  analyze trainers annotations/ --anchors retinanet-torchvision --anchors mine.yaml -o trainers`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			return f.memory.bound(cmd, func() error { return f.trainers(cmd, paths, presets, all) })
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&f.output, "output", "o", "", "directory for trainers.parquet and treatment.parquet")
	fs.StringArrayVarP(&presets, "anchors", "a", trainer.Names(),
		"presets, or YAML files of your own (repeatable; default: all presets)")
	fs.BoolVar(&all, "all", false, "a row for each preset, reasons, and objects treated differently; also with --anchors")
	fs.StringArrayVar(&f.include, "include", nil, "only files in directories that match this glob (repeatable)")
	fs.StringArrayVar(&f.exclude, "exclude", nil, "no files in directories that match this glob (repeatable)")
	fs.BoolVar(&f.config.SkipEmpty, "skip-empty", false,
		"leave out the images without objects that each trainer's loader skips")
	fs.IntVarP(&f.config.Workers, "workers", "j", runtime.GOMAXPROCS(0), "cores to use")
	f.memory.define(fs)
	fs.BoolVar(&f.keepGoing, "keep-going", false, "exit status 0 even if a file was refused")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "no table and no progress: only errors")
	return cmd
}

func (f *runFlags) trainers(cmd *cobra.Command, paths, names []string, all bool) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	var presets []trainer.Preset
	for _, name := range names {
		p, err := trainer.Load(name)
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(presets, func(o trainer.Preset) bool { return o.Name == p.Name }); at >= 0 {
			return fmt.Errorf("--anchors %s: its name is %q, as that of --anchors %s: name them differently (the key name)",
				name, p.Name, names[at])
		}
		presets = append(presets, p)
	}
	if err := f.config.Validate(); err != nil {
		return err
	}
	if f.output != "" {
		if err := report.CheckTrainers(f.output); err != nil {
			return err
		}
	}
	files, err := f.find(paths)
	if err != nil {
		return err
	}
	p := newProgress(cmd.ErrOrStderr(), f.quiet)
	defer p.close()
	d, err := f.read(ctx, files, p)
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
		if all || cmd.Flags().Changed("anchors") {
			err = show.Trainers(out, t, larger, f.output)
		} else {
			err = show.TrainersFolded(out, t, larger, f.output)
		}
		if err != nil {
			return err
		}
	}
	return f.refused(d)
}
