package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestAdviceNamesTheAnnotations: commands that are advised have the annotations that a report was made of in the place of
// PATH, if they lie here or beside the report, in one place only; files one by one where their directory has others too.
func TestAdviceNamesTheAnnotations(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	sample := func(at string) {
		for _, name := range []string{"a.json", "b.json"} {
			write(t, filepath.Join(at, name), `{"images":[{"id":1,"file_name":"`+name+`","width":640,"height":480}],"annotations":[
				{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,90,90],"area":8100,"iscrowd":0}],"categories":[{"id":1,"name":"cat"}]}`)
		}
	}
	sample("of mine")
	analyze(t, "run", "of mine", "-q", "-o", "report").expect(t, statusFine)
	analyze(t, "run", "of mine", "-q", "-a", "yolov5", "-o", "other").expect(t, statusFine)
	said := func(paths string) {
		t.Helper()
		analyze(t, "baseline", "report", "-o", "base").unwrapped().expect(t, statusFine,
			"analyze run "+paths+" --gate Without", "analyze run "+paths+" --gate --baseline base --only-new")
		for _, args := range [][]string{{"diff", "report", "other"}, {"diff", "base", "other", "--format", "md"}} {
			analyze(t, args...).unwrapped().expect(t, statusFine,
				"analyze trainers "+paths+" -a retinanet-torchvision -a yolov5")
		}
	}
	said("'of mine'")
	write(t, "of mine/c.json", `{"images":[],"annotations":[],"categories":[]}`)
	said("'of mine/a.json' 'of mine/b.json'")
	sample("copy")
	said("PATH") // which one was read, nobody can tell
	if err := os.RemoveAll("copy"); err != nil {
		t.Fatal(err)
	}
	write(t, "of mine/b.json", `{"images":[],"annotations":[],"categories":[]}`)
	said("PATH") // it is another file now
	analyze(t, "review", "report", "of mine", "-o", "x").expect(t, statusTrouble, "err:analyze run 'of mine' --scores")
	analyze(t, "fit", "of mine", "-a", "ultralytics").expect(t, statusTrouble, "err:analyze trainers 'of mine' -a ultralytics --sizes")
}
