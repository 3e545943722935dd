package analysis

import (
	"fmt"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/trainer"
)

// findKeys tells what is to be said of the keys of annotations, once for a source and key.
func (r *Result) findKeys() {
	for s := range r.Data.Sources {
		r.findFlag(s, "iscrowd", dataset.OddCrowd, r.Trainer.MisreadsCrowd)
		r.findFlag(s, "ignore", dataset.OddIgnore, r.Trainer.MisreadsIgnore)
	}
}

// aboutKey starts a finding about a trait of a source: its place is that of the first
// annotation that has it.
func (r *Result) aboutKey(code, key string, source int, t *dataset.Tally) findings.Finding {
	o := &r.Data.Sources[source].Objects[t.First]
	f := findings.New(code)
	f.Key, f.Source, f.Offset, f.Line, f.Size = key, int32(source), o.Offset, o.Line, float64(t.N)
	return f
}

// findFlag tells of a flag that is neither 0 nor 1 in some annotations of a source, and
// of what the preset makes of it. Python takes null and "0" for set, which their author
// does not mean: misread says of which flags that is so.
func (r *Result) findFlag(s int, key string, t dataset.Trait, misread func(dataset.Flags) bool) {
	src := &r.Data.Sources[s]
	tally := &src.Traits[t]
	if tally.N == 0 {
		return
	}
	dropped, stops := 0, false
	for i := range src.Objects {
		switch why := r.Objects[s][i].LeftOut.Trainer; {
		case !misread(src.Objects[i].Flags):
		case key == "ignore" && why.Refused():
			stops = true
		case why != trainer.Kept:
			dropped++
		}
	}
	preset, all := r.Config.Preset.Name, len(src.Objects)
	f := r.aboutKey("flag-not-number", key, s, tally)
	what := fmt.Sprintf("%s in %s, and neither 0 nor 1 in %d of %d annotations",
		tally.Text, dataset.Label("annotation", src.Objects[tally.First].ID), tally.N, all)
	switch {
	case stops:
		f.Level = findings.Error
		f.Message = fmt.Sprintf("%s stops with an error: %s; write 0 or 1", preset, what)
	case dropped > 0:
		f.Level = findings.Error
		f.Message = fmt.Sprintf("%s drops %d of %d annotations: %s; write 0 or 1", preset, dropped, all, what)
	case r.Sources[s].Objects == 0: // an error says so
		f.Message = fmt.Sprintf("%s; %s reads it as it is meant", what, preset)
	default:
		f.Message = fmt.Sprintf("%s; this changes nothing under %s", what, preset)
	}
	r.Findings = append(r.Findings, f)
}
