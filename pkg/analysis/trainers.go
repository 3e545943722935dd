package analysis

import (
	"context"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/trainer"
)

// Treatment is what a trainer makes of an object.
type Treatment uint8

// The treatments, the kindest first.
const (
	Trained    Treatment = iota // anchors reach the positive threshold and are assigned to it
	Weakly                      // only the low-quality rule gave it anchors, or fewer points than the rule would give it
	Unassigned                  // no anchor is assigned to it
	NotTrained                  // it is left out: by the reader, the trainer's loader, or as a crowd
)

// String returns the treatment as reports have it.
func (t Treatment) String() string {
	return [...]string{"trained", "weakly", "no-anchor", "left-out"}[t]
}

// Trainer is what one preset makes of a data set.
type Trainer struct {
	Preset  trainer.Preset
	Outputs int // for classes: Setting.K
	Total   ledger.Tally
	Load    Load
	Metrics Metrics // under the prior and the preset's own objective
	Sizes   [ledger.NumSizes]TrainerSize
	NoBox   int64 // annotations without a box, and so without a size: left out

	// Resized counts the objects by size class after resizing, and by treatment.
	Resized [ledger.NumSizes][NotTrained + 1]int64

	// FromStart is the part of the loss that negative anchors have before training, by the
	// trainer's own initial outputs and its own objective. Null without positives.
	FromStart Shares

	// Reasons counts the objects by treatment and by the reason for which
	// they are left out, or have no anchor on their own merit.
	Reasons [NotTrained + 1]map[string]int64

	states [][]state // by source and object
}

// TrainerSize is what becomes of the objects of one size class.
type TrainerSize struct {
	Objects   [NotTrained + 1]int64 // by treatment
	Positives int64

	// ShareBCE and ShareFocal are the parts of the loss of all terms that the own terms
	// of the positive anchors of these objects have at initialisation.
	ShareBCE, ShareFocal float64
}

// state is an object's treatment, and why.
type state struct {
	best      float32 // IoU or ratio: see Treated
	positives int32
	treatment Treatment
	why       iou.Why
	left      pass.LeftOut
}

// Treated is what a preset makes of an object.
type Treated struct {
	Treatment
	Why       string  // for which it is left out, or has no anchor on its own merit; "" if it has
	IoU       float32 // highest with any anchor; 0 if it is left out, or under a rule that asks for no IoU
	Ratio     float32 // under shape-ratio, in its place: see iou.Object
	Positives int     // anchors assigned to it
}

// Trainers are presets side by side on one data set.
type Trainers struct {
	Data *dataset.Dataset
	Of   []Trainer
}

// Compare analyses a data set under each preset, one after the other, with the
// settings of c otherwise. done, if not nil, is told of every preset.
func Compare(
	ctx context.Context, d *dataset.Dataset, c Config, presets []trainer.Preset, done func(),
) (*Trainers, error) {
	t := &Trainers{Data: d}
	for _, p := range presets {
		c.Preset = p
		r, err := count(ctx, d, c)
		if err != nil {
			return nil, err
		}
		of := trainerOf(r)
		t.Of = append(t.Of, of)
		if done != nil {
			done()
		}
	}
	return t, nil
}

// trainerOf reads off what a preset makes of its data set.
func trainerOf(r *Result) Trainer {
	of := Trainer{Preset: r.Config.Preset, Outputs: r.Setting.K, Total: r.Total, Load: r.Load(),
		Metrics: r.Metrics[0]}
	for s := range r.Data.Sources {
		states := make([]state, len(r.ObjectSlots(s)))
		for k := range r.ObjectSlots(s) {
			o := &r.ObjectSlots(s)[k]
			states[k] = stateOf(o)
			of.count(&states[k])
			if src := &r.Data.Source(s).Objects[k]; src.LeftOut == dataset.NoBox {
				of.NoBox++
			} else {
				of.Resized[resizedSize(r, s, src)][states[k].treatment]++
				size := &of.Sizes[ledger.SizeOf(src.Box)]
				size.Objects[states[k].treatment]++
				size.Positives += int64(o.Positives)
			}
		}
		of.states = append(of.states, states)
	}
	of.share(r)
	of.FromStart = Shares{r.FromStart(loss.BCE), r.FromStart(r.Config.Focal)}
	return of
}

// Sweep is Compare for one preset at several sizes of the input, of which it keeps counts only.
func Sweep(ctx context.Context, d *dataset.Dataset, c Config, at []trainer.Preset, done func()) (*Trainers, error) {
	t := &Trainers{Data: d}
	for _, p := range at {
		c.Preset = p
		r, err := count(ctx, d, c)
		if err != nil {
			return nil, err
		}
		of := trainerOf(r)
		of.states = nil
		t.Of = append(t.Of, of)
		if done != nil {
			done()
		}
	}
	return t, nil
}

// resizedSize returns an object's size class after its image is resized; that of the file where
// the image is left out.
func resizedSize(r *Result, source int, o *dataset.Object) ledger.Size {
	if o.Image < 0 {
		return ledger.SizeOf(o.Box)
	}
	to, from := r.ImageSlots(source)[o.Image].Resized, r.Data.Source(source).Images[o.Image].Size
	if to.W == 0 || from.W == 0 || from.H == 0 {
		return ledger.SizeOf(o.Box)
	}
	box := o.Box
	box.W *= float64(to.W) / float64(from.W)
	box.H *= float64(to.H) / float64(from.H)
	return ledger.SizeOf(box)
}

// Start returns the probability that the trainer's outputs of a level have before training.
func (r *Result) Start(level int) float64 {
	return r.Config.Preset.FromStart(level, int(r.terms()))
}

// terms is how many terms of the loss an anchor has.
func (r *Result) terms() int64 {
	if r.Setting.Objective == ledger.Objectness {
		return 1
	}
	return int64(r.Setting.K)
}

// OwnFromStart is FromStart for the trainer's own loss: its focal loss, or else cross entropy.
func (r *Result) OwnFromStart() Number {
	if i := r.Config.Preset.Imbalance; i.By == trainer.ByFocal {
		return r.FromStart(loss.Focal{Alpha: i.Alpha, Gamma: i.Gamma})
	}
	return r.FromStart(loss.BCE)
}

// FromStart returns the negative anchors' part of a loss before training, by the trainer's own initial outputs, level
// by level; nil if there is no positive anchor.
func (r *Result) FromStart(of loss.Focal) Number {
	var negative, all float64
	k := r.terms()
	for level := range r.Shapes {
		z := loss.LogitOf(r.Start(level))
		one, zero := of.Loss(z, loss.One), of.Loss(z, loss.Zero)
		for i := range r.Shapes[level] {
			s := &r.Shapes[level][i]
			n := float64(float64((s.Anchors-s.Positives-s.Ignored)*k) * zero)
			negative += n
			all += n + float64(float64(s.Positives)*one) + float64(float64(s.Positives*(k-1))*zero)
		}
	}
	if r.Total.Positives == 0 || !(all > 0) {
		return nil
	}
	part := negative / all
	return &part
}

// Shares are parts of losses, null if there are none.
type Shares struct{ BCE, Focal Number }

// Larger is what a larger input does for the objects that one trainer never trains, or weakly.
type Larger struct {
	Trainer int       // index in Trainers.Of
	Input   [2]string // in words, of the preset and larger: trainer.Preset.Input
	Never   [2]int64  // objects without an anchor
	Weakly  [2]int64  // objects that are trained weakly
	Of      [2]int64  // objects that take part
}

// fewNever is the part of the objects that a trainer never trains below which those that it trains weakly matter more.
const fewNever = 0.01

// Double counts the objects without an anchor at twice the input size, under the trainer that has most of them: one
// of the family with most users, if it is compared. Where none has many, it looks at those that are trained weakly
// too. nil if none has any whose input may be of another size.
func (t *Trainers) Double(ctx context.Context, c Config) (*Larger, error) {
	worst, twice := t.worst(1, fewNever)
	if worst < 0 {
		worst, twice = t.worst(2, 0)
	}
	if worst < 0 {
		return nil, nil
	}
	of := &t.Of[worst]
	c.Preset = twice
	r, err := count(ctx, t.Data, c)
	if err != nil {
		return nil, err
	}
	double := trainerOf(r)
	l := &Larger{Trainer: worst, Input: [2]string{of.Preset.Input(), c.Preset.Input()}}
	for i, all := range [][NotTrained + 1]int64{of.All().Objects, double.All().Objects} {
		l.Never[i], l.Weakly[i] = all[Unassigned], all[Weakly]
		l.Of[i] = all[Trained] + all[Weakly] + all[Unassigned]
	}
	return l, nil
}

// worst returns the trainer with the largest part of its objects that it never trains, or with kinds = 2 never or
// weakly, and its preset at twice the input size: one of the family with most users, if one of those has more than
// least. It is -1 if no trainer with another size has.
func (t *Trainers) worst(kinds int, least float64) (worst int, twice trainer.Preset) {
	part := func(i int) float64 {
		all := t.Of[i].All().Objects
		lost := all[Unassigned]
		if kinds == 2 {
			lost += all[Weakly]
		}
		return float64(lost) / float64(max(1, all[Trained]+all[Weakly]+all[Unassigned]))
	}
	worst = -1
	for _, first := range []bool{true, false} {
		for i := range t.Of {
			p := &t.Of[i].Preset
			of := slices.Contains(trainer.Families()[0].Presets, p.Name)
			if of != first || part(i) <= least || worst >= 0 && part(i) <= part(worst) {
				continue
			}
			if at, err := p.AtSize(2 * int(p.Resize.Short)); err == nil {
				worst, twice = i, at
			}
		}
		if worst >= 0 {
			break
		}
	}
	return worst, twice
}

// share reads off which parts of the loss the objects of each size have.
func (t *Trainer) share(r *Result) {
	for e := range r.Entries() {
		if e.Scores != r.Config.Scores[0].Name || e.Objective != r.Setting.Objective ||
			e.Scope != ledger.BySizeClass || e.Set != ledger.Positive || e.Sum == 0 {
			continue
		}
		for s := range t.Sizes {
			switch {
			case e.Name != ledger.Size(s).String():
			case e.Loss.Focal == loss.BCE:
				t.Sizes[s].ShareBCE += e.Share
			case e.Loss.Focal == r.Config.Focal:
				t.Sizes[s].ShareFocal += e.Share
			}
		}
	}
}

// count counts an object by its treatment and reason.
func (t *Trainer) count(s *state) {
	why := s.why.String()
	if s.treatment == NotTrained {
		why = s.left.String()
	}
	if why == "" {
		return
	}
	if t.Reasons[s.treatment] == nil {
		t.Reasons[s.treatment] = map[string]int64{}
	}
	t.Reasons[s.treatment][why]++
}

func stateOf(o *pass.Object) state {
	s := state{max(o.IoU, o.Ratio), o.Positives, Trained, o.Why, o.LeftOut} // one of them is 0
	switch {
	case !o.Matched():
		s.treatment = NotTrained
	case o.Positives == 0:
		s.treatment = Unassigned
	case o.Why != iou.Fine:
		s.treatment = Weakly
	}
	return s
}

// Differs reports whether the presets treat an object differently.
func (t *Trainers) Differs(source, object int) bool {
	for i := range t.Of[1:] {
		if t.Of[i+1].states[source][object].treatment != t.Of[0].states[source][object].treatment {
			return true
		}
	}
	return false
}

// Shown returns the trainers to show: all, or with families of each its first preset that was compared.
func (t *Trainers) Shown(families []trainer.Family) (at []int) {
	if families == nil {
		for i := range t.Of {
			at = append(at, i)
		}
		return at
	}
	for _, f := range families {
		for _, name := range f.Presets {
			if i := slices.IndexFunc(t.Of, func(of Trainer) bool { return of.Preset.Name == name }); i >= 0 {
				at = append(at, i)
				break
			}
		}
	}
	return at
}

// Missed counts the objects of a size after resizing that are trained weakly, never, or left out, of all.
func (t *Trainer) Missed(size ledger.Size) (missed, all int64) {
	z := &t.Resized[size]
	missed = z[Weakly] + z[Unassigned] + z[NotTrained]
	return missed, missed + z[Trained]
}

// Listed reports whether some preset does not train an object on anchors of its own
// merit.
func (t *Trainers) Listed(source, object int) bool {
	for i := range t.Of {
		if t.Of[i].states[source][object].treatment != Trained {
			return true
		}
	}
	return false
}

// Treats returns what a preset makes of an object.
func (t *Trainers) Treats(preset, source, object int) Treated {
	s := &t.Of[preset].states[source][object]
	out := Treated{Treatment: s.treatment, Why: s.why.String(), Positives: int(s.positives)}
	switch {
	case s.treatment == NotTrained:
		out.Why = s.left.String()
	case t.Of[preset].Preset.Matcher.Measure() == iou.BySides:
		out.Ratio = s.best
	default:
		out.IoU = s.best
	}
	return out
}

// Pattern is a way in which the presets treat objects, with how many are treated so.
type Pattern struct {
	By      []Treatment // by preset, for the same reasons
	Objects int64
	Source  int // of the first such object
	Object  int
}

// Patterns returns the ways in which objects are treated differently, and for which
// reasons, the most common first.
func (t *Trainers) Patterns() []Pattern {
	index := map[string]int{}
	var out []Pattern
	var key []byte
	for s := range t.Data.Sources {
		for k := range t.Data.Source(s).Objects {
			if !t.Differs(s, k) {
				continue
			}
			by := make([]Treatment, len(t.Of))
			key = key[:0]
			for i := range t.Of {
				st := &t.Of[i].states[s][k]
				by[i] = st.treatment
				key = append(key, byte(st.treatment), byte(st.why),
					byte(st.left.Reading), byte(st.left.Trainer), byte(st.left.Image))
			}
			at, known := index[string(key)]
			if !known {
				at = len(out)
				index[string(key)] = at
				out = append(out, Pattern{By: by, Source: s, Object: k})
			}
			out[at].Objects++
		}
	}
	slices.SortStableFunc(out, func(a, b Pattern) int { return int(b.Objects - a.Objects) })
	return out
}

// CompareConfig is what Compare needs of a configuration: no scores but the prior,
// and no losses but cross entropy and focal loss.
func CompareConfig(c Config) Config {
	c.Scores, c.Results, c.Gammas = c.Scores[:1], nil, nil
	c.Focal = loss.Focal{Alpha: c.Focal.Alpha, Gamma: c.Focal.Gamma}
	return c
}

// All returns the objects of all sizes together, those without a box and so without a
// size included.
func (t *Trainer) All() TrainerSize {
	all := TrainerSize{Positives: t.Total.Positives}
	all.Objects[NotTrained] = t.NoBox
	for s := range t.Sizes {
		z := &t.Sizes[s]
		for what, n := range z.Objects {
			all.Objects[what] += n
		}
		all.ShareBCE += z.ShareBCE
		all.ShareFocal += z.ShareFocal
	}
	return all
}
