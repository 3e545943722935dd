package findings

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEntriesComplete(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	stop := regexp.MustCompile(`[.!?]( |$)`)
	seen := map[string]bool{}
	for _, e := range Catalogue() {
		if !kebab.MatchString(e.Code) {
			t.Errorf("code %q is not in kebab-case", e.Code)
		}
		if seen[e.Code] {
			t.Errorf("code %q stands twice", e.Code)
		}
		seen[e.Code] = true
		if e.Family < Data || e.Family > Label {
			t.Errorf("%s: family %d", e.Code, e.Family)
		}
		if e.Severity < Error || e.Severity > Info {
			t.Errorf("%s: severity %d", e.Code, e.Severity)
		}
		if e.About < AboutRun || e.About > AboutClass {
			t.Errorf("%s: about %d", e.Code, e.About)
		}
		for name, s := range map[string]string{"title": e.Title, "text": e.Text, "example": e.Example, "fix": e.Fix} {
			if err := plain(s); err != nil {
				t.Errorf("%s: %s: %v", e.Code, name, err)
			}
		}
		first, _ := utf8.DecodeRuneInString(e.Title)
		if n := utf8.RuneCountInString(e.Title); n > 70 || stop.MatchString(e.Title) || unicode.IsLower(first) {
			t.Errorf("%s: title %q: want sentence case, no full stop, at most 70 characters, got %d", e.Code, e.Title, n)
		}
		if n := len(stop.FindAllString(e.Text, -1)); n < 2 || n > 4 || !strings.HasSuffix(e.Text, ".") {
			t.Errorf("%s: text: want 2 to 4 sentences, got %d", e.Code, n)
		}
		if !strings.HasSuffix(e.Fix, ".") {
			t.Errorf("%s: fix does not end in a full stop", e.Code)
		}
	}
}

// plain reports what keeps s from being one line of text.
func plain(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("is empty")
	case s != strings.TrimSpace(s):
		return fmt.Errorf("%q begins or ends with space", s)
	case strings.Contains(s, "  "):
		return fmt.Errorf("has two spaces in a row")
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("has a control character")
	case !utf8.ValidString(s):
		return fmt.Errorf("is not UTF-8")
	}
	return nil
}

// Examples that are whole JSON values parse, but for the literals that JSON
// does not have.
func TestExamplesParse(t *testing.T) {
	n := 0
	for _, e := range Catalogue() {
		if !strings.HasPrefix(e.Example, "{") || !strings.HasSuffix(e.Example, "}") {
			continue
		}
		n++
		if s := strings.ReplaceAll(e.Example, "NaN", "0"); !json.Valid([]byte(s)) {
			t.Errorf("%s: example is not JSON: %s", e.Code, e.Example)
		}
	}
	if n < 20 {
		t.Errorf("only %d examples are JSON", n)
	}
}

func TestCatalogueSorted(t *testing.T) {
	es := Catalogue()
	if !slices.IsSortedFunc(es, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Code, b.Code))
	}) {
		t.Error("not sorted by family, severity and code")
	}
	es[0].Code = "changed"
	if Catalogue()[0].Code == "changed" {
		t.Error("a caller can change the catalogue")
	}
}

// Every code of a flaw that package dataset declares has an entry. The source is parsed,
// not imported, since neither package may depend on the other.
func TestReaderCodesCovered(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../dataset/flaws.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for _, v := range spec.Values {
			lit, ok := v.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				continue
			}
			code, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			n++
			if e, ok := Lookup(code); !ok {
				t.Errorf("%s: no entry for %q", spec.Names[0], code)
			} else if e.Family != Data {
				t.Errorf("%s: family %s, want data", code, e.Family)
			}
		}
		return true
	})
	if n < 29 {
		t.Errorf("found %d codes in flaws.go, want the 29 that were there when this was written, or more", n)
	}
}

// The codes that the analysis writes, and what a default gate takes for an
// error: an error has to be beyond doubt, so the list is held by hand.
func TestSeverityOfEachCode(t *testing.T) {
	want := map[Severity]string{
		Error: "columns-shifted box-empty box-malformed box-missing box-negative box-not-finite box-outside category-id-duplicate category-ids-shifted category-unknown file-name-shifted box-convention detections-disagree file-bom file-broken file-ending " +
			"id-missing beyond-the-cap id-type-mixed image-id-duplicate image-size-differs image-size-missing image-unknown no-objects record-not-object text-not-utf8 " +
			"trainer-refuses zero-overlap-hazard",
		Warning: "objects-doubled classes-filled splits-in-one-file class-numbers-shifted crowd-outline track-class-changed class-lookup class-unmarked segmentation-rings annotation-id-duplicate area-impossible boxes-carried-over boxes-misjoined class-not-object detections-capped detections-missing-classes box-from-outline box-off-outline box-tiny category-clash category-id-zero category-name-case category-name-duplicate category-unnamed " +
			"class-conflict crowd-key detection-class-shifted detection-class-unknown detection-image-unknown detection-key-repeated detection-malformed detection-outside detection-score " +
			"file-name-duplicate file-name-missing file-nested ignore-flag key-repeated key-unread annotations-cut logits-missing mostly-crowd detections-missing-images detections-repeated detections-unranked image-in-two-sources image-size-convention near-duplicate number-not-finite " +
			"image-without-positive object-without-positive trainer-drops class duplicate location missing spurious",
		Info: "category-order part-differs records-change class-absent annotation-id-zero key-absent segmentation-unusable aspect-extreme aspect-outlier box-partly-outside class-outputs class-rare classes-apart class-unused flag-not-number id-not-integer image-without-objects object-count-outlier size-outlier " +
			"crowd-as-background object-rescued-only",
	}
	got := map[Severity][]string{}
	for _, e := range Catalogue() {
		got[e.Severity] = append(got[e.Severity], e.Code)
	}
	for s, codes := range want {
		sameCodes(t, s, got[s], codes)
	}
}

// sameCodes compares codes with a list, in whatever order.
func sameCodes(t *testing.T, of fmt.Stringer, got []string, list string) {
	t.Helper()
	want := strings.Fields(list)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", of, got, want)
	}
}

// What the codes are about decides what rates are divided by, so the list is held
// by hand.
func TestAbout(t *testing.T) {
	want := map[About]string{
		AboutRun: "detection-class-shifted detection-class-unknown detection-image-unknown detection-key-repeated detection-malformed " +
			"detection-outside detection-score class-outputs class-unused detections-capped detections-disagree detections-missing-classes detections-repeated detections-unranked",
		AboutSource: "objects-doubled category-ids-shifted classes-filled columns-shifted splits-in-one-file track-class-changed category-order part-differs records-change class-lookup class-numbers-shifted crowd-outline file-name-shifted segmentation-rings boxes-carried-over boxes-misjoined class-absent file-bom file-broken file-ending file-nested box-convention image-in-two-sources image-size-convention id-missing no-objects record-not-object text-not-utf8 key-repeated mostly-crowd number-not-finite flag-not-number id-not-integer " +
			"annotation-id-duplicate annotation-id-zero annotations-cut area-impossible classes-apart ignore-flag key-absent key-unread segmentation-unusable",
		AboutImage: "beyond-the-cap image-id-duplicate image-size-differs image-size-missing file-name-duplicate detections-missing-images logits-missing file-name-missing " +
			"image-without-objects object-count-outlier image-without-positive",
		AboutClass: "category-id-duplicate category-clash category-id-zero category-name-case category-name-duplicate category-unnamed " +
			"class-not-object class-rare class-unmarked object-rescued-only object-without-positive",
	}
	got := map[About][]string{}
	for _, e := range Catalogue() {
		got[e.About] = append(got[e.About], e.Code)
	}
	rest := len(Catalogue())
	for a, codes := range want {
		rest -= len(got[a])
		sameCodes(t, a, got[a], codes)
	}
	if n := len(got[AboutAnnotation]); n != rest {
		t.Errorf("%d codes are about annotations, want the other %d", n, rest)
	}
}

// The texts give figures that the code holds too.
func TestTextsAgreeWithSettings(t *testing.T) {
	e, _ := Lookup("size-outlier")
	for _, s := range []string{fmt.Sprintf("more than %d spreads", maxScore), fmt.Sprintf("of %d or more", minObjects), "a quarter octave"} {
		if !strings.Contains(e.Text, s) {
			t.Errorf("%s: text lacks %q", e.Code, s)
		}
	}
	if minSpread != 0.25 {
		t.Errorf("%s: text says a quarter octave, the setting is %g", e.Code, minSpread)
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Error.String(), "error"}, {Warning.String(), "warning"}, {Info.String(), "info"},
		{Severity(0).String(), "invalid"}, {Severity(4).String(), "invalid"}, {Severity(255).String(), "invalid"},
		{Data.String(), "data"}, {Trainer.String(), "trainer"}, {Label.String(), "label"},
		{AboutRun.String(), "run"}, {AboutSource.String(), "source"}, {AboutImage.String(), "image"},
		{AboutAnnotation.String(), "annotation"}, {AboutClass.String(), "class"},
		{About(0).String(), "invalid"}, {About(6).String(), "invalid"},
		{Family(0).String(), "invalid"}, {Family(4).String(), "invalid"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLookup(t *testing.T) {
	for _, e := range Catalogue() {
		if got, ok := Lookup(e.Code); !ok || got != e {
			t.Errorf("Lookup(%q) = %v, %v", e.Code, got.Code, ok)
		}
	}
	for _, code := range []string{"", "box", "Box-empty", "box-empty "} {
		if e, ok := Lookup(code); ok || e != (Entry{}) {
			t.Errorf("Lookup(%q) found %q", code, e.Code)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		code string
		n    int
		want []string
	}{
		{"box-empty", 1, []string{"box-empty"}},
		{"box-emtpy", 1, []string{"box-empty"}},
		{"nearduplicate", 1, []string{"near-duplicate"}},
		{"size-outliers", 2, []string{"size-outlier", "aspect-outlier"}}, // distances 1 and 6
		{"", 2, []string{"class", "missing"}},                            // the shortest, 5 and 7 letters
		{"box-empty", 0, []string{}},
		{"box-empty", -1, []string{}},
	} {
		if got := Nearest(c.code, c.n); !slices.Equal(got, c.want) {
			t.Errorf("Nearest(%q, %d) = %q, want %q", c.code, c.n, got, c.want)
		}
	}
	all := Nearest("x", 1000)
	if slices.Sort(all); len(all) != len(Catalogue()) || len(slices.Compact(all)) != len(Catalogue()) {
		t.Errorf("Nearest gives %d codes of %d", len(all), len(Catalogue()))
	}
}
