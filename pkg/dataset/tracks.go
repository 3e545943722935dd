package dataset

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Track notes that an annotation is of a track, by a hash of the track's id that is not 0.
func (r Record) Track(id uint32) {
	for int(r.number) >= len(r.b.tracks) {
		r.b.tracks = append(r.b.tracks, make([]uint32, int(r.number)+1-len(r.b.tracks))...)
	}
	r.b.tracks[r.number] = id
}

// sameSpot is the IoU from which on an object stands where its track was in the image before. Where fewer than half of
// all objects do, the ids are not those of tracks: they number the objects of each image.
const sameSpot = 0.5

// frame is an image of a series: of the pictures whose names differ in the last number only. Ids of tracks begin anew
// in each series.
type frame struct {
	series string // the name without its number
	number string // without zeros in front
}

func frameOf(file string) frame {
	file = strings.TrimSuffix(file, path.Ext(file))
	end := strings.LastIndexAny(file, "0123456789") + 1
	start := end
	for start > 0 && file[start-1] >= '0' && file[start-1] <= '9' {
		start--
	}
	return frame{file[:start] + "\x00" + file[end:], strings.TrimLeft(file[start:end], "0")}
}

// seen is an object of a track, in its frame.
type seen struct {
	frame
	track uint32
	at    int32 // in joiner.objects
}

// tracked returns the objects of tracks, track after track, in the order of the pictures' names, and of their ids where
// names are equal. Their order in the file does not matter.
func (j *joiner) tracked() (all []seen) {
	frames := make([]frame, len(j.images))
	for n, id := range j.b.tracks {
		at := j.place[n]
		o := &j.objects[at]
		if id == 0 || o.Image < 0 || o.Class < 0 || o.LeftOut != InUse {
			continue
		}
		if f := &frames[o.Image]; *f == (frame{}) {
			*f = frameOf(j.images[o.Image].File)
		}
		all = append(all, seen{frames[o.Image], id, at})
	}
	slices.SortFunc(all, func(a, b seen) int {
		if c := cmp.Or(cmp.Compare(a.track, b.track), strings.Compare(a.series, b.series),
			cmp.Compare(len(a.number), len(b.number)), strings.Compare(a.number, b.number)); c != 0 {
			return c
		}
		p, q := &j.objects[a.at], &j.objects[b.at]
		return cmp.Or(strings.Compare(j.images[p.Image].ID.String(), j.images[q.Image].ID.String()),
			cmp.Compare(p.Class, q.Class),
			cmp.Compare(p.Box.X, q.Box.X), cmp.Compare(p.Box.Y, q.Box.Y), cmp.Compare(p.Box.W, q.Box.W),
			cmp.Compare(p.Box.H, q.Box.H))
	})
	return all
}

// turn is an object whose class is another one than that of its track before.
type turn struct {
	at, track int
	from, to  int32
}

// turns counts the tracks whose class changes from one image to the next, where the object stays, and apart from them
// those that change between classes that are states of an object.
func (j *joiner) turns() {
	if len(j.b.tracks) == 0 {
		return
	}
	tracks, pairs, stay := 0, 0, 0
	var turns []turn
	all := j.tracked()
	for k := range all {
		if k == 0 || !all[k].follows(&all[k-1]) {
			tracks++
			continue
		}
		before, o := &j.objects[all[k-1].at], &j.objects[all[k].at]
		if before.Image == o.Image {
			continue
		}
		pairs++
		a, b := before.Box.Box(), o.Box.Box()
		both := a.Intersect(b).Area()
		if a.Empty() || b.Empty() || both < sameSpot*(a.Area()+b.Area()-both) {
			continue
		}
		stay++
		if before.Class != o.Class {
			turns = append(turns, turn{k, tracks, before.Class, o.Class})
		}
	}
	if len(turns) == 0 || 2*stay < pairs {
		return
	}
	states := j.states(all, turns)
	for t, want := range map[Trait]bool{TrackTurned: false, TrackStates: true} {
		turned := map[int]bool{}
		var tally Tally
		for _, u := range turns {
			if states[u.pair()] != want {
				continue
			}
			if tally.N++; tally.N == 1 {
				tally.First = all[u.at].at
			}
			turned[u.track] = true
		}
		if tally.N > 0 {
			tally.Text = fmt.Sprintf("%d of %d tracks", len(turned), tracks)
			j.b.traits[t] = tally
		}
	}
}

// follows tells whether an object is of the same track as the one before it in the list.
func (s *seen) follows(before *seen) bool {
	return s.track == before.track && s.series == before.series
}

// pair returns the two classes, the lower one first.
func (t *turn) pair() [2]int32 { return [2]int32{min(t.from, t.to), max(t.from, t.to)} }

// Two classes are states of an object, as a car that stands and one that drives, if tracks turn both ways, and turn
// back: bothWays tracks or more, since an annotator's slip is one. They turn at images of their own, half as many as
// there are turns, where files that are joined turn all tracks at once. And a state lasts: were the class of each
// object drawn by itself, as often as its track has it, a track would turn statesLast times as often.
const (
	bothWays   = 3
	statesLast = 3
)

// states returns the pairs of classes that are states of an object.
func (j *joiner) states(all []seen, turns []turn) map[[2]int32]bool {
	type way struct {
		there, back int
		returns     map[int]bool    // tracks that turn both ways
		images      map[string]bool // at which tracks turn
		drawn       float64         // turns, were the classes drawn
	}
	ways := map[[2]int32]*way{}
	firstOf := map[int]int32{} // the class to which a track turns first
	turned := map[int]bool{}
	for _, t := range turns {
		w := ways[t.pair()]
		if w == nil {
			w = &way{returns: map[int]bool{}, images: map[string]bool{}}
			ways[t.pair()] = w
		}
		if t.from < t.to {
			w.there++
		} else {
			w.back++
		}
		if !turned[t.track] {
			firstOf[t.track] = t.to
		} else if firstOf[t.track] == t.from {
			w.returns[t.track] = true
		}
		turned[t.track] = true
		w.images[all[t.at].series+all[t.at].number] = true
	}
	track := 0
	for from := 0; from < len(all); track++ {
		to := from + 1
		for to < len(all) && all[to].follows(&all[from]) {
			to++
		}
		if turned[track+1] {
			counts := map[int32]int{}
			for _, s := range all[from:to] {
				counts[j.objects[s.at].Class]++
			}
			for of, w := range ways {
				w.drawn += 2 * float64(counts[of[0]]) * float64(counts[of[1]]) / float64(to-from)
			}
		}
		from = to
	}
	states := map[[2]int32]bool{}
	for of, w := range ways {
		n := w.there + w.back
		states[of] = min(w.there, w.back) >= bothWays && len(w.returns) >= bothWays && 2*len(w.images) >= n &&
			float64(statesLast*n) <= w.drawn
	}
	return states
}
