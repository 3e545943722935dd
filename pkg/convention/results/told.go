package results

import (
	"fmt"

	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Findings returns what the verdict says of results: that they do not belong to the
// annotations, or else which images they lack.
func (v *Verdict) Findings(d *dataset.Dataset, r *dataset.Results) []findings.Finding {
	if v.Disagrees() {
		f := findings.New("detections-disagree")
		f.Message = v.message(d, r.Name)
		return []findings.Finding{f}
	}
	all := v.records(d, r)
	if u := &v.Missing; u.Images > 0 {
		f := findings.New("detections-missing-images")
		f.Size, f.Cases = float64(u.Images), int64(u.Images)
		if u.Objects == 0 && u.Every == 0 { // a detector that is right finds nothing there either
			f.Level = findings.Info
		}
		src := d.Source(int(u.Example[0]))
		why := "Either the detector saw nothing or did not run there, or its records stand under other image ids: " +
			"look for some of these images"
		if u.Every > 0 {
			why = fmt.Sprintf("Every %d images one has detections: unless the detector ran on these alone, the records of "+
				"whole batches stand under the id of one image, or ids were rounded", u.Every)
		}
		f.Message = fmt.Sprintf("%s: %s of %s in use have no detection, with %s, whose labels are not judged. %s. "+
			"The first is %s of %s", text.Printable(r.Name), say.Group(u.Images), say.Plural(u.Of, "image"),
			say.Plural(u.Objects, "object"), why, say.Label(&src.Images[u.Example[1]]), text.Printable(src.Name))
		all = append(all, f)
	}
	return all
}

// message says why results do not belong to the annotations.
func (v *Verdict) message(d *dataset.Dataset, name string) string {
	name = text.Printable(name)
	switch from := v.Classes.ByRank(); {
	case v.Copies.All():
		return fmt.Sprintf("%s holds the annotations, not a detector's output: %s of %s are annotated boxes with their "+
			"class. Nothing is concluded from it. Write what a detector found that did not see these labels", name,
			say.Group(v.Copies.Same), say.Plural(v.Copies.Of, "detection"))
	case v.Culprit.ImageOff != 0:
		return name + ": " + v.imageOffMessage(d)
	case v.Named:
	case v.shifted():
		return name + ": " + v.Shifts.message() + v.Culprit.unless(d)
	case v.Disagree:
	case v.Rows.By != 0:
		return name + ": " + v.Rows.message()
	case from < 0:
		return name + ": " + v.Swap.message(d)
	default:
		return fmt.Sprintf("%s: the category ids seem to be class indices counted from %d: "+
			"of %s that a detection overlaps, %s have its class, and %s would. "+
			"Write the ids of the annotation file's categories", name, from, say.Plural(v.Classes.Pairs, "object"),
			say.Group(v.Classes.Same), say.Group(v.Classes.Rank[from]))
	}
	of := fmt.Sprintf("%s of %s are overlapped by a detection of their image (IoU %.1f)",
		say.Group(v.Overlapped), say.Plural(v.Objects, "object"), overlap)
	var example string
	if v.Example[0] >= 0 {
		src := d.Source(int(v.Example[0]))
		example = ". Example: " + text.Printable(src.Name) + ", " + say.Place(src, v.Example[1])
	}
	if v.Partly {
		return fmt.Sprintf("%s does not fit these annotations in a part of its records: %s; "+
			"read as %s, %s more in %s would be. Make all records alike. %s%s",
			name, of, v.Reading, say.Group(v.Gained), say.Plural(v.Images, "image"),
			v.Culprit.say(d, v.Reading.mend()+" where it applies"), example)
	}
	if !v.Named {
		return fmt.Sprintf("%s does not belong to these annotations: %s, and %s by one of another image. "+
			"No other reading of the boxes fits%s", name, of, say.Group(v.Chance), example)
	}
	if v.Resized.accepted {
		return fmt.Sprintf("%s does not fit these annotations as it stands: %s; read as %s, %s would be. %s%s", name, of,
			&v.Resized, say.Group(v.Fits),
			v.Culprit.say(d, "Take the padding off, and scale the boxes back to the annotated images"), example)
	}
	return fmt.Sprintf("%s does not fit these annotations as it stands: %s; read as %s, %s would be. %s%s",
		name, of, v.Reading, say.Group(v.Fits), v.Culprit.say(d, v.Reading.mend()), example)
}

// mend says how to write what was read as p.
func (p Pairing) mend() string {
	switch {
	case p.Shift > 0:
		return fmt.Sprintf("Subtract %d from each image_id", p.Shift)
	case p.Shift < 0:
		return fmt.Sprintf("Add %d to each image_id", -p.Shift)
	case p.Frame != Frame{}:
		return "Scale the boxes back to the annotated images"
	}
	return p.Boxes.Mend()
}
