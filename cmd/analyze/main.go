// Analyze is the command of focalaudit: it shows the owner of a detection data
// set how far easy negatives dominate training, and which labels are likely
// wrong.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/text"
)

// The exit statuses.
const (
	statusFine    = 0
	statusGate    = 1 // the data do not meet the rules
	statusTrouble = 2 // could not run
)

// gcPercent keeps the heap small: the records of a data set live to the end of
// a run, and a heap that may grow by 30 % instead of 100 % between collections
// takes a fifth less memory at COCO train2017's size and no more time that could
// be measured (docs/performance.md).
const gcPercent = 30

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup lets it be
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends the program at once
		time.Sleep(patience)
		giveUp(os.Stderr, errors.New("interrupted")) // what waits, for a pipe's reader say, may wait for ever
	})
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run executes a command line and returns its exit status.
func run(ctx context.Context, args []string, out, errw io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errw)
	help := keepHelpError(root)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = *help
	}
	switch {
	case err == nil:
		return statusFine
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		fmt.Fprintln(errw, "analyze: interrupted; nothing was written")
		return statusTrouble
	}
	fmt.Fprintln(errw, "analyze:", text.Printable(plainly(err)))
	if errors.Is(err, errGate) && !errors.Is(err, errRefused) && !errors.Is(err, gate.ErrUndecided) {
		return statusGate
	}
	return statusTrouble
}

// keepHelpError lets help be written as all else is: the library drops the error of an output that is full. It returns
// where the error will be.
func keepHelpError(root *cobra.Command) *error {
	kept := new(error)
	write := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		out := cmd.OutOrStdout()
		var text bytes.Buffer
		cmd.SetOut(&text)
		write(cmd, args)
		cmd.SetOut(out)
		_, *kept = out.Write(text.Bytes())
	})
	return kept
}

// more are the commands of builds with a tag: man.go.
var more []func() *cobra.Command

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "analyze",
		Short: "Audit a detection data set: anchor imbalance, focal loss, label errors",
		Long: `analyze reads COCO-style annotations, assigns every anchor exactly as your
trainer does, and reports how far easy negatives dominate cross entropy and
focal loss, which objects the anchors miss, and, with a detector's results,
which labels are likely wrong. A run writes a page (index.html) and Parquet
tables.

  analyze run annotations.json -o report                     begin here
  analyze run annotations.json --scores detections:results.json -o report

Exit status: 0 fine, 1 the gate failed, 2 could not run or decide.`,
		Version:       versionLine(),
		Args:          noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceUsage:  true,
		SilenceErrors: true,

		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := notEmpty(cmd); err != nil {
				return err
			}
			return outsideReports(cmd)
		},
	}
	root.SetVersionTemplate("{{.Version}}")
	root.AddCommand(newRun(), newShow(), newDiff(), newReview(), newTrainers(), newFit(), newCheck(), newBaseline(),
		newSplit(), newMerge(), newCalibrate(), newExplain(), newLoss(), newPresets(), newVersion())
	for _, add := range more {
		root.AddCommand(add())
	}
	root.SetUsageTemplate(strings.NewReplacer(
		"Flags.FlagUsages ", fmt.Sprintf("Flags.FlagUsagesWrapped %d ", text.Columns),
	).Replace(root.UsageTemplate()))
	answerHelp(root)
	speakPlainly(root)
	return root
}
