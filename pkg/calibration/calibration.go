// Package calibration measures on a user's own data how well label errors are found: it
// puts known errors into the annotations, audits them with the detector, and says how
// often the findings are right.
//
// A calibration measures how well errors of these kinds, at random places, are told from
// the labels as they are. Real errors count as right labels here, which makes the
// precision come out too low; and real errors may be harder to find than simulated ones.
package calibration

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"focalaudit/pkg/files"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/inject"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/labels"
	"focalaudit/pkg/ranking"
)

// Settings are what is put in. The zero value of a rate leaves an error out.
type Settings struct {
	Rates   inject.Rates `json:"rates"`
	Seed    uint64       `json:"seed"`
	Seeds   int          `json:"seeds"`
	Workers int          `json:"-"`
}

// Interval is a figure with the range that holds it 95 times in 100, by drawing
// images anew.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Kind is how well one kind of error is found.
type Kind struct {
	Injected int `json:"injected"` // over all seeds

	// AUROC is null for missing objects, since nobody can list all places without one;
	// and without errors.
	AUROC *Interval `json:"auroc"`

	AP    *Interval           `json:"ap"`           // null without errors
	First map[string]*float64 `json:"precision_at"` // of the first 50, 100 and 200; null where the list is shorter
	Curve []Point             `json:"likelihood_ratio"`
}

// Point is a point of a curve: scores from here on, up to the next point, are so
// many times as common among wrong labels as among right ones.
type Point struct {
	Score float64 `json:"score"`
	Ratio float64 `json:"ratio"`
	Wrong int     `json:"wrong"` // findings that are right about an injected error
	Right int     `json:"right"` // false alarms
}

// Calibration is what was measured.
type Calibration struct {
	Schema   int              `json:"schema"`
	Detector string           `json:"detector"` // SHA-256 of its detections, empty for logits
	Settings Settings         `json:"settings"`
	Images   int              `json:"images"`
	Objects  int              `json:"objects"`
	Kinds    map[string]*Kind `json:"kinds"`
	All      Kind             `json:"all"` // one list of all kinds
}

// schema is the version of the file.
const schema = 2

// firsts are the lengths that precision is given for, resamples the draws of the
// bootstrap.
var firsts = []int{50, 100, 200}

const resamples = 200

// ErrorOf is the injected error that a kind should find.
var ErrorOf = [labels.NumKinds]inject.Error{
	labels.Missing: inject.Dropped, labels.Spurious: inject.Spurious, labels.Location: inject.Shifted,
	labels.Class: inject.Swapped, labels.Duplicate: inject.Duplicated,
}

// Clean returns the images of a source as package inject takes them.
func Clean(s labels.Source) []inject.Image {
	out := make([]inject.Image, s.N)
	var im labels.Image
	for i := range out {
		s.At(i, &im)
		out[i].Key, out[i].Size = im.Key, im.Size
		for _, o := range im.Objects {
			out[i].Objects = append(out[i].Objects, inject.Object{Box: o.Box.Rect(), Class: o.Class})
		}
	}
	return out
}

// Wrong returns a source with the errors of injected images in the place of its
// objects.
func Wrong(s labels.Source, injected []inject.Image) labels.Source {
	at := s.At
	s.At = func(i int, im *labels.Image) {
		at(i, im)
		im.Objects = im.Objects[:0]
		for _, o := range injected[i].Objects {
			im.Objects = append(im.Objects, labels.Object{Box: o.Box.Box(), Class: o.Class})
		}
	}
	return s
}

// Measure measures the ranking on a source. progress, if not nil, is told of every
// seed that is done.
func Measure(ctx context.Context, s labels.Source, set Settings, progress func()) (*Calibration, error) {
	clean := Clean(s)
	c := &Calibration{Schema: schema, Settings: set, Images: s.N, Kinds: map[string]*Kind{}}
	for i := range clean {
		c.Objects += len(clean[i].Objects)
	}
	if c.Objects == 0 {
		return nil, fmt.Errorf("no objects in use: there is nothing to put errors into")
	}
	// One judge, which learnt from the annotations as they are, as in a run: so a label that no
	// error was put into has the same score here and there.
	judge, err := labels.Learn(ctx, s, set.Workers, nil)
	if err != nil {
		return nil, err
	}
	m := newMeasured()
	injector := inject.New(clean, s.Classes)
	for k := range set.Seeds {
		injected := injector.Inject(set.Rates, set.Seed+uint64(k))
		if err := m.seed(ctx, judge, Wrong(s, injected), injected); err != nil {
			return nil, err
		}
		if progress != nil {
			progress()
		}
	}
	m.report(c)
	return c, ctx.Err()
}

// finding is a label that a run would list, or might, under its likeliest kind.
type finding struct {
	score   float64
	right   bool // it is what the finding says
	unsound bool // it is wrong in another way
}

// measured is what all seeds gave.
type measured struct {
	items    [labels.NumKinds][][]ranking.Item // by kind and seed: objects, or detections that may be of missing ones
	all      [][]ranking.Item                  // by seed: of all kinds, each object once
	findings [labels.NumKinds][]finding
	injected [labels.NumKinds]int
	unlisted [][]int32 // by seed and image: missing objects that no detection is on
	sound    int       // labels that are right
	images   int
}

func newMeasured() *measured { return &measured{} }

// asked is what one set of errors gave.
type asked struct {
	items    [labels.NumKinds][]ranking.Item
	all      []ranking.Item
	unlisted []int32 // by image
}

// seed asks about one set of errors.
func (m *measured) seed(ctx context.Context, judge *labels.Judge, s labels.Source, truth []inject.Image) error {
	a := asked{unlisted: make([]int32, s.N)}
	m.images = s.N
	var v labels.Verdicts
	var im labels.Image
	for i := range s.N {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.At(i, &im)
		judge.Image(&v, &im)
		a.kinds(int32(i), truth[i].Objects, v.Kinds)
		m.missing(&a, int32(i), truth[i].Dropped, im.Detections, v.Missing)
		m.objects(&a, int32(i), truth[i].Objects, v.Likeliest)
	}
	for k := range a.items {
		m.items[k] = append(m.items[k], a.items[k])
	}
	m.all, m.unlisted = append(m.all, a.all), append(m.unlisted, a.unlisted)
	return ctx.Err()
}

// kinds adds an image's objects to the list of each kind. Of two equal boxes nobody
// can tell which is the second one, so the first one is in no list of duplicates.
func (a *asked) kinds(image int32, truth []inject.Object, kinds []labels.Suspect) {
	for _, x := range kinds {
		if x.Kind == labels.Duplicate && inject.FirstOfTwo(truth, int(x.Object)) {
			continue
		}
		wrong := truth[x.Object].Error == ErrorOf[x.Kind]
		a.items[x.Kind] = append(a.items[x.Kind], ranking.Item{Score: x.Score, Wrong: wrong, Image: image})
	}
}

// missing adds the detections that may be of missing objects, the likeliest first:
// later ones on an object that one has found are left out.
func (m *measured) missing(
	a *asked, image int32, dropped []inject.Object, ds []labels.Detection, gaps []labels.Suspect,
) {
	slices.SortStableFunc(gaps, func(a, b labels.Suspect) int { return cmp.Compare(b.Score, a.Score) })
	found := map[int]bool{}
	for _, x := range gaps {
		on := droppedAt(dropped, ds[x.Detection].Box)
		if on >= 0 && found[on] {
			continue
		}
		if on >= 0 {
			found[on] = true
		}
		item := ranking.Item{Score: x.Score, Wrong: on >= 0, Image: image}
		a.items[labels.Missing] = append(a.items[labels.Missing], item)
		a.all = append(a.all, item)
		m.findings[labels.Missing] = append(m.findings[labels.Missing], finding{x.Score, on >= 0, false})
	}
	a.unlisted[image] = int32(len(dropped) - len(found))
	m.injected[labels.Missing] += len(dropped)
}

// objects adds an image's objects under their likeliest kinds. The first one of two
// equal boxes is left out: it is neither right nor wrong.
func (m *measured) objects(a *asked, image int32, truth []inject.Object, likeliest []labels.Suspect) {
	for k, x := range likeliest {
		is := truth[k].Error
		if inject.FirstOfTwo(truth, k) {
			continue
		}
		if is == inject.None {
			m.sound++
		}
		for kind := labels.Spurious; kind < labels.NumKinds; kind++ {
			if ErrorOf[kind] == is {
				m.injected[kind]++
			}
		}
		right := x.Any > 0 && is == ErrorOf[x.Kind]
		a.all = append(a.all, ranking.Item{Score: x.Any, Wrong: right, Image: image})
		m.findings[x.Kind] = append(m.findings[x.Kind], finding{x.Any, right, is != inject.None})
	}
}

// droppedAt returns the dropped object that a box is on, -1 if none.
func droppedAt(dropped []inject.Object, b geom.Box) int {
	best, on := 0.5, -1
	for k, o := range dropped {
		if v := iou.Of(b, o.Box.Box()); v >= best {
			best, on = v, k
		}
	}
	return on
}

// report turns what was measured into figures.
func (m *measured) report(c *Calibration) {
	var none [][]int32
	for k := range labels.NumKinds {
		kind := &Kind{Injected: m.injected[k], First: map[string]*float64{}}
		if k == labels.Missing {
			m.figures(kind, m.items[k], m.unlisted, false)
		} else {
			m.figures(kind, m.items[k], none, true)
		}
		kind.Curve = m.curve(k)
		c.Kinds[k.String()] = kind
		c.All.Injected += m.injected[k]
	}
	c.All.First = map[string]*float64{}
	m.figures(&c.All, m.all, m.unlisted, false)
}

// figures fills in the means over seeds, with intervals.
func (m *measured) figures(k *Kind, seeds [][]ranking.Item, unlisted [][]int32, auroc bool) {
	n := float64(len(seeds))
	lists := make([]ranking.List, len(seeds))
	for i := range seeds {
		lists[i] = ranking.New(seeds[i])
	}
	means := func(w ranking.Weights) (area, ap float64) {
		var areas, aps mean
		for i, l := range lists {
			rest := 0.0
			if unlisted != nil {
				for image, u := range unlisted[i] {
					if w == nil {
						rest += float64(u)
					} else {
						rest += float64(float64(u) * float64(w[image]))
					}
				}
			}
			if auroc {
				areas.add(l.AUROC(w))
			}
			aps.add(l.AP(w, rest))
		}
		return areas.value(), aps.value()
	}
	area, ap := means(nil)
	rng := rand.New(rand.NewPCG(1, uint64(m.images)))
	var areas, aps []float64
	w := make(ranking.Weights, m.images)
	for range resamples {
		clear(w)
		for range w {
			w[rng.IntN(len(w))]++
		}
		a, p := means(w)
		areas, aps = append(areas, a), append(aps, p)
	}
	k.AUROC, k.AP = interval(area, areas), interval(ap, aps)
	for _, at := range firsts {
		sum, ok := 0.0, k.AP != nil
		for _, l := range lists {
			p, long := l.First(at)
			sum += p / n
			ok = ok && long
		}
		k.First[fmt.Sprint(at)] = nil
		if ok {
			k.First[fmt.Sprint(at)] = &sum
		}
	}
}

// mean is that of the numbers that are some.
type mean struct{ sum, n float64 }

func (m *mean) add(x float64) {
	if !math.IsNaN(x) {
		m.sum += x
		m.n++
	}
}

func (m *mean) value() float64 { return m.sum / m.n }

// interval is the 2.5th and the 97.5th percentile of draws, those left out in which
// there is nothing to measure; nil if there is nothing at all.
func interval(value float64, draws []float64) *Interval {
	draws = slices.DeleteFunc(draws, math.IsNaN)
	if math.IsNaN(value) || len(draws) == 0 {
		return nil
	}
	slices.Sort(draws)
	at := func(q float64) float64 { return draws[int(float64(q*float64(len(draws)-1))+0.5)] }
	return &Interval{value, at(0.025), at(0.975)}
}

// maxFile is how large a calibration file may be, in bytes: its curves have hundreds of points.
const maxFile = 16 << 20

// Read reads a calibration file.
func Read(file string) (*Calibration, error) {
	data, err := files.ReadSmall(file, maxFile)
	if err != nil {
		return nil, err
	}
	var c Calibration
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("%s: %s: expected a file that analyze calibrate wrote", file, plain(err))
	}
	if c.Schema != schema {
		return nil, fmt.Errorf("%s: schema %d, expected %d: write it anew with analyze calibrate", file, c.Schema, schema)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%s: %w: expected a file that analyze calibrate wrote", file, err)
	}
	return &c, nil
}

// plain says what is wrong with a file, without Go's words.
func plain(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("it is no JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("%s holds a %s, byte %d", cmp.Or(kind.Field, "the file"), kind.Value, kind.Offset)
	}
	return err.Error()
}

// check reports what no calibration can have.
func (c *Calibration) check() error {
	if len(c.Kinds) == 0 {
		return errors.New("kinds is empty")
	}
	names := map[string]bool{}
	for k := range labels.NumKinds {
		names[k.String()] = true
	}
	for name, k := range c.Kinds {
		if !names[name] || k == nil {
			return fmt.Errorf("kind %q is none of label errors", name)
		}
		for i, p := range k.Curve {
			if !(p.Ratio > 0) || math.IsInf(p.Ratio, 0) || !(p.Score >= 0 && p.Score <= 1) ||
				i > 0 && (p.Score <= k.Curve[i-1].Score || p.Ratio < k.Curve[i-1].Ratio) {
				return fmt.Errorf("likelihood_ratio of %s: point %d has score %v and ratio %v: "+
					"scores and ratios rise, and ratios are above 0",
					name, i+1, p.Score, p.Ratio)
			}
		}
	}
	return nil
}
