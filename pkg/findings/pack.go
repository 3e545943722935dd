package findings

import (
	"focalaudit/internal/pack"
	"focalaudit/pkg/geom"
)

// Pack packs a finding of one image, which has no evidence of a detector's and names its class by
// number.
func Pack(w *pack.Writer, f *Finding) {
	w.Text(f.Code)
	w.Text(f.Message)
	for _, n := range [...]int32{f.Source, f.Image, f.Object, f.Other, f.Class, f.Line} {
		w.Int(int64(n))
	}
	w.Int(f.Offset)
	w.Bool(f.HasBox)
	for _, x := range [...]float64{f.Box.X, f.Box.Y, f.Box.W, f.Box.H, f.IoU, f.Size} {
		w.Float(x)
	}
	w.Int(f.Cases)
	w.Int(f.Positives)
	w.Text(f.Key)
	w.Byte(byte(f.Level))
}

// Unpack reads what Pack packed.
func Unpack(r *pack.Reader) Finding {
	f := Finding{Code: r.Text(), Message: r.Text()}
	for _, n := range [...]*int32{&f.Source, &f.Image, &f.Object, &f.Other, &f.Class, &f.Line} {
		*n = r.Int32()
	}
	f.Offset, f.HasBox = r.Int(), r.Bool()
	f.Box = geom.Rect{X: r.Float(), Y: r.Float(), W: r.Float(), H: r.Float()}
	f.IoU, f.Size = r.Float(), r.Float()
	f.Cases, f.Positives, f.Key, f.Level = r.Int(), r.Int(), r.Text(), Severity(r.Byte())
	if _, known := groupOf[kind{f.Code, f.Severity()}]; !known {
		r.Fail()
	}
	return f
}
