package analysis

import (
	"cmp"
	"maps"
	"slices"

	"focalaudit/internal/pack"
	"focalaudit/pkg/convention/between"
	"focalaudit/pkg/distribution"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Pack packs a digest.
func (d *Digest) Pack(w *pack.Writer) {
	w.Len(len(d.Images))
	for _, why := range slices.Sorted(maps.Keys(d.Images)) {
		w.Text(why)
		w.Int(d.Images[why])
	}
	w.Len(len(d.Annotations))
	for _, of := range slices.SortedFunc(maps.Keys(d.Annotations), func(a, b leftOut) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.why, b.why))
	}) {
		w.Int(int64(of.class))
		w.Text(of.why)
		w.Int(d.Annotations[of])
	}
	packCounts(w, d.PerImage)
	packCounts(w, d.Positives)
	w.Int(d.ImagesWithoutPositive)
	w.Int(d.FewPoints)
	for i := range d.Weak {
		of := &d.Weak[i]
		w.Int(of.Without)
		w.Int(of.Rescued)
		w.Float(of.Least)
		w.Float(of.Most)
	}
	for i := range d.Shapes.Cells {
		w.Bool(d.Shapes.Cells[i] != nil)
		for k := range d.Shapes.Cells[i] {
			c := &d.Shapes.Cells[i][k]
			w.Int(c.N)
			w.Bool(c.Why != nil)
			for _, n := range c.Why {
				w.Int(n)
			}
		}
	}
	for i := range d.Shapes.Sizes {
		for _, n := range d.Shapes.Sizes[i] {
			w.Int(n)
		}
	}
	PackFound(w, d.Found)
	w.Len(len(d.Unfit))
	for i := range d.Unfit {
		d.Unfit[i].pack(w)
	}
	w.Len(len(d.Apart))
	for i := range d.Apart {
		d.Apart[i].Pack(w)
	}
	d.Look.Pack(w)
}

// Extent bounds the numbers that findings and digests of a source have: of classes, and of the source's images and
// annotations. Other numbers are no part's.
type Extent struct{ Classes, Images, Objects int }

// among reports whether i is the number of one of n, or -1 for none.
func among(i int32, n int) bool { return i >= -1 && int(i) < n }

// UnpackDigest reads what Pack packed of a source.
func UnpackDigest(r *pack.Reader, of Extent) (d Digest) {
	classes := of.Classes
	d.Digested = newDigested()
	for range r.Len(2) {
		why := r.Text()
		d.Images[why] = r.Int()
	}
	for range r.Len(3) {
		left := leftOut{unpackClass(r, classes), r.Text()}
		d.Annotations[left] = r.Int()
	}
	unpackCounts(r, d.PerImage)
	unpackCounts(r, d.Positives)
	d.ImagesWithoutPositive, d.FewPoints = r.Int(), r.Int()
	for i := range d.Weak {
		d.Weak[i] = Whys{r.Int(), r.Int(), r.Float(), r.Float()}
	}
	for i := range d.Shapes.Cells {
		if !r.Bool() {
			continue
		}
		for k := range AspectBins {
			c := d.Shapes.Cells.at(i, k)
			if c.N = r.Int(); r.Bool() {
				c.Why = make([]int64, iou.Whys())
				for w := range c.Why {
					c.Why[w] = r.Int()
				}
			}
		}
	}
	for i := range d.Shapes.Sizes {
		for k := range d.Shapes.Sizes[i] {
			d.Shapes.Sizes[i][k] = r.Int()
		}
	}
	d.Found = UnpackFound(r, of)
	for range r.Len(16) {
		d.Unfit = append(d.Unfit, unpackUnfit(r, of))
	}
	for range r.Len(4) {
		d.Apart = append(d.Apart, between.UnpackPart(r, classes))
	}
	d.Look = distribution.Unpack(r, classes)
	return d
}

// PackFound packs findings of a source.
func PackFound(w *pack.Writer, found []findings.Finding) {
	w.Len(len(found))
	for i := range found {
		findings.Pack(w, &found[i])
	}
}

// UnpackFound reads what PackFound packed of a source.
func UnpackFound(r *pack.Reader, of Extent) (found []findings.Finding) {
	for range r.Len(40) {
		f := findings.Unpack(r)
		if !among(f.Class, of.Classes) || !among(f.Image, of.Images) || !among(f.Object, of.Objects) ||
			!among(f.Other, of.Objects) || f.Cases < 0 {
			r.Fail()
			return nil
		}
		found = append(found, f)
	}
	return found
}

// unpackClass reads a class, -1 for none.
func unpackClass(r *pack.Reader, classes int) int32 {
	c := r.Int32()
	if c < -1 || int(c) >= classes {
		r.Fail()
		return -1
	}
	return c
}

func packCounts(w *pack.Writer, counts map[int32]int64) {
	w.Len(len(counts))
	for _, n := range slices.Sorted(maps.Keys(counts)) {
		w.Int(int64(n))
		w.Int(counts[n])
	}
}

func unpackCounts(r *pack.Reader, to map[int32]int64) {
	for range r.Len(2) {
		n := r.Int32()
		to[n] = r.Int()
	}
}

func (u *Unfit) pack(w *pack.Writer) {
	w.Text(u.Code)
	w.Int(int64(u.Class))
	w.Uint(uint64(u.Why))
	w.Int(u.N)
	w.Int(u.Positives)
	s := &u.Worst
	for _, n := range [...]int32{s.Number, s.Image, s.Line} {
		w.Int(int64(n))
	}
	w.Int(s.Offset)
	for _, x := range [...]float64{s.Box.X, s.Box.Y, s.Box.W, s.Box.H} {
		w.Float(x)
	}
	w.Text(s.File)
	w.Float32(s.IoU)
	w.Float32(s.Ratio)
	w.Text(u.Example)
}

func unpackUnfit(r *pack.Reader, of Extent) (u Unfit) {
	u.Code = r.Text()
	u.Class, u.Why = unpackClass(r, of.Classes), iou.Why(r.Below(iou.Whys()))
	u.N, u.Positives = r.Int(), r.Int()
	s := &u.Worst
	s.Number, s.Image, s.Line = r.Int32(), r.Int32(), r.Int32()
	s.Offset = r.Int()
	s.Box = geom.Rect{X: r.Float(), Y: r.Float(), W: r.Float(), H: r.Float()}
	s.File, s.IoU, s.Ratio = r.Text(), r.Float32(), r.Float32()
	u.Example = r.Text()
	known := u.Code == "object-rescued-only" || u.Code == "object-without-positive"
	if !known || u.Example == "" || !among(s.Number, of.Objects) || !among(s.Image, of.Images) {
		r.Fail()
	}
	return u
}
