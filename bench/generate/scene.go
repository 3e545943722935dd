package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// crowds is the number of crowd annotations among trainImages images.
const crowds = 10152

// scene is a made-up data set. Everything in it is a function of the seed and
// its place, drawn again whenever it is needed.
type scene struct {
	images, classes, perImage int
	seed                      uint64

	pcg    rand.PCG
	rng    *rand.Rand
	rising []float64 // classes' frequencies, summed
}

// picture is an image.
type picture struct {
	id            int
	width, height int
	objects       int // without the crowd
	crowd         bool
}

// The streams of random numbers of one image; objects count on from object.
const (
	ofPicture = iota
	ofCount
	ofLooks
	ofDetections
	ofObject
)

// prepare must be called once, before anything else.
func (s *scene) prepare() {
	s.rng = rand.New(&s.pcg)
	sum := 0.0
	for class := range s.classes {
		f := 1 / float64(class+1) // Zipf's law stands in where COCO has no such class
		if s.classes == len(cocoClasses) {
			f = float64(cocoClasses[class].count)
		}
		sum += f
		s.rising = append(s.rising, sum)
	}
}

// from sets the random numbers to those of a stream of image i.
func (s *scene) from(i, stream int) *rand.Rand {
	s.pcg.Seed(mix(s.seed+uint64(i)<<32), mix(uint64(i)^uint64(stream)<<32^s.seed<<1))
	return s.rng
}

// mix spreads the bits of x (splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// picture draws image i. Ids rise with gaps, up to about 580,000 at COCO's size.
func (s *scene) picture(i int) picture {
	p := picture{objects: s.plain(i), crowd: s.hasCrowd(i)}
	rng := s.from(i, ofPicture)
	p.id = 9 + i*49/10 + rng.IntN(4)
	u := rng.Float64()
	k := 0
	for k < len(cocoSizes) && u >= cocoSizes[k].share {
		u -= cocoSizes[k].share
		k++
	}
	if k < len(cocoSizes) {
		p.width, p.height = cocoSizes[k].width, cocoSizes[k].height
		return p
	}
	p.width, p.height = 640, 320+rng.IntN(321) // the rest: any photograph with a side of 640
	if rng.Float64() < 0.25 {
		p.width, p.height = p.height, p.width
	}
	return p
}

// count is the number of annotations of image i.
func (s *scene) count(i int) int {
	if s.hasCrowd(i) {
		return s.plain(i) + 1
	}
	return s.plain(i)
}

// plain is the number of objects of image i that are no crowds: COCO's
// quantiles, straight lines between them.
func (s *scene) plain(i int) int {
	if s.perImage > 0 {
		return s.perImage
	}
	u := s.from(i, ofCount).Float64()
	k := sort.Search(len(cocoCounts)-2, func(k int) bool { return u < cocoCounts[k+1].up })
	a, b := cocoCounts[k], cocoCounts[k+1]
	return int(a.objects + (b.objects-a.objects)*(u-a.up)/(b.up-a.up))
}

// hasCrowd says whether image i has a crowd: every twelfth, about.
func (s *scene) hasCrowd(i int) bool {
	return s.perImage == 0 && share(crowds, trainImages, i+1) > share(crowds, trainImages, i)
}

// object is an annotation, in hundredths of a pixel.
type object struct {
	class         int
	x, y          int64
	width, height int64
}

// object draws object k of an image, which has room for it. The random numbers
// go on to be those of its outline.
func (s *scene) object(i, k int, p picture) (object, *rand.Rand) {
	rng := s.from(i, ofObject+k)
	u := rng.Float64() * s.rising[len(s.rising)-1]
	o := object{class: min(sort.SearchFloat64s(s.rising, u), s.classes-1)}

	// COCO's fit: the more objects, the smaller they are.
	w, h := float64(p.width), float64(p.height)
	for {
		area := 8.05 - 1.155*(math.Log(float64(min(p.objects, 100)))-2.38) + 2.3*rng.NormFloat64()
		aspect := -0.14 + 0.75*rng.NormFloat64()
		bw, bh := math.Exp((area+aspect)/2), math.Exp((area-aspect)/2)
		if bw < 1.2*w && bh < 1.2*h && bw*bh > 4 { // what is a little too large fills the image
			w, h = math.Min(bw, w), math.Min(bh, h)
			break
		}
	}
	o.width, o.height = max(int64(100*w), 100), max(int64(100*h), 100)
	o.x = rng.Int64N(100*int64(p.width) - o.width + 1)
	o.y = rng.Int64N(100*int64(p.height) - o.height + 1)
	return o, rng
}

// found is a detection.
type found struct {
	image, class int
	box          [4]float32
	score        float32
}

// detect draws n detections of image i: its objects, a little off, have the
// best scores, then come boxes of nothing; best first.
func (s *scene) detect(i, n int) []found {
	p := s.picture(i)
	objects := make([]object, n)
	for k := range objects {
		if p.objects == 0 {
			p.objects = 1
		}
		objects[k], _ = s.object(i, k, p)
	}
	rng := s.from(i, ofDetections)
	scores := make([]float32, n)
	for k := range scores {
		scores[k] = float32(math.Exp(rng.Float64() * math.Log(0.001))) // log-uniform
	}
	slices.SortFunc(scores, func(a, b float32) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	list := make([]found, n)
	for k, o := range objects {
		off := func(at, size int64) float32 {
			return float32((float64(at) + 0.05*float64(size)*rng.NormFloat64()) / 100)
		}
		list[k] = found{image: p.id, class: o.class, score: scores[k], box: [4]float32{
			max(off(o.x, o.width), 0), max(off(o.y, o.height), 0), max(off(o.width, o.width), 1), max(off(o.height, o.height), 1)}}
	}
	return list
}
