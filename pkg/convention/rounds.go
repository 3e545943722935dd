package convention

import (
	"cmp"
	"fmt"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// Rounds says whether the annotations of a source go through its images several times, as if
// the annotations of several files stood behind each other and their images had the same ids.
type Rounds struct {
	N          int   // rounds
	Both       int   // images with annotations of two rounds or more
	Of         int   // images with annotations of the smallest round
	Example    int32 // the first such image, -1 if there is none
	Last       int32 // an object of it from the last of its rounds
	SharedKind bool  // the rounds have most of their objects in classes that each of them has

	// Again are the objects of later rounds, of Second, that overlap one of their class of an earlier round.
	Again, Second int
}

// maxRounds is how many rounds are looked for.
const maxRounds = 5

// Found reports whether two pictures seem to have one id each. All annotations follow the order of the
// images but for a few returns to the first ones, 20 images have annotations of several rounds,
// half as many as the smallest round has, and the rounds have most objects in classes that all of them
// have: files that were written class by class go through the images several times too. In the real files there
// are no returns, or eight and more.
func (r *Rounds) Found() bool {
	return r.N > 1 && r.Both >= 20 && 2*r.Both >= r.Of && r.SharedKind
}

// OfRounds looks at the order of annotations in their file, which is what tells.
func OfRounds(src *dataset.Source) Rounds {
	r := Rounds{Example: -1, Last: -1}
	if src.Returns == 0 || src.Returns >= maxRounds {
		return r
	}
	order := make([]int32, 0, len(src.Objects))
	for k := range src.Objects {
		if src.Objects[k].Image >= 0 {
			order = append(order, int32(k))
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(src.Objects[a].Offset, src.Objects[b].Offset) })
	round := make([]uint8, len(src.Objects))
	for i, k := range order {
		if i == 0 || src.Objects[k].Image < src.Objects[order[i-1]].Image {
			r.N++
		}
		round[k] = uint8(r.N - 1)
	}
	r.images(src, round)
	if r.classes(src, order, round); r.Found() {
		r.again(src, round)
	}
	return r
}

// again counts the objects of later rounds that overlap one of their class of an earlier round by half, among the first
// mostTwins of an image.
func (r *Rounds) again(src *dataset.Source, round []uint8) {
	for i := range src.Images {
		im := &src.Images[i]
		last := min(im.Last, im.First+mostTwins)
		for k := im.First; k < last && round[im.First] < round[last-1]; k++ {
			o := &src.Objects[k]
			if round[k] == round[im.First] || !sample.Told(o) {
				continue
			}
			r.Second++
			for j := im.First; j < last; j++ {
				if p := &src.Objects[j]; round[j] < round[k] && p.Class == o.Class && sample.Told(p) &&
					iou.Of(o.Box.Box(), p.Box.Box()) >= sameRegion {
					r.Again++
					break
				}
			}
		}
	}
}

// twice tells whether the rounds are of the same objects: most of those of later rounds have one of an earlier round.
func (r *Rounds) twice() bool { return 2*r.Again > r.Second }

// images counts the images of the rounds, by the round of each object.
func (r *Rounds) images(src *dataset.Source, round []uint8) {
	var of [maxRounds]int
	for i := range src.Images {
		im := &src.Images[i]
		last, rounds := -1, 0
		for k := im.First; k < im.Last; k++ { // in the order of the file
			if int(round[k]) == last {
				continue
			}
			last = int(round[k])
			of[last]++
			if rounds++; rounds > 1 && r.Example < 0 {
				r.Example, r.Last = int32(i), k
			}
		}
		r.Both += sample.One(rounds > 1)
	}
	r.Of = slices.Min(of[:r.N])
}

// classes tells whether most objects of each round are of classes that all rounds have.
func (r *Rounds) classes(src *dataset.Source, order []int32, round []uint8) {
	in := map[int32]uint8{} // by class: a bit for each round
	for _, k := range order {
		in[src.Objects[k].Class] |= 1 << round[k]
	}
	var of, common [maxRounds]int
	for _, k := range order {
		of[round[k]]++
		common[round[k]] += sample.One(in[src.Objects[k].Class] == 1<<r.N-1)
	}
	r.SharedKind = true
	for i := range r.N {
		r.SharedKind = r.SharedKind && 2*common[i] >= of[i]
	}
}

// Finding returns the finding on images with boxes of several pictures: a warning, since two passes of
// annotators over the same pictures look so too.
func (r *Rounds) Finding(src *dataset.Source, s int32) findings.Finding {
	o := &src.Objects[r.Last]
	why := "Files whose images have the same ids seem to be merged, so that one picture of each id was kept and the " +
		"boxes of all: give each file's images ids of their own before the merge. If the pictures were annotated in " +
		"several passes, it is right"
	if r.twice() {
		why = fmt.Sprintf("%s of %s of later rounds overlap one of their class of an earlier round by an IoU of 0.5 or "+
			"more: the same objects seem to be labelled by two people, or by people and a model, and both written. Keep one "+
			"round of each image. If instead two pictures had one id, give each its own", say.Group(r.Again),
			say.Plural(r.Second, "object"))
	}
	f := say.Finding("image-id-duplicate", s, o.Offset, o.Line,
		"%s: the annotations go through the images %d times, and %s "+
			"have some of several rounds. %s. Example: %s, where a second round begins", text.Printable(src.Name),
		r.N, say.Plural(r.Both, "image"), why, say.Place(src, r.Last))
	f.Image, f.Size, f.Cases, f.Level = r.Example, float64(r.Both), int64(r.Both), findings.Warning
	return f
}
