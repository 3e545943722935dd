package analysis

import (
	"context"
	"io"
	"iter"
	"slices"

	"focalaudit/pkg/convention/between"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/distribution"
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
	Digests  []Digest             // by source

	result *Result
}

// Result returns what else was found of the part: it has no metrics, and no ranks.
func (c *Counted) Result() *Result { return c.result }

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
	if err := r.digest(ctx, make([]bool, len(d.Sources)), true); err != nil {
		return nil, err
	}
	for s := range r.Digests {
		r.explain(r.Digests[s].Unfit)
	}
	return &Counted{r.Pass, r.Book, found, r.unlisted, r.Digests, r}, nil
}

// Countable reports whether Count can do what a run of this configuration does with images.
func (c *Config) Countable() bool {
	return !slices.ContainsFunc(c.Scores, func(s scores.Source) bool { return s.Model() })
}

// Parts are what was counted of a data set beforehand. Merge uses them up.
type Parts struct {
	Of []Part

	// Slots has the slots of the sources of these, by their index in the data set.
	Slots pass.Slots

	// Rows returns the rows of objects.parquet of a source of one of these, nil if it has none.
	Rows func(source int) *Rows

	// Sighted returns the sorted sightings of the whole data set that a list has.
	Sighted func(between.List) iter.Seq[between.Sighting]
}

// Rows are the rows that a source has in objects.parquet, as a file of their own.
type Rows struct {
	io.ReaderAt
	Size int64
	Name string // of the source, in the rows
}

// Encoded returns the rows of a source in objects.parquet as a part has them, nil if they have to be written anew.
func (r *Result) Encoded(source int) *Rows {
	if r.parts == nil || r.Audit != nil {
		return nil
	}
	rows := r.parts.Rows(source)
	if rows == nil || rows.Name != r.Data.Sources[source].Name {
		return nil
	}
	return rows
}

// Part is a part of a data set whose images were counted.
type Part struct {
	Sources []int    // indices in the data set of the part's sources, in their order there
	Names   []string // of these sources in the part; the data set may tell them apart by longer ones
	Classes []int    // indices in the data set of its classes

	// Unpack reads the part's book into one that is empty, under the part's numbers.
	Unpack func(*ledger.Book) error

	Found    [][]findings.Finding
	Unlisted map[string]int

	// Digest returns the digest of a source of the part, without the detail of its look, which Detail returns.
	Digest func(source int) Digest
	Detail func(source int) *distribution.Detail

	// Values returns what the objects of a class of the part have of a quantity, with the data set's numbers.
	Values func(class, quantity int) Values
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
	r.Digests = make([]Digest, len(r.Data.Sources))
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
			found[s] = append(found[s], renumbered(part.Found[k], s, part.Classes)...)
			d := part.Digest(k)
			r.Digests[s] = d.as(s, part.Classes)
			r.fold(&r.Digests[s])
			part.Found[k] = nil // they are not held twice
			if part.Names[k] != r.Data.Sources[s].Name {
				r.Digests[s].Found = r.foundIn(s) // their messages name the source
			}
			if r.Config.Progress != nil {
				images, _ := r.Data.Count(s)
				r.Config.Progress(images)
			}
		}
	}
	return nil
}

// detail returns what returns the detail of the look of a source of the parts.
func (p *Parts) detail(d *dataset.Dataset) func(source int) *distribution.Detail {
	if p == nil {
		return nil
	}
	type place struct{ part, number int32 }
	places := make([]place, len(d.Sources))
	for i := range p.Of {
		for k, s := range p.Of[i].Sources {
			places[s] = place{int32(i), int32(k)}
		}
	}
	return func(source int) *distribution.Detail {
		at := places[source]
		part := &p.Of[at.part]
		return part.Detail(int(at.number)).As(part.Classes)
	}
}

// renumbered returns findings of a source of a part, with the numbers of the data set.
func renumbered(found []findings.Finding, source int, classes []int) []findings.Finding {
	for i := range found {
		f := &found[i]
		f.Source = int32(source)
		if f.Class >= 0 {
			f.Class = int32(classes[f.Class])
		}
	}
	return found
}

// as returns a digest of a source of a part, with the numbers of the data set.
func (d *Digest) as(source int, classes []int) Digest {
	out := *d
	out.Annotations = map[leftOut]int64{}
	for of, n := range d.Annotations {
		if of.class >= 0 {
			of.class = int32(classes[of.class])
		}
		out.Annotations[of] += n
	}
	out.Found = renumbered(out.Found, source, classes)
	for i := range out.Unfit {
		u := &out.Unfit[i]
		u.Worst.Source = int32(source)
		if u.Class >= 0 {
			u.Class = int32(classes[u.Class])
		}
	}
	for i := range out.Apart {
		out.Apart[i] = out.Apart[i].As(source, classes)
	}
	out.Look = d.Look.As(classes)
	return out
}
