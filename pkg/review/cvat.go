package review

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// CVAT reads and writes "CVAT for images 1.1": images with boxes by their corners in px, and
// attributes that a label's definition must have. Source: docs.cvat.ai/docs/other/xml_format.

// cvatFile is an XML file of CVAT.
type cvatFile struct {
	XMLName xml.Name    `xml:"annotations"`
	Version string      `xml:"version"`
	Images  []cvatImage `xml:"image"`
}

type cvatImage struct {
	ID     int       `xml:"id,attr"`
	Name   string    `xml:"name,attr"`
	Width  int       `xml:"width,attr"`
	Height int       `xml:"height,attr"`
	Boxes  []cvatBox `xml:"box"`
}

type cvatBox struct {
	Label      string          `xml:"label,attr"`
	Source     string          `xml:"source,attr,omitempty"`
	Occluded   int             `xml:"occluded,attr"`
	X0         float64         `xml:"xtl,attr"`
	Y0         float64         `xml:"ytl,attr"`
	X1         float64         `xml:"xbr,attr"`
	Y1         float64         `xml:"ybr,attr"`
	Order      int             `xml:"z_order,attr"`
	Rotation   float64         `xml:"rotation,attr,omitempty"` // degrees
	Attributes []cvatAttribute `xml:"attribute"`
}

type cvatAttribute struct {
	Name  string `xml:"name,attr"`
	Value string `xml:",chardata"`
}

// undecided is the decision that a box begins with.
const undecided = "undecided"

// writeCVAT writes the items as boxes of their images: each annotation, and behind it the detection that speaks against
// it, under the same item. A decision on either counts, and takes that box's class and place.
func (r *Review) writeCVAT(w io.Writer) error {
	f := cvatFile{Version: "1.1"}
	type key struct{ source, image int }
	at := map[key]int{}
	for k := range r.Items {
		i := &r.Items[k]
		im := r.image(i)
		n, known := at[key{i.Source, i.Image}]
		if !known {
			n = len(f.Images)
			at[key{i.Source, i.Image}] = n
			f.Images = append(f.Images, cvatImage{ID: n, Name: text.Printable(im.File), Width: im.Size.W, Height: im.Size.H})
		}
		add := func(class, source, shape string, b geom.Rect) {
			f.Images[n].Boxes = append(f.Images[n].Boxes, cvatBox{
				Label: class, Source: source,
				X0: hundredth(b.X), Y0: hundredth(b.Y), X1: hundredth(b.X + b.W), Y1: hundredth(b.Y + b.H),
				Attributes: []cvatAttribute{
					{"item", i.Key()}, {"rank", strconv.Itoa(i.Number)}, {"kind", i.Code}, {"shape", shape},
					{"reason", text.InLine(i.Message)}, {"decision", undecided},
				},
			})
		}
		class, b := r.drawn(i)
		if i.Object < 0 {
			add(class, "auto", r.detected(i), b)
		} else {
			add(class, "file", "the annotation", b)
		}
		if class, b, ok := r.contradicting(i); ok {
			add(class, "auto", r.detected(i), b)
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(f); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// detected says of a box that it is the detector's.
func (r *Review) detected(i *Item) string {
	return fmt.Sprintf("the detection, score %.2f", i.DetectionScore)
}

// cvatLabel is a label as CVAT's constructor of tasks takes it, in its tab "Raw".
type cvatLabel struct {
	Name       string              `json:"name"`
	Type       string              `json:"type"`
	Attributes []cvatLabelProperty `json:"attributes"`
}

type cvatLabelProperty struct {
	Name    string   `json:"name"`
	Input   string   `json:"input_type"`
	Mutable bool     `json:"mutable"`
	Values  []string `json:"values"`
	Default string   `json:"default_value"`
}

// writeCVATLabels writes the labels that a task needs to take the boxes.
func (r *Review) writeCVATLabels(w io.Writer) error {
	words := func(name string) cvatLabelProperty {
		return cvatLabelProperty{Name: name, Input: "text", Values: []string{""}}
	}
	choice := cvatLabelProperty{Name: "decision", Input: "select", Default: undecided, Values: []string{undecided}}
	for _, v := range []Verb{Keep, Fix, Delete, Add} {
		choice.Values = append(choice.Values, string(v))
	}
	labels := []cvatLabel{}
	for _, c := range r.allClasses() {
		labels = append(labels, cvatLabel{
			Name: c, Type: "rectangle", Attributes: []cvatLabelProperty{
				words("item"), words("rank"), words("kind"), words("shape"), words("reason"), choice,
			},
		})
	}
	return text.JSON(w, labels)
}

// readCVAT reads decisions from the XML that CVAT exports.
func (r *Review) readCVAT(content []byte) (list []Decision, faults []string) {
	d := xml.NewDecoder(strings.NewReader(string(content)))
	d.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, &charsetError{charset}
	}
	for {
		t, err := d.Token()
		if err == io.EOF {
			return list, faults
		}
		line, _ := d.InputPos()
		place := "line " + strconv.Itoa(line)
		if err != nil {
			return list, append(faults, place+": "+plainXML(err))
		}
		start, is := t.(xml.StartElement)
		if !is || !cvatShapes[start.Name.Local] {
			continue
		}
		if len(faults) > maxFaults {
			return list, append(faults, "the rest was not read")
		}
		var b cvatBox
		if err := d.DecodeElement(&b, &start); err != nil {
			return list, append(faults, place+": "+plainXML(err))
		}
		of, err := r.box(&b)
		if err == nil && start.Name.Local != "box" && (of.Verb == Fix || of.Verb == Add) {
			err = fmt.Errorf("it is drawn as a %s: expected an upright box", start.Name.Local)
		}
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s, item %s: %v", place, of.Key, err))
		} else if of.Key != "" {
			of.Place = place
			list = append(list, of)
		}
	}
}

// charsetError is the error of a file in another encoding than UTF-8.
type charsetError struct{ charset string }

// Error implements error.
func (e *charsetError) Error() string {
	return fmt.Sprintf("the file is %s: save it as UTF-8", e.charset)
}

// plainXML says what is wrong with an XML file.
func plainXML(err error) string {
	var charset *charsetError
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &charset):
		return charset.Error()
	case errors.As(err, &syntax) && syntax.Msg == "unexpected EOF":
		return "the file ends within an element: export it again"
	case errors.As(err, &syntax):
		return "it is no XML: " + syntax.Msg
	}
	return "it is no box as CVAT exports it: a number is none, or elements are too deep"
}

// cvatShapes are the elements of an image that may carry a decision.
var cvatShapes = map[string]bool{
	"box": true, "polygon": true, "polyline": true, "points": true, "ellipse": true, "mask": true, "cuboid": true,
}

// box reads the decision of a box; a box of no item is somebody else's.
func (r *Review) box(b *cvatBox) (Decision, error) {
	var d Decision
	for _, a := range b.Attributes {
		switch a.Name {
		case "item":
			d.Key = strings.TrimSpace(a.Value)
		case "decision":
			d.Verb = Verb(strings.TrimSpace(a.Value))
		}
	}
	switch {
	case d.Verb == undecided || d.Verb == "":
		return Decision{Key: d.Key}, nil
	case d.Key == "":
		return d, fmt.Errorf("a box of %q has the decision %s and no item: leave the attribute item as it is, or copy it",
			b.Label, d.Verb)
	}
	if d.Verb != Fix && d.Verb != Add {
		return d, nil
	}
	if b.Rotation != 0 {
		return d, fmt.Errorf("the box is turned by %g degrees: COCO has upright boxes only", b.Rotation)
	}
	if item := r.item(d.Key); item != nil { // Read tells of others
		d.change(r, item, b.Label, geom.Rect{
			X: hundredth(b.X0), Y: hundredth(b.Y0), W: hundredth(b.X1 - b.X0), H: hundredth(b.Y1 - b.Y0),
		})
	}
	return d, nil
}
