package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile are names that try to be commands, markup, formulas, links or mentions. Their
// control characters are written as JSON has them.
var hostile = []string{
	`::error file=x::A1`, ` ::warning::A2`, "x\n::error::A3", "x\r::error::A4", "x\u0085::error::A5", "\u2028::error::A6",
	"\u2029::stop-commands::A7", "\u00a0::error::A8", "\ufeff::add-mask::A9", "\v::error::A10", "\u200b::error::A11",
	"##[error]B1", "a##[command]B2", "\x1b[31mC1", "\x1b]8;;http://evil/\x07C2", "\u009b2JC3", "\x7fC4",
	"\u202egnp.C5", "\u2066C6\u2069", "\u200bC7\u200d", "\u00adC8", "\u3164C9", "\U000e0041C10", "\ufffeC11",
	"<script>D1</script>", "<img src=x onerror=y>D2", "&lt;b&gt;D3", "a|b|D4", "`D5`", "[D6](http://evil.example/a)",
	"http://evil.example/D7", "www.evil.example/D8", "~~D9~~", "**D10**", "_D11_", "@D12", "a@D13.example", "#14D", "GH-15D",
	"<!--D16", "$D17$", `\D18`, "![D19](x)",
	"=cmd|' /C calc'!A0E1", "+E2", "-E3", "@SUM(1)E4", "\t=E5", "\r=E6", " =E7", "＝E8", "=E9,\"\n=E9",
	"]]>F1", "a%0a::error::F2", "a,b:F3", "..", "../../F4", "/etc/F5", "javascript:F6", "\xff\xfeF7", `"F8'`, "F9\x00",
}

// hostileData is a data set with a hostile name for each image, class and id, and
// findings about all of them.
func hostileData(t *testing.T) string {
	t.Helper()
	quoted := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var images, categories, annotations []string
	for i, name := range hostile {
		images = append(images, fmt.Sprintf(`{"id":%s,"file_name":%s,"width":640,"height":480}`, quoted(name), quoted(name)))
		categories = append(categories, fmt.Sprintf(`{"id":%d,"name":%s}`, i+1, quoted(name)))
		for k, width := range []int{0, 200, 201} { // empty, and two that are near duplicates
			annotations = append(annotations, fmt.Sprintf(`{"id":%s,"image_id":%s,"category_id":%d,"bbox":[10,10,%d,100],"area":1,"iscrowd":0}`,
				quoted(fmt.Sprint(name, k)), quoted(name), i+1, width))
		}
	}
	return fmt.Sprintf(`{"images":[%s],"categories":[%s],"annotations":[%s]}`,
		strings.Join(images, ","), strings.Join(categories, ","), strings.Join(annotations, ","))
}

// harmless reports what in an output could command a terminal or a CI server. Lines of
// own are the program's own commands.
func harmless(t *testing.T, name, out string, own *regexp.Regexp) {
	t.Helper()
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		for _, r := range line {
			if !unicode.IsPrint(r) && r != '\t' || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) {
				t.Errorf("%s: a line with %U: %q", name, r, line)
				break
			}
		}
		if strings.Contains(line, "##[") || strings.HasPrefix(strings.TrimSpace(line), "::") && (own == nil || !own.MatchString(line)) {
			t.Errorf("%s: a command: %q", name, line)
		}
	}
}

// ownCommand is a workflow command of the program's own.
var ownCommand = regexp.MustCompile(`^::(error|warning) (file=[^:,]*,line=[0-9]+,)?title=[^:,]*::`)

// TestHostileNames holds all names against all outputs: each is read back by a parser of
// its format, where there is one.
func TestHostileNames(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "data.json", hostileData(t))
	summary := filepath.Join(t.TempDir(), "summary.md")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	write(t, "focalaudit.yaml", "gate:\n  rules:\n    - each: class\n      fail_if: objects > 0\n    - fail_if: errors > 0\n")
	ran := analyze(t, "run", "data.json", "-o", "r", "--gate", "--github", "--sarif", "v.sarif", "--junit", "v.xml", "--json", "v.json")
	if ran.status != statusGate {
		t.Fatalf("status %d: %s", ran.status, ran.errw)
	}
	text := func(file string) string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	harmless(t, "terminal, with --github", ran.out, ownCommand)
	harmless(t, "errors", ran.errw, nil)
	show := func(table, format string) string {
		return analyze(t, "show", "r", table, "--format", format, "--limit", "-1").out
	}
	for _, table := range []string{"findings", "images", "classes", "objects"} {
		for _, format := range []string{"table", "csv", "json", "md"} {
			harmless(t, table+" as "+format, show(table, format), nil)
		}
	}
	harmless(t, "a file name first", analyze(t, "show", "r", "images", "--columns", "file_name,image_id", "--limit", "-1").out, nil)
	harmless(t, "a file name first, as CSV", analyze(t, "show", "r", "images", "--columns", "file_name", "--format", "csv", "--limit", "-1").out, nil)
	harmless(t, "trainers", analyze(t, "trainers", "data.json").out, nil)
	for i, name := range hostile { // as the id of a category: the summary tells the first that is no number
		id, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		file := fmt.Sprintf("id%d.json", i)
		write(t, file, fmt.Sprintf(`{"images":[{"id":1,"file_name":"a.jpg","width":640,"height":480}],"categories":[{"id":%s,"name":"a"}],
			"annotations":[{"id":1,"image_id":1,"category_id":%s,"bbox":[10,10,100,100]}]}`, id, id))
		ran := analyze(t, "run", file, "-o", "id")
		if !strings.Contains(strings.Join(strings.Fields(ran.out), " "), "is no whole number") {
			t.Errorf("%q is not told of: %s", name, ran.out)
		}
		harmless(t, "id "+name, ran.out, nil)
	}
	write(t, "none.json", `{"images":[{"id":1,"file_name":"a","width":640,"height":480}],"categories":[{"id":1,"name":"a"}],"annotations":[]}`)
	analyze(t, "run", "none.json", "-o", "none", "-q")
	for _, format := range []string{"text", "md", "json"} {
		harmless(t, "diff as "+format, analyze(t, "diff", "none", "r", "--format", format).out, nil)
	}
	harmless(t, "job summary", text(summary), nil)
	for _, file := range []string{"v.sarif", "v.xml", "v.json", filepath.Join("r", "summary.json")} {
		harmless(t, file, text(file), nil)
	}
	readSARIF(t, text("v.sarif"))
	readXML(t, text("v.xml"))
	readMarkdown(t, text(summary))
	readMarkdown(t, show("images", "md"))
	readMarkdown(t, show("findings", "md"))
	readCSV(t, show("classes", "csv"))
	readJSONRows(t, show("images", "json"))
	var verdict any
	if err := json.Unmarshal([]byte(text("v.json")), &verdict); err != nil {
		t.Error(err)
	}
}

// readSARIF: every uri is relative and below the root, whatever names say.
func readSARIF(t *testing.T, out string) {
	var log struct {
		Runs []struct {
			Results []struct {
				Locations []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Runs[0].Results) < len(hostile) {
		t.Errorf("SARIF: %d results", len(log.Runs[0].Results))
	}
	for _, r := range log.Runs[0].Results {
		uri := r.Locations[0].PhysicalLocation.ArtifactLocation.URI
		if u, err := url.Parse(uri); err != nil || u.IsAbs() || u.Host != "" || u.Path != "data.json" {
			t.Errorf("SARIF: uri %q, %v", uri, err)
		}
	}
}

// readXML: the document is XML to its end.
func readXML(t *testing.T, out string) {
	d := xml.NewDecoder(strings.NewReader(out))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("JUnit: %v", err)
			return
		}
	}
}

// live is what would be a tag, a link, a mention or a reference in Markdown.
var live = regexp.MustCompile("<|://|www\\.|[^\\\\]`|@[A-Za-z]|#[0-9]|GH-[0-9]|[^\\\\]~|[^\\\\]\\*|[^\\\\]\\[|&lt;b&gt;D3")

// readMarkdown: every row of a table has its number of cells, and no cell is markup.
func readMarkdown(t *testing.T, out string) {
	cell := regexp.MustCompile(`[^\\]\|`) // ends one
	columns := 0
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := len(cell.FindAllString(strings.ReplaceAll(line, `\\`, "--"), -1))
		if strings.HasPrefix(line, "|--") {
			continue
		}
		if columns == 0 {
			columns = n
		}
		if n != columns {
			t.Errorf("Markdown: %d cells in place of %d: %q", n, columns, line)
		}
		if found := live.FindString(strings.ReplaceAll(line, "&#8203;", "-")); found != "" {
			t.Errorf("Markdown: %q is live in %q", found, line)
		}
	}
}

// readCSV: no cell begins a formula but for numbers, and all names are there.
func readCSV(t *testing.T, out string) {
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(hostile)+1 {
		t.Errorf("CSV: %d rows for %d classes", len(rows), len(hostile))
	}
	negative := regexp.MustCompile(`^-[0-9.e+-]+$`)
	for _, row := range rows {
		for _, c := range row {
			if c = strings.TrimSpace(c); c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") && !negative.MatchString(c) || strings.HasPrefix(c, "＝") {
				t.Errorf("CSV: a formula: %q", c)
			}
		}
	}
}

// readJSONRows: a program reads the names as they are.
func readJSONRows(t *testing.T, out string) {
	var rows []struct {
		File string `json:"file_name"`
	}
	if err := json.NewDecoder(bytes.NewReader([]byte(out))).Decode(&rows); err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if want := strings.ToValidUTF8(hostile[i], "\ufffd"); r.File != want && utf8.ValidString(hostile[i]) {
			t.Errorf("JSON: %q in place of %q", r.File, want)
		}
	}
}
