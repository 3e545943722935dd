package analysis

import (
	"fmt"

	"focalaudit/pkg/audit"
	"focalaudit/pkg/calibration"
	"focalaudit/pkg/convention/results"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
	"focalaudit/pkg/trainer"
)

// Config is what a run is asked for. Copy Default and change it.
type Config struct {
	Preset    trainer.Preset
	Scores    []scores.Source
	Results   []*dataset.Results // of the scores that are a detector's, by their index; else nil
	Objective ledger.Objective   // of the headline metrics and the losses of single images
	Classes   int                // K of the objective classes; those of the data if 0
	Focal     loss.Focal
	Gammas    []float64 // of the sweep, beside Focal.Gamma
	Edges     ledger.Edges
	SkipEmpty bool // leave out images that the trainer's loader skips
	Outlines  bool // readers compared every box with its outline, where they compare a sample otherwise

	// ImageLosses has the losses of every image reported under all sources of scores, also those
	// where they are counts times constants.
	ImageLosses bool

	Workers int

	NoAudit     bool                     // the detector is not asked about the labels
	Learnt      *audit.Learnt            // the model that judges the labels, nil if it is learnt from them
	Calibration *calibration.Calibration // what scores of label errors are worth, nil if nobody measured
	Prevalence  float64                  // of each kind of label error, for expected precisions
	Sizes       [][]geom.Size            // of the pictures by source and image, 0 where unknown; nil if nobody measured

	// Reviewed are the fingerprints of findings that a person looked at and kept.
	Reviewed []string

	// Progress, if not nil, is told of every image that is done, from any
	// goroutine.
	Progress func(images int)

	// Auditing, if not nil, is told while the labels are audited, from any goroutine, which
	// share of it is done.
	Auditing func(share float64)
}

// Default returns the settings of RetinaNet's article on the default preset.
func Default() Config {
	return Config{
		Preset:    trainer.MustLoad(trainer.Default),
		Scores:    scores.Default(),
		Objective: ledger.Preset,
		Focal:     loss.Focal{Alpha: 0.25, Gamma: 2},
		Gammas:    []float64{0, 0.5, 1, 2, 5},
		Edges:     ledger.Edges{Hard: 0.5, Easy: 0.9},
		Workers:   1,

		Prevalence: 0.01,
	}
}

// Validate reports the first setting that makes no sense.
func (c *Config) Validate() error {
	switch {
	case !(c.Prevalence > 0 && c.Prevalence < 1):
		return fmt.Errorf("prevalence %g: expected a share between 0 and 1 of labels that are wrong, of each kind",
			c.Prevalence)
	case c.Classes < 0 || c.Classes > 1<<24:
		return fmt.Errorf("classes %d: expected a number from 1 to 2^24, or 0 for those of the data", c.Classes)
	case !(c.Focal.Alpha >= 0 && c.Focal.Alpha <= 1) && c.Focal.Alpha != loss.Off:
		return fmt.Errorf("alpha %g: expected a number from 0 to 1, or -1 for none", c.Focal.Alpha)
	case !(c.Focal.Gamma >= 0 && c.Focal.Gamma <= 100):
		return fmt.Errorf("gamma %g: expected a number from 0 to 100", c.Focal.Gamma)
	}
	if err := c.Edges.Validate(); err != nil {
		return err
	}
	if n := len(ledger.Losses(c.Focal, c.Gammas)); n > ledger.MaxLosses {
		return fmt.Errorf("%d losses: at most %d are told apart", n, ledger.MaxLosses)
	}
	if err := c.Preset.Validate(); err != nil {
		return err
	}
	for _, s := range c.Scores {
		rule := c.Preset.Matcher.Thresholds()
		if s.Model() && rule.Bounds && !(s.Logits != nil && rule.Chooses) { // of these, belief.Prepare looks for boxes
			return fmt.Errorf("scores %q: %s gives points to objects by what the detector predicts, so single points have "+
				"no label to score; audit labels under another preset, such as --anchors %s",
				s.Name, c.Preset.Name, trainer.Default)
		}
	}
	return nil
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

// outputs reports a number of classes that are too few outputs for the data, or for a detector.
func (c *Config) outputs(d *dataset.Dataset) error {
	if c.Classes == 0 {
		return nil
	}
	if n := d.ClassesInUse(); c.Classes < n {
		return fmt.Errorf("classes %d: the annotations have %d classes, and each needs an output; expected %d or more",
			c.Classes, n, n)
	}
	for _, s := range c.Scores {
		if s.Model() && c.Classes < len(d.Classes) {
			return fmt.Errorf("classes %d: the data have %d, and scores %q give one to each; expected %d or more",
				c.Classes, len(d.Classes), s.Name, len(d.Classes))
		}
	}
	return nil
}

// objective returns the objective asked for, or the preset's.
func (c *Config) objective() ledger.Objective {
	switch {
	case c.Objective != ledger.Preset:
		return c.Objective
	case c.Preset.Loss.Objectness():
		return ledger.Objectness
	}
	return ledger.PerClass
}

// auditor is the first source of scores that is a detector's, -1 if none is: one whose
// detections do not belong to the data is asked nothing.
func (c *Config) auditor(verdicts []*results.Verdict) int {
	if c.NoAudit {
		return -1
	}
	for i, s := range c.Scores {
		if (s.Detector != nil || s.Logits != nil) && (verdicts == nil || verdicts[i] == nil || !verdicts[i].Foreign()) {
			return i
		}
	}
	return -1
}

// Audits reports whether there is a detector that is asked about the labels.
func (c *Config) Audits() bool { return c.auditor(nil) >= 0 }
