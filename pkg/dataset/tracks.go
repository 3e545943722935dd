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

// turns counts the tracks whose class changes from one image to the next, where the object stays.
func (j *joiner) turns() {
	if len(j.b.tracks) == 0 {
		return
	}
	tracks, pairs, stay := 0, 0, 0
	turned := map[int]bool{}
	var tally Tally
	all := j.tracked()
	for k := range all {
		if k == 0 || all[k].track != all[k-1].track || all[k].series != all[k-1].series {
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
			if tally.N++; tally.N == 1 {
				tally.First = all[k].at
			}
			turned[tracks] = true
		}
	}
	if tally.N == 0 || 2*stay < pairs {
		return
	}
	tally.Text = fmt.Sprintf("%d of %d tracks", len(turned), tracks)
	j.b.traits[TrackTurned] = tally
}
