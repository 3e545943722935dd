package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/labels"
)

// set is a data set with a detector's detections.
type set struct {
	name    string
	images  []labels.Image
	ids     []int64 // of the images, 0 for an id that is no number
	classes int
	known   []image // the errors that are in it already, instead of injected ones; nil if its labels are taken for right
}

// named is a data set of the benchmark, by its files.
type named struct {
	name, annotations, detections string
	truth                         string // file that says which labels are wrong
	every                         int    // only one of so many images
	quick                         bool   // the quick mode has it
}

// sets are all data sets of the benchmark, under the directory of the data.
var sets = []named{
	{name: "VOC2007 test, YOLOv3", annotations: "data/voc2007/instances_test2007.json",
		detections: "data/voc2007/detections_yolov3.json"},
	{name: "VOC2007, a third", annotations: "data/voc2007/instances_test2007.json",
		detections: "data/voc2007/detections_yolov3.json", every: 3, quick: true},
	{name: "VOC2007, 100 images", annotations: "data/voc2007/instances_test2007.json",
		detections: "data/voc2007/detections_yolov3.json", every: 49, quick: true},
	{name: "Iberian mammals, YOLOv8", annotations: "data/iberian/instances_val.json",
		detections: "data/iberian/detections_conf10.json"},
	{name: "Iberian, half", annotations: "data/iberian/instances_val.json",
		detections: "data/iberian/detections_conf10.json", every: 2, quick: true},
	{name: "KITTI, Cascade R-CNN", annotations: "data/kitti_rechecked/instances_original.json",
		detections: "data/kitti_rechecked/detections_cascade_rcnn.json", quick: true},
	{name: "glyphs, out of fold", annotations: "glyphs/train_noisy.json", detections: "glyphs/out_of_fold.json.gz",
		truth: "glyphs/truth.json", quick: true},
	{name: "glyphs, in-sample", annotations: "glyphs/train_noisy.json", detections: "glyphs/in_sample.json.gz",
		truth: "glyphs/truth.json", quick: true},
}

// load reads a set's files under dir.
func (n *named) load(dir string) (*set, error) {
	s, objects, err := load(filepath.Join(dir, n.annotations), filepath.Join(dir, n.detections))
	if err != nil {
		return nil, err
	}
	s.name = n.name
	if n.truth != "" {
		return s, s.learnTruth(filepath.Join(dir, n.truth), objects)
	}
	return s, nil
}

// part is one of every images, from one on.
func (s *set) part(every, from int) *set {
	if every <= 1 {
		return s
	}
	out := &set{name: s.name, classes: s.classes}
	for i := from % every; i < len(s.images); i += every {
		out.images, out.ids = append(out.images, s.images[i]), append(out.ids, s.ids[i])
	}
	return out
}

// load reads annotations and detections; objects are the ids of the annotations, by image.
func load(annotations, detections string) (s *set, objects [][]int64, err error) {
	ctx := context.Background()
	files, err := coco.Find([]string{annotations}, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	d, err := coco.Read(ctx, files, coco.Options{Workers: 2})
	if err != nil {
		return nil, nil, err
	}
	if len(d.Sources) != 1 {
		return nil, nil, fmt.Errorf("%s: no annotations", annotations)
	}
	results, err := coco.ReadResults(ctx, detections, "", d, coco.Options{Workers: 2})
	if err != nil {
		return nil, nil, err
	}
	s = &set{name: filepath.Base(annotations), classes: len(d.Classes)}
	src := d.Source(0)
	for i := range src.Images {
		im := labels.Image{Size: src.Images[i].Size}
		var of []int64
		for k := src.Images[i].First; k < src.Images[i].Last; k++ {
			o := &src.Objects[k]
			b := within(o.Box.Box(), im.Size)
			switch {
			case o.LeftOut != dataset.InUse || b.Empty():
			case o.Flags&(dataset.Crowd|dataset.Ignore) != 0:
				im.Silent = append(im.Silent, b)
			default:
				im.Objects = append(im.Objects, labels.Object{Box: b, Class: o.Class})
				id, _ := o.ID.Int()
				of = append(of, id)
			}
		}
		for _, r := range results.Of(0, i) {
			b := within(r.Box.Box(), im.Size)
			im.Detections = append(im.Detections, labels.Detection{Box: b, Class: r.Class, Score: r.Score})
		}
		im.SetKey()
		id, _ := src.Images[i].ID.Int()
		s.ids, s.images, objects = append(s.ids, id), append(s.images, im), append(objects, of)
	}
	return s, objects, nil
}

// learnTruth reads which labels of a set are wrong: for each the id of the annotation, a
// kind, and for missing ones the image and the box.
func (s *set) learnTruth(file string, objects [][]int64) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var truth []struct {
		Annotation int64      `json:"annotation_id"`
		Image      int64      `json:"image_id"`
		Kind       string     `json:"kind"`
		Clean      [4]float64 `json:"clean_bbox"`
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	kinds := map[string]labels.Kind{}
	for k := range labels.NumKinds {
		kinds[k.String()] = k
	}
	fates, dropped := map[int64]fate{}, map[int64][]geom.Box{}
	for _, t := range truth {
		kind, wrong := kinds[t.Kind]
		if wrong && kind == labels.Missing {
			b := geom.Rect{X: t.Clean[0], Y: t.Clean[1], W: t.Clean[2], H: t.Clean[3]}.Box()
			dropped[t.Image] = append(dropped[t.Image], b)
			continue
		}
		fates[t.Annotation] = fate{wrong: wrong, kind: kind}
	}
	for i := range s.images {
		im := image{Image: s.images[i], dropped: dropped[s.ids[i]]}
		for _, id := range objects[i] {
			im.truth = append(im.truth, fates[id])
		}
		s.known = append(s.known, im)
	}
	return nil
}
