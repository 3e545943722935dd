package pass

import (
	"strings"

	"focalaudit/internal/pack"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// Numbering returns a text that changes where the numbers of reasons do, by which slots are packed.
func Numbering() string {
	var all []string
	for d := range trainer.Drops() {
		all = append(all, trainer.Drop(d).String())
	}
	for w := range iou.Whys() {
		all = append(all, iou.Why(w).String())
	}
	for r := trainer.Seen; r <= trainer.Huge; r++ {
		all = append(all, r.String())
	}
	return strings.Join(all, ",")
}

// PackImages packs what became of a source's images.
func PackImages(w *pack.Writer, images []Image) {
	w.Len(len(images))
	for i := range images {
		im := &images[i]
		packLeftOut(w, im.LeftOut)
		for _, n := range [...]int{
			im.Resized.W, im.Resized.H, im.Padded.W, im.Padded.H, im.Objects, im.Anchors, im.Positives, im.Negatives,
			im.Ignored, im.Candidates, im.Contested, im.RescuedNegative, im.RescuedIgnored,
		} {
			w.Int(int64(n))
		}
	}
}

// PackObjects packs what became of a source's annotations.
func PackObjects(w *pack.Writer, objects []Object) {
	w.Len(len(objects))
	for i := range objects {
		o := &objects[i]
		packLeftOut(w, o.LeftOut)
		if !o.Matched() {
			continue
		}
		w.Float32(o.IoU)
		w.Float32(o.Ratio)
		for _, n := range [...]int32{o.Anchor, o.Ties, o.AtLow, o.AtHigh, o.Shared, o.Far, o.Positives, o.Rescued} {
			w.Int(int64(n))
		}
		w.Uint(uint64(o.Shape))
		w.Byte(o.Level)
		w.Uint(uint64(o.Why))
	}
}

// UnpackImages appends what PackImages packed.
func UnpackImages(r *pack.Reader, images []Image) []Image {
	for range r.Len(14) {
		im := Image{LeftOut: unpackLeftOut(r)}
		n := func() int { return int(r.Int()) }
		im.Resized, im.Padded = geom.Size{W: n(), H: n()}, geom.Size{W: n(), H: n()}
		im.Objects, im.Anchors = n(), n()
		im.Positives, im.Negatives, im.Ignored = n(), n(), n()
		im.Candidates, im.Contested = n(), n()
		im.RescuedNegative, im.RescuedIgnored = n(), n()
		images = append(images, im)
	}
	return images
}

// UnpackObjects appends what PackObjects packed.
func UnpackObjects(r *pack.Reader, objects []Object) []Object {
	for range r.Len(1) {
		objects = append(objects, Object{LeftOut: unpackLeftOut(r)})
		o := &objects[len(objects)-1]
		if !o.Matched() {
			continue
		}
		o.IoU, o.Ratio = r.Float32(), r.Float32()
		for _, n := range [...]*int32{&o.Anchor, &o.Ties, &o.AtLow, &o.AtHigh, &o.Shared, &o.Far, &o.Positives, &o.Rescued} {
			*n = r.Int32()
		}
		o.Shape, o.Level, o.Why = uint16(r.Below(1<<16)), r.Byte(), iou.Why(r.Below(iou.Whys()))
	}
	return objects
}

// packLeftOut packs why a record takes no part: one byte if it does.
func packLeftOut(w *pack.Writer, l LeftOut) {
	w.Bool(l != LeftOut{})
	if l != (LeftOut{}) {
		w.Uint(uint64(l.Reading))
		w.Uint(uint64(l.Trainer))
		w.Uint(uint64(l.Image))
	}
}

func unpackLeftOut(r *pack.Reader) (l LeftOut) {
	if r.Bool() {
		l.Reading = dataset.Reason(r.Below(int(dataset.ImageLeftOut) + 1))
		l.Trainer = trainer.Drop(r.Below(trainer.Drops()))
		l.Image = trainer.Refusal(r.Below(int(trainer.Huge) + 1))
	}
	return l
}
