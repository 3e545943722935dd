package dataset

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestExactInt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		zeros := rapid.IntRange(0, 5).Draw(t, "zeros")
		for _, text := range []string{
			fmt.Sprint(n), fmt.Sprintf("%d.%0*d", n, zeros+1, 0), fmt.Sprintf("%de0", n), fmt.Sprintf("%d%0*de-%d", n, zeros+1, 0, zeros+1),
		} {
			if got, whole := exactInt(text); got != n || !whole {
				t.Fatalf("%s: %d %v", text, got, whole)
			}
		}
	})
}
