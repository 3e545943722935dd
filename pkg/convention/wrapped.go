package convention

import (
	"cmp"
	"fmt"
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Wrapped says that areas were stored in whole numbers of 16 bits, so that what is above 65,535 begins at 0 again.
type Wrapped struct {
	Areas   int   // that are less than they should be by a multiple of 65,536
	Short   int   // these, and others that are less by half of that or more
	Large   int   // that should be 65,536 or more, of those that are looked at
	Example int32 // the first such object, -1 if there is nothing to tell
}

// Found reports whether areas were stored so.
func (w *Wrapped) Found() bool { return w.Example >= 0 }

// wraps is how many numbers 16 bits have. An area was wrapped if wrapOff is the most that it is off by but for that:
// it may be cut to a whole number, and the outline's area be rounded.
const (
	wraps   = 1 << 16
	wrapOff = 1.5
)

// OfWrapped looks at the areas that the reader compared: those of outlines, or width times height where there is none.
// Half of those that are too small are less by a multiple of 65,536. Were an area any number, four of 65,536 would be
// so, and it takes three: chance goes by areas and boxes that differ, since the frames of a video may have one again
// and again.
func OfWrapped(src *dataset.Source) Wrapped {
	w := Wrapped{Example: -1}
	if src.AreaParts == nil {
		return w
	}
	type size struct{ of, area float64 }
	large, wrapped := map[size]bool{}, map[size]bool{}
	first := int32(-1)
	for _, at := range src.AreaParts.Places {
		of := float64(at.Of)
		if of < wraps {
			continue
		}
		area := float64(at.Part) * of
		w.Large++
		large[size{of, area}] = true
		if of-area < wraps/2 {
			continue
		}
		w.Short++
		off := math.Remainder(of-area, wraps)
		if math.Abs(off) > wrapOff || area >= wraps {
			continue
		}
		w.Areas++
		wrapped[size{of, area}] = true
		if first < 0 || cmp.Less(src.Objects[at.Object].Offset, src.Objects[first].Offset) {
			first = at.Object
		}
	}
	if len(wrapped) < least || 2*w.Areas < w.Short || wrapChance(len(wrapped), len(large)) >= math.Log(sample.Unlikely) {
		return w
	}
	w.Example = first
	return w
}

// wrapChance bounds the logarithm of the chance that n or more of all areas look wrapped, by Chernoff.
func wrapChance(n, all int) float64 {
	mean := float64(all) * 4 / wraps
	if float64(n) <= mean {
		return 0
	}
	return float64(n) - mean - float64(float64(n)*math.Log(float64(n)/mean))
}

// wrappedAreas is the rule on areas of 16 bits.
func wrappedAreas(at site) (f findings.Finding, ok bool) {
	w := OfWrapped(at.src)
	if !w.Found() {
		return f, false
	}
	return w.finding(at.src, at.s), true
}

// finding returns the finding on areas of 16 bits.
func (w *Wrapped) finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[w.Example]
	right := "none of them is 65,536 or more"
	if n := w.Large - w.Short; n > 0 {
		right = fmt.Sprintf("%s of them %s as large as they should be", say.Group(n), say.Are(n))
	}
	f := say.Finding("area-impossible", s, o.Offset, o.Line,
		"%s: areas seem to be stored in 16 bits: %s of %s that should be 65,536 or more, by the outline or by width times "+
			"height where there is no outline, are less by 65,536 or a multiple of it, and %s. Arrays of "+
			"uint16 lose what is above, and evaluation takes these objects for small ones: compute the areas anew. The first "+
			"is %s", text.Printable(src.Name), say.Group(w.Areas), say.Plural(w.Large, "area"), right,
		say.Place(src, w.Example))
	f.Size, f.Cases = float64(w.Areas), int64(w.Areas)
	return f
}
