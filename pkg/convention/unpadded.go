package convention

import (
	"fmt"
	"strings"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// Unpadded says that square images are letterboxed pictures, and the padding was not added to the boxes: they were
// scaled with the picture, and lie in the upper or left part of the image in the place of its middle.
type Unpadded struct {
	Square int      // square images of the commonest side that were looked at
	Piles  [2][]int // by axis, x and y: places where boxes of many images end and none beyond, in bins, most images first
	Images []int    // of the piles, x before y
	Total  int
	// Example is the first image that ends at the first pile, -1 if there is nothing to tell.
	Example int32
}

// Found reports whether the padding is missing: one in twenty of the images ends where letterboxed pictures would.
func (u *Unpadded) Found() bool { return u.Total > 0 && leastPiled*u.Total >= u.Square }

// Thresholds of the places at which the boxes of square images end. A place is three bins of 1/squareBin of the
// side, and the 20 bins on either side of it are what chance goes by. leastEnd is how many images must end there.
// Inputs of a trainer have one side, of half as many px as bins at least: in smaller ones, whole px make piles.
const (
	squareBin  = 640
	leastEnd   = 10
	leastPiled = 20
)

// A spread is the outer edges of the boxes of one square image, in bins, along x and y.
type spread struct {
	image    int32
	from, to [2]float64
	// at is where along the other axis the box lies that ends last, in cells of 1/32 of the side.
	at [2][2]int32
}

// OfUnpadded looks at the square images, if there are 20.
func OfUnpadded(src *dataset.Source) Unpadded { return glanceAt(src).unpadded() }

func (g *glance) unpadded() Unpadded {
	u := Unpadded{Example: -1}
	sides := map[int]int{}
	side := 0
	for k := range g.images {
		if size := g.src.Images[g.images[k].image].Size; size.W == size.H && 2*size.W >= squareBin {
			sides[size.W]++
			if n := sides[size.W]; n > u.Square || n == u.Square && size.W < side {
				u.Square, side = n, size.W
			}
		}
	}
	if u.Square < 2*leastEnd {
		return u
	}
	all := g.spreads(side)
	for axis := range 2 {
		var h [squareBin]int32
		for i := range all {
			if end := int(all[i].to[axis]); end < squareBin {
				h[max(end, 0)]++
			}
		}
		for _, j := range endings(&h) {
			if n, first := endAt(all, axis, j); n > 0 {
				u.Piles[axis] = append(u.Piles[axis], j)
				u.Images = append(u.Images, n)
				u.Total += n
				if u.Example < 0 {
					u.Example = first
				}
			}
		}
	}
	return u
}

// spreads returns where the boxes of the square images of a side begin and end.
func (g *glance) spreads(side int) (all []spread) {
	const cell = squareBin / 32
	for k := range g.images {
		im := &g.src.Images[g.images[k].image]
		if im.Size.W != side || im.Size.H != side {
			continue
		}
		unit := squareBin / float64(side)
		s := spread{image: g.images[k].image, from: [2]float64{squareBin, squareBin}}
		for i := im.First; i < im.Last; i++ {
			o := &g.src.Objects[i]
			if !sample.Told(o) || o.Flags&dataset.Crowd != 0 {
				continue
			}
			b := [2][2]float64{
				{o.Box.X * unit, (o.Box.X + o.Box.W) * unit}, {o.Box.Y * unit, (o.Box.Y + o.Box.H) * unit},
			}
			for axis := range b {
				s.from[axis] = min(s.from[axis], b[axis][0])
				if b[axis][1] > s.to[axis] {
					s.to[axis] = b[axis][1]
					s.at[axis] = [2]int32{int32(b[1-axis][0]) / cell, int32(b[1-axis][1]) / cell}
				}
			}
		}
		all = append(all, s)
	}
	return all
}

// endings returns the bins below inner at which, with both beside, leastEnd images or more end, pileTimes as many
// for a bin as around it; the fullest first, none within 8 bins of another.
func endings(h *[squareBin]int32) (places []int) {
	for range 4 {
		best, most := -1, int32(leastEnd-1)
	next:
		for j := squareBin / 4; float64(j) < inner*squareBin; j++ {
			at, around := h[j-1]+h[j]+h[j+1], int32(0)
			if at <= most {
				continue
			}
			for _, p := range places {
				if max(j-p, p-j) < 8 {
					continue next
				}
			}
			for k := 2; k < 22; k++ {
				around += h[j+k] + h[j-k]
			}
			if 40*at >= 3*pileTimes*around {
				best, most = j, at
			}
		}
		if best < 0 {
			break
		}
		places = append(places, best)
	}
	return places
}

// endAt returns how many images end at a place, and the first of them; 0 unless the pictures seem to end there and
// to begin at 0. A tenth of them, five at least, begin within 1 % of 0, a tenth reach the end of the other axis,
// three in ten begin in the half of what is free at the other end that is nearer to 0, where no picture in the
// middle has anything, and the boxes that end there are a third as many by their extent along the other axis:
// before a camera at rest, one parked car ends at one place in many images.
func endAt(all []spread, axis, place int) (n int, first int32) {
	first = -1
	begin, low, full := 0, 0, 0
	kinds := map[[2]int32]bool{}
	for i := range all {
		s := &all[i]
		if d := int(s.to[axis]) - place; d < -1 || d > 1 {
			continue
		}
		n++
		if first < 0 || s.image < first {
			first = s.image
		}
		begin += sample.One(s.from[axis] <= 0.01*squareBin)
		low += sample.One(s.from[axis] < float64(squareBin-place)/2)
		full += sample.One(s.to[1-axis] >= 0.98*squareBin)
		kinds[s.at[axis]] = true
	}
	if min(begin, full) < 3 || 10*min(begin, full) < n || 10*low < 3*n || 3*len(kinds) < n {
		return 0, -1
	}
	return n, first
}

// Finding returns the finding on padding that was not added.
func (u *Unpadded) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[u.Example]
	var places []string
	for axis, side := range [2]string{"width", "height"} {
		for _, j := range u.Piles[axis] {
			places = append(places, fmt.Sprintf("%s at %s %% of the %s", say.Plural(u.Images[len(places)], "image"),
				say.Percent((float64(j)+0.5)/squareBin), side))
		}
	}
	f := say.Finding("image-size-convention", s, im.Offset, im.Line, "the padding of letterboxed pictures seems to be "+
		"missing in the boxes: of %s that were looked at, the boxes end together and none beyond in %s, where a "+
		"picture ends that was scaled into the square, and they begin at 0, where the padding is if the picture lies "+
		"in the middle. Add the padding, half of the square's side less the scaled picture's, to x or y of every box "+
		"(and outline) in these images; or pad the pictures at the right and at the bottom only. Draw the boxes of "+
		"the first, %s, %d × %d px",
		say.Plural(u.Square, "square image"), strings.Join(places, ", in "), say.Label(im), im.Size.W, im.Size.H)
	f.Cases = int64(u.Total)
	return f
}

// mirrored tells whether the images of a pile, at bin j of an axis, are padded pictures with boxes that were moved
// with them: where a picture in the middle of its image ends at a part p of the side, it begins at 1 - p. Without
// the images whose boxes all begin there or later no pile may be left, and of those five, and one in twenty, begin
// within two bins of there, three times as many for a bin as in the 20 behind.
func (h *histogram) mirrored(src *dataset.Source, images map[int32]bool, axis, j int) bool {
	begin := wholeBin - j // the bin of 1 - p
	rest, banded, near, behind := 0, 0, 0, 0
	for i := range images {
		im := &src.Images[i]
		from, n := wholeBin, 0
		for k := im.First; k < im.Last; k++ {
			o := &src.Objects[k]
			if !sample.Told(o) {
				continue
			}
			at, end, side := o.Box.X, o.Box.X+o.Box.W, float64(im.Size.W)
			if axis == 1 {
				at, end, side = o.Box.Y, o.Box.Y+o.Box.H, float64(im.Size.H)
			}
			from = min(from, int(at/side*wholeBin))
			e := int(end / side * wholeBin)
			n += sample.One(e == j || e == j-1)
		}
		switch d := from - begin; {
		case d < -2:
			rest += n
			continue
		case d <= 2:
			near++
		case d <= 22:
			behind++
		}
		banded++
	}
	around := 0
	for k := 3; k <= 22; k++ {
		around += int(h[j+k-1] + h[j-k])
	}
	if rest >= pileBoxes && 20*rest >= pileTimes*around {
		return false
	}
	return near >= 5 && 20*near >= banded && 4*near >= 3*behind
}
