package ledger

import (
	"iter"
	"strconv"

	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// Scope is the part of the data set that a sum is over.
type Scope string

// The scopes. Of classes and size classes, only what belongs to their objects
// is theirs, but that each class has a term of its own on every other anchor.
const (
	All         Scope = "all"
	BySource    Scope = "source"
	ByClass     Scope = "class"
	BySizeClass Scope = "size_class"
	ByLevel     Scope = "level"
)

// Entry is a sum of losses over the terms of one set and difficulty within a
// scope.
type Entry struct {
	Scores     string
	Objective  Objective
	Loss       NamedLoss
	Scope      Scope
	Name       string // of the source, class, size class or level; "" for All
	Set        Set
	Difficulty Difficulty
	N          int64   // terms
	Sum        float64 // of the loss, nats
	Grad       float64 // of the magnitude of the gradient by the logit
	Share      float64 // of the loss of all terms; NaN if that is 0
}

// Entries yields the ledger of every source of scores, objective, loss and
// scope, without the sets that have no terms. After a detector's ledger under its
// own floor, named as the source, come those under its other floors, named
// source@floor.
func (b *Book) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for i := range b.Setting.Scores {
			for _, v := range b.Views(i) {
				for o := range Objective(NumObjectives) {
					if !v.account.Has(o) {
						continue
					}
					for l, named := range b.Setting.Losses {
						if !v.entries(Entry{Scores: v.Name, Objective: o, Loss: named}, l, yield) {
							return
						}
					}
				}
			}
		}
	}
}

// View is a source of scores under one floor.
type View struct {
	Name     string
	Floor    float64 // of the terms that no detection lifts above it; 0 unless the source is a detector's
	book     *Book
	constant scores.Source // of the terms that no detection lifts above the floor
	account  *Account      // nil unless a detector's
	floor    int           // index of the account's floors
}

// Views returns a source under its own floor, then under the others.
func (b *Book) Views(source int) []View {
	s, a := b.Setting.Scores[source], b.Accounts[source]
	if a == nil {
		return []View{{Name: s.Name, book: b, constant: s}}
	}
	vs := []View{{s.Name, a.Floors[a.Main], b, s, a, a.Main}}
	for k, f := range a.Floors {
		if k != a.Main {
			at := s
			at.Positive, at.Negative = loss.LogitOf(f), loss.LogitOf(f)
			vs = append(vs, View{s.Name + "@" + strconv.FormatFloat(f, 'g', -1, 64), f, b, at, a, k})
		}
	}
	return vs
}

// Line is terms of one set and difficulty, with what they cost.
type Line struct {
	N         int64
	Sum, Grad float64
}

// Lines are the terms of one set by difficulty.
type Lines [NumDifficulties]Line

// Sum returns what all of them cost.
func (l *Lines) Sum() float64 { return l[Easy].Sum + l[Medium].Sum + l[Hard].Sum }

// Set returns the terms of one set of the whole data set under a loss, by its index.
func (v *View) Set(o Objective, set Set, l int) Lines {
	return v.lines(v.account.partsOf(o, scopeName{Scope: All}), set, l, v.book.Terms(o)[set])
}

// Total returns the loss of all terms under a loss, by its index.
func (v *View) Total(o Objective, l int) float64 {
	var total loss.Sum
	for set := range Set(NumSets) {
		for _, line := range v.Set(o, set, l) {
			total.Add(line.Sum)
		}
	}
	return total.Total()
}

// lines returns one set of a scope by difficulty: n terms, of which those in ps have
// scores above the floor.
func (v *View) lines(ps []part, set Set, l int, n int64) (out Lines) {
	z, f := scoreOf(v.constant, set), v.book.Setting.Bank[l]
	rest := n
	if v.account != nil {
		for d := range out {
			s := v.account.special(ps, set, Difficulty(d), v.floor, l)
			out[d] = Line{s.n, s.sum, s.grad}
			rest -= s.n
		}
	}
	line := &out[v.book.Setting.Edges.Of(loss.PT(z, set.Target()))]
	line.N += rest
	line.Sum += float64(float64(rest) * f.Loss(z, set.Target()))
	line.Grad += float64(float64(rest) * f.Grad(z, set.Target()))
	return out
}

// entries yields the scopes of one ledger; false if the caller has enough.
func (v *View) entries(e Entry, l int, yield func(Entry) bool) bool {
	total := v.Total(e.Objective, l)
	for scope, terms := range v.book.scopes(e.Objective) {
		e.Scope, e.Name = scope.Scope, scope.Name
		ps := v.account.partsOf(e.Objective, scope)
		for set, n := range terms {
			if n == 0 {
				continue
			}
			e.Set = Set(set)
			for d, line := range v.lines(ps, e.Set, l, n) {
				if line.N == 0 {
					continue
				}
				e.Difficulty, e.N, e.Sum, e.Grad = Difficulty(d), line.N, line.Sum, line.Grad
				e.Share = Share(e.Sum, total)
				if !yield(e) {
					return false
				}
			}
		}
	}
	return true
}

type scopeName struct {
	Scope Scope
	Name  string
	index int
}

// scopes yields every part of the data set with its terms.
func (b *Book) scopes(o Objective) iter.Seq2[scopeName, Terms] {
	return func(yield func(scopeName, Terms) bool) {
		if !yield(scopeName{All, "", 0}, b.Terms(o)) {
			return
		}
		for i := range b.Sources {
			if !yield(scopeName{BySource, b.Names.Sources[i], i}, b.terms(&b.Sources[i], o)) {
				return
			}
		}
		for i := range b.Classes {
			if !yield(scopeName{ByClass, b.Names.Classes[i], i}, b.classTerms(&b.Classes[i], o)) {
				return
			}
		}
		for i := range b.Sizes {
			if !yield(scopeName{BySizeClass, Size(i).String(), i}, b.terms(&b.Sizes[i], o)) {
				return
			}
		}
		for i := range b.Levels {
			if !yield(scopeName{ByLevel, b.Names.Levels[i], i}, b.terms(&b.Levels[i], o)) {
				return
			}
		}
	}
}
