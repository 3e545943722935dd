package convention

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// permuted returns a source whose images and annotations stand in another order in the file.
func permuted(src *dataset.Source, rng *rand.Rand) *dataset.Source {
	out := *src
	out.Images = slices.Clone(src.Images)
	rng.Shuffle(len(out.Images), func(i, k int) { out.Images[i], out.Images[k] = out.Images[k], out.Images[i] })
	out.Objects = make([]dataset.Object, 0, len(src.Objects))
	for i := range out.Images {
		im := &out.Images[i]
		own := src.Objects[im.First:im.Last]
		im.First, im.Offset = int32(len(out.Objects)), int64(100*i+100)
		out.Objects = append(out.Objects, own...)
		im.Last = int32(len(out.Objects))
		for k := im.First; k < im.Last; k++ {
			out.Objects[k].Image = int32(i)
		}
	}
	for k := range src.Objects { // of no image
		if src.Objects[k].Image < 0 {
			out.Objects = append(out.Objects, src.Objects[k])
		}
	}
	// The places of annotations in the file are drawn, and those of an image stand in their order.
	for k, at := range rng.Perm(len(out.Objects)) {
		out.Objects[k].Offset = int64(100*at + 1_000_000)
	}
	for i := range out.Images {
		im := &out.Images[i]
		slices.SortFunc(out.Objects[im.First:im.Last], func(a, b dataset.Object) int { return cmp.Compare(a.Offset, b.Offset) })
	}
	order := make([]int32, len(out.Objects))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(out.Objects[a].Offset, out.Objects[b].Offset) })
	out.Returns = 0
	last := int32(-1)
	for _, k := range order {
		if at := out.Objects[k].Image; at >= 0 {
			out.Returns += sample.One(at < last)
			last = max(last, at)
		}
	}
	return &out
}
