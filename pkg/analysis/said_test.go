package analysis_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/internal/testrun"
	"focalaudit/pkg/dataset"
)

// keyFindings returns what key-unread says of a file, with its severity and key.
func keyFindings(t *testing.T, text string) (all []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.json")
	testrun.Write(t, path, text)
	r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, "retinanet-torchvision"))
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Code == "key-unread" {
			all = append(all, f.Severity().String()+" "+f.Key+": "+f.Message)
		}
	}
	return all
}

// saidFile is a file of 8 images, of which the last four have extra keys and no annotation, with two annotations in each
// of the others; the second annotation has extra keys, and the second of two categories.
func saidFile(image, annotation, category string) string {
	var images, annotations []string
	for i := range 8 {
		extra := ""
		if i >= 4 {
			extra = image
		}
		images = append(images, fmt.Sprintf(`{"id":%d,"file_name":"%d.jpg","width":640,"height":480%s}`, i+1, i+1, extra))
		if i >= 4 {
			continue
		}
		for k, extra := range []string{"", annotation} {
			annotations = append(annotations, fmt.Sprintf(`{"id":%d,"image_id":%d,"category_id":%d,"bbox":[%d.5,100,%d,70],`+
				`"area":1,"iscrowd":0,"segmentation":[[1,2,3,4,5,6]]%s}`, 2*i+k+1, i+1, k+1, 50+200*k+i, 60+9*i, extra))
		}
	}
	return testrun.COCO(images, annotations, `{"id":1,"name":"car","isthing":1},{"id":2,"name":"bus"`+category+`}`)
}

// TestSaid: keys that speak against records are told of with their count, and their key and value as they stand; the
// opposite value of each is not.
func TestSaid(t *testing.T) {
	for _, c := range []struct{ image, annotation, category, want string }{
		{"", `,"attributes":{"occluded":false,"outside":true}`, "",
			"warning attributes.outside: attributes.outside is true in 4 of 8 annotations, such as annotation 2; "},
		{"", `,"outside":1`, "", "warning outside: outside is 1 in 4 of 8 annotations"},
		{"", `,"deleted":true`, "", "warning deleted: deleted is true in 4 of 8 annotations"},
		{"", `,"is_deleted":"True"`, "", `warning is_deleted: is_deleted is "True" in 4 of 8 annotations`},
		{"", `,"valid":false`, "", "warning valid: valid is false in 4 of 8 annotations"},
		{"", `,"status":"Rejected"`, "", `warning status: status is "Rejected" in 4 of 8 annotations`},
		{"", `,"review_status":"soft-deleted"`, "", `warning review_status: review_status is "soft-deleted" in 4 of 8`},
		{"", `,"status":"skipped","deleted":true`, "", "warning deleted: deleted is true in 4 of 8 annotations"},
		{"", `,"reviewed":false`, "", "info reviewed: reviewed is false in 4 of 8 annotations"},
		{"", `,"source":"model"`, "", `info source: source is "model" in 4 of 8 annotations`},
		{"", `,"source":"model","reviewed":false`, "",
			`warning source: source is "model" and reviewed is false in 4 of 8 annotations`},
		{"", "", `,"isthing":0`, "warning isthing: isthing is 0 in the category of 4 of 8 annotations, such as annotation 2"},
		{`,"status":"todo"`, "", "", `warning status: status is "todo" in 4 of 8 images, which have no object, such as image 5`},
		{`,"annotated":false`, "", "", "warning annotated: annotated is false in 4 of 8 images, which have no object"},
		{`,"status":"skipped"`, "", "", `warning status: status is "skipped" in 4 of 8 images, which have no object`},
		{`,"deleted":true`, "", "", "warning deleted: deleted is true in 4 of 8 images, such as image 5"},

		{"", `,"attributes":{"outside":false,"place":"outside"}`, "", ""},
		{"", `,"outside":0,"deleted":false,"is_deleted":0,"valid":true,"status":"approved","state":"parked"`, "", ""},
		{"", `,"source":"model","reviewed":true`, "", ""},
		{"", `,"source":"https://model","status":null,"reviewed":null`, "", ""},
		{"", `,"occlusion":1`, "", ""}, // a level of 0, 1, 2: no share is among them
		{"", "", `,"isthing":1`, ""},
		{"", `,"status":"todo","annotated":false`, "", ""}, // of an annotation, it says nothing
		{`,"status":"completed","annotated":true,"deleted":false`, "", "", ""},
		{`,"outside":true,"isthing":0,"reviewed":false,"source":"model"`, "", "", ""}, // of an image, they say nothing
	} {
		got := strings.Join(keyFindings(t, saidFile(c.image, c.annotation, c.category)), "\n")
		if (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%s%s%s: got\n%s\nwant\n%s", c.image, c.annotation, c.category, got, c.want)
		}
	}
}

// TestSaidOfAll: what all annotations have, or what other values contradict, is a default.
func TestSaidOfAll(t *testing.T) {
	each := func(file, from, to string) string { return strings.ReplaceAll(file, from, to) }
	plain := saidFile("", "", "")
	for _, c := range []struct{ name, text, want string }{
		{"none is reviewed", each(plain, `"iscrowd":0`, `"iscrowd":0,"reviewed":false`), ""},
		{"several keys", strings.Replace(saidFile("", `,"status":"rejected"`, ""), `"status":"rejected"`, `"deleted":1`, 1),
			"warning deleted: deleted is 1 or the like in 4 of 8 annotations"},
		{"no category is a thing", strings.Replace(saidFile("", "", `,"isthing":0`), `"isthing":1`, `"isthing":0`, 1), ""},
		{"all images are new", each(plain, `"height":480`, `"height":480,"status":"new"`),
			"info status: status is \"new\" in 4 of 8 images, which have no object, such as image 5; as do 4 images"},
	} {
		got := strings.Join(keyFindings(t, c.text), "\n")
		if (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	few := strings.Replace(saidFile("", `,"occlusion":0.5`, ""), `"occlusion":0.5`, `"occlusion":1.0`, 1)
	if got := strings.Join(keyFindings(t, few), "\n"); !strings.HasPrefix(got, "info occlusion: occlusion is 1.0 in 1 of 8 ") {
		t.Errorf("occlusion 1.0 beside 0.5: %q", got)
	}
}

// TestSaidInRealFiles: no real file has a key that says anything against its records.
func TestSaidInRealFiles(t *testing.T) {
	for _, src := range realfiles.RealSources(t) {
		for trait := dataset.Outside; trait <= dataset.BegunImage; trait++ {
			if n := src.Traits[trait].N; n > 0 {
				t.Errorf("%s: %d, %s", src.Name, n, src.Traits[trait].Text)
			}
		}
	}
}
