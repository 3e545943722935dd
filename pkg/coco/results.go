package coco

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"focalaudit/pkg/dataset"
)

var resultCodes = []string{dataset.ResultMalformed, dataset.ResultScore, dataset.ResultImageUnknown, dataset.ResultClassUnknown}

// ReadResults reads a file of detections, a JSON array of {image_id,
// category_id, bbox, score}, and joins them to the images and classes of d. With
// several sources, source names the one whose ids the file uses; it may be ""
// if no image id stands for two images. Single bad records are left out and
// counted; an error means that the file cannot be read, is none of detections,
// or has no image in common with the data set.
func ReadResults(ctx context.Context, path, source string, d *dataset.Dataset, o Options) (*dataset.Results, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	f := File{Name: filepath.Base(path), Path: path, Size: info.Size(), Listed: true}
	c := &collector{r: &dataset.Results{Name: strings.ToValidUTF8(f.Name, "\uFFFD")}, ids: newResultIDs(d)}
	if err := c.ids.take(d, source); err != nil {
		return nil, err
	}
	rd := &reader{Options: o, block: blockSize, open: open}
	in, err := rd.open(f, rd.progress)
	if err != nil {
		return nil, unnamed(f.Name, err)
	}
	defer in.close()
	if err := rd.records(ctx, f, in, max(1, o.Workers), results, c); err != nil {
		var bad *SyntaxError
		if ctx.Err() != nil || errors.As(err, &bad) || errors.Is(err, errAmbiguous) {
			return nil, err
		}
		return nil, unnamed(f.Name, in.wrap(err))
	}
	c.r.Bytes, c.r.SHA256 = in.stored.n, in.hex()
	if err := c.judge(d); err != nil {
		return nil, err
	}
	c.sort(d)
	return c.r, nil
}

// resultIDs resolves the ids of a results file.
type resultIDs struct {
	images  *table   // index over the images of all sources, ambiguous where two have the id
	classes []*table // by source
	base    []int32  // index of each source's first image
	total   int32
}

const ambiguous = math.MaxInt32 - 1

var errAmbiguous = errors.New("an image id stands for several images")

func newResultIDs(d *dataset.Dataset) *resultIDs {
	t := &resultIDs{}
	for s := range d.Sources {
		t.base = append(t.base, t.total)
		t.total += int32(len(d.Sources[s].Images))
		t.classes = append(t.classes, newTable(len(d.Sources[s].Categories)))
	}
	t.images = newTable(int(t.total))
	return t
}

// take enters the ids of the source, of all if it is "".
func (t *resultIDs) take(d *dataset.Dataset, source string) error {
	found := false
	var names []string
	for s := range d.Sources {
		src := &d.Sources[s]
		names = append(names, src.Name)
		if source != "" && src.Name != source {
			continue
		}
		found = true
		for i := range src.Images {
			if im := &src.Images[i]; im.LeftOut == dataset.InUse {
				if at := t.base[s] + int32(i); t.images.put(im.ID, at) != at {
					t.images.set(im.ID, ambiguous)
				}
			}
		}
		for _, c := range src.Categories {
			t.classes[s].put(c.ID, c.Class)
		}
	}
	if !found {
		return fmt.Errorf("source %q: not among the annotation files that are read: %s", source, strings.Join(names, ", "))
	}
	return nil
}

// class returns the class of a category id in the file of an image, -1 if it
// has none.
func (t *resultIDs) class(image int32, category dataset.ID) int32 {
	s, found := slices.BinarySearch(t.base, image)
	if !found {
		s--
	}
	for s+1 < len(t.base) && t.base[s+1] == image { // files without images begin where the next one does
		s++
	}
	return t.classes[s].get(category)
}

// collector gathers detections in file order.
type collector struct {
	r      *dataset.Results
	ids    *resultIDs
	chunks [][]placedDetection
	flaws  [4]dataset.ResultFlaw // by resultCodes
	line   int32                 // newlines before the part at hand
}

type placedDetection struct {
	dataset.Detection
	image int32 // over all sources
}

// take adds the records of a part.
func (c *collector) take(a *assembly, p *part) error {
	c.line = a.line
	chunk := make([]placedDetection, 0, len(p.recs))
	for i := range p.recs {
		r := &p.recs[i]
		c.r.Read++
		d := placedDetection{Detection: dataset.Detection{Score: r.score, Box: r.box}}
		d.image, d.Class = c.ids.images.get(r.image), -1
		if d.image >= 0 && d.image != ambiguous {
			d.Class = c.ids.class(d.image, r.category)
		}
		switch {
		case r.list || r.boxed != boxRead && r.flags&dataset.FromOutline == 0 || !(r.box.W > 0 && r.box.H > 0):
			c.leaveOut(0, r, c.malformed(r))
		case !r.has.has(fScore) || !(r.score >= 0 && r.score <= 1):
			c.leaveOut(1, r, r.found(fScore)+", expected a number from 0 to 1")
		case d.image == ambiguous:
			return fmt.Errorf("%s: byte %d, line %d: %w: image_id %s is in several of the annotation files; name one with source=NAME",
				c.r.Name, r.offset, c.line+r.line+1, errAmbiguous, r.image.Quoted())
		case d.image < 0:
			c.leaveOut(2, r, c.unknown(r, fImage, r.image)+", expected the id of an image in use")
		case d.Class < 0:
			c.leaveOut(3, r, c.unknown(r, fCategory, r.category)+", expected the id of a category of the image's annotation file")
		default:
			chunk = append(chunk, d)
		}
	}
	if len(chunk) > 0 {
		c.chunks = append(c.chunks, slices.Clip(chunk))
	}
	return nil
}

// malformed says what is wrong with a record's box.
func (c *collector) malformed(r *raw) string {
	switch {
	case r.list:
		return "it is " + r.notes[0].text + ", expected an object"
	case r.boxed == boxRead:
		return fmt.Sprintf("bbox has %s, expected > 0", sides(&r.box, func(v float64) bool { return v <= 0 }))
	}
	return r.found(fBox) + ", expected four finite numbers"
}

func (c *collector) unknown(r *raw, f field, id dataset.ID) string {
	if id.Kind() == dataset.Absent {
		return r.found(f)
	}
	return f.String() + " is " + id.Quoted()
}

func (c *collector) leaveOut(code int, r *raw, message string) {
	f := &c.flaws[code]
	if f.N++; f.N == 1 {
		f.Code, f.Offset, f.Line, f.Message = resultCodes[code], r.offset, c.line+r.line+1, message
	}
}

// judge refuses a file that is none of detections on these images.
func (c *collector) judge(d *dataset.Dataset) error {
	kept := int64(0)
	for _, chunk := range c.chunks {
		kept += int64(len(chunk))
	}
	for i := range c.flaws {
		if c.flaws[i].N > 0 {
			c.r.LeftOut = append(c.r.LeftOut, c.flaws[i])
		}
	}
	switch {
	case c.r.Read == 0:
		return fmt.Errorf("%s: an empty array, expected detections", c.r.Name)
	case kept > 0:
		return nil
	}
	why := make([]string, len(c.r.LeftOut))
	for i, f := range c.r.LeftOut {
		why[i] = fmt.Sprintf("%d × %s, first at byte %d, line %d: %s", f.N, f.Code, f.Offset, f.Line, f.Message)
	}
	return fmt.Errorf("%s: none of its %d records joins the annotations; it seems to belong to another data set\n  %s",
		c.r.Name, c.r.Read, strings.Join(why, "\n  "))
}

// sort lays the detections out image by image, by counting.
func (c *collector) sort(d *dataset.Dataset) {
	counts := make([]int32, c.ids.total+1)
	n := 0
	for _, chunk := range c.chunks {
		n += len(chunk)
		for i := range chunk {
			counts[chunk[i].image+1]++
		}
	}
	for i := 1; i < len(counts); i++ {
		counts[i] += counts[i-1]
	}
	for s := range d.Sources {
		c.r.First = append(c.r.First, slices.Clone(counts[c.ids.base[s]:int(c.ids.base[s])+len(d.Sources[s].Images)+1]))
	}
	c.r.Detections = make([]dataset.Detection, n)
	for k, chunk := range c.chunks {
		for i := range chunk {
			at := &counts[chunk[i].image]
			c.r.Detections[*at] = chunk[i].Detection
			*at++
		}
		c.chunks[k] = nil
	}
}
