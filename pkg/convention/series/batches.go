package series

import (
	"math"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// Batches says that image sizes change at every n-th image of the file only.
type Batches struct {
	N       int // images of a batch, 0 if there is nothing to tell
	Changes int // of the size, all at multiples of N
	Images  int // in that stretch of the file
	Example int32
}

// Found reports whether sizes seem to be those of batches.
func (b *Batches) Found() bool { return b.N > 0 }

// OfBatches looks for a stretch of the file in which the size changes only every n images, for n of 4 to 128. By chance
// one change in n stands at such a place. Where names say that these n images are the tiles of one picture, or a
// series, their one size tells nothing.
func OfBatches(src *dataset.Source) Batches {
	var changes []int32
	for i := 1; i < len(src.Images); i++ {
		if src.Images[i].Size != src.Images[i-1].Size {
			changes = append(changes, int32(i))
		}
	}
	best := Batches{Example: -1}
	least := math.Log(float64(longestBatch*len(changes))) - math.Log(sample.Unlikely)
	for from := 0; from < len(changes); {
		to := from + 1 // changes that are all apart by as many images as the shortest batch has
		for to < len(changes) && changes[to]-changes[to-1] >= shortestBatch {
			to++
		}
		if to-from > int(least/math.Log(longestBatch)) {
			best.among(changes[from:to], least)
		}
		from = to
	}
	if best.N > 0 && (best.inPictures(src) || names.TileGrids(src) != nil) {
		return Batches{Example: -1}
	}
	return best
}

// inPictures tells whether each batch is one picture's tiles, or a series, by the names.
func (b *Batches) inPictures(src *dataset.Source) bool {
	var places []int32
	for i := b.Example; i < b.Example+int32(b.Images); i++ {
		if i > 0 && src.Images[i].Size != src.Images[i-1].Size {
			places = append(places, i)
		}
	}
	return names.InPictures(src, places, b.N)
}

// The images of a batch: 4 to 128.
const shortestBatch, longestBatch = 4, 128

// among looks for the most changes that stand at multiples of one number, the largest such one.
func (b *Batches) among(changes []int32, least float64) {
	for n := int32(shortestBatch); n <= longestBatch; n++ {
		run := 0
		for i := 1; i < len(changes); i++ {
			if run++; (changes[i]-changes[i-1])%n != 0 {
				run = 0
			}
			if run > 0 && run >= b.Changes && float64(run)*math.Log(float64(n)) > least {
				first := changes[i-run]
				*b = Batches{N: int(n), Changes: run, Images: int(changes[i] - first), Example: first}
			}
		}
	}
}

// Finding returns the finding on sizes of batches.
func (b *Batches) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[b.Example]
	f := say.Finding("image-size-convention", s, im.Offset, im.Line,
		"over %s the width or height changes %d times, and only "+
			"every %d images. The sizes seem to be those of batches, padded to their largest picture: write each picture's own "+
			"size, by which its boxes are resized. If pictures come in series of %d, waive the finding. The first is %s, "+
			"%d × %d px", say.Plural(b.Images, "image"), b.Changes, b.N, b.N, say.Label(im), im.Size.W, im.Size.H)
	f.Level = findings.Warning
	return f
}
