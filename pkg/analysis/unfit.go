package analysis

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// MostlyUnfit is the share of objects without an anchor that fits from which on that is a warning.
const MostlyUnfit = 0.5

// Unfit are the objects of a class that have no anchor on their own merit, for one reason.
type Unfit struct {
	Code  string
	Class int32
	Why   iou.Why

	N, Positives int64
	Worst        Suited
	Example      string // what the trainer does with the worst, "" as long as nobody asked

	alone bool // all are of one source
}

// Suited is a matched object, and how anchors suit it. It holds copies: its source's records need not stay in memory.
type Suited struct {
	Source, Number, Image int32
	Box                   geom.Rect
	Offset                int64
	Line                  int32
	File                  string
	IoU, Ratio            float32
}

// suited returns an object.
func (r *Result) suited(s, k int) Suited {
	o, slot := r.Data.Object(s, k), r.ObjectSlot(s, k)
	return Suited{
		int32(s), int32(k), o.Image, o.Box, o.Offset, o.Line, r.Data.Image(s, int(o.Image)).File, slot.IoU, ratio(slot.Ratio),
	}
}

// unfitOf groups the objects of a source that no anchor fits.
func (r *Result) unfitOf(s int) []Unfit {
	groups := map[unfitKey]*Unfit{}
	objects, slots := r.Data.Source(s).Objects, r.ObjectSlots(s)
	for k := range slots {
		o := &slots[k]
		if !o.Matched() || o.Rescued != o.Positives || o.Why == iou.Surplus { // beyond-the-cap tells that, image by image
			continue
		}
		of := unfitKey{"object-rescued-only", objects[k].Class, o.Why}
		if o.Positives == 0 {
			of.code = "object-without-positive"
		}
		one := Unfit{Code: of.code, Class: of.class, Why: of.why, N: 1, Positives: int64(o.Positives), Worst: r.suited(s, k)}
		collect(groups, &one)
	}
	return sortedUnfit(groups)
}

type unfitKey struct {
	code  string
	class int32
	why   iou.Why
}

// collect adds objects to those of their class and reason.
func collect(groups map[unfitKey]*Unfit, u *Unfit) {
	of := unfitKey{u.Code, u.Class, u.Why}
	had := groups[of]
	if had == nil {
		one := *u
		one.alone = true
		groups[of] = &one
		return
	}
	had.N += u.N
	had.Positives += u.Positives
	had.alone = had.alone && had.Worst.Source == u.Worst.Source
	if u.Worst.compare(&had.Worst) < 0 {
		had.Worst, had.Example = u.Worst, u.Example
	}
}

// sortedUnfit lists groups.
func sortedUnfit(groups map[unfitKey]*Unfit) (all []Unfit) {
	for _, u := range groups {
		all = append(all, *u)
	}
	slices.SortFunc(all, func(a, b Unfit) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Why, b.Why), cmp.Compare(a.Code, b.Code))
	})
	return all
}

// explain says for each group what the trainer does with its worst object, where nobody has yet.
func (r *Result) explain(all []Unfit) {
	scene := r.Trainer.NewScene(false)
	scene.Predict = r.Plan.Predictor()
	for _, of := range unexplained(all) {
		worst := &all[of[0]].Worst
		scene.See(r.Data, int(worst.Source), int(worst.Image))
		for _, i := range of {
			u := &all[i]
			at, _ := slices.BinarySearch(scene.Index, int(u.Worst.Number))
			id := r.Data.Object(int(u.Worst.Source), int(u.Worst.Number)).ID
			u.Example = dataset.Label("annotation", id) + ": " + scene.Assigner.Explain(at, scene.Assigner.Why(at))
		}
	}
}

// unexplained returns the numbers of the groups without an example, those of one image together: it is matched once,
// however many classes have their worst object there.
func unexplained(all []Unfit) (images [][]int) {
	var order []int
	for i := range all {
		if all[i].Example == "" {
			order = append(order, i)
		}
	}
	compare := func(i, k int) int {
		a, b := &all[i].Worst, &all[k].Worst
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Image, b.Image))
	}
	slices.SortStableFunc(order, compare)
	for n, i := range order {
		if n == 0 || compare(order[n-1], i) != 0 {
			images = append(images, nil)
		}
		images[len(images)-1] = append(images[len(images)-1], i)
	}
	return images
}

// findUnfit tells of objects that no anchor fits, once for a class and reason: objects.parquet has
// each of them. Those that cost most come first.
func (r *Result) findUnfit() {
	groups := map[unfitKey]*Unfit{}
	for of, u := range r.unfits { // those of parts, which were collected as they were added
		groups[of] = u
	}
	for s := range r.Digests {
		for i := range r.Digests[s].Unfit {
			collect(groups, &r.Digests[s].Unfit[i])
		}
	}
	all := sortedUnfit(groups)
	main := r.mainReasons(all)
	r.explain(all)
	for i := range all {
		u := &all[i]
		f := r.unfit(u)
		f.Message += ", such as " + u.Example
		if main[u.Class] == u {
			f.Level = findings.Warning
		}
		r.Findings = append(r.Findings, f)
	}
}

// mainReasons returns, by class, the group with the most objects that have only fallback anchors, of
// the classes of which most objects are such: of rare classes only where most of all objects are.
func (r *Result) mainReasons(all []Unfit) map[int32]*Unfit {
	main, rescued := map[int32]*Unfit{}, map[int32]int64{}
	for i := range all {
		u := &all[i]
		if u.Code != "object-rescued-only" {
			continue
		}
		rescued[u.Class] += u.N
		if had := main[u.Class]; had == nil || u.N > had.N {
			main[u.Class] = u
		}
	}
	enough := int64(RareBelow)
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
func (r *Result) unfit(u *Unfit) findings.Finding {
	f := findings.New(u.Code)
	f.Class, f.Key, f.Cases, f.Positives = u.Class, u.Why.String(), u.N, u.Positives
	f.Size = float64(cmp.Or(u.Positives, u.N)) // the loss of positives is in proportion to their number
	if u.alone {
		f.Source, f.Offset, f.Line = u.Worst.Source, u.Worst.Offset, u.Worst.Line
	}
	of, all := "objects without a class", text.Plural(int(r.objectsOf(u.Class)), "object")
	if u.Class >= 0 {
		of = fmt.Sprintf("class %q", r.Data.Classes[u.Class].Name)
	}
	have, what := "have", "no positive anchor"
	if u.N == 1 {
		have = "has"
	}
	if u.Positives > 0 {
		what = "only fallback anchors"
	}
	f.Message = fmt.Sprintf("%s: %s of %s %s %s", of, text.Group(u.N), all, have, what)
	return f
}

// compare orders objects, those that anchors fit worst first; equal ones by what they
// are, whatever their order in the files.
func (a *Suited) compare(b *Suited) int {
	if c := cmp.Or(cmp.Compare(a.IoU, b.IoU), cmp.Compare(b.Ratio, a.Ratio)); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Box.X, b.Box.X), cmp.Compare(a.Box.Y, b.Box.Y),
		cmp.Compare(a.Box.W, b.Box.W), cmp.Compare(a.Box.H, b.Box.H),
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.Offset, b.Offset),
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
