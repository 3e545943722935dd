package scores

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"focalaudit/pkg/loss"
)

// Detector is where the scores of a real detector come from: its detections.
// They are what is left of its scores after thresholds and suppression, so
// that an anchor without a detection has a floor for its score, an assumption.
type Detector struct {
	File   string  // results file
	Origin string  // the annotation file whose ids it uses, "" if that is plain
	Floor  float64 // score of an anchor that no detection speaks for
}

// DefaultFloor is the floor unless one is given: as at initialisation, so that
// what differs from the prior is what the detections say.
const DefaultFloor = DefaultPrior

// Floors are the floors under which a detector's losses are given side by side,
// beside its own.
var Floors = []float64{1e-2, 1e-3, 1e-4}

// MaxScore is the largest score that is told from 1: the float32 next to it.
// float32 sigmoids give 1 from logit 17 on, whose cross entropy as a negative
// would be infinite.
const MaxScore = 1 - 1.0/(1<<24)

// All returns the detector's own floor and the others, falling.
func (d *Detector) All() []float64 {
	all := append(slices.Clone(Floors), d.Floor)
	slices.Sort(all)
	slices.Reverse(all)
	return slices.Compact(all)
}

// Belief is the score that a detection gives an anchor by itself: its own score
// where the trainer's matcher would make the anchor positive for it, v >= high
// or the best that the detection has; in the ignored band its score times the
// linear ramp from low to high.
func Belief(score float64, v, low, high float32, best bool) float64 {
	score = min(score, MaxScore)
	if v >= high || best {
		return score
	}
	if v < low {
		return 0
	}
	return score * (float64(v) - float64(low)) / (float64(high) - float64(low))
}

// trailing is a key of a detections spec; the rest before it may hold commas
// and equals signs of a path.
var trailing = regexp.MustCompile(`^(.*),(floor|name|source)=([^,]*)$`)

// options takes the options off the end of a spec's arguments.
func options(spec, args string) (rest string, given map[string]string, err error) {
	given = map[string]string{}
	for m := trailing.FindStringSubmatch(args); m != nil; m = trailing.FindStringSubmatch(args) {
		if _, twice := given[m[2]]; twice {
			return "", nil, fmt.Errorf("scores %q: %s is given twice", spec, m[2])
		}
		given[m[2]] = m[3]
		args = m[1]
	}
	return args, given, nil
}

// detections reads FILE[,floor=π][,name=NAME][,source=SOURCE].
func detections(spec, args string) (Source, error) {
	d := &Detector{Floor: DefaultFloor}
	s := Source{Name: "detections", Detector: d}
	args, given, err := options(spec, args)
	if err != nil {
		return s, err
	}
	for key, value := range given {
		switch key {
		case "floor":
			p, err := probability("detections floor", value)
			if err != nil {
				return s, err
			}
			d.Floor = p
		case "name":
			s.Name = value
		case "source":
			d.Origin = value
		}
	}
	switch {
	case strings.TrimSpace(args) == "":
		return s, fmt.Errorf("scores %q: expected detections:FILE[,floor=π][,name=NAME][,source=SOURCE]", spec)
	case s.Name == "" || strings.ContainsRune(s.Name, '@'):
		return s, fmt.Errorf("scores %q: name %q: expected some text without @", spec, s.Name)
	}
	d.File = args
	s.Positive, s.Negative = loss.LogitOf(d.Floor), loss.LogitOf(d.Floor)
	return s, nil
}
