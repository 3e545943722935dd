// Package scores says how sure the detector would be of each anchor: where the
// probabilities come from that the losses are computed with.
//
// A Source that needs no detector gives one score to every term of target 1
// and one to every term of target 0, so that its losses are counts times
// constants.
package scores

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"focalaudit/pkg/loss"
)

// Source gives the scores of an image's anchors.
type Source struct {
	Name     string     // as reports call it
	Positive loss.Logit // of the terms with target 1; of a detector, its floor
	Negative loss.Logit // of the terms with target 0; of a detector, its floor
	Detector *Detector  // its detections, if they are what scores come from
	Logits   *Logits    // its logits, if they are
	Geometry bool       // an illustration that is made from the labels
}

// Model reports whether the scores differ from anchor to anchor.
func (s *Source) Model() bool { return s.Detector != nil || s.Logits != nil || s.Geometry }

// Floors returns the scores, falling, that anchors may have without a word of
// the detector's.
func (s *Source) Floors() []float64 {
	if s.Detector != nil {
		return s.Detector.All()
	}
	return []float64{DefaultPrior}
}

// DefaultPrior is the π of RetinaNet's initialisation: section 4.1 of the
// focal-loss paper and torchvision's RetinaNetClassificationHead.
const DefaultPrior = 0.01

// Prior is a detector as it is initialised: every score is π.
func Prior(pi float64) Source {
	z := loss.LogitOf(pi)
	return Source{Name: "prior", Positive: z, Negative: z}
}

// Article is the arithmetic by which dense detectors are usually explained:
// every positive costs a cross entropy of 3, every negative one of 0.1.
func Article() Source {
	return Source{
		Name:     "article",
		Positive: loss.Logit(-math.Log(math.Expm1(3))),  // p = e^-3: logit = -ln(e^3 - 1)
		Negative: loss.Logit(math.Log(math.Expm1(0.1))), // 1-p = e^-0.1: logit = ln(e^0.1 - 1)
	}
}

// Default returns the sources that every run has.
func Default() []Source { return []Source{Prior(DefaultPrior), Article()} }

// Apply returns sources with the one that spec describes: prior:π takes the
// place of the default prior, constant:pos=P,neg=N, detections:FILE and
// logits:DIR are added.
func Apply(sources []Source, spec string) ([]Source, error) {
	kind, args, _ := strings.Cut(spec, ":")
	switch kind {
	case "prior":
		pi, err := probability("prior:π", args)
		if err != nil {
			return nil, err
		}
		sources[0] = Prior(pi)
		return sources, nil
	case "constant":
		s, err := constant(spec, args)
		if err != nil {
			return nil, err
		}
		return add(sources, s)
	case "detections":
		s, err := detections(spec, args)
		if err != nil {
			return nil, err
		}
		return add(sources, s)
	case "geometry":
		if args != "" {
			return nil, fmt.Errorf("scores %q: geometry takes no arguments", spec)
		}
		z := loss.LogitOf(DefaultPrior)
		return add(sources, Source{Name: "geometry", Positive: z, Negative: z, Geometry: true})
	case "logits":
		s, err := logits(spec, args)
		if err != nil {
			return nil, err
		}
		return add(sources, s)
	}
	switch ext := filepath.Ext(spec); {
	case strings.HasSuffix(strings.TrimSuffix(spec, ".gz"), ".json"):
		return nil, fmt.Errorf("scores %q: a file of detections needs its kind before it: detections:%s", spec, spec)
	case ext == ".npy":
		return nil, fmt.Errorf("scores %q: logits are named by their directory: logits:%s", spec, filepath.Dir(spec))
	}
	return nil, fmt.Errorf(
		"scores %q: unknown kind %q; known are prior:π, constant:pos=P,neg=N, detections:FILE, logits:DIR and geometry",
		spec, kind)
}

func add(sources []Source, s Source) ([]Source, error) {
	for _, other := range sources {
		if other.Name == s.Name {
			if s.Model() {
				return nil, fmt.Errorf("scores %q are given twice; add ,name=NAME to one of them", s.Name)
			}
			return nil, fmt.Errorf("scores %q are given twice", s.Name)
		}
	}
	return append(sources, s), nil
}

func constant(name, args string) (Source, error) {
	s := Source{Name: name}
	given := map[string]bool{}
	for arg := range strings.SplitSeq(args, ",") {
		key, text, _ := strings.Cut(arg, "=")
		p, err := probability("constant:"+key, text)
		if err != nil {
			return s, err
		}
		switch key {
		case "pos":
			s.Positive = loss.LogitOf(p)
		case "neg":
			s.Negative = loss.LogitOf(p)
		default:
			return s, fmt.Errorf("scores %q: unknown key %q; expected constant:pos=P,neg=N", name, key)
		}
		given[key] = true
	}
	if !given["pos"] || !given["neg"] {
		return s, fmt.Errorf("scores %q: expected constant:pos=P,neg=N", name)
	}
	return s, nil
}

func probability(what, text string) (float64, error) {
	p, err := strconv.ParseFloat(text, 64)
	if err != nil || !(p > 0 && p < 1) {
		return 0, fmt.Errorf("scores %s: got %q, expected a probability between 0 and 1, both excluded", what, text)
	}
	return p, nil
}
