package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
)

// records is an array of a COCO file, with numbers as they stand.
type records = []map[string]any

// world is a data set with detections, by the names of its annotation files.
type world struct {
	files      map[string]map[string]records
	detections records
}

// keysOfArrays are the arrays of a COCO file.
var keysOfArrays = []string{"images", "annotations", "categories"}

func decodeInto(t *testing.T, file string, v any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		t.Fatal(err)
	}
}

// load reads annotation files and detections of them.
func load(t *testing.T, detections string, files ...string) *world {
	t.Helper()
	w := &world{files: map[string]map[string]records{}}
	decodeInto(t, detections, &w.detections)
	for _, file := range files {
		var keys map[string]json.RawMessage
		decodeInto(t, file, &keys)
		arrays := map[string]records{}
		for _, key := range keysOfArrays {
			d := json.NewDecoder(bytes.NewReader(keys[key]))
			d.UseNumber()
			var of records
			if err := d.Decode(&of); err != nil {
				t.Fatal(err)
			}
			arrays[key] = of
		}
		w.files[filepath.Base(file)] = arrays
	}
	return w
}

// clone returns a copy that may be changed.
func (w *world) clone(t *testing.T) *world {
	t.Helper()
	out := &world{files: map[string]map[string]records{}}
	again := func(from, to any) {
		text, err := json.Marshal(from)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(to); err != nil {
			t.Fatal(err)
		}
	}
	again(w.files, &out.files)
	again(w.detections, &out.detections)
	return out
}

// audit runs the audit on the world, with its detections if they are asked.
func (w *world) audit(t *testing.T, detect bool) *analysis.Result {
	t.Helper()
	dir := t.TempDir()
	put := func(name string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		testrun.Write(t, filepath.Join(dir, name), string(text))
	}
	var files []string
	for name, arrays := range w.files {
		put(name, arrays)
		files = append(files, filepath.Join(dir, name))
	}
	put("detections", w.detections)
	if !detect {
		return testrun.Run(t, testrun.Read(t, files...), testrun.Config(t, "retinanet-torchvision"))
	}
	d, c := testrun.Read(t, files...), testrun.Config(t, "retinanet-torchvision")
	return testrun.Detected(t, d, c, "detections:"+filepath.Join(dir, "detections"))
}

// unequal leaves out annotations whose box an earlier one of the image has: trainers give the
// anchors of both to the one that is first in the file.
func (w *world) unequal() {
	for _, arrays := range w.files {
		seen := map[string]bool{}
		arrays["annotations"] = slices.DeleteFunc(arrays["annotations"], func(r map[string]any) bool {
			key := fmt.Sprint(r["image_id"], r["bbox"])
			had := seen[key]
			seen[key] = true
			return had
		})
	}
}

// change is something done to a world, and what follows of it.
type change struct {
	name   string
	apply  func(t *testing.T, w *world, rng *rand.Rand)
	forget string                                         // the columns that may change, as TABLE.COLUMN or COLUMN
	follow func(table, column string, v any) any          // what a value of the first run becomes; nil: itself
	only   func(table string, row map[string]string) bool // the rows that are compared; nil: all

	// plain leaves the detector out. It learns from errors that are put in by a seed, object by
	// object, so that its scores depend on their order.
	plain bool
}

// each calls f with every record of an array of every file.
func (w *world) each(key string, f func(map[string]any)) {
	for _, arrays := range w.files {
		for _, r := range arrays[key] {
			f(r)
		}
	}
}

const newName, newEnd = "elsewhere/", ".webp"

func renamed(v any) any {
	name, _ := v.(string)
	if name == "" {
		return v
	}
	return newName + strings.TrimSuffix(name, filepath.Ext(name)) + newEnd
}

// renumbered keeps the order of ids, and makes others of them.
func renumbered(v any) any {
	n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	if err != nil {
		return v
	}
	return json.Number(strconv.FormatInt(3*n+17, 10))
}

func renumber(r map[string]any, keys ...string) {
	for _, k := range keys {
		if v, ok := r[k]; ok {
			r[k] = renumbered(v)
		}
	}
}

var changes = []change{
	{
		name:  "permuted",
		plain: true,
		apply: func(_ *testing.T, w *world, rng *rand.Rand) {
			for _, name := range slices.Sorted(func(yield func(string) bool) {
				for name := range w.files {
					if !yield(name) {
						return
					}
				}
			}) {
				for _, key := range keysOfArrays {
					of := w.files[name][key]
					rng.Shuffle(len(of), func(i, k int) { of[i], of[k] = of[k], of[i] })
				}
			}
			rng.Shuffle(len(w.detections), func(i, k int) {
				w.detections[i], w.detections[k] = w.detections[k], w.detections[i]
			})
		},
		forget: "byte_offset line rank",
	},
	{
		name: "images renamed",
		apply: func(_ *testing.T, w *world, _ *rand.Rand) {
			w.each("images", func(r map[string]any) { r["file_name"] = renamed(r["file_name"]) })
		},
		forget: "byte_offset line fingerprint message",
		follow: func(_, column string, v any) any {
			if column == "file_name" {
				return renamed(v)
			}
			return v
		},
	},
	{
		name: "ids renumbered",
		apply: func(_ *testing.T, w *world, _ *rand.Rand) {
			w.each("images", func(r map[string]any) { renumber(r, "id") })
			w.each("annotations", func(r map[string]any) { renumber(r, "id", "image_id", "category_id") })
			w.each("categories", func(r map[string]any) { renumber(r, "id") })
			for _, r := range w.detections {
				renumber(r, "image_id", "category_id")
			}
		},
		forget: "byte_offset line message",
		only: func(_ string, row map[string]string) bool { // the name of such a class has its id
			return !strings.Contains(row["class"]+row["other_class"]+row["scope_name"], "(undeclared)")
		},
		follow: func(_, column string, v any) any {
			if slices.Contains(strings.Fields("image_id image_id_int annotation_id annotation_id_int other_annotation_id"), column) {
				return renumbered(v)
			}
			return v
		},
	},
}

// cellsOf returns the rows of every table, by column.
func cellsOf(t *testing.T, r *analysis.Result) map[string][]map[string]any {
	t.Helper()
	out := map[string][]map[string]any{}
	add := func(name string, row reflect.Value) {
		cells := map[string]any{}
		for i := range row.NumField() {
			column, _, _ := strings.Cut(row.Type().Field(i).Tag.Get("parquet"), ",")
			v := row.Field(i)
			if v.Kind() == reflect.Pointer {
				if v.IsNil() {
					cells[column] = nil
					continue
				}
				v = v.Elem()
			}
			cells[column] = v.Interface()
		}
		out[name] = append(out[name], cells)
	}
	collect(add, "images", images(r))
	collect(add, "objects", readBack[objectRow](t, "objects", r))
	collect(add, "image_losses", imageLosses(r))
	collect(add, "losses", losses(r))
	collect(add, "shapes", shapes(r))
	collect(add, "classes", classes(r))
	collect(add, perSource, sourceClasses(r))
	collect(add, "findings", readBack[findingRow](t, "findings", r))
	collect(add, "curves", curves(r))
	collect(add, "whatifs", whatIfs(r))
	collect(add, "exposure", exposure(r))
	collect(add, "noise", noise(r))
	collect(add, "distributions", distributions(r))
	return out
}

func collect[T any](add func(string, reflect.Value), name string, rows iter.Seq[T]) {
	for row := range rows {
		add(name, reflect.ValueOf(row))
	}
}

// texts returns the rows of a table as sorted texts, as a change has them; with follow, what the
// rows of the first run become.
func (c *change) texts(table string, rows []map[string]any, follow bool) []string {
	forget := strings.Fields(c.forget)
	var out []string
	for _, row := range rows {
		cells := map[string]string{}
		for column, v := range row {
			if slices.Contains(forget, column) || slices.Contains(forget, table+"."+column) {
				continue
			}
			if follow && c.follow != nil {
				v = c.follow(table, column, v)
			}
			v = place(table, column, v)
			cells[column] = fmt.Sprint(v)
		}
		if c.only == nil || c.only(table, cells) {
			out = append(out, fmt.Sprint(cells)) // maps are printed by key
		}
	}
	slices.Sort(out)
	return out
}

// check holds the tables of a changed world against those of the first.
func (c *change) check(t *testing.T, before, after *analysis.Result) {
	t.Helper()
	old, now := cellsOf(t, before), cellsOf(t, after)
	for table := range old {
		want, got := c.texts(table, old[table], true), c.texts(table, now[table], false)
		if slices.Equal(want, got) {
			continue
		}
		shown := 0
		for _, row := range want {
			if _, both := slices.BinarySearch(got, row); !both && shown < 3 {
				t.Errorf("%s: lacks %s", table, row)
				shown++
			}
		}
		for _, row := range got {
			if _, both := slices.BinarySearch(want, row); !both && shown < 6 {
				t.Errorf("%s: has   %s", table, row)
				shown++
			}
		}
		if shown == 0 {
			t.Errorf("%s: rows are repeated otherwise", table)
		}
	}
}

// place takes the places of records, and the examples, out of messages.
func place(_, column string, v any) any {
	if column == "message" {
		return recordPlace.ReplaceAllString(fmt.Sprint(v), "somewhere")
	}
	return v
}

// recordPlace is a place, or the example of a finding about a source, which is its first record.
var recordPlace = regexp.MustCompile(`byte \d+, line \d+|\((image [^,;)]*, )?byte [^)]*\)|such as \S+ \S+`)

// exchanged is the change that gives two classes each other's name.
func exchanged(a, b string) change {
	swap := func(v any) any {
		switch v {
		case a:
			return b
		case b:
			return a
		}
		return v
	}
	return change{
		name: "classes exchanged",
		apply: func(_ *testing.T, w *world, _ *rand.Rand) {
			w.each("categories", func(r map[string]any) { r["name"] = swap(r["name"]) })
		},
		forget: "byte_offset line fingerprint message rank classes.findings",
		only: func(_ string, row map[string]string) bool { // of two classes, the later one is told
			return row["code"] != "class-conflict"
		},
		follow: func(table, column string, v any) any {
			if column == "class" || column == "other_class" || column == "detection_class" || table == "losses" && column == "scope_name" {
				return swap(v)
			}
			return v
		},
	}
}

// split is the change that divides a world of one file into two. Findings about a file, or
// about all images of a file, are other ones then.
func split() change {
	return change{
		name:  "split",
		plain: true,
		apply: func(t *testing.T, w *world, _ *rand.Rand) {
			for name, arrays := range w.files {
				first := map[string]bool{}
				parts := [2]map[string]records{}
				for i := range parts {
					parts[i] = map[string]records{"categories": arrays["categories"], "images": {}, "annotations": {}}
				}
				for i, r := range arrays["images"] {
					first[fmt.Sprint(r["id"])] = i%2 == 0
					parts[i%2]["images"] = append(parts[i%2]["images"], r)
				}
				for _, r := range arrays["annotations"] {
					i := 1
					if first[fmt.Sprint(r["image_id"])] {
						i = 0
					}
					parts[i]["annotations"] = append(parts[i]["annotations"], r)
				}
				delete(w.files, name)
				w.files["one-"+name], w.files["two-"+name] = parts[0], parts[1]
				break
			}
		},
		forget: "byte_offset line rank source message classes.findings",
		only: func(table string, row map[string]string) bool {
			if table == "findings" {
				e, _ := findings.Lookup(row["code"])
				return row["annotation_id"] != "<nil>" && e.About == findings.AboutAnnotation
			}
			return table != "distributions" && table != perSource && row["scope"] != "source"
		},
	}
}

// TestWhatMustFollowFollows: the order of records, ids, names of images and of classes, and the
// division into files change nothing but what they name.
func TestWhatMustFollowFollows(t *testing.T) {
	worlds := map[string]*world{"sample": load(t, testrun.Detections,
		filepath.Join(testrun.Sample, "harbour.json"), filepath.Join(testrun.Sample, "street.json"))}
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		gt, dt := testrun.World(t, seed, 12)
		worlds[fmt.Sprintf("world %d", seed)] = load(t, dt, gt)
	}
	for name, w := range worlds {
		w.unequal()
		before := map[bool]*analysis.Result{false: w.clone(t).audit(t, false), true: w.clone(t).audit(t, true)}
		all := slices.Clone(changes)
		if classes := before[false].Data.Classes; len(classes) > 1 {
			all = append(all, exchanged(classes[0].Name, classes[1].Name))
		}
		if len(w.files) == 1 {
			all = append(all, split())
		}
		for _, c := range all {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				after := w.clone(t)
				c.apply(t, after, rand.New(rand.NewPCG(1, 2)))
				c.check(t, before[!c.plain], after.audit(t, !c.plain))
			})
		}
	}
}

// TestFingerprintsOfTwoRecords: a finding about two records has one fingerprint, whichever of
// them is first in the file, so that a waiver or a baseline holds for both orders.
func TestFingerprintsOfTwoRecords(t *testing.T) {
	for code, pair := range map[string][2]string{
		"class-conflict": {`"id":1,"category_id":1,"bbox":[100,100,200,200]`, `"id":2,"category_id":2,"bbox":[103,101,199,200]`},
		"near-duplicate": {`"id":1,"category_id":1,"bbox":[100,100,200,200]`, `"id":2,"category_id":1,"bbox":[103,101,199,200]`},
	} {
		var prints [2]string
		for order := range prints {
			a, b := `{"image_id":1,`+pair[order]+`}`, `{"image_id":1,`+pair[1-order]+`}`
			d := testrun.Read(t, testrun.OneImage(t, a+","+b))
			r := testrun.Run(t, d, testrun.Config(t, "retinanet-torchvision"))
			for row := range readBack[findingRow](t, "findings", r) {
				if row.Code == code {
					prints[order] += row.Fingerprint
				}
			}
		}
		if prints[0] != prints[1] || prints[0] == "" {
			t.Errorf("%s: got %q in one order, %q in the other", code, prints[0], prints[1])
		}
	}
}
