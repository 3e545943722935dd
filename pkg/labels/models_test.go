package labels

import (
	"math"
	"testing"
)

// TestPlan: the models of objects share one weight, and those of detections too, whatever the number of labels; one
// label more changes no model's weight by more than its part; few labels have four times as many models as many have. Each
// learns from three simulations, a repeat from those behind the one before, the last one from the last three. No two
// that are averaged have one seed, and a model's seed is the same for any number of labels.
func TestPlan(t *testing.T) {
	type model struct {
		detections          bool
		repeat, bag, leaves int
	}
	type drawing struct {
		detections bool
		seed       uint64
	}
	seeds := map[model]uint64{}
	at := func(labels int) (objects []float64, sums [2]float64) {
		s := &simulation{total: labels, asTheyAre: newRows(objectWidth, 0), unmatched: newRows(detectionWidth, 0)}
		s.asTheyAre.at, s.asTheyAre.Kind = make([]origin, labels), make([]uint8, labels)
		l := learner{simulation: s, seen: newRows(detectionWidth, 0)}
		l.seen.Kind = make([]uint8, 2*labels)
		drawn := map[drawing]bool{}
		for _, p := range l.plan(3, bags, 1, l.repeats()) {
			of, seed := model{p.detections, p.repeat, p.bag, p.settings.Leaves}, p.settings.Seed
			if before, ok := seeds[of]; ok && before != seed || drawn[drawing{p.detections, seed}] {
				t.Errorf("%d labels: model %+v has seed %d, before %d, or that of another", labels, of, seed, before)
			}
			seeds[of], drawn[drawing{p.detections, seed}] = seed, true
			want := min(float64(3*p.repeat), 3*l.repeats()-3)
			if math.Abs(p.from-want) > 1e-12 || math.Abs(p.to-want-3) > 1e-12 {
				t.Errorf("%d labels: repeat %d learns from simulations %v to %v, want %v to %v", labels, p.repeat, p.from, p.to, want, want+3)
			}
			if p.detections {
				sums[1] += p.weight
				continue
			}
			sums[0] += p.weight
			objects = append(objects, p.weight)
		}
		return objects, sums
	}
	for _, n := range []int{1, 500, 1500, 1999, 2000, 2001, 2999, 3000, 3001, 5999, 6000, 100000} {
		objects, sums := at(n)
		if math.Abs(sums[0]-1) > 1e-12 || math.Abs(sums[1]-1) > 1e-12 {
			t.Errorf("%d labels: weights add up to %v", n, sums)
		}
		next, _ := at(n + 1)
		for i, w := range objects {
			var then float64
			if i < len(next) {
				then = next[i]
			}
			if math.Abs(w-then) > 1/float64(n) {
				t.Errorf("%d labels: model %d has weight %v, with one more %v", n, i, w, then)
			}
		}
		want := bags * int(math.Ceil(max(1, min(4, 6000/float64(n)))))
		if len(objects) != want {
			t.Errorf("%d labels: %d models, want %d", n, len(objects), want)
		}
	}
}

// TestRepeatsShareNothing: of 1,500 labels or fewer each simulated error teaches one model of four repeats of three
// bags, and a row of a right label all of them; of 4,000, which have one repeat and a half, those that lie in both
// repeats teach one model of each.
func TestRepeatsShareNothing(t *testing.T) {
	for labels, both := range map[int][2]float64{1500: {12, 12}, 4000: {1.5, 3}} { // the simulations of two repeats
		s := &simulation{total: labels, asTheyAre: newRows(objectWidth, 0), unmatched: newRows(detectionWidth, 0)}
		l := learner{simulation: s, objects: newRows(1, 0), seen: newRows(1, 0)}
		for round := range int32(12) {
			for k := range 200 {
				l.objects.add([]float64{0}, uint8(k%2)*uint8(Class), origin{fold: 1, round: round, label: -1, seen: -1}, 7, k)
			}
		}
		var f fitting
		times := make([]int, l.objects.Len())
		for _, p := range l.plan(3, bags, 1, l.repeats()) {
			if p.detections {
				continue
			}
			rows, _ := l.rows(&f, &p, 0)
			for _, row := range rows {
				times[row]++
			}
		}
		for i, n := range times {
			want := 0
			switch turn := l.objects.at[i].turn; {
			case l.objects.Kind[i] == right:
				want = bags * int(math.Ceil(l.repeats()))
			case both[0] <= turn && turn < both[1]:
				want = 2
			case turn < 3*l.repeats():
				want = 1
			}
			if n != want {
				t.Errorf("%d labels: a row of kind %d and turn %v teaches %d models, want %d", labels, l.objects.Kind[i], l.objects.at[i].turn, n, want)
			}
		}
	}
}
