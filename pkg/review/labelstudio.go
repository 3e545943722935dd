package review

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
)

// Label Studio reads tasks as JSON, each with data for a template and predictions that are drawn before
// anybody has looked, one at a time, and gives them back with annotations. The first prediction is the
// annotation, the second one the detection that speaks against it. Coordinates are percents of the image's sides.
// Source: labelstud.io/guide/task_format and /guide/predictions.

// task is a task of Label Studio.
type task struct {
	Data        taskData  `json:"data"`
	Predictions []drawing `json:"predictions"`
}

// returned is a task that comes back. Its predictions may be numbers then, or lack.
type returned struct {
	Data        taskData  `json:"data"`
	Annotations []drawing `json:"annotations"`
}

// taskData is what the template shows.
type taskData struct {
	Image      string `json:"image"`
	Item       string `json:"item"`
	Title      string `json:"title"`
	Reason     string `json:"reason"`
	Rank       int    `json:"rank"`                // among all suspects of the report, from 1
	Detection  string `json:"detection,omitempty"` // "" where the detection is what is drawn, or there is none
	Source     string `json:"source"`
	FileName   string `json:"file_name"`
	Annotation string `json:"annotation_id,omitempty"`
}

// drawing is a prediction or an annotation.
type drawing struct {
	Model     string   `json:"model_version,omitempty"`
	Score     float64  `json:"score,omitempty"`
	Cancelled bool     `json:"was_cancelled,omitempty"`
	Result    []region `json:"result"`
}

// region is a box, or an answer to the question what is to be done.
type region struct {
	ID     string      `json:"id,omitempty"`
	Type   string      `json:"type"`
	From   string      `json:"from_name"`
	To     string      `json:"to_name"`
	Width  int         `json:"original_width,omitempty"`
	Height int         `json:"original_height,omitempty"`
	Value  regionValue `json:"value"`
}

// regionValue is what a region holds, of either type.
type regionValue struct {
	X        *float64 `json:"x,omitempty"`
	Y        *float64 `json:"y,omitempty"`
	Width    *float64 `json:"width,omitempty"`
	Height   *float64 `json:"height,omitempty"`
	Rotation float64  `json:"rotation,omitempty"`
	Labels   []string `json:"rectanglelabels,omitempty"`
	Choices  []string `json:"choices,omitempty"`
}

// writeTasks writes the items as tasks, whose pictures are found behind a prefix of their file's name.
func (r *Review) writeTasks(w io.Writer, prefix string) error {
	tasks := []task{}
	for k := range r.Items {
		i := &r.Items[k]
		im := r.image(i)
		class, b := r.drawn(i)
		t := task{Data: taskData{
			Image: prefix + escaped(prefix, im.File), Item: i.Key(),
			Title:  fmt.Sprintf("%d. %s: %s", i.Number, i.Code, text.InLine(class)),
			Reason: text.InLine(i.Message), Rank: i.Number, Source: i.LabelError.Source, FileName: im.File,
		}}
		if o := r.object(i); o != nil {
			t.Data.Annotation = o.ID.String()
		}
		t.Predictions = []drawing{{
			Model: "focalaudit", Score: i.Score, Result: []region{regionOf("suspect", class, b, im.Size)},
		}}
		if class, b, ok := r.contradicting(i); ok {
			t.Data.Detection = fmt.Sprintf("%s, score %.2f", text.InLine(class), i.DetectionScore)
			t.Data.Title += "; detector: " + t.Data.Detection
			t.Predictions = append(t.Predictions, drawing{
				Model: "detector", Score: i.DetectionScore, Result: []region{regionOf("detection", class, b, im.Size)},
			})
		}
		tasks = append(tasks, t)
	}
	return text.JSON(w, tasks)
}

// regionOf returns a box of an image of a size.
func regionOf(id, class string, b geom.Rect, size geom.Size) region {
	percent := func(x float64, side int) *float64 {
		p := max(-farAway, min(100*x/float64(side), farAway))
		return &p
	}
	return region{
		ID: id, Type: "rectanglelabels", From: "label", To: "image", Width: size.W, Height: size.H,
		Value: regionValue{
			X: percent(b.X, size.W), Y: percent(b.Y, size.H),
			Width: percent(b.W, size.W), Height: percent(b.H, size.H), Labels: []string{class},
		},
	}
}

// farAway is the percent of a side beyond which a box is drawn no further: JSON has no infinity.
const farAway = 1e6

// escaped returns a file's name as a part of a URL: of its query, where the prefix has begun one, else of its path.
func escaped(prefix, name string) string {
	if strings.Contains(prefix, "?") {
		return strings.NewReplacer("+", "%20", "%2F", "/").Replace(url.QueryEscape(name))
	}
	return (&url.URL{Path: name}).EscapedPath()
}

// writeTemplate writes the labelling interface that the tasks need.
func (r *Review) writeTemplate(w io.Writer) error {
	var b strings.Builder
	b.WriteString("<View>\n  <Header value=\"$title\"/>\n  <Text name=\"reason\" value=\"$reason\"/>\n" +
		"  <Choices name=\"decision\" toName=\"image\" choice=\"single\" required=\"true\" showInline=\"true\">\n")
	for _, v := range []Verb{Keep, Fix, Delete, Add} {
		fmt.Fprintf(&b, "    <Choice value=\"%s\"/>\n", v)
	}
	b.WriteString("  </Choices>\n  <RectangleLabels name=\"label\" toName=\"image\">\n")
	for _, c := range r.allClasses() {
		b.WriteString("    <Label value=\"")
		if err := xml.EscapeText(&b, []byte(c)); err != nil {
			return err
		}
		b.WriteString("\"/>\n")
	}
	b.WriteString("  </RectangleLabels>\n  <Image name=\"image\" value=\"$image\" zoom=\"true\"/>\n</View>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// readTasks reads decisions from tasks that came back: from the last annotation of each that was not cancelled.
func (r *Review) readTasks(content []byte) (list []Decision, faults []string) {
	in := json.NewDecoder(bytes.NewReader(content))
	const expected = "it is no list of tasks as Label Studio exports it (JSON, not JSON-MIN)"
	if start, err := in.Token(); err != nil || start != json.Delim('[') {
		return nil, []string{expected}
	}
	for k := 0; in.More(); k++ {
		place := fmt.Sprintf("task %d", k+1)
		if len(faults) > maxFaults {
			return list, append(faults, "the rest was not read")
		}
		t := &returned{}
		if err := in.Decode(t); err != nil {
			return list, append(faults, fmt.Sprintf("%s: %s: %s", place, expected, plainJSON(err)))
		}
		if t.Data.Item == "" {
			faults = append(faults, place+`: no data "item": expected the tasks that analyze review wrote`)
			continue
		}
		for a := len(t.Annotations) - 1; a >= 0; a-- {
			if t.Annotations[a].Cancelled {
				continue
			}
			d, err := r.decided(t, &t.Annotations[a])
			if err != nil {
				faults = append(faults, fmt.Sprintf("%s, item %s: %v", place, t.Data.Item, err))
			} else if d.Verb != "" {
				d.Place = place
				list = append(list, d)
			}
			break
		}
		list = append(list, Decision{Key: t.Data.Item}) // a sign that the file is of such tasks
	}
	if end, err := in.Token(); err != nil || end != json.Delim(']') {
		faults = append(faults, "the file ends within the list of tasks: export it again")
	} else if _, err := in.Token(); err != io.EOF {
		faults = append(faults, "something stands behind the list of tasks: export it again")
	}
	return list, faults
}

// plainJSON says what is wrong with a task.
func plainJSON(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the file ends within it: export it again"
	case errors.As(err, &syntax):
		return fmt.Sprintf("it is no JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("%s holds a %s, which no export has there", kind.Field, kind.Value)
	}
	return err.Error()
}

// decided reads the decision of an annotation. What was drawn before and was not touched stays as it was, to
// the last digit.
func (r *Review) decided(t *returned, a *drawing) (Decision, error) {
	d := Decision{Key: t.Data.Item}
	var boxes []*region
	for k := range a.Result {
		switch of := &a.Result[k]; {
		case of.From == "decision" && len(of.Value.Choices) == 1:
			d.Verb = Verb(of.Value.Choices[0])
		case of.Type == "rectanglelabels":
			boxes = append(boxes, of)
		}
	}
	if d.Verb != Fix && d.Verb != Add {
		return d, nil
	}
	if len(boxes) != 1 {
		return d, fmt.Errorf("%d boxes are drawn: expected one, the box as it should be", len(boxes))
	}
	of := boxes[0]
	v := &of.Value
	if v.X == nil || v.Y == nil || v.Width == nil || v.Height == nil || len(v.Labels) != 1 {
		return d, fmt.Errorf("the box has no x, y, width, height and one label")
	}
	if v.Rotation != 0 {
		return d, fmt.Errorf("the box is turned by %g degrees: COCO has upright boxes only", v.Rotation)
	}
	item := r.item(d.Key)
	if item == nil {
		return d, nil // Read says so
	}
	im := r.image(item)
	w, h := float64(im.Size.W), float64(im.Size.H)
	d.change(r, item, v.Labels[0], geom.Rect{
		X: hundredth(*v.X * w / 100), Y: hundredth(*v.Y * h / 100),
		W: hundredth(*v.Width * w / 100), H: hundredth(*v.Height * h / 100),
	})
	return d, nil
}

// change notes the class and the box that a person left, where they differ from what was drawn, by more
// than rounding.
func (d *Decision) change(r *Review, item *Item, class string, b geom.Rect) {
	was, box := r.drawn(item)
	if class != was || item.Object < 0 {
		d.Class = class
	}
	const rounding = 0.02 // px: half of the last digit, twice
	near := func(a, b float64) bool { return a-b < rounding && b-a < rounding }
	if item.Object < 0 || !near(b.X, box.X) || !near(b.Y, box.Y) || !near(b.W, box.W) || !near(b.H, box.H) {
		d.Box = &b
	}
}
