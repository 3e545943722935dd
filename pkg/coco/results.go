package coco

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

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
	f := find.File{Name: filepath.Base(path), Path: path, Size: info.Size(), Listed: true}
	name := strings.ToValidUTF8(f.Name, "\uFFFD")
	b, err := dataset.NewResultsBuilder(name, d, source)
	if err != nil {
		return nil, err
	}
	c := &collector{name: name, b: b}
	rd := &reader{Options: o, block: blockSize, open: open}
	in, err := rd.open(f, rd.progress)
	if err != nil {
		return nil, unnamed(f.Name, err)
	}
	defer in.close()
	if err := rd.records(ctx, f, in, max(1, o.Workers), results, c); err != nil {
		var bad *SyntaxError
		if errors.As(err, &bad) {
			return nil, rd.notJSON(f, bad, "COCO results")
		}
		if ctx.Err() != nil || errors.Is(err, dataset.ErrAmbiguous) {
			return nil, err
		}
		return nil, unnamed(f.Name, in.wrap(err))
	}
	r, err := b.Join()
	if err != nil {
		return nil, err
	}
	r.Bytes, r.SHA256 = in.stored.n, in.hex()
	return r, nil
}

// collector passes the records of a results file on.
type collector struct {
	name string
	b    *dataset.ResultsBuilder
	line int32 // newlines before the part at hand
}

// take adds the records of a part.
func (c *collector) take(a *assembly, p *part) error {
	c.line = a.line
	for i := range p.recs {
		if err := c.record(&p.recs[i]); err != nil {
			return err
		}
	}
	return nil
}

// record adds a record.
func (c *collector) record(r *raw) error {
	switch {
	case r.list || r.boxed != boxRead && r.flags&dataset.FromOutline == 0 || !(r.box.W > 0 && r.box.H > 0):
		c.leaveOut(dataset.ResultMalformed, r, malformed(r))
		return nil
	case !r.has.has(fScore) || !(r.score >= 0 && r.score <= 1):
		c.leaveOut(dataset.ResultScore, r, r.found(fScore)+", expected a number from 0 to 1")
		return nil
	}
	reason, err := c.b.Add(r.image, r.category, r.score, r.box)
	switch {
	case err != nil:
		return fmt.Errorf("%s: byte %d, line %d: %w: image_id %s is in several of the annotation files; "+
			"name one with source=NAME",
			c.name, r.offset, c.line+r.line+1, err, r.image.Quoted())
	case reason == dataset.ResultImageUnknown:
		c.leaveOut(reason, r, unresolved(r, fImage, r.image)+", expected the id of an image in use")
	case reason == dataset.ResultClassUnknown:
		c.leaveOut(reason, r, unresolved(r, fCategory, r.category)+
			", expected the id of a category of the image's annotation file")
	}
	return nil
}

// malformed says what is wrong with a record's box.
func malformed(r *raw) string {
	switch {
	case r.list:
		return "it is " + r.notes[0].text + ", expected an object"
	case r.boxed == boxRead:
		return fmt.Sprintf("bbox has %s, expected > 0", dataset.BadSides(r.box, func(v float64) bool { return v <= 0 }))
	}
	return r.found(fBox) + ", expected four finite numbers"
}

// unresolved says what stands in a field that names nothing.
func unresolved(r *raw, f field, id dataset.ID) string {
	if id.Kind() == dataset.Absent {
		return r.found(f)
	}
	return f.String() + " is " + id.Quoted()
}

func (c *collector) leaveOut(reason string, r *raw, message string) {
	c.b.LeaveOut(reason, r.offset, c.line+r.line+1, message)
}
