package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"focalaudit/pkg/audit"
	"focalaudit/pkg/labels"
)

// steadied are the sets whose lists are compared before and after one label was mended: as they are, without injected
// errors.
var steadied = []string{"VOC2007 test, YOLOv3", "Iberian mammals, YOLOv8", "KITTI, Cascade R-CNN", "glyphs, out of fold"}

// mends is how many labels are mended, one at a time.
const mends = 10

// entry is a line of a list of suspects: of an object, by its number in the set before, or of a detection.
type entry struct {
	image, object, detection int // -1 for the one that it is not
	kind                     labels.Kind
	score                    float64 // that it is wrong in any way
	detected                 int32   // the detection that says so
	finding                  bool
	of                       [labels.NumKinds]float64 // that it is wrong in one way
}

// same tells whether two entries are about the same label or detection.
func (e *entry) same(o *entry) bool {
	return e.image == o.image && e.object == o.object && e.detection == o.detection
}

// said is what the engine says of a set: how many errors of each kind it expects, and of which labels.
type said struct {
	expected [labels.NumKinds]float64
	list     []entry // the likeliest first
	findings [labels.NumKinds]int
	sum      float64 // of the findings' scores
}

// steadiness prints how much changes when one label is mended.
func (b *bench) steadiness() error {
	fmt.Printf("**One label mended**: the mean of %d cases, and the worst. Errors are expected among all other labels, the sum\n"+
		"of their scores; changes are in %% of the sum before\n\n", mends)
	fmt.Print("| set | errors expected | of findings, change | of all labels | class | location | spurious | missing |" +
		" % of the first 50 that stay | first 100 | findings | % that stay | class | location | spurious |\n" +
		"|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for i := range sets {
		if !slices.Contains(steadied, sets[i].name) {
			continue
		}
		s, err := sets[i].load(b.data)
		if err != nil {
			return err
		}
		b.steady(s, sets[i].name)
	}
	fmt.Println()
	return nil
}

// numbered is a set whose objects know their number in the set before one was mended, -1 for a new one.
type numbered struct {
	images  []labels.Image
	numbers [][]int
}

func (s *set) numbered() numbered {
	n := numbered{images: slices.Clone(s.images)}
	for i := range s.images {
		of := make([]int, len(s.images[i].Objects))
		for k := range of {
			of[k] = k
		}
		n.numbers = append(n.numbers, of)
	}
	return n
}

// steady prints the line of one set.
func (b *bench) steady(s *set, name string) {
	whole := s.numbered()
	before := judgedNow(s.classes, whole)
	// of each column the mean and the worst
	type column struct{ sum, worst float64 }
	var columns [12]column
	for seed := range mends {
		mended, touched := mend(s, &before, uint64(seed))
		after := judgedNow(s.classes, mended)
		was := before.without(&touched)
		now := after.without(&touched)
		add := func(c int, v float64) {
			columns[c].sum += v / mends
			columns[c].worst = max(columns[c].worst, v)
		}
		change := func(a, b float64) float64 {
			if a == 0 {
				return 0
			}
			return 100 * math.Abs(b-a) / a
		}
		add(0, change(was.sum, now.sum))
		add(1, change(was.total(), now.total()))
		for k, of := range []labels.Kind{labels.Class, labels.Location, labels.Spurious, labels.Missing} {
			add(2+k, change(was.expected[of], now.expected[of]))
		}
		add(6, 100-100*kept(was.list, now.list, 50))
		add(7, 100-100*kept(was.list, now.list, 100))
		found := func(of *said) (out []entry) {
			for _, e := range of.list {
				if e.finding {
					out = append(out, e)
				}
			}
			return out
		}
		a, c := found(&was), found(&now)
		add(8, 100-100*kept(a, c, max(len(a), len(c))))
		for k, of := range []labels.Kind{labels.Class, labels.Location, labels.Spurious} {
			add(9+k, math.Abs(float64(now.findings[of]-was.findings[of])))
		}
	}
	fmt.Printf("| %s | %.0f", name, before.total())
	percent := func(c column) { fmt.Printf(" | %.1f, %.1f", c.sum, c.worst) }
	for _, c := range columns[:6] {
		percent(c)
	}
	for c := 6; c < 8; c++ {
		fmt.Printf(" | %.0f, %.0f", 100-columns[c].sum, 100-columns[c].worst)
	}
	n := 0
	for _, of := range before.findings {
		n += of
	}
	fmt.Printf(" | %d | %.0f, %.0f", n, 100-columns[8].sum, 100-columns[8].worst)
	for k, of := range []labels.Kind{labels.Class, labels.Location, labels.Spurious} {
		c := columns[9+k]
		fmt.Printf(" | %d ± %.1f, %.0f", before.findings[of], c.sum, c.worst)
	}
	fmt.Println(" |")
}

func (s *said) total() (t float64) {
	for _, v := range s.expected {
		t += v
	}
	return t
}

// kept is the share of the first n of a list that are among the first n of another one.
func kept(a, b []entry, n int) float64 {
	a, b = a[:min(n, len(a))], b[:min(n, len(b))]
	if len(a) == 0 && len(b) == 0 {
		return 1
	}
	both := 0
	for i := range a {
		if slices.ContainsFunc(b, func(e entry) bool { return e.same(&a[i]) }) {
			both++
		}
	}
	return float64(both) / float64(max(len(a), len(b)))
}

// without returns what is said of all but one label or detection.
func (s *said) without(touched *entry) said {
	out := *s
	out.list = slices.Clone(s.list)
	at := slices.IndexFunc(out.list, func(e entry) bool { return e.same(touched) })
	if at < 0 {
		return out
	}
	e := out.list[at]
	out.list = slices.Delete(out.list, at, at+1)
	for k, score := range e.of {
		out.expected[k] -= score
	}
	if e.finding {
		out.findings[e.kind]--
		out.sum -= e.score
	}
	return out
}

// judgedNow has the engine judge a set.
func judgedNow(classes int, n numbered) (out said) {
	source := labels.Source{N: len(n.images), Classes: classes, At: func(i int, im *labels.Image) { *im = n.images[i] }}
	judge, err := labels.Learn(context.Background(), source, 2, nil)
	if err != nil {
		panic(err) // only a context that is done
	}
	ofObjects := 0.0
	estimates := judge.Estimates()
	for kind := labels.Spurious; kind < labels.NumKinds; kind++ {
		ofObjects += estimates[kind].Share
	}
	wrong, missing := audit.Suspicious(ofObjects), audit.Suspicious(estimates[labels.Missing].Share)
	var v labels.Verdicts
	for i := range n.images {
		judge.Image(&v, &n.images[i])
		first := len(out.list)
		for k, s := range v.Likeliest {
			out.list = append(out.list, entry{i, n.numbers[i][k], -1, s.Kind, s.Any, s.Detection, s.Any >= wrong,
				[labels.NumKinds]float64{}})
		}
		for _, s := range v.Kinds {
			out.list[first+int(s.Object)].of[s.Kind] = s.Score
		}
		for _, s := range v.Missing {
			out.list = append(out.list, entry{i, -1, int(s.Detection), s.Kind, s.Score, s.Detection, s.Score >= missing,
				[labels.NumKinds]float64{labels.Missing: s.Score}})
		}
	}
	for _, e := range out.list {
		for k, score := range e.of {
			out.expected[k] += score
		}
		if e.finding {
			out.findings[e.kind]++
			out.sum += e.score
		}
	}
	slices.SortStableFunc(out.list, func(a, b entry) int { return cmp.Compare(b.score, a.score) })
	return out
}

// mend mends one label of a set: every other time one that is drawn from the findings, as whoever reads the list
// would, and otherwise any label, which is taken away.
func mend(s *set, before *said, seed uint64) (numbered, entry) {
	rng := rand.New(rand.NewPCG(seed, 0x73_7465_6164_79))
	var of []entry
	for _, e := range before.list {
		if e.finding && seed%2 == 0 || seed%2 == 1 && e.object >= 0 {
			of = append(of, e)
		}
	}
	if len(of) == 0 {
		of = before.list
	}
	slices.SortFunc(of, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.image, b.image), cmp.Compare(a.object, b.object), cmp.Compare(a.detection, b.detection))
	})
	e := of[rng.IntN(len(of))]
	out := s.numbered()
	im := &out.images[e.image]
	im.Objects = slices.Clone(im.Objects)
	switch kind := e.kind; {
	case kind == labels.Missing:
		d := im.Detections[e.detection]
		im.Objects = append(im.Objects, labels.Object{Box: d.Box, Class: d.Class})
		out.numbers[e.image] = append(out.numbers[e.image], -1)
	case seed%2 == 0 && kind == labels.Class && e.detected >= 0:
		im.Objects[e.object].Class = im.Detections[e.detected].Class
	case seed%2 == 0 && kind == labels.Location && e.detected >= 0:
		im.Objects[e.object].Box = im.Detections[e.detected].Box
	default:
		im.Objects = slices.Delete(im.Objects, e.object, e.object+1)
		out.numbers[e.image] = slices.Delete(out.numbers[e.image], e.object, e.object+1)
	}
	return out, e
}
