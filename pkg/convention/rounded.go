package convention

import (
	"fmt"
	"math"
	"math/bits"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Rounded says that ids of images went through floating-point numbers of 32 bits, which have 24 for the digits: ids
// become multiples of a power of two, and images whose ids lie between two of these become one.
type Rounded struct {
	Images  int   // in the run whose ids are so
	All     int   // images whose ids are above 2^24
	Step    int64 // of which most are multiples
	Next    int   // images of the run whose id is the next number of 32 bits after that of the image before
	Example int32 // the first image of the run, -1 if there is nothing to tell
	Last    int32
}

// Found reports whether ids are so.
func (r *Rounded) Found() bool { return r.Example >= 0 }

// Numbers of 32 bits have floatDigits binary digits. In a run of rounded ids one in oddPart or more needs all of them,
// since half of all numbers do: ids that are made of a number and zeros, as 7 · 2^32, do not.
const (
	floatDigits = 24
	oddPart     = 4
)

// OfRounded looks at the images in the order of the file for the longest run of ids above 2^24 that are such numbers.
// An id that needs s digits more is one by a chance of 2^-s, and such a run anywhere has a chance below 1e-6.
func OfRounded(src *dataset.Source) Rounded {
	best := Rounded{Example: -1}
	all, odds, most := 0, 0.0, 0.0
	run, steps := Rounded{Example: -1}, [64]int{}
	odd, before := 0, int64(0)
	for i := range src.Images {
		id, ok := src.Images[i].ID.Int()
		digits := bits.Len64(uint64(id))
		if !ok || id < 0 || digits <= floatDigits {
			continue
		}
		all++
		step := digits - floatDigits
		rest := bits.TrailingZeros64(uint64(id)) - step
		if rest < 0 {
			run, odd, odds, steps = Rounded{Example: -1}, 0, 0, [64]int{}
			continue
		}
		if run.Images++; run.Images == 1 {
			run.Example = int32(i)
		}
		run.Last = int32(i)
		run.Next += sample.One(run.Images > 1 && id-before == 1<<step)
		before = id
		odd += sample.One(rest == 0)
		odds += float64(step)
		if steps[step]++; steps[step] > steps[bits.TrailingZeros64(uint64(max(run.Step, 1)))] {
			run.Step = 1 << step
		}
		if odds > most && run.Images >= leastStretch && oddPart*odd >= run.Images {
			best, most = run, odds
		}
	}
	best.All = all
	if float64(most*math.Ln2)-math.Log(float64(max(all, 1))) <= -math.Log(sample.Unlikely) {
		best.Example = -1
	}
	return best
}

// finding returns the finding on ids that were rounded.
func (r *Rounded) finding(src *dataset.Source, s int32) findings.Finding {
	im, last := &src.Images[r.Example], &src.Images[r.Last]
	where := ""
	if r.Images < r.All {
		where = fmt.Sprintf(" that follow each other, up to %s, and not those of the rest", say.Label(last))
	}
	f := say.Finding("image-id-duplicate", s, im.Offset, im.Line,
		"%s: the ids of %s%s are multiples of %s, the numbers that floats of 32 bits can hold: they seem to have gone "+
			"through such floats. Pictures whose ids were near each other share one id then, with the boxes of all (%s the "+
			"next such number after the id before). np.float32 and torch.FloatTensor do so. Write the ids as whole numbers, "+
			"and join the annotations anew. The first is %s",
		text.Printable(src.Name), say.Plural(r.Images, "image"), where, text.Group(r.Step),
		say.Group(r.Next)+" "+say.Are(r.Next), say.Label(im))
	f.Image, f.Size, f.Cases = r.Example, float64(r.Images), int64(r.Images)
	f.Level = findings.Warning
	return f
}
