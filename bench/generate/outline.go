package main

import (
	"math"
	"math/rand/v2"
)

// point is a corner of an outline, in hundredths of a pixel.
type point struct{ x, y int64 }

// outline draws the polygons of an object inside its box, and shrinks the box
// to them. Eleven of a hundred objects are in two parts, as if something stood
// before them.
func outline(o *object, rng *rand.Rand) [][]point {
	parts := 1
	for parts < 5 && rng.Float64() < 0.11 {
		parts++
	}
	polygons := make([][]point, parts)
	for k := range polygons {
		polygons[k] = polygon(part(*o, k, parts), rng)
	}
	low, high := polygons[0][0], polygons[0][0]
	for _, points := range polygons {
		for _, p := range points {
			low = point{min(low.x, p.x), min(low.y, p.y)}
			high = point{max(high.x, p.x), max(high.y, p.y)}
		}
	}
	o.x, o.y, o.width, o.height = low.x, low.y, high.x-low.x, high.y-low.y
	return polygons
}

// part is part k of an object that is cut across its longer side.
func part(o object, k, parts int) object {
	n := int64(parts)
	if o.width >= o.height {
		o.x, o.width = o.x+o.width*int64(k)/n, o.width/n
	} else {
		o.y, o.height = o.y+o.height*int64(k)/n, o.height/n
	}
	return o
}

// polygon draws a star-shaped outline that touches all four sides of the box.
// The number of points is log-normal: median 15, one of a hundred has over 65.
func polygon(o object, rng *rand.Rand) []point {
	n := max(4, min(400, int(math.Exp(math.Log(15.3)+0.65*rng.NormFloat64()))))
	xs, ys := make([]float64, n), make([]float64, n)
	x0, y0, x1, y1 := 9.0, 9.0, -9.0, -9.0
	for k := range xs {
		r := 0.65 + 0.35*rng.Float64()
		sin, cos := math.Sincos(2 * math.Pi * (float64(k) + 0.8*rng.Float64()) / float64(n))
		xs[k], ys[k] = r*cos, r*sin
		x0, x1 = math.Min(x0, xs[k]), math.Max(x1, xs[k])
		y0, y1 = math.Min(y0, ys[k]), math.Max(y1, ys[k])
	}
	points := make([]point, n)
	for k := range points {
		points[k].x = o.x + int64(float64(o.width)*(xs[k]-x0)/(x1-x0))
		points[k].y = o.y + int64(float64(o.height)*(ys[k]-y0)/(y1-y0))
	}
	return points
}

// area is the area of polygons in pixels: the shoelace formula, in floating
// point as everybody does it, so that the digits look as COCO's do.
func area(polygons [][]point) float64 {
	sum := 0.0
	for _, points := range polygons {
		last, twice := points[len(points)-1], 0.0
		for _, p := range points {
			twice += float64(last.x)/100*(float64(p.y)/100) - float64(p.x)/100*(float64(last.y)/100)
			last = p
		}
		sum += math.Abs(twice) / 2
	}
	return sum
}

// mask is a crowd: run lengths over the columns of an image, background first.
type mask struct {
	counts              []int
	area                int
	x, y, width, height int
}

// crowd draws the mask of a crowd: one or two pieces in each of its columns.
func crowd(p picture, rng *rand.Rand) mask {
	w, h := p.width/8+rng.IntN(p.width*3/4), p.height/4+rng.IntN(p.height/2)
	m := mask{x: rng.IntN(p.width - w + 1), width: w}
	top := rng.IntN(p.height - h + 1)
	low, high := p.height, 0
	gap := m.x * p.height // background since the last piece
	for range w {
		y := 0
		for range 1 + rng.IntN(2) {
			from := max(y+1, top+rng.IntN(h))
			to := min(from+1+rng.IntN(h/2), top+h)
			if from >= to {
				break
			}
			m.counts = append(m.counts, gap+from-y, to-from)
			m.area += to - from
			low, high = min(low, from), max(high, to)
			y, gap = to, 0
		}
		gap += p.height - y
	}
	m.counts = append(m.counts, gap+(p.width-m.x-w)*p.height)
	m.y, m.height = low, high-low
	return m
}
