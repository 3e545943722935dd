package convention

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
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
	var boxes []geom.Box
	for i := range v.sample {
		s := &v.sample[i]
		boxes = Pairing{}.boxes(boxes[:0], s.detections, s.w, s.h)
		for k, b := range s.boxes {
			should := d.Sources[s.source].Objects[s.objects[k]].Class
			is, same := int32(-1), false
			for j := range boxes { // the surest first
				if s.detections[j].Score < confident {
					break
				}
				if boxes[j].X0 < b.X1 && b.X0 < boxes[j].X1 && iou.Of(b, boxes[j]) >= overlap {
					if is < 0 {
						is = s.detections[j].Class
					}
					same = same || s.detections[j].Class == should
				}
			}
			if is < 0 {
				continue
			}
			w.Pairs++
			of[should]++
			counts[[2]int32{should, is}]++
			if same {
				w.Same++
			}
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
		"%s %s overlapped by one of their class", plural(w.Pairs, "object"), text.Short(confident),
		group(w.Same), are(w.Same))
	for i, m := range w.Moves {
		if i == 3 {
			what += fmt.Sprintf(", and %s more", group(len(w.Moves)-i))
			break
		}
		joint := "; d"
		if i == 0 {
			joint = ". D"
		}
		what += fmt.Sprintf("%setections of %s lie on objects of %s (%s of %s)",
			joint, category(d, m.Detection), category(d, m.Object), group(m.N), group(m.Of))
	}
	return what + ". Write the category ids of the annotation file: look each class up by its name"
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

// Copies counts detections that are annotated boxes.
type Copies struct {
	Equal, Of int // to 0.01 px, in images with objects; whole numbers under 20 px count not at all
	Same      int // of Equal: with the object's class
}

// All reports whether the results are the annotations and nothing else, so that they can't
// say anything about them.
func (c *Copies) All() bool { return c.Found() && 1000*c.Same >= 999*c.Of }

// Found reports whether results were made from annotations.
func (c *Copies) Found() bool { return c.Equal >= 20 && 10*c.Equal >= 9*c.Of }

// copies compares detections and annotated boxes.
func (v *Verdict) copies(d *dataset.Dataset) Copies {
	var c Copies
	for i := range v.sample {
		s := &v.sample[i]
		for k := range s.detections {
			b := s.detections[k].Box
			whole := b.X == math.Trunc(b.X) && b.Y == math.Trunc(b.Y) && b.W == math.Trunc(b.W) && b.H == math.Trunc(b.H)
			if whole && min(b.W, b.H) < 20 {
				continue
			}
			c.Of++
			equal, named := false, false
			for j, o := range s.boxes {
				if same(o, b.Box()) {
					equal = true
					named = named || d.Sources[s.source].Objects[s.objects[j]].Class == s.detections[k].Class
				}
			}
			c.Equal += one(equal)
			c.Same += one(named)
		}
	}
	return c
}

// same tells whether two boxes are one, but for the rounding of a writer.
func same(a, b geom.Box) bool {
	const digits = 0.0101
	return math.Abs(a.X0-b.X0) < digits && math.Abs(a.Y0-b.Y0) < digits &&
		math.Abs(a.X1-b.X1) < digits && math.Abs(a.Y1-b.Y1) < digits
}

// Repeats counts detections that are there more than once.
type Repeats struct {
	Exact, Of  int // with an equal record in their image
	Near, Seen int // with another of their class at an IoU above 0.9, of those in images that were looked at
}

// Twice reports whether the file seems to have each detection several times.
func (p *Repeats) Twice() bool { return p.Of >= 20 && 2*p.Exact >= p.Of }

// Raw reports whether the detections seem not to be suppressed.
func (p *Repeats) Raw() bool { return p.Seen >= 50 && 10*p.Near > 3*p.Seen }

// repeats looks for detections that repeat another.
func (v *Verdict) repeats(d *dataset.Dataset, r *dataset.Results) Repeats {
	const most = 300 // of an image: enough for a share
	var p Repeats
	for s := range d.Sources {
		for i := range d.Sources[s].Images {
			all := r.Of(s, i) // equal ones are neighbours
			p.Of += len(all)
			for k := range all {
				if k > 0 && all[k] == all[k-1] || k+1 < len(all) && all[k] == all[k+1] {
					p.Exact++
				}
			}
		}
	}
	for i := range v.sample {
		all := v.sample[i].detections
		all = all[:min(most, len(all))]
		p.Seen += len(all)
		for k := range all {
			b := all[k].Box.Box()
			for j := range all {
				if c := all[j].Box.Box(); j != k && all[j].Class == all[k].Class && c.X0 < b.X1 && b.X0 < c.X1 &&
					all[j] != all[k] && iou.Of(b, c) > 0.9 {
					p.Near++
					break
				}
			}
		}
	}
	return p
}

// Order says whether the scores rank the detections.
type Order struct {
	Hits, Strays int     // detections that overlap an object of their class, and others
	Area         float64 // part of the pairs of both in which the hit has the higher score
	One          bool    // all have one score
	Score        float64 // which one
	Squashed     bool    // all are sigmoids of probabilities
}

// Inverted reports whether higher scores mean worse detections.
func (o *Order) Inverted() bool { return o.Hits >= 30 && o.Strays >= 30 && o.Area < 0.4 }

// order compares the scores of hits and strays.
func (v *Verdict) order(d *dataset.Dataset, r *dataset.Results) Order {
	var o Order
	o.Squashed = squashed(r)
	if o.One = len(r.Detections) >= 30; o.One {
		o.Score = r.Detections[0].Score
		for i := range r.Detections {
			o.One = o.One && r.Detections[i].Score == o.Score
		}
	}
	var scores [2][]float64 // of strays and hits
	for i := range v.sample {
		s := &v.sample[i]
		for k := range s.detections {
			hit, b := 0, s.detections[k].Box.Box()
			for j, c := range s.boxes {
				if d.Sources[s.source].Objects[s.objects[j]].Class == s.detections[k].Class && iou.Of(b, c) >= overlap {
					hit = 1
					break
				}
			}
			scores[hit] = append(scores[hit], s.detections[k].Score)
		}
	}
	o.Strays, o.Hits = len(scores[0]), len(scores[1])
	slices.Sort(scores[0])
	wins := 0.0
	for _, x := range scores[1] {
		below, _ := slices.BinarySearch(scores[0], x)
		notAbove, _ := slices.BinarySearch(scores[0], math.Nextafter(x, math.Inf(1)))
		wins += float64(below+notAbove) / 2
	}
	if o.Hits > 0 && o.Strays > 0 {
		o.Area = wins / float64(o.Hits) / float64(o.Strays)
	}
	return o
}

// squashed tells whether all scores lie where the sigmoid puts what is a probability
// already: from 0.5 to 1/(1 + e^-1) = 0.731, and both ends are near. A threshold of 0.5
// leaves the sure ones above.
func squashed(r *dataset.Results) bool {
	low, high := math.Inf(1), math.Inf(-1)
	for i := range r.Detections {
		low, high = min(low, r.Detections[i].Score), max(high, r.Detections[i].Score)
	}
	return len(r.Detections) >= 100 && low >= 0.5 && low < 0.55 && high > 0.68 && high <= 0.7311
}

// records returns the findings on how the records were written.
func (v *Verdict) records(r *dataset.Results) []findings.Finding {
	var all []findings.Finding
	name := text.Printable(r.Name)
	about := func(code string, level findings.Severity, size int, format string, args ...any) {
		f := findings.New(code)
		f.Size, f.Message = float64(size), name+": "+fmt.Sprintf(format, args...)
		if level != 0 {
			f.Level = level
		}
		all = append(all, f)
	}
	if c := &v.Copies; c.Found() {
		about("detections-disagree", findings.Warning, c.Equal, "%s of %s are annotated boxes, as no detector's are: the "+
			"results seem to be made from annotations. What is said about labels comes from the difference between the two, "+
			"and not from what a detector saw", group(c.Equal), plural(c.Of, "detection"))
	}
	switch o := &v.Order; {
	case o.Inverted():
		about("detections-unranked", 0, o.Hits+o.Strays, "the scores seem to be inverted: of %s on an object of their "+
			"class and %s that are not, the first has the higher score in %s %% of the pairs. Nothing is concluded about "+
			"labels. Write the score of the detection's class, not that of the background or a distance",
			plural(o.Hits, "detection"), group(o.Strays), percent(o.Area))
	case o.Squashed:
		about("detections-unranked", findings.Info, len(r.Detections), "all %s are from 0.5 to 0.731, where a second "+
			"sigmoid puts what is a probability already. Write the scores as the model returns them: the losses by this "+
			"source are those of a detector that is sure of nothing", plural(len(r.Detections), "score"))
	case o.One:
		about("detections-unranked", findings.Info, len(r.Detections), "all %s have the score %s, so that none is surer "+
			"than another. Write the detector's scores", plural(len(r.Detections), "detection"), text.Short(o.Score))
	}
	switch p := &v.Repeats; {
	case p.Twice():
		about("detections-repeated", 0, p.Exact, "%s of %s repeat another in image, category, box and score. "+
			"The file seems to be written twice: remove the copies, or run the detector again into an empty file",
			group(p.Exact), plural(p.Of, "detection"))
	case p.Raw():
		about("detections-repeated", findings.Info, p.Near, "%s of %s overlap another of their class by an IoU above 0.9. "+
			"The detections seem to lack non-maximum suppression: apply it, with an IoU of 0.5 to 0.7",
			group(p.Near), plural(p.Seen, "detection"))
	}
	return all
}
