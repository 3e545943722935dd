package convention

import (
	"strconv"

	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// tracks is the rule on tracks whose class changes on the way.
func tracks(at site) (f findings.Finding, ok bool) {
	t := &at.src.Traits[dataset.TrackTurned]
	if t.N == 0 {
		return states(at)
	}
	o := &at.src.Objects[t.First]
	is := ""
	if len(at.d.Classes) > int(o.Class) {
		is = ", as " + strconv.Quote(at.d.Classes[o.Class].Name)
	}
	f = say.Finding("track-class-changed", at.s, o.Offset, o.Line,
		"%s: the class of %s changes from one image to the next, "+
			"while the object stays where it is (%s). An object does not become another: files whose lists of classes "+
			"differ may be joined there, or annotators changed their mind. Look at both images, and give each track one "+
			"class. The first is %s%s", text.Printable(at.src.Name), t.Text, say.Plural(t.N, "time"),
		say.Place(at.src, t.First), is)
	f.Cases, f.Size = int64(t.N), float64(t.N)
	return f, true
}

// states is the rule on tracks whose class changes to and fro, as the state of an object does: an info.
func states(at site) (f findings.Finding, ok bool) {
	t := &at.src.Traits[dataset.TrackStates]
	if t.N == 0 {
		return f, false
	}
	o := &at.src.Objects[t.First]
	f = say.Finding("track-class-changed", at.s, o.Offset, o.Line,
		"%s: the class of %s changes to and fro, while the object stays where it is (%s), and lasts for some images each "+
			"time. That is right if the classes are states of one object, such as a car that stands or drives, or the "+
			"colour of a light. Else give each track one class. The first is %s", text.Printable(at.src.Name), t.Text,
		say.Plural(t.N, "time"), say.Place(at.src, t.First))
	f.Cases, f.Size, f.Level = int64(t.N), float64(t.N), findings.Info
	return f, true
}
