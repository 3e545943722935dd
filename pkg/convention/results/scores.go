package results

import (
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
)

// Order says whether the scores rank the detections.
type Order struct {
	Hits, Strays int     // detections that overlap an object of their class, and others
	Area         float64 // part of the pairs of both in which the hit has the higher score
	One          bool    // all have one score
	Score        float64 // which one
	Squashed     bool    // all are sigmoids of probabilities
	Top          float64 // the highest score
	AtTop, All   int     // detections within 2 % of it, all
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
	o.top(r)
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
				if d.Source(int(s.source)).Objects[s.objects[j]].Class == s.detections[k].Class && iou.Of(b, c) >= overlap {
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

// top counts the scores near the highest one.
func (o *Order) top(r *dataset.Results) {
	for i := range r.Detections {
		o.Top = max(o.Top, r.Detections[i].Score)
	}
	for i := range r.Detections {
		o.AtTop += sample.One(r.Detections[i].Score >= 0.98*o.Top)
	}
	o.All = len(r.Detections)
}

// Scaled reports whether scores end below 1 as they do at 1: none is above 0.9, and 30 and 1 in 100 are within 2 % of
// the highest. Scores of real detectors come near 1 where they are sure; where none does, they thin out. Of the real
// results whose highest score is below 0.95, none has any within 2 % of it but one.
func (o *Order) Scaled() bool {
	return !o.One && !o.Squashed && o.Top < 0.9 && o.AtTop >= 30 && 100*o.AtTop >= o.All
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
	return "the best one is the same in " + say.Group(s.Best)
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
		for i := range d.Source(source).Images {
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
				s.Groups += sample.One(g.n > 1)
				s.Equal += sample.One(g.n > 1 && g.equal)
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
