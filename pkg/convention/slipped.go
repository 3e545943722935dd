package convention

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Slipped says that the classes of a source, or of a stretch of it, stay and change without regard to where images
// begin and end, as they do once the column of classes has slipped against the records, by more and more.
type Slipped struct {
	Same, In      int   // neighbours of one image, these of one class
	Across, Out   int   // neighbours of two images, these of one class
	Chance        int   // percent of any two records that have one class
	Rest          bool  // it is a stretch
	RestIn, RestX int   // percent of neighbours with one class in the rest, in an image and across a border
	Records       int   // of the stretch
	From, To      int32 // objects: the first and the last of the stretch
	nats          float64
}

// Found reports whether the classes are so.
func (s *Slipped) Found() bool { return s.nats > 0 }

// Thresholds of slipped classes. Neighbours in the file agree in class more often if they are of one image. In right
// files those on both sides of a border have at most mostCarried of what those of an image have beyond chance (0.5 in
// the real files, series of camera traps).
const (
	slipBlocks  = 16
	leastPairs  = 50   // neighbours of one image, and of two
	mostCarried = 0.6  // without a rest to compare with
	lestCarried = 0.25 // of the rest, at least, which has its standard error three times
	leastKept   = 0.05 // by which neighbours of an image agree more often than chance
	timesStay   = 1.5  // as long as images classes stay at most
)

// slipLags are the distances of records that are compared; the last one tells only how long classes stay.
var slipLags = [...]int{1, 2, 3, 4, 8}

// slipSums counts pairs of records of a part of the file by their distance.
type slipSums struct {
	n, same [len(slipLags)][2]int // of one image, of two; these of one class
	records int
	classes []int32
	rows    [2]*columnRow // the first and the last
}

func (a *slipSums) add(b *slipSums) {
	for l := range slipLags {
		for k := range 2 {
			a.n[l][k] += b.n[l][k]
			a.same[l][k] += b.same[l][k]
		}
	}
	a.records += b.records
	if a.classes == nil {
		a.classes = make([]int32, len(b.classes))
	}
	for c, n := range b.classes {
		a.classes[c] += n
	}
	if a.rows[0] == nil {
		a.rows[0] = b.rows[0]
	}
	if b.rows[1] != nil {
		a.rows[1] = b.rows[1]
	}
}

// chance is how often any two records have one class.
func (a *slipSums) chance() float64 {
	sum := 0.0
	for _, n := range a.classes {
		sum += float64(float64(n) * float64(n))
	}
	return sum / max(float64(float64(a.records)*float64(a.records)), 1)
}

// share returns how often pairs agree, of one image (0) or of two (1).
func (a *slipSums) share(lag, k int) float64 {
	return float64(a.same[lag][k]) / float64(max(a.n[lag][k], 1))
}

// slipParts counts pairs in slipBlocks parts of stretches of the file. Objects that the image before has too count
// for nothing, as where they are the frames of a video.
func slipParts(blocks [][]columnRow) []slipSums {
	names := map[int32]int32{}
	for q := range blocks {
		for i := range blocks[q] {
			if r := &blocks[q][i]; r.fresh {
				if _, ok := names[r.class]; !ok {
					names[r.class] = int32(len(names))
				}
			}
		}
	}
	parts := make([]slipSums, slipBlocks)
	each := slipBlocks / len(blocks)
	for q, rows := range blocks {
		for i := range rows {
			r := &rows[i]
			if !r.fresh {
				continue
			}
			p := &parts[q*each+i*each/len(rows)]
			if p.classes == nil {
				p.classes = make([]int32, len(names))
				p.rows[0] = r
			}
			p.rows[1] = r
			p.records++
			p.classes[names[r.class]]++
			for l, lag := range slipLags {
				if i < lag {
					break
				}
				b := &rows[i-lag]
				if !b.fresh {
					continue
				}
				if k, counts := borders(rows, i-lag, i); counts {
					p.n[l][k]++
					p.same[l][k] += sample.One(b.class == r.class)
				}
			}
		}
	}
	return parts
}

// borders tells whether two records are of two images (1) or of one (0), and whether the pair counts: where both images
// have one record only, as boxes of groups that stand behind all others have, no pair of one image stands beside it.
func borders(rows []columnRow, a, b int) (k int, counts bool) {
	if rows[a].image == rows[b].image {
		return 0, true
	}
	return 1, a > 0 && rows[a-1].image == rows[a].image || b+1 < len(rows) && rows[b+1].image == rows[b].image
}

// longRun is how many records of one class behind each other are those of a list of its own, as where groups or parts
// stand behind all others. Where 0.9 of neighbours have one class, so many do by a chance of 3e-5.
const longRun = 100

// withoutRuns returns blocks in which long runs of one class do not count: beside a part of the file without them, they
// look like classes that stay from image to image.
func withoutRuns(blocks [][]columnRow) [][]columnRow {
	out, cloned := blocks, false
	for q, rows := range blocks {
		own := false
		for from, to := 0, 0; from < len(rows); from = to {
			for to = from + 1; to < len(rows) && rows[to].class == rows[from].class; {
				to++
			}
			if to-from < longRun {
				continue
			}
			if !cloned {
				out, cloned = slices.Clone(blocks), true
			}
			if !own {
				out[q], own = slices.Clone(rows), true
			}
			for i := from; i < to; i++ {
				out[q][i].fresh = false
			}
		}
	}
	return out
}

// mayHaveSlipped tells whether, in some run of parts, neighbours of two images may agree as often as those of one: a
// first look at neighbours only, which ends here for nearly every file.
func mayHaveSlipped(blocks [][]columnRow) bool {
	var parts [slipBlocks]slipSums
	each := slipBlocks / len(blocks)
	for q, rows := range blocks {
		for e := range each {
			p := &parts[q*each+e]
			for i := max(1, (len(rows)*e+each-1)/each); i < (len(rows)*(e+1)+each-1)/each; i++ {
				if a, b := &rows[i-1], &rows[i]; a.fresh && b.fresh {
					if k, counts := borders(rows, i-1, i); counts {
						p.n[0][k]++
						p.same[0][k] += sample.One(a.class == b.class)
					}
				}
			}
		}
	}
	for from := range parts {
		var in slipSums
		for to := from; to < len(parts); to++ {
			for k := range 2 {
				in.n[0][k] += parts[to].n[0][k]
				in.same[0][k] += parts[to].same[0][k]
			}
			if in.even() {
				return true
			}
		}
	}
	return false
}

// slippedIn looks at the records, and, where one in four boxes ends at an edge of its image, at the others: an object
// that a seam of tiles cuts is in both, and ends there.
func slippedIn(src *dataset.Source, blocks [][]columnRow) Slipped {
	s := slippedAt(blocks)
	if !s.Found() {
		return s
	}
	inner := make([][]columnRow, len(blocks))
	cut, all := 0, 0
	for q := range blocks {
		inner[q] = slices.Clone(blocks[q])
		for i := range inner[q] {
			if r := &inner[q][i]; r.fresh {
				size := src.Images[r.image].Size
				all++
				r.fresh = min(r.box.X0, r.box.Y0) >= 1 && r.box.X1 <= float64(size.W)-1 && r.box.Y1 <= float64(size.H)-1
				cut += sample.One(!r.fresh)
			}
		}
	}
	if 4*cut < all {
		return s
	}
	if of := slippedAt(inner); of.Found() {
		return s
	}
	return Slipped{}
}

// slippedAt looks at all records, then at each run of parts.
func slippedAt(blocks [][]columnRow) Slipped {
	blocks = withoutRuns(blocks)
	if !mayHaveSlipped(blocks) {
		return Slipped{}
	}
	parts := slipParts(blocks)
	for i := range parts {
		if parts[i].classes == nil {
			return Slipped{}
		}
	}
	var all slipSums
	for i := range parts {
		all.add(&parts[i])
	}
	bar := -math.Log(sample.Unlikely) + math.Log(2) // the whole has a half of the chance, all stretches the other one
	best := all.slipped(nil, bar)
	for from := range parts {
		var in slipSums
		for to := from; to < len(parts) && to-from+1 < len(parts); to++ {
			in.add(&parts[to])
			if !in.even() {
				continue
			}
			var rest slipSums
			for k := range parts {
				if k < from || k > to {
					rest.add(&parts[k])
				}
			}
			s := in.slipped(&rest, bar+math.Log(slipBlocks*(slipBlocks+1)/2))
			if s.nats > best.nats && !best.Found() || s.nats > best.nats && best.Rest {
				best = s
			}
		}
	}
	return best
}

// even tells whether neighbours of two images may agree as often as those of one.
func (a *slipSums) even() bool {
	return min(a.n[0][0], a.n[0][1]) >= leastPairs && a.share(0, 1) >= 0.7*a.share(0, 0)
}

// above tells whether neighbours of two images agree even more often than those of one, by 2.5 standard errors, as
// those of tiles do, since an object that a seam cuts is in both.
func (a *slipSums) above() bool {
	in, out := a.share(0, 0), a.share(0, 1)
	square := in*(1-in)/float64(a.n[0][0]) + out*(1-out)/float64(a.n[0][1])
	return out > in+float64(2.5*math.Sqrt(square))
}

// carried returns how much of what neighbours of one image have beyond chance those of two have.
func (a *slipSums) carried(lag int) float64 {
	chance := a.chance()
	return (a.share(lag, 1) - chance) / (a.share(lag, 0) - chance)
}

// stay returns how long classes stay, and how long images do: the sum over distances of what neighbours have beyond
// chance, in units of what those of one image have, and of the part that is of one image, in units of that of
// neighbours.
func (a *slipSums) stay() (classes, images float64) {
	chance := a.chance()
	kept, in := a.share(0, 0)-chance, float64(a.n[0][0])/float64(a.n[0][0]+a.n[0][1])
	for l := 1; l < len(slipLags); l++ {
		n := float64(max(a.n[l][0]+a.n[l][1], 1))
		classes += (float64(a.same[l][0]+a.same[l][1])/n - chance) / kept
		images += float64(a.n[l][0]) / n / in
	}
	return classes, images
}

// slipped tells whether classes of a part pay no regard to images: of neighbours at one distance, those of two images
// agree as those of one do, and not as they would if the border took away what it takes in right files. The nats are
// the logarithm of the likelihood ratio of both. Pairs at a distance of d records share a border with d - 1 others, so
// that its d-th root counts (Hölder's inequality), and of the distances the best, less the logarithm of their number.
// And classes stay no longer than images do, or than in the rest: in series of like images they do.
func (a *slipSums) slipped(rest *slipSums, bar float64) Slipped {
	if !a.even() {
		return Slipped{}
	}
	chance := a.chance()
	if a.share(0, 0)-chance < leastKept || a.above() {
		return Slipped{}
	}
	classes, images := a.stay()
	most := mostCarried
	if rest != nil {
		if min(rest.n[0][0], rest.n[0][1]) < leastPairs || rest.share(0, 0)-rest.chance() < leastKept ||
			rest.share(0, 0) < a.share(0, 0) {
			return Slipped{}
		}
		out := rest.share(0, 1)
		carried := rest.carried(0) + 3*math.Sqrt(out*(1-out)/float64(rest.n[0][1]))/(rest.share(0, 0)-rest.chance())
		if carried > mostCarried {
			return Slipped{}
		}
		most = max(lestCarried, carried)
		stay, _ := rest.stay()
		images = max(images, stay)
	}
	if classes > timesStay*images {
		return Slipped{}
	}
	nats := 0.0
	for l, lag := range slipLags[:len(slipLags)-1] {
		n, in := float64(a.n[l][1]), a.share(l, 0)
		if a.n[l][0] < leastPairs || in <= 0 || in >= 1 {
			continue
		}
		off := math.Copysign(2*math.Sqrt(in*(1-in)/float64(a.n[l][0])), in-chance)
		right := chance + float64(most*(in+off-chance))
		if right <= 0 || right >= 1 {
			continue
		}
		same := float64(a.same[l][1])
		ratio := float64(same*math.Log(in/right)) + float64((n-same)*math.Log((1-in)/(1-right)))
		if nats = max(nats, ratio/float64(lag)-math.Log(float64(len(slipLags)-1))); l == 0 && ratio <= 0 {
			return Slipped{} // what stands side by side tells most of all
		}
	}
	if nats < bar {
		return Slipped{}
	}
	s := Slipped{
		Same: a.n[0][0], In: a.same[0][0], Across: a.n[0][1], Out: a.same[0][1], Chance: int(math.Round(100 * chance)),
		Records: a.records, From: a.rows[0].object, To: a.rows[1].object, nats: nats,
	}
	if rest != nil {
		s.Rest, s.RestIn = true, int(math.Round(100*rest.share(0, 0)))
		s.RestX = int(math.Round(100 * rest.share(0, 1)))
	}
	return s
}

// Finding returns the finding on a column of classes that has slipped, a warning.
func (s *Slipped) Finding(src *dataset.Source, at int32) findings.Finding {
	o := &src.Objects[s.From]
	where, rest := "", "in an image they should agree far more often"
	if s.Rest {
		where = fmt.Sprintf(" of a stretch up to %s", say.Place(src, s.To))
		rest = fmt.Sprintf("in the rest of the file %d %% and %d %% do", s.RestIn, s.RestX)
	}
	share := func(n, of int) int { return int(math.Round(100 * float64(n) / float64(max(of, 1)))) }
	f := say.Finding("columns-shifted", at, o.Offset, o.Line, "%s: the column of classes seems to have slipped against "+
		"the records, by more and more. Classes pay no regard to where images end: of neighbours in the file%s, %d %% "+
		"have one class where both are of one image, and %d %% where an image ends between them (%s and %s), and %d %% of "+
		"any two records do; %s. One of two columns seems to be filtered alone, as in pandas without reset_index: join "+
		"classes and boxes anew by the annotation's id. The first record: %s", text.Printable(src.Name), where,
		share(s.In, s.Same), share(s.Out, s.Across), say.Plural(s.Same, "pair"), say.Group(s.Across), s.Chance, rest,
		say.Place(src, s.From))
	f.Level = findings.Warning
	f.Size, f.Cases = float64(s.Records), int64(s.Records)
	return f
}
