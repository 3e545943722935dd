package analysis

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// Logits of negative anchors are counted in bins of 1/perLogit, with the sum of
// their places within the bin. What a bin's terms cost is read off a table at its
// middle and its slope there. That leaves the second order: at most
// (2+γ)²/(8·perLogit²) of a loss or gradient, if all terms of a bin sit at its
// ends, 3.1e-5 at γ = 2, and in practice a tenth of it. Few logits are beyond
// ±denseReach or in the bins in which the difficulty changes: these are taken one
// by one.
const (
	perLogit   = 256
	denseReach = 20
	denseBins  = 2 * denseReach * perLogit
	placeBits  = 40 // of a packed cell: the count is above them
	placeUnit  = 1 << 16
	maxPacked  = 1 << 23 // terms that a packed cell is sure to hold
	farthest   = 65504   // float16's largest number: what is farther away, infinity too, is taken for it
)

// dense scores anchors by the logits that a detector gave all of them.
type dense struct {
	*terms
	logits  *scores.Logits
	naming  scores.Naming
	columns []int32 // by column: its class, -1 if it is none's
	price   []sums  // by bin: of one negative term, per unit
	slope   []sums  // by bin: what a logit more adds
	direct  []bool  // by bin: its terms are taken one by one
	easy    []int   // by bin: index of the difficulty

	packed  [2][]uint64   // by objective: the negatives of the image's level at hand
	classes [][]denseCell // by class: the negatives of the job under classes
	values  []float64
	special []int32 // anchors of the image that are not negative
	peaks   *peaks  // of the image; nil if nobody asks
}

// denseCell is a bin of one class.
type denseCell struct{ n, place int64 }

func (w *worker) newDense(index int) *dense {
	d := &dense{terms: w.newTerms(index), logits: w.r.Config.Scores[index].Logits, naming: w.r.Accounts[index].naming, columns: w.r.columns,
		direct: make([]bool, denseBins), easy: make([]int, denseBins), price: make([]sums, denseBins), slope: make([]sums, denseBins)}
	for o := range d.packed {
		d.packed[o] = make([]uint64, denseBins)
	}
	d.classes = make([][]denseCell, len(w.r.Data.Classes))
	if w.r.Config.auditor() == index {
		d.peaks = &peaks{}
	}
	const step = 1.0 / 64 / perLogit
	var up, down sums
	at := func(s *sums, z float64) { w.r.bank.At(loss.Logit(z).Score(), loss.Zero, s.loss[:], s.grad[:]) }
	difficulty := func(z float64) int {
		return w.r.Config.Edges.Of(loss.PT(loss.Logit(z), loss.Zero)).index()
	}
	for bin := range denseBins {
		z := (float64(bin)+0.5)/perLogit - denseReach
		at(&d.price[bin], z)
		at(&up, z+step)
		at(&down, z-step)
		for l := range w.r.bank {
			d.slope[bin].loss[l] = (up.loss[l] - down.loss[l]) / (2 * step)
			d.slope[bin].grad[l] = (up.grad[l] - down.grad[l]) / (2 * step)
		}
		const half = 0.5 / perLogit
		d.easy[bin] = difficulty(z)
		d.direct[bin] = difficulty(z-half) != difficulty(z+half)
	}
	return d
}

// columnsOf finds the class of each column of logits. K columns are the classes
// by the lowest id of their categories, as detectron2 and mmdetection number them;
// if --classes says that there are more than classes, columns are category ids, as
// in torchvision's reference models. An id must not stand for two classes.
func (r *Result) columnsOf() ([]int32, error) {
	var ids []dataset.Category
	for s := range r.Data.Sources {
		ids = append(ids, r.Data.Sources[s].Categories...)
	}
	slices.SortStableFunc(ids, func(a, b dataset.Category) int {
		x, _ := a.ID.Int()
		y, _ := b.ID.Int()
		return int(min(1, max(-1, x-y)))
	})
	byID := map[dataset.IDKey]int32{}
	for _, c := range ids {
		if had, known := byID[c.ID.Key()]; known && had != c.Class {
			return nil, fmt.Errorf("logits: category id %s stands for %q and for %q in the annotation files, so that columns can't be told apart: run the files one by one",
				c.ID, r.Data.Classes[had].Name, r.Data.Classes[c.Class].Name)
		}
		byID[c.ID.Key()] = c.Class
	}
	columns := slices.Repeat([]int32{-1}, r.K)
	if r.K <= len(r.Data.Classes) {
		next := 0
		seen := map[int32]bool{}
		for _, c := range ids {
			if !seen[c.Class] && next < r.K {
				seen[c.Class] = true
				columns[next] = c.Class
				next++
			}
		}
		return columns, nil
	}
	for _, c := range ids {
		n, whole := c.ID.Int()
		if !whole || n < 0 || n >= int64(r.K) {
			return nil, fmt.Errorf("logits: with more columns than classes (--classes %d, %d classes) columns are category ids, but id %s is none", r.K, len(r.Data.Classes), c.ID)
		}
		columns[n] = c.Class
	}
	return columns, nil
}

// prepareLogits finds out what the files and columns of logits mean.
func (r *Result) prepareLogits() (err error) {
	for i, s := range r.Config.Scores {
		if s.Logits == nil {
			continue
		}
		if r.columns, err = r.columnsOf(); err != nil {
			return err
		}
		r.Accounts[i].naming, err = s.Logits.Naming(func(yield func(id, file string) bool) {
			for _, src := range r.Data.Sources {
				for k := range src.Images {
					if im := &src.Images[k]; im.LeftOut == dataset.InUse && !yield(im.ID.String(), im.File) {
						return
					}
				}
			}
		})
		if err != nil {
			return fmt.Errorf("scores %q: %w", s.Name, err)
		}
	}
	return nil
}

// image scores the anchors of an image.
func (d *dense) image(source, i int, uses *loss.Uses) error {
	im := &d.w.r.Data.Sources[source].Images[i]
	a, err := d.logits.Open(d.naming, im.ID.String(), im.File)
	if errors.Is(err, fs.ErrNotExist) {
		d.missing++
		d.use(uses)
		return nil
	}
	if err != nil {
		return err
	}
	defer a.Close()
	k, err := d.fits(a, im)
	if err != nil {
		return err
	}
	d.plain = d.plain || k == 1 && d.w.r.K != 1
	d.find()
	if d.peaks != nil {
		d.peaks.reset()
	}
	out := &d.w.r.Accounts[d.index].images[source][i]
	if err := d.read(a, k, out); err != nil {
		return fmt.Errorf("logits of %s: %w", dataset.Label("image", im.ID), err)
	}
	if d.peaks != nil {
		d.w.r.Accounts[d.index].peaks[source][i] = d.join()
	}
	d.use(uses)
	return nil
}

// fits checks the shape of an image's logits, and returns the number of columns.
func (d *dense) fits(a *scores.Array, im *dataset.Image) (k int, err error) {
	n, r := d.w.scene.Found.Anchors, d.w.r
	switch {
	case r.K == 0 && r.Objective == PerClass:
		return 0, fmt.Errorf("logits of %s: the data have no classes: use --objective objectness", dataset.Label("image", im.ID))
	case len(a.Shape) == 1 && a.Shape[0] == n:
		if r.K != 1 && r.Objective == PerClass {
			return 0, fmt.Errorf("logits of %s: one an anchor, but the objective is classes with K = %d: use --objective objectness", dataset.Label("image", im.ID), r.K)
		}
		return 1, nil
	case len(a.Shape) == 2 && a.Shape[0] == n && a.Shape[1] > 0 && (a.Shape[1] == r.K || a.Shape[1] == 1 && r.Objective == Objectness):
		return a.Shape[1], nil
	}
	var levels []string
	for i := range d.w.scene.Frame.Grids {
		g := &d.w.scene.Frame.Grids[i]
		levels = append(levels, fmt.Sprintf("%d (%s: %d × %d × %d)", g.Len(), r.LevelName(i), g.Rows, g.Cols, len(g.Shapes)))
	}
	expected := fmt.Sprintf("[%d %d]", n, r.K)
	if r.K == 1 || r.Objective == Objectness {
		expected = fmt.Sprintf("[%d] or %s", n, expected)
	}
	return 0, fmt.Errorf("logits of %s: shape %v, expected %s: the preset %s lays %s anchors on an image of %d × %d px, for %d classes (--classes)",
		dataset.Label("image", im.ID), a.Shape, expected, r.Trainer.Preset.Name, strings.Join(levels, " + "), im.Size.W, im.Size.H, r.K)
}

// find lists the anchors that are not negative, rising.
func (d *dense) find() {
	d.special = d.w.scene.Found.Special(d.special[:0])
	slices.Sort(d.special)
}

// chunkValues is how many logits are read at a time.
const chunkValues = 1 << 14

// read takes an image's logits, level by level.
func (d *dense) read(a *scores.Array, k int, out *[2]imageSums) error {
	step := max(1, chunkValues/k)
	if len(d.values) < step*k {
		d.values = make([]float64, step*k)
	}
	special := d.special
	everywhere := d.w.scene.Found.Rest.Label == iou.Positive
	for level := range d.w.scene.Frame.Grids {
		g := &d.w.scene.Frame.Grids[level]
		packed := 0
		for at := g.First; at < g.First+g.Len(); at += step {
			n := min(step, g.First+g.Len()-at)
			values := d.values[:n*k]
			if err := a.Read(values); err != nil {
				return err
			}
			from := 0
			for from < n {
				to := n
				if everywhere {
					to = from
				} else if len(special) > 0 && int(special[0]) < at+n {
					to = int(special[0]) - at
				}
				if err := d.bulk(level, at+from, values[from*k:to*k], k, out); err != nil {
					return err
				}
				if packed += (to - from) * k; packed > maxPacked {
					d.settle(level, out)
					packed = 0
				}
				if from = to; to < n {
					if err := d.one(int32(at+to), level, values[to*k:(to+1)*k], out); err != nil {
						return err
					}
					from++
					if !everywhere {
						special = special[1:]
					}
				}
			}
		}
		d.settle(level, out)
	}
	return nil
}

// bulk counts the logits of negative anchors, from one on.
func (d *dense) bulk(level, anchor int, values []float64, k int, out *[2]imageSums) error {
	packed, direct := d.packed[1][:denseBins], d.direct[:denseBins]
	asked := math.Inf(1)
	if d.peaks != nil {
		asked = d.peaks.from
	}
	for i := 0; i < len(values); i += k {
		row := values[i : i+k]
		top := math.Inf(-1)
		for c, z := range row {
			at := (z + denseReach) * perLogit
			bin := int(at)
			if uint(bin) >= denseBins || at < 0 || direct[bin] {
				if err := d.single(out, 1, d.columnOf(c, k), level, z); err != nil {
					return err
				}
			} else {
				place := int64((at - float64(bin)) * placeUnit)
				packed[bin] += 1<<placeBits | uint64(place)
				if class := d.columnOf(c, k); class >= 0 {
					cells := d.classes[class]
					if cells == nil {
						cells = make([]denseCell, denseBins)
						d.classes[class] = cells
					}
					cells[bin].n++
					cells[bin].place += place
				}
			}
			top = max(top, z)
		}
		if top >= asked {
			d.note(level, anchor+i/k, row)
			asked = d.peaks.from
		}
		at := (top + denseReach) * perLogit
		if bin := int(at); uint(bin) >= denseBins || at < 0 || direct[bin] {
			if err := d.single(out, 0, -1, level, top); err != nil {
				return err
			}
		} else {
			d.packed[0][bin] += 1<<placeBits | uint64((at-float64(bin))*placeUnit)
		}
	}
	return nil
}

// note keeps the high outputs of an anchor.
func (d *dense) note(level, anchor int, row []float64) {
	if d.peaks == nil {
		return
	}
	for c, z := range row {
		if z >= d.peaks.from {
			d.peaks.add(high{min(z, loss.MaxLogit), int32(anchor), d.columnOf(c, len(row)), uint8(level)})
		}
	}
}

// columnOf returns the class of a column of k; one for all is the objectness,
// and with a single class that class's too.
func (d *dense) columnOf(c, k int) int32 {
	if k != len(d.columns) {
		return -1
	}
	return d.columns[c]
}

var (
	negative = iou.Match{Object: -1}
	errNaN   = errors.New("a logit is NaN, expected a number: the model's output is broken")
)

// single takes one logit of a negative anchor.
func (d *dense) single(out *[2]imageSums, objective int, class int32, level int, z float64) error {
	if math.IsNaN(z) {
		return errNaN
	}
	z = max(-farthest, min(z, farthest))
	d.terms.add(&out[objective], objective, class, uint8(level), &negative, loss.Logit(z).Score(), 0)
	return nil
}

// one takes the logits of an anchor that is not negative.
func (d *dense) one(anchor int32, level int, row []float64, out *[2]imageSums) error {
	m := d.w.scene.Found.Of(anchor)
	d.note(level, int(anchor), row)
	if slices.ContainsFunc(row, math.IsNaN) {
		return errNaN
	}
	if m.Label == iou.Ignored {
		return nil
	}
	top := math.Inf(-1)
	for c, z := range row {
		z = max(-farthest, min(z, farthest))
		top = max(top, z)
		d.terms.add(&out[1], 1, d.columnOf(c, len(row)), uint8(level), m, loss.Logit(z).Score(), 0)
	}
	d.terms.add(&out[0], 0, -1, uint8(level), m, loss.Logit(top).Score(), 0)
	return nil
}

// settle prices the negatives counted on a level.
func (d *dense) settle(level int, out *[2]imageSums) {
	var all sums
	for o, packed := range d.packed {
		l := d.ledgers[o]
		for bin, cell := range packed {
			if cell == 0 {
				continue
			}
			packed[bin] = 0
			n := int64(cell >> placeBits)
			mean := (float64(cell&(1<<placeBits-1))/float64(n)+0.5)/placeUnit - 0.5 // from the bin's middle, in bins
			d.weigh(&all, bin, n, mean)
			at := l.at(2, d.easy[bin], 0)
			l.part(l.level(level))[at].add(&all)
			easy := difficulties[d.easy[bin]] == Easy
			d.spread[o][2].AddN(loss.Logit((float64(bin)+0.5+mean)/perLogit-denseReach), n)
			s := &out[o]
			s.n[2] += n
			if easy {
				s.easy[2] += n
			}
			for i := range d.w.r.bank {
				s.sum[i][2] += all.loss[i]
				if easy {
					s.easySum[i][2] += all.loss[i]
				}
			}
			if o == 0 {
				each := 1 / float64(n)
				d.negatives = append(d.negatives, loss.Sample{N: float64(n), BCE: all.loss[0] * each, AlphaBCE: all.loss[1] * each,
					Focal: all.loss[d.focal] * each, Norm: loss.PT(loss.Logit((float64(bin)+0.5+mean)/perLogit-denseReach), loss.One), Easy: easy})
			}
		}
	}
}

// weigh sets s to what n terms of a bin cost that lie by mean off its middle.
func (d *dense) weigh(s *sums, bin int, n int64, mean float64) {
	s.n = n
	price, slope := &d.price[bin], &d.slope[bin]
	for i := range d.w.r.bank {
		s.loss[i] = float64(n) * (price.loss[i] + float64(slope.loss[i]*mean/perLogit))
		s.grad[i] = float64(n) * (price.grad[i] + float64(slope.grad[i]*mean/perLogit))
	}
}

// flush prices what was counted by class.
func (d *dense) flush() {
	var all sums
	for class, cells := range d.classes {
		if cells == nil {
			continue
		}
		p := d.ledgers[1].class(int32(class))
		for bin := range cells {
			if c := &cells[bin]; c.n > 0 {
				d.weigh(&all, bin, c.n, (float64(c.place)/float64(c.n)+0.5)/placeUnit-0.5)
				p[d.ledgers[1].at(2, d.easy[bin], 0)].add(&all)
			}
		}
		clear(cells)
	}
}
