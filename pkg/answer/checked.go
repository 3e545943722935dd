package answer

import (
	"fmt"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/text"
)

// Sheet is the title of the part of the page that shows objects in their pictures.
const Sheet = "Do names and boxes fit the pictures?"

// Checked says what the annotations were held against, and what only a look at pictures can tell. look is what to do
// where pictures are at hand. Files in which class names have another order, boxes are mirrored with their outlines, or
// pictures of one size are exchanged look as right files do.
func Checked(r *analysis.Result, look string) string {
	out := "Form, ids, sizes, boxes and outlines were checked against each other: the findings say what does not fit."
	seen := false
	for i, v := range r.Verdicts {
		if v != nil && !v.Foreign() {
			out += fmt.Sprintf(" Boxes and class numbers agree with the detector's results (%s), which have no class names.",
				text.Printable(r.Config.Scores[i].Name))
			seen = true
			break
		}
	}
	pictures := r.Config.Sizes != nil
	if !pictures && !seen {
		out += " Nothing was held against the pictures."
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

// OnThePage is where the terminal says to look.
func OnThePage() string {
	return fmt.Sprintf("look at %q on the page, which has an object of each of the main classes.", Sheet)
}
