// Package ledger counts the terms of a loss and prices them.
//
//  1. The vocabulary: a term belongs to a Set, has a Difficulty by its score, and is
//     counted under an Objective (one term for each anchor, or for each anchor and
//     class). A Setting names the scores and losses that terms are priced by.
//  2. Counts of anchors (Tally, Shape, Class) turn into losses by multiplication where
//     every term of a set has the same score.
//  3. Scores of a detector differ from anchor to anchor: a Sheet gathers the terms of
//     one image, an Account adds sheets up.
//  4. A Book is all that is summed over images. Books of two parts of a data set add up
//     to the book of the whole, bit for bit, wherever it is divided: counts are whole
//     numbers, and sums of losses are loss.Exact. Entries, Prices, Curves and WhatIfs
//     read it.
//
// Losses are in nats.
package ledger

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// Set is what the terms of a loss belong to. The sets are disjoint.
type Set uint8

// The sets.
const (
	Positive   Set = iota // the terms of positive anchors for their object (target 1)
	OtherClass            // the other K-1 terms of positive anchors (target 0); none under objectness
	Negative              // the terms of negative anchors (target 0)
	NumSets    = iota
)

// String returns the set as reports have it.
func (s Set) String() string { return [...]string{"positive", "other_class", "negative"}[s] }

// Target returns the target of the set's terms.
func (s Set) Target() loss.Target {
	if s == Positive {
		return loss.One
	}
	return loss.Zero
}

// Objective says which terms a loss has.
type Objective uint8

// The objectives.
const (
	Objectness    Objective = iota // one term for each anchor
	PerClass                       // one term for each anchor and class
	NumObjectives           = iota

	// Preset stands in a configuration for the objective of the preset's trainer.
	Preset Objective = 255
)

// String returns the objective as reports have it, "" for Preset.
func (o Objective) String() string {
	if o == Preset {
		return ""
	}
	return [...]string{"objectness", "classes"}[o]
}

// ParseObjective returns the objective of a name; Preset for "".
func ParseObjective(name string) (Objective, error) {
	for o := range Objective(NumObjectives) {
		if o.String() == name {
			return o, nil
		}
	}
	if name == "" {
		return Preset, nil
	}
	return Preset, fmt.Errorf("objective %q: expected %s or %s", name, Objectness, PerClass)
}

// Difficulty is how hard a term is for the detector.
type Difficulty uint8

// The difficulties, in the order of reports.
const (
	Easy Difficulty = iota
	Medium
	Hard
	NumDifficulties = iota
)

// String returns the difficulty as reports have it.
func (d Difficulty) String() string { return [...]string{"easy", "medium", "hard"}[d] }

// Edges divide terms by p_t: hard below Hard, easy from Easy on, medium in
// between. A p_t within Tolerance below an edge counts as on it, so that a
// score of 0.9 stays easy through the rounding of its logit.
type Edges struct{ Hard, Easy float64 }

// Tolerance of Edges: four orders above float64's rounding of a sigmoid, far
// below any difference between scores that means something.
const Tolerance = 1e-12

// Of returns the difficulty of a term by its p_t.
func (e Edges) Of(pt float64) Difficulty {
	switch {
	case pt >= e.Easy-Tolerance:
		return Easy
	case pt >= e.Hard-Tolerance:
		return Medium
	}
	return Hard
}

// Validate reports edges out of order.
func (e Edges) Validate() error {
	if 0 < e.Hard && e.Hard <= e.Easy && e.Easy < 1 {
		return nil
	}
	return fmt.Errorf("edges %g and %g: expected 0 < hard <= easy < 1", e.Hard, e.Easy)
}

// NamedLoss is a loss with the name that reports give it.
type NamedLoss struct {
	Name string // bce or focal; α-balanced cross entropy is focal at γ = 0
	loss.Focal
}

// Losses returns the losses of the tables: cross entropy, and focal loss at γ = 0, where it is
// α-balanced cross entropy, and at every γ of the sweep and of the run, rising.
func Losses(run loss.Focal, sweep []float64) []NamedLoss {
	gammas := append(slices.Clone(sweep), 0, run.Gamma)
	slices.Sort(gammas)
	ls := []NamedLoss{{"bce", loss.BCE}}
	for _, g := range slices.Compact(gammas) {
		ls = append(ls, NamedLoss{"focal", loss.Focal{Alpha: run.Alpha, Gamma: g}})
	}
	return ls
}

// MaxLosses bounds the losses of the tables.
const MaxLosses = 8

// Setting is what terms are priced by.
type Setting struct {
	Scores    []scores.Source
	Losses    []NamedLoss // at most MaxLosses
	Bank      loss.Bank   // the same losses, to be computed together
	Focal     loss.Focal  // the run's, one of Losses
	Edges     Edges
	Objective Objective // of the headline figures
	K         int       // classes of PerClass: outputs of the model
}

// NewSetting returns a setting for the given scores.
func NewSetting(s []scores.Source, run loss.Focal, sweep []float64, e Edges, o Objective, k int) *Setting {
	set := &Setting{Scores: s, Losses: Losses(run, sweep), Focal: run, Edges: e, Objective: o, K: k}
	for _, l := range set.Losses {
		set.Bank = append(set.Bank, l.Focal)
	}
	return set
}

// Index returns the place of a loss among Losses.
func (s *Setting) Index(f loss.Focal) int { return slices.Index(s.Bank, f) }

// Terms counts the terms of a loss by set.
type Terms [NumSets]int64

// termsOf returns the terms of positive and negative anchors.
func (s *Setting) termsOf(positives, negatives int64, o Objective) Terms {
	if o == Objectness {
		return Terms{positives, 0, negatives}
	}
	k := int64(s.K)
	return Terms{positives, positives * max(0, k-1), negatives * k}
}

// scoreOf returns the score of the terms of a set under a source without a detector, or
// of those that a detector does not lift above its floor.
func scoreOf(s scores.Source, set Set) loss.Logit {
	if set == Positive {
		return s.Positive
	}
	return s.Negative
}

// Share is part over total, NaN if total is 0.
func Share(part, total float64) float64 {
	if total == 0 {
		return math.NaN()
	}
	return part / total
}
