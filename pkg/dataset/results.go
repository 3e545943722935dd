package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/geom"
)

// Detection is a record of a results file.
type Detection struct {
	Class int32     // index in Dataset.Classes
	Row   int32     // number of the record in its file, from 0
	Score float64   // in [0,1]
	Box   geom.Rect // px of the annotated image, sides > 0
}

// Results are a detector's detections on the images of a data set.
type Results struct {
	Name       string       // the file's last element
	Bytes      int64        // size of the file as stored
	SHA256     string       // of the file as stored, hex
	Read       int64        // records
	JoinedBy   string       // what image ids are where they are no ids of the data set: "file names", …
	Joined     int          // records that are detections on images of the data set
	Detections []Detection  // these, until they are released
	LeftOut    []ResultFlaw // the records that are not among them, by reason
	Repeated   ResultFlaw   // the records that have a key twice; they are taken as Python takes them
	first      [][]int32    // by source and image: its first detection
}

// Of returns the detections of an image, the surest first: in an order that does not
// depend on that of the file.
func (r *Results) Of(source, image int) []Detection {
	return r.Detections[r.first[source][image]:r.first[source][image+1]]
}

// Release gives the memory of the detections back: nobody asks for them any more.
func (r *Results) Release() { r.Detections, r.first = nil, nil }

// Equal reports whether two detections have the same class, score and box.
func (d Detection) Equal(e Detection) bool {
	return d.Class == e.Class && d.Score == e.Score && d.Box == e.Box
}

// ResultFlaw is what is wrong with detections, most often a reason for which they are left out.
type ResultFlaw struct {
	Code    string // one of the constants below
	N       int64  // records
	Offset  int64  // of the first of them, in the (decompressed) file
	Line    int32  // of that byte, from 1
	Message string // on the first of them
}

// The reasons for which detections are left out, codes of the catalogue.
const (
	ResultMalformed    = "detection-malformed"     // no object, or no box of four finite numbers with sides > 0
	ResultScore        = "detection-score"         // no score in [0,1]
	ResultImageUnknown = "detection-image-unknown" // image_id is no image's of the data set
	ResultClassUnknown = "detection-class-unknown" // category_id is no category's of the data set
)

// ResultRepeated is the code of detections that have a key twice.
const ResultRepeated = "detection-key-repeated"

// resultCodes are the reasons in the order of Results.LeftOut.
var resultCodes = [...]string{ResultMalformed, ResultScore, ResultImageUnknown, ResultClassUnknown}

// ErrAmbiguous is the error of a detection whose image id stands for images of
// several sources.
var ErrAmbiguous = errors.New("an image id stands for several images")

const ambiguous = math.MaxInt32 - 1

// ResultsBuilder takes the detections of one file from a reader, in the order of
// the file, and joins them to the images and classes of a data set.
type ResultsBuilder struct {
	name    string
	images  *table                 // index over the images of all sources, ambiguous where two have the id
	classes []*table               // by source
	base    []int32                // index of each source's first image, then the number of all images
	named   func(ID) (int32, bool) // an image of source of that an id names otherwise, nil if ids are ids
	of      int
	placed  []Detection // in the order of the file
	at      []int32     // their images, over all sources
	rows    int32       // records so far
	leftOut [len(resultCodes)]ResultFlaw
	twice   ResultFlaw
}

// NewResultsBuilder returns a builder for a file of the given name, whose ids
// are those of the source, of any source if it is "".
func NewResultsBuilder(name string, d *Dataset, source string) (*ResultsBuilder, error) {
	b := &ResultsBuilder{name: name, base: []int32{0}}
	for s := range d.Sources {
		images, _ := d.Count(s)
		b.base = append(b.base, b.base[s]+int32(images))
		b.classes = append(b.classes, newTable(len(d.Sources[s].Categories)))
	}
	b.images = newTable(int(b.base[len(d.Sources)]))
	found := false
	var names []string
	for s := range d.Sources {
		src := d.Source(s)
		names = append(names, src.Name)
		if source == "" || src.Name == source {
			found = true
			b.enter(s, src)
		}
	}
	if !found {
		return nil, fmt.Errorf("source %q: not among the annotation files that are read: %s",
			source, strings.Join(names, ", "))
	}
	return b, nil
}

// enter makes the ids of a source known.
func (b *ResultsBuilder) enter(s int, src *Source) {
	for i := range src.Images {
		if im := &src.Images[i]; im.LeftOut == InUse {
			if at := b.base[s] + int32(i); b.images.put(im.ID, at) != at {
				b.images.set(im.ID, ambiguous)
			}
		}
	}
	for _, c := range src.Categories {
		b.classes[s].put(c.ID, c.Class)
	}
}

// Add adds a detection, whose box has sides > 0 and whose score is in [0,1]. If no
// image or no category has the id, Add adds nothing and returns the reason, which
// the caller passes on to LeaveOut with the place. The error is ErrAmbiguous.
func (b *ResultsBuilder) Add(image, category ID, score float64, box geom.Rect) (reason string, err error) {
	at := b.image(image)
	switch {
	case at == ambiguous:
		return "", ErrAmbiguous
	case at < 0:
		return ResultImageUnknown, nil
	}
	class := b.class(at, category)
	if class < 0 {
		return ResultClassUnknown, nil
	}
	b.placed = append(b.placed, Detection{Class: class, Row: b.rows, Score: score, Box: box})
	b.at = append(b.at, at)
	b.rows++
	return "", nil
}

// Name has image ids stand for images of a source by another naming than their ids.
func (b *ResultsBuilder) Name(source int, image func(ID) (int32, bool)) {
	b.of, b.named = source, image
}

// image returns the index, over all sources, of the image that an id stands for; -1 if
// there is none.
func (b *ResultsBuilder) image(id ID) int32 {
	if b.named == nil {
		return b.images.get(id)
	}
	i, ok := b.named(id)
	if !ok {
		return -1
	}
	return b.base[b.of] + i
}

// Placed returns how many detections were added.
func (b *ResultsBuilder) Placed() int { return len(b.placed) }

// Room says that there will be some n detections. They stand in one piece, which grows by copying it: room for too many
// costs addresses only, since the system gives memory where something is written.
func (b *ResultsBuilder) Room(n int) {
	b.placed, b.at = slices.Grow(b.placed, n), slices.Grow(b.at, n)
}

// class returns the class of a category id in the source of an image, -1 if it
// has none.
func (b *ResultsBuilder) class(image int32, category ID) int32 {
	s, found := slices.BinarySearch(b.base, image)
	if !found {
		s--
	}
	for b.base[s+1] == image { // sources without images begin where the next one does
		s++
	}
	return b.classes[s].get(category)
}

// LeaveOut counts a detection that is left out; of the first for each reason the
// place and the message are kept.
func (b *ResultsBuilder) LeaveOut(reason string, offset int64, line int32, message string) {
	b.rows++
	b.leftOut[slices.Index(resultCodes[:], reason)].count(reason, offset, line, message)
}

// Repeats counts a detection that has a key twice, whether it is left out or not.
func (b *ResultsBuilder) Repeats(offset int64, line int32, message string) {
	b.twice.count(ResultRepeated, offset, line, message)
}

// count counts a record, and keeps the place and the message of the first.
func (f *ResultFlaw) count(code string, offset int64, line int32, message string) {
	if f.N++; f.N == 1 {
		f.Code, f.Offset, f.Line, f.Message = code, offset, line, message
	}
}

// Join returns the detections image by image. It is an error if there are none
// in the data set. The builder is empty
// afterwards.
func (b *ResultsBuilder) Join() (*Results, error) {
	r := &Results{Name: b.name, Read: int64(len(b.placed)), Repeated: b.twice}
	for _, f := range b.leftOut {
		if f.N > 0 {
			r.LeftOut = append(r.LeftOut, f)
			r.Read += f.N
		}
	}
	switch {
	case r.Read == 0:
		return nil, fmt.Errorf("%s: an empty array, expected detections", b.name)
	case len(b.placed) == 0:
		why := make([]string, len(r.LeftOut))
		for i, f := range r.LeftOut {
			why[i] = fmt.Sprintf("%d × %s, first at byte %d, line %d: %s",
				f.N, f.Code, f.Offset, f.Line, f.Message)
		}
		if f := r.LeftOut[0]; f.N == r.Read && f.Code != ResultImageUnknown &&
			(f.Code != ResultClassUnknown || strings.HasPrefix(f.Message, `category_id is "`)) {
			none, first := fmt.Sprintf("none of its %d records can be used", r.Read), "the first, "
			if r.Read == 1 {
				none, first = "its only record can't be used", ""
			}
			return nil, fmt.Errorf("%s: %s; %sat byte %d, line %d: %s", b.name, none, first, f.Offset, f.Line, f.Message)
		}
		none := fmt.Sprintf("none of its %d records joins the annotations", r.Read)
		if r.Read == 1 {
			none = "its only record does not join the annotations"
		}
		return nil, fmt.Errorf("%s: %s; it seems to belong to another data set\n  %s", b.name, none,
			strings.Join(why, "\n  "))
	}
	r.Joined = len(b.placed)
	b.layOut(r)
	for s := range r.first {
		for i := range len(r.first[s]) - 1 {
			if of := r.Of(s, i); !slices.IsSortedFunc(of, surer) {
				slices.SortFunc(of, surer)
			}
		}
	}
	return r, nil
}

// surer orders detections by falling score; those that differ in nothing else are in the order of the file.
func surer(a, b Detection) int {
	if a.Score != b.Score { // of nearly all: the rest need not be compared
		return cmp.Compare(b.Score, a.Score)
	}
	return cmp.Or(
		cmp.Compare(a.Class, b.Class),
		cmp.Compare(a.Box.X, b.Box.X), cmp.Compare(a.Box.Y, b.Box.Y),
		cmp.Compare(a.Box.W, b.Box.W), cmp.Compare(a.Box.H, b.Box.H), cmp.Compare(a.Row, b.Row),
	)
}

// layOut puts the detections image by image, in the memory that they are in: each that stands in another image's place
// changes places with the one that stands where it belongs (McIlroy, Bostic and McIlroy, "Engineering Radix Sort",
// 1993, section 3).
func (b *ResultsBuilder) layOut(r *Results) {
	images := int(b.base[len(b.classes)])
	first := make([]int32, images+1)
	for _, at := range b.at {
		first[at+1]++
	}
	for i := range images {
		first[i+1] += first[i]
	}
	for s := range b.classes {
		r.first = append(r.first, slices.Clone(first[b.base[s]:b.base[s+1]+1]))
	}
	next := slices.Clone(first[:images])
	for image := range int32(images) {
		for next[image] < first[image+1] {
			k := next[image]
			to := b.at[k]
			if to == image {
				next[image]++
				continue
			}
			j := next[to]
			next[to]++
			b.placed[k], b.placed[j] = b.placed[j], b.placed[k]
			b.at[k], b.at[j] = b.at[j], b.at[k]
		}
	}
	r.Detections, b.placed, b.at = b.placed, nil, nil
}
