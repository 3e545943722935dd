package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far a run is: a bar on a terminal, else a line every few
// seconds, or nothing.
type progress struct {
	w     io.Writer
	bar   *progressbar.ProgressBar // nil if w is not a terminal
	quiet bool

	mu          sync.Mutex
	name        string
	done, total int64
	next        time.Time // when the next line is due
	told        bool      // a line told of this stage

	begun time.Time // of the stage
	took  []string  // by the stages before, as timings shows them
}

// lineEvery is how often a run that is not on a terminal tells how far it is.
const lineEvery = 5 * time.Second

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{w: w, quiet: quiet, next: time.Now().Add(lineEvery)}
	if f, ok := w.(*os.File); ok && !quiet && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions64(1, progressbar.OptionSetWriter(w), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(), progressbar.OptionShowCount(), progressbar.OptionSetWidth(30))
	}
	return p
}

// stage begins the next part of a run; total is what done will reach, 0 if
// that can't be said.
func (p *progress) stage(name string, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lap()
	p.name, p.done, p.total = name, 0, total
	if p.bar != nil {
		p.bar.Reset()
		p.bar.ChangeMax64(max(1, total))
		p.bar.Describe(name)
	}
}

// lap notes what the stage at hand took, if there is one.
func (p *progress) lap() {
	if p.name != "" {
		p.whole()
		p.took = append(p.took, fmt.Sprintf("%s %.3f s", p.name, time.Since(p.begun).Seconds()))
	}
	p.begun = time.Now()
}

// whole ends the lines of a stage that has ended at 100 %, if there are any: the last of
// them would look like one of a run that stopped.
func (p *progress) whole() {
	if p.told {
		p.told = false
		fmt.Fprintf(p.w, "%s: 100 %%\n", p.name)
	}
}

// end clears the bar of a run that has done its work.
func (p *progress) end() {
	p.mu.Lock()
	p.whole()
	p.mu.Unlock()
	p.close()
}

// timings ends the last stage and prints what each of them took.
func (p *progress) timings() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lap()
	fmt.Fprintf(p.w, "timings: %s\n", strings.Join(p.took, ", "))
}

// set tells how much of the stage is done.
func (p *progress) set(done int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if done > p.done {
		p.done = done
		p.show()
	}
}

// add tells that n more of the stage are done.
func (p *progress) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += int64(n)
	p.show()
}

// show is called with p.mu held.
func (p *progress) show() {
	switch {
	case p.quiet:
	case p.bar != nil:
		p.bar.Set64(min(p.done, max(1, p.total)))
	case time.Now().After(p.next):
		p.next, p.told = time.Now().Add(lineEvery), true
		fmt.Fprintf(p.w, "%s: %.0f %%\n", p.name, 100*float64(p.done)/float64(max(1, p.total)))
	}
}

// close clears the bar. It may be called more than once.
func (p *progress) close() {
	if p.bar != nil {
		p.bar.Finish()
		p.bar = nil
	}
}
