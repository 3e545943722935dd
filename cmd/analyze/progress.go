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

// progress shows how far a run is: a bar on a terminal, otherwise a line every few
// seconds; nothing if the run is quiet.
type progress struct {
	w        io.Writer
	terminal bool                     // w is a terminal, and may show a bar
	bar      *progressbar.ProgressBar // of this stage; nil if there is no bar
	quiet    bool

	mu          sync.Mutex
	name        string
	done, total int64
	unit        unit
	next        time.Time // when the next line may be printed
	told        int       // percentage in the last line about this stage; 0 before the first line

	begun time.Time // of the stage
	took  []string  // of the stages before this one, as timings prints them
}

// lineEvery is the interval between two lines where w is not a terminal.
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

// stage begins the next part of a run, which counts things up to total; 0 if the total is unknown.
func (p *progress) stage(name string, total int64) { p.begin(name, total, things) }

// bytes begins a stage that counts bytes.
func (p *progress) bytes(name string, total int64) { p.begin(name, total, inBytes) }

// percent begins a stage whose count means nothing to a reader: only the percentage is shown.
func (p *progress) percent(name string, total int64) { p.begin(name, total, parts) }

// auditing returns what is told which share of the work is done while labels are audited; the first time, it begins
// that stage and calls first.
func (p *progress) auditing(first func()) func(share float64) {
	const all = 100
	begin := sync.OnceFunc(func() {
		first()
		p.percent("auditing labels", all)
	})
	return func(share float64) {
		begin()
		p.set(int64(all * share))
	}
}

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

// say prints a line that is not an error, unless the run is quiet.
func (p *progress) say(format string, args ...any) {
	if !p.quiet {
		fmt.Fprintf(p.w, "analyze: "+format+"\n", args...)
	}
}

// where returns the current stage, and which share of it is done; -1 if the total is unknown.
func (p *progress) where() (stage string, done float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.total == 0 {
		return p.name, -1
	}
	return p.name, min(1, float64(p.done)/float64(p.total))
}

// lap records how long the current stage took, if there is one.
func (p *progress) lap() {
	if p.name != "" {
		p.whole()
		p.took = append(p.took, fmt.Sprintf("%s %.3f s", p.name, time.Since(p.begun).Seconds()))
	}
	p.begun = time.Now()
}

// whole prints 100 % for a stage that has ended, if lines about it were printed: otherwise its last
// line would look as if the run had stopped there.
func (p *progress) whole() {
	told := p.told
	if p.told = 0; told > 0 && told < 100 {
		fmt.Fprintf(p.w, "%s: 100 %%\n", p.name)
	}
}

// end completes the lines and clears the bar when the work is done.
func (p *progress) end() {
	p.mu.Lock()
	p.whole()
	p.mu.Unlock()
	p.close()
}

// timings ends the last stage and prints how long each stage took.
func (p *progress) timings() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lap()
	fmt.Fprintf(p.w, "timings: %s\n", strings.Join(p.took, ", "))
}

// set sets how much of the stage is done.
func (p *progress) set(done int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if done > p.done {
		p.done = done
		p.show()
	}
}

// add adds n to what is done of the stage.
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

// clear removes the bar of the last stage.
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
