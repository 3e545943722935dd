package belief

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
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
	terms
	logits  *scores.Logits
	naming  scores.Naming
	columns []int32             // by column: its class, -1 if it is none's
	price   []ledger.Cell       // by bin: of one negative term, per unit
	slope   []ledger.Cell       // by bin: what a logit more adds
	direct  []bool              // by bin: its terms are taken one by one
	easy    []ledger.Difficulty // by bin

	packed   [ledger.NumObjectives][]uint64 // the negatives of the image's level at hand
	classes  [][]denseCell                  // by class: the negatives of the image under classes
	from, to int                            // bins of classes that may hold terms: from up to before to
	values   []float64
	special  []int32  // anchors of the image that are not negative
	high     *highest // outputs of the image; nil if nobody asks
}

// values are an image's logits, read one after the other.
type values interface{ Read(into []float64) error }

// denseCell is a bin of one class.
type denseCell struct{ n, place int64 }

func newDense(p *Plan, index int, scene *trainer.Scene) *dense {
	d := &dense{
		terms:  newTerms(p, index, scene),
		logits: p.Setting.Scores[index].Logits, naming: p.namings[index], columns: p.columns,
		direct: make([]bool, denseBins), easy: make([]ledger.Difficulty, denseBins),
		price: make([]ledger.Cell, denseBins), slope: make([]ledger.Cell, denseBins),
		classes: make([][]denseCell, len(p.Data.Classes)),
	}
	for o := range d.packed {
		d.packed[o] = make([]uint64, denseBins)
	}
	if p.Auditor == index {
		d.high = &highest{}
	}
	const step = 1.0 / 64 / perLogit
	var up, down ledger.Cell
	at := func(c *ledger.Cell, z float64) {
		d.setting.Bank.At(loss.Logit(z).Score(), loss.Zero, c.Loss[:], c.Grad[:])
	}
	difficulty := func(z float64) ledger.Difficulty {
		return d.setting.Edges.Of(loss.PT(loss.Logit(z), loss.Zero))
	}
	for bin := range denseBins {
		z := (float64(bin)+0.5)/perLogit - denseReach
		at(&d.price[bin], z)
		at(&up, z+step)
		at(&down, z-step)
		for l := range d.setting.Bank {
			d.slope[bin].Loss[l] = (up.Loss[l] - down.Loss[l]) / (2 * step)
			d.slope[bin].Grad[l] = (up.Grad[l] - down.Grad[l]) / (2 * step)
		}
		const half = 0.5 / perLogit
		d.easy[bin] = difficulty(z)
		d.direct[bin] = difficulty(z-half) != difficulty(z+half)
	}
	return d
}

// Image implements Scorer.
func (d *dense) Image(source, image int, into *ledger.Book) error {
	d.begin(source, into)
	defer d.end(into)
	im := &d.plan.Data.Source(source).Images[image]
	from, k, done, err := d.open(im)
	if errors.Is(err, fs.ErrNotExist) {
		d.account.Missing++
		return nil
	}
	if err != nil {
		return err
	}
	defer done()
	d.account.Plain = d.account.Plain || k == 1 && d.setting.K != 1
	d.find()
	if d.high != nil {
		d.high.reset()
	}
	d.from, d.to = denseBins, 0
	out := &d.sums.Images[source][image]
	if err := d.read(from, k, out); err != nil {
		return fmt.Errorf("logits of %s: %w", dataset.Label("image", im.ID), err)
	}
	d.settleClasses()
	if d.high != nil {
		d.plan.peaks[source][image] = d.join()
	}
	return nil
}

// open opens the logits of the image at hand, with their number of columns, until done is called.
func (d *dense) open(im *dataset.Image) (from values, k int, done func(), err error) {
	if d.plan.ChosenBy(d.index) {
		p := d.scene.Predicted
		if p == nil {
			return nil, 0, nil, d.scene.Err
		}
		held := inMemory(p.Logits)
		return &held, p.K, func() {}, nil
	}
	a, err := d.logits.Open(d.naming, im.ID.String(), im.File)
	if err != nil {
		return nil, 0, nil, err
	}
	if k, err = d.fits(a, im); err != nil {
		a.Close()
		return nil, 0, nil, err
	}
	return a, k, a.Close, nil
}

// Carried implements Scorer.
func (d *dense) Carried(source, image int, detections []int) []Cost {
	costs := make([]Cost, len(detections))
	for k, at := range detections {
		costs[k] = d.plan.peaks[source][image].costs[at]
	}
	return costs
}

// Opposed implements Scorer. Logits are not kept: those of the image are read again, up to its last positive anchor.
func (d *dense) Opposed(source, image int, of []Opposition) ([]Cost, error) {
	if d.setting.Objective != ledger.PerClass {
		return nil, nil
	}
	d.source = source
	im := &d.plan.Data.Source(source).Images[image]
	from, k, done, err := d.open(im)
	if err != nil {
		return nil, err
	}
	defer done()
	if k != len(d.columns) { // one output for all classes
		return nil, nil
	}
	d.find()
	costs := make([]Cost, len(of))
	special, everywhere := d.special, d.scene.Found.Rest.Label == iou.Positive
	step := max(1, chunkValues/k)
	if len(d.values) < step*k {
		d.values = make([]float64, step*k)
	}
	for at := 0; at < d.scene.Found.Anchors && (everywhere || len(special) > 0); at += step {
		n := min(step, d.scene.Found.Anchors-at)
		values := d.values[:n*k]
		if err := from.Read(values); err != nil {
			return nil, fmt.Errorf("logits of %s: %w", dataset.Label("image", im.ID), err)
		}
		if everywhere {
			for i := range n {
				d.opposed(int32(at+i), values[i*k:(i+1)*k], of, costs)
			}
			continue
		}
		for ; len(special) > 0 && int(special[0]) < at+n; special = special[1:] {
			i := int(special[0]) - at
			d.opposed(special[0], values[i*k:(i+1)*k], of, costs)
		}
	}
	return costs, nil
}

// opposed adds what an anchor costs by the output of another class to the costs of its object, if it is asked for.
func (d *dense) opposed(anchor int32, row []float64, of []Opposition, costs []Cost) {
	m := d.scene.Found.Of(anchor)
	if m.Label != iou.Positive {
		return
	}
	for i, o := range of {
		column := slices.Index(d.columns, o.Class)
		if d.scene.Index[m.Object] != int(o.Object) || column < 0 {
			continue
		}
		z := max(-farthest, min(row[column], farthest))
		d.setting.Bank.At(loss.Logit(z).Score(), loss.Zero, d.loss[:], d.grad[:])
		costs[i].Terms++
		for l := range d.setting.Bank {
			costs[i].Loss[l] += d.loss[l]
		}
	}
}

// fits checks the shape of an image's logits, and returns the number of columns.
func (d *dense) fits(a *scores.Array, im *dataset.Image) (k int, err error) {
	n, set := d.scene.Found.Anchors, d.setting
	switch {
	case set.K == 0 && set.Objective == ledger.PerClass:
		return 0, fmt.Errorf("logits of %s: the data have no classes: use --objective objectness",
			dataset.Label("image", im.ID))
	case len(a.Shape) == 1 && a.Shape[0] == n:
		if set.K != 1 && set.Objective == ledger.PerClass {
			return 0, fmt.Errorf(
				"logits of %s: one an anchor, but the objective is classes with K = %d: use --objective objectness",
				dataset.Label("image", im.ID), set.K)
		}
		return 1, nil
	case len(a.Shape) == 2 && a.Shape[0] == n && a.Shape[1] > 0 &&
		(a.Shape[1] == set.K || a.Shape[1] == 1 && set.Objective == ledger.Objectness):
		return a.Shape[1], nil
	}
	expected := fmt.Sprintf("[%d %d]", n, set.K)
	if set.K == 1 || set.Objective == ledger.Objectness {
		expected = fmt.Sprintf("[%d] or %s", n, expected)
	}
	return 0, d.plan.misfit(a.Shape, im, d.scene.Frame.Grids, expected)
}

// misfit says that the shape of an image's logits is not the expected one.
func (p *Plan) misfit(shape []int, im *dataset.Image, grids []geom.Grid, expected string) error {
	var levels []string
	for i := range grids {
		g := &grids[i]
		levels = append(levels, fmt.Sprintf("%d (%s: %d × %d × %d)",
			g.Len(), p.Trainer.LevelName(i), g.Rows, g.Cols, len(g.Shapes)))
	}
	return fmt.Errorf("logits of %s: shape %v, expected %s: "+
		"the preset %s lays %s anchors on an image of %d × %d px, for %d classes (--classes)",
		dataset.Label("image", im.ID), shape, expected,
		p.Trainer.Preset.Name, strings.Join(levels, " + "), im.Size.W, im.Size.H, p.Setting.K)
}

// find lists the anchors that are not negative, rising.
func (d *dense) find() {
	d.special = d.scene.Found.Special(d.special[:0])
	slices.Sort(d.special)
}

// chunkValues is how many logits are read at a time.
const chunkValues = 1 << 14

// read takes an image's logits, level by level.
func (d *dense) read(a values, k int, out *[ledger.NumObjectives]ledger.ImageSums) error {
	step := max(1, chunkValues/k)
	if len(d.values) < step*k {
		d.values = make([]float64, step*k)
	}
	special := d.special
	everywhere := d.scene.Found.Rest.Label == iou.Positive
	for level := range d.scene.Frame.Grids {
		g := &d.scene.Frame.Grids[level]
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
func (d *dense) bulk(level, anchor int, values []float64, k int, out *[ledger.NumObjectives]ledger.ImageSums) error {
	packed, direct := d.packed[ledger.PerClass][:denseBins], d.direct[:denseBins]
	asked := math.Inf(1)
	if d.high != nil {
		asked = d.high.from
	}
	for i := 0; i < len(values); i += k {
		row := values[i : i+k]
		top := math.Inf(-1)
		for c, z := range row {
			at := (z + denseReach) * perLogit
			bin := int(at)
			if !(at >= 0) || uint(bin) >= denseBins || direct[bin] {
				if err := d.single(out, ledger.PerClass, d.columnOf(c, k), level, z); err != nil {
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
					d.from, d.to = min(d.from, bin), max(d.to, bin+1)
					cells[bin].n++
					cells[bin].place += place
				}
			}
			top = max(top, z)
		}
		if top >= asked {
			d.note(level, anchor+i/k, row)
			asked = d.high.from
		}
		at := (top + denseReach) * perLogit
		if bin := int(at); !(at >= 0) || uint(bin) >= denseBins || direct[bin] {
			if err := d.single(out, ledger.Objectness, -1, level, top); err != nil {
				return err
			}
		} else {
			d.packed[ledger.Objectness][bin] += 1<<placeBits | uint64((at-float64(bin))*placeUnit)
		}
	}
	return nil
}

// note keeps the high outputs of an anchor.
func (d *dense) note(level, anchor int, row []float64) {
	if d.high == nil {
		return
	}
	for c, z := range row {
		if z >= d.high.from {
			d.high.add(output{min(z, loss.MaxLogit), int32(anchor), d.columnOf(c, len(row)), uint8(level)})
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
func (d *dense) single(
	out *[ledger.NumObjectives]ledger.ImageSums, o ledger.Objective, class int32, level int, z float64,
) error {
	if math.IsNaN(z) {
		return errNaN
	}
	z = max(-farthest, min(z, farthest))
	d.add(out, term{o, class, level, &negative, loss.Logit(z).Score(), 0, 1})
	return nil
}

// one takes the logits of an anchor that is not negative.
func (d *dense) one(anchor int32, level int, row []float64, out *[ledger.NumObjectives]ledger.ImageSums) error {
	m := d.scene.Found.Of(anchor)
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
		d.add(out, term{ledger.PerClass, d.columnOf(c, len(row)), level, m, loss.Logit(z).Score(), 0, 1})
	}
	d.add(out, term{ledger.Objectness, -1, level, m, loss.Logit(top).Score(), 0, 1})
	return nil
}

// settle prices the negatives counted on a level.
func (d *dense) settle(level int, out *[ledger.NumObjectives]ledger.ImageSums) {
	var all ledger.Cell
	for o, packed := range d.packed {
		for bin, cell := range packed {
			if cell == 0 {
				continue
			}
			packed[bin] = 0
			n := int64(cell >> placeBits)
			mean := (float64(cell&(1<<placeBits-1))/float64(n)+0.5)/placeUnit - 0.5 // from the bin's middle, in bins
			losses, grads := d.weigh(&all, bin, n, mean)
			d.sheets[o].Level(level, ledger.Negative, d.easy[bin], 0).Add(n, losses, grads)
			z, easy := loss.Logit((float64(bin)+0.5+mean)/perLogit-denseReach), d.easy[bin] == ledger.Easy
			d.account.Histogram(ledger.Objective(o), ledger.Negative).AddN(z, n)
			out[o].Add(ledger.Negative, easy, n, losses)
			if ledger.Objective(o) == ledger.Objectness {
				each := 1 / float64(n)
				d.negatives = append(d.negatives, loss.Sample{N: float64(n), BCE: losses[0] * each, AlphaBCE: losses[1] * each,
					Focal: losses[d.focal] * each, Norm: loss.PT(z, loss.One), Easy: easy})
			}
		}
	}
}

// weigh returns what n terms of a bin cost that lie by mean off its middle, in the
// memory of c.
func (d *dense) weigh(c *ledger.Cell, bin int, n int64, mean float64) (losses, grads []float64) {
	price, slope := &d.price[bin], &d.slope[bin]
	for i := range d.setting.Bank {
		c.Loss[i] = float64(n) * (price.Loss[i] + float64(slope.Loss[i]*mean/perLogit))
		c.Grad[i] = float64(n) * (price.Grad[i] + float64(slope.Grad[i]*mean/perLogit))
	}
	return c.Loss[:len(d.setting.Bank)], c.Grad[:len(d.setting.Bank)]
}

// settleClasses prices what was counted by class.
func (d *dense) settleClasses() {
	if d.from >= d.to {
		return
	}
	var all ledger.Cell
	for class, cells := range d.classes {
		if cells == nil {
			continue
		}
		for bin := d.from; bin < d.to; bin++ {
			if c := &cells[bin]; c.n > 0 {
				losses, grads := d.weigh(&all, bin, c.n, (float64(c.place)/float64(c.n)+0.5)/placeUnit-0.5)
				d.sheets[ledger.PerClass].Class(int32(class), ledger.Negative, d.easy[bin], 0).Add(c.n, losses, grads)
			}
		}
		clear(cells[d.from:d.to])
	}
}
