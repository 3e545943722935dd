package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"focalaudit/internal/memory"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/calibration"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
	"focalaudit/pkg/foreign"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/page"
	"focalaudit/pkg/part"
	"focalaudit/pkg/report"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/show"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// The errors that a run ends with though its report is written.
var (
	errGate    = errors.New("gate failed")
	errRefused = errors.New("could not be read")
)

// runFlags are the flags of run, as given.
type runFlags struct {
	paths                     []string // the arguments
	output, preset, objective string
	calibration, images       string
	learn                     string
	learnScores               []string // of the part of --learn, nil if they lie where it says
	cropped                   int
	scores, trainersToo       []string
	gate                      gateFlags
	configFile                string
	include, exclude          []string
	config                    analysis.Config
	keepGoing, quiet, timings bool
	part                      bool
	memory                    memoryFlag
	own                       string    // the flag by which the user brings rules, "" if none does
	kept                      part.Kept // what lay beside the files

	beside []trainer.Preset // those of --trainers
}

func newRun() *cobra.Command {
	f := &runFlags{config: analysis.Default()}
	cmd := &cobra.Command{
		Use:   "run PATH...",
		Short: "Read annotations, write the report, print a summary",
		Long: `run reads COCO-style annotation files, or directories of them (*.json, .json.gz,
.json.zst), and writes the report: Parquet tables and summary.json. A directory
or a tar archive of files of one image each, as SA-1B has them, is one source.`,
		Example: `  analyze run annotations/ -o report
  analyze run instances_val.json --anchors retinanet-detectron2 -o report
  analyze run annotations/ --anchors my_anchors.yaml --gamma 1.5 --alpha 0.5
  analyze run instances_val.json --scores detections:results.json
  analyze run annotations/ --fail-if 'count("box-empty") > 0' \
      --fail-if 'domination.focal > 10'
  analyze run annotations/ --gate --sarif focalaudit.sarif
  analyze run shard-7.json --part -o part-7`,
		Args: between(1, -1, "PATH"),
		RunE: func(cmd *cobra.Command, paths []string) error {
			if f.part {
				if err := wholeOnly(cmd.Flags()); err != nil {
					return err
				}
			}
			if err := f.configure(cmd, paths); err != nil {
				return err
			}
			return f.memory.bound(cmd, func() error {
				if f.part {
					return f.writePart(cmd, paths)
				}
				return f.replacing(func() error { return f.run(cmd.Context(), paths, cmd.OutOrStdout(), cmd.ErrOrStderr()) })
			})
		},
	}
	f.define(cmd)
	return cmd
}

// define declares the flags.
func (f *runFlags) define(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&f.output, "output", "o", defaultReport,
		"directory of the report; an earlier report there is replaced")
	f.defineCounted(fs)
	f.defineRest(fs)
	f.choose(fs)
	fs.BoolVar(&f.part, "part", false,
		"write a part of a report to the directory of -o; analyze merge makes one report of several parts")
}

// defaultReport is where a report is written unless the user says where.
const defaultReport = "focalaudit-report"

// defineCounted declares the flags on which depends what is counted: parts of a report know them.
func (f *runFlags) defineCounted(fs *pflag.FlagSet) {
	c := &f.config
	fs.StringVarP(&f.preset, "anchors", "a", trainer.Default, "preset, or a YAML file of your own (analyze presets)")
	fs.StringArrayVar(&f.scores, "scores", nil, "scores beside the default ones: prior:π, constant:pos=P,neg=N, "+
		"logits:DIR[,name=NAME] (for ultralytics with boxes: docs/dump_logits.md), geometry, detections:FILE (behind "+
		"it, as needed, ,floor=π ,name=NAME ,source=FILE; repeatable)")
	fs.StringVar(&f.objective, "objective", "",
		"loss terms of the headline figures: objectness or classes (default: the preset's)")
	fs.IntVar(&c.Classes, "classes", 0, "number of classes K of the objective classes (default: those of the data)")
	fs.Float64Var(&c.Focal.Gamma, "gamma", c.Focal.Gamma, "γ of focal loss")
	fs.Float64Var(&c.Focal.Alpha, "alpha", c.Focal.Alpha, "α of focal loss, -1 for none")
	fs.Float64Var(&c.Edges.Easy, "easy", c.Edges.Easy, "p_t at or above which a term is easy")
	fs.Float64Var(&c.Edges.Hard, "hard", c.Edges.Hard, "p_t below which a term is hard")
	fs.BoolVar(&c.NoAudit, "no-audit", false,
		"do not look for label errors with the detector: saves a second or more")
	fs.Float64Var(&c.Prevalence, "prevalence", c.Prevalence,
		"share of wrong labels of each kind that the expected precision assumes")
	fs.BoolVar(&f.config.Outlines, "check-outlines", false,
		"compare every box with its segmentation; reading takes longer")
	fs.BoolVar(&c.SkipEmpty, "skip-empty", false, "leave out images without objects, as the trainer's loader does")
	fs.BoolVar(&c.ImageLosses, "image-losses", false,
		"image_losses also for prior and constant scores, whose rows docs/report.md rebuilds in SQL")
}

// defineRest declares the flags of whatever writes a report.
func (f *runFlags) defineRest(fs *pflag.FlagSet) {
	c := &f.config
	fs.StringArrayVar(&f.trainersToo, "trainers", nil, "also compare trainers, side by side on the page and in "+
		"trainers.parquet: all, or a preset or YAML file (repeatable)")
	fs.StringVar(&f.images, "images", "",
		"directory of the pictures: the page shows crops, and the pictures' sizes are checked")
	fs.IntVar(&f.cropped, "crops", page.MaxCrops, "crops on the page at most, with --images")
	fs.StringVar(&f.calibration, "calibration", "",
		"file of analyze calibrate: label findings get a likelihood ratio and an expected precision")
	fs.StringVar(&f.learn, "learn", "",
		"part of a report (run --part) whose labels the model of label errors is learnt from (default: all labels)")
	fs.StringVar(&f.configFile, "config", "",
		"configuration file (default: focalaudit.yaml in the directory of the first PATH, or the nearest above it)")
	f.gate.define(fs, true)
	fs.IntVarP(&c.Workers, "workers", "j", runtime.GOMAXPROCS(0), "cores to use; the report does not depend on it")
	f.memory.define(fs)
	fs.BoolVar(&f.keepGoing, "keep-going", false, "exit status 0 even if a file was refused")
	fs.BoolVar(&f.timings, "timings", false, "print to stderr how long each stage took")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "no summary and no progress: only errors, and the gate's lines if it fails")
}

// replacing does work that replaces the report at -o. Its error says so if an earlier report is still there, which
// people would take for this one.
func (f *runFlags) replacing(work func() error) error {
	before, _ := os.Stat(f.output)
	err := work()
	after, _ := os.Stat(f.output)
	if err == nil || before == nil || after == nil || errors.Is(err, context.Canceled) ||
		!os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		return err
	}
	if _, none := report.ReadSummary(f.output); none != nil || report.CheckTarget(f.output) != nil {
		return err
	}
	return fmt.Errorf("%w\n  %s still holds an earlier report, which this run did not replace", err, f.output)
}

// run does the main job.
func (f *runFlags) run(ctx context.Context, paths []string, out, errw io.Writer) error {
	if err := f.settle(); err != nil {
		return err
	}
	held, err := f.gate.prepare(ctx, f.names(), errw)
	if err != nil {
		return err
	}
	if err := report.CheckTarget(f.output); err != nil {
		return err
	}
	files, err := f.find(paths, errw)
	if err != nil {
		return err
	}
	files = slices.DeleteFunc(files, f.earlierReport)
	f.gate.setSources(files)
	f.gate.inputs = f.inputs()
	if err := f.sparesInputs(held); err != nil {
		return err
	}
	if err := f.gate.targets(f.output); err != nil {
		return err
	}
	return f.report(ctx, held, out, errw, func(p *progress) (*dataset.Dataset, *analysis.Parts, error) {
		d, err := f.read(ctx, files, p)
		return d, nil, err
	})
}

// report analyses the data that read returns, with what parts of it were counted before, and writes the report.
func (f *runFlags) report(
	ctx context.Context, held *prepared, out, errw io.Writer,
	read func(*progress) (*dataset.Dataset, *analysis.Parts, error),
) error {
	p := newProgress(errw, f.quiet)
	defer p.close()
	f.gate.keepGoing = f.keepGoing
	d, parts, err := read(p)
	var nothing *nothingError
	if errors.As(err, &nothing) && held != nil { // CI looks into its files, and an earlier run's may be there
		v := gate.Refuse(nothing.refused, "no COCO annotations to read")
		return errors.Join(err, f.gate.write(&v, out, f.quiet))
	}
	if err != nil {
		return err
	}
	r, err := f.analyse(ctx, d, parts, p)
	if err != nil {
		return err
	}
	defer f.release(r)()
	var verdict *gate.Verdict
	var hold func(*gate.Subject) (*gate.Verdict, error)
	if held != nil {
		hold = func(s *gate.Subject) (*gate.Verdict, error) {
			verdict, err = f.gate.verdict(ctx, s, held)
			return verdict, err
		}
	}
	o := report.Options{Version: version, Written: p.add, Hold: hold}
	if o.Crops, err = f.crops(ctx, r, p); err != nil {
		return err
	}
	if o.Compared, err = f.compared(ctx, r.Data, p); err != nil {
		return err
	}
	p.bytes("writing", 0)
	if err := report.WriteWith(ctx, f.output, r, o); err != nil {
		return err
	}
	p.end()
	f.strangers(errw)
	if f.timings {
		p.timings()
	}
	if !f.quiet {
		if f.gate.from.path != "" {
			fmt.Fprintf(out, "config   %s\n", text.Printable(f.gate.from.path))
		}
		words := show.Words{
			Dir: unbroken(places(f.output)...), Paths: unbroken(places(f.paths...)...), Preset: unbroken(f.preset),
			Review: unbroken(free("review")),
		}
		if err := show.Run(out, r, words); err != nil {
			return err
		}
		f.compare(out)
	}
	if verdict == nil {
		return f.refused(r.Data)
	}
	return errors.Join(f.refused(r.Data), f.gate.tell(verdict, out, f.quiet))
}

// compare says how a preset of one's own is compared with the one that it may replace.
func (f *runFlags) compare(out io.Writer) {
	if _, alias := trainer.Aliases()[f.preset]; alias || slices.Contains(trainer.Names(), f.preset) {
		return
	}
	p := text.NewLines(out)
	p.Line("compare  analyze trainers %s -a %s -a %s", shell(places(f.paths...)...), trainer.Default, shell(f.preset))
	p.Line("         shows what your anchors change, object by object")
}

// strangers tells what was put into the report's directory while it was written.
func (f *runFlags) strangers(errw io.Writer) {
	if names := report.Strangers(f.output); len(names) > 0 {
		fmt.Fprintf(errw, "analyze: %s: %s appeared while the report was written and was kept; "+
			"move it elsewhere: the next run will not replace this directory\n",
			text.Printable(f.output), text.Printable(show.Names(names)))
	}
}

// inputs are the files and directories that the run reads.
func (f *runFlags) inputs() []string {
	paths := f.gate.reads()
	for _, s := range f.config.Scores {
		if s.Detector != nil {
			paths = append(paths, s.Detector.File)
		}
		if s.Logits != nil {
			paths = append(paths, s.Logits.Dir)
		}
	}
	if f.images != "" {
		paths = append(paths, f.images)
	}
	if f.learn != "" {
		paths = append(paths, f.learn)
	}
	for _, p := range append([]string{f.calibration, f.preset}, f.trainersToo...) {
		if p != "" && p != allTrainers && !slices.Contains(trainer.Names(), p) {
			paths = append(paths, p)
		}
	}
	return paths
}

// sparesInputs returns an error if the directory of -o, which is replaced, is an input of the run or holds one: such as
// the baseline, whose place a report would take that is held against itself from then on. There may be many inputs in
// few directories: each directory is looked at once.
func (f *runFlags) sparesInputs(held *prepared) error {
	inputs := slices.Clone(f.gate.inputs)
	if held != nil && held.missing != "" {
		inputs = append(inputs, held.missing)
	}
	out := realPath(f.output)
	there, _ := os.Stat(out) // nil if the run makes it
	dirs := map[string]string{}
	realOf := func(path string) string {
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() {
			return realPath(path)
		}
		dir := filepath.Dir(path)
		if _, known := dirs[dir]; !known {
			dirs[dir] = realPath(dir)
		}
		return filepath.Join(dirs[dir], filepath.Base(path))
	}
	looked := map[string]bool{}
	for _, input := range inputs {
		for at := realOf(input); !looked[at]; at = filepath.Dir(at) {
			looked[at] = true
			info, err := os.Stat(at)
			if at == out || there != nil && err == nil && os.SameFile(info, there) {
				return fmt.Errorf("-o %s would replace %s, which this run reads: name another directory", f.output, input)
			}
		}
	}
	return nil
}

// earlierReport reports whether a file that was found by searching belongs to
// the report that this run will replace.
func (f *runFlags) earlierReport(file find.File) bool {
	out, err := filepath.Abs(f.output)
	path, err2 := filepath.Abs(file.Path)
	return err == nil && err2 == nil && !file.Listed && strings.HasPrefix(path, out+string(filepath.Separator))
}

// settle loads and checks everything that flags name, before any work.
func (f *runFlags) settle() error {
	var err error
	if f.config.Preset, err = trainer.Load(f.preset); err != nil {
		return err
	}
	if f.config.Objective, err = ledger.ParseObjective(f.objective); err != nil {
		return err
	}
	if f.config.Workers < 1 {
		return fmt.Errorf("workers %d: expected 1 or more", f.config.Workers)
	}
	for _, spec := range f.scores {
		if f.config.Scores, err = scores.Apply(f.config.Scores, spec); err != nil {
			return err
		}
	}
	if err := f.config.Validate(); err != nil {
		return err
	}
	return f.settleRest()
}

// settleRest loads and checks what does not concern the counts.
func (f *runFlags) settleRest() error {
	if err := f.checkImages(); err != nil {
		return err
	}
	var err error
	if f.beside, err = f.besides(); err != nil {
		return err
	}
	if f.learn != "" {
		switch {
		case !f.config.Audits():
			return errors.New("--learn: there is no detector that is asked about the labels: name its detections or logits " +
				"with --scores")
		case f.calibration != "":
			return errors.New("--learn with --calibration: a calibration measures the model that is learnt from all labels: " +
				"leave one of them out")
		case !part.Is(f.learn):
			return fmt.Errorf("--learn %s: expected the directory of a part that analyze run --part wrote", f.learn)
		}
	}
	if f.calibration != "" {
		if !f.config.Audits() {
			return errors.New("--calibration: there is no detector to calibrate: name its detections or logits with --scores")
		}
		if f.config.Calibration, err = calibration.Read(f.calibration); err != nil {
			return err
		}
	}
	return nil
}

// names are those of the sources of scores.
func (f *runFlags) names() []string {
	var names []string
	for _, s := range f.config.Scores {
		names = append(names, s.Name)
	}
	return names
}

// choose declares the flags that choose among the files of directories.
func (f *runFlags) choose(fs *pflag.FlagSet) {
	const what = " files whose path, or that of a directory above them, matches this glob, such as val (repeatable)"
	fs.StringArrayVar(&f.include, "include", nil, "in directories, only"+what)
	fs.StringArrayVar(&f.exclude, "exclude", nil, "in directories, no"+what)
}

// find returns the files of all formats that paths stand for, and tells errw of globs that match none.
func (f *runFlags) find(paths []string, errw io.Writer) ([]find.File, error) {
	f.paths = paths
	files, idle, err := find.Search(paths, f.include, f.exclude, endings())
	for _, g := range idle {
		flag := "--include"
		if slices.Contains(f.exclude, g) {
			flag = "--exclude"
		}
		fmt.Fprintf(errw, "analyze: %s %s matches no file below %s\n", flag, text.Printable(g), shell(paths...))
	}
	return coco.Together(files), err
}

// read reads the files.
func (f *runFlags) read(ctx context.Context, files []find.File, p *progress) (*dataset.Dataset, error) {
	outcomes, err := f.readAll(ctx, files, p)
	if err != nil {
		return nil, err
	}
	d, err := dataset.Join(ctx, f.config.Workers, outcomes)
	if err != nil {
		return nil, err
	}
	if len(d.Sources) == 0 {
		return nil, f.nothingLeft(d)
	}
	return d, nil
}

// readAll reads the files, each by itself: none may hold annotations.
func (f *runFlags) readAll(ctx context.Context, files []find.File, p *progress) ([]dataset.Outcome, error) {
	var size int64
	for _, file := range files {
		size += file.Size
	}
	f.memory.run.Store(p)
	f.capWorkers(p)
	p.bytes("reading", size)
	return readFiles(ctx, files, readOptions{workers: f.config.Workers, outlines: f.config.Outlines, progress: p.set})
}

// analyse analyses the data.
func (f *runFlags) analyse(
	ctx context.Context, d *dataset.Dataset, counted *analysis.Parts, p *progress,
) (*analysis.Result, error) {
	if f.learn != "" {
		if err := f.learnFrom(ctx, f.learnScores, p); err != nil {
			return nil, err
		}
	}
	if err := f.detections(ctx, d, p); err != nil {
		return nil, err
	}
	f.forgetResults(d)
	images, objects := countOf(d)
	rows := f.rows(images, objects)
	restore := f.spare(gcPercent, 0, rows)
	defer func() { restore() }()
	if err := f.calibrated(); err != nil {
		return nil, err
	}
	if err := f.measure(ctx, d, p); err != nil {
		return nil, err
	}
	p.stage("matching", int64(images))
	f.config.Progress = p.add
	f.config.Auditing = p.auditing(func() {
		restore()
		restore = f.spare(2*gcPercent, rows, 0) // the audit leaves much garbage
	})
	return analysis.Merge(ctx, d, f.config, counted)
}

// forgetResults takes the files of detections from the files that were skipped, where they lie beside the annotations.
// A part knows a file by its name only. So of several with the name of one, none is taken.
func (f *runFlags) forgetResults(d *dataset.Dataset) {
	for _, of := range f.config.Results {
		if of == nil {
			continue
		}
		is := func(s dataset.Skip) bool { return filepath.Base(s.Name) == of.Name }
		if i := slices.IndexFunc(d.Skipped, is); i >= 0 && !slices.ContainsFunc(d.Skipped[i+1:], is) {
			d.Skipped = slices.Delete(d.Skipped, i, i+1)
		}
	}
}

// release gives the memory of the detections back, before tables are written: nothing asks for them any more. What it
// returns undoes what it does to the collector, which leaves the losses of images and objects out now.
func (f *runFlags) release(r *analysis.Result) (restore func()) {
	many := f.idle() >= manyBytes && os.Getenv("GOGC") == ""
	for _, of := range f.config.Results {
		if of != nil {
			of.Release()
		}
	}
	if !many {
		return func() {}
	}
	return memory.Spare(gcPercent, f.rows(countOf(r.Data)), 0)
}

// rows is the memory that the losses of single images and objects take under each detector.
func (f *runFlags) rows(images, objects int) (bytes int64) {
	for _, of := range f.config.Results {
		if of != nil {
			bytes += ledger.RowBytes(images, objects)
		}
	}
	return bytes
}

// idle is the memory that detections take.
func (f *runFlags) idle() (bytes int64) {
	for _, r := range f.config.Results {
		if r != nil {
			bytes += int64(len(r.Detections)) * int64(unsafe.Sizeof(dataset.Detection{}))
		}
	}
	return bytes
}

// spare has the collector leave many detections, and the losses of single images and objects under each detector, out
// of what it lets the heap grow by: these are there already, or coming. What it returns undoes that.
func (f *runFlags) spare(percent int, there, coming int64) (restore func()) {
	idle := f.idle()
	if idle < manyBytes || os.Getenv("GOGC") != "" {
		return func() {}
	}
	return memory.Spare(percent, idle+there, coming)
}

// manyBytes of detections are worth a collection.
const manyBytes = 16 << 20

// calibrated reports a calibration of another detector than the one that is asked.
func (f *runFlags) calibrated() error {
	c := f.config.Calibration
	if c == nil || c.Detector == "" {
		return nil
	}
	for _, of := range f.config.Results {
		if of != nil && of.SHA256 == c.Detector {
			return nil
		}
	}
	return fmt.Errorf(
		"--calibration %s: it was measured with other detections (SHA-256 %.12s…): write it anew with analyze calibrate",
		f.calibration, c.Detector)
}

// detections reads the results files that scores name.
func (f *runFlags) detections(ctx context.Context, d *dataset.Dataset, p *progress) error {
	f.config.Results = make([]*dataset.Results, len(f.config.Scores))
	for i, s := range f.config.Scores {
		if s.Detector == nil {
			continue
		}
		size := int64(0)
		if info, err := os.Stat(s.Detector.File); err == nil {
			size = info.Size()
		}
		p.bytes("reading detections", size)
		var err error
		f.config.Results[i], err = coco.ReadResults(ctx, s.Detector.File, s.Detector.Origin, d,
			coco.Options{Workers: f.config.Workers, Progress: p.set})
		if err != nil {
			return fmt.Errorf("scores %q: %w", s.Name, err)
		}
	}
	return nil
}

// nothingLeft says why no file could be used, and what stands in the directories that
// were searched.
func (f *runFlags) nothingLeft(d *dataset.Dataset) error {
	var refused []gate.Refusal
	lines := []string{"no COCO annotations to read"}
	for why, names := range d.SkippedWhy() {
		lines = append(lines, "skipped "+show.Names(names)+": "+why)
	}
	for _, err := range d.Refused {
		lines = append(lines, "refused "+err.Error())
		refused = append(refused, gate.Refusal{File: err.Name, Why: err.Error()})
	}
	for _, path := range f.paths {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			continue
		}
		k, err := foreign.Directory(path, func(name string) bool { return find.HasEnding(name, endings()) })
		if err == nil && k != (foreign.Kind{}) {
			lines = append(lines, fmt.Sprintf("searched %s: found %s", path, k))
		}
	}
	return &nothingError{strings.Join(lines, "\n  "), refused}
}

// nothingError is the error of a run without a file that it could read.
type nothingError struct {
	words   string
	refused []gate.Refusal // the files that could not be read
}

// Error says what there was in place of annotations.
func (e *nothingError) Error() string { return e.words }

// refused is the error of a run that could not read all of its files.
func (f *runFlags) refused(d *dataset.Dataset) error {
	if len(d.Refused) == 0 || f.keepGoing {
		return nil
	}
	whys := make([]error, len(d.Refused))
	for i := range whys {
		whys[i] = d.Refused[i]
	}
	return fmt.Errorf("%w\n%d of the files %w; the report is about the others (--keep-going accepts that)",
		errors.Join(whys...), len(whys), errRefused)
}
