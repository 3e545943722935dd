package foreign

import (
	"bytes"
	"fmt"
	"regexp"
)

// The parts of XML that stand before its root.
var prolog = regexp.MustCompile(`(?s)^\s*(<\?.*?\?>|<!--.*?-->|<!(?i:doctype)[^>\[]*(\[[^\]]*\])?\s*>)`)

// The kinds that several roots share.
var (
	page = Kind{"an HTML page, such as a server's error or login page",
		"fetch the file anew, and look at it before the audit"}
	serverError = Kind{"an error message of a server, as XML", page.Help}
)

// markups are the formats of XML and HTML, tried in their order: by the root, and by a
// text of the first kilobytes if the root is shared.
var markups = []struct {
	root, has string
	kind      Kind
}{
	{"html", "", page},
	{"head", "", page},
	{"body", "", page},
	{"error", "", serverError},
	{"annotation", "<polygon", Kind{"an annotation of LabelMe's web tool, as XML",
		fmt.Sprintf(byDatumaro, "label_me")}},
	{"annotation", "", Kind{"an annotation in the XML of Pascal VOC", fmt.Sprintf(byDatumaro, "voc")}},
	{"annotations", "", Kind{"annotations of CVAT, as XML",
		"export them from CVAT as \"COCO 1.0\", or " + fmt.Sprintf(byDatumaro, "cvat")}},
	{"dataset", "<image", Kind{"annotations of dlib's imglab, as XML", byHand}},
	{"tagset", "", Kind{"annotations in the XML of ICDAR", byHand}},
}

// markup tells which XML or HTML begins with text.
func markup(text []byte) Kind {
	if html.Match(text) {
		return page
	}
	rest := text
	for {
		at := prolog.FindIndex(rest)
		if at == nil {
			break
		}
		rest = rest[at[1]:]
	}
	root := rootName.FindSubmatch(rest)
	for _, m := range markups {
		if root != nil && bytes.EqualFold(root[1], []byte(m.root)) && bytes.Contains(rest, []byte(m.has)) {
			return m.kind
		}
	}
	return Kind{"XML", byHand}
}

var (
	html     = regexp.MustCompile(`^(?i:(\s*<!--.*?-->|\s*<\?xml.*?\?>)*\s*<!doctype\s+html)`)
	rootName = regexp.MustCompile(`^\s*<(?:[\w.-]+:)?([\w.-]+)`)
)
