package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/part"
)

// learnFrom learns the model of label errors from the part that --learn names, with its detections where the part says
// that they lie, or where given scores do.
func (f *runFlags) learnFrom(ctx context.Context, given []string, p *progress) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = contradicts(p)
		}
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	set, err := part.Open(ctx, []string{f.learn}, version, f.config.Workers, cancel)
	if err != nil {
		return err
	}
	if len(given) > 0 {
		if err := sameScores(set.Settings.Scores, given); err != nil {
			return err
		}
		set.Settings.Scores = given
	}
	sample := &runFlags{}
	if sample.config, err = set.Settings.Config(); err != nil {
		return err
	}
	if !sample.config.Audits() {
		return fmt.Errorf("--learn %s: the part has no detector to learn from: write it with --scores detections:FILE, "+
			"and without --no-audit", f.learn)
	}
	sample.config.Workers = f.config.Workers
	switch err := sample.detections(ctx, set.Data, p); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("--learn %s: %w: the part says that its detections lie there: put them there, write the part "+
			"anew, or have merge name another place with --scores", f.learn, err)
	case err != nil:
		return fmt.Errorf("--learn %s: %w", f.learn, err)
	}
	images, _ := countOf(set.Data)
	p.stage("matching the part of --learn", int64(images))
	sample.config.Progress, sample.config.Auditing = p.add, p.auditing(func() {})
	learnt, err := analysis.Learn(ctx, set.Data, sample.config)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	switch {
	case err != nil:
		return fmt.Errorf("--learn %s: %w", f.learn, err)
	case learnt == nil:
		return fmt.Errorf("--learn %s: its detections do not fit its annotations: `analyze run` over its files says why",
			f.learn)
	case learnt.Labels == 0:
		return fmt.Errorf("--learn %s: none of its labels is in an image with detections: name a part that has some", f.learn)
	}
	f.config.Learnt = learnt
	return nil
}
