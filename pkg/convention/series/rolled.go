package series

import (
	"path"
	"strconv"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Rolled says whether the file names of a source stand one record off, each with the id of the image
// before it or behind it. Neighbours are those of the file; the first and the last record are
// neighbours too.
type Rolled struct {
	By      int   // 1 if names belong to the record behind, -1 if to the one before, 0 if they are in place
	Hits    int   // images whose name has the neighbour's id
	Tell    int   // images where that is no constant difference of names and ids
	Of      int   // images with a name and an id
	Example int32 // an image that tells, -1 if there is none
}

// Found reports whether names seem to belong to a neighbour.
func (r *Rolled) Found() bool { return r.By != 0 }

// leastRolled is how many images must tell: a few names have the neighbour's number by chance.
const leastRolled = 10

// manyMisses: names are compared no further if a ninth of this many have not the neighbour's id, and more than one in
// ten so far.
const manyMisses = 200

// OfRolled compares names with ids. An id is in a name if it is its last number, or the whole name without its
// directory and its ending. It stops where names have their own ids, or no neighbour's: after some
// tens of images.
func OfRolled(src *dataset.Source) Rolled {
	for _, by := range [...]int{1, -1} {
		if r := rolled(src, by); r.By != 0 {
			return r
		}
	}
	return Rolled{Example: -1}
}

// rolled is OfRolled for one direction.
//
// Where ids and names are both counted, and one of them from another number on, each name has the neighbour's
// id as well. So images count only where the step between ids changes, which a constant difference does not
// follow; or, where it never does, if the names end with the number that the first one lacks.
func rolled(src *dataset.Source, by int) Rolled {
	r, n := Rolled{Example: -1}, len(src.Images)
	if n < leastRolled {
		return r
	}
	told := 0 // of Tell: with the neighbour's id
	for i := range src.Images {
		im := &src.Images[i]
		next := &src.Images[(i+by+n)%n]
		r.Of++
		hit := hasID(im.File, next.ID)
		r.Hits += sample.One(hit)
		if misses := r.Of - r.Hits; 9*misses > r.Hits+manyMisses || hit && hasID(im.File, im.ID) {
			return Rolled{}
		}
		if steps(im, next) != steps(next, &src.Images[(i+2*by+2*n)%n]) || steps(im, next) == 0 {
			r.Tell++
			told += sample.One(hit)
			if hit && r.Example < 0 {
				r.Example = int32(i)
			}
		}
	}
	switch {
	case 10*r.Hits < 9*r.Of:
	case r.Tell >= leastRolled && 10*told >= 9*r.Tell:
		r.By = by
	case r.Hits == n: // the names go round: the last one has the first image's number
		r.By = by
	}
	return r
}

// steps returns the difference of two whole ids, 0 if one is text.
func steps(a, b *dataset.Image) int64 {
	x, okA := a.ID.Int()
	y, okB := b.ID.Int()
	if !okA || !okB {
		return 0
	}
	return y - x
}

// hasID tells whether a file's name has an id.
func hasID(file string, id dataset.ID) bool {
	base := path.Base(file)
	stem := base[:len(base)-len(path.Ext(base))]
	n, whole := id.Int()
	if !whole {
		return stem == id.String()
	}
	to := len(stem)
	for to > 0 && !isDigit(stem[to-1]) {
		to--
	}
	from := to
	for from > 0 && isDigit(stem[from-1]) {
		from--
	}
	v, err := strconv.ParseInt(stem[from:to], 10, 64)
	return err == nil && v == n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// Finding returns the finding on names that stand one record off: an error, but for names whose only mark is
// that they go round.
func (r *Rolled) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[r.Example]
	where := [...]string{"before", "", "behind"}[r.By+1]
	f := say.Finding("file-name-shifted", s, im.Offset, im.Line,
		"%s: the file names of %s of %s have the id of the record "+
			"%s theirs, and none has its own. The column of names seems to stand one row off, so that each picture is "+
			"trained with the boxes of another one: move the names back. Example: %s is the file of "+
			"image %s", text.Printable(src.Name), say.Group(r.Hits), say.Plural(r.Of, "image"), where, text.Printable(im.File),
		text.Printable(im.ID.String()))
	f.Image, f.Size, f.Cases = r.Example, float64(r.Hits), int64(r.Hits)
	if r.Tell < leastRolled {
		f.Level = findings.Warning
	}
	return f
}
