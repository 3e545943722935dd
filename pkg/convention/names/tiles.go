package names

import (
	"cmp"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// Grid are the tiles of one picture by their names: all pairs of some first and some second numbers, but for one in
// four at most, since tiles without objects may be left out.
type Grid struct {
	Tiles  []Placed   // by first number, then by second
	Values [2][]int32 // first and second numbers, rising
}

// Placed is an image with the two numbers of its name.
type Placed struct {
	At    [2]int32
	Words [2]string
	Image int32
}

// A source is cut into tiles if four in five of its images are in grids, of leastGrids pictures, with leastTiles each
// and mostTiles numbers a side: videos that are numbered by camera and frame have more. Where tiles without objects are
// left out, all pictures together have to be a grid of fewTiles a side at most.
const (
	leastGrids, leastTiles, mostTiles, fewTiles = 5, 4, 32, 12

	gridLook = 64 // names that tell whether all have to be read
)

// TileGrids returns the grids of a source, by the first image of each, or nil if it is not cut into tiles.
func TileGrids(src *dataset.Source) (all []Grid) {
	step, n, of := len(src.Images)/gridLook+1, 0, 0
	for i := 0; i < len(src.Images); i += step {
		_, ok := tileOf(src.Images[i].File)
		n, of = n+sample.One(ok), of+1
	}
	if 5*n < 4*of {
		return nil
	}
	at := map[string]int{}
	for i := range src.Images {
		t, ok := tileOf(src.Images[i].File)
		if !ok {
			continue
		}
		k, known := at[t.picture]
		if !known {
			k = len(all)
			at[t.picture], all = k, append(all, Grid{})
		}
		all[k].Tiles = append(all[k].Tiles, Placed{t.at, t.words, int32(i)})
	}
	few := fewNumbers(all)
	in := 0
	kept := all[:0]
	for _, g := range all {
		if g.arrange() && (g.full() || few) {
			in += len(g.Tiles)
			kept = append(kept, g)
		}
	}
	if len(kept) < leastGrids || 5*in < 4*len(src.Images) {
		return nil
	}
	return kept
}

// fewNumbers tells whether all pictures together have a few first numbers and a few second ones, and all pairs of them.
func fewNumbers(all []Grid) bool {
	together := map[[2]int32]bool{}
	for i := range all {
		for k := range all[i].Tiles {
			if together[all[i].Tiles[k].At] = true; len(together) > fewTiles*fewTiles {
				return false
			}
		}
	}
	var g Grid
	for at := range together {
		g.Tiles = append(g.Tiles, Placed{At: at})
	}
	return g.arrange() && g.full() && min(len(g.Values[0]), len(g.Values[1])) > 1 &&
		max(len(g.Values[0]), len(g.Values[1])) <= fewTiles
}

// arrange sorts the tiles of a picture and reports whether each is another one.
func (g *Grid) arrange() bool {
	slices.SortFunc(g.Tiles, func(a, b Placed) int {
		return cmp.Or(cmp.Compare(a.At[0], b.At[0]), cmp.Compare(a.At[1], b.At[1]))
	})
	for k := range g.Values {
		for i := range g.Tiles {
			g.Values[k] = append(g.Values[k], g.Tiles[i].At[k])
		}
		slices.Sort(g.Values[k])
		g.Values[k] = slices.Compact(g.Values[k])
	}
	for i := 1; i < len(g.Tiles); i++ {
		if g.Tiles[i].At == g.Tiles[i-1].At {
			return false
		}
	}
	return true
}

// full reports whether the tiles of a picture are a grid.
func (g *Grid) full() bool {
	a, b := len(g.Values[0]), len(g.Values[1])
	return len(g.Tiles) >= leastTiles && max(a, b) <= mostTiles && 4*len(g.Tiles) >= 3*a*b
}
