package fit

import (
	"bytes"
	"fmt"
	"io"
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
	a := &p.Anchors
	rpn := p.Loss == trainer.Objectness // the region proposal network of a model with a second stage
	each := func(f func(l *anchors.Level) string) string {
		var parts []string
		for i := range a.Levels {
			parts = append(parts, f(&a.Levels[i]))
		}
		return strings.Join(parts, ", ")
	}
	switch a.Arithmetic {
	case anchors.TorchvisionAnchors:
		sizes := each(func(l *anchors.Level) string { return "(" + numbers(l.Sizes) + ",)" })
		model, key := "retinanet_resnet50_fpn", "anchor_generator"
		if rpn {
			model, key = "fasterrcnn_resnet50_fpn", "rpn_anchor_generator"
		}
		return []string{
			"# torchvision",
			"from torchvision.models.detection import " + model,
			"from torchvision.models.detection.anchor_utils import AnchorGenerator",
			"anchors = AnchorGenerator(",
			"    sizes=(" + sizes + "),",
			fmt.Sprintf("    aspect_ratios=((%s,),) * %d)", numbers(a.Ratios), len(a.Levels)),
			fmt.Sprintf("model = %s(num_classes=%d, min_size=%d, max_size=%d, %s=anchors)", model, k,
				p.Resize.Short, p.Resize.Long, key),
		}
	case anchors.Detectron2Anchors:
		sizes := each(func(l *anchors.Level) string { return "[" + numbers(l.Sizes) + "]" })
		head := "RETINANET"
		if rpn {
			head = "ROI_HEADS"
		}
		return []string{
			"# detectron2: config.yaml",
			"MODEL:", "  ANCHOR_GENERATOR:",
			"    SIZES: [" + sizes + "]",
			"    ASPECT_RATIOS: [[" + numbers(a.Ratios) + "]]",
			"  " + head + ":", fmt.Sprintf("    NUM_CLASSES: %d", k),
			"INPUT:",
			fmt.Sprintf("  MIN_SIZE_TRAIN: [%d]", p.Resize.Short), fmt.Sprintf("  MAX_SIZE_TRAIN: %d", p.Resize.Long),
			fmt.Sprintf("  MIN_SIZE_TEST: %d", p.Resize.Short), fmt.Sprintf("  MAX_SIZE_TEST: %d", p.Resize.Long),
		}
	case anchors.MMDetectionAnchors:
		var scales []float64
		for _, x := range a.Levels[0].Sizes {
			scales = append(scales, rounded(x/float64(a.Levels[0].Stride)))
		}
		return []string{
			fmt.Sprintf("# mmdetection: num_classes=%d, scale=(%d, %d), and the head's anchor_generator", k, p.Resize.Long,
				p.Resize.Short),
			"dict(type='AnchorGenerator', scales=[" + numbers(scales) + "],",
			"     ratios=[" + numbers(a.Ratios) + "], strides=[" + strides(a, ", ") + "])",
		}
	case anchors.KerasAnchors:
		var first, scales []float64
		for i := range a.Levels {
			first = append(first, a.Levels[i].Sizes[0])
		}
		for _, x := range a.Levels[0].Sizes {
			scales = append(scales, rounded(x/a.Levels[0].Sizes[0]))
		}
		spaced := func(of []float64) string { return strings.ReplaceAll(numbers(of), ",", "") }
		return []string{
			fmt.Sprintf("# keras-retinanet: --image-min-side %d --image-max-side %d --config FILE", p.Resize.Short,
				p.Resize.Long),
			"[anchor_parameters]",
			"sizes   = " + spaced(first), "strides = " + strides(a, " "),
			"ratios  = " + spaced(a.Ratios), "scales  = " + spaced(scales),
		}
	case anchors.BoxAnchors:
		lines := []string{
			fmt.Sprintf("# yolov5: models/yolov5*.yaml, with --noautoanchor --imgsz %d", p.Resize.Long),
			fmt.Sprintf("nc: %d", k), "anchors:",
		}
		for i := range a.Levels {
			var sides []float64
			for _, b := range a.Levels[i].Boxes {
				sides = append(sides, b...)
			}
			lines = append(lines, "  - ["+numbers(sides)+"]")
		}
		return lines
	}
	return nil
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
