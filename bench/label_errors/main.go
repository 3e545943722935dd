// Label_errors measures rankings of label errors on injected ones: annotations
// are taken for right, errors are put in by a seed, and every ranking is asked to
// find them by a detector's detections.
//
//	go run ./bench/label_errors ANNOTATIONS DETECTIONS [ANNOTATIONS DETECTIONS ...]
//
// A line is the mean over the seeds: AUROC and average precision (AP) against all
// other annotations; for missing objects AP alone, over the detections, in which an
// object counts as found with the first detection of IoU 0.5 on it, and never if no
// detection finds it. Precision is given for the first 100 of each kind's list and
// of one list of all kinds.
//
//	go run ./bench/label_errors -checked FILE ANNOTATIONS DETECTIONS
//
// injects nothing, and holds the rankings against boxes that people have checked:
// see checked.go.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"focalaudit/pkg/calibration"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/inject"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/ranking"
)

func main() {
	rate := flag.Float64("rate", 0.05, "rate of each error")
	seeds := flag.Int("seeds", 3, "number of seeds")
	least := flag.Float64("least", 0, "leave out detections with a lower score")
	checked := flag.String("checked", "", "boxes that people have checked, each with the probability that there is an object: COCO with probability")
	flag.Parse()
	if flag.NArg() == 0 || flag.NArg()%2 == 1 {
		flag.Usage()
		os.Exit(2)
	}
	for i := 0; i < flag.NArg(); i += 2 {
		var err error
		if *checked != "" {
			err = runChecked(flag.Arg(i), flag.Arg(i+1), *checked, *least)
		} else {
			err = run(flag.Arg(i), flag.Arg(i+1), *rate, *seeds, *least)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "label_errors:", err)
			os.Exit(1)
		}
	}
}

// set is a data set that is taken for right, with detections.
type set struct {
	images     []inject.Image
	detections [][]labels.Detection
	silent     [][]geom.Box
	ids        []int64 // of the images, 0 for what is no number
	classes    int
}

func load(annotations, detections string, least float64) (*set, error) {
	ctx := context.Background()
	files, err := coco.Find([]string{annotations}, nil, nil)
	if err != nil {
		return nil, err
	}
	d, err := coco.Read(ctx, files, coco.Options{Workers: 2})
	if err != nil {
		return nil, err
	}
	if len(d.Sources) != 1 {
		return nil, fmt.Errorf("%s: no annotations", annotations)
	}
	results, err := coco.ReadResults(ctx, detections, "", d, coco.Options{Workers: 2})
	if err != nil {
		return nil, err
	}
	s := &set{classes: len(d.Classes)}
	src := &d.Sources[0]
	for i := range src.Images {
		im := inject.Image{Size: src.Images[i].Size}
		var silent []geom.Box
		var found []labels.Detection
		for k := src.Images[i].First; k < src.Images[i].Last; k++ {
			switch o := &src.Objects[k]; {
			case o.LeftOut != dataset.InUse || o.Box.W <= 0 || o.Box.H <= 0:
			case o.Flags&(dataset.Crowd|dataset.Ignore) != 0:
				silent = append(silent, o.Box.Box())
			default:
				im.Objects = append(im.Objects, inject.Object{Box: o.Box, Class: o.Class})
			}
		}
		for _, r := range results.Of(0, i) {
			if r.Score >= least {
				found = append(found, labels.Detection{Box: r.Box.Box(), Class: r.Class, Score: r.Score})
			}
		}
		id, _ := src.Images[i].ID.Int()
		s.ids = append(s.ids, id)
		s.images, s.silent, s.detections = append(s.images, im), append(s.silent, silent), append(s.detections, found)
	}
	return s, nil
}

// image is one with injected errors.
type image struct {
	labels.Image
	truth   []inject.Object // of its objects
	dropped []geom.Box
}

// ranker scores every object for each kind, and every detection as a missing
// object; what it can't tell it leaves at 0.
type ranker struct {
	name  string
	kinds []labels.Kind
	score func(images []image, object func(image, object int, k labels.Kind, score float64), detection func(image, detection int, score float64))
}

func run(annotations, detections string, rate float64, seeds int, least float64) error {
	s, err := load(annotations, detections, least)
	if err != nil {
		return err
	}
	sets := make([][]image, seeds)
	for seed := range sets {
		sets[seed] = s.corrupted(inject.Rates{Drop: rate, Shift: rate, Swap: rate, Spurious: rate}, uint64(seed+1))
	}
	fmt.Printf("%s, %s: %.3g of each error, %d seeds\n\n| ranking | class AUROC | AP | location AUROC | AP | spurious AUROC | AP | missing AP | first 100: class | location | spurious | missing | all kinds |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
		filepath.Base(annotations), filepath.Base(detections), rate, seeds)
	for _, r := range rankings {
		mean := average(sets, r)
		fmt.Printf("| %s", r.name)
		shown := []labels.Kind{labels.Class, labels.Location, labels.Spurious, labels.Missing}
		can := func(k labels.Kind) bool {
			return slices.Contains(r.kinds, k) && (k != labels.Class || s.classes > 1)
		}
		for _, k := range shown {
			switch {
			case !can(k):
				fmt.Print(" | - | -")
			case k == labels.Missing:
				fmt.Printf(" | %.3f", mean.of[k].ap)
			default:
				fmt.Printf(" | %.3f | %.3f", mean.of[k].auroc, mean.of[k].ap)
			}
		}
		for _, k := range shown {
			if can(k) {
				fmt.Printf(" | %.2f", mean.of[k].first)
			} else {
				fmt.Print(" | -")
			}
		}
		fmt.Printf(" | %.2f |\n", mean.joint)
	}
	fmt.Println()
	return s.duplicates(rate, seeds)
}

// duplicates measures the kind that none of the others has, in sets of its own:
// so the others' figures stay comparable with what is published of them.
func (s *set) duplicates(rate float64, seeds int) error {
	sets := make([][]image, seeds)
	for seed := range sets {
		sets[seed] = s.corrupted(inject.Rates{Duplicate: rate}, uint64(seed+1))
	}
	mean := average(sets, rankings[0])
	f := mean.of[labels.Duplicate]
	fmt.Printf("Duplicates, %.3g of the objects: AUROC %.3f, AP %.3f, of the first 100 %.2f\n\n", rate, f.auroc, f.ap, f.first)
	return nil
}

// average is the mean of the figures over sets.
func average(sets [][]image, r ranker) measured {
	var sum measured
	n := float64(len(sets))
	for _, images := range sets {
		m := measure(images, r)
		sum.joint += m.joint / n
		for k, f := range m.of {
			sum.of[k].auroc += f.auroc / n
			sum.of[k].ap += f.ap / n
			sum.of[k].first += f.first / n
		}
	}
	return sum
}

func (s *set) corrupted(rates inject.Rates, seed uint64) []image {
	injected := inject.Inject(s.images, s.classes, rates, seed)
	out := make([]image, len(injected))
	for i := range injected {
		in, to := &injected[i], &out[i]
		to.Size, to.Silent, to.Detections, to.truth = in.Size, s.silent[i], s.detections[i], in.Objects
		for _, o := range in.Objects {
			to.Objects = append(to.Objects, labels.Object{Box: o.Box.Box(), Class: o.Class})
		}
		for _, o := range in.Dropped {
			to.dropped = append(to.dropped, o.Box.Box())
		}
	}
	return out
}

// errorOf is the injected error that a kind should find.
var errorOf = calibration.ErrorOf

// figures are a kind's; first is the precision of the first 100.
type figures struct{ auroc, ap, first float64 }

type measured struct {
	of    [labels.NumKinds]figures
	joint float64 // precision of the first 100 of all kinds
}

type scored struct {
	score         float64
	image, record int
	kind          labels.Kind
}

// ask has a ranking score everything: every object for each kind, and detections.
func ask(images []image, r ranker) (objects [labels.NumKinds + 1][]scored, detections []scored) {
	first := make([]int, len(images)+1)
	for i := range images {
		first[i+1] = first[i] + len(images[i].Objects)
	}
	for k := range objects {
		for i := range images {
			for j := range images[i].Objects {
				objects[k] = append(objects[k], scored{0, i, j, labels.Kind(k)})
			}
		}
	}
	r.score(images, func(i, j int, k labels.Kind, score float64) {
		at := &objects[k][first[i]+j]
		at.score = max(at.score, score)
	}, func(i, j int, score float64) { detections = append(detections, scored{score, i, j, labels.Missing}) })
	return objects, detections
}

func measure(images []image, r ranker) (out measured) {
	objects, detections := ask(images, r)
	wrong := func(s scored) bool {
		at := images[s.image].truth[s.record]
		return at.Error == errorOf[s.kind]
	}
	joint := slices.Concat(detections, oneEach(objects))
	for k := range objects[:labels.NumKinds] {
		if labels.Kind(k) == labels.Missing {
			out.of[k].ap = missingAP(images, detections)
			out.of[k].first = atTop(images, detections, 100, wrong)
			continue
		}
		of := objects[k]
		if labels.Kind(k) == labels.Duplicate {
			of = withoutFirstBoxes(images, of)
		}
		list := listOf(of, wrong)
		out.of[k] = figures{list.AUROC(nil), list.AP(nil, 0), atTop(images, of, 100, wrong)}
	}
	out.joint = atTop(images, joint, 100, wrong)
	return out
}

// withoutFirstBoxes leaves out the first boxes of duplicated objects: nobody can
// tell them from the second ones.
func withoutFirstBoxes(images []image, s []scored) []scored {
	return slices.DeleteFunc(slices.Clone(s), func(x scored) bool {
		return inject.FirstOfTwo(images[x.image].truth, x.record)
	})
}

// oneEach returns each object with the kind that is most likely, and how wrong it
// is in any way.
func oneEach(objects [labels.NumKinds + 1][]scored) []scored {
	out := slices.Clone(objects[anyKind])
	for i := range out {
		top := 0.0
		out[i].kind = labels.Spurious
		for k := range objects[:labels.NumKinds] {
			if s := objects[k][i].score; s > top {
				top, out[i].kind = s, labels.Kind(k)
			}
		}
		out[i].score = max(out[i].score, top)
	}
	return out
}

// atTop is the precision of the first n of a list, 0 below the end of a list that
// is shorter. A second detection of one missing object does not count.
func atTop(images []image, s []scored, n int, wrong func(scored) bool) float64 {
	falling(s)
	found := map[[2]int]bool{}
	var hits, seen float64
	for _, x := range s {
		if seen == float64(n) {
			break
		}
		if x.kind != labels.Missing {
			seen++
			if wrong(x) {
				hits++
			}
			continue
		}
		on := images[x.image].droppedBy(x.record)
		if on >= 0 && found[[2]int{x.image, on}] {
			continue
		}
		seen++
		if on >= 0 {
			found[[2]int{x.image, on}] = true
			hits++
		}
	}
	return hits / float64(n)
}

// droppedBy returns the dropped object that a detection finds, -1 if none.
func (im *image) droppedBy(detection int) int {
	on := -1
	for k, b := range im.dropped {
		if iou.Of(im.Detections[detection].Box, b) >= 0.5 {
			on = k
		}
	}
	return on
}

func falling(s []scored) {
	slices.SortStableFunc(s, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
}

// listOf makes a list of scores.
func listOf(s []scored, wrong func(scored) bool) ranking.List {
	items := make([]ranking.Item, len(s))
	for i, x := range s {
		items[i] = ranking.Item{Score: x.score, Wrong: wrong(x)}
	}
	return ranking.New(items)
}

// missingAP is the average precision of detections as missing objects.
func missingAP(images []image, s []scored) float64 {
	all := 0
	for i := range images {
		all += len(images[i].dropped)
	}
	falling(s)
	found := map[[2]int]bool{}
	var hits, seen, sum float64
	for _, d := range s {
		on := images[d.image].droppedBy(d.record)
		if on >= 0 && found[[2]int{d.image, on}] {
			continue // a second detection of one object
		}
		seen++
		if on >= 0 {
			found[[2]int{d.image, on}] = true
			hits++
			sum += hits / seen
		}
	}
	return sum / float64(max(1, all))
}
