package analysis

import (
	"reflect"
	"testing"
)

// TestImagesAreMatchedOnce: the groups of one image stand together, and those with an example are left out. An image
// with 8,000 classes was matched 8,000 times, which took more than 2 minutes.
func TestImagesAreMatchedOnce(t *testing.T) {
	of := func(source, image int32, example string) Unfit {
		return Unfit{Worst: Suited{Source: source, Image: image}, Example: example}
	}
	all := []Unfit{of(1, 0, ""), of(0, 7, ""), of(0, 3, ""), of(0, 7, "told"), of(1, 0, ""), of(0, 7, "")}
	if got, want := unexplained(all), [][]int{{2}, {1, 5}, {0, 4}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
