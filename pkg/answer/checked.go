package answer

import (
	"fmt"
	"slices"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// Sheet is the title of the part of the page that shows objects in their pictures.
const Sheet = "Do names and boxes fit the pictures?"

// Checked says what the annotations were held against, and what only a look at pictures can tell. look is what to do
// where pictures are at hand. Files in which class names have another order, boxes are mirrored with their outlines, or
// pictures of one size are exchanged look as right files do.
func Checked(r *analysis.Result, look string) string {
	outlines, areas := witnesses(r.Data)
	held := "boxes"
	switch {
	case outlines && areas:
		held = "boxes, areas and outlines"
	case outlines:
		held = "boxes and outlines"
	case areas:
		held = "boxes and areas"
	}
	out := "Form, ids, sizes, " + held + " were checked against each other: the findings say what does not fit."
	switch {
	case !outlines && !areas:
		out += " No annotation has an outline or an area, so that boxes were held against nothing but the sizes of their " +
			"images."
	case !outlines:
		out += " There are no outlines."
	}
	if codes := hints(r); len(codes) > 0 {
		out += fmt.Sprintf(" Right data may be as %s among the findings %s, and so may data of which a part means something "+
			"else: look once.", list(codes), says(len(codes)))
	}
	seen := false
	for i, v := range r.Verdicts {
		if v == nil || v.Foreign() {
			continue
		}
		if held := v.Held(r.Config.Scores[i].Name); held != "" {
			out += " " + held
			seen = true
			break
		}
	}
	if seen && slices.ContainsFunc(r.Findings, func(f findings.Finding) bool { return f.Code == "detections-disagree" }) {
		out += " detections-disagree among the findings says what does not fit."
	}
	pictures := r.Config.Sizes != nil
	switch {
	case seen || pictures:
	case outlines:
		out += " Nothing was held against the pictures, and nothing against the class names."
	default:
		out += " Nothing was held against the pictures, and nothing against the class names: boxes with a margin, moved by " +
			"some px or on other images may look right in such a file."
	}
	if seen {
		out += " Class names in another order look right in a file: "
	} else {
		out += " Class names in another order, mirrored boxes, and images of one size that were exchanged look right in " +
			"a file: "
	}
	if pictures {
		return out + look
	}
	return out + "--images DIR shows an object of each of the main classes on the page."
}

// hints returns the codes of infos that say what a file may mean that right files may be like, too.
func hints(r *analysis.Result) (codes []string) {
	for i := range r.Findings {
		f := &r.Findings[i]
		of := spoilt[f.Code] || doubtful[f.Code] || f.Code == "part-differs" || f.Code == "records-change"
		if of && f.Severity() == findings.Info && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// list names some codes.
func list(codes []string) string {
	if n := len(codes) - 1; n > 0 {
		return strings.Join(codes[:n], ", ") + " and " + codes[n]
	}
	return codes[0]
}

// says is the verb of so many things.
func says(n int) string {
	if n == 1 {
		return "says"
	}
	return "say"
}

// witnesses tells whether any annotation has an outline, and whether any has an area.
func witnesses(d *dataset.Dataset) (outlines, areas bool) {
	for s := range d.Sources {
		_, n := d.Count(s)
		traits := &d.Sources[s].Traits
		without := traits[dataset.NoOutlineKey].N + traits[dataset.NullOutline].N + traits[dataset.EmptyOutline].N
		outlines = outlines || without < n
		areas = areas || traits[dataset.NoAreaKey].N+traits[dataset.OddArea].N < n
	}
	return outlines, areas
}

// OnThePage is where the terminal says to look.
func OnThePage() string {
	return fmt.Sprintf("look at %q on the page, which has an object of each of the main classes.", Sheet)
}
