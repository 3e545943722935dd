package belief

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// Chooses reports whether the trainer's positives are those that it would choose by the predictions of a
// source of scores, so that they are no bound. It holds after Prepare.
func (p *Plan) Chooses() bool { return p.choosing }

// Chooser is that source of scores, where Chooses.
func (p *Plan) Chooser() int { return p.chooser }

// ChosenBy reports whether that source of scores is one of an index.
func (p *Plan) ChosenBy(index int) bool { return p.choosing && p.chooser == index }

// chooses finds the source of scores that has predicted boxes, under a trainer that chooses by them.
func (p *Plan) chooses() error {
	rule := p.Trainer.Preset.Matcher.Thresholds()
	for k := range p.Setting.Scores {
		s := &p.Setting.Scores[k]
		if !rule.Bounds || !s.Model() {
			continue
		}
		boxed, err := false, error(nil)
		if s.Logits != nil && rule.Chooses {
			if boxed, err = s.Logits.Boxed(p.namings[k], eachImage(p.Data)); err != nil {
				return fmt.Errorf("scores %q: %w", s.Name, err)
			}
		}
		switch {
		case !boxed:
			return fmt.Errorf("scores %q: %s chooses positives by scores and predicted boxes, and there are no boxes: "+
				"expected files ID.boxes.npy beside those of the logits in %s (docs/dump_logits.md)",
				s.Name, p.Trainer.Preset.Name, s.Logits.Dir)
		case p.choosing:
			return fmt.Errorf("scores %q and %q: both have predicted boxes, and %s chooses positives by those of one "+
				"moment: run them one by one", p.Setting.Scores[p.chooser].Name, s.Name, p.Trainer.Preset.Name)
		}
		p.choosing, p.chooser = true, k
	}
	return nil
}

// Predictor returns what reads predictions for a scene of one goroutine; nil if the trainer does not choose by any.
func (p *Plan) Predictor() func(s *trainer.Scene, source, image int) (*iou.Predicted, error) {
	if !p.Chooses() {
		return nil
	}
	r := &predictor{plan: p, logits: p.Setting.Scores[p.chooser].Logits, naming: p.namings[p.chooser]}
	r.output = slices.Repeat([]int32{-1}, len(p.Data.Classes))
	for column, class := range p.columns {
		if class >= 0 {
			r.output[class] = int32(column)
		}
	}
	return r.image
}

// predictor reads the predictions on images.
type predictor struct {
	plan   *Plan
	logits *scores.Logits
	naming scores.Naming
	output []int32 // by class: its output, -1 if it has none
	values []float64
	found  iou.Predicted // on the image at hand
}

// image reads the predictions on an image.
func (r *predictor) image(s *trainer.Scene, source, image int) (*iou.Predicted, error) {
	im := &r.plan.Data.Source(source).Images[image]
	id, file := im.ID.String(), im.File
	label := dataset.Label("image", im.ID)
	logits, err := r.logits.Open(r.naming, id, file)
	if err != nil {
		return nil, r.missing(err, label, r.logits.Name(r.naming, id, file))
	}
	defer logits.Close()
	grids, input := s.Frame.Grids, s.Frame.Padded
	n, k := pointsOf(grids), r.plan.Setting.K
	if !slices.Equal(logits.Shape, []int{n, k}) {
		return nil, r.plan.misfit(logits.Shape, im, grids, fmt.Sprintf("[%d %d]", n, k))
	}
	boxes, err := r.logits.OpenBoxes(r.naming, id, file)
	if err != nil {
		return nil, r.missing(err, label, r.logits.BoxesName(r.naming, id, file))
	}
	defer boxes.Close()
	if !slices.Equal(boxes.Shape, []int{n, 4}) {
		return nil, fmt.Errorf("boxes of %s: shape %v, expected [%d 4]: x1, y1, x2, y2 of each point in px of the input of "+
			"%d × %d px, in the order of the logits", label, boxes.Shape, n, input.W, input.H)
	}
	if r.found.Logits, err = r.read(logits, n*k, r.found.Logits); err != nil {
		return nil, fmt.Errorf("logits of %s: %w", label, err)
	}
	if slices.ContainsFunc(r.found.Logits, isNaN) {
		return nil, fmt.Errorf("logits of %s: %w", label, errNaN)
	}
	if err := r.readBoxes(boxes, n); err != nil {
		return nil, fmt.Errorf("boxes of %s: %w", label, err)
	}
	if err := inPlace(r.found.Boxes, grids, input); err != nil {
		return nil, fmt.Errorf("boxes of %s: %w", label, err)
	}
	r.found.K, r.found.Outputs = k, r.found.Outputs[:0]
	for _, o := range s.Index {
		class := r.plan.Data.Source(source).Objects[o].Class
		if class < 0 || r.output[class] < 0 {
			return nil, fmt.Errorf("logits of %s: none of the %d columns is that of %s's class, expected one (--classes)",
				label, k, dataset.Label("annotation", r.plan.Data.Source(source).Objects[o].ID))
		}
		r.found.Outputs = append(r.found.Outputs, r.output[class])
	}
	return &r.found, nil
}

func isNaN(z float32) bool { return math.IsNaN(float64(z)) }

// missing says that an image lacks a file: without it, nothing is known of its positives.
func (r *predictor) missing(err error, label, name string) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%s has no file %s in %s: where positives are chosen by predictions, every image needs its logits "+
		"and boxes; write both, or leave the image out of the annotations", label, name, r.logits.Dir)
}

// pointsOf returns how many points grids have.
func pointsOf(grids []geom.Grid) (n int) {
	for i := range grids {
		n += grids[i].Len()
	}
	return n
}

// read reads n values into the memory of into, as float32.
func (r *predictor) read(a *scores.Array, n int, into []float32) ([]float32, error) {
	into = slices.Grow(into[:0], n)
	for len(into) < n {
		step := min(chunkValues, n-len(into))
		r.values = slices.Grow(r.values[:0], step)[:step]
		if err := a.Read(r.values); err != nil {
			return nil, err
		}
		for _, v := range r.values {
			into = append(into, float32(v))
		}
	}
	return into, nil
}

// readBoxes reads the boxes of n points.
func (r *predictor) readBoxes(a *scores.Array, n int) error {
	flat, err := r.read(a, 4*n, nil)
	if err != nil {
		return err
	}
	r.found.Boxes = r.found.Boxes[:0]
	for i := 0; i < len(flat); i += 4 {
		for _, v := range flat[i : i+4] {
			if isNaN(v) || math.IsInf(float64(v), 0) {
				return fmt.Errorf("point %d has the number %v, expected finite ones: the model's output is broken", i/4, v)
			}
		}
		r.found.Boxes = append(r.found.Boxes, geom.Box32{X0: flat[i], Y0: flat[i+1], X1: flat[i+2], Y1: flat[i+3]})
	}
	return nil
}

// inPlace holds boxes against their points. The distances from a point to its box's sides are no negative
// numbers with distribution focal loss, and hardly ever without: so most boxes hold their point, unless
// they are in other numbers.
func inPlace(boxes []geom.Box32, grids []geom.Grid, input geom.Size) error {
	held, at := 0, 0
	for i := range grids {
		g := &grids[i]
		for row := range g.Rows {
			for col := range g.Cols {
				x, y, b := g.ShiftX(col), g.ShiftY(row), &boxes[at]
				if b.X0-1 <= x && x <= b.X1+1 && b.Y0-1 <= y && y <= b.Y1+1 {
					held++
				}
				at++
			}
		}
	}
	if 2*held >= len(boxes) {
		return nil
	}
	return fmt.Errorf("%d of %d hold their own point, expected nearly all: give x1, y1, x2, y2 in px of the input of "+
		"%d × %d px (not centre and sides, parts of the image, or strides), in the order of the points",
		held, len(boxes), input.W, input.H)
}

// inMemory reads logits that have been read from their file.
type inMemory []float32

// Read fills values with the next ones.
func (m *inMemory) Read(values []float64) error {
	for i := range values {
		values[i] = float64((*m)[i])
	}
	*m = (*m)[len(values):]
	return nil
}
