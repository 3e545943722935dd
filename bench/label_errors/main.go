// Label_errors measures rankings of label errors on injected ones: annotations
// are taken for right, errors are put in by a seed, and every ranking is asked to
// find them by a detector's detections.
//
//	go run ./bench/label_errors ANNOTATIONS DETECTIONS [ANNOTATIONS DETECTIONS ...]
//
// A line is the mean over the seeds: AUROC and average precision (AP) against all
// other annotations; for missing objects AP alone, over the detections, in which an
// object counts as found with the first detection of IoU 0.5 on it, and never if no
// detection finds it.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/inject"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
)

func main() {
	rate := flag.Float64("rate", 0.05, "rate of each error")
	seeds := flag.Int("seeds", 3, "number of seeds")
	least := flag.Float64("least", 0, "leave out detections with a lower score")
	flag.Parse()
	if flag.NArg() == 0 || flag.NArg()%2 == 1 {
		flag.Usage()
		os.Exit(2)
	}
	for i := 0; i < flag.NArg(); i += 2 {
		if err := run(flag.Arg(i), flag.Arg(i+1), *rate, *seeds, *least); err != nil {
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
			case o.LeftOut != coco.InUse || o.Box.W <= 0 || o.Box.H <= 0:
			case o.Flags&(coco.Crowd|coco.Ignore) != 0:
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

// ranking scores every object for each kind, and every detection as a missing
// object; what it can't tell it leaves at 0.
type ranking struct {
	name  string
	kinds []labels.Kind
	score func(images []image, object func(image, object int, k labels.Kind, score float64), detection func(image, detection int, score float64))
}

func run(annotations, detections string, rate float64, seeds int, least float64) error {
	s, err := load(annotations, detections, least)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %s: %.3g of each error, %d seeds\n\n| ranking | class AUROC | AP | location AUROC | AP | spurious AUROC | AP | missing AP |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
		filepath.Base(annotations), filepath.Base(detections), rate, seeds)
	for _, r := range rankings {
		var sum [labels.NumKinds]figures
		for seed := range seeds {
			for k, f := range measure(s.corrupted(rate, uint64(seed+1)), r) {
				sum[k].auroc += f.auroc / float64(seeds)
				sum[k].ap += f.ap / float64(seeds)
			}
		}
		fmt.Printf("| %s", r.name)
		for _, k := range []labels.Kind{labels.Class, labels.Location, labels.Spurious} {
			if !slices.Contains(r.kinds, k) || k == labels.Class && s.classes < 2 {
				fmt.Print(" | - | -")
				continue
			}
			fmt.Printf(" | %.3f | %.3f", sum[k].auroc, sum[k].ap)
		}
		fmt.Printf(" | %.3f |\n", sum[labels.Missing].ap)
	}
	fmt.Println()
	return nil
}

func (s *set) corrupted(rate float64, seed uint64) []image {
	injected := inject.Inject(s.images, s.classes, inject.Rates{Drop: rate, Shift: rate, Swap: rate, Spurious: rate}, seed)
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
var errorOf = [labels.NumKinds]inject.Error{labels.Missing: inject.Dropped, labels.Spurious: inject.Spurious, labels.Location: inject.Shifted, labels.Class: inject.Swapped}

type figures struct{ auroc, ap float64 }

type scored struct {
	score         float64
	image, record int
}

func measure(images []image, r ranking) (out [labels.NumKinds]figures) {
	var objects [labels.NumKinds][]scored
	first := make([]int, len(images)+1)
	for i := range images {
		first[i+1] = first[i] + len(images[i].Objects)
	}
	for k := range objects {
		for i := range images {
			for j := range images[i].Objects {
				objects[k] = append(objects[k], scored{0, i, j})
			}
		}
	}
	var detections []scored
	r.score(images, func(i, j int, k labels.Kind, score float64) {
		at := &objects[k][first[i]+j]
		at.score = max(at.score, score)
	}, func(i, j int, score float64) { detections = append(detections, scored{score, i, j}) })
	for k := range objects {
		if labels.Kind(k) == labels.Missing {
			out[k].ap = missingAP(images, detections)
			continue
		}
		wrong := func(s scored) bool { return images[s.image].truth[s.record].Error == errorOf[k] }
		out[k] = figures{auroc(objects[k], wrong), averagePrecision(objects[k], wrong)}
	}
	return out
}

func falling(s []scored) {
	slices.SortStableFunc(s, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
}

// averagePrecision is the mean, over the wrong ones, of the precision down to
// them. Of m equal scores of which n are wrong, the k-th wrong one is taken to
// stand where it would on average in a random order, at k(m+1)/(n+1).
func averagePrecision(s []scored, wrong func(scored) bool) float64 {
	falling(s)
	var hits, seen, sum float64
	for from := 0; from < len(s); {
		to, n := from, 0.0
		for ; to < len(s) && s[to].score == s[from].score; to++ {
			if wrong(s[to]) {
				n++
			}
		}
		m := float64(to - from)
		for k := 1.0; k <= n; k++ {
			sum += (hits + k) / (seen + k*(m+1)/(n+1))
		}
		hits, seen, from = hits+n, seen+m, to
	}
	if hits == 0 {
		return 0
	}
	return min(1, sum/hits)
}

// auroc is the chance that a wrong one has a higher score than a right one, half
// of it where they are equal.
func auroc(s []scored, wrong func(scored) bool) float64 {
	falling(s)
	var below, sum, hits float64 // from the lowest up
	for to := len(s); to > 0; {
		from, n := to, 0.0
		for from > 0 && s[from-1].score == s[to-1].score {
			from--
			if wrong(s[from]) {
				n++
			}
		}
		right := float64(to-from) - n
		sum += n * (below + right/2)
		below, hits, to = below+right, hits+n, from
	}
	if hits == 0 || below == 0 {
		return 0
	}
	return sum / (hits * below)
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
		im := &images[d.image]
		on := -1
		for k, b := range im.dropped {
			if iou.Of(im.Detections[d.record].Box, b) >= 0.5 {
				on = k
			}
		}
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
