package coco

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
	"focalaudit/pkg/naming"
)

// ReadResults reads a file of detections, a JSON array of {image_id,
// category_id, bbox, score}, and joins them to the images and classes of d. With
// several sources, source names the one whose ids the file uses; it may be ""
// if no image id stands for two images. Where few image ids are ids of the data set and
// nearly all are file names, stems or places of its images, they are joined by these,
// and Results.JoinedBy says so. Single bad records are left out and counted; an error
// means that the file cannot be read, is none of detections, has scores that are no
// probabilities, or has no image in common with the data set.
func ReadResults(ctx context.Context, path, source string, d *dataset.Dataset, o Options) (*dataset.Results, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	f := find.File{Name: filepath.Base(path), Path: path, Size: info.Size(), Listed: true}
	c, err := collect(ctx, f, source, d, o, nil)
	if err != nil {
		return nil, err
	}
	if len(c.strangers) > c.b.Placed() { // distinct ids, so this many records at least
		if n := namingOf(c, source, d); n != nil {
			if c, err = collect(ctx, f, source, d, o, n); err != nil {
				return nil, err
			}
		}
	}
	if err := c.judgeScores(); err != nil {
		return nil, err
	}
	r, err := c.b.Join()
	if err != nil {
		return nil, errors.Join(err, c.ranks(source, d))
	}
	r.Bytes, r.SHA256, r.JoinedBy = c.bytes, c.hash, c.by
	return r, nil
}

// join is how image ids name the images of a source otherwise than by their ids.
type join struct {
	source int
	by     naming.Naming
}

// namingOf finds the source of which nearly all strange image ids name images; nil if
// there is none.
func namingOf(c *collector, source string, d *dataset.Dataset) *join {
	ids := slices.SortedFunc(maps.Values(c.strangers),
		func(a, b dataset.ID) int { return strings.Compare(a.String(), b.String()) })
	for s := range d.Sources {
		src := d.Source(s)
		if source != "" && src.Name != source {
			continue
		}
		if j := naming.JoinIDs(src, ids); j.By != naming.ByID && j.Found > 0 {
			return &join{s, j.By}
		}
	}
	return nil
}

// collect reads the records of a file.
func collect(
	ctx context.Context, f find.File, source string, d *dataset.Dataset, o Options, n *join,
) (*collector, error) {
	name := strings.ToValidUTF8(f.Name, "\uFFFD")
	b, err := dataset.NewResultsBuilder(name, d, source)
	if err != nil {
		return nil, err
	}
	c := newCollector(name, b)
	c.size = f.Size
	if n != nil {
		b.Name(n.source, naming.NewNames(d.Source(n.source), n.by).Image)
		c.by = n.by.String()
	}
	rd := &reader{Options: o, block: blockSize, open: open}
	in, err := rd.open(f, rd.progress)
	if err != nil {
		return nil, unnamed(f.Name, err)
	}
	defer in.close()
	err = rd.records(ctx, f, in, max(1, o.Workers), results, c)
	if changed := in.unchanged(); changed != nil && ctx.Err() == nil {
		return nil, unnamed(f.Name, changed)
	}
	if err != nil {
		var bad *SyntaxError
		if errors.As(err, &bad) {
			return nil, rd.notJSON(f, bad, "COCO results")
		}
		if ctx.Err() != nil || errors.Is(err, dataset.ErrAmbiguous) {
			return nil, err
		}
		return nil, unnamed(f.Name, in.wrap(err))
	}
	c.bytes, c.hash = in.stored.n, in.hex()
	return c, nil
}

// judgeScores refuses a file with scores that are no probabilities.
func (c *collector) judgeScores() error {
	kind := c.scores.Kind()
	if c.scores.N == 0 || kind == naming.Probabilities {
		return nil
	}
	fix := map[naming.ScoreKind]string{
		naming.LogProbs:    "write their exponentials",
		naming.Logits:      "write sigmoid(score) of each",
		naming.Percentages: "divide them by 100",
		naming.Odd:         "write the detector's probabilities",
	}[kind]
	return fmt.Errorf("%s: %d of %d scores are outside 0 to 1 (%g to %g): they look like %s; %s", c.name,
		c.scores.Below+c.scores.Above, c.scores.N, c.scores.Lowest, c.scores.Highest, kind, fix)
}

// ranks says whether category ids of which none is known are ranks.
func (c *collector) ranks(source string, d *dataset.Dataset) error {
	ids := slices.Collect(maps.Values(c.foreign))
	for s := range d.Sources {
		if source != "" && d.Sources[s].Name != source || len(ids) == 0 {
			continue
		}
		if len(ids) == 1 && len(d.Sources[s].Categories) > 1 { // one number is a default, such as 0
			continue
		}
		if from := naming.CategoryRanks(d.Source(s), ids); from >= 0 {
			return fmt.Errorf(
				"its category ids seem to be ranks of the categories, counted from %d: write the categories' own ids", from)
		}
	}
	return nil
}

// collector passes the records of a results file on.
type collector struct {
	name  string
	b     *dataset.ResultsBuilder
	by    string // see dataset.Results.JoinedBy
	bytes int64
	hash  string
	line  int32 // newlines before the part at hand
	size  int64 // of the file as stored
	known bool  // the builder has room for its records

	scores    naming.Scores
	strangers map[dataset.IDKey]dataset.ID // image ids that no image has
	foreign   map[dataset.IDKey]dataset.ID // category ids that no category has
}

func newCollector(name string, b *dataset.ResultsBuilder) *collector {
	return &collector{
		name: name, b: b,
		strangers: map[dataset.IDKey]dataset.ID{}, foreign: map[dataset.IDKey]dataset.ID{},
	}
}

// mostScore is the largest score that counts as 1: a float32 softmax can round so far up.
const mostScore = 1 + 1e-6

// maxStrangers bounds the ids that are kept: enough to tell what they are.
const maxStrangers = 1 << 16

// The first part of so many records tells how many the file has, and room is made for some more of them. leastBytes are
// those of a detection that is written as shortly as can be. A compressed file has more records than its size tells:
// they are copied as they grow.
const (
	roomFrom   = 1000
	roomy      = 1.05
	leastBytes = len(`{"image_id":1,"category_id":1,"bbox":[1,1,1,1],"score":1},`)
)

// take adds the records of a part.
func (c *collector) take(a *assembly, p *part) error {
	c.line = a.line
	if n := len(p.found); n >= roomFrom && !c.known {
		c.known = true
		each := float64(p.found[n-1].offset-p.found[0].offset) / float64(n-1)
		c.b.Room(int(roomy * float64(c.size) / max(each, float64(leastBytes))))
	}
	for i := range p.found {
		if err := c.one(p, &p.found[i]); err != nil {
			return err
		}
	}
	if len(p.found) == 0 { // a record that is passed over
		for i := range p.recs {
			if err := c.record(&p.recs[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// one adds a record of a part.
func (c *collector) one(p *part, d *detected) error {
	if d.raw > 0 {
		return c.record(&p.recs[d.raw-1])
	}
	image, category := dataset.PlainID(d.image), dataset.PlainID(d.category)
	reason, err := c.b.Add(image, category, d.score, d.box)
	if reason == "" && err == nil {
		c.scores.Add(d.score)
		return nil
	}
	return c.record(&raw{
		image: image, category: category, score: d.score, box: d.box, boxed: boxRead, has: 1 << fScore,
		offset: d.offset, line: d.line,
	})
}

// record adds a record.
func (c *collector) record(r *raw) error {
	if twice := r.twice & resultKeys; twice != 0 {
		f := field(bits.TrailingZeros16(uint16(twice)))
		c.b.Repeats(r.offset, c.line+r.line+1, f.String()+" stands there more than once, expected once; the last one counts")
	}
	score := r.score
	if r.has.has(fScore) {
		if c.scores.Add(score); score > 1 && score <= mostScore {
			score = 1
		}
	}
	switch {
	case r.list || r.boxed != boxRead && r.flags&dataset.FromOutline == 0 || !(r.box.W > 0 && r.box.H > 0):
		c.leaveOut(dataset.ResultMalformed, r, malformed(r))
		return nil
	case !r.has.has(fScore) || !(score >= 0 && score <= 1):
		c.leaveOut(dataset.ResultScore, r, r.found(fScore)+", expected a number from 0 to 1")
		return nil
	}
	reason, err := c.b.Add(r.image, r.category, score, r.box)
	switch {
	case err != nil:
		return fmt.Errorf("%s: byte %d, line %d: %w: image_id %s is in several of the annotation files; "+
			"name one with source=NAME",
			c.name, r.offset, c.line+r.line+1, err, r.image.Quoted())
	case reason == dataset.ResultImageUnknown:
		keep(c.strangers, r.image)
		c.leaveOut(reason, r, unresolved(r, fImage, r.image)+", expected the id of an image in use")
	case reason == dataset.ResultClassUnknown:
		keep(c.foreign, r.category)
		c.leaveOut(reason, r, unresolved(r, fCategory, r.category)+
			", expected the id of a category of the image's annotation file")
	}
	return nil
}

// malformed says what is wrong with a record's box.
func malformed(r *raw) string {
	switch {
	case r.list:
		return "it is " + r.notes[0].text + ", expected an object" + r.most()
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

func keep(ids map[dataset.IDKey]dataset.ID, id dataset.ID) {
	if id.Kind() != dataset.Absent && len(ids) < maxStrangers {
		ids[id.Key()] = id
	}
}
