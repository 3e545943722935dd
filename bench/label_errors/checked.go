package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
)

// checkedBox is a box that people were asked about.
type checkedBox struct {
	ImageID     int64      `json:"image_id"`
	Box         [4]float64 `json:"bbox"`
	Probability float64    `json:"probability"` // that there is an object
}

// sure is the probability from which on there is one.
const sure = 0.5

// truths are the boxes of objects, and all that people were asked about, by image.
func truths(file string, ids []int64) (objects, asked [][]geom.Box, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	var doc struct {
		Annotations []checkedBox `json:"annotations"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	at := map[int64]int{}
	for i, id := range ids {
		at[id] = i
	}
	objects, asked = make([][]geom.Box, len(ids)), make([][]geom.Box, len(ids))
	for _, a := range doc.Annotations {
		i, known := at[a.ImageID]
		if !known {
			continue
		}
		b := geom.Rect{X: a.Box[0], Y: a.Box[1], W: a.Box[2], H: a.Box[3]}.Box()
		asked[i] = append(asked[i], b)
		if a.Probability >= sure {
			objects[i] = append(objects[i], b)
		}
	}
	return objects, asked, nil
}

// checkedSet is a set that people were asked about. With labels and objects matched one to one at IoU 0.5, a label is
// wrong if it has no object, and a detection shows a missing object if it lies on one without a label.
type checkedSet struct {
	images            []image
	asked             [][]geom.Box
	bad               map[place]bool
	labelled, missing int
}

// checkedByPeople reads KITTI as people checked it.
func (b *bench) checkedByPeople() (*checkedSet, error) {
	dir := filepath.Join(b.data, "data", "kitti_rechecked")
	s, _, err := load(filepath.Join(dir, "instances_original.json"), filepath.Join(dir, "detections_cascade_rcnn.json"))
	if err != nil {
		return nil, err
	}
	truth, asked, err := truths(filepath.Join(dir, "validated.json"), s.ids)
	if err != nil {
		return nil, err
	}
	c := &checkedSet{images: make([]image, len(s.images)), asked: asked, bad: map[place]bool{}}
	for i := range c.images {
		im := &c.images[i]
		im.Image, im.truth = s.images[i], make([]fate, len(s.images[i].Objects))
		taken := match(im.Objects, truth[i])
		for k := range im.Objects {
			c.labelled++
			if !slices.Contains(taken, k) {
				c.bad[place{i, k}] = true
			}
		}
		for k, b := range truth[i] {
			if taken[k] < 0 {
				im.dropped = append(im.dropped, b)
				c.missing++
			}
		}
	}
	return c, nil
}

// wrong tells whether a label is.
func (c *checkedSet) wrong(x scored) bool { return c.bad[place{x.image, x.record}] }

// known returns the detections on boxes that people have judged. The truth about the others is unknown.
func (c *checkedSet) known(gaps []scored) []scored {
	return slices.DeleteFunc(gaps, func(x scored) bool {
		b := c.images[x.image].Detections[x.record].Box
		return !slices.ContainsFunc(c.asked[x.image], func(a geom.Box) bool { return iou.Of(a, b) >= 0.5 })
	})
}

// checked holds rankings against what people said.
func (b *bench) checked() error {
	c, err := b.checkedByPeople()
	if err != nil {
		return err
	}
	fmt.Printf("**KITTI, checked by people**: of %d labels %d are wrong, and %d objects have none\n\n",
		c.labelled, len(c.bad), c.missing)
	fmt.Print("| ranking | labels: first 20 | 50 | 100 | 200 | missing: first 50 | 100 | 200 | AP" +
		" | all: first 50 | 100 | 200 |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range b.chosen() {
		objects, gaps := ask(c.images, r)
		gaps = c.known(gaps)
		of := oneEach(objects)
		all := slices.Concat(of, gaps)
		fmt.Printf("| %s", r.name)
		for _, n := range []int{20, 50, 100, 200} {
			fmt.Printf(" | %.2f", atTop(c.images, of, n, c.wrong))
		}
		for _, n := range lengths {
			fmt.Printf(" | %.2f", atTop(c.images, gaps, n, c.wrong))
		}
		fmt.Printf(" | %.3f", missingAP(c.images, gaps))
		for _, n := range lengths {
			fmt.Printf(" | %.2f", atTop(c.images, all, n, c.wrong))
		}
		fmt.Println(" |")
	}
	fmt.Println()
	return nil
}

// match pairs labels with objects one to one, the highest IoU first, down to 0.5,
// and returns each object's label, -1 if it has none.
func match(labelled []labels.Object, objects []geom.Box) []int {
	type pair struct {
		label, object int
		iou           float64
	}
	var pairs []pair
	taken := make([]int, len(objects))
	for k, b := range objects {
		taken[k] = -1
		for j, o := range labelled {
			if v := iou.Of(b, o.Box); v >= 0.5 {
				pairs = append(pairs, pair{j, k, v})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.iou, a.iou) })
	used := map[int]bool{}
	for _, p := range pairs {
		if taken[p.object] < 0 && !used[p.label] {
			taken[p.object], used[p.label] = p.label, true
		}
	}
	return taken
}
