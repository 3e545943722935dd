package browser

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
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
	// The README's pictures are smaller: 70 % of the size, and 96 colours.
	b := open(t, dir, 1280, 960, scheme("light"))
	b.do(chromedp.EmulateViewport(1280, 960, chromedp.EmulateScale(0.7)))
	save(t, "readme-page.png", fewColours(t, get(b, chromedp.CaptureScreenshot())))
	b.run(`document.querySelector("#anchors figure").scrollIntoView({behavior: "instant"})`)
	b.do(chromedp.EmulateViewport(1280, 600, chromedp.EmulateScale(0.7)))
	save(t, "readme-anchors.png", fewColours(t, get(b, chromedp.CaptureScreenshot())))
	save(t, "print.pdf", get(open(t, dir, 1280, 800), chromedp.PrintToPDF(chromedp.PDFPrintBackground())))
}

func save(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(*shots, name), data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// fewColours returns a picture in 96 colours: the 32 commonest vivid ones, which few pixels have and the eye looks for, and
// the commonest of the others.
func fewColours(t *testing.T, data []byte) []byte {
	t.Helper()
	im, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	n := map[color.Color]int{}
	for y := range im.Bounds().Dy() {
		for x := range im.Bounds().Dx() {
			n[im.At(x, y)]++
		}
	}
	order := slices.SortedFunc(maps.Keys(n), func(a, b color.Color) int {
		return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	var vivid, dull color.Palette
	for _, c := range order {
		r, g, b, _ := c.RGBA()
		if max(r, g, b)-min(r, g, b) > 0x4000 {
			vivid = append(vivid, c)
		} else {
			dull = append(dull, c)
		}
	}
	vivid = vivid[:min(len(vivid), 32)]
	out := image.NewPaletted(im.Bounds(), append(vivid, dull[:min(len(dull), 96-len(vivid))]...))
	draw.Draw(out, out.Bounds(), im, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, out); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
