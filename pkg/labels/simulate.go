package labels

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"

	"focalaudit/pkg/boost"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/inject"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/par"
)

// The kinds of a row: of objects, and of detections.
const (
	right    = 0 // a label as it was; a detection of nothing
	isMissed = 1
)

// kindOf is a row's kind by what was done to its object; the other kinds of
// objects follow the order of Kind, from Spurious on.
var kindOf = [inject.NumErrors]uint8{
	inject.Spurious: uint8(Spurious), inject.Shifted: uint8(Location),
	inject.Swapped: uint8(Class), inject.Duplicated: uint8(Duplicate),
}

// simulationSeeds keeps the simulation's seeds apart from those of a calibration, which count
// from a small number on.
const simulationSeeds = 1 << 40

// rows are the cases to learn from. What is right is there once, what is wrong in each of the
// simulations.
type rows struct {
	boost.Rows
	at []origin
}

// origin is where a row comes from.
type origin struct {
	fold  int32
	round int32   // the simulation
	turn  float64 // its place in the sequence of simulations: round, and a part of 1 that is drawn
	label int32   // the number of its label among those of the sample, -1 if there is none
	seen  int32   // the number of its detection among those of the sample, -1 for objects
}

// newRows returns rows of so many numbers, with room for some.
func newRows(width, n int) *rows {
	r := &rows{at: make([]origin, 0, n)}
	r.Width, r.X, r.Kind, r.Key = width, make([]float64, 0, n*width), make([]uint8, 0, n), make([]uint64, 0, n)
	return r
}

// add adds row k of an image.
func (r *rows) add(x []float64, kind uint8, at origin, image uint64, k int) {
	r.Add(x, kind)
	key := image + uint64(at.round)<<40 + uint64(k)<<20
	at.turn = float64(at.round) + float64(uniform(key))
	r.at, r.Key = append(r.at, at), append(r.Key, key)
}

// count returns how many rows of a kind there are in the first simulations.
func (r *rows) count(kind uint8, simulations float64) (n int) {
	for i, k := range r.Kind {
		if k == kind && (kind == right || r.at[i].turn < simulations) {
			n++
		}
	}
	return n
}

// joined are the rows of all simulations, of objects or of detections.
func joined(each [][2]*rows, of int) *rows {
	n := 0
	for _, r := range each {
		n += r[of].Len()
	}
	out := newRows(each[0][of].Width, n)
	for _, r := range each {
		out.X, out.Kind = append(out.X, r[of].X...), append(out.Kind, r[of].Kind...)
		out.at, out.Key = append(out.at, r[of].at...), append(out.Key, r[of].Key...)
	}
	return out
}

// simulation puts errors into a sample of images.
type simulation struct {
	rates      *[folds]*Rates
	sample     []Image
	labels     []int32 // by image: the number of its first label
	detections []int32
	total      int // labels
	errors     *inject.Injector
	alike      [][]alike // by image
	drift      []drift
	twins      []float64 // IoU of labels with another of their class, from inject.MinTwin on, by rising IoU

	asTheyAre, unmatched *rows // labels, and detections that are overlooked, without errors put in
}

// alike is a detection of what looks like an object, with the chance that it becomes a label
// in one simulation.
type alike struct {
	detection int
	hash      uint64
	chance    float64
}

// drift is how far a label's sides lie from those of its detection, in sides of the detection, with the hash of the
// detection by which it is drawn.
type drift struct {
	hash uint64
	by   [4]float64
}

func newSimulation(rates *[folds]*Rates, sample []Image, classes int) *simulation {
	s := &simulation{rates: rates, sample: sample}
	clean := make([]inject.Image, len(sample))
	detections := 0
	for i := range sample {
		s.labels, s.detections = append(s.labels, int32(s.total)), append(s.detections, int32(detections))
		clean[i].Key, clean[i].Size = sample[i].Key, sample[i].Size
		for _, o := range sample[i].Objects {
			clean[i].Objects = append(clean[i].Objects, inject.Object{Box: o.Box.Rect(), Class: o.Class})
		}
		s.total += len(sample[i].Objects)
		detections += len(sample[i].Detections)
	}
	s.errors = inject.New(clean, classes)
	s.errors.Confusable = confusable(rates)
	s.survey()
	s.errors.Twin = s.twin
	return s
}

// survey gathers the rows of the sample as it is. It finds what looks like an object to the detector (detections that
// lie on no label, rather those that are seldom right), how far labels lie from their own detections, and how near
// pairs of labels lie.
func (s *simulation) survey() {
	var e Evidence
	var all float64
	var x []float64
	s.alike = make([][]alike, len(s.sample))
	s.asTheyAre, s.unmatched = newRows(objectWidth, s.total), newRows(detectionWidth, s.total)
	for i := range s.sample {
		im := &s.sample[i]
		Look(&e, im)
		f := im.fold()
		for d, of := range im.Detections {
			if !e.overlooked(d) {
				continue
			}
			x = s.rates[f].detection(x[:0], &e, im, d)
			at := origin{fold: int32(f), label: -1, seen: s.detections[i] + int32(d)}
			s.unmatched.add(x, right, at, im.Key, d)
			if e.Detections[d].IoU <= loose {
				weight := float64((1 - s.rates[f].precision(of.Class, of.Score)) * of.Score)
				s.alike[i] = append(s.alike[i], alike{d, im.Key + of.hash(), weight})
				all += weight
			}
		}
		for k := range e.Objects {
			x = s.rates[f].object(x[:0], &e, im, k)
			s.asTheyAre.add(x, right, origin{fold: int32(f), label: s.labels[i] + int32(k), seen: -1}, im.Key, k)
			if v := e.Objects[k].TwinIoU; v >= inject.MinTwin {
				s.twins = append(s.twins, v)
			}
			if o := &e.Objects[k]; o.Same.iou >= same {
				d := &im.Detections[o.Same.detection]
				a, b := d.Box, im.Objects[k].Box
				w, h := a.X1-a.X0, a.Y1-a.Y0
				s.drift = append(s.drift, drift{d.hash() + im.Key,
					[4]float64{(b.X0 - a.X0) / w, (b.Y0 - a.Y0) / h, (b.X1 - a.X1) / w, (b.Y1 - a.Y1) / h}})
			}
		}
	}
	slices.Sort(s.twins)
	wanted := rate * lookalikes * float64(s.total)
	for i := range s.alike {
		for k := range s.alike[i] {
			s.alike[i][k].chance *= wanted / all
		}
	}
}

// anyTwin is how many second boxes at any IoU are drawn beside the labels' own: so 10 pairs among the labels, or 20
// of their boxes, leave to it less than the least part of caught, and the estimate rests on boxes like theirs.
const anyTwin = 5

// twin draws the IoU of a second box with the first: that of a pair among the labels, since second boxes of one origin
// lie as near to each other. If none of them lay where simulated ones do, there would seem to be none.
func (s *simulation) twin(rng *rand.Rand) float64 {
	if at := float64(rng.Float64() * float64(anyTwin+len(s.twins))); int(at) < len(s.twins) {
		return s.twins[int(at)]
	}
	return inject.MinTwin + float64((inject.MaxTwin-inject.MinTwin)*rng.Float64())
}

// simulated are the rates of the errors of one simulation, without those of imagine.
var simulated = inject.Rates{Drop: rate, Shift: rate, Swap: rate, Spurious: rate * (1 - lookalikes), Duplicate: rate}

// run gathers the rows of n simulations, of objects and of detections.
func (s *simulation) run(ctx context.Context, n, workers int) (objects, detections *rows, err error) {
	each := make([][2]*rows, n)
	err = par.Do(ctx, workers, n, func(k int) error {
		wrong := s.errors.Inject(simulated, simulationSeeds+uint64(k))
		s.imagine(wrong, simulationSeeds+uint64(k))
		each[k] = s.round(ctx, wrong, int32(k))
		return ctx.Err()
	})
	if err != nil {
		return nil, nil, err
	}
	return joined(each, 0), joined(each, 1), nil
}

// imagine adds spurious labels where people make them, on what looks like an object: as far
// from the detection as labels are from theirs. A label that equals a detection to the last
// digit is a pre-label that somebody accepted, and no sign of an error.
func (s *simulation) imagine(wrong []inject.Image, seed uint64) {
	pcg := rand.NewPCG(0, 0)
	rng := rand.New(pcg)
	drifts := s.drifts(seed)
	for i := range s.sample {
		im := &s.sample[i]
		for _, a := range s.alike[i] {
			of := &im.Detections[a.detection]
			pcg.Seed(seed, a.hash)
			if rng.Float64() >= a.chance || len(drifts) == 0 {
				continue
			}
			d := drifting(drifts, rng)
			w, h := of.Box.X1-of.Box.X0, of.Box.Y1-of.Box.Y0
			b := geom.Box{X0: of.Box.X0 + float64(d[0]*w), Y0: of.Box.Y0 + float64(d[1]*h),
				X1: of.Box.X1 + float64(d[2]*w), Y1: of.Box.Y1 + float64(d[3]*h)}
			if b = b.Intersect(geom.Box{X1: float64(im.Size.W), Y1: float64(im.Size.H)}); !b.Empty() {
				o := inject.Object{Box: b.Rect(), Class: of.Class, Error: inject.Spurious, From: -1}
				wrong[i].Objects = append(wrong[i].Objects, o)
			}
		}
	}
}

// drifts returns how far labels lie from their detections by rising hash, which the seed changes: over several
// simulations all are drawn about equally often.
func (s *simulation) drifts(seed uint64) []drift {
	out := slices.Clone(s.drift)
	for i := range out {
		out[i].hash = mixed(out[i].hash + mixed(seed))
	}
	slices.SortFunc(out, func(a, b drift) int {
		if a.hash != b.hash {
			return cmp.Compare(a.hash, b.hash)
		}
		return slices.Compare(a.by[:], b.by[:])
	})
	return out
}

// drifting draws one of them: by the hash that is the next from a random number on, so that a label which comes or
// goes changes the draws that meet it, and no other.
func drifting(all []drift, rng *rand.Rand) [4]float64 {
	at, _ := slices.BinarySearchFunc(all, rng.Uint64(), func(d drift, u uint64) int { return cmp.Compare(d.hash, u) })
	return all[at%len(all)].by
}

// round gathers the rows of one simulation: the errors, and in the first one
// what is right as well.
func (s *simulation) round(ctx context.Context, wrong []inject.Image, round int32) [2]*rows {
	room, gaps := int(5*rate*float64(s.total)), int(2*rate*float64(s.total))
	if round == 0 {
		room, gaps = room+s.total, gaps+s.unmatched.Len()
	}
	objects, detections := newRows(objectWidth, room), newRows(detectionWidth, gaps)
	var e Evidence
	var im Image
	var x []float64
	for i := range s.sample {
		if ctx.Err() != nil {
			break
		}
		in := &s.sample[i]
		if round > 0 && unchanged(&wrong[i]) { // its rows are those of the first round
			continue
		}
		im.Size, im.Detections, im.Silent, im.Objects = in.Size, in.Detections, in.Silent, im.Objects[:0]
		for _, o := range wrong[i].Objects {
			im.Objects = append(im.Objects, Object{o.Box.Box(), o.Class})
		}
		Look(&e, &im)
		f := in.fold()
		number := func(from int32) int32 {
			if from < 0 {
				return -1
			}
			return s.labels[i] + from
		}
		for k, o := range wrong[i].Objects {
			if kind := kindOf[o.Error]; !inject.FirstOfTwo(wrong[i].Objects, k) && (round == 0 || kind != right) {
				x = s.rates[f].object(x[:0], &e, &im, k)
				objects.add(x, kind, origin{fold: int32(f), round: round, label: number(o.From), seen: -1}, in.Key, k)
			}
		}
		for d := range im.Detections {
			if !e.overlooked(d) {
				continue
			}
			at, kind := origin{fold: int32(f), round: round, label: -1, seen: s.detections[i] + int32(d)}, uint8(right)
			if from := on(im.Detections[d].Box, wrong[i].Dropped); from >= 0 {
				kind, at.label = isMissed, number(from)
			}
			if round == 0 || kind != right {
				x = s.rates[f].detection(x[:0], &e, &im, d)
				detections.add(x, kind, at, in.Key, d)
			}
		}
	}
	return [2]*rows{objects, detections}
}

// unchanged tells whether nothing befell an image's objects.
func unchanged(im *inject.Image) bool {
	return len(im.Dropped) == 0 &&
		!slices.ContainsFunc(im.Objects, func(o inject.Object) bool { return o.Error != inject.None })
}

// on returns the object that a box is on, by its index before, -1 if none.
func on(b geom.Box, objects []inject.Object) int32 {
	for _, o := range objects {
		if iou.Of(b, o.Box.Box()) >= same {
			return o.From
		}
	}
	return -1
}

// confusable draws classes that the detector takes a class for, as often as it does.
func confusable(rates *[folds]*Rates) func(class int32, rng *rand.Rand) int32 {
	type taken struct {
		as int32
		n  int64
	}
	of, all := map[int32][]taken{}, map[int32]int64{}
	for f := range rates {
		for pair, n := range rates[f].confusions {
			if class, as := pair[0], pair[1]; as >= 0 && as != class {
				of[class] = append(of[class], taken{as, n})
				all[class] += n
			}
		}
	}
	for class := range of {
		slices.SortFunc(of[class], func(a, b taken) int { return cmp.Or(cmp.Compare(a.as, b.as), cmp.Compare(a.n, b.n)) })
	}
	return func(class int32, rng *rand.Rand) int32 {
		if all[class] == 0 {
			return -1
		}
		at := float64(rng.Float64() * float64(all[class]))
		for _, t := range of[class] {
			if at -= float64(t.n); at < 0 {
				return t.as
			}
		}
		return -1
	}
}
