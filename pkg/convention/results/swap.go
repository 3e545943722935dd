package results

import (
	"fmt"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/text"
)

// confident is the score from which a detection's class counts as evidence of what its
// file means by the class. Detectors that learnt little have one class, or few, for all
// objects, but seldom with such scores.
const confident = 0.3

// Swap compares the class of an object with that of the surest confident detection
// that overlaps it.
type Swap struct {
	Pairs int // objects that a confident detection overlaps
	Same  int // of these, by one of their class
	Moves []Move
	wrong bool
}

// Move is a class whose objects are mostly detected as another one.
type Move struct {
	Object, Detection int32 // classes
	N, Of             int   // objects detected as that, all that are detected
}

// unseenClass stands for no class: no confident detection overlaps the object.
const unseenClass = -1

// see notes whether any detection overlaps each object, the class of the surest confident one that does, and
// whether any confident one is of the object's class.
func (v *Verdict) see(d *dataset.Dataset) {
	var boxes []geom.Box
	for i := range v.sample {
		s := &v.sample[i]
		s.found, s.seen, s.same = make([]bool, len(s.boxes)), make([]int32, len(s.boxes)), make([]bool, len(s.boxes))
		boxes = Pairing{}.boxes(boxes[:0], s.detections, s.w, s.h)
		for k, b := range s.boxes {
			should := d.Source(int(s.source)).Objects[s.objects[k]].Class
			s.seen[k] = unseenClass
			for j := range boxes { // the surest first
				sure := s.detections[j].Score >= confident
				if !sure && s.found[k] {
					break
				}
				if boxes[j].X0 >= b.X1 || b.X0 >= boxes[j].X1 || iou.Of(b, boxes[j]) < overlap {
					continue
				}
				s.found[k] = true
				if sure && s.seen[k] == unseenClass {
					s.seen[k] = s.detections[j].Class
				}
				s.same[k] = s.same[k] || sure && s.detections[j].Class == should
			}
		}
	}
}

// swap looks for classes that are exchanged.
//
// The classes are wrong if fewer than a fifth of at least 30 objects have the class of a
// detection, or if objects of two or more classes, with ten each, are detected as another
// class each in 7 of 10 cases, and none of these is a class of ten whose own detections are right.
// A weak detector takes cats for dogs, but not dogs for cats as well.
func (v *Verdict) swap(d *dataset.Dataset) Swap {
	const enough = 10
	var w Swap
	counts := map[[2]int32]int{} // by class of the object and of the detection
	of := map[int32]int{}
	for i := range v.sample {
		s := &v.sample[i]
		for k, at := range s.objects {
			if s.seen[k] == unseenClass {
				continue
			}
			should := d.Source(int(s.source)).Objects[at].Class
			w.Pairs++
			of[should]++
			counts[[2]int32{should, s.seen[k]}]++
			w.Same += sample.One(s.same[k])
		}
	}
	to, sources, explained := map[int32]int32{}, map[int32]int{}, [2]int{}
	for c, n := range counts {
		if c[0] != c[1] && of[c[0]] >= enough && 10*n >= 7*of[c[0]] {
			w.Moves = append(w.Moves, Move{c[0], c[1], n, of[c[0]]})
			to[c[0]] = c[1]
			sources[c[1]]++
			explained[0] += n
			explained[1] += of[c[0]]
		}
	}
	slices.SortFunc(w.Moves, func(a, b Move) int {
		if a.Of != b.Of {
			return b.Of - a.Of
		}
		return int(a.Object - b.Object)
	})
	exchanged, both := true, false
	for _, m := range w.Moves {
		_, moved := to[m.Detection]
		both = both || moved
		exchanged = exchanged && sources[m.Detection] == 1 && (moved || of[m.Detection] < enough)
	}
	exchanged = exchanged && both && 5*explained[0] >= 4*explained[1]
	w.wrong = exchanged || w.Pairs >= 30 && 5*w.Same < w.Pairs
	return w
}

// message says which classes are exchanged.
func (w *Swap) message(d *dataset.Dataset) string {
	what := fmt.Sprintf("the classes do not fit: of %s that a detection overlaps with a score of %s or more, "+
		"%s %s overlapped by one of their class", say.Plural(w.Pairs, "object"), text.Short(confident),
		say.Group(w.Same), say.Are(w.Same))
	for i, m := range w.Moves {
		if i == 3 {
			what += w.rest(d, i)
			break
		}
		joint := "; d"
		if i == 0 {
			joint = ". D"
		}
		what += fmt.Sprintf("%setections of %s lie on objects of %s (%s of %s)",
			joint, category(d, m.Detection), category(d, m.Object), say.Group(m.N), say.Group(m.Of))
	}
	return what + ". Write the category ids of the annotation file: look each class up by its name"
}

// mostMoves is how many classes a message names.
const mostMoves = 24

// rest lists the moves from the i-th on in short, so that the message has the whole permutation of
// a list of usual length.
func (w *Swap) rest(d *dataset.Dataset, i int) string {
	out := ". Likewise, as annotated → as detected: "
	for k, m := range w.Moves[i:min(len(w.Moves), mostMoves)] {
		if k > 0 {
			out += ", "
		}
		out += fmt.Sprintf("%q → %q", d.Classes[m.Object].Name, d.Classes[m.Detection].Name)
	}
	if n := len(w.Moves) - mostMoves; n > 0 {
		out += fmt.Sprintf(", and %s more", say.Group(n))
	}
	return out
}

// category names a class by its category's id, where a source has one.
func category(d *dataset.Dataset, class int32) string {
	name := fmt.Sprintf("%q", d.Classes[class].Name)
	for s := range d.Sources {
		for i := range d.Sources[s].Categories {
			if c := &d.Sources[s].Categories[i]; c.Class == class {
				return dataset.Label("category", c.ID) + " " + name
			}
		}
	}
	return name
}
