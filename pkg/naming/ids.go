// Package naming finds out how results files name images and categories and what their scores are,
// where they do not follow COCO's format.
//
//  1. JoinIDs finds out what image ids are that are not ids of the annotations: file names,
//     stems, numbers written as text, places in the list; NewNames looks them up.
//  2. CategoryRanks tells whether category ids are ranks.
//  3. Scores tells whether scores are probabilities.
//
// Normal gives names that differ only in separators and case one spelling.
package naming

import (
	"cmp"
	"slices"
	"strings"

	"focalaudit/pkg/dataset"
)

// Ranking is the categories of a source by their ids.
type Ranking struct {
	classes []int32         // of the categories, by rising id
	id      map[int32]int64 // of a class, the lowest one
	Gaps    bool            // the ids are not consecutive
}

// Rank sorts categories by their ids; those whose id is no whole number have no rank.
func Rank(categories []dataset.Category) Ranking {
	type one struct {
		id    int64
		class int32
	}
	var all []one
	for _, c := range categories {
		if id, whole := c.ID.Int(); whole {
			all = append(all, one{id, c.Class})
		}
	}
	slices.SortFunc(all, func(a, b one) int { return cmp.Compare(a.id, b.id) })
	r := Ranking{id: map[int32]int64{}}
	for i, c := range all {
		r.classes = append(r.classes, c.class)
		if _, known := r.id[c.class]; !known {
			r.id[c.class] = c.id
		}
		r.Gaps = r.Gaps || i > 0 && c.id != all[i-1].id+1
	}
	return r
}

// Class returns the class that is meant if the id of a class is a rank.
func (r *Ranking) Class(of int32, from int) (int32, bool) {
	id, ok := r.id[of]
	if id -= int64(from); !ok || id < 0 || id >= int64(len(r.classes)) {
		return -1, false
	}
	return r.classes[id], true
}

// CategoryRanks tells whether category ids that the data set does not have can be
// ranks of its own: from 0 or from 1, -1 if they cannot. It is for results of which no
// category is known; Judge compares classes where some are.
func CategoryRanks(src *dataset.Source, ids []dataset.ID) (from int) {
	if len(ids) == 0 {
		return -1
	}
	n := int64(len(src.Categories))
	low, high := int64(1), int64(0)
	for i, d := range ids {
		id, whole := d.Int()
		if !whole {
			return -1
		}
		if i == 0 {
			low, high = id, id
		}
		low, high = min(low, id), max(high, id)
	}
	switch {
	case low == 0 && high < n:
		return 0
	case low >= 1 && high <= n:
		return 1
	}
	return -1
}

// Naming is a way in which results may name images otherwise than by their ids.
type Naming uint8

// The ways.
const (
	ByID       Naming = iota
	ByName            // the file name, as the file has it
	ByBase            // the file name without its directory
	ByStem            // the file name without its directory and its ending
	ByNumber          // the number in the id, written with zeros before it or as text
	ByRankZero        // the place in the list of images, from 0
	ByRankOne         // the place in the list of images, from 1
	namings
)

// String returns the naming as messages have it.
func (n Naming) String() string {
	return [...]string{
		ByID: "ids", ByName: "file names", ByBase: "file names without a directory",
		ByStem:   "file names without directory and ending",
		ByNumber: "ids with zeros before them", ByRankZero: "places in the list of images, counted from 0",
		ByRankOne: "places in the list of images, counted from 1",
	}[n]
}

// Names finds the images of a source by a naming.
type Names struct {
	naming Naming
	byText map[string]int32
	byID   map[dataset.IDKey]int32
	images int
}

// ambiguous marks a name that two images have.
const ambiguous = -2

// NewNames returns the images of a source by a naming. A name that two images have
// stands for none.
func NewNames(src *dataset.Source, by Naming) *Names {
	n := &Names{naming: by, byText: map[string]int32{}, byID: map[dataset.IDKey]int32{}, images: len(src.Images)}
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		switch by {
		case ByName, ByBase, ByStem:
			enter(n.byText, nameOf(im.File, by), int32(i))
		case ByID:
			enter(n.byID, im.ID.Key(), int32(i))
		case ByNumber:
			enter(n.byText, number(im.ID.String()), int32(i))
		}
	}
	delete(n.byText, "")
	return n
}

// enter notes an image under a key, as ambiguous if there is one already.
func enter[K comparable](m map[K]int32, k K, i int32) {
	if _, taken := m[k]; taken {
		i = ambiguous
	}
	m[k] = i
}

// nameOf returns the part of a file name that a naming goes by.
func nameOf(file string, by Naming) string {
	file = Normal(file)
	if by == ByName {
		return file
	}
	base := file[strings.LastIndexByte(file, '/')+1:]
	if dot := strings.LastIndexByte(base, '.'); by == ByStem && dot > 0 {
		return base[:dot]
	}
	return base
}

// number returns a text of digits without the zeros before it, "" if it is none.
func number(text string) string {
	for i := range len(text) {
		if text[i]-'0' > 9 {
			return ""
		}
	}
	short := strings.TrimLeft(text, "0")
	if short == "" && text != "" {
		return "0"
	}
	return short
}

// Image returns the image that an id stands for, and whether there is one.
func (n *Names) Image(id dataset.ID) (int32, bool) {
	at, ok := int32(-1), false
	switch n.naming {
	case ByID:
		at, ok = n.byID[id.Key()]
	case ByName, ByBase, ByStem:
		at, ok = n.byText[nameOf(id.String(), n.naming)]
		if !ok && n.naming == ByStem { // an id that holds a dot of its own
			at, ok = n.byText[nameOf(id.String(), ByBase)]
		}
	case ByNumber:
		if t := number(id.String()); t != "" {
			at, ok = n.byText[t]
		}
	case ByRankZero, ByRankOne:
		k, whole := id.Int()
		if k -= int64(n.naming - ByRankZero); whole && k >= 0 && k < int64(n.images) {
			at, ok = int32(k), true
		}
	}
	return at, ok && at >= 0
}

// Joined says how image ids of results find the images of a source.
type Joined struct {
	By    Naming
	Found int // ids that stand for an image
	Of    int // different ids
}

// least is the number of ids above which places in a list tell anything.
const least = 3

// JoinIDs finds the naming by which most of the different image ids of results stand
// for images of a source. The ids themselves come first, and another naming has to
// find nine of ten. Places in the list are asked last, and need ids that are not all
// small numbers by chance: one of the first two and one of the last tenth.
func JoinIDs(src *dataset.Source, ids []dataset.ID) Joined {
	best := Joined{Of: len(ids)}
	for by := ByID; by < namings; by++ {
		names := NewNames(src, by)
		found, low, high := 0, false, false
		for _, id := range ids {
			at, ok := names.Image(id)
			if !ok {
				continue
			}
			found++
			low, high = low || at < 2, high || 10*int(at) >= 9*names.images-10
		}
		enough := by == ByID || 10*found >= 9*len(ids)
		ranked := by < ByRankZero || low && high && len(ids) > least
		if enough && ranked && found > best.Found {
			best.By, best.Found = by, found
		}
	}
	return best
}

// Scores gathers the scores of results, of all records, whatever becomes of them.
// The zero value is ready.
type Scores struct {
	N       int64 // scores that are numbers
	Within  int64 // from 0 to 1
	Below   int64 // below 0
	Above   int64 // above 1
	Highest float64
	Lowest  float64
}

// Add adds a score.
func (s *Scores) Add(v float64) {
	if v != v { // NaN
		return
	}
	if s.N++; s.N == 1 {
		s.Highest, s.Lowest = v, v
	}
	s.Highest, s.Lowest = max(s.Highest, v), min(s.Lowest, v)
	switch {
	case v < 0:
		s.Below++
	case v > 1:
		s.Above++
	default:
		s.Within++
	}
}

// ScoreKind is what scores seem to be.
type ScoreKind uint8

// The kinds.
const (
	Probabilities ScoreKind = iota // from 0 to 1
	LogProbs                       // logarithms of probabilities: none above 0
	Logits                         // on both sides of the range
	Percentages                    // from 0 to 100
	Odd                            // none of these
)

// String returns the kind as messages have it.
func (k ScoreKind) String() string {
	return [...]string{"probabilities", "logarithms of probabilities", "logits", "percentages", "no probabilities"}[k]
}

// Kind says what the scores seem to be. Float32 rounding may exceed 1 by 1e-6.
func (s *Scores) Kind() ScoreKind {
	switch {
	case s.Lowest >= 0 && s.Highest <= 1+1e-6:
		return Probabilities
	case s.Highest <= 0:
		return LogProbs
	case s.Lowest < 0 && s.Lowest >= -60 && s.Highest <= 60:
		return Logits
	case s.Lowest >= 0 && s.Highest <= 100 && s.Highest > 20:
		return Percentages
	case s.Lowest >= 0 && s.Highest <= 20:
		return Logits
	}
	return Odd
}
