package naming

import (
	"math"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// Ids that are names, stems, padded numbers or places find their images.
// named returns a source with an image for each name, with ids from 1.
func named(name string, files ...string) dataset.Source {
	src := dataset.Source{Name: name}
	for i, f := range files {
		src.Images = append(src.Images, dataset.Image{ID: dataset.PlainID(int64(i + 1)), File: f, Size: geom.Size{W: 100, H: 100}})
	}
	return src
}

func TestJoinIDs(t *testing.T) {
	src := named("a.json", "d/a.1.jpg", "d/b.1.jpg", "d/c.1.jpg", "e/d.jpg", "e/e.jpg", "e/f.jpg")
	for i := range src.Images {
		src.Images[i].ID = dataset.PlainID(int64(1000 + 7*i))
	}
	text := func(all ...string) (ids []dataset.ID) {
		for _, t := range all {
			ids = append(ids, dataset.TextID(t))
		}
		return ids
	}
	plain := func(all ...int64) (ids []dataset.ID) {
		for _, n := range all {
			ids = append(ids, dataset.PlainID(n))
		}
		return ids
	}
	for _, c := range []struct {
		name  string
		ids   []dataset.ID
		by    Naming
		found int
	}{
		{"ids", plain(1000, 1007, 1014), ByID, 3},
		{"ids as text", text("1000", "1007", "1014"), ByID, 3},
		{"a part", plain(1000, 5, 6), ByID, 1},
		{"names", text("d/a.1.jpg", `.\D\b.1.jpg`, "e/e.jpg"), ByName, 3},
		{"names without a directory", text("a.1.jpg", "b.1.jpg", "e.jpg"), ByBase, 3},
		{"stems", text("a.1", "b.1", "e", "f"), ByStem, 4},
		{"padded", text("000001000", "000001007"), ByNumber, 2},
		{"places from 0", plain(0, 1, 2, 3, 4, 5), ByRankZero, 6},
		{"places from 1", plain(1, 2, 3, 4, 5, 6), ByRankOne, 6},
		{"too few for places", plain(1, 2), ByID, 0},
		{"none", text("x", "y"), ByID, 0},
	} {
		j := JoinIDs(&src, c.ids)
		if j.By != c.by || j.Found != c.found || j.Of != len(c.ids) {
			t.Errorf("%s: %+v", c.name, j)
		}
		names, found := NewNames(&src, j.By), 0
		for _, id := range c.ids {
			if _, ok := names.Image(id); ok {
				found++
			}
		}
		if found != j.Found {
			t.Errorf("%s: %d ids join, want %d", c.name, found, j.Found)
		}
	}
	twice := named("a.json", "x/a.jpg", "y/a.jpg", "y/b.jpg")
	if at, ok := NewNames(&twice, ByStem).Image(dataset.TextID("a")); ok {
		t.Errorf("a stem of two images stands for image %d", at)
	}
}

// Category ids may be ranks.
func TestCategoryRanks(t *testing.T) {
	src := &dataset.Source{}
	for i, id := range []int64{90, 17, 44} {
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(id), Class: int32(i)})
	}
	for _, c := range []struct {
		ids  []int64
		want int
	}{{[]int64{0, 2}, 0}, {[]int64{1, 3}, 1}, {[]int64{1, 2}, 1}, {[]int64{0, 3}, -1}, {[]int64{4}, -1}, {nil, -1}} {
		var ids []dataset.ID
		for _, n := range c.ids {
			ids = append(ids, dataset.PlainID(n))
		}
		if got := CategoryRanks(src, ids); got != c.want {
			t.Errorf("%v: counted from %d, want %d", c.ids, got, c.want)
		}
	}
	if got := CategoryRanks(src, []dataset.ID{dataset.TextID("cat")}); got != -1 {
		t.Errorf("text: counted from %d", got)
	}
	r := Rank(src.Categories) // 17, 44, 90 are classes 1, 2, 0
	if c, ok := r.Class(1, 0); ok {
		t.Errorf("rank 17 is class %d", c)
	}
	if !r.Gaps {
		t.Error("17, 44, 90 have gaps")
	}
}

// Scores are told by their range.
func TestScores(t *testing.T) {
	for _, c := range []struct {
		scores []float64
		want   ScoreKind
	}{
		{nil, Probabilities},
		{[]float64{0, 0.5, 1}, Probabilities},
		{[]float64{0.5, 1 + 1e-7}, Probabilities},
		{[]float64{-3.2, 0.4, 5.1}, Logits},
		{[]float64{0.4, 5.1, 9}, Logits},
		{[]float64{-3.2, -0.4}, LogProbs},
		{[]float64{0.4, 12, 99.5}, Percentages},
		{[]float64{1, 100}, Percentages},
		{[]float64{0, 255}, Odd},
		{[]float64{-900, 3}, Odd},
		{[]float64{math.NaN(), 0.5}, Probabilities},
		{[]float64{0.5, math.Inf(1)}, Odd},
	} {
		var s Scores
		for _, v := range c.scores {
			s.Add(v)
		}
		if got := s.Kind(); got != c.want {
			t.Errorf("%v: %s, want %s", c.scores, got, c.want)
		}
	}
}
