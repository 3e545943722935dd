package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"focalaudit/internal/memory"
	"focalaudit/pkg/par"
)

// workersPerCore is how many workers a core can have: more of them only take memory.
const workersPerCore = 4

// capWorkers holds the number of workers to what the machine can use, and says so.
func (f *runFlags) capWorkers(p *progress) {
	cores := max(runtime.NumCPU(), runtime.GOMAXPROCS(0))
	if most := workersPerCore * cores; f.config.Workers > most {
		p.say("--workers %d: %d are started, %d for each of %d cores; the output is the same",
			f.config.Workers, most, workersPerCore, cores)
		f.config.Workers = most
	}
}

// memoryFlag is the flag --max-memory, and what it needs to know of the run.
type memoryFlag struct {
	asked string
	run   atomic.Pointer[progress] // nil before the first stage
}

func (m *memoryFlag) define(fs *pflag.FlagSet) {
	fs.StringVar(&m.asked, "max-memory", "", "memory that may be used, such as 2GB: a run that needs more ends with "+
		"a message (default: GOMEMLIMIT, or the system's limit)")
}

// lookEvery is how often the memory is looked at: a core fills some 20 MB between.
const lookEvery = 20 * time.Millisecond

// patience is how long a run may take to end by itself. One image with a million boxes is
// not left before it is done; what is half-written beside a report is no report.
const patience = 2 * time.Second

// giveUp ends the program at once; tests replace it.
var giveUp = func(errw io.Writer, why error) {
	fmt.Fprintln(errw, "analyze:", why)
	os.Exit(statusTrouble)
}

// bound does the work of a command, and ends it when it needs more memory than it may use.
func (m *memoryFlag) bound(cmd *cobra.Command, work func() error) error {
	limit, restore, err := memory.Find(m.asked)
	defer restore()
	if err != nil {
		return err
	}
	if limit.Bytes == 0 {
		return work()
	}
	ctx, cancel := context.WithCancelCause(cmd.Context())
	defer cancel(nil)
	cmd.SetContext(ctx)
	var since time.Time
	stop := par.Watch(lookEvery, func() {
		used, over := limit.Over()
		switch {
		case since.IsZero() && over:
			since = time.Now()
			cancel(m.tooMuch(limit, used))
		case !since.IsZero() && (time.Since(since) > patience || used > 2*limit.Bytes):
			giveUp(cmd.ErrOrStderr(), context.Cause(ctx))
		}
	})
	defer stop()
	err = work()
	if over := (*overError)(nil); err != nil && errors.As(context.Cause(ctx), &over) {
		return over
	}
	return err
}

// overError is the error of a run that needs more memory than it may use.
type overError struct{ text string }

// Error implements error.
func (e *overError) Error() string { return e.text }

// tooMuch says how far the run has come, and what it would need. While it reads, memory
// grows with the bytes that are read; what follows takes about half as much again.
func (m *memoryFlag) tooMuch(limit memory.Limit, used int64) error {
	stage, share, parts := "at the start", 1.0, ""
	if p := m.run.Load(); p != nil {
		parts = ", or run the files in parts"
		name, done := p.where()
		stage = "during " + name
		if done >= 0 {
			stage = fmt.Sprintf("after %.0f %% of %s", 100*done, name)
		}
		if name == "reading" && done > 0 {
			share = done
		}
	}
	need := 1.5 * float64(used) / share
	return &overError{fmt.Sprintf(
		"the run needs more memory than it may use: %s are in use %s, %s allowed by %s; it would need at least %s: "+
			"allow that much (--max-memory)%s; nothing was written",
		memory.Text(used), stage, memory.Text(limit.Bytes), limit.From, memory.Text(int64(need)), parts)}
}
