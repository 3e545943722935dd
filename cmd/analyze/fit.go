package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/fit"
	"focalaudit/pkg/show"
	"focalaudit/pkg/trainer"
)

// fitFlags are the flags of fit, beside those that it shares with run.
type fitFlags struct {
	run   runFlags
	seed  uint64
	size  int // of the input, px; 0 for the preset's own
	most  float64
	take  int
	force bool
}

func newFit() *cobra.Command {
	f := &fitFlags{run: runFlags{config: analysis.Default()}}
	cmd := &cobra.Command{
		Use:   "fit PATH...",
		Short: "Find anchors that suit your objects, on the trainer's own grid",
		Long: `fit varies the sizes and ratios of a preset's anchors (or boxes, where it has
those), as the trainer's configuration can say them, and shows what each setting
does to your objects: how many have no anchor that fits, and what that costs in
anchors and in negatives for each positive.

Anchors stand on a grid. So fit places each object between the points of every
level, where it really lies; searches that centre anchors on objects promise
what no grid keeps. The settings shown are confirmed by matching all objects
under each.`,
		Example: `  analyze fit annotations/ --anchors retinanet-torchvision
  analyze fit annotations/ --anchors yolov5 -o mine.yaml
  analyze fit annotations/ --anchors yolov5 --size 960 -o mine.yaml
  analyze run annotations/ --anchors mine.yaml`,
		Args: between(1, -1, "PATH"),
		RunE: func(cmd *cobra.Command, paths []string) error {
			return f.run.memory.bound(cmd, func() error { return f.fit(cmd, paths) })
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&f.run.preset, "anchors", "a", trainer.Default, "preset, or YAML file of your own, to start from")
	fs.IntVar(&f.size, "size", 0,
		"input to fit for, in px: its short side, or that of a square (default: the preset's)")
	fs.Float64Var(&f.most, "at-most", 0,
		"negatives per positive that the chosen setting may have (default: a quarter more than today's)")
	fs.IntVar(&f.take, "take", 0, "choose the setting of this line of the table (default: the one with *)")
	fs.StringVarP(&f.run.output, "output", "o", "", "file for the chosen setting, for --anchors")
	fs.BoolVar(&f.force, "force", false, "replace the file at -o even if it is no preset")
	fs.Uint64Var(&f.seed, "seed", 1, "of the random starts")
	f.run.choose(fs)
	fs.IntVarP(&f.run.config.Workers, "workers", "j", runtime.GOMAXPROCS(0), "cores to use; the result is the same")
	f.run.memory.define(fs)
	fs.BoolVarP(&f.run.quiet, "quiet", "q", false, "no table and no progress: only errors")
	return cmd
}

// searched is how many objects a search looks at; of more, a sample of the images is taken. The share of 50,000
// objects without an anchor that fits is known to 0.2 points.
const searched = 50_000

// shown is how many settings are confirmed and shown.
const shown = 12

func (f *fitFlags) fit(cmd *cobra.Command, paths []string) error {
	ctx := cmd.Context()
	if err := f.run.settle(); err != nil {
		return err
	}
	preset := &f.run.config.Preset
	if _, err := fit.Suit(preset); err != nil {
		err = fmt.Errorf("--anchors %s: %w", f.run.preset, err)
		if !errors.Is(err, fit.ErrShapeless) {
			return err
		}
		return fmt.Errorf("%w; analyze trainers %s -a %s --sizes 320..1536 shows what the input size changes", err,
			shell(places(paths...)...), shell(places(f.run.preset)...))
	}
	if cmd.Flags().Changed("size") {
		at, err := preset.AtSize(f.size)
		if err != nil {
			return fmt.Errorf("--size %d: %w", f.size, err)
		}
		*preset = at
	}
	if !(f.most >= 0) || math.IsInf(f.most, 0) {
		return fmt.Errorf("--at-most %g: expected a number of negatives per positive", f.most)
	}
	if f.take < 0 {
		return fmt.Errorf("--take %d: expected the number of a line of the table, from 1 on", f.take)
	}
	found, err := f.run.find(paths, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	if f.run.output != "" {
		f.run.gate.setSources(found)
		if err := f.file().Check(); err != nil {
			return fmt.Errorf("-o: %w", err)
		}
	}
	p := newProgress(cmd.ErrOrStderr(), f.run.quiet)
	defer p.close()
	d, err := f.run.read(ctx, found, p)
	if err != nil {
		return err
	}
	out := &show.Fitted{
		Preset: preset, Named: unbroken(f.run.preset), File: f.run.output, Paths: unbroken(places(paths...)...),
		Sized: f.size > 0,
	}
	if f.run.output != "" {
		out.Own = unbroken(places(f.run.output)...)
	}
	if err := f.search(ctx, d, p, out); err != nil {
		return err
	}
	if err := f.choose(out); err != nil {
		return err
	}
	if err := f.larger(ctx, d, out); err != nil {
		return err
	}
	if f.run.output != "" {
		chosen := (&fit.Point{Anchors: preset.Anchors}).Preset(preset, fit.Named(preset, 0)) // as it is
		if out.Chosen >= 0 {
			chosen = out.Of.Of[out.Chosen+1].Preset
		}
		if err := f.file().Write(func(w io.Writer) error { return fit.Write(w, &chosen) }); err != nil {
			return err
		}
	}
	p.end()
	if !f.run.quiet {
		if err := show.Fit(cmd.OutOrStdout(), out); err != nil {
			return err
		}
	}
	return f.run.refused(d)
}

// search finds settings and confirms them.
func (f *fitFlags) search(ctx context.Context, d *dataset.Dataset, p *progress, out *show.Fitted) error {
	objects := 0
	for s := range d.Sources {
		_, n := d.Count(s)
		objects += n
	}
	w, err := fit.NewWorld(ctx, d.Sample((objects+searched-1)/searched), *out.Preset)
	if err != nil {
		return err
	}
	if w.Objects == 0 {
		return fmt.Errorf("%s trains none of the objects: analyze run says why", out.Preset.Name)
	}
	p.stage("searching", int64(fit.Searches(out.Preset)))
	out.Points, err = fit.Search(ctx, w, out.Preset, fit.Options{
		Seed: f.seed, Workers: f.run.config.Workers, Done: func() { p.add(1) },
	})
	if err != nil {
		return err
	}
	out.Points = out.Points[:min(len(out.Points), shown)]
	out.Searched, out.Beyond = w.Objects, w.Beyond()
	presets := []trainer.Preset{*out.Preset}
	for k := range out.Points {
		presets = append(presets, out.Points[k].Preset(out.Preset, fit.Named(out.Preset, k+1)))
	}
	p.stage("confirming", int64(len(presets)))
	out.Of, err = analysis.Compare(ctx, d, analysis.CompareConfig(f.run.config), presets, func() { p.add(1) })
	if err != nil {
		return err
	}
	prune(out)
	return nil
}

// prune drops the settings that another one beats once all objects are matched.
func prune(out *show.Fitted) {
	beaten := func(k int) bool {
		weak, _, _ := show.Weak(&out.Of.Of[k+1])
		positives := out.Of.Of[k+1].Total.Positives
		for j := range out.Points {
			other, _, _ := show.Weak(&out.Of.Of[j+1])
			if j != k && out.Points[j].Shapes == out.Points[k].Shapes && other < weak &&
				out.Of.Of[j+1].Total.Positives > positives {
				return true
			}
		}
		return false
	}
	var points []fit.Point
	of := out.Of.Of[:1:1]
	for k := range out.Points {
		if !beaten(k) {
			points, of = append(points, out.Points[k]), append(of, out.Of.Of[k+1])
		}
	}
	for k := range points {
		of[k+1].Preset.Name = fit.Named(out.Preset, k+1) // its line, once others are gone
	}
	out.Points, out.Of.Of = points, of
}

// better is by how much of all objects fewer must be without an anchor that fits for another setting to be worth it.
const better = 0.02

// choose chooses the setting with the fewest objects without an anchor that fits, of those with as many shapes as
// today's and no more negatives per positive than asked for; none if it is not better by 2 points. --take overrules it.
func (f *fitFlags) choose(out *show.Fitted) error {
	out.Chosen, out.Dearer, out.Slight = -1, -1, -1
	if f.take > 0 {
		if f.take > len(out.Points) {
			return fmt.Errorf("--take %d: the table has %d lines beside today's; leave --take out to see it",
				f.take, len(out.Points))
		}
		out.Chosen, out.Taken = f.take-1, true
		return nil
	}
	today := &out.Of.Of[0]
	out.Limit, out.Asked = f.most, f.most > 0
	if !out.Asked {
		out.Limit = 1.25 * perPositive(today)
	}
	weak, _, all := show.Weak(today)
	least := float64(weak) - better*float64(all)
	dearer, slight := math.Inf(1), weak
	for k := range out.Points {
		t := &out.Of.Of[k+1]
		if out.Points[k].Shapes != show.Shapes(&today.Preset) {
			continue
		}
		weak, _, _ := show.Weak(t)
		if weak < slight && perPositive(t) <= out.Limit {
			out.Slight, slight = k, weak
		}
		switch per := perPositive(t); {
		case per <= out.Limit && float64(weak) <= least:
			out.Chosen, least = k, float64(weak)-0.5
		case per > out.Limit && float64(weak) <= least && per < dearer:
			out.Dearer, dearer = k, per
		}
	}
	return nil
}

// larger matches all objects under today's preset and the chosen one, if one is chosen, at a larger input, if the
// trainer has other sizes.
func (f *fitFlags) larger(ctx context.Context, d *dataset.Dataset, out *show.Fitted) error {
	lines := []int{0}
	if out.Chosen >= 0 {
		lines = append(lines, out.Chosen+1)
	}
	var presets []trainer.Preset
	for _, k := range lines {
		large, ok := analysis.Enlarged(&out.Of.Of[k].Preset)
		if !ok {
			return nil
		}
		presets = append(presets, large)
	}
	var err error
	out.Larger, err = analysis.Compare(ctx, d, analysis.CompareConfig(f.run.config), presets, nil)
	return err
}

// perPositive is negatives for each positive, infinite where there is no positive.
func perPositive(t *analysis.Trainer) float64 {
	if t.Metrics.NegativesPerPositive == nil {
		return math.Inf(1)
	}
	return *t.Metrics.NegativesPerPositive
}

// file is the file of the chosen setting.
func (f *fitFlags) file() *files.Output {
	return &files.Output{
		Path: f.run.output, Kind: "preset", Force: f.force, Inputs: f.run.inputs(),
		Former: func(io.Reader) bool {
			p, err := trainer.Load(f.run.output)
			return err == nil && strings.HasPrefix(p.About, fit.About)
		},
	}
}
