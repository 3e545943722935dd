// Beam runs the audit as a pipeline of Apache Beam: each annotation file becomes a part of a report on some worker, and
// the parts become the report that analyze run writes of all files, byte for byte.
//
//	go run . -input 'shards/*.json' -output report
//
// It runs in this process (Prism) unless -runner names another one, with the flags of that: dataflow, flink, spark,
// universal. Files, and with them -input, -output and -parts, may lie where Beam has a file system: here, gs:// and s3://.
//
// The pipeline and its stages are in pipeline.go; what a stage does with files is in store.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/part"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// options are the flags.
type options struct {
	input, output, parts string
	preset, objective    string
	scores               list
	config               analysis.Config
}

// list is a flag that may be given several times.
type list []string

// String implements flag.Value.
func (l *list) String() string { return strings.Join(*l, " ") }

// Set implements flag.Value.
func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}

func main() {
	o := &options{config: analysis.Default()}
	o.define(flag.CommandLine)
	flag.Parse()
	beam.Init()
	if err := o.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "beam:", err)
		os.Exit(2)
	}
}

// define declares the flags: those of analyze run on which the counts depend.
func (o *options) define(fs *flag.FlagSet) {
	c := &o.config
	fs.StringVar(&o.input, "input", "", "glob of annotation files, such as 'shards/*.json' or 'gs://bucket/shards/*.json'")
	fs.StringVar(&o.output, "output", "focalaudit-report", "directory of the report")
	fs.StringVar(&o.parts, "parts", "", "directory that all workers reach, for the parts (default: that of -output and -parts)")
	fs.StringVar(&o.preset, "anchors", trainer.Default, "preset, or a YAML file of your own")
	fs.StringVar(&o.objective, "objective", "", "loss terms of the headline figures: objectness or classes")
	fs.Var(&o.scores, "scores", "scores beside the default ones, as analyze run has them (repeatable)")
	fs.IntVar(&c.Classes, "classes", 0, "number of classes K (default: those of the data)")
	fs.Float64Var(&c.Focal.Gamma, "gamma", c.Focal.Gamma, "γ of focal loss")
	fs.Float64Var(&c.Focal.Alpha, "alpha", c.Focal.Alpha, "α of focal loss, -1 for none")
	fs.BoolVar(&c.SkipEmpty, "skip_empty", false, "leave out images without objects, as the trainer's loader does")
	fs.BoolVar(&o.config.Outlines, "check_outlines", false, "compare every box with its segmentation")
}

// run runs the pipeline.
func (o *options) run(ctx context.Context) error {
	if o.input == "" {
		return errors.New("-input is missing: name the annotation files, such as -input 'shards/*.json'")
	}
	if o.parts == "" {
		o.parts = strings.TrimRight(o.output, "/") + "-parts"
	}
	var err error
	if o.config.Preset, err = trainer.Load(o.preset); err != nil {
		return err
	}
	job := &job{
		Settings: part.Of(&o.config, o.scores, o.objective), Parts: o.parts, Output: o.output,
	}
	if _, err := job.Settings.Config(); err != nil {
		return err
	}
	files, err := glob(ctx, o.input)
	if err != nil {
		return err
	}
	tellKept(ctx, os.Stderr, files)
	return beamx.Run(ctx, job.pipeline(files))
}

// tellKept names the lists of kept labels that a run of the files would read and the pipeline does not: its parts have
// no place for them.
func tellKept(ctx context.Context, w io.Writer, files []string) {
	told := map[string]bool{}
	for _, file := range files {
		kept := join(dirOf(file), "reviewed.yaml")
		if told[kept] {
			continue
		}
		told[kept] = true
		if there, err := glob(ctx, kept); err == nil && len(there) > 0 {
			fmt.Fprintf(w, "beam: kept labels not read: %s: these labels are suspected again; analyze run, and run --part with "+
				"merge, leave them out\n", text.Printable(kept))
		}
	}
}
