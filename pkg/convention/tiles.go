package convention

import (
	"cmp"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// grid are the tiles of one picture by their names: all pairs of some first and some second numbers, but for one in
// four at most, since tiles without objects may be left out.
type grid struct {
	tiles  []placed   // by first number, then by second
	values [2][]int32 // first and second numbers, rising
}

// placed is an image with the two numbers of its name.
type placed struct {
	at    [2]int32
	words [2]string
	image int32
}

// A source is cut into tiles if four in five of its images are in grids, of leastGrids pictures, with leastTiles each
// and mostTiles numbers a side: videos that are numbered by camera and frame have more. Where tiles without objects are
// left out, all pictures together have to be a grid of fewTiles a side at most.
const (
	leastGrids, leastTiles, mostTiles, fewTiles = 5, 4, 32, 12

	gridLook = 64 // names that tell whether all have to be read
)

// tileGrids returns the grids of a source, by the first image of each, or nil if it is not cut into tiles.
func tileGrids(src *dataset.Source) (all []grid) {
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
			at[t.picture], all = k, append(all, grid{})
		}
		all[k].tiles = append(all[k].tiles, placed{t.at, t.words, int32(i)})
	}
	few := fewNumbers(all)
	in := 0
	kept := all[:0]
	for _, g := range all {
		if g.arrange() && (g.full() || few) {
			in += len(g.tiles)
			kept = append(kept, g)
		}
	}
	if len(kept) < leastGrids || 5*in < 4*len(src.Images) {
		return nil
	}
	return kept
}

// fewNumbers tells whether all pictures together have a few first numbers and a few second ones, and all pairs of them.
func fewNumbers(all []grid) bool {
	together := map[[2]int32]bool{}
	for i := range all {
		for k := range all[i].tiles {
			if together[all[i].tiles[k].at] = true; len(together) > fewTiles*fewTiles {
				return false
			}
		}
	}
	var g grid
	for at := range together {
		g.tiles = append(g.tiles, placed{at: at})
	}
	return g.arrange() && g.full() && min(len(g.values[0]), len(g.values[1])) > 1 &&
		max(len(g.values[0]), len(g.values[1])) <= fewTiles
}

// arrange sorts the tiles of a picture and reports whether each is another one.
func (g *grid) arrange() bool {
	slices.SortFunc(g.tiles, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.at[0], b.at[0]), cmp.Compare(a.at[1], b.at[1]))
	})
	for k := range g.values {
		for i := range g.tiles {
			g.values[k] = append(g.values[k], g.tiles[i].at[k])
		}
		slices.Sort(g.values[k])
		g.values[k] = slices.Compact(g.values[k])
	}
	for i := 1; i < len(g.tiles); i++ {
		if g.tiles[i].at == g.tiles[i-1].at {
			return false
		}
	}
	return true
}

// full reports whether the tiles of a picture are a grid.
func (g *grid) full() bool {
	a, b := len(g.values[0]), len(g.values[1])
	return len(g.tiles) >= leastTiles && max(a, b) <= mostTiles && 4*len(g.tiles) >= 3*a*b
}
