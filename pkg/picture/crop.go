package picture

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"

	"golang.org/x/image/draw"

	"focalaudit/pkg/geom"
)

// The bounds of a crop.
const (
	side    = 288 // px of the longer side at most
	least   = 48  // px of the annotated image that a crop shows at least, in each direction
	context = 0.6 // of the boxes' longer side, that is shown around them
	quality = 78
	large   = 4 << 20 // px of a part that is scaled in the quick way
)

// Crop is a part of a picture.
type Crop struct {
	JPEG []byte
	Part geom.Rect // of the annotated image, px
	Size geom.Size // of the JPEG
}

// Cut is a crop, or the reason why there is none.
type Cut struct {
	Crop
	Err error
}

// Crops cuts the surroundings of boxes out of a picture, which it decodes once. Boxes and annotated are in px of the
// annotated image; where the picture has another size, it is scaled to that, and where the
// annotations fit the picture as stored, its EXIF orientation is left aside as they do.
func (d *Dir) Crops(name string, annotated geom.Size, boxes []geom.Box) []Cut {
	cuts := make([]Cut, len(boxes))
	err := d.with(name, func(of decoded) {
		im := of.Image
		if of.turn > 1 && (annotated != of.Stored || annotated == of.Shown) {
			im = turned{im, of.turn}
		}
		for i := range boxes {
			cuts[i].Crop, cuts[i].Err = crop(im, annotated, boxes[i])
		}
	})
	if err != nil {
		for i := range cuts {
			cuts[i].Err = err
		}
	}
	return cuts
}

// crop cuts the surroundings of a box out of a picture.
func crop(im image.Image, annotated geom.Size, box geom.Box) (Crop, error) {
	part := around(box, annotated)
	if part.Empty() {
		return Crop{}, ErrBroken
	}
	b := im.Bounds()
	sx, sy := float64(b.Dx())/float64(annotated.W), float64(b.Dy())/float64(annotated.H)
	from := image.Rect(int(part.X0*sx), int(part.Y0*sy), int(math.Ceil(part.X1*sx)), int(math.Ceil(part.Y1*sy))).
		Add(b.Min).Intersect(b)
	scale := min(1, side/float64(max(from.Dx(), from.Dy(), 1)))
	to := image.Rect(0, 0, max(1, int(float64(from.Dx())*scale)), max(1, int(float64(from.Dy())*scale)))
	out := image.NewRGBA(to)
	draw.Draw(out, to, image.White, image.Point{}, draw.Src) // behind what a PNG leaves clear
	var scaler draw.Scaler = draw.CatmullRom
	if from.Dx()*from.Dy() > large {
		scaler = draw.ApproxBiLinear
	}
	scaler.Scale(out, to, im, from, draw.Over, nil)
	var w bytes.Buffer
	if err := jpeg.Encode(&w, out, &jpeg.Options{Quality: quality}); err != nil {
		return Crop{}, err
	}
	return Crop{JPEG: w.Bytes(), Part: part.Rect(), Size: geom.Size{W: to.Dx(), H: to.Dy()}}, nil
}

// around returns what is shown of an image, in whole px: a box with its surroundings.
func around(box geom.Box, annotated geom.Size) geom.Box {
	w, h := box.Width(), box.Height()
	margin := max(w, h) * context
	x, y := max(margin, (least-w)/2), max(margin, (least-h)/2)
	frame := geom.Box{X1: float64(annotated.W), Y1: float64(annotated.H)}
	b := geom.Box{
		X0: math.Floor(box.X0 - x), Y0: math.Floor(box.Y0 - y), X1: math.Ceil(box.X1 + x), Y1: math.Ceil(box.Y1 + y),
	}
	return b.Intersect(frame)
}
