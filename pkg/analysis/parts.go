package analysis

import (
	"context"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/scores"
)

// Counted is what the images of a part of a data set tell: what Merge adds up. Sources and classes
// have the part's own numbers, and each image and annotation has its slot in Pass.
type Counted struct {
	*pass.Pass
	Book     *ledger.Book
	Found    [][]findings.Finding // about single images, by source
	Unlisted map[string]int       // findings about images, by code, that are counted and not listed
}

// Count does the images of a part of a data set. The configuration must have no detector: what a
// detector says of an image depends on the classes of the whole.
func Count(ctx context.Context, d *dataset.Dataset, c Config) (*Counted, error) {
	r, err := prepare(d, c, nil)
	if err != nil {
		return nil, err
	}
	found, err := r.pass(ctx, nil)
	if err != nil {
		return nil, err
	}
	return &Counted{r.Pass, r.Book, found, r.unlisted}, nil
}

// Countable reports whether Count can do what a run of this configuration does with images.
func (c *Config) Countable() bool {
	return !slices.ContainsFunc(c.Scores, func(s scores.Source) bool { return s.Model() })
}

// Parts are what was counted of a data set beforehand.
type Parts struct {
	Of []Part

	// Slots returns the slots of a source of one of these, by its index in the data set.
	Slots func(source int) ([]pass.Image, []pass.Object)
}

// Part is a part of a data set whose images were counted.
type Part struct {
	Sources []int // indices in the data set of the part's sources, in their order there
	Classes []int // indices in the data set of its classes

	// Unpack reads the part's book into one that is empty, under the part's numbers.
	Unpack func(*ledger.Book) error

	Found    [][]findings.Finding
	Unlisted map[string]int
}

// Merge is Run for a data set of which parts were counted. Sources that belong to none of these are
// done now. The result is that of Run.
func Merge(ctx context.Context, d *dataset.Dataset, c Config, parts *Parts) (*Result, error) {
	r, err := run(ctx, d, c, parts)
	if err != nil {
		return nil, err
	}
	r.Weak, err = r.weak(ctx)
	return r, err
}

// has returns which sources of a data set were counted.
func (p *Parts) has(sources int) []bool {
	has := make([]bool, sources)
	if p != nil {
		for i := range p.Of {
			for _, s := range p.Of[i].Sources {
				has[s] = true
			}
		}
	}
	return has
}

// add adds the parts to what the run has done of the other sources; found is by source.
func (r *Result) add(p *Parts, found [][]findings.Finding) error {
	if p == nil {
		return nil
	}
	for i := range p.Of {
		part := &p.Of[i]
		names := ledger.Names{Sources: make([]string, len(part.Sources)), Classes: make([]string, len(part.Classes))}
		book := ledger.NewBook(r.Setting, names, r.Trainer.Shapes())
		if err := part.Unpack(book); err != nil {
			return err
		}
		r.Book.AddAs(book, part.Sources, part.Classes)
		for code, n := range part.Unlisted {
			r.unlisted[code] += n
		}
		for k, s := range part.Sources {
			for _, f := range part.Found[k] {
				f.Source = int32(s)
				if f.Class >= 0 {
					f.Class = int32(part.Classes[f.Class])
				}
				found[s] = append(found[s], f)
			}
			if r.Config.Progress != nil {
				images, _ := r.Data.Count(s)
				r.Config.Progress(images)
			}
		}
	}
	return nil
}
