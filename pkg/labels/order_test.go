package labels

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"testing"
)

// TestHashOf holds the hash against hash/fnv.
func TestHashOf(t *testing.T) {
	for _, numbers := range [][]float64{{}, {0}, {1, -2.5, 1e-300}, {math.Inf(1), math.NaN(), 640, 480, 0.25}} {
		h := fnv.New64a()
		for _, x := range numbers {
			h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(x)))
		}
		if got, want := hashOf(numbers...), h.Sum64(); got != want {
			t.Errorf("%v: %d, want %d", numbers, got, want)
		}
	}
}
