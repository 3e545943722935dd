package results

import (
	"strings"
	"testing"

	"focalaudit/pkg/geom"
)

// TestShifts: real results whose boxes, image ids, classes or scores were moved by one record are told of, and none as
// they are (TestJudgeRealPairs). Scores that are drawn, and classes of which there is one, can't tell.
func TestShifts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	pairs := realPairs(t)
	for _, c := range []struct {
		what, column string
		move         func(r, from *record)
		found, of    int
	}{
		{"boxes", "boxes", func(r, from *record) { r.Box = from.Box }, 14, 14},
		{"image ids", "boxes", func(r, from *record) { r.Image = from.Image }, 14, 14},
		{"classes", "classes", func(r, from *record) { r.Category = from.Category }, 9, 12},
		{"scores", "scores", func(r, from *record) { r.Score = from.Score }, 10, 14},
	} {
		found, of := 0, 0
		for _, p := range pairs {
			plain, n := p.records, len(p.records)
			for _, by := range []int{-1, 1} {
				p.records = make([]record, n)
				for i := range plain {
					p.records[i] = plain[i]
					c.move(&p.records[i], &plain[(i+by+n)%n])
				}
				v := Judge(p.d, p.results(t, func(*record, geom.Size) {}))
				if v.Objects < 100 || c.what == "classes" && strings.Contains(p.name, "kitti") {
					continue
				}
				of++
				column, moved := v.Shifts.found()
				if c.what == "image ids" { // boxes are the other way round
					moved = -moved
				}
				if column == c.column && moved == by && v.Foreign() {
					found++
				} else {
					t.Logf("%s, %s %+d: %s %+d, %+v", p.name, c.what, by, column, moved, v.Shifts)
				}
			}
		}
		t.Logf("%s: %d of %d", c.what, found, of)
		if found != c.found || of != c.of {
			t.Errorf("%s: %d of %d are told of, want %d of %d", c.what, found, of, c.found, c.of)
		}
	}
}
