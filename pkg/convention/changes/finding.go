package changes

import (
	"fmt"
	"math"
	"strings"

	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// mostSaid is how many differences a message has.
const mostSaid = 3

// Finding returns the finding on such a part.
func (c *Changes) Finding(src *dataset.Source, s int32) findings.Finding {
	first, last := &src.Images[c.From], &src.Images[c.To]
	where := "up to " + say.Label(last)
	if c.Tail {
		where = "on"
	}
	if c.ByID {
		where += ", by the images' ids"
	}
	var says []string
	for _, d := range c.All[:min(len(c.All), mostSaid)] {
		says = append(says, d.say())
	}
	return say.Finding("part-differs", s, first.Offset, first.Line,
		"%s: from about %s %s, in %.0f %% of the images, boxes are unlike those of the rest, by more than their classes "+
			"explain: %s. Look at pictures of both: other pictures and other annotators may differ so, and so do boxes that "+
			"a program has cut, scaled, moved, joined or rounded there alone",
		text.Printable(src.Name), say.Label(first), where, 100*c.Part, strings.Join(says, "; "))
}

// say says one difference.
func (d *Change) say() string {
	m := &marks[d.Mark]
	if m.share {
		return fmt.Sprintf("%s %% of them %s, elsewhere %s %%", say.Percent(d.Part), m.what, say.Percent(d.Rest))
	}
	show := func(v float64) string {
		switch m.unit {
		case percent:
			return say.Percent(v) + " %"
		case factor:
			return say.Percent(math.Exp(v)) + " %"
		}
		return fmt.Sprintf("%.3g", math.Exp(v))
	}
	return fmt.Sprintf("the mean %s is %s, elsewhere %s", m.what, show(d.Part), show(d.Rest))
}
