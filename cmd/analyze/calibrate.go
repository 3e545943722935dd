package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/audit"
	"focalaudit/pkg/calibration"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/files"
	"focalaudit/pkg/inject"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
	"focalaudit/pkg/truth"
)

// calibrateFlags are the flags of calibrate, beside those that it shares with run.
type calibrateFlags struct {
	run      runFlags
	settings calibration.Settings
	rate     float64
	only     map[string]*float64
	output   string
	write    string
	force    bool
}

func newCalibrate() *cobra.Command {
	f := &calibrateFlags{run: runFlags{config: analysis.Default()}, only: map[string]*float64{}}
	cmd := &cobra.Command{
		Use:   "calibrate PATH...",
		Short: "Measure on your own data how well label errors are found",
		Long: `calibrate puts errors into the annotations by a seed (objects dropped, boxes
misplaced to an IoU of 0.3 to 0.8, classes swapped, copies of objects of other
images, second boxes), asks the detector about the labels, and measures how well
the findings of run tell them. The file that it writes gives run's findings a
likelihood ratio and an expected precision: analyze run --calibration FILE.

How often a list is right depends on how many errors there are. The table is of
the errors that were put in (2 % of each kind, unless you say otherwise); what
to expect of your own labels analyze run says by itself.

The detections should be of a model that was not trained on these images: one
that has learnt the labels by heart agrees with the wrong ones too.`,
		Example: `  analyze calibrate instances_val.json --scores detections:results.json
  analyze calibrate annotations/ --scores detections:results.json \
      --rate 0.05 --seeds 3 -o calibration.json
  analyze calibrate annotations/ --scores detections:results.json \
      --write injected/`,
		Args: between(1, -1, "PATH"),
		RunE: func(cmd *cobra.Command, paths []string) error {
			return f.run.memory.bound(cmd, func() error { return f.calibrate(cmd, paths) })
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringArrayVar(&f.run.scores, "scores", nil, "the detector: detections:FILE or logits:DIR")
	fs.StringVarP(&f.output, "output", "o", "calibration.json", "file to write; an earlier calibration there is replaced")
	fs.BoolVar(&f.force, "force", false, "replace the file at -o even if it is not a calibration")
	fs.Float64Var(&f.rate, "rate", 0.02, "rate of each error, per object")
	for _, k := range []string{"missing", "location", "class", "spurious", "duplicate"} {
		f.only[k] = fs.Float64(k, 0, "rate of this error; overrides --rate")
	}
	fs.Uint64Var(&f.settings.Seed, "seed", 1, "first seed")
	fs.IntVar(&f.settings.Seeds, "seeds", 5, "number of seeds; figures are means over them")
	fs.StringVar(&f.write, "write", "",
		"directory for the annotations with errors and the truth about them, for other tools")
	fs.StringVarP(&f.run.preset, "anchors", "a", trainer.Default, "preset: which objects are in use")
	fs.IntVar(&f.run.config.Classes, "classes", 0, "number of columns of logits (default: classes of the data)")
	f.run.choose(fs)
	fs.IntVarP(&f.run.config.Workers, "workers", "j", runtime.GOMAXPROCS(0),
		"cores to use; the file does not depend on it")
	f.run.memory.define(fs)
	fs.BoolVarP(&f.run.quiet, "quiet", "q", false, "no table and no progress: only errors")
	return cmd
}

// rates are what the flags ask for.
func (f *calibrateFlags) rates(cmd *cobra.Command) (inject.Rates, error) {
	rate := func(kind string) float64 {
		if cmd.Flags().Changed(kind) {
			return *f.only[kind]
		}
		return f.rate
	}
	r := inject.Rates{
		Drop: rate("missing"), Shift: rate("location"), Swap: rate("class"),
		Spurious: rate("spurious"), Duplicate: rate("duplicate"),
	}
	for _, v := range []float64{r.Drop, r.Shift, r.Swap, r.Spurious, r.Duplicate} {
		if !(v >= 0 && v <= 1) {
			return r, fmt.Errorf("rate %g: expected a share of the objects, from 0 to 1", v)
		}
	}
	if sum := r.Drop + r.Shift + r.Swap + r.Duplicate; sum > 1 {
		return r, fmt.Errorf("rates add up to %g: at most one error hits an object", sum)
	}
	if r == (inject.Rates{}) {
		return r, errors.New("all rates are 0: there is nothing to measure")
	}
	return r, nil
}

func (f *calibrateFlags) calibrate(cmd *cobra.Command, paths []string) error {
	ctx, out, errw := cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr()
	var err error
	if f.settings.Rates, err = f.rates(cmd); err != nil {
		return err
	}
	if f.settings.Seeds < 1 || f.settings.Seeds > 1000 {
		return fmt.Errorf("seeds %d: expected 1 to 1000", f.settings.Seeds)
	}
	if err := f.run.settle(); err != nil {
		return err
	}
	if !f.run.config.Audits() {
		return errors.New(
			"no detector: name its detections with --scores detections:FILE, or its logits with --scores logits:DIR")
	}
	found, err := f.run.find(paths, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	f.run.gate.setSources(found)
	if err := f.targets(); err != nil {
		return err
	}
	p := newProgress(errw, f.run.quiet)
	defer p.close()
	d, err := f.run.read(ctx, found, p)
	if err != nil {
		return err
	}
	r, err := f.run.analyse(ctx, d, nil, p)
	if err != nil {
		return err
	}
	if r.Plan.Auditor < 0 { // run tells of them, and judges no label
		return fmt.Errorf("the detections do not fit the annotations, so that nothing can be measured by them: "+
			"analyze run %s, with the same --scores, says what does not fit", shell(places(paths...)...))
	}
	source, places := audit.Labels(r.Pass)
	c, err := f.measure(ctx, r, source, p)
	if err != nil {
		return err
	}
	if f.write != "" {
		if err := truth.Write(ctx, f.write, f.wrong(r.Pass, source, places)); err != nil {
			return err
		}
	}
	if err := f.file().Write(func(w io.Writer) error { return text.JSON(w, c) }); err != nil {
		return err
	}
	p.end()
	if !f.run.quiet {
		return f.table(out, c, r)
	}
	return nil
}

// wrong yields the annotations with the errors of each seed.
func (f *calibrateFlags) wrong(p *pass.Pass, source labels.Source, places []audit.Place) iter.Seq[truth.Labels] {
	injector, classes := inject.New(calibration.Clean(source), source.Classes), audit.ClassOrder(p)
	return func(yield func(truth.Labels) bool) {
		for k := range f.settings.Seeds {
			l := truth.Labels{Data: p.Data, Seed: f.settings.Seed + uint64(k)}
			wrong := injector.Inject(f.settings.Rates, l.Seed)
			for i, at := range places {
				for _, objects := range [][]inject.Object{wrong[i].Objects, wrong[i].Dropped} {
					for k := range objects {
						objects[k].Class, objects[k].Old = classes[objects[k].Class], classes[objects[k].Old]
					}
				}
				l.Images = append(l.Images, truth.Image{Source: at.Source, Index: at.Image, Image: wrong[i]})
			}
			if !yield(l) {
				return
			}
		}
	}
}

// targets reports why the calibration, or the annotations with errors, can't be
// written, before any work: what is there and is no calibration is left alone.
func (f *calibrateFlags) targets() error {
	if err := f.file().Check(); err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	if f.write == "" {
		return nil
	}
	return truth.Check(f.write)
}

// file is the file of the calibration.
func (f *calibrateFlags) file() *files.Output {
	return &files.Output{
		Path: f.output, Kind: "calibration", Force: f.force, Inputs: f.run.inputs(), IsData: coco.IsData,
		Former: func(io.Reader) bool { _, err := calibration.Read(f.output); return err == nil },
	}
}

func (f *calibrateFlags) measure(
	ctx context.Context, r *analysis.Result, source labels.Source, p *progress,
) (*calibration.Calibration, error) {
	p.stage("measuring", int64(f.settings.Seeds))
	f.settings.Workers = f.run.config.Workers
	c, err := calibration.Measure(ctx, source, f.settings, func() { p.add(1) })
	if err != nil {
		return nil, err
	}
	for _, of := range r.Config.Results {
		if of != nil && c.Detector == "" {
			c.Detector = of.SHA256
		}
	}
	return c, nil
}

// table prints what was measured.
func (f *calibrateFlags) table(out io.Writer, c *calibration.Calibration, r *analysis.Result) error {
	lines := text.NewLines(out)
	lines.Wrap(text.Columns, "", fmt.Sprintf("With %s put into %s on %s, this is how well a list finds them: means of "+
		"%s, with 95 %% intervals over images.", text.Plural(c.All.Injected/c.Settings.Seeds, "error"),
		text.Plural(c.Objects, "object"), text.Plural(c.Images, "image"), text.Plural(c.Settings.Seeds, "seed")))
	lines.Line("")
	if err := lines.Err(); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "error\tinjected\tAUROC\taverage precision\tfirst 50\t100\t200")
	row := func(name string, k *calibration.Kind) {
		area := "-"
		if k.AUROC != nil {
			area = fmt.Sprintf("%.3f (%.3f-%.3f)", k.AUROC.Value, k.AUROC.Low, k.AUROC.High)
		}
		var first []string
		for _, n := range []string{"50", "100", "200"} {
			if v := k.First[n]; v != nil {
				first = append(first, fmt.Sprintf("%.2f", *v))
			} else {
				first = append(first, "-")
			}
		}
		ap := "-"
		if k.AP != nil {
			ap = fmt.Sprintf("%.3f (%.3f-%.3f)", k.AP.Value, k.AP.Low, k.AP.High)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", name, k.Injected, area, ap, strings.Join(first, "\t"))
	}
	for k := range labels.NumKinds {
		if of := c.Kinds[k.String()]; of.Injected > 0 {
			row(k.String(), of)
		}
	}
	row("all kinds", &c.All)
	if err := w.Flush(); err != nil {
		return err
	}
	lines.Line("")
	lines.Wrap(text.Columns, "", own(r))
	lines.Line("\ncalibration %s\n            e.g. analyze run ... --calibration %s --prevalence 0.01",
		text.Printable(f.output), shell(f.output))
	return lines.Err()
}

// own says how many errors the labels should have without any that is put in, which the table's figures are not about.
func own(r *analysis.Result) string {
	n, expected, first := 0, 0.0, 0.0
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Suspected() {
			if n++; n <= 100 {
				first += f.Evidence.Score
			}
			expected += f.Evidence.Score
		}
	}
	told := "These figures are not about your own labels: the more errors there are, the more often a list is right. "
	if n <= 100 {
		return told + fmt.Sprintf("Of your own, %s suspected, and about %.0f of these should be wrong.", are(n), expected)
	}
	return told + fmt.Sprintf("Of your own, %s suspected, and about %.0f of these should be wrong: %.0f of the first 100.",
		are(n), expected, first)
}

// are writes a number of things with its verb.
func are(n int) string {
	if n == 1 {
		return "1 is"
	}
	return text.Group(int64(n)) + " are"
}
