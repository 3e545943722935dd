package names

import (
	"testing"
)

// TestAddedWord: what names say, by hand.
func TestAddedWord(t *testing.T) {
	for _, c := range []struct{ original, copied, word string }{
		{"a/x.jpg", "a/x_bright.jpg", "bright"}, {"x.jpg", "aug0-x.png", "aug"}, {"a/x_1.jpg", "a/night/x_1.jpg", "night"},
		{"x_1.jpg", "x_hue+30_1.jpg", "hue"}, {"x.jpg", "x_Copy.jpg", ""}, {"x.jpg", "x_2.jpg", ""}, {"x.jpg", "x_b.jpg", ""},
		{"x.jpg", "xbright.jpg", ""}, {"x_1.jpg", "x_bright_2.jpg", ""}, {"x.jpg", "x_hflip.jpg", ""}, {"x.jpg", "x.jpg", ""},
	} {
		if got, ok := addedWord(NameParts(c.copied), NameParts(c.original)); ok != (c.word != "") || ok && got != c.word {
			t.Errorf("%s, %s: %q %v", c.original, c.copied, got, ok)
		}
	}
}
