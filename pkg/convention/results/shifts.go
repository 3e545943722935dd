package results

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Shifts says whether a column of the results stands one record off in their file.
type Shifts struct {
	Scores, Classes, Boxes Shift
	Runs                   Runs
}

// Shift compares a column with itself, moved by one record.
type Shift struct {
	By        int // 1 if values belong to the record behind theirs, -1 if to the one before, 0 if they are in place
	Own, Next int // records that fit with their own value, with the neighbour's; of Scores: percent of pairs in order
	Of        int // records that tell
}

// Runs are detections of one image, or of one image and class, that stand together in the file, three at least.
type Runs struct {
	N     int
	Down  int // by falling score throughout
	First int // but for the first, which is below the second
	Last  int // but for the last, which is above the one before
}

// by is 1 or -1 if the scores of most runs seem to belong to the record behind or before. In files that are sorted,
// no run of the real results begins or ends so, and in others one in six by chance.
func (r *Runs) by() int {
	switch {
	case r.First >= leastRows && 2*r.First >= r.N && 10*(r.First+r.Down) >= 9*r.N:
		return -1
	case r.Last >= leastRows && 2*r.Last >= r.N && 10*(r.Last+r.Down) >= 9*r.N:
		return 1
	}
	return 0
}

// found is the column that stands one record off, "" if none does.
func (s *Shifts) found() (column string, by int) {
	switch {
	case s.Boxes.By != 0:
		return "boxes", s.Boxes.By
	case s.Classes.By != 0:
		return "classes", s.Classes.By
	case s.Scores.By != 0:
		return "scores", s.Scores.By
	}
	return "", 0
}

// rowed is a detection with its image.
type rowed struct {
	dataset.Detection
	source, image int32
	told, hit     bool // it was looked at; it overlaps an object of its class
	best          int32
	sample        int
}

// maxRowed is how many detections of an image are looked at.
const maxRowed = 300

// shifts compares the columns of the results.
func (v *Verdict) shifts(d *dataset.Dataset, r *dataset.Results) Shifts {
	rows, at := v.rowsOf(d, r)
	var s Shifts
	s.Runs = runsOf(rows)
	s.Boxes = boxShift(d, rows, at)
	s.Classes = classShift(d, rows, at, v.sample)
	s.Scores = scoreShift(rows, at)
	if s.Scores.By == 0 {
		s.Scores.By = s.Runs.by()
	}
	return s
}

// rowsOf returns the detections that are looked at and their neighbours in the file, in the order of the file, and
// the place of each row among them.
func (v *Verdict) rowsOf(d *dataset.Dataset, r *dataset.Results) (rows []rowed, at map[int32]int) {
	wanted := map[int32]bool{}
	for i := range v.sample {
		s := &v.sample[i]
		for k := range s.detections[:min(maxRowed, len(s.detections))] {
			x := rowed{Detection: s.detections[k], source: s.source, image: s.image, told: true, best: -1, sample: i}
			b, best := x.Box.Box(), 0.0
			for j, o := range s.boxes {
				if o.X0 >= b.X1 || b.X0 >= o.X1 {
					continue
				}
				if u := iou.Of(b, o); u >= overlap {
					x.hit = x.hit || d.Source(int(s.source)).Objects[s.objects[j]].Class == x.Class
					if u > best {
						best, x.best = u, int32(j)
					}
				}
			}
			rows = append(rows, x)
			wanted[x.Row-1], wanted[x.Row+1] = true, true
		}
	}
	for i := range rows {
		delete(wanted, rows[i].Row)
	}
	for s := range d.Sources {
		for i := range d.Source(s).Images {
			for _, x := range r.Of(s, i) {
				if wanted[x.Row] {
					rows = append(rows, rowed{Detection: x, source: int32(s), image: int32(i), best: -1})
				}
			}
		}
	}
	slices.SortFunc(rows, func(a, b rowed) int { return cmp.Compare(a.Row, b.Row) })
	at = make(map[int32]int, len(rows))
	for i := range rows {
		at[rows[i].Row] = i
	}
	return rows, at
}

// runsOf looks at the scores of runs, by image and class where classes stand together, else by image.
func runsOf(rows []rowed) Runs {
	byImage, byClass := Runs{}, Runs{}
	for _, c := range [...]struct {
		r     *Runs
		class bool
	}{{&byImage, false}, {&byClass, true}} {
		for from := 0; from < len(rows); {
			to := from + 1
			for to < len(rows) && rows[to].Row == rows[to-1].Row+1 && rows[to].source == rows[from].source &&
				rows[to].image == rows[from].image && (!c.class || rows[to].Class == rows[from].Class) {
				to++
			}
			if rows[from].told && to-from >= 3 {
				c.r.add(rows[from:to])
			}
			from = to
		}
	}
	if byClass.by() != 0 {
		return byClass
	}
	return byImage
}

// add counts a run.
func (r *Runs) add(run []rowed) {
	rises, at := 0, 0
	for i := 1; i < len(run); i++ {
		if run[i].Score > run[i-1].Score {
			rises++
			at = i
		}
	}
	r.N++
	switch {
	case rises == 0:
		r.Down++
	case rises == 1 && at == 1:
		r.First++
	case rises == 1 && at == len(run)-1:
		r.Last++
	}
}

// scoreShift compares how well scores rank hits above strays with how well the neighbours' do.
func scoreShift(rows []rowed, at map[int32]int) Shift {
	var own, next [2]float64
	least := math.MaxInt
	for side, by := range [...]int32{-1, 1} {
		var mine, theirs [2][]float64 // of strays and hits
		for i := range rows {
			x := &rows[i]
			j, ok := at[x.Row-by]
			if !x.told || !ok {
				continue
			}
			mine[sample.One(x.hit)] = append(mine[sample.One(x.hit)], x.Score)
			theirs[sample.One(x.hit)] = append(theirs[sample.One(x.hit)], rows[j].Score)
		}
		least = min(least, len(mine[0]), len(mine[1]))
		own[side], next[side] = ranked(mine), ranked(theirs)
	}
	for side, by := range [...]int{-1, 1} {
		if least >= 100 && next[side] >= own[side]+0.1 && next[side] >= 0.65 && next[side] >= next[1-side]+0.05 {
			return Shift{By: by, Own: int(math.Round(100 * own[side])), Next: int(math.Round(100 * next[side])), Of: least}
		}
	}
	return Shift{}
}

// ranked returns the part of the pairs of a stray and a hit in which the hit has the higher score; ties count half.
func ranked(scores [2][]float64) float64 {
	slices.Sort(scores[0])
	wins := 0.0
	for _, x := range scores[1] {
		below, _ := slices.BinarySearch(scores[0], x)
		notAbove, _ := slices.BinarySearch(scores[0], math.Nextafter(x, math.Inf(1)))
		wins += float64(below+notAbove) / 2
	}
	if len(scores[0]) == 0 || len(scores[1]) == 0 {
		return 0
	}
	return wins / float64(len(scores[0])) / float64(len(scores[1]))
}

// classShift asks sure detections that overlap an object, and whose class is not that of their neighbour, which of
// the two is the object's.
func classShift(d *dataset.Dataset, rows []rowed, at map[int32]int, drawn []sampled) Shift {
	for _, by := range [...]int{-1, 1} {
		s := Shift{By: by}
		for i := range rows {
			x := &rows[i]
			j, ok := at[x.Row-int32(by)]
			if !ok || x.best < 0 || x.Score < confident || rows[j].Class == x.Class {
				continue
			}
			of := &drawn[x.sample]
			should := d.Source(int(of.source)).Objects[of.objects[x.best]].Class
			s.Of++
			s.Own += sample.One(x.Class == should)
			s.Next += sample.One(rows[j].Class == should)
		}
		if s.Of >= leastRows && 10*s.Next >= 6*s.Of && 4*s.Own <= s.Of {
			return s
		}
	}
	return Shift{}
}

// boxShift asks detections whose neighbour in the file belongs to another image whether they overlap an object there
// and none of their own image.
func boxShift(d *dataset.Dataset, rows []rowed, at map[int32]int) Shift {
	for _, by := range [...]int{-1, 1} {
		s := Shift{By: by}
		for i := range rows {
			x := &rows[i]
			j, ok := at[x.Row+int32(by)]
			if !ok || !x.told || rows[j].source == x.source && rows[j].image == x.image {
				continue
			}
			there := overlaps(d.Source(int(rows[j].source)), int(rows[j].image), x.Box.Box())
			if there == (x.best >= 0) {
				continue
			}
			s.Of++
			s.Own += sample.One(x.best >= 0)
			s.Next += sample.One(there)
		}
		if s.Of >= leastRows && 10*s.Next >= 8*s.Of {
			return s
		}
	}
	return Shift{}
}

// overlaps tells whether a box overlaps an object of an image.
func overlaps(src *dataset.Source, image int, b geom.Box) bool {
	im := &src.Images[image]
	for k := im.First; k < im.Last; k++ {
		if o := &src.Objects[k]; counts(o) && iou.Of(o.Box.Box(), b) >= overlap {
			return true
		}
	}
	return false
}

// message says which column stands one record off.
func (s *Shifts) message() string {
	column, by := s.found()
	where := "behind"
	if by < 0 {
		where = "before"
	}
	var why string
	switch {
	case column == "boxes":
		why = fmt.Sprintf("of %s beside one of another image that overlap an object of one of the two images "+
			"only, %s do so in "+
			"that of the record %s theirs", say.Plural(s.Boxes.Of, "detection"), say.Group(s.Boxes.Next), where)
	case column == "classes":
		why = fmt.Sprintf("of %s on an object, with another class than the record beside, %s have the object's "+
			"class there, and "+
			"%s in their own record", say.Plural(s.Classes.Of, "detection"), say.Group(s.Classes.Next), say.Group(s.Classes.Own))
	case s.Scores.Of > 0:
		why = fmt.Sprintf("drawn at random, a detection on an object of its class has a higher score than one "+
			"that is not in "+
			"%d %% of the pairs, and in %d %% if each score is that of the record "+
			"%s", s.Scores.Own, s.Scores.Next, where)
	default:
		n, end := s.Runs.First, "first, which is below the second"
		if by > 0 {
			n, end = s.Runs.Last, "last, which is above the one before it"
		}
		why = fmt.Sprintf("of %s of three detections or more that stand together, the scores of %s fall but for "+
			"the %s",
			say.Plural(s.Runs.N, "group"), say.Group(n), end)
	}
	if column == "boxes" {
		return fmt.Sprintf("the column of boxes, or that of image ids, seems to stand one record off in the "+
			"results: %s. Boxes "+
			"belong to the records %s theirs: move the column back", why, where)
	}
	return fmt.Sprintf("the column of %s seems to stand one record off in the results: %s. Each value belongs "+
		"to the record "+
		"%s its own: move the column back", column, why, where)
}
