package pass

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// Thresholds of findings on single images.
const (
	sameBox     = 0.9 // IoU from which on two annotations are taken for the same object
	tinySide    = 1   // px in the trainer's frame
	extremeSide = 20  // times the other side; a RetinaNet anchor of ratio 2 reaches IoU 0.5 up to 4.5 times, and 0.19 here
)

// How many findings of one code are listed of an image. What is beyond is counted: nobody
// reads more, and a few kilobytes of equal boxes must not fill the memory. Pairs grow with
// the square of the boxes in one place, and one pair tells as much as all of them; the
// other findings are at most one an annotation, and bounded as the flaws of a file are.
const (
	mostPairs = 1000
	mostOf    = dataset.MaxListed
)

// noted is how many findings of a code an image has.
type noted struct {
	first  int // index in Worker.Found of the first one
	listed int
	more   int // counted, not listed
}

// note lists a finding about the image at hand, or counts it.
func (w *Worker) note(f findings.Finding) {
	of := w.noted[f.Code]
	if of.listed == mostOf {
		w.noteMore(f.Code, 1)
		return
	}
	if of.listed == 0 {
		of.first = len(w.Found)
	}
	of.listed++
	w.noted[f.Code] = of
	w.Found = append(w.Found, f)
}

// noteMore counts findings of a code that has others which are listed.
func (w *Worker) noteMore(code string, n int) {
	of := w.noted[code]
	of.more += n
	w.noted[code] = of
	w.Unlisted[code] += n
}

// tellUnlisted says in the first finding of a code how many more of them are not listed.
func (w *Worker) tellUnlisted() {
	for _, of := range w.noted {
		if of.more > 0 {
			w.Found[of.first].Message += fmt.Sprintf(
				"; the first of %d findings of this code in this image, of which %d are listed",
				of.listed+of.more, of.listed)
		}
	}
}

// inspect notes what is to be found about the image at hand.
func (w *Worker) inspect(source, image int) {
	im := &w.p.Data.Source(source).Images[image]
	w.inspectImage(source, image, im)
	for i, k := range w.scene.Index {
		w.inspectMatched(source, i, k)
	}
	for k := int(im.First); k < int(im.Last); k++ {
		w.inspectDropped(source, image, k)
	}
	w.inspectCap(source, image, im)
	w.inspectCrowds(source)
	w.inspectPairs(source)
	w.tellUnlisted()
}

func (w *Worker) inspectImage(source, image int, im *dataset.Image) {
	if w.scene.Found.Positives > 0 && len(w.scene.Boxes) > 0 {
		return
	}
	f := AboutImage(w.p.Data, "", source, image)
	if len(w.scene.Boxes) == 0 {
		f.Code = "image-without-objects"
		f.Message = fmt.Sprintf("%s: no object takes part in the matching (%s): all its %d anchors are negative",
			dataset.Label("image", im.ID), annotations(im), w.scene.Found.Negatives)
		if w.scene.Found.Ignored > 0 {
			f.Message = fmt.Sprintf("%s: no object takes part in the matching (%s): "+
				"%d of its %d anchors are negative, the others ignored for their place",
				dataset.Label("image", im.ID), annotations(im), w.scene.Found.Negatives, w.scene.Found.Anchors)
		}
	} else {
		f.Code = "image-without-positive"
		f.Message = fmt.Sprintf("%s: none of its %d objects has a positive anchor",
			dataset.Label("image", im.ID), len(w.scene.Boxes))
		if len(w.scene.Boxes) == 1 {
			f.Message = dataset.Label("image", im.ID) + ": its only object has no positive anchor"
		}
	}
	w.note(f)
}

// inspectMatched notes what the anchors make of a matched object. Those that no anchor fits are
// told of by class (package analysis).
func (w *Worker) inspectMatched(source, i, object int) {
	box := w.scene.Boxes[i]
	name := func() string { return dataset.Label("annotation", w.p.Data.Source(source).Objects[object].ID) }
	if hazard := w.scene.Assigner.Hazard(i); hazard != "" {
		f := About(w.p.Data, "zero-overlap-hazard", source, object)
		f.Message = fmt.Sprintf("%s overlaps no anchor, %s", name(), hazard)
		w.note(f)
		return
	}
	if box.Width() < tinySide || box.Height() < tinySide {
		f := About(w.p.Data, "box-tiny", source, object)
		f.Message = fmt.Sprintf("%s: %.3g × %.3g px after resizing", name(), box.Width(), box.Height())
		w.note(f)
	}
}

// inspectDropped notes an annotation that the trainer does not train on. Crowds are told of by
// inspectCrowds, what is beyond a cap by inspectCap, flags that are misread and the key ignore once
// for the source, and boxes without an area in the image by what reading found.
func (w *Worker) inspectDropped(source, image, object int) {
	o := &w.p.Data.Source(source).Objects[object]
	why := w.p.ObjectSlots(source)[object].LeftOut.Trainer
	switch {
	case o.LeftOut != dataset.InUse, why == trainer.Kept, why == trainer.DropCrowd, why.Misreads(o.Flags), why.Ignores(),
		why == trainer.DropBeyondCap, why == trainer.RefuseCap,
		dataset.NoAreaIn(w.p.Data.Source(source).Images[image].Size, o.Box) != "":
		return
	}
	f := About(w.p.Data, "trainer-drops", source, object)
	verb := "drops it"
	if why.Refused() {
		f.Code, verb = "trainer-refuses", "stops with an error"
	}
	f.Message = fmt.Sprintf("%s: %s %s: %s", dataset.Label("annotation", o.ID), w.p.Trainer.Preset.Name, verb, why)
	w.note(f)
}

// inspectCap notes that an image has more objects than the trainer takes.
func (w *Worker) inspectCap(source, image int, im *dataset.Image) {
	if n := w.scene.Found.Surplus; n > 0 {
		f := AboutImage(w.p.Data, "beyond-the-cap", source, image)
		f.Size = float64(n)
		f.Message = fmt.Sprintf("%s: %d objects, and %s has %d outputs: at each step %d objects have none, "+
			"and which ones they are depends on its predictions",
			dataset.Label("image", im.ID), len(w.scene.Boxes), w.p.Trainer.Preset.Name, w.scene.Found.Anchors, n)
		w.note(f)
	}
	first, n := 0, 0
	what := "are trained as background"
	for k, drop := range w.scene.Drops {
		if drop == trainer.RefuseCap {
			what = "make it stop with an error"
		}
		if drop == trainer.DropBeyondCap || drop == trainer.RefuseCap {
			if n == 0 {
				first = int(im.First) + k
			}
			n++
		}
	}
	if n == 0 {
		return
	}
	f := AboutImage(w.p.Data, "beyond-the-cap", source, image)
	f.Size = float64(n)
	f.Message = fmt.Sprintf("%s: %d objects, and %s takes %d: the other %d %s, from %s on",
		dataset.Label("image", im.ID), len(w.scene.Boxes)+n, w.p.Trainer.Preset.Name, w.p.Trainer.Preset.Cap, n, what,
		dataset.Label("annotation", w.p.Data.Source(source).Objects[first].ID))
	w.note(f)
}

func (w *Worker) inspectCrowds(source int) {
	for _, c := range w.scene.Crowds {
		n := w.scene.Assigner.Background(c.Box)
		if n == 0 {
			continue
		}
		f := About(w.p.Data, "crowd-as-background", source, c.Object)
		f.Size = float64(n)
		f.Message = fmt.Sprintf("%s is left out, but %d anchors %s are trained as background",
			dataset.Label("crowd", w.p.Data.Source(source).Objects[c.Object].ID), n, w.p.Trainer.Preset.Matcher.Covers())
		w.note(f)
	}
}

// inspectPairs notes boxes that are all but equal, and extreme aspects, in the
// annotated frame.
func (w *Worker) inspectPairs(source int) {
	objects := w.p.Data.Source(source).Objects
	w.plain = w.plain[:0]
	for _, k := range w.scene.Index {
		b := objects[k].Box.Box()
		w.plain = append(w.plain, b)
		long, short := max(b.X1-b.X0, b.Y1-b.Y0), min(b.X1-b.X0, b.Y1-b.Y0)
		if short > 0 && long >= extremeSide*short {
			f := About(w.p.Data, "aspect-extreme", source, k)
			f.Size = min(long/short, math.MaxFloat64)
			times := fmt.Sprintf("%.3g", f.Size)
			if f.Size == math.MaxFloat64 {
				times = "more than 1e+308"
			}
			f.Message = fmt.Sprintf("%s: %g × %g px, one side is %s times the other",
				dataset.Label("annotation", objects[k].ID), objects[k].Box.W, objects[k].Box.H, times)
			w.note(f)
		}
	}
	alike := false
	iou.EachPair(w.plain, sameBox, 1, func(iou.Pair) { alike = true })
	if !alike { // and so in any order
		return
	}
	w.settled = append(w.settled[:0], w.scene.Index...)
	slices.SortFunc(w.settled, func(i, j int) int { return w.settle(&objects[i], &objects[j]) })
	w.plain = w.plain[:0]
	for _, k := range w.settled {
		w.plain = append(w.plain, objects[k].Box.Box())
	}
	w.pairs(source)
}

// settle orders two objects by what they are, whatever their order in the file: by what a
// fingerprint has of them, class and box to the pixel, the larger first, then by the rest.
// So a finding about both is always about the same one of them.
func (w *Worker) settle(a, b *dataset.Object) int {
	if c := cmp.Compare(w.p.Data.ClassName(a.Class), w.p.Data.ClassName(b.Class)); c != 0 {
		return c
	}
	exact := [2][4]float64{{a.Box.X, a.Box.Y, -a.Box.W, -a.Box.H}, {b.Box.X, b.Box.Y, -b.Box.W, -b.Box.H}}
	whole := exact
	for i := range whole {
		for k := range whole[i] {
			whole[i][k] = math.Round(exact[i][k])
		}
	}
	return cmp.Or(slices.Compare(whole[0][:], whole[1][:]), slices.Compare(exact[0][:], exact[1][:]),
		strings.Compare(a.ID.String(), b.ID.String()), cmp.Compare(a.Offset, b.Offset))
}

// The codes of pairs.
const (
	nearDuplicate = "near-duplicate"
	classConflict = "class-conflict"
)

// pairs notes, for each object and code, the object before it in w.settled that it is most
// like. Of all pairs
// it holds only the best one of each object that is listed.
func (w *Worker) pairs(source int) {
	objects := w.p.Data.Source(source).Objects
	for _, code := range []string{nearDuplicate, classConflict} {
		at := w.paired[code] // by object of the scene: its number among those that are listed, from 1
		at = slices.Grow(at[:0], len(w.plain))[:len(w.plain)]
		clear(at)
		w.paired[code] = at
	}
	var best []iou.Pair
	n := map[string]int{}
	iou.EachPair(w.plain, sameBox, iou.MaxPartners, func(p iou.Pair) {
		code := nearDuplicate
		if objects[w.settled[p.I]].Class != objects[w.settled[p.J]].Class {
			code = classConflict
		}
		switch k := &w.paired[code][p.J]; {
		case *k > 0:
			if b := &best[*k-1]; p.IoU > b.IoU || p.IoU == b.IoU && p.I < b.I {
				*b = p
			}
		case *k == 0:
			if *k = unlisted; n[code] < mostPairs {
				best = append(best, p)
				*k = int32(len(best))
			}
			n[code]++
		}
	})
	for _, p := range best {
		w.note(w.pair(source, p))
	}
	for code, n := range n {
		if n > mostPairs {
			w.noteMore(code, n-mostPairs)
		}
	}
}

// unlisted is the number of an object whose pair is counted, not listed.
const unlisted = -1

// pair is the finding about a pair of boxes, of one class or of two.
func (w *Worker) pair(source int, p iou.Pair) findings.Finding {
	i, j := w.settled[p.I], w.settled[p.J]
	objects := w.p.Data.Source(source).Objects
	f := About(w.p.Data, nearDuplicate, source, j)
	f.Other, f.IoU, f.Size = int32(i), p.IoU, p.IoU
	f.Message = fmt.Sprintf("%s repeats %s: IoU %.3f, class %q",
		dataset.Label("annotation", objects[j].ID), dataset.Label("annotation", objects[i].ID),
		p.IoU, w.p.Data.ClassName(objects[j].Class))
	if objects[i].Class != objects[j].Class {
		f.Code = classConflict
		f.Message = fmt.Sprintf("%s and %s share a box (IoU %.3f) but are %q and %q",
			dataset.Label("annotation", objects[j].ID), dataset.Label("annotation", objects[i].ID), p.IoU,
			w.p.Data.ClassName(objects[j].Class), w.p.Data.ClassName(objects[i].Class))
	}
	return f
}

// noteUnseen says why an image has no anchors.
func (w *Worker) noteUnseen(source, image int, why trainer.Refusal) {
	im, f := &w.p.Data.Source(source).Images[image], AboutImage(w.p.Data, "trainer-refuses", source, image)
	size, p := im.Size, w.p.Trainer.Preset.Name
	switch why {
	case trainer.Nothing:
		to := w.scene.Frame.Resized
		f.Message = fmt.Sprintf("an image of %d × %d px is resized to %d × %d px, which no trainer takes",
			size.W, size.H, to.W, to.H)
	case trainer.Huge:
		f.Message = fmt.Sprintf("an image of %d × %d px has more anchors than can be counted here (%d)",
			size.W, size.H, anchors.MaxAnchors)
	case trainer.Under10, trainer.Under32:
		f.Message = fmt.Sprintf("%s: %d × %d px; %s leaves out images with a side below %d px",
			dataset.Label("image", im.ID), size.W, size.H, p, w.p.Trainer.MinSide())
	}
	w.note(f)
}

// noteRefused says for which annotation the trainer leaves out an image.
func (w *Worker) noteRefused(source, image int) {
	src := w.p.Data.Source(source)
	im, o := &src.Images[image], &src.Objects[w.scene.Refused]
	f := About(w.p.Data, "trainer-refuses", source, w.scene.Refused)
	its := "its " + annotations(im)
	if im.Last-im.First == 1 {
		its = "its only annotation"
	}
	f.Message = fmt.Sprintf("%s: its box [%g, %g, %g, %g] leaves the image of %d × %d px with its centre or is "+
		"larger, and for this %s leaves out the whole %s with %s",
		dataset.Label("annotation", o.ID), o.Box.X, o.Box.Y, o.Box.W, o.Box.H, im.Size.W, im.Size.H, w.p.Trainer.Preset.Name,
		dataset.Label("image", im.ID), its)
	w.note(f)
}

// annotations says how many annotations an image has.
func annotations(im *dataset.Image) string { return text.Plural(int(im.Last-im.First), "annotation") }
