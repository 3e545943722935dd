package names

import (
	"testing"
)

// TestTileOf: what names of tiles say, by hand.
func TestTileOf(t *testing.T) {
	for name, want := range map[string]tileName{
		"a/frame_000012_1_2.png": {"a/frame_000012_", [2]string{"", ""}, [2]int32{1, 2}},
		"p-r01-c12.jpg":          {"p-", [2]string{"r", "c"}, [2]int32{1, 12}},
		"p_x0_y512.jpg":          {"p_", [2]string{"x", "y"}, [2]int32{0, 512}},
		"p (3,4).jpg":            {"p (", [2]string{"", ""}, [2]int32{3, 4}},
		"P0001__1__0___1024.png": {"P0001__1__", [2]string{"", ""}, [2]int32{0, 1024}},
	} {
		if got, ok := tileOf(name); !ok || got != want {
			t.Errorf("%s: %+v %v, want %+v", name, got, ok, want)
		}
	}
	for _, name := range []string{"000012.jpg", "a/1/2.jpg", "dog.jpg", "", "a_1.jpg", "000000391895.jpg", "a_1_000000391895.jpg", "1_cat_and_dog_1.jpg"} {
		if got, ok := tileOf(name); ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
