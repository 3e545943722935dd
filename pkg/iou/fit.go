package iou

import (
	"math"

	"focalaudit/pkg/geom"
)

// Fit is how well an image's anchors could suit an object, wherever it lay.
type Fit struct {
	IoU               float64 // with the best shape, centred on the object
	Smallest, Largest float64 // square root of the area of the smallest and largest shape, px

	// Stretch is the factor, 1 or more, by which the sides of the shape with the most
	// similar aspect differ from the object's once both have one area: one side is
	// longer by it, the other shorter.
	Stretch float64
}

// Aspect returns the IoU that a shape has with the object, centred on it, if it
// has the object's area and the most similar aspect of all.
func (f *Fit) Aspect() float64 { return 1 / (2*f.Stretch - 1) }

// fitOf returns how well the shapes of grids suit an object of the given sides, with
// every box enlarged by edges px in width and height.
func fitOf(w, h float64, grids []geom.Grid, edges float64) Fit {
	w, h = w+edges, h+edges
	f := Fit{Stretch: math.Inf(1)}
	for i := range grids {
		for _, s := range grids[i].Shapes {
			sw, sh := float64(s.Width())+edges, float64(s.Height())+edges
			inter := float64(min(w, sw) * min(h, sh))
			f.IoU = max(f.IoU, inter/(float64(w*h)+float64(sw*sh)-inter))
			stretch := w * sh / (h * sw) // of the aspects, to be the root
			f.Stretch = min(f.Stretch, max(stretch, 1/stretch))
			area := sw * sh
			if f.Smallest == 0 || area < f.Smallest {
				f.Smallest = area
			}
			f.Largest = max(f.Largest, area)
		}
	}
	f.Smallest, f.Largest, f.Stretch = math.Sqrt(f.Smallest), math.Sqrt(f.Largest), math.Sqrt(f.Stretch)
	return f
}
