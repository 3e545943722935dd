package ledger

import (
	"focalaudit/pkg/loss"
)

// Book is all that is summed over the images of a data set. Books of parts of it, under
// one setting and one numbering of sources, classes, levels and shapes, add up (Add);
// SumLevels completes the sum.
type Book struct {
	Setting *Setting
	Names   Names
	Total   Tally
	Sources []Tally   // by source
	Shapes  [][]Shape // by level and shape
	Levels  []Tally   // by level, as SumLevels has it: of anchors only
	Classes []Class   // by class
	Sizes   [NumSizes]Tally

	Accounts []*Account // by source of scores, nil unless a detector's
	Rows     []*Rows    // by source of scores, nil unless a detector's; Add leaves them alone
	uses     []uses     // by source of scores: what training would use, of each anchor's objectness
}

// Names are what scopes are called, by index.
type Names struct{ Sources, Classes, Levels []string }

// uses is what training uses under each scheme, summed over images.
type uses [loss.NumSchemes]struct {
	samples                  float64 // a whole number
	positive, negative, easy loss.Exact
}

// NewBook makes an empty book; shapes has the number of shapes of each level.
func NewBook(s *Setting, n Names, shapes []int) *Book {
	b := &Book{
		Setting: s, Names: n, Sources: make([]Tally, len(n.Sources)), Classes: make([]Class, len(n.Classes)),
		Levels: make([]Tally, len(shapes)), Accounts: make([]*Account, len(s.Scores)),
		Rows: make([]*Rows, len(s.Scores)), uses: make([]uses, len(s.Scores)),
	}
	for _, k := range shapes {
		b.Shapes = append(b.Shapes, make([]Shape, k))
	}
	for i := range s.Scores {
		if of := &s.Scores[i]; of.Model() {
			main := 0
			floors := of.Floors()
			for k, f := range floors {
				if of.Detector != nil && f == of.Detector.Floor {
					main = k
				}
			}
			b.Accounts[i] = NewAccount(floors, main, len(n.Sources), len(shapes), len(n.Classes))
			if of.Logits == nil {
				b.Accounts[i].bin(s, len(n.Sources), len(n.Classes))
			}
		}
	}
	return b
}

// Like returns an empty book of the same setting and names.
func (b *Book) Like() *Book {
	shapes := make([]int, len(b.Shapes))
	for i := range b.Shapes {
		shapes[i] = len(b.Shapes[i])
	}
	return NewBook(b.Setting, b.Names, shapes)
}

// Add adds the book of another part of the data set.
func (b *Book) Add(o *Book) {
	b.Total.Add(&o.Total)
	addAll(b.Sources, o.Sources, (*Tally).Add)
	for i := range b.Shapes {
		addAll(b.Shapes[i], o.Shapes[i], (*Shape).Add)
	}
	addAll(b.Classes, o.Classes, (*Class).Add)
	addAll(b.Sizes[:], o.Sizes[:], (*Tally).Add)
	for i, a := range b.Accounts {
		if a != nil {
			a.Add(o.Accounts[i])
		}
	}
	for i := range b.uses {
		for k := range b.uses[i] {
			u, of := &b.uses[i][k], &o.uses[i][k]
			u.samples += of.samples
			u.positive.Merge(&of.positive)
			u.negative.Merge(&of.negative)
			u.easy.Merge(&of.easy)
		}
	}
}

func addAll[T any](to, from []T, add func(*T, *T)) {
	for i := range from {
		add(&to[i], &from[i])
	}
}

// Image adds the counts of an image of a source.
func (b *Book) Image(source int, t *Tally) {
	b.Total.Add(t)
	b.Sources[source].Add(t)
}

// SumLevels sets Levels to what Shapes add up to.
func (b *Book) SumLevels() {
	for level, shapes := range b.Shapes {
		t := Tally{}
		for i := range shapes {
			s := &shapes[i]
			t.Add(&Tally{
				Anchors: s.Anchors, Positives: s.Positives,
				Negatives: s.Anchors - s.Positives - s.Ignored, Ignored: s.Ignored,
			})
		}
		b.Levels[level] = t
	}
}

// Use adds what training would use of an image's anchors under a source of scores.
func (b *Book) Use(scores int, u *loss.Uses) {
	for k := range u {
		to := &b.uses[scores][k]
		to.samples += u[k].Samples
		to.positive.Add(u[k].Positive)
		to.negative.Add(u[k].Negative)
		to.easy.Add(u[k].EasyNegative)
	}
}

// terms returns the terms of a part of the data set.
func (b *Book) terms(t *Tally, o Objective) Terms {
	return b.Setting.termsOf(t.Positives, t.Negatives, o)
}

// Terms returns the terms of the whole data set.
func (b *Book) Terms(o Objective) Terms { return b.terms(&b.Total, o) }

// classTerms returns the terms of one class: its positives, and under PerClass
// its own output on every other anchor that counts.
func (b *Book) classTerms(c *Class, o Objective) Terms {
	if o == Objectness {
		return Terms{c.Positives, 0, 0}
	}
	return Terms{c.Positives, b.Total.Positives - c.Positives, b.Total.Negatives}
}
