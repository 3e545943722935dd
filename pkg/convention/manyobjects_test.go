package convention

import (
	"testing"

	"focalaudit/internal/realfiles"
)

// TestManyObjects: equal objects are found whether they are few, and compared with each other, or many; 200,000 in each of
// two images are no more work than twice 100,000.
func TestManyObjects(t *testing.T) {
	for _, n := range []int{1, 2, fewObjects, fewObjects + 1, 63, 64, 65, 200_000} {
		for _, repeat := range []bool{false, true} {
			src := realfiles.ManyObjects(n, repeat)
			want := Once{Example: -1}
			if n > 1 && !repeat {
				want = Once{Images: 2, Most: n, Full: 2}
			}
			if got := OfOnce(src); got != want {
				t.Errorf("%d objects, repeat %v: %+v", n, repeat, got)
			}
		}
	}
}
