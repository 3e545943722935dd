package fit

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// About begins the description of every preset that fit writes.
const About = "anchors fitted to a data set"

// Preset returns a preset with a point's anchors, under a new name.
func (p *Point) Preset(of *trainer.Preset, name string) trainer.Preset {
	out := *of
	out.Name, out.Anchors = name, p.Anchors
	out.About = About + ", of " + of.Name
	return out
}

// Fitted reports whether a preset has the anchors that fit wrote: its description begins as theirs, or its name ends in
// -fit-N.
func Fitted(p *trainer.Preset) bool {
	at := strings.LastIndex(p.Name, suffix)
	if at < 0 {
		return strings.HasPrefix(p.About, About)
	}
	_, err := strconv.ParseUint(p.Name[at+len(suffix):], 10, 32)
	return err == nil || strings.HasPrefix(p.About, About)
}

// suffix ends the name of a preset that was fitted, before the number of its line.
const suffix = "-fit-"

// Named is the name of the preset of a line of the table; 0 is that of the anchors as they were.
func Named(of *trainer.Preset, line int) string { return fmt.Sprint(of.Name, suffix, line) }

// Write writes a preset as a file for --anchors.
func Write(w io.Writer, p *trainer.Preset) error {
	var b bytes.Buffer
	if err := yaml.NewEncoder(&b, yaml.Flow(false)).Encode(p); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

// Lines returns a preset's anchors, its input size and k outputs as the trainer's own configuration has them, by the
// arithmetic of its shapes; none for an arithmetic whose trainer has no such place.
func Lines(p *trainer.Preset, k int) []string {
	switch p.Anchors.Arithmetic {
	case anchors.TorchvisionAnchors:
		return torchvisionLines(p, k)
	case anchors.Detectron2Anchors:
		return detectron2Lines(p, k)
	case anchors.MMDetectionAnchors:
		return mmdetectionLines(p, k)
	case anchors.KerasAnchors:
		return kerasLines(p)
	case anchors.BoxAnchors:
		return yolov5Lines(p, k)
	}
	return nil
}

// Input returns the arguments or keys that set a preset's input size in the trainer's own configuration; "" for a
// loader whose trainer has no such place, or where nobody looked.
func Input(p *trainer.Preset) string {
	short, long := p.Resize.Short, p.Resize.Long
	switch p.Boxes {
	case "torchvision":
		return fmt.Sprintf("min_size=%d, max_size=%d", short, long)
	case "detectron2":
		return fmt.Sprintf("INPUT.MIN_SIZE_TRAIN (%d,) INPUT.MAX_SIZE_TRAIN %d INPUT.MIN_SIZE_TEST %d INPUT.MAX_SIZE_TEST %d",
			short, long, short, long)
	case "mmdetection":
		return fmt.Sprintf("scale=(%d, %d)", long, short)
	case "keras-retinanet":
		return fmt.Sprintf("--image-min-side %d --image-max-side %d", short, long)
	case "ultralytics":
		return fmt.Sprintf("imgsz=%d", long)
	case "yolov5":
		return fmt.Sprintf("--imgsz %d", long)
	}
	return ""
}

// torchvisionLines calls the model with its anchors.
func torchvisionLines(p *trainer.Preset, k int) []string {
	model, key := "retinanet_resnet50_fpn", "anchor_generator"
	if proposes(p) {
		model, key = "fasterrcnn_resnet50_fpn", "rpn_anchor_generator"
	}
	a := &p.Anchors
	lines := []string{
		"# torchvision",
		"from torchvision.models.detection import " + model,
		"from torchvision.models.detection.anchor_utils import AnchorGenerator",
		"anchors = AnchorGenerator(",
	}
	lines = append(lines, folded("    sizes=(", eachLevel(a, "(", ",)"), "),")...)
	return append(lines,
		fmt.Sprintf("    aspect_ratios=((%s,),) * %d)", numbers(a.Ratios), len(a.Levels)),
		"model = "+model+"(",
		fmt.Sprintf("    num_classes=%d, min_size=%d, max_size=%d, %s=anchors)", k, p.Resize.Short, p.Resize.Long, key))
}

// folded writes parts between a beginning and an end with commas, in lines of 80 columns, which Python and YAML take
// within brackets. Those behind the first begin under the first part.
func folded(begin string, parts []string, end string) (lines []string) {
	line := begin
	for i, part := range parts {
		if i < len(parts)-1 {
			part += ","
		} else {
			part += end
		}
		switch {
		case i == 0:
			line += part
		case len(line)+1+len(part) > text.Columns:
			lines = append(lines, line)
			line = strings.Repeat(" ", len(begin)) + part
		default:
			line += " " + part
		}
	}
	return append(lines, line)
}

// detectron2Lines are keys of a config.yaml.
func detectron2Lines(p *trainer.Preset, k int) []string {
	head := "RETINANET"
	if proposes(p) {
		head = "ROI_HEADS"
	}
	lines := []string{"# detectron2: config.yaml", "MODEL:", "  ANCHOR_GENERATOR:"}
	lines = append(lines, folded("    SIZES: [", eachLevel(&p.Anchors, "[", "]"), "]")...)
	return append(lines,
		"    ASPECT_RATIOS: [["+numbers(p.Anchors.Ratios)+"]]",
		"  "+head+":", fmt.Sprintf("    NUM_CLASSES: %d", k),
		"INPUT:",
		fmt.Sprintf("  MIN_SIZE_TRAIN: [%d]", p.Resize.Short), fmt.Sprintf("  MAX_SIZE_TRAIN: %d", p.Resize.Long),
		fmt.Sprintf("  MIN_SIZE_TEST: %d", p.Resize.Short), fmt.Sprintf("  MAX_SIZE_TEST: %d", p.Resize.Long))
}

// mmdetectionLines are the head's generator of anchors, whose scales are the same multiples of every level's stride.
func mmdetectionLines(p *trainer.Preset, k int) []string {
	a := &p.Anchors
	return []string{
		fmt.Sprintf("# mmdetection: num_classes=%d, scale=(%d, %d), the head's anchor_generator", k, p.Resize.Long,
			p.Resize.Short),
		"dict(type='AnchorGenerator', scales=[" + numbers(multiples(a, float64(a.Levels[0].Stride))) + "],",
		"     ratios=[" + numbers(a.Ratios) + "], strides=[" + strides(a, ", ") + "])",
	}
}

// kerasLines are the file of keras-retinanet's --config, whose scales are multiples of every level's first size.
func kerasLines(p *trainer.Preset) []string {
	a := &p.Anchors
	var first []float64
	for i := range a.Levels {
		first = append(first, a.Levels[i].Sizes[0])
	}
	spaced := func(of []float64) string { return strings.ReplaceAll(numbers(of), ",", "") }
	return []string{
		fmt.Sprintf("# keras-retinanet: --image-min-side %d --image-max-side %d --config FILE", p.Resize.Short,
			p.Resize.Long),
		"[anchor_parameters]",
		"sizes   = " + spaced(first), "strides = " + strides(a, " "),
		"ratios  = " + spaced(a.Ratios), "scales  = " + spaced(multiples(a, first[0])),
	}
}

// yolov5Lines are keys of a model's YAML.
func yolov5Lines(p *trainer.Preset, k int) []string {
	lines := []string{
		fmt.Sprintf("# yolov5: models/yolov5*.yaml, with --noautoanchor --imgsz %d", p.Resize.Long),
		fmt.Sprintf("nc: %d", k), "anchors:",
	}
	for i := range p.Anchors.Levels {
		lines = append(lines, "  - ["+numbers(slices.Concat(p.Anchors.Levels[i].Boxes...))+"]")
	}
	return lines
}

// proposes reports whether a preset is the region proposal network of a model with a second stage.
func proposes(p *trainer.Preset) bool { return p.Loss == trainer.Objectness }

// eachLevel writes the sizes of each level within brackets.
func eachLevel(a *anchors.Anchors, open, closed string) (parts []string) {
	for i := range a.Levels {
		parts = append(parts, open+numbers(a.Levels[i].Sizes)+closed)
	}
	return parts
}

// multiples returns the sizes of the first level as multiples of a length.
func multiples(a *anchors.Anchors, of float64) (out []float64) {
	for _, x := range a.Levels[0].Sizes {
		out = append(out, rounded(x/of))
	}
	return out
}

func strides(a *anchors.Anchors, between string) string {
	var parts []string
	for k := range a.Levels {
		parts = append(parts, fmt.Sprint(a.Levels[k].Stride))
	}
	return strings.Join(parts, between)
}

func numbers(of []float64) string {
	var parts []string
	for _, x := range of {
		parts = append(parts, text.Short(x))
	}
	return strings.Join(parts, ", ")
}
