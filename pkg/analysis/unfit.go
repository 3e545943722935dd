package analysis

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// MostlyUnfit is the share of objects without an anchor that fits from which on that is a warning.
const MostlyUnfit = 0.5

// unfit are the objects of a class that have no anchor on their own merit, for one reason.
type unfit struct {
	code  string
	class int32
	why   iou.Why

	n, positives int64
	worst        suited
	alone        bool // all are of one source
}

// suited is a matched object, and how anchors suit it. It holds copies: its source's records need not stay in memory.
type suited struct {
	source, number int
	object         dataset.Object
	file           string
	iou, ratio     float32
}

// suited returns an object.
func (r *Result) suited(s, k int) suited {
	src, slot := r.Data.Source(s), &r.ObjectSlots(s)[k]
	o := src.Objects[k]
	return suited{s, k, o, src.Images[o.Image].File, slot.IoU, ratio(slot.Ratio)}
}

// findUnfit tells of objects that no anchor fits, once for a class and reason: objects.parquet has
// each of them. Those that cost most come first.
func (r *Result) findUnfit() {
	type key struct {
		code  string
		class int32
		why   iou.Why
	}
	groups := map[key]*unfit{}
	r.eachWeak(func(s, k int, why iou.Why) {
		if why == iou.Surplus {
			return // beyond-the-cap tells it, image by image
		}
		o := &r.ObjectSlots(s)[k]
		of := key{"object-rescued-only", r.Data.Source(s).Objects[k].Class, why}
		if o.Positives == 0 {
			of.code = "object-without-positive"
		}
		this := r.suited(s, k)
		u := groups[of]
		if u == nil {
			u = &unfit{code: of.code, class: of.class, why: why, worst: this, alone: true}
			groups[of] = u
		}
		u.n++
		u.positives += int64(o.Positives)
		u.alone = u.alone && u.worst.source == s
		if this.compare(&u.worst) < 0 {
			u.worst = this
		}
	})
	var all []*unfit
	for _, u := range groups {
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b *unfit) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.why, b.why), cmp.Compare(a.code, b.code))
	})
	main := r.mainReasons(all)
	scene := r.Trainer.NewScene(false)
	scene.Predict = r.Plan.Predictor()
	examples := make([]string, len(all))
	for _, i := range findings.BySource(len(all), func(i int) int32 { return int32(all[i].worst.source) }) {
		u := all[i]
		scene.See(r.Data, u.worst.source, int(u.worst.object.Image))
		at := slices.Index(scene.Index, u.worst.number)
		examples[i] = ", such as " + dataset.Label("annotation", u.worst.object.ID) + ": " +
			scene.Assigner.Explain(at, scene.Assigner.Why(at))
	}
	for i, u := range all {
		f := r.unfit(u)
		f.Message += examples[i]
		if main[u.class] == u {
			f.Level = findings.Warning
		}
		r.Findings = append(r.Findings, f)
	}
}

// mainReasons returns, by class, the group with the most objects that have only fallback anchors, of
// the classes of which most objects are such: of rare classes only where most of all objects are.
func (r *Result) mainReasons(all []*unfit) map[int32]*unfit {
	main, rescued := map[int32]*unfit{}, map[int32]int64{}
	for _, u := range all {
		if u.code != "object-rescued-only" {
			continue
		}
		rescued[u.class] += u.n
		if had := main[u.class]; had == nil || u.n > had.n {
			main[u.class] = u
		}
	}
	enough := int64(rareClass)
	if mostly(r.Metrics[0].ObjectsRescued, r.Total.Objects) {
		enough = 1
	}
	for class := range main {
		if n := r.objectsOf(class); n < enough || !mostly(rescued[class], n) {
			delete(main, class)
		}
	}
	return main
}

// mostly reports whether at least MostlyUnfit of all are some.
func mostly(some, all int64) bool { return float64(some) >= MostlyUnfit*float64(all) }

// objectsOf counts the matched objects of a class; -1 stands for all.
func (r *Result) objectsOf(class int32) int64 {
	if class < 0 {
		return r.Total.Objects
	}
	return r.Classes[class].Objects
}

// unfit starts the finding about a group.
func (r *Result) unfit(u *unfit) findings.Finding {
	f := findings.New(u.code)
	f.Class, f.Key, f.Cases, f.Positives = u.class, u.why.String(), u.n, u.positives
	f.Size = float64(cmp.Or(u.positives, u.n)) // the loss of positives is in proportion to their number
	if u.alone {
		f.Source, f.Offset, f.Line = int32(u.worst.source), u.worst.object.Offset, u.worst.object.Line
	}
	of, all := "objects without a class", text.Plural(int(r.objectsOf(u.class)), "object")
	if u.class >= 0 {
		of = fmt.Sprintf("class %q", r.Data.Classes[u.class].Name)
	}
	have, what := "have", "no positive anchor"
	if u.n == 1 {
		have = "has"
	}
	if u.positives > 0 {
		what = "only fallback anchors"
	}
	f.Message = fmt.Sprintf("%s: %s of %s %s %s", of, text.Group(u.n), all, have, what)
	return f
}

// compare orders objects, those that anchors fit worst first; equal ones by what they
// are, whatever their order in the files.
func (a *suited) compare(b *suited) int {
	if c := cmp.Or(cmp.Compare(a.iou, b.iou), cmp.Compare(b.ratio, a.ratio)); c != 0 {
		return c
	}
	o, p := &a.object, &b.object
	return cmp.Or(
		cmp.Compare(a.file, b.file),
		cmp.Compare(o.Box.X, p.Box.X), cmp.Compare(o.Box.Y, p.Box.Y),
		cmp.Compare(o.Box.W, p.Box.W), cmp.Compare(o.Box.H, p.Box.H),
		cmp.Compare(a.source, b.source), cmp.Compare(o.Offset, p.Offset),
	)
}

// ratio is how far sides differ; objects without a side come after all others, about which there
// are numbers to tell.
func ratio(x float32) float32 {
	if math.IsInf(float64(x), 1) {
		return 0
	}
	return x
}
