package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/shards"
)

// metricsOf runs the audit and returns the metrics of its report, by scores and name.
func metricsOf(t *testing.T, path string) map[string]map[string]any {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	analyze(t, "run", path, "-q", "-o", dir).expect(t, statusFine)
	data, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s struct{ Metrics map[string]map[string]any }
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s.Metrics
}

// TestShardsAddUp: the counts of the shards, each audited alone, add up to those of the file, and all of
// them together have its metrics, sums of losses included, bit for bit.
func TestShardsAddUp(t *testing.T) {
	if _, err := os.Stat("../../../shared/data"); err != nil {
		t.Skipf("../shared/data is not here: %v", err)
	}
	packed := filepath.Join(t.TempDir(), "val.json.gz")
	for _, file := range []string{
		"../../../shared/data/coco/instances_val2014_100.json", "../../../shared/data/taco/annotations.json", packed,
	} {
		if file == packed {
			pack(t, "../../../shared/data/coco/instances_val2014_100.json", packed)
		}
		whole := metricsOf(t, file)
		dir := filepath.Join(t.TempDir(), "shards")
		analyze(t, "split", file, "-n", "7", "-o", dir).expect(t, statusFine, "7 shards")
		sums := map[string]float64{}
		files, err := coco.Find([]string{dir}, nil, nil)
		if err != nil || len(files) != 7 {
			t.Fatalf("%d shards, %v", len(files), err)
		}
		for _, f := range files {
			for name, value := range metricsOf(t, f.Path)["prior"] {
				if n, ok := value.(float64); ok {
					sums[name] += n
				}
			}
		}
		for _, name := range []string{
			"images", "annotations", "objects", "anchors", "positives", "negatives", "ignored", "objects_without_positive",
			"objects_rescued", "images_without_positive",
		} {
			if sums[name] != whole["prior"][name] {
				t.Errorf("%s: %s of the shards: %v, of the file: %v", file, name, sums[name], whole["prior"][name])
			}
		}
		if together := metricsOf(t, dir); !reflect.DeepEqual(together, whole) {
			t.Errorf("%s: the shards together:\n%v\nthe file:\n%v", file, together, whole)
		}
		again := filepath.Join(t.TempDir(), "shards")
		analyze(t, "split", file, "-n", "7", "-j", "1", "-q", "-o", again).expect(t, statusFine)
		one, err := shards.Table(dir)
		other, err2 := shards.Table(again)
		if err != nil || err2 != nil || !reflect.DeepEqual(one, other) {
			t.Errorf("%s: other shards with one worker: %v, %v", file, one, other)
		}
	}
}

// pack compresses a file.
func pack(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, to, out.String())
}

// TestSplitTells: what is written, and each record that has no place of its own: where it is, what is odd and
// which shard has it.
func TestSplitTells(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "a.json", `{"info": {"x": [1.50, "\u00e9"]},
"annotations": [
 {"id": 7, "image_id": 2, "category_id": 1, "bbox": [1, 1, 5.0, 5], "mine": 1e2},
 {"id": 8, "image_id": 99, "category_id": 1, "bbox": [1, 1, 5, 5]},
 17
],
"images": [{"id": 1, "file_name": "a.jpg", "width": 50, "height": 50}, {"id": 2, "width": 50, "height": 50},
 {"id": 3, "width": 50, "height": 50}, {"id": 1, "file_name": "b.jpg", "width": 50, "height": 50}],
"categories": [{"id": 1, "name": "cat"}]}
`)
	analyze(t, "split", "a.json", "-n", "2", "-o", "s").expect(t, statusFine,
		"read     a.json: 4 images, 3 annotations\n",
		"written  s: 2 shards of 1 to 3 images, a-00001-of-00002.json to a-00002-of-00002.json\n",
		"table    s/shards.csv\n",
		"odd      3 records, kept as they are:\n",
		"         byte 134, line 4: annotation 8: image_id is 99, expected the id of an image in the file; in a-00002-of-00002.json\n",
		"         byte 202, line 5: an element of annotations is 17, expected an object; in a-00002-of-00002.json\n",
		"image 1: an earlier image has the same id; this one goes along with it; in a-00001-of-00002.json\n",
		"then     analyze run s -o report\n")
	for name, want := range map[string]string{
		"a-00001-of-00002.json": `{"info": {"x": [1.50, "\u00e9"]},
"annotations": [
 {"id": 7, "image_id": 2, "category_id": 1, "bbox": [1, 1, 5.0, 5], "mine": 1e2}
],
"images": [{"id": 1, "file_name": "a.jpg", "width": 50, "height": 50}, {"id": 2, "width": 50, "height": 50}, ` +
			`{"id": 1, "file_name": "b.jpg", "width": 50, "height": 50}],
"categories": [{"id": 1, "name": "cat"}]}
`,
		"a-00002-of-00002.json": `{"info": {"x": [1.50, "\u00e9"]},
"annotations": [
 {"id": 8, "image_id": 99, "category_id": 1, "bbox": [1, 1, 5, 5]},
 17
],
"images": [{"id": 3, "width": 50, "height": 50}],
"categories": [{"id": 1, "name": "cat"}]}
`,
	} {
		if got, err := os.ReadFile(filepath.Join("s", name)); err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}

// TestSplitReplacesShardsOnly: shards are replaced as long as they are as they were written; nothing else is, and
// what fails leaves all as it was.
func TestSplitReplacesShardsOnly(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "a.json", equalBoxes(3))
	write(t, "broken.json", equalBoxes(3)[:100])
	write(t, "list.json", `[{"image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "score": 1}]`)
	analyze(t, "split", "a.json", "-n", "3", "-o", "s").expect(t, statusFine)
	analyze(t, "split", "a.json", "-n", "2", "-o", "s").expect(t, statusFine, "2 shards")
	table := "a-00001-of-00002.json a-00002-of-00002.json shards.csv"
	names := func() string {
		entries, err := os.ReadDir("s")
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, e := range entries {
			list = append(list, e.Name())
		}
		return strings.Join(list, " ")
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"broken.json", "-n", "2", "-o", "s"}, "err:broken.json:"},
		{[]string{"list.json", "-n", "2", "-o", "s"}, "err:list.json: expected COCO annotations, found a list of COCO results"},
		{[]string{"none.json", "-n", "2", "-o", "s"}, "err:none.json"},
		{[]string{".", "-n", "2", "-o", "s"}, "err:. is a directory, expected one annotation file"},
		{[]string{"s/a-00001-of-00002.json", "-n", "2", "-o", "s"}, "err:-o s holds s/a-00001-of-00002.json, which is read"},
		{[]string{"a.json", "-n", "0", "-o", "s"}, "err:--shards 0: expected 1 to 10,000"},
		{[]string{"a.json", "-o", "s"}, "err:-n: say how many shards"},
		{[]string{"a.json", "-n", "2"}, "err:-o: name a directory"},
		{[]string{"a.json", "-n", "2", "-o", "."}, "err:-o . holds a.json, which is read"},
	} {
		analyze(t, append([]string{"split"}, c.args...)...).expect(t, statusTrouble, c.want)
	}
	if got := names(); got != table {
		t.Errorf("s holds %s, expected %s", got, table)
	}
	write(t, "s/notes.txt", "mine")
	analyze(t, "split", "a.json", "-n", "2", "-o", "s").expect(t, statusTrouble, "err:s is not empty and not just the shards")
	if err := os.Remove("s/notes.txt"); err != nil {
		t.Fatal(err)
	}
	was, err := os.ReadFile("s/a-00001-of-00002.json")
	if err != nil {
		t.Fatal(err)
	}
	write(t, "s/a-00001-of-00002.json", strings.Replace(string(was), "1", "2", 1))
	analyze(t, "split", "a.json", "-n", "2", "-o", "s").expect(t, statusTrouble, "err:was changed since it was written")
	write(t, "mine/x.json", equalBoxes(3))
	analyze(t, "split", "a.json", "-n", "2", "-o", "mine").expect(t, statusTrouble, "err:mine is not empty")
}

// TestSplitNamesKeptLabels: the list of kept labels beside a file is named, and the command that is printed takes it, for
// a run on the shards and for a merge of their parts. A file of its name that is another's is not.
func TestSplitNamesKeptLabels(t *testing.T) {
	t.Chdir(t.TempDir())
	const print = "0c6f7c1d9a5e4b32a1b0c9d8"
	write(t, "d/a.json", equalBoxes(3))
	analyze(t, "split", "d/a.json", "-n", "2", "-o", "none").expect(t, statusFine, "-o report\n")
	write(t, "d/reviewed.yaml", "images: []\n")
	analyze(t, "split", "d/a.json", "-n", "2", "-o", "none").expect(t, statusFine, "-o report\n")
	write(t, "d/reviewed.yaml", "gate:\n  reviewed:\n    - "+print+"\n")
	for _, c := range [][]string{{"-q"}, nil} {
		got := analyze(t, append([]string{"split", "d/a.json", "-n", "2", "-o", "s"}, c...)...)
		if got.status != statusFine || !strings.HasPrefix(got.errw, "analyze: kept labels not split: d/reviewed.yaml: ") {
			t.Errorf("status %d: %s", got.status, got.errw)
		}
		if then := "then     analyze run s -o report --config d/reviewed.yaml\n"; c == nil && !strings.HasSuffix(got.out, then) {
			t.Errorf("got %s, want %s", got.out, then)
		}
	}
	analyze(t, "run", "s", "-o", "report", "--config", "d/reviewed.yaml").expect(t, statusFine)
	for _, k := range []string{"1", "2"} {
		analyze(t, "run", "s/a-0000"+k+"-of-00002.json", "--part", "-o", "part"+k).expect(t, statusFine)
	}
	analyze(t, "merge", "part1", "part2", "-o", "merged", "--config", "d/reviewed.yaml").expect(t, statusFine)
	for _, dir := range []string{"report", "merged"} {
		summary, err := os.ReadFile(filepath.Join(dir, "summary.json"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(summary), print) {
			t.Errorf("%s does not have the kept label", dir)
		}
	}
}
