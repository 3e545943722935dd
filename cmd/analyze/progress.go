package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"focalaudit/pkg/text"
)

// progress shows how far a run is: a bar on a terminal, else a line every few
// seconds, or nothing.
type progress struct {
	w        io.Writer
	terminal bool                     // w is one, and may have a bar
	bar      *progressbar.ProgressBar // of this stage; nil without one
	quiet    bool

	mu          sync.Mutex
	name        string
	done, total int64
	unit        unit
	next        time.Time // when the next line is due
	told        int       // the percentage that the last line told of this stage, 0 without one

	begun time.Time // of the stage
	took  []string  // by the stages before, as timings shows them
}

// lineEvery is how often a run that is not on a terminal tells how far it is.
const lineEvery = 5 * time.Second

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{w: w, quiet: quiet, next: time.Now().Add(lineEvery)}
	f, ok := w.(*os.File)
	p.terminal = ok && !quiet && term.IsTerminal(int(f.Fd()))
	return p
}

// unit is what a stage counts.
type unit uint8

const (
	things  unit = iota // shown as they are
	inBytes             // shown in MB
	parts               // shown as a percentage only
)

// stage begins the next part of a run, which counts things; total is what done will reach, 0 if
// that can't be said.
func (p *progress) stage(name string, total int64) { p.begin(name, total, things) }

// bytes is stage for a part that counts bytes.
func (p *progress) bytes(name string, total int64) { p.begin(name, total, inBytes) }

// percent is stage for a part whose count says nothing.
func (p *progress) percent(name string, total int64) { p.begin(name, total, parts) }

func (p *progress) begin(name string, total int64, of unit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lap()
	p.name, p.done, p.total, p.unit = name, 0, total, of
	if !p.terminal {
		return
	}
	p.clear()
	options := []progressbar.Option{
		progressbar.OptionSetWriter(p.w), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30), progressbar.OptionSetDescription(name),
	}
	switch of {
	case things:
		options = append(options, progressbar.OptionShowCount())
	case inBytes:
		options = append(options, progressbar.OptionShowCount(), progressbar.OptionShowBytes(true))
	}
	if total == 0 {
		total = -1 // a bar without an end
	}
	p.bar = progressbar.NewOptions64(total, options...)
}

// say prints a line that is no error.
func (p *progress) say(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintf(p.w, "analyze: "+format+"\n", args...)
	}
}

// where returns the stage at hand, and the share of it that is done; -1 if that can't be said.
func (p *progress) where() (stage string, done float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.total == 0 {
		return p.name, -1
	}
	return p.name, min(1, float64(p.done)/float64(p.total))
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
	told := p.told
	if p.told = 0; told > 0 && told < 100 {
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
	case p.bar != nil && p.total > 0:
		p.bar.Set64(min(p.done, p.total))
	case p.bar != nil:
		p.bar.Set64(p.done)
	case !p.terminal && time.Now().After(p.next):
		p.next = time.Now().Add(lineEvery)
		if p.total == 0 && p.unit == inBytes {
			fmt.Fprintf(p.w, "%s: %s MB\n", p.name, text.Digits(float64(p.done)/1e6))
			return
		}
		p.told = int(math.Round(100 * float64(p.done) / float64(max(1, p.total))))
		fmt.Fprintf(p.w, "%s: %d %%\n", p.name, p.told)
	}
}

// clear takes the bar of the last stage away.
func (p *progress) clear() {
	if p.bar != nil {
		p.bar.Finish()
		p.bar = nil
	}
}

// close clears the bar. It may be called more than once.
func (p *progress) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}
