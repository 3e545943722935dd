package convention

import "testing"

// TestTransposed: real files that are cut into tiles as is due tell nothing, and those with boxes on the transposed tile
// are told of, in a third of the pictures or in all.
func TestTransposed(t *testing.T) {
	sources := firstImages(t)
	for i := range sources {
		src := &sources[i]
		if p := OfTransposed(src); p.Found() {
			t.Errorf("%s: %+v", src.Name, p)
		}
		if len(src.Images) > 1000 {
			cutImages(src, 0, 1000)
		}
	}
	for _, g := range tilings {
		if g.counted {
			continue
		}
		mixed, whole, of, most := 0, 0, 0, 0
		for i := range sources {
			src := &sources[i]
			right := OfTransposed(g.of(src))
			if right.Found() {
				t.Errorf("%s, %s: %+v", src.Name, g.format, right)
			}
			if right.Edges < 2*leastCut {
				continue
			}
			most = max(most, min(right.Pictures[0], right.Pictures[1]))
			wrong := g
			wrong.swapped = func(image int) bool { return image >= len(src.Images)*2/3 }
			p := OfTransposed(wrong.of(src))
			mixed += one(p.Mixed())
			wrong.swapped = func(int) bool { return true }
			q := OfTransposed(wrong.of(src))
			whole += one(q.Against() || q.Odd())
			of++
			if !p.Mixed() || !q.Against() && !q.Odd() {
				t.Errorf("%s, %s: %+v\n%+v", src.Name, g.format, p, q)
			}
		}
		if of < 19 {
			t.Errorf("%s: %d files have cut boxes", g.format, of)
		}
		t.Logf("%s, %v: %d mixed, %d whole of %d; at most %d pictures show the other order alone", g.format, g.boxed, mixed,
			whole, of, most)
	}
}
