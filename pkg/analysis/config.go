package analysis

import (
	"fmt"
	"slices"

	"focalaudit/pkg/calibration"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// Objective says which terms a loss has.
type Objective string

// The objectives.
const (
	Objectness Objective = "objectness" // one term for each anchor
	PerClass   Objective = "classes"    // one term for each anchor and class
)

// Objectives are all of them, in the order of reports.
var Objectives = []Objective{Objectness, PerClass}

// Config is what a run is asked for. Copy Default and change it.
type Config struct {
	Preset    trainer.Preset
	Scores    []scores.Source
	Results   []*dataset.Results // of the scores that are a detector's, by their index; else nil
	Objective Objective          // of the headline metrics and the losses of single images; the preset's if empty
	Classes   int                // K of the objective classes; those of the data if 0
	Focal     loss.Focal
	Gammas    []float64 // of the sweep, beside Focal.Gamma
	Edges     Edges
	SkipEmpty bool // leave out images that the trainer's loader skips
	Workers   int

	NoAudit     bool                     // the detector is not asked about the labels
	Calibration *calibration.Calibration // what scores of label errors are worth, nil if nobody measured
	Prevalence  float64                  // of each kind of label error, for expected precisions

	// Progress, if not nil, is told of every image that is done, from any
	// goroutine.
	Progress func(images int)
}

// Edges divide terms by p_t: hard below Hard, easy from Easy on, medium in
// between. A p_t within Tolerance below an edge counts as on it, so that a
// score of 0.9 stays easy through the rounding of its logit.
type Edges struct{ Hard, Easy float64 }

// Tolerance of Edges: four orders above float64's rounding of a sigmoid, far
// below any difference between scores that means something.
const Tolerance = 1e-12

// Default returns the settings of RetinaNet's article on the default preset.
func Default() (Config, error) {
	p, err := trainer.Load(trainer.Default)
	return Config{
		Preset:  p,
		Scores:  scores.Default(),
		Focal:   loss.Focal{Alpha: 0.25, Gamma: 2},
		Gammas:  []float64{0, 0.5, 1, 2, 5},
		Edges:   Edges{Hard: 0.5, Easy: 0.9},
		Workers: 1,

		Prevalence: 0.01,
	}, err
}

// Validate reports the first setting that makes no sense.
func (c *Config) Validate() error {
	switch {
	case !(c.Prevalence > 0 && c.Prevalence < 1):
		return fmt.Errorf("prevalence %g: expected a share between 0 and 1 of labels that are wrong, of each kind", c.Prevalence)
	case c.Objective != "" && !slices.Contains(Objectives, c.Objective):
		return fmt.Errorf("objective %q: expected %s or %s", c.Objective, Objectness, PerClass)
	case c.Classes < 0 || c.Classes > 1<<24:
		return fmt.Errorf("classes %d: expected a number from 1 to 2^24, or 0 for those of the data", c.Classes)
	case !(c.Focal.Alpha >= 0 && c.Focal.Alpha <= 1) && c.Focal.Alpha != loss.Off:
		return fmt.Errorf("alpha %g: expected a number from 0 to 1, or -1 for none", c.Focal.Alpha)
	case !(c.Focal.Gamma >= 0 && c.Focal.Gamma <= 100):
		return fmt.Errorf("gamma %g: expected a number from 0 to 100", c.Focal.Gamma)
	case !(0 < c.Edges.Hard && c.Edges.Hard <= c.Edges.Easy && c.Edges.Easy < 1):
		return fmt.Errorf("edges %g and %g: expected 0 < hard <= easy < 1", c.Edges.Hard, c.Edges.Easy)
	}
	if n := len(c.Losses()); n > maxLosses {
		return fmt.Errorf("%d losses: at most %d are told apart", n, maxLosses)
	}
	return c.Preset.Validate()
}

// joined reports the first detector whose detections have not been read.
func (c *Config) joined() error {
	for i, s := range c.Scores {
		if s.Detector != nil && (i >= len(c.Results) || c.Results[i] == nil) {
			return fmt.Errorf("scores %q: its detections have not been read", s.Name)
		}
	}
	return nil
}

// outputs reports a number of classes that the outputs of a detector can't have.
func (c *Config) outputs(classes int) error {
	for _, s := range c.Scores {
		if s.Model() && c.Classes > 0 && c.Classes < classes {
			return fmt.Errorf("classes %d: the data have %d, and scores %q give one to each", c.Classes, classes, s.Name)
		}
	}
	return nil
}

// objective returns the objective asked for, else the preset's.
func (c *Config) objective() Objective {
	switch {
	case c.Objective != "":
		return c.Objective
	case c.Preset.Loss.Objectness():
		return Objectness
	}
	return PerClass
}

// Difficulty is how hard a term is for the detector.
type Difficulty string

// The difficulties.
const (
	Easy   Difficulty = "easy"
	Medium Difficulty = "medium"
	Hard   Difficulty = "hard"
)

// index is the difficulty's place in the order of reports.
func (d Difficulty) index() int { return slices.Index(difficulties[:], d) }

// Of returns the difficulty of a term by its p_t.
func (e Edges) Of(pt float64) Difficulty {
	switch {
	case pt >= e.Easy-Tolerance:
		return Easy
	case pt >= e.Hard-Tolerance:
		return Medium
	}
	return Hard
}

// NamedLoss is a loss with the name that reports give it.
type NamedLoss struct {
	Name string // bce, alpha_bce or focal
	loss.Focal
}

// Losses returns the losses of the tables: cross entropy, α-balanced cross
// entropy, and focal loss at every γ of the sweep and of the run, rising.
func (c *Config) Losses() []NamedLoss {
	gammas := append(slices.Clone(c.Gammas), c.Focal.Gamma)
	slices.Sort(gammas)
	ls := []NamedLoss{{"bce", loss.BCE}, {"alpha_bce", loss.Focal{Alpha: c.Focal.Alpha}}}
	for _, g := range slices.Compact(gammas) {
		ls = append(ls, NamedLoss{"focal", loss.Focal{Alpha: c.Focal.Alpha, Gamma: g}})
	}
	return ls
}
