package dataset

import "testing"

// Spellings of one name have one look, and other names have another.
func TestLook(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"car", " Car", true}, {"car", "cars", true}, {"Dining_Table", "dining table", true},
		{"tv-monitor", "tvmonitor", true}, {"hot dog", "hotdogs", true}, {"t-shirt", "T shirts", true},
		{"pl-10", "pl10", true},
		{"4-5", "45", false}, {"1_1", "11", false}, {"grade a", "grade b", false}, {"B-", "B", false},
		{"iphone x", "iphone xs", false}, {"iphone 5", "iphone 5s", false}, {"glass", "glas", false},
		{"bus", "bu", false}, {"car", "cart", false}, {"", "s", false}, {"_", "-", false},
	} {
		if got := look(c.a) == look(c.b); got != c.same {
			t.Errorf("%q and %q: looks %q and %q, want the same: %v", c.a, c.b, look(c.a), look(c.b), c.same)
		}
	}
}

// Returns counts the annotations that go back to an earlier image; those of no image do not count.
func TestReturns(t *testing.T) {
	for _, c := range []struct {
		images []int64
		want   int
	}{
		{nil, 0}, {[]int64{1, 1, 2, 3}, 0}, {[]int64{1, 3, 1, 2}, 1}, {[]int64{3, 2, 1}, 2}, {[]int64{2, 9, 3, 9}, 0},
	} {
		b := build("a.json", PlainID(7), "boat")
		for id := int64(2); id <= 3; id++ {
			b.Image(&Image{ID: PlainID(id), Size: build("", PlainID(1), "").images.at(0).Size, Offset: id, Line: 1})
		}
		for i, image := range c.images {
			a := at(int64(100 + i))
			a.Image = PlainID(image)
			b.Object(a)
		}
		if got := joined(t, b).Sources[0].Returns; got != c.want {
			t.Errorf("%v: %d, want %d", c.images, got, c.want)
		}
	}
}
