package convention_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/findings"
)

// pictures writes a file of pictures with two boxes each: those of a picture's number,
// shifted by what is given, with fractions or whole.
func pictures(t *testing.T, path string, names []string, first int, shift float64, whole bool) {
	t.Helper()
	var images, annotations []string
	for i, name := range names {
		images = append(images, fmt.Sprintf(`{"id":%d,"file_name":%q,"width":800,"height":600}`, i+1, name))
		for k := range 2 {
			x := float64(20+7*(first+i)+50*k) + shift
			if !whole {
				x += 0.25
			}
			annotations = append(annotations, fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":1,`+
				`"bbox":[%g,%d,100,90],"iscrowd":0,"area":9000}`, len(annotations)+1, i+1, x, 30+11*k))
		}
	}
	testrun.Write(t, path, testrun.COCO(images, annotations, `{"id":1,"name":"a"}`))
}

// numbered returns n names of pictures.
func numbered(format string, n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf(format, i))
	}
	return names
}

// A picture is known again in another file whatever its name, and a name alone is none.
func TestRenamed(t *testing.T) {
	plain := numbered("my pic %03d.jpg", 20)
	hash := strings.Repeat("0123456789abcdef", 2)
	var escaped []string
	for _, name := range plain {
		escaped = append(escaped, url.PathEscape(name))
	}
	for _, c := range []struct {
		name  string
		other []string
		first int
		shift float64
		whole bool
		want  string
	}{
		{"another name", numbered("frame_%d.png", 10), 3, 0, false, "10 images in common under other names"},
		{"another name, other boxes", numbered("frame_%d.png", 10), 3, 0.5, false, ""},
		{"another name, whole boxes", numbered("frame_%d.png", 10), 3, 0, true, ""},
		{"another name, one picture", numbered("frame_%d.png", 1), 3, 0, false, "1 image in common under other names"},
		{"a prefix", numbered("aug_my pic %03d.jpg", 2), 0, 0, false, "2 images in common under other names"},
		{"another directory", numbered("train/my pic %03d.jpg", 1), 0, 0, false, "1 image in common under other names"},
		{"another directory, whole boxes", numbered("train/my pic %03d.jpg", 4), 0, 0, true, ""},
		{"hash", numbered("my pic %03d_jpg.rf."+hash+".jpg", 4), 0, 0, true, "4 images in common under other names"},
		{"other ending", numbered("my pic %03d.PNG", 4), 0, 0, true, "4 images in common under other names"},
		{"escaped", escaped[:4], 0, 0, true, "4 images in common under other names"},
		{"numbers used again", numbered("my pic %03d.png", 10), 0, 1, true, ""},
		{"one name", numbered("my pic %03d.jpg", 4), 0, 0, true, "4 images in common (the smaller"},
	} {
		dir := t.TempDir()
		pictures(t, filepath.Join(dir, "train.json"), plain, 0, 0, c.whole)
		pictures(t, filepath.Join(dir, "val.json"), c.other, c.first, c.shift, c.whole)
		r := testrun.Run(t, testrun.Read(t, dir), testrun.Config(t, "retinanet-torchvision"))
		var got []string
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Code == "image-in-two-sources" {
				got = append(got, f.Message)
				if f.Severity() != findings.Error {
					t.Errorf("%s: no error: %s", c.name, f.Message)
				}
			}
		}
		all := strings.Join(got, "\n")
		if len(got) > 1 || (c.want == "") != (len(got) == 0) || !strings.Contains(all, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, all, c.want)
		}
	}
}

// Pictures with one box are known again if their id is the same too, and lists of boxes that come again within a
// file, as forms of one layout do, are no evidence.
func TestRenamedByFewBoxes(t *testing.T) {
	write := func(dir, name string, n int, picture func(i int) (id int, file string, boxes []string)) {
		var images, annotations []string
		for i := range n {
			id, file, boxes := picture(i)
			images = append(images, fmt.Sprintf(`{"id":%d,"file_name":%q,"width":800,"height":600}`, id, file))
			for _, b := range boxes {
				annotations = append(annotations, fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":1,"bbox":%s,"iscrowd":0,"area":9000}`,
					len(annotations)+1, id, b))
			}
		}
		testrun.Write(t, filepath.Join(dir, name), testrun.COCO(images, annotations, `{"id":1,"name":"a"}`))
	}
	one := func(i int) []string { return []string{fmt.Sprintf("[%d.5,30.25,100,90]", 20+7*i)} }
	form := func(i int) []string { // the last one is alone
		return []string{fmt.Sprintf("[%d.5,30.25,100,90]", 20+40*(i%3)+i/19*200), "[300.5,300,80,60]"}
	}
	for _, c := range []struct {
		name  string
		boxes func(int) []string
		n     int // pictures for training
		other func(i int) (id int, file string, boxes []string)
		want  string
	}{
		{"one id", one, 20, func(int) (int, string, []string) { return 3, "new.jpg", one(3) }, "1 image in common under other names"},
		{"another id", one, 20, func(int) (int, string, []string) { return 103, "new.jpg", one(3) }, ""},
		{"one id, another box", one, 20, func(int) (int, string, []string) { return 3, "new.jpg", one(30) }, ""},
		{"a form of a rare layout", form, 20, func(int) (int, string, []string) { return 103, "new.jpg", form(19) }, ""},
	} {
		dir := t.TempDir()
		write(dir, "train.json", c.n, func(i int) (int, string, []string) { return i, fmt.Sprintf("%d.jpg", i), c.boxes(i) })
		write(dir, "val.json", 1, c.other)
		got := ""
		r := testrun.Run(t, testrun.Read(t, dir), testrun.Config(t, "retinanet-torchvision"))
		for i := range r.Findings {
			if r.Findings[i].Code == "image-in-two-sources" {
				got += r.Findings[i].Message
			}
		}
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Copies within a file are told of, and neither frames of a video, which follow each
// other, nor forms of one layout, nor what Roboflow makes of one picture.
func TestCopies(t *testing.T) {
	hash := strings.Repeat("0123456789abcdef", 2)
	for _, c := range []struct {
		name   string
		copies []string
		first  int // number of the first copy's picture; 20 is a new one
		want   bool
	}{
		{"copies", numbered("%03d_copy.jpg", 8), 2, true},
		{"other pictures", numbered("%03d_copy.jpg", 8), 20, false},
		{"brighter", numbered("%03d_bright.jpg", 10)[2:], 2, false},
		{"brighter, in a directory", numbered("bright/%03d.jpg", 10)[2:], 2, false},
		{"few of a word", append(numbered("%03d_red.jpg", 6)[2:], numbered("%03d_blue.jpg", 10)[6:]...), 2, true},
		{"turned", numbered("%03d_rotated.jpg", 10)[2:], 2, true},
		{"numbered", numbered("%03d (1).jpg", 10)[2:], 2, true},
		{"too few", numbered("%03d_copy.jpg", 4), 2, false},
		{"augmented", numbered("%03d_jpg.rf."+hash+".jpg", 8), 0, false},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "x.json")
		names := append(numbered("%03d.jpg", 20), c.copies...)
		var images, annotations []string
		for i, name := range names {
			number := i
			if i >= 20 {
				number = c.first + i - 20
			}
			images = append(images, fmt.Sprintf(`{"id":%d,"file_name":%q,"width":800,"height":600}`, i+1, name))
			for k := range 2 {
				annotations = append(annotations, fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":1,`+
					`"bbox":[%d.5,%d,100,90],"iscrowd":0,"area":9000}`, len(annotations)+1, i+1, 20+7*number+50*k, 30))
			}
		}
		testrun.Write(t, path, testrun.COCO(images, annotations, `{"id":1,"name":"a"}`))
		r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "retinanet-torchvision"))
		got := ""
		for i := range r.Findings {
			if r.Findings[i].Code == "file-name-duplicate" {
				got += r.Findings[i].Message
			}
		}
		if c.want != strings.Contains(got, "8 pictures of x.json seem to be there twice") || !c.want && got != "" {
			t.Errorf("%s: got %q", c.name, got)
		}
	}
}
