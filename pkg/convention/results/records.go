package results

import (
	"fmt"

	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// teller enters a finding of a code: 0 as level is that of the code.
type teller func(code string, level findings.Severity, size int, format string, args ...any)

// records returns the findings on how the records were written.
func (v *Verdict) records(d *dataset.Dataset, r *dataset.Results) []findings.Finding {
	var all []findings.Finding
	name := text.Printable(r.Name)
	about := func(code string, level findings.Severity, size int, format string, args ...any) {
		f := findings.New(code)
		f.Size, f.Message = float64(size), name+": "+fmt.Sprintf(format, args...)
		if level != 0 {
			f.Level = level
		}
		all = append(all, f)
	}
	if c := &v.Copies; c.Found() {
		about("detections-disagree", findings.Warning, c.Equal, "%s of %s are annotated boxes, as no detector's are: the "+
			"results seem to be made from annotations. What is said about labels comes from the difference between the two, "+
			"and not from what a detector saw", say.Group(c.Equal), say.Plural(c.Of, "detection"))
	}
	if c := &v.Copies; c.Taken() {
		how := "number for number"
		if 2*c.Labels < c.Rounded {
			how = "rounded to whole numbers"
		}
		about("detections-disagree", findings.Warning, c.Rounded, "%s of %s that were compared are a detection's own box "+
			"and class, %s. These labels seem to be the detector's output, which nobody corrected (pre-labels), and a model "+
			"can't be checked with its own output: it agrees with them where it is wrong too. Take the results of another "+
			"detector, or look at these labels", say.Group(c.Rounded), say.Plural(c.Objects, "label"), how)
	}
	v.ofClasses(about, d)
	if o := &v.Offsets; o.Found() {
		about("detections-disagree", findings.Warning, o.Of, "%s", o.message())
	}
	if c := &v.Capped; c.Found() {
		about("detections-capped", 0, c.More, "no image has more than %s, and %s of %s with any have as many; "+
			"%s of %s have more objects, of which the results can say nothing. Run the detector again with a low "+
			"score threshold and at least 100 detections an image", say.Plural(c.Most, "detection"), say.Group(c.Full),
			say.Plural(c.Images, "image"), say.Group(c.More), say.Plural(c.Of, "image"))
	}
	if c := &v.TopIn; c.Found() {
		about("detections-capped", 0, c.Yes, "%s", c.message(d))
	}
	if c := &v.Capped.Class; c.Found() && !v.Capped.Found() && !v.TopIn.Found() {
		about("detections-capped", 0, c.More, "no image has more than %s of one class, and %s of %s of an image and a class "+
			"with any have as many; %s of %s have more objects, of which the results can say nothing. Run the detector again "+
			"with at least 100 detections of each class (max_output_boxes_per_class)", say.Plural(c.Most, "detection"),
			say.Group(c.Full), say.Plural(c.Pairs, "pair"), say.Group(c.More), say.Plural(c.Of, "pair"))
	}
	if a := &v.Absent; len(a.Classes) > 0 {
		about("detections-missing-classes", 0, len(a.Classes), "%s", a.message(d))
	}
	v.ofTraces(about)
	v.ofScores(about, r)
	v.ofRepeats(about, d, r)
	return all
}

// ofClasses tells which classes, or which part of the objects, do not fit: the first that explains the others.
func (v *Verdict) ofClasses(about teller, d *dataset.Dataset) {
	r, u := &v.RowsIn, &v.Uneven
	if r.Found() {
		about("detections-disagree", findings.Warning, r.Next, "%s", r.message(d))
	}
	if s := &v.Sorted; s.Found() && !r.Found() {
		about("detections-disagree", findings.Warning, s.Images, "%s", s.message(d))
	}
	if b := &v.Beside; b.Found() {
		about("detections-disagree", findings.Warning, b.Twins, "%s", b.message())
	}
	if o := &v.Offlist; o.Found() && !r.Found() && !v.Beside.Found() {
		about("detections-disagree", findings.Warning, o.Explained, "%s", o.message())
	}
	// Classes of a part go by sure detections, which scores in another order are not.
	if u.Part != "" && (u.Class && !r.Found() && !v.Beside.Found() && !v.Unranked.Found() ||
		!u.Class && !v.TopIn.Found()) {
		about("detections-disagree", findings.Warning, u.Low.Of-u.Low.N, "%s", u.message(d))
	}
}

// ofScores tells what is odd about the scores.
func (v *Verdict) ofScores(about teller, r *dataset.Results) {
	switch o := &v.Order; {
	case o.Inverted():
		about("detections-unranked", 0, o.Hits+o.Strays, "the scores seem to be inverted: of %s on an object of their "+
			"class and %s that are not, the first has the higher score in %s %% of the pairs. Nothing is concluded about "+
			"labels. Write the score of the detection's class, not that of the background or a distance",
			say.Plural(o.Hits, "detection"), say.Group(o.Strays), say.Percent(o.Area))
	case o.Unranked():
		about("detections-unranked", 0, o.Hits+o.Strays, "the scores tell nothing: of %s on an object of their "+
			"class and %s that are not, the first has the higher score in %s %% of the pairs, as by chance. Nothing is "+
			"concluded about labels. Write each detection's own score: another order of the records may be the reason",
			say.Plural(o.Hits, "detection"), say.Group(o.Strays), say.Percent(o.Area))
	case v.Beside.Found(): // two lists of scores are not in one order
	case !o.One && v.Traces.Shuffled():
		t := &v.Traces
		about("detections-unranked", 0, t.Pairs, "the scores tell nothing within an image: of %s of a detection on "+
			"an object of its class and one that is not, in one image, the first has the higher score in %s %%, as "+
			"by chance. Nothing is concluded about labels. The scores of an image seem to stand in another order "+
			"than its boxes: join both anew",
			say.Plural(t.Pairs, "pair"), say.Percent(t.Ordered/float64(t.Pairs)))
	case !o.One && v.Unranked.Found():
		about("detections-unranked", 0, v.Unranked.Pairs, "%s", v.Unranked.message())
	case !o.One && v.Shape.Normalised():
		about("detections-unranked", 0, v.Shape.Best, "the scores seem to be divided by something of their image: in %s "+
			"with two detections or more, %s. So the scores of two images can't be compared. Write the scores as the model "+
			"returns them, without a softmax or a maximum over the image", say.Plural(v.Shape.Images, "image"), v.Shape.common())
	case !o.One && v.Shape.Shared():
		about("detections-unranked", 0, v.Shape.Equal, "detections seem to have the score of their class, and not their "+
			"own: of %s of detections of one class in one image, %s have one score throughout. Write each detection's score",
			say.Plural(v.Shape.Groups, "group"), say.Group(v.Shape.Equal))
	case o.Squashed:
		about("detections-unranked", findings.Info, len(r.Detections), "all %s are from 0.5 to 0.731, where a second "+
			"sigmoid puts what is a probability already. Write the scores as the model returns them: the losses by this "+
			"source are those of a detector that is sure of nothing", say.Plural(len(r.Detections), "score"))
	case o.Scaled():
		about("detections-unranked", findings.Info, o.AtTop, "no score is above %s, and %s of %s are within 2 %% of it, as "+
			"scores are near 1 where a detector is sure. The scores seem to be multiplied by something (averaged with zeros, a "+
			"percentage of another number): the losses by this source are those of a detector that is less sure. Write the "+
			"scores as the model returns them", text.Short(o.Top), say.Group(o.AtTop), say.Plural(o.All, "detection"))
	case o.One:
		about("detections-unranked", findings.Info, len(r.Detections), "all %s have the score %s, so that none is surer "+
			"than another. Write the detector's scores", say.Plural(len(r.Detections), "detection"), text.Short(o.Score))
	}
}

// ofRepeats tells which detections repeat others.
func (v *Verdict) ofRepeats(about teller, d *dataset.Dataset, r *dataset.Results) {
	switch p := &v.Repeats; {
	case p.Twice():
		about("detections-repeated", 0, p.Exact, "%s of %s repeat another in image, category, box and score. "+
			"The file seems to be written twice: remove the copies, or run the detector again into an empty file",
			say.Group(p.Exact), say.Plural(p.Of, "detection"))
	case p.Leftover():
		about("detections-repeated", 0, p.Stale*p.Step, "%s of %s that were compared stand with the same box, "+
			"class and score in another image. Rows of a buffer that an earlier picture filled seem to be read: "+
			"take only as many rows as the model says it found (num_dets, valid_detections), and run it again. "+
			"Example: %s", say.Group(p.Stale),
			say.Plural(p.Drawn, "detection"), say.Label(&d.Source(p.Image[0]).Images[p.Image[1]]))
	case v.MirroredIn.Found():
		about("detections-repeated", 0, v.MirroredIn.Yes, "%s", mirroredMessage(d, &v.MirroredIn))
	case p.Flipped():
		about("detections-repeated", 0, p.Mirrored, "%s of %s have another of their class where a mirror shows them. "+
			"The detections of the mirrored pictures (augmentation at test time) seem to be added as they stand: "+
			"mirror their boxes back, x becomes width - x - w, and suppress repeated ones",
			say.Group(p.Mirrored), say.Plural(p.Seen, "detection"))
	case v.Appended.Found():
		v.Appended.tell(about, r)
	case p.Raw():
		about("detections-repeated", findings.Info, p.Near, "%s of %s overlap another of their class by an IoU above 0.9. "+
			"The detections seem to lack non-maximum suppression: apply it, with an IoU of 0.5 to 0.7",
			say.Group(p.Near), say.Plural(p.Seen, "detection"))
	}
}
