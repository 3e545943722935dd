package dataset

import "fmt"

// Track notes that an annotation is of a track, by a hash of the track's id that is not 0.
func (r Record) Track(id uint32) {
	for int(r.number) >= len(r.b.tracks) {
		r.b.tracks = append(r.b.tracks, make([]uint32, int(r.number)+1-len(r.b.tracks))...)
	}
	r.b.tracks[r.number] = id
}

// An object stands where its track was in the image before if their boxes overlap by half. Where fewer than half of all
// do, ids are no tracks: they number the objects of each image.
const sameSpot = 0.5

// turns counts the tracks whose class changes from one image to the next, where the object stays.
func (j *joiner) turns() {
	if len(j.b.tracks) == 0 {
		return
	}
	of := make([]uint32, len(j.objects))
	for n, id := range j.b.tracks {
		of[j.place[n]] = id
	}
	last := map[uint32]int32{} // by track: its object in the image before
	turned := map[uint32]bool{}
	pairs, stay := 0, 0
	var tally Tally
	for at := range j.objects {
		o := &j.objects[at]
		if of[at] == 0 || o.Image < 0 || o.Class < 0 || o.LeftOut != InUse {
			continue
		}
		before, seen := last[of[at]]
		last[of[at]] = int32(at)
		if !seen || j.objects[before].Image == o.Image {
			continue
		}
		pairs++
		a, b := j.objects[before].Box.Box(), o.Box.Box()
		both := a.Intersect(b).Area()
		if a.Empty() || b.Empty() || both < sameSpot*(a.Area()+b.Area()-both) {
			continue
		}
		stay++
		if j.objects[before].Class != o.Class {
			if tally.N++; tally.N == 1 {
				tally.First = int32(at)
			}
			turned[of[at]] = true
		}
	}
	if tally.N == 0 || 2*stay < pairs {
		return
	}
	tally.Text = fmt.Sprintf("%d of %d tracks", len(turned), len(last))
	j.b.traits[TrackTurned] = tally
}
