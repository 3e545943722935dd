package ledger

import (
	"focalaudit/internal/pack"
	"focalaudit/pkg/loss"
)

// Pack packs what is summed over images, but for the sums of detectors, which a book without
// Accounts has none of. The setting and the names are the caller's to keep.
func (b *Book) Pack(w *pack.Writer) {
	packTally(w, &b.Total)
	w.Len(len(b.Sources))
	for i := range b.Sources {
		packTally(w, &b.Sources[i])
	}
	for _, shapes := range b.Shapes {
		for i := range shapes {
			s := &shapes[i]
			for _, n := range [...]int64{s.Anchors, s.Positives, s.Ignored, s.Candidates, s.BestFor} {
				w.Int(n)
			}
		}
	}
	w.Len(len(b.Classes))
	for i := range b.Classes {
		c := &b.Classes[i]
		packTally(w, &c.Tally)
		for _, n := range [...]int64{c.Annotations, c.WithoutPositive, c.Rescued} {
			w.Int(n)
		}
		for _, n := range c.BySize {
			w.Int(n)
		}
	}
	for i := range b.Sizes {
		packTally(w, &b.Sizes[i])
	}
	for i := range b.uses {
		for k := range b.uses[i] {
			u := &b.uses[i][k]
			w.Float(u.samples)
			for _, e := range [...]*loss.Exact{&u.positive, &u.negative, &u.easy} {
				e.Pack(w)
			}
		}
	}
}

// Unpack reads what Pack packed into an empty book of the same setting, shapes, and numbers of sources
// and classes.
func (b *Book) Unpack(r *pack.Reader) {
	unpackTally(r, &b.Total)
	if r.Len(1) != len(b.Sources) {
		r.Fail()
		return
	}
	for i := range b.Sources {
		unpackTally(r, &b.Sources[i])
	}
	for _, shapes := range b.Shapes {
		for i := range shapes {
			s := &shapes[i]
			for _, n := range [...]*int64{&s.Anchors, &s.Positives, &s.Ignored, &s.Candidates, &s.BestFor} {
				*n = r.Int()
			}
		}
	}
	if r.Len(1) != len(b.Classes) {
		r.Fail()
		return
	}
	for i := range b.Classes {
		c := &b.Classes[i]
		unpackTally(r, &c.Tally)
		for _, n := range [...]*int64{&c.Annotations, &c.WithoutPositive, &c.Rescued} {
			*n = r.Int()
		}
		for k := range c.BySize {
			c.BySize[k] = r.Int()
		}
	}
	for i := range b.Sizes {
		unpackTally(r, &b.Sizes[i])
	}
	for i := range b.uses {
		for k := range b.uses[i] {
			u := &b.uses[i][k]
			u.samples = r.Float()
			for _, e := range [...]*loss.Exact{&u.positive, &u.negative, &u.easy} {
				e.Unpack(r)
			}
		}
	}
}

// counts are the counts of a tally.
func (t *Tally) counts() [8]*int64 {
	return [...]*int64{
		&t.Images, &t.Objects, &t.Anchors, &t.Positives, &t.Negatives, &t.Ignored, &t.RescuedNegative, &t.RescuedIgnored,
	}
}

func packTally(w *pack.Writer, t *Tally) {
	for _, n := range t.counts() {
		w.Int(*n)
	}
}

func unpackTally(r *pack.Reader, t *Tally) {
	for _, n := range t.counts() {
		*n = r.Int()
	}
}

// AddAs adds the book of another part of the data set whose sources and classes have other numbers:
// the i-th of each is the one with the number at place i.
func (b *Book) AddAs(o *Book, sources, classes []int) {
	same := b.Like()
	same.Total, same.Shapes, same.Sizes, same.uses = o.Total, o.Shapes, o.Sizes, o.uses
	for i, at := range sources {
		same.Sources[at] = o.Sources[i]
	}
	for i, at := range classes {
		same.Classes[at] = o.Classes[i]
	}
	b.Add(same)
}
