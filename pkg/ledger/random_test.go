package ledger

import (
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// The data sets of these tests have two sources, three classes and two levels.
var names = Names{Sources: []string{"x.json", "y.json"}, Classes: []string{"a", "b", "c"}, Levels: []string{"P3", "P4"}}

// detector is the index of the source of scores that is a detector's; its own floor lies
// between two of scores.Floors.
const detector = 2

// setting has the two scores of every run and a detector's.
func setting(t *testing.T) *Setting {
	t.Helper()
	ss, err := scores.Apply(scores.Default(), "detections:nowhere.json,floor=0.005")
	if err != nil {
		t.Fatal(err)
	}
	return NewSetting(ss, loss.Focal{Alpha: 0.25, Gamma: 2}, []float64{0, 1}, Edges{Hard: 0.5, Easy: 0.9}, PerClass, len(names.Classes))
}

// anchor is an anchor that is positive or negative.
type anchor struct {
	source, image, level int
	object               int // in its source; -1 if the anchor is negative
	class                int32
	size                 Size
	scores               [3]float64 // by class; 0 without a detection
}

// draw returns the anchors of some images, with a detection's score on a fifth of the
// outputs. Images and objects are numbered from `from` on.
func draw(r *rand.Rand, images, from int) (as []anchor) {
	for i := range images {
		source := r.IntN(2)
		for range 20 + r.IntN(30) {
			a := anchor{source: source, image: from + i, level: r.IntN(2), object: -1, class: -1}
			if r.IntN(3) == 0 {
				a.object = 3*(from+i) + r.IntN(3)
				a.class, a.size = int32(a.object%3), Size(a.object*7%3)
			}
			for c := range a.scores {
				if r.IntN(5) == 0 {
					a.scores[c] = min(r.ExpFloat64()/20, 0.99)
				}
			}
			as = append(as, a)
		}
	}
	return as
}

// eachTerm calls f with every term of an anchor: its set, and its class if it is one's.
func (a *anchor) eachTerm(f func(o Objective, set Set, class int32, score float64)) {
	of := Negative
	if a.object >= 0 {
		of = Positive
	}
	f(Objectness, of, a.class, slices.Max(a.scores[:]))
	for c, score := range a.scores {
		set := of
		if set == Positive && int32(c) != a.class {
			set = OtherClass
		}
		f(PerClass, set, int32(c), score)
	}
}

// bookOf counts anchors, and enters the scores of their detections, as package belief does.
func bookOf(s *Setting, as []anchor) *Book {
	b := NewBook(s, names, []int{1, 1})
	rows := &Rows{Images: make([][][NumObjectives]ImageSums, 2), Objects: make([][]OwnSums, 2)}
	for i := range rows.Images {
		rows.Images[i], rows.Objects[i] = make([][NumObjectives]ImageSums, 100), make([]OwnSums, 300)
	}
	b.Rows[detector] = rows
	account := b.Accounts[detector]
	sheets := [NumObjectives]*Sheet{account.NewSheet(), account.NewSheet()}
	for len(as) > 0 {
		n := slices.IndexFunc(as, func(a anchor) bool { return a.image != as[0].image })
		if n < 0 {
			n = len(as)
		}
		source, t := as[0].source, Tally{Images: 1, Anchors: int64(n)}
		var uses loss.Uses
		for i := range as[:n] {
			a := &as[i]
			b.Shapes[a.level][0].Anchors++
			if a.object < 0 {
				t.Negatives++
			} else {
				t.Positives++
				b.Shapes[a.level][0].Positives++
				b.Classes[a.class].Positives++
				b.Sizes[a.size].Positives++
			}
			enter(b, rows, sheets, a)
			uses.Image(nil, []loss.Sample{{N: 1, BCE: a.scores[0], Focal: a.scores[1]}})
		}
		for o := range sheets {
			account.Enter(Objective(o), source, sheets[o])
		}
		b.Image(source, &t)
		b.Use(detector, &uses)
		as = as[n:]
	}
	b.SumLevels()
	return b
}

// enter enters the terms of an anchor that have a score above the lowest floor.
func enter(b *Book, rows *Rows, sheets [NumObjectives]*Sheet, a *anchor) {
	account, set := b.Accounts[detector], b.Setting
	a.eachTerm(func(o Objective, of Set, class int32, score float64) {
		band := 0
		for band < len(account.Floors) && score <= account.Floors[band] {
			band++
		}
		if band == len(account.Floors) {
			return
		}
		var each, slope [MaxLosses]float64
		z, n := loss.LogitOf(score), len(set.Bank)
		set.Bank.At(loss.ScoreOf(score), of.Target(), each[:], slope[:])
		d := set.Edges.Of(loss.PT(z, of.Target()))
		sheets[o].Level(a.level, of, d, band).Add(1, each[:n], slope[:n])
		if a.object >= 0 {
			sheets[o].SizeClass(a.size, of, d, band).Add(1, each[:n], slope[:n])
		}
		if class >= 0 {
			sheets[o].Class(class, of, d, band).Add(1, each[:n], slope[:n])
		}
		if band > account.Main {
			return
		}
		account.Histogram(o, of).Add(z)
		rows.Images[a.source][a.image][o].Add(of, d == Easy, 1, each[:n])
		if of == Positive && o == set.Objective {
			own := &rows.Objects[a.source][a.object]
			own.N++
			for i, v := range each[:n] {
				own.Loss[i] += v
			}
		}
	})
}
