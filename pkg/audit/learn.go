package audit

import (
	"context"
	"fmt"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/text"
)

// Learnt is a model of label errors that was learnt on a sample: an audit that has one judges its labels by it, and
// learns nothing itself.
type Learnt struct {
	judge   *labels.Judge
	classes []string // of the sample, as the model numbers them

	Sources    []File // the sample's
	Detections File   // of the detector, if it has a file of them
	Images     int    // of the sample, those that the detector was asked about
	Labels     int    // in these images
}

// File is a file of a sample.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Named names the files of the sample: the first one, and how many others there are.
func (l *Learnt) Named() string {
	name := text.Printable(l.Sources[0].Name)
	if n := len(l.Sources) - 1; n > 0 {
		name += fmt.Sprintf(" and %s", text.Plural(n, "other file"))
	}
	return name
}

// Learn learns a model of label errors, once the pass is done. progress is that of Run.
func Learn(ctx context.Context, p *pass.Pass, workers int, progress func(share float64)) (*Learnt, error) {
	source, places := Labels(p)
	judge, err := labels.Learn(ctx, source, workers, progress)
	if err != nil {
		return nil, err
	}
	l := &Learnt{judge: judge, Images: len(places)}
	for _, class := range ClassOrder(p) {
		l.classes = append(l.classes, p.Data.Classes[class].Name)
	}
	for s := range p.Data.Sources {
		l.Sources = append(l.Sources, File{p.Data.Sources[s].Name, p.Data.Sources[s].SHA256})
	}
	if of := p.Plan.Results[p.Plan.Auditor]; of != nil {
		l.Detections = File{of.Name, of.SHA256}
	}
	for _, at := range places {
		eachLabel(p, at, func(_ int, _ *dataset.Object, spoken bool) {
			if spoken {
				l.Labels++
			}
		})
	}
	return l, nil
}

// ranks returns the numbers that package labels has for the classes of a pass: those that a learnt model has. Classes
// that its sample lacks follow them. A model of nil has learnt nothing yet.
func (l *Learnt) ranks(p *pass.Pass) []int32 {
	ranks := make([]int32, len(p.Data.Classes))
	known, next := map[string]int32{}, int32(0)
	if l != nil {
		for rank, name := range l.classes {
			known[name] = int32(rank)
		}
		next = int32(len(l.classes))
	}
	for _, class := range ClassOrder(p) {
		rank, had := known[p.Data.Classes[class].Name]
		if !had {
			rank, next = next, next+1
		}
		ranks[class] = rank
	}
	return ranks
}
