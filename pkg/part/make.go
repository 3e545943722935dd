package part

import (
	"context"
	"fmt"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// Config returns the configuration of a run with these settings, on one core.
func (s *Settings) Config() (analysis.Config, error) {
	c := analysis.Default()
	c.Preset, c.Classes = s.Preset, s.Classes
	c.Focal, c.Edges = loss.Focal{Alpha: s.Alpha, Gamma: s.Gamma}, ledger.Edges{Easy: s.Easy, Hard: s.Hard}
	c.SkipEmpty, c.ImageLosses, c.NoAudit, c.Prevalence = s.SkipEmpty, s.ImageLosses, s.NoAudit, s.Prevalence
	c.Outlines = s.Outlines
	var err error
	if c.Objective, err = ledger.ParseObjective(s.Objective); err != nil {
		return c, err
	}
	for _, spec := range s.Scores {
		if c.Scores, err = scores.Apply(c.Scores, spec); err != nil {
			return c, err
		}
	}
	return c, c.Validate()
}

// Of returns the settings of a configuration, whose scores beside the default ones are given as the flag --scores has
// them.
func Of(c *analysis.Config, specs []string, objective string) Settings {
	return Settings{
		Preset: c.Preset, Scores: slices.Clone(specs), Objective: objective, Classes: c.Classes,
		Alpha: c.Focal.Alpha, Gamma: c.Focal.Gamma, Easy: c.Edges.Easy, Hard: c.Edges.Hard,
		SkipEmpty: c.SkipEmpty, ImageLosses: c.ImageLosses, NoAudit: c.NoAudit, Prevalence: c.Prevalence,
		Outlines: c.Outlines,
	}
}

// Make joins what was read of some files, and counts their images where the configuration has no detector. version is
// that of the program, which all parts must have in common.
func Make(
	ctx context.Context, found []find.File, outcomes []dataset.Outcome, s Settings, c analysis.Config, version string,
) (*Part, error) {
	p := &Part{Settings: s, Version: version, Declared: dataset.DeclaredBy(outcomes)}
	whys := map[string]dataset.Outcome{}
	for _, o := range outcomes {
		whys[o.Name] = dataset.Outcome{Skip: o.Skip, Refused: o.Refused, Builder: o.Builder}
	}
	for _, f := range found {
		o, read := whys[f.Name]
		if !read {
			return nil, fmt.Errorf("%s was found and not read", f.Name)
		}
		file := File{Name: f.Name, Whole: f.Whole, Least: f.Least}
		switch {
		case o.Refused != nil:
			file.Refused = o.Refused.Error()
		case o.Builder == nil:
			file.Skipped = o.Skip
		}
		p.Files = append(p.Files, file)
	}
	var err error
	if p.Data, err = dataset.Join(ctx, c.Workers, outcomes); err != nil {
		return nil, err
	}
	if c.Countable() {
		p.Counted, err = analysis.Count(ctx, p.Data, c)
	}
	return p, err
}
