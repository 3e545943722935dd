package coco

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

// singleOf is a file of one image, with annotations as they stand.
func singleOf(id int, annotations ...string) string {
	return fmt.Sprintf(`{"image": {"image_id": %d, "width": 100, "height": 80, "file_name": "sa_%d.jpg"}, "annotations": [%s]}`,
		id, id, strings.Join(annotations, ", "))
}

// fine is an annotation of SA-1B's form.
func fine(id int) string {
	return fmt.Sprintf(`{"bbox": [10, 10, 20, 20], "area": 400, "segmentation": {"size": [80, 100], "counts": "1"}, `+
		`"predicted_iou": 0.9, "point_coords": [[1, 2]], "crop_box": [0, 0, 100, 80], "id": %d, "stability_score": 0.97}`, id)
}

// put writes files into a directory.
func put(t interface{ Fatal(...any) }, dir string, files map[string]string) {
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// archived writes a tar archive of files, in an order of their names.
func archived(t interface{ Fatal(...any) }, path string, files map[string]string, names ...string) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, name := range names {
		h := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(files[name])), Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Dir(path), map[string]string{filepath.Base(path): out.String()})
}

// found reads what stands at paths.
func found(t interface{ Fatal(...any) }, workers int, paths ...string) *dataset.Dataset {
	files, err := Find(paths, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Read(context.Background(), Together(files), Options{Workers: workers, Outlines: true})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// messages are the codes and messages of a source's flaws.
func messages(s *dataset.Source) (list []string) {
	for _, f := range s.Flaws {
		list = append(list, f.Code+": "+f.Message)
	}
	return list
}

// TestSinglesAreOneSource: a directory and an archive, whatever the order in it, are one source with the images in the
// order of the files' names; offsets, bytes and hash are those of the files one behind the other.
func TestSinglesAreOneSource(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"sa_1.json": singleOf(1, fine(5), fine(6)), "sa_10.json": singleOf(10, fine(5)), "sa_2.json": singleOf(2),
	}
	put(t, filepath.Join(dir, "sa_000000"), files)
	put(t, filepath.Join(dir, "sa_000000"), map[string]string{"sa_1.jpg": "picture"})
	inside := map[string]string{"./sa_1.jpg": "picture", "./._sa_1.json": "\x00\x05\x16\x07"}
	for name, text := range files {
		inside["./"+name] = text
	}
	archived(t, filepath.Join(dir, "sa_000000.tar"), inside, "./sa_1.jpg", "./sa_2.json", "./._sa_1.json", "./sa_10.json",
		"./sa_1.json")
	d := found(t, 1, dir)
	if len(d.Sources) != 2 || len(d.Classes) != 1 || d.Classes[0].Name != "object" || len(d.Refused)+len(d.Skipped) > 0 {
		t.Fatalf("%+v", d)
	}
	one, two := d.Sources[0], d.Sources[1]
	if one.Name != "sa_000000" || two.Name != "sa_000000.tar" {
		t.Errorf("names %q and %q", one.Name, two.Name)
	}
	two.Name = one.Name
	if !reflect.DeepEqual(one, two) {
		t.Errorf("the directory:\n%+v\nthe archive:\n%+v", one, two)
	}
	all := files["sa_1.json"] + files["sa_10.json"] + files["sa_2.json"]
	sum := sha256.Sum256([]byte(all))
	if one.Bytes != int64(len(all)) || one.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("%d bytes, SHA-256 %s", one.Bytes, one.SHA256)
	}
	var ids []string
	for _, im := range one.Images {
		ids = append(ids, im.ID.String())
		if !strings.HasPrefix(all[im.Offset:], fmt.Sprintf(`{"image_id": %s,`, im.ID)) {
			t.Errorf("image %s is not at byte %d", im.ID, im.Offset)
		}
		for _, o := range one.Objects[im.First:im.Last] {
			if !strings.HasPrefix(all[o.Offset:], `{"bbox"`) || o.LeftOut != dataset.InUse || o.Class != 0 {
				t.Errorf("annotation %s of image %s: %+v", o.ID, im.ID, o)
			}
		}
	}
	if want := []string{"1", "10", "2"}; !slices.Equal(ids, want) || len(one.Objects) != 3 {
		t.Errorf("images %v, %d objects", ids, len(one.Objects))
	}
	// Annotation 5 of one file and 5 of another are no repeated id; masks as text and no iscrowd are the form's own.
	want := []string{`class-absent: 3 annotations name no category, as in files of one image each: ` +
		`all of them count as one class, "object"`}
	if got := messages(&one); !slices.Equal(got, want) {
		t.Errorf("flaws %q", got)
	}
	for k, tally := range one.Traits {
		if tally.N > 0 {
			t.Errorf("trait %d: %+v", k, tally)
		}
	}
	if again := found(t, 3, dir); !reflect.DeepEqual(again, d) {
		t.Error("another data set with three workers")
	}
}

// TestSinglesAreWhatCOCOSays: objects of files of one image each are those of a COCO file with the same records, the
// image's id and the one category added.
func TestSinglesAreWhatCOCOSays(t *testing.T) {
	root := t.TempDir()
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		dir := filepath.Join(root, fmt.Sprint(round))
		files := map[string]string{}
		var images, annotations []string
		for i := range rapid.IntRange(1, 5).Draw(t, "images") {
			var of []string
			for range rapid.IntRange(0, 4).Draw(t, "annotations") {
				var fields []string
				add := func(key, value string) {
					if rapid.IntRange(0, 9).Draw(t, "there") > 0 {
						fields = append(fields, fmt.Sprintf("%q: %s", key, value))
					}
				}
				number := rapid.SampledFrom([]string{"0", "5", "-3", "17.25", "90"})
				add("bbox", fmt.Sprintf("[%s, 1, %s, 30]", number.Draw(t, "x"), number.Draw(t, "w")))
				add("id", fmt.Sprint(len(annotations)+1))
				add("area", number.Draw(t, "area"))
				add("segmentation", rapid.SampledFrom([]string{`[[1, 2, 30, 2, 30, 40]]`, `[]`, `{"size": [3, 4], "counts": [4, 2, 1, 1, 4]}`}).
					Draw(t, "segmentation"))
				of = append(of, "{"+strings.Join(fields, ", ")+"}")
				annotations = append(annotations, "{"+strings.Join(append(fields, fmt.Sprintf(
					`"image_id": %d, "category_id": 1, "iscrowd": 0`, i)), ", ")+"}")
			}
			files[fmt.Sprintf("%02d.json", i)] = singleOf(i, of...)
			images = append(images, fmt.Sprintf(`{"id": %d, "width": 100, "height": 80, "file_name": "sa_%d.jpg"}`, i, i))
		}
		put(t, filepath.Join(dir, "singles"), files)
		put(t, dir, map[string]string{"coco.json": file(strings.Join(images, ", "), strings.Join(annotations, ", "),
			`{"id": 1, "name": "object"}`)})
		singles, coco := found(t, 1, filepath.Join(dir, "singles")), found(t, 1, filepath.Join(dir, "coco.json"))
		if len(singles.Refused)+len(coco.Refused) > 0 || len(coco.Sources) == 0 {
			return // no annotation with a box: no COCO file of boxes
		}
		a, b := &singles.Sources[0], &coco.Sources[0]
		if len(a.Images) != len(b.Images) || len(a.Objects) != len(b.Objects) {
			t.Fatalf("%d images and %d objects, COCO %d and %d", len(a.Images), len(a.Objects), len(b.Images), len(b.Objects))
		}
		for i := range a.Images {
			p, q := a.Images[i], b.Images[i]
			p.Offset, p.Line, q.Offset, q.Line = 0, 0, 0, 0
			if p != q {
				t.Fatalf("%+v, COCO %+v", p, q)
			}
		}
		for i := range a.Objects {
			p, q := a.Objects[i], b.Objects[i]
			p.Offset, p.Line, q.Offset, q.Line = 0, 0, 0, 0
			if singles.ClassName(p.Class) != coco.ClassName(q.Class) {
				t.Fatalf("class %s, COCO %s", singles.ClassName(p.Class), coco.ClassName(q.Class))
			}
			if !reflect.DeepEqual(p, q) {
				t.Fatalf("%+v, COCO %+v", p, q)
			}
		}
	})
}

// TestBrokenSingleCostsNoOther: of 1,000 files one is cut off. It is told by name and byte.
func TestBrokenSingleCostsNoOther(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{}
	for i := range 1000 {
		files[fmt.Sprintf("sa_%04d.json", i)] = singleOf(i, fine(i))
	}
	files["sa_0499.json"] = files["sa_0499.json"][:130]
	put(t, dir, files)
	d := found(t, 2, dir)
	if len(d.Sources) != 1 || len(d.Sources[0].Images) != 999 || len(d.Sources[0].Objects) != 999 {
		t.Fatalf("%d sources, refused %v", len(d.Sources), d.Refused)
	}
	got := messages(&d.Sources[0])
	want := `file-broken: sa_0499.json:1:131 (byte 130): expected the end of the string, found end of file; the file is left out`
	if len(got) != 2 || got[1] != want {
		t.Errorf("flaws %q, expected %q", got, want)
	}
}

// TestBrokenSingles: what is wrong with a file beside one that is fine, or with a record in it.
func TestBrokenSingles(t *testing.T) {
	image := `"image": {"image_id": 2, "width": 100, "height": 80, "file_name": "b.jpg"}`
	for _, c := range []struct{ text, want string }{
		{"", `file-broken: b.json:1:1 (byte 0): expected an object with image and annotations, found end of file; the file is left out`},
		{"not JSON", `file-broken: b.json:1:1 (byte 0): expected an object with image and annotations, found "n"; the file is left out`},
		{"version https://git-lfs", `file-broken: b.json:1:1 (byte 0): expected an object with image and annotations, found "v"; the file is left out`},
		{"{" + image + "}", `file-broken: b.json: expected an object with image and annotations; the file is left out`},
		{"{" + image + `, "annotations": {}}`, `file-broken: b.json:1:93 (byte 92): expected a list of annotations, found "{"; the file is left out`},
		{"{" + image + `, "annotations": []} {}`, `file-broken: b.json:1:97 (byte 96): expected end of file, found "{"; the file is left out`},
		{"{" + image + `, "annotations": [], "annotations": []}`, `file-broken: b.json:1:112 (byte 111): expected one list of annotations, found "["; the file is left out`},
		{`{"image": {"width": 100, "height": 80}, "annotations": []}`,
			`file-broken: b.json, byte 10: image_id is missing, expected the image's id; the file is left out`},
		{singleOf(1), `file-broken: b.json, byte 10: image_id is 1, which is that of a.json too, expected ids that differ; the file is left out`},
		{"\x1f\x8b\x08", `file-broken: b.json: the gzip data is cut off after 3 bytes of the file: export or fetch it again; the file is left out`},
		{`{"image": {"image_id": 2, "file_name": "b.jpg"}, "annotations": []}`,
			`image-size-missing: b.json, byte 10: image 2: width is missing, height is missing, expected whole numbers from 1 to 16777215; its annotations are left out`},
		{"{" + image + `, "annotations": [7]}`, `record-not-object: b.json, byte 93: an element of annotations is 7, expected an object`},
		{"{" + image + ",\n" + ` "annotations": [{"id": 3, "bbox": [1, 1, 0, 5]}]}`,
			`box-empty: b.json, byte 94: annotation 3: bbox has width 0, expected > 0`},
		{"{" + image + `, "annotations": [{"id": 3, "bbox": [1, 1, 4, 5], "category_id": 9}]}`,
			`category-unknown: b.json, byte 93: annotation 3: category_id is 9, expected the id of a category in the file`},
	} {
		dir := t.TempDir()
		put(t, dir, map[string]string{"a.json": singleOf(1, fine(1)), "b.json": c.text, "c.json": singleOf(3, fine(2))})
		d := found(t, 1, dir)
		if len(d.Sources) != 1 || len(d.Sources[0].Images) < 2 || len(d.Sources[0].Objects) < 2 {
			t.Errorf("%s: %d sources, refused %v", c.text, len(d.Sources), d.Refused)
			continue
		}
		if got := messages(&d.Sources[0]); !slices.Contains(got, c.want) {
			t.Errorf("%s: flaws\n%s\nexpected\n%s", c.text, strings.Join(got, "\n"), c.want)
		}
	}
}

// TestSinglesBesideOthers: COCO files and JSON of other kinds in the same directory are read, or passed over, as if the files of
// one image each were not there.
func TestSinglesBesideOthers(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{
		"a/one.json": singleOf(1, fine(1)), "a/two.json": singleOf(2, fine(2)), "a/coco.json": file("", ann(""), ""),
		"a/meta.json": `{"image": "x.jpg"}`, "a/list.json": "[]", "b/one.json": singleOf(1, fine(1)), "b/broken.json": "{",
		"c/broken.json": "{",
	})
	put(t, dir, map[string]string{"d/a.json": `{"annotations": [` + ann("") + `], "images": [` + strings.Repeat(" ", 10_000) + `]}`})
	d := found(t, 2, dir)
	var names []string
	for _, s := range d.Sources {
		names = append(names, fmt.Sprintf("%s %d/%d", s.Name, len(s.Images), len(s.Objects)))
	}
	for _, s := range d.Skipped {
		names = append(names, "skipped "+s.Name)
	}
	for _, err := range d.Refused {
		name, _, _ := strings.Cut(err.Error(), ":")
		names = append(names, "refused "+name)
	}
	want := []string{
		"a 2/2", "a/coco.json 1/1", "b 1/1", "d/a.json 0/1", "skipped a/list.json", "skipped a/meta.json", "refused c/broken.json",
	}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, expected %q", names, want)
	}
}

// TestArchives: what an archive may be that holds no files of one image each.
func TestArchives(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"a.json": singleOf(1, fine(1)), "b.json": singleOf(2, fine(2)), "p.jpg": "picture", "x/coco.json": file("", ann(""), "")}
	archived(t, filepath.Join(dir, "fine.tar"), files, "b.json", "p.jpg", "a.json")
	archived(t, filepath.Join(dir, "pictures.tar"), files, "p.jpg")
	archived(t, filepath.Join(dir, "coco.tar"), files, "x/coco.json")
	whole, err := os.ReadFile(filepath.Join(dir, "fine.tar"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(filepath.Join(dir, "pictures.tar"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, map[string]string{
		"two.tar": string(whole) + string(other), "gzip.tar": gz(t, string(whole)), "zstd.tar": zst(t, string(whole)),
		"padded.tar": string(whole) + strings.Repeat("\x00", 200_000),
	})
	put(t, dir, map[string]string{"cut.tar": string(whole[:1600]), "none.tar": strings.Repeat("no archive ", 200)})
	two := fmt.Sprintf("%d, as where several were put behind each other: most programs read the first only; unpack all of it "+
		"with tar --ignore-zeros -xf", len(whole))
	for name, want := range map[string][2]string{ // if it was found, if it was named
		"fine.tar":     {"read", "read"},
		"pictures.tar": {"skipped", "refused pictures.tar: expected files of one image each (*.json with image and annotations), found none"},
		"coco.tar": {"skipped", "refused coco.tar: no file in it can be read; the first: x/coco.json: " +
			"expected an object with image and annotations"},
		"cut.tar":    {"refused cut.tar: the tar archive is cut off: copy or download it anew", "refused cut.tar: the tar archive is cut off: copy or download it anew"},
		"padded.tar": {"read", "read"},
		"two.tar":    {"refused two.tar: the tar archive goes on behind its end, at byte " + two, "refused two.tar: the tar archive goes on behind its end, at byte " + two},
		"gzip.tar":   {"skipped", "refused gzip.tar: gzip data, expected a tar archive: unpack it, as with tar -xf"},
		"zstd.tar":   {"skipped", "refused zstd.tar: zstd data, expected a tar archive: unpack it, as with tar -xf"},
		"none.tar":   {"skipped", "refused none.tar: no tar archive, or a damaged one, behind byte 512"},
	} {
		for i, listed := range []bool{false, true} {
			f := find.File{Name: name, Path: filepath.Join(dir, name), Listed: listed}
			d, err := Read(context.Background(), []find.File{f}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := "read"
			switch {
			case len(d.Skipped) > 0:
				got = "skipped"
			case len(d.Refused) > 0:
				got = "refused " + d.Refused[0].Error()
			}
			if got != want[i] {
				t.Errorf("%s, listed %v: %s, expected %s", name, listed, got, want[i])
			}
		}
	}
}

// TestRoles: a file is told by its keys, and by its beginning alone only where more of it would not change that.
func TestRoles(t *testing.T) {
	for _, c := range []struct {
		text string
		want find.Role
	}{
		{singleOf(1), find.Member}, {`{"annotations": [{"id": 1, "bbox": [1, 2, 3, 4]}], "image": {"image_id": 1}}`, find.Member},
		{`{"info": {"a": [1, "}"]}, "image": {}}`, find.Member}, {"\xef\xbb\xbf" + singleOf(1), find.Member},
		{`{"image": {"image_id": 1}, "annota`, find.Member}, {file("", "", ""), find.Alone}, {file("", ann(""), "")[:80], find.Alone},
		{`{"annotations": [` + ann("") + `], "x": 1}`, find.Alone}, {`{"image": 1}`, find.Alone}, {`{"imag": {}}`, find.Alone},
		{`{}`, find.Alone}, {`[{"image": {}}]`, find.Alone}, {`17`, find.Alone}, {`null`, find.Alone},
		{``, find.Unclear}, {`   `, find.Unclear}, {`{`, find.Unclear}, {`{"a": 1`, find.Unclear}, {`{"a": tru}`, find.Unclear},
		{`{"a" 1}`, find.Unclear}, {`{"a": 1 "b"}`, find.Unclear}, {`version https://git-lfs`, find.Unclear},
	} {
		if got, sure := roleOf([]byte(c.text), true); got != c.want || !sure {
			t.Errorf("%s: %d %v, expected %d", c.text, got, sure, c.want)
		}
		for n := range len(c.text) {
			if n < len(bom) && c.text[:n] == string(bom[:n]) {
				continue // a beginning has some KiB
			}
			if got, sure := roleOf([]byte(c.text[:n]), false); sure && got != c.want {
				t.Errorf("%s: the first %d bytes: %d, expected %d", c.text, n, got, c.want)
			}
		}
	}
}

// TestSinglesAreNotEdited: what copies the records of a file by their bytes refuses a directory and an archive.
func TestSinglesAreNotEdited(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"a.json": singleOf(1, fine(1))}
	put(t, dir, files)
	archived(t, filepath.Join(dir, "x.tar"), files, "a.json")
	list, err := Find([]string{dir}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Together(list) {
		if _, err := Copy(context.Background(), &bytes.Buffer{}, f, nil); err == nil || !strings.Contains(err.Error(), "can't be written yet") {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

// TestSinglesThatPythonDoesNotRead: files of one image each whose first bytes stop Python's json.load have the same
// findings as a COCO file with such bytes, each of its own, in a directory and in an archive.
func TestSinglesThatPythonDoesNotRead(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(singleOf(2, fine(5)))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"sa_1.json": "\xef\xbb\xbf" + singleOf(1, fine(5)), "sa_2.json": packed.String(), "sa_3.json": singleOf(3, fine(5)),
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "sa"), files)
	archived(t, filepath.Join(dir, "sa.tar"), files, "sa_1.json", "sa_2.json", "sa_3.json")
	d := found(t, 2, dir)
	if len(d.Sources) != 2 {
		t.Fatalf("%d sources, %v", len(d.Sources), d.Refused)
	}
	for _, s := range d.Sources {
		if n := len(s.Images); n != 3 {
			t.Errorf("%s: %d images", s.Name, n)
		}
		var whole []string
		for _, f := range s.Flaws {
			if f.Code == dataset.FileBOM || f.Code == dataset.FileEnding {
				whole = append(whole, fmt.Sprintf("%s at %d: %s", f.Code, f.Offset, f.Message))
			}
		}
		want := []string{
			"file-bom at 0: sa_1.json begins with a UTF-8 byte order mark, expected {; Python's json.load stops there",
			fmt.Sprintf("file-ending at %d: sa_2.json is gzip data, expected a name that ends in .gz or .gzip, or plain "+
				"JSON; Python's json.load stops there", len(files["sa_1.json"])),
		}
		if !slices.Equal(whole, want) {
			t.Errorf("%s: %q", s.Name, whole)
		}
	}
}
