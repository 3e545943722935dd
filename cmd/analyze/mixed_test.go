package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOutputsDoNotMix: of two commands that write into one directory, the second one replaces all files of the first one
// or none: the directory has the files that one of them writes into an empty one.
func TestOutputsDoNotMix(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "t.json", `{"images":[{"id":1,"file_name":"a.jpg","width":640,"height":480},{"id":2,"file_name":"b.jpg","width":640,"height":480}],
		"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,90,90],"area":8100,"iscrowd":0}],"categories":[{"id":1,"name":"cat"}]}`)
	analyze(t, "run", "t.json", "-q", "-o", "report").expect(t, statusFine)
	analyze(t, "run", "t.json", "-q", "--part", "-o", "parts").expect(t, statusFine)
	commands := [][]string{
		{"run", "t.json", "-q"}, {"run", "t.json", "-q", "--part"}, {"merge", "parts", "-q"}, {"baseline", "report", "-q"},
		{"trainers", "t.json", "-a", "yolov5", "-a", "retinanet-keras", "-q"}, {"diff", "report", "report"},
		{"split", "t.json", "-n", "2", "-q"}, {"fit", "t.json", "-q", "--take", "1"},
	}
	files := func(dir string) []string { return slices.Sorted(maps.Keys(tree(t, dir))) }
	var alone [][]string // what each writes
	for i, args := range commands[:len(commands)-1] {
		dir := "alone-" + string(rune('a'+i))
		analyze(t, append(args, "-o", dir)...).expect(t, statusFine)
		alone = append(alone, files(dir))
	}
	replaced := 0
	for i, first := range commands[:len(commands)-1] {
		for k, second := range commands {
			dir := filepath.Join("both", string(rune('a'+i))+string(rune('a'+k)))
			analyze(t, append(first, "-o", dir)...).expect(t, statusFine)
			before := tree(t, dir)
			r := analyze(t, append(second, "-o", dir)...)
			switch now := files(dir); {
			case r.status == statusFine && k < len(alone) && slices.Equal(now, alone[k]):
				replaced++
			case r.status != statusTrouble || !maps.Equal(tree(t, dir), before):
				t.Errorf("%q and then %q: status %d, %s, and there are %q", first, second, r.status, r.errw, now)
			}
		}
	}
	if replaced < len(alone)-1 { // each but diff replaces its own
		t.Errorf("%d were replaced", replaced)
	}
}

// TestEarlierReportIsTold: where a run fails and an earlier run's report is still there, the message says so; not where
// the run wrote its own, or nothing is there.
func TestEarlierReportIsTold(t *testing.T) {
	t.Chdir(t.TempDir())
	const earlier = "report still holds an earlier report, which this run did not replace"
	data := `{"images":[{"id":1,"file_name":"a.jpg","width":640,"height":480}],"annotations":[
		{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,0,90],"area":1,"iscrowd":0}],"categories":[{"id":1,"name":"cat"}]}`
	write(t, "t.json", data)
	write(t, "cut.json", data[:99])
	write(t, "empty/note.txt", "mine")
	failing := [][]string{
		{"run", "cut.json"}, {"run", "nowhere.json"}, {"run", "t.json", "--scores", "detections:nowhere.json"}, {"merge", "parts"},
	}
	told := func(want bool, args ...string) {
		t.Helper()
		if r := analyze(t, args...); r.status == statusFine || strings.Contains(r.errw, earlier) != want {
			t.Errorf("%q: status %d: %s", args, r.status, r.errw)
		}
	}
	for _, args := range failing {
		told(false, append(args, "-o", "report")...)
		told(false, append(args, "-o", "empty")...)
	}
	analyze(t, "run", "t.json", "-q", "-o", "report").expect(t, statusFine)
	for _, args := range failing {
		told(true, append(args, "-o", "report")...)
	}
	told(false, "run", "t.json", "cut.json", "-q", "-o", "report")                // the report is about the others
	told(false, "run", "t.json", "-q", "--fail-if", "errors > 0", "-o", "report") // and here it fails the gate
}
