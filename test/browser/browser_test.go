// Package browser looks at the page of a report with a real browser. It is a module of its
// own, so that the program does not depend on the library that drives the browser.
//
//	go test .                          the tests; skipped where there is no chromium
//	go test . -run Shots -shots DIR    pictures of the pages, to be looked at
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var (
	analyze string // the program under test
	chrome  string // the browser, "" if there is none
)

func TestMain(m *testing.M) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			chrome = path
			break
		}
	}
	dir, err := os.MkdirTemp("", "focalaudit")
	if err != nil {
		panic(err)
	}
	analyze = filepath.Join(dir, "analyze")
	build := exec.Command("go", "build", "-o", analyze, "./cmd/analyze")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, out))
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// runReport runs the program and returns the directory of its report.
func runReport(t *testing.T, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	if out, err := exec.Command(analyze, append([]string{"run", "-q", "-o", dir}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("analyze run %v: %v\n%s", args, err, out)
	}
	return dir
}

// sample returns the report of testdata/sample with its detections.
func sample(t *testing.T) string {
	t.Helper()
	data := filepath.Join("..", "..", "testdata")
	return runReport(t, filepath.Join(data, "sample"), "--scores", "detections:"+filepath.Join(data, "detections.json"))
}

// shared returns the path of shared test material, and skips where it is absent.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs the shared test material: %s", filepath.Join(elem...))
	}
	return path
}

// tab is a tab of the browser, and what it has complained of.
type tab struct {
	context.Context
	t  *testing.T
	mu sync.Mutex

	noise    []string // console messages, exceptions, violations of the policy, dialogs
	requests []string // URLs that were asked for
}

// open starts a browser and shows the page of a report in a window of the given size, in px.
// Before it does, prepare may set what the browser pretends to be.
func open(t *testing.T, report string, width, height int64, prepare ...func(*tab)) *tab {
	t.Helper()
	if chrome == "" {
		t.Skip("needs chromium: apt-get install chromium")
	}
	b := start(t)
	path, err := filepath.Abs(filepath.Join(report, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	call(b, log.Enable, cdp.Empty{})
	call(b, network.Enable, network.EnableParams{})
	b.do(chromedp.EmulateViewport(width, height))
	for _, f := range prepare {
		f(b)
	}
	b.do(chromedp.Navigate("file://" + path))
	return b
}

// start starts a browser. One that dies at its start, which happens on a busy machine, says
// nothing about the page: three are tried.
func start(t *testing.T) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chrome), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("hide-scrollbars", true))
	var err error
	for try := range 3 {
		time.Sleep(time.Duration(try) * time.Second)
		ctx, endProcess := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
		ctx, endTab := chromedp.NewContext(ctx)
		b := &tab{Context: ctx, t: t}
		if err = chromedp.Listen(ctx, b.listen); err != nil {
			t.Fatal(err)
		}
		if err = chromedp.Do(ctx); err == nil { // which starts it
			t.Cleanup(endProcess)
			t.Cleanup(cancel)
			t.Cleanup(endTab)
			return b
		}
		endTab()
		cancel()
		endProcess()
		t.Logf("try %d: %v", try+1, err)
	}
	t.Fatal(err)
	return nil
}

// scheme makes the browser prefer a colour scheme.
func scheme(name string) func(*tab) {
	return func(b *tab) {
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
	}
}

// noScript makes the browser run no script of the page.
func noScript(b *tab) {
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// listen notes everything that a quiet page would not do.
func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.noise = append(b.noise, fmt.Sprintf("console.%s, %d values", e.Type, len(e.Args)))
	case *runtime.EventExceptionThrown:
		b.noise = append(b.noise, "exception "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.noise = append(b.noise, "log "+e.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		b.noise = append(b.noise, "dialog "+e.Message)
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	}
}

// do does something in the tab.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.Context, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// get does something that has a result.
func get[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	out, err := chromedp.Run(b.Context, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// ask evaluates an expression.
func ask[T any](b *tab, script string) T {
	b.t.Helper()
	return get(b, chromedp.Evaluate[T](script))
}

// run runs statements.
func (b *tab) run(script string) {
	b.t.Helper()
	ask[bool](b, "(() => {"+script+"; return true })()")
}

// call gives the browser a command.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	out, err := chromedp.Call(b.Context, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// quiet fails the test if the page did anything but show itself.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.noise {
		b.t.Errorf("the page is not quiet: %.300s", n)
	}
	for _, r := range b.requests {
		if !strings.HasPrefix(r, "file://") && !strings.HasPrefix(r, "data:") || strings.Count(strings.Join(b.requests, "\n"), r) > 1 {
			b.t.Errorf("the page asks for %.200s", r)
		}
	}
	if len(b.requests) == 0 {
		b.t.Error("not even the page was asked for: the test does not see requests")
	}
}
