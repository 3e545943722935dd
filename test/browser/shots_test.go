package browser

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var (
	shots  = flag.String("shots", "", "directory for pictures of the pages; none are taken without it")
	report = flag.String("report", "", "report to take pictures of; that of the sample without it")
)

// TestShots takes pictures: the first screen and the whole page in light, dark and on a
// phone, and the page as it prints.
func TestShots(t *testing.T) {
	if *shots == "" {
		t.Skip("takes pictures only with -shots DIR")
	}
	dir := *report
	if dir == "" {
		dir = sample(t)
	}
	for _, c := range []struct {
		name          string
		width, height int64
		scheme        string
	}{{"light", 1280, 800, "light"}, {"dark", 1280, 800, "dark"}, {"phone", 360, 780, "light"}} {
		b := open(t, dir, c.width, c.height, scheme(c.scheme))
		save(t, c.name+".png", get(b, chromedp.CaptureScreenshot()))
		save(t, c.name+"-whole.png", get(b, chromedp.FullScreenshot(100)))
	}
	save(t, "print.pdf", get(open(t, dir, 1280, 800), chromedp.PrintToPDF(chromedp.PDFPrintBackground())))
}

func save(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(*shots, name), data, 0o666); err != nil {
		t.Fatal(err)
	}
}
