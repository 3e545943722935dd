package naming

import "testing"

// One name is one name, however it is written.
func TestNormal(t *testing.T) {
	for name, want := range map[string]string{
		"":                    "",
		"a.jpg":               "a.jpg",
		"a/b.jpg":             "a/b.jpg",
		"./a/b.jpg":           "a/b.jpg",
		`a\b.JPG`:             "a/b.jpg",
		`.\a\B.jpg`:           "a/b.jpg",
		"a//b.jpg":            "a/b.jpg",
		"a/./b.jpg":           "a/b.jpg",
		"../a.jpg":            "../a.jpg",
		".hidden.jpg":         ".hidden.jpg",
		"a/.b/c.jpg":          "a/.b/c.jpg",
		"a/":                  "a",
		"ä.jpg":               "ä.jpg",
		"a\u0308.jpg":         "ä.jpg",
		"Ä.jpg":               "ä.jpg",
		"\xff.jpg":            "\uFFFD.jpg",
		"a..b.jpg":            "a..b.jpg",
		"000000397133.jpg":    "000000397133.jpg",
		"train2017/0001_.jpg": "train2017/0001_.jpg",
	} {
		if got := Normal(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
		if Plain(name) && Normal(name) != name {
			t.Errorf("%q is plain, but not normal", name)
		}
	}
}
