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
	Mirrored   int // of Seen: with another of their class where a mirror shows them, which is not their own place

	Stale, Drawn int    // with an equal record in another image, of those that were drawn
	Step         int    // one in so many was drawn, by its numbers
	Image        [2]int // source and image of the last such record
}

// Leftover reports whether detections of one image seem to stand in another: 5 % and 20 at least have
// box, class and score of another image's, to all digits. In the real files none has.
func (p *Repeats) Leftover() bool { return p.Stale*p.Step >= 20 && 20*p.Stale >= p.Drawn }

// Flipped reports whether the detections of mirrored pictures seem to stand beside those of the
// pictures.
func (p *Repeats) Flipped() bool { return p.Seen >= 50 && 10*p.Mirrored > 4*p.Seen }

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
	p.stale(d, r)
	for i := range v.sample {
		all := v.sample[i].detections
		all = all[:min(most, len(all))]
		p.Seen += len(all)
		for k := range all {
			b := all[k].Box.Box()
			p.Mirrored += one(mirrored(all, k, v.sample[i].w))
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

// maxDrawn is about how many detections are compared with those of other images.
const maxDrawn = 20_000

// stale counts detections that have the box, class and score of one of another image. Equal ones
// are drawn together, since their numbers decide.
func (p *Repeats) stale(d *dataset.Dataset, r *dataset.Results) {
	p.Step = len(r.Detections)/maxDrawn + 1
	at := map[dataset.Detection][2]int{}
	for s := range d.Sources {
		for i := range d.Sources[s].Images {
			for _, n := range r.Of(s, i) {
				if p.Step > 1 && mix(math.Float64bits(n.Score)^mix(math.Float64bits(n.Box.X)))%uint64(p.Step) != 0 {
					continue
				}
				p.Drawn++
				here := [2]int{s, i}
				if first, ok := at[n]; !ok {
					at[n] = here
				} else if first != here {
					p.Stale++
					p.Image = here
				}
			}
		}
	}
}

// mirrored tells whether another detection of its class stands where a mirror shows one, in an
// image of some width, and that place is not its own.
func mirrored(all boxSet, k int, width float64) bool {
	b := all[k].Box.Box()
	m := geom.Box{X0: width - b.X1, Y0: b.Y0, X1: width - b.X0, Y1: b.Y1}
	if iou.Of(b, m) >= overlap {
		return false
	}
	for j := range all {
		if c := all[j].Box.Box(); all[j].Class == all[k].Class && c.X0 < m.X1 && m.X0 < c.X1 && iou.Of(m, c) > sure {
			return true
		}
	}
	return false
}

// Shape is what the scores of single images have in common, where a detector's have nothing.
type Shape struct {
	Images int  // with two detections or more
	Sum    bool // the scores of each of them add up to the same
	Best   int  // of Images: whose best score is the commonest best one
	Groups int  // detections of one class in one image, two or more
	Equal  int  // of Groups: whose scores are all the same
}

// Normalised reports whether the scores seem to be divided by something of their image.
func (s *Shape) Normalised() bool { return s.Images >= 20 && (s.Sum || 2*s.Best > s.Images) }

// common says what the images have in common.
func (s *Shape) common() string {
	if s.Sum {
		return "they add up to the same sum"
	}
	return "the best one is the same in " + group(s.Best)
}

// Shared reports whether detections seem to have the score of their class in the image, not their own.
func (s *Shape) Shared() bool { return s.Groups >= 50 && 2*s.Equal > s.Groups }

// shapeOf looks at the scores of each image. In the real results the sums of images vary by more than half of
// their mean, 3 % of the images at most share their best score, and 0.2 % of the groups have one score.
func shapeOf(d *dataset.Dataset, r *dataset.Results) Shape {
	var s Shape
	best := map[float64]int{}
	low, high := math.Inf(1), math.Inf(-1)
	type group struct {
		n     int
		score float64
		equal bool
	}
	for source := range d.Sources {
		for i := range d.Sources[source].Images {
			all := r.Of(source, i)
			if len(all) < 2 {
				continue
			}
			s.Images++
			sum, classes := 0.0, map[int32]group{}
			for k := range all {
				sum += all[k].Score
				g, known := classes[all[k].Class]
				g.equal = !known || g.equal && g.score == all[k].Score
				g.n, g.score = g.n+1, all[k].Score
				classes[all[k].Class] = g
			}
			for _, g := range classes {
				s.Groups += one(g.n > 1)
				s.Equal += one(g.n > 1 && g.equal)
			}
			low, high = min(low, sum), max(high, sum)
			best[all[0].Score]++ // the surest first
		}
	}
	for _, n := range best {
		s.Best = max(s.Best, n)
	}
	s.Sum = s.Images > 0 && high-low < 0.001*high
	return s
}

// Capped says how many detections an image has at most.
type Capped struct {
	Most         int // detections of an image
	Full, Images int // images with so many, with any
	More, Of     int // images with more objects in use, images in use

	Class ClassCap
}

// ClassCap says how many detections an image has of one class at most. It counts pairs of an image
// and a class.
type ClassCap struct {
	Most        int // detections of a pair
	Full, Pairs int // pairs with so many, with any
	More, Of    int // pairs with more objects in use, with any
}

// Found reports whether the results seem to be cut to the best few of each image and class: half of
// 30 pairs or more have the most that any has, and one pair in ten has more objects. In the real
// files 0.2 % of the pairs have it at most, but for the smallest.
func (c *ClassCap) Found() bool {
	return c.Pairs >= 30 && 2*c.Full >= c.Pairs && 10*c.More >= c.Of && c.More >= 10
}

// Found reports whether the results seem to be cut to the best few of each image.
func (c *Capped) Found() bool {
	return c.Images >= 30 && 2*c.Full >= c.Images && 10*c.More >= c.Of
}

// capped counts the detections of images.
func capped(d *dataset.Dataset, r *dataset.Results) Capped {
	var c Capped
	count := func(f func(src *dataset.Source, im *dataset.Image, n int)) {
		for s := range d.Sources {
			src := &d.Sources[s]
			for i := range src.Images {
				if src.Images[i].LeftOut == dataset.InUse {
					f(src, &src.Images[i], len(r.Of(s, i)))
				}
			}
		}
	}
	count(func(_ *dataset.Source, _ *dataset.Image, n int) { c.Most = max(c.Most, n) })
	count(func(src *dataset.Source, im *dataset.Image, n int) {
		c.Of++
		c.Images += one(n > 0)
		c.Full += one(n > 0 && n == c.Most)
		objects := 0
		for k := im.First; k < im.Last; k++ {
			objects += one(told(&src.Objects[k]))
		}
		c.More += one(objects > c.Most)
	})
	c.Class = classCap(d, r)
	return c
}

// classCap counts the detections of images and classes.
func classCap(d *dataset.Dataset, r *dataset.Results) ClassCap {
	var c ClassCap
	detected, objects := newClassCounts(len(d.Classes)), newClassCounts(len(d.Classes))
	each := func(f func()) {
		for s := range d.Sources {
			src := &d.Sources[s]
			for i := range src.Images {
				im := &src.Images[i]
				if im.LeftOut != dataset.InUse || len(r.Of(s, i)) == 0 {
					continue
				}
				for _, n := range r.Of(s, i) {
					detected.add(n.Class)
				}
				for k := im.First; k < im.Last; k++ {
					if o := &src.Objects[k]; told(o) && o.Class >= 0 {
						objects.add(o.Class)
					}
				}
				f()
				detected.clear()
				objects.clear()
			}
		}
	}
	each(func() {
		for _, class := range detected.classes {
			c.Most = max(c.Most, detected.n[class])
		}
	})
	each(func() {
		for _, class := range detected.classes {
			c.Pairs++
			c.Full += one(detected.n[class] == c.Most)
		}
		for _, class := range objects.classes {
			c.Of++
			c.More += one(objects.n[class] > c.Most)
		}
	})
	return c
}

// classCounts are numbers by class of one image, and the classes that have any.
type classCounts struct {
	n       []int
	classes []int32
}

func newClassCounts(classes int) *classCounts { return &classCounts{n: make([]int, classes)} }

func (c *classCounts) add(class int32) {
	if c.n[class]++; c.n[class] == 1 {
		c.classes = append(c.classes, class)
	}
}

func (c *classCounts) clear() {
	for _, class := range c.classes {
		c.n[class] = 0
	}
	c.classes = c.classes[:0]
}

// Absent are classes that the results lack.
type Absent struct {
	Classes []int32 // with enough objects in use, none detected, by their number of objects
	Objects []int   // of each
	Of      int     // classes with enough objects
}

// enoughObjects is how many objects of a class show that a detector that knows it would have
// found one.
const enoughObjects = 20

// absent looks for classes without a detection.
func absent(d *dataset.Dataset, r *dataset.Results) Absent {
	objects, detected := make([]int, len(d.Classes)), make([]bool, len(d.Classes))
	for s := range d.Sources {
		for k := range d.Sources[s].Objects {
			if o := &d.Sources[s].Objects[k]; told(o) && o.Class >= 0 && o.Flags&dataset.Crowd == 0 {
				objects[o.Class]++
			}
		}
	}
	for i := range r.Detections {
		if c := r.Detections[i].Class; c >= 0 && int(c) < len(detected) {
			detected[c] = true
		}
	}
	var a Absent
	for c, n := range objects {
		if n >= enoughObjects {
			a.Of++
			if !detected[c] {
				a.Classes = append(a.Classes, int32(c))
			}
		}
	}
	slices.SortStableFunc(a.Classes, func(x, y int32) int { return objects[y] - objects[x] })
	for _, c := range a.Classes {
		a.Objects = append(a.Objects, objects[c])
	}
	return a
}

// message says which classes the results lack.
func (a *Absent) message(d *dataset.Dataset) string {
	what := fmt.Sprintf("of %s with %d objects or more, %s %s no detection at all", plural(a.Of, "class"), enoughObjects,
		group(len(a.Classes)), hasHave(len(a.Classes)))
	for i, c := range a.Classes {
		if i == 3 {
			what += fmt.Sprintf(", and %s more", group(len(a.Classes)-i))
			break
		}
		joint := ", "
		if i == 0 {
			joint = ": "
		}
		what += fmt.Sprintf("%s%q (%s)", joint, d.Classes[c].Name, plural(a.Objects[i], "object"))
	}
	return what + ". The detector seems not to know them, or its class numbers were lost: their objects seem to be " +
		"missed, and nothing can be said about their labels"
}

// hasHave returns the verb for a number of things.
func hasHave(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
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

// Unranked reports whether the scores tell nothing of which detections are right, or the opposite. In
// real results the hit has the higher score in 73 % of the pairs or more.
func (o *Order) Unranked() bool {
	return o.Inverted() || !o.One && o.Hits >= 100 && o.Strays >= 100 && o.Area < 0.55
}

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
func (v *Verdict) records(d *dataset.Dataset, r *dataset.Results) []findings.Finding {
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
	if c := &v.Capped; c.Found() {
		about("detections-capped", 0, c.More, "no image has more than %s, and %s of %s with any have as many; "+
			"%s of %s have more objects, of which the results can say nothing. Run the detector again with a low "+
			"score threshold and at least 100 detections an image", plural(c.Most, "detection"), group(c.Full),
			plural(c.Images, "image"), group(c.More), plural(c.Of, "image"))
	}
	if c := &v.Capped.Class; c.Found() && !v.Capped.Found() {
		about("detections-capped", 0, c.More, "no image has more than %s of one class, and %s of %s of an image and a class "+
			"with any have as many; %s of %s have more objects, of which the results can say nothing. Run the detector again "+
			"with at least 100 detections of each class (max_output_boxes_per_class)", plural(c.Most, "detection"),
			group(c.Full), plural(c.Pairs, "pair"), group(c.More), plural(c.Of, "pair"))
	}
	if a := &v.Absent; len(a.Classes) > 0 {
		about("detections-missing-classes", 0, len(a.Classes), "%s", a.message(d))
	}
	switch o := &v.Order; {
	case o.Inverted():
		about("detections-unranked", 0, o.Hits+o.Strays, "the scores seem to be inverted: of %s on an object of their "+
			"class and %s that are not, the first has the higher score in %s %% of the pairs. Nothing is concluded about "+
			"labels. Write the score of the detection's class, not that of the background or a distance",
			plural(o.Hits, "detection"), group(o.Strays), percent(o.Area))
	case o.Unranked():
		about("detections-unranked", 0, o.Hits+o.Strays, "the scores tell nothing: of %s on an object of their "+
			"class and %s that are not, the first has the higher score in %s %% of the pairs, as by chance. Nothing is "+
			"concluded about labels. Write each detection's own score: another order of the records may be the reason",
			plural(o.Hits, "detection"), group(o.Strays), percent(o.Area))
	case !o.One && v.Shape.Normalised():
		about("detections-unranked", 0, v.Shape.Best, "the scores seem to be divided by something of their image: in %s "+
			"with two detections or more, %s. So the scores of two images can't be compared. Write the scores as the model "+
			"returns them, without a softmax or a maximum over the image", plural(v.Shape.Images, "image"), v.Shape.common())
	case !o.One && v.Shape.Shared():
		about("detections-unranked", 0, v.Shape.Equal, "detections seem to have the score of their class, and not their "+
			"own: of %s of detections of one class in one image, %s have one score throughout. Write each detection's score",
			plural(v.Shape.Groups, "group"), group(v.Shape.Equal))
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
	case p.Leftover():
		about("detections-repeated", 0, p.Stale*p.Step, "%s of %s that were compared stand with the same box, class and "+
			"score in another image. Rows of a buffer that an earlier picture filled seem to be read: take only as many "+
			"rows as "+
			"the model says it found (num_dets, valid_detections), and run it again. Example: %s", group(p.Stale),
			plural(p.Drawn, "detection"), label(&d.Sources[p.Image[0]].Images[p.Image[1]]))
	case p.Flipped():
		about("detections-repeated", 0, p.Mirrored, "%s of %s have another of their class where a mirror shows them. "+
			"The detections of the mirrored pictures (augmentation at test time) seem to be added as they stand: "+
			"mirror their boxes back, x becomes width - x - w, and suppress repeated ones",
			group(p.Mirrored), plural(p.Seen, "detection"))
	case p.Raw():
		about("detections-repeated", findings.Info, p.Near, "%s of %s overlap another of their class by an IoU above 0.9. "+
			"The detections seem to lack non-maximum suppression: apply it, with an IoU of 0.5 to 0.7",
			group(p.Near), plural(p.Seen, "detection"))
	}
	return all
}
