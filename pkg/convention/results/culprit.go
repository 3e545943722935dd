package results

import (
	"fmt"
	"math"
	"path"
	"strings"

	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Culprit says which of annotations and results is wrong, where they fit each other only under another reading. What
// fits so fits as well if the annotations are written the other way round.
type Culprit struct {
	Which    File
	Why      string   // the evidence as messages have it, "" if there is none
	Looks    [3]int32 // images of Source to look at, -1 if there are fewer
	Source   int32    // -1 if there is none
	ImageOff int      // boxes of the results belong to the image so many further in the file, 0 if they do not
	Fits     int      // objects that they overlap there
}

// File is one of the two files, or neither.
type File uint8

// The files.
const (
	Either File = iota
	TheResults
	TheAnnotations
)

// compared is an object and the detection that overlaps it under the reading, both as they stand, each in its image.
type compared struct {
	object, detection geom.Box
	of, in            geom.Size
}

// A file is the wrong one if ten of its boxes leave their image, or keep away from an edge of it, where the other
// file's box does not, and no more than a fifth as many the other way round.
const leastTold = 10

// culprit asks which of the two files is wrong, once a reading is found under which they fit.
func (v *Verdict) culprit(d *dataset.Dataset, r *dataset.Results) Culprit {
	c := Culprit{Looks: [3]int32{-1, -1, -1}, Source: -1}
	column, by := v.Shifts.found()
	switch {
	case v.Named && v.Reading.Boxes.Unit != reading.Pixels: // no box of pixels has such numbers
		c.Which, c.Why = TheResults, "their numbers are "+reading.Reading{Unit: v.Reading.Boxes.Unit}.String()
		return c
	case v.Named:
		c.judge(v.facing(d, r, &c))
		if v.Reading.Shift != 0 { // ids may have gaps, so that the next image has another one
			c.ImageOff, c.Fits = v.imageOff(d, r, v.Fits+v.Fits/5)
			by = c.ImageOff
		}
	case v.shifted() && column == "boxes":
		c.ImageOff, c.Fits = v.imageOff(d, r, int(math.Ceil(usual*float64(v.Objects))))
		by = c.ImageOff
	case v.shifted() && column == "classes":
	case v.Disagree:
		c.ImageOff, c.Fits = v.imageOff(d, r, max(2*v.Overlapped, v.Overlapped+v.Objects*15/100))
		by = c.ImageOff
	default:
		return c
	}
	if c.Which == Either && (c.ImageOff != 0 || v.Reading.Shift != 0) {
		if c.ImageOff == 0 {
			by = -v.Reading.Shift
		}
		c.seams(d, r, by)
	}
	for i := 0; i < len(v.sample) && c.Looks[2] < 0; i++ { // three images, if they are not known yet
		if s := &v.sample[i]; c.Source < 0 || s.source == c.Source {
			c.look(s.source, s.image)
		}
	}
	return c
}

// look enters an image to look at.
func (c *Culprit) look(source, image int32) {
	for k := range c.Looks {
		if c.Looks[k] == image && c.Source == source || c.Looks[k] >= 0 && c.Source != source {
			return
		}
		if c.Looks[k] < 0 {
			c.Looks[k], c.Source = image, source
			return
		}
	}
}

// facing returns the objects that no detection overlaps as it stands, with the detections that do under the reading.
func (v *Verdict) facing(d *dataset.Dataset, r *dataset.Results, c *Culprit) (all []compared) {
	maps := map[geom.Size]*SizeMap{}
	for i := range v.Resized.Maps {
		maps[v.Resized.Maps[i].Size] = &v.Resized.Maps[i]
	}
	var ids []map[dataset.IDKey]int32
	if v.Reading.Shift != 0 {
		ids = imagesByID(d)
	}
	var boxes []geom.Box
	for i := range v.sample {
		s := &v.sample[i]
		size := geom.Size{W: int(s.w), H: int(s.h)}
		in, detections := size, s.detections
		switch m := maps[size]; {
		case v.Resized.accepted && m == nil:
			continue
		case v.Resized.accepted:
			boxes = m.undo(boxes[:0], detections)
		case v.Reading.Shift != 0:
			id, whole := d.Source(int(s.source)).Images[s.image].ID.Int()
			at, ok := ids[s.source][dataset.PlainID(id+int64(v.Reading.Shift)).Key()]
			if !ok || !whole {
				continue
			}
			im := &d.Source(int(s.source)).Images[at]
			in, detections = geom.Size{W: im.Size.W, H: im.Size.H}, r.Of(int(s.source), int(at))
			boxes = Pairing{}.boxes(boxes[:0], detections, s.w, s.h)
		default:
			boxes = v.Reading.boxes(boxes[:0], detections, s.w, s.h)
		}
		for k, b := range s.boxes {
			best, at := most(b, boxes)
			if best < overlap || s.found[k] {
				continue
			}
			all = append(all, compared{b, detections[at].Box.Box(), size, in})
			if c.Looks[2] < 0 {
				c.look(s.source, s.image)
			}
		}
	}
	return all
}

// leaves tells whether a box reaches beyond its image by more than a tenth of a side.
func leaves(b geom.Box, in geom.Size) bool {
	w, h := float64(in.W), float64(in.H)
	return b.X0 < -0.1*w || b.Y0 < -0.1*h || b.X1 > 1.1*w || b.Y1 > 1.1*h
}

// ends returns at which edges of its image a box ends, within 1 %: left, top, right, bottom.
func ends(b geom.Box, in geom.Size) [4]bool {
	w, h := float64(in.W), float64(in.H)
	return [4]bool{b.X0 <= 0.01*w, b.Y0 <= 0.01*h, b.X1 >= 0.99*w, b.Y1 >= 0.99*h}
}

// judge compares boxes with the frames of their images. What the edge of a picture cuts ends there in the right file.
func (c *Culprit) judge(all []compared) {
	var left, kept [2]int // annotations, results: leave their image; keep away from an edge
	for i := range all {
		p := &all[i]
		a, b := leaves(p.object, p.of), leaves(p.detection, p.in)
		left[0] += sample.One(a && !b)
		left[1] += sample.One(b && !a)
		if a || b {
			continue
		}
		x, y := ends(p.object, p.of), ends(p.detection, p.in)
		for k := range x {
			kept[0] += sample.One(y[k] && !x[k])
			kept[1] += sample.One(x[k] && !y[k])
		}
	}
	for _, e := range [...]struct {
		n   [2]int
		why string
	}{
		{left, "%s boxes of %s leave their images where %s do not (%s the other way round)"},
		{kept, "%s boxes of %s keep away from an edge of the image at which %s end (%s the other way round)"},
	} {
		names := [2]string{"the annotations", "the results"}
		for k, which := range [2]File{TheAnnotations, TheResults} {
			if e.n[k] >= leastTold && e.n[k] >= 5*e.n[1-k] {
				c.Which = which
				other := [2]string{"those of the results", "those of the annotations"}[k]
				c.Why = fmt.Sprintf(e.why, say.Group(e.n[k]), names[k], other, say.Group(e.n[1-k]))
				return
			}
		}
	}
}

// imageOff returns by how many images, one, the boxes of the results belong further on in the file, and how many
// objects they overlap there, from least on. Where a column seems to be a record off as well, these have to be as many
// as in files that belong together; where nothing else fits, as many more as under any other reading.
func (v *Verdict) imageOff(d *dataset.Dataset, r *dataset.Results, least int) (by, n int) {
	for _, by := range [...]int{1, -1} {
		n := v.count(func(s *sampled) boxSet {
			at := int(s.image) - by
			if at < 0 || at >= len(d.Source(int(s.source)).Images) {
				return nil
			}
			return r.Of(int(s.source), at)
		}, Pairing{})
		if n >= max(least, leastTold) {
			return by, n
		}
	}
	return 0, 0
}

// series is the name of an image without its last number, as pictures of one camera or video share it.
func series(name string) string {
	name = strings.TrimSuffix(name, path.Ext(name))
	name = strings.TrimRight(name, ")] ")
	return strings.TrimRight(name, "0123456789")
}

// seams counts changes of class where the series of names changes, and by images further on, in the file. The right
// file changes with the names, and one that is an image off beside them. by is how far the results are before.
func (c *Culprit) seams(d *dataset.Dataset, r *dataset.Results, by int) {
	var at, beside [2]int // of annotations, results
	for s := range d.Sources {
		src := d.Source(s)
		class := [2]func(i int) int32{func(i int) int32 { return firstClass(src, i) }, func(i int) int32 {
			if all := r.Of(s, i); len(all) > 0 {
				return all[0].Class
			}
			return -1
		}}
		for i := 2; i+1 < len(src.Images); i++ {
			if series(src.Images[i].File) == series(src.Images[i-1].File) {
				continue
			}
			// Where annotations are off, they change at i+by: those of image i stand in image i+by. Results change at i-by.
			for k, move := range [2]int{by, -by} {
				f := class[k]
				p, q, t, u := f(i-1), f(i), f(i+move-1), f(i+move)
				if p < 0 || q < 0 || t < 0 || u < 0 {
					continue
				}
				at[k] += sample.One(p != q)
				beside[k] += sample.One(t != u)
			}
		}
	}
	lean := [2]float64{}
	for k := range lean { // in standard errors of a coin
		if n := at[k] + beside[k]; n > 0 {
			lean[k] = float64(at[k]-beside[k]) / math.Sqrt(float64(n))
		}
	}
	const why = "where the series of names changes, the class of %s changes with it %s times, and %s times one image " +
		"beside; that of %s %s and %s times"
	tell := func(right, wrong int) string {
		names := [2]string{"the annotations", "the results"}
		return fmt.Sprintf(why, names[right], say.Group(at[right]), say.Group(beside[right]), names[wrong],
			say.Group(at[wrong]),
			say.Group(beside[wrong]))
	}
	switch {
	case lean[1] >= 3 && lean[0] <= 0:
		c.Which, c.Why = TheAnnotations, tell(1, 0)
	case lean[0] >= 3 && lean[1] <= 0:
		c.Which, c.Why = TheResults, tell(0, 1)
	}
}

// firstClass returns the class of the first object of an image, -1 if it has none.
func firstClass(src *dataset.Source, i int) int32 {
	for k := src.Images[i].First; k < src.Images[i].Last; k++ {
		if o := &src.Objects[k]; counts(o) {
			return o.Class
		}
	}
	return -1
}

// say is the end of a message: which of the two is wrong, and how to mend it. mend is what mends the results.
func (c *Culprit) say(d *dataset.Dataset, mend string) string {
	switch c.Which {
	case TheResults:
		return fmt.Sprintf("%s. The results are wrong, not the annotations: %s", mend, c.Why)
	case TheAnnotations:
		return fmt.Sprintf("The annotations are wrong, not the results: %s. Mend the annotations, which are off the other "+
			"way round, and leave the results as they are", c.Why)
	}
	look := ""
	if names := c.looks(d); names != "" {
		look = ". Draw both on " + names
	}
	return fmt.Sprintf("%s if the results are wrong; if the annotations are, mend these: the numbers do not tell which%s",
		mend, look)
}

// looks names the images to look at, "" if there are none.
func (c *Culprit) looks(d *dataset.Dataset) string {
	var names []string
	for _, i := range c.Looks {
		if i >= 0 {
			names = append(names, say.Label(&d.Source(int(c.Source)).Images[i]))
		}
	}
	if names == nil {
		return ""
	}
	return strings.Join(names, ", ") + " of " + text.Printable(d.Sources[c.Source].Name)
}

// unless says that it may be the annotations, where the results are named.
func (c *Culprit) unless(d *dataset.Dataset) string {
	if names := c.looks(d); names != "" {
		return ", unless the annotations are off the other way round: draw both on " + names
	}
	return ""
}

// imageOffMessage says that boxes of the results belong to the next image, or to the one before.
func (v *Verdict) imageOffMessage(d *dataset.Dataset) string {
	c := &v.Culprit
	return fmt.Sprintf("annotations and results are one image off each other: %s of %s are overlapped by a detection of "+
		"their image (IoU %.1f), and %s by one that stands one image %s in the file. %s", say.Group(v.Overlapped),
		say.Plural(v.Objects, "object"), overlap, say.Group(c.Fits),
		[...]string{"before", "behind"}[sample.One(c.ImageOff < 0)],
		c.say(d, "Move the image ids of the results by one image"))
}
