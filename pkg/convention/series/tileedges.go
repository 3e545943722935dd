package series

import (
	"math"

	"focalaudit/pkg/convention/names"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// TileEdges counts boxes that end at the edges which tiles of one picture have in common.
type TileEdges struct {
	Cut      int     // boxes that end at such an edge
	Expected float64 // objects that the edges cut, by how densely the others stand
	Of       int     // boxes in tiles with such an edge
	Example  int32   // an image with boxes, -1 if there is none
}

// Thresholds of tiles without cut objects: so many are expected, and a fifth of them found at most. Even a script that
// drops all parts below 70 % of an object keeps one of six in ten.
const (
	leastAcross = 60
	cutPart     = 5
)

// Found reports whether objects that the edges cut seem to be dropped.
func (e *TileEdges) Found() bool {
	return e.Example >= 0 && e.Expected >= leastAcross && cutPart*float64(e.Cut) <= e.Expected
}

// OfTileEdges asks whether tiles of pictures, by their names, have hardly any box that ends at an edge to another tile.
// Boxes that are whole in their tile say how many objects stand across an edge: if as many stand there as elsewhere,
// one of width w in a tile of width W stands for w/(W-w). The names may have rows first or columns; both have to say
// so.
func OfTileEdges(src *dataset.Source) TileEdges {
	grids := names.TileGrids(src)
	if grids == nil {
		return TileEdges{Example: -1}
	}
	a, b := tileEdges(src, grids, 0), tileEdges(src, grids, 1)
	if !b.Found() || a.Found() && a.Expected < b.Expected {
		return b
	}
	return a
}

// tileEdges counts where the number of a tile along x has an index.
func tileEdges(src *dataset.Source, grids []names.Grid, along int) TileEdges {
	e := TileEdges{Example: -1}
	for i := range grids {
		g := &grids[i]
		for k := range g.Tiles {
			p := &g.Tiles[k]
			im := &src.Images[p.Image]
			for axis := range 2 {
				n := along ^ axis
				values := g.Values[n]
				low, high := p.At[n] > values[0], p.At[n] < values[len(values)-1]
				if low || high {
					e.add(src, im, axis, low, high)
				}
			}
			if e.Of > 0 && e.Example < 0 {
				e.Example = p.Image
			}
		}
	}
	return e
}

// add counts the boxes of a tile along an axis. Those of more than half of it say little of where they could stand.
func (e *TileEdges) add(src *dataset.Source, im *dataset.Image, axis int, low, high bool) {
	whole := [2]float64{float64(im.Size.W), float64(im.Size.H)}[axis]
	const exact = 0.05 // px: edges are cut to two digits
	for k := im.First; k < im.Last; k++ {
		o := &src.Objects[k]
		if !sample.Told(o) || o.Flags&dataset.Crowd != 0 {
			continue
		}
		e.Of++
		from, side := o.Box.X, o.Box.W
		if axis == 1 {
			from, side = o.Box.Y, o.Box.H
		}
		if low && math.Abs(from) < exact || high && math.Abs(from+side-whole) < exact {
			e.Cut++
		} else if high && 2*side < whole {
			e.Expected += side / (whole - side)
		}
	}
}

// Finding returns the finding on tiles without cut objects.
func (e *TileEdges) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[e.Example]
	f := say.Finding("annotations-cut", s, im.Offset, im.Line, "%s: pictures are cut into tiles, by their names, and of "+
		"about %s that the edges between tiles should cut, by where the others stand, %s. Objects that no tile has whole "+
		"seem to be dropped: their parts are in the pictures and are trained as background. Keep the parts, or let tiles "+
		"overlap and mark what is cut as iscrowd. Example: %s", text.Printable(src.Name),
		say.Plural(int(e.Expected+0.5), "object"), hardly(e.Cut), say.Label(im))
	f.Key, f.Size, f.Cases = "tiles", e.Expected, int64(e.Expected+0.5)
	return f
}

// hardly says how many boxes end at an edge.
func hardly(n int) string {
	if n == 0 {
		return "no box ends at one"
	}
	if n == 1 {
		return "1 box ends at one"
	}
	return say.Group(n) + " boxes end at one"
}
