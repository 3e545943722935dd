package labels

import (
	"cmp"
	"math"
	"slices"

	"focalaudit/pkg/geom"
)

// SetKey sets the key of an image by what the detector found in it, or if that is nothing, by its labels: FNV-1a
// of 64 bits of the size, plus that of each box and score. So the key depends neither on names and ids nor on the
// order of records, and labels that are mended leave it as it is.
func (im *Image) SetKey() {
	im.Key = hashOf(float64(im.Size.W), float64(im.Size.H))
	for i := range im.Detections {
		im.Key += im.Detections[i].hash()
	}
	if len(im.Detections) == 0 {
		for i := range im.Objects {
			b := &im.Objects[i].Box
			im.Key += hashOf(b.X0, b.Y0, b.X1, b.Y1)
		}
	}
}

// hash is a hash of a detection's box and score.
func (d *Detection) hash() uint64 { return hashOf(d.Box.X0, d.Box.Y0, d.Box.X1, d.Box.Y1, d.Score) }

// hashOf returns FNV-1a of the bits of numbers, each from its lowest byte on.
func hashOf(numbers ...float64) uint64 {
	const basis, prime = 14695981039346656037, 1099511628211 // package hash/fnv has them, behind an interface
	h := uint64(basis)
	for _, x := range numbers {
		for b, k := math.Float64bits(x), 0; k < 8; b, k = b>>8, k+1 {
			h = (h ^ b&0xff) * prime
		}
	}
	return h
}

// folds is into how many parts images are divided: each is judged by what the others tell.
const folds = 5

// fold is the part that an image is in.
func (im *Image) fold() int { return int(im.Key % folds) }

// settle sorts an image's objects and detections, so that nothing depends on the order of
// records, and returns the index that each had before. Of equal ones any may come first.
func (im *Image) settle() (objects, detections []int32) {
	slices.SortFunc(im.Silent, compareBoxes)
	objects = sortedBy(im.Objects, func(a, b *Object) int {
		return cmp.Or(compareBoxes(a.Box, b.Box), cmp.Compare(a.Class, b.Class))
	})
	detections = sortedBy(im.Detections, func(a, b *Detection) int {
		if a.Score != b.Score { // of nearly all: the rest need not be compared
			return cmp.Compare(b.Score, a.Score)
		}
		return cmp.Or(compareBoxes(a.Box, b.Box), cmp.Compare(a.Class, b.Class))
	})
	return objects, detections
}

func compareBoxes(a, b geom.Box) int {
	if a.X0 != b.X0 { // of nearly all: the rest need not be compared
		return cmp.Compare(a.X0, b.X0)
	}
	return cmp.Or(cmp.Compare(a.Y0, b.Y0), cmp.Compare(a.X1, b.X1), cmp.Compare(a.Y1, b.Y1))
}

// sortedBy sorts values and returns the index that each had before.
func sortedBy[T any](of []T, compare func(a, b *T) int) []int32 {
	was := make([]int32, len(of))
	for i := range was {
		was[i] = int32(i)
	}
	before := slices.Clone(of)
	slices.SortFunc(was, func(i, k int32) int { return cmp.Or(compare(&before[i], &before[k]), cmp.Compare(i, k)) })
	for place, i := range was {
		of[place] = before[i]
	}
	return was
}

// copyFrom makes im a copy of another image that shares no memory with it.
func (im *Image) copyFrom(from *Image) {
	im.Key, im.Size = from.Key, from.Size
	im.Objects = append(im.Objects[:0], from.Objects...)
	im.Detections = append(im.Detections[:0], from.Detections...)
	im.Silent = append(im.Silent[:0], from.Silent...)
}

// compareImages orders settled images by key, and those of equal keys by what is in them.
func compareImages(a, b *Image) int {
	return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Size.W, b.Size.W), cmp.Compare(a.Size.H, b.Size.H),
		slices.CompareFunc(a.Objects, b.Objects, func(x, y Object) int {
			return cmp.Or(compareBoxes(x.Box, y.Box), cmp.Compare(x.Class, y.Class))
		}),
		slices.CompareFunc(a.Detections, b.Detections, func(x, y Detection) int {
			return cmp.Or(cmp.Compare(x.Score, y.Score), compareBoxes(x.Box, y.Box), cmp.Compare(x.Class, y.Class))
		}),
		slices.CompareFunc(a.Silent, b.Silent, compareBoxes))
}

// uniform spreads a key over [0,1).
func uniform(key uint64) float64 { return float64(mixed(key)>>11) / (1 << 53) }

// mixed spreads the bits of a key: the finalizer of SplitMix64 (Steele, Lea and Flood 2014).
func mixed(key uint64) uint64 {
	key = (key ^ key>>30) * 0xbf58476d1ce4e5b9
	key = (key ^ key>>27) * 0x94d049bb133111eb
	return key ^ key>>31
}
