package convention

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"focalaudit/internal/realfiles"
	"focalaudit/pkg/convention/reading"
	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

var usables = map[*dataset.Source][]int32{}

// usable returns the objects of a source that could tell, in any order.
func usable(src *dataset.Source) []int32 {
	all, ok := usables[src]
	if !ok {
		sample.Each(src, func(k int32, _ *dataset.Object, _, _ float64) { all = append(all, k) })
		usables[src] = all
	}
	return all
}

// rightParts calls f with a source as it stands, and so many times with 200, 1,000 and 3,000 objects drawn from it and
// with stretches of some numbers of images.
func rightParts(src *dataset.Source, times int, stretches []int, rng *rand.Rand, f func(*dataset.Source)) {
	f(src)
	for range times {
		for _, n := range []int{200, 1000, 3000} {
			f(drawnFrom(src, n, rng))
		}
		for _, n := range stretches {
			if n < len(src.Images) {
				part := *src
				realfiles.CutImages(&part, rng.IntN(len(src.Images)-n), n)
				f(&part)
			}
		}
	}
}

// drawnFrom returns a source with n objects drawn from another one, with their
// images, all if n is 0. Only objects that could tell are drawn.
func drawnFrom(src *dataset.Source, n int, rng *rand.Rand) *dataset.Source {
	all := usable(src)
	if n > 0 && n < len(all) {
		for i := range n { // the first n of a shuffle
			j := i + rng.IntN(len(all)-i)
			all[i], all[j] = all[j], all[i]
		}
		all = slices.Sorted(slices.Values(all[:n]))
	}
	out := &dataset.Source{Name: src.Name}
	if n == 0 {
		all = slices.Sorted(slices.Values(all))
	}
	last := int32(-1)
	for _, k := range all {
		o := src.Objects[k]
		if o.Image != last {
			last = o.Image
			out.Images = append(out.Images, src.Images[o.Image])
			out.Images[len(out.Images)-1].First = int32(len(out.Objects))
		}
		o.Image = int32(len(out.Images) - 1)
		out.Objects = append(out.Objects, o)
		out.Images[o.Image].Last = int32(len(out.Objects))
	}
	return out
}

// convert returns a source whose boxes are written for another reading, every
// one of a step, without what areas and outlines tell.
func convert(src *dataset.Source, r reading.Reading, step int) *dataset.Source {
	out := *src
	out.Objects = slices.Clone(src.Objects)
	i := 0
	sample.Each(&out, func(_ int32, o *dataset.Object, w, h float64) {
		o.Outline = dataset.OutlineNone
		o.Flags = 0
		if i%step == 0 {
			o.Box = realfiles.Write(r, o.Box, geom.Size{W: int(w), H: int(h)})
		}
		i++
	})
	return &out
}

// bare is what a file without areas and outlines has.
func bare(src *dataset.Source) *dataset.Source { return convert(src, reading.Reading{}, 1) }

// TestNoFalseAlarmOnBoxes: no real file is taken for one of another convention, with
// its areas and outlines or without, as a whole or cut to a few boxes.
func TestNoFalseAlarmOnBoxes(t *testing.T) {
	sources := realfiles.RealSources(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range sources {
		src := &sources[i]
		for name, s := range map[string]*dataset.Source{"": src, " without areas and outlines": bare(src)} {
			if v := OfBoxes(s); v.Found() {
				t.Errorf("%s%s: %s, %d of %d", src.Name, name, v.Reading, v.Fits, v.Of)
			}
		}
		for _, n := range []int{5, 8, 20, 50, 200} {
			for range 1000 {
				s := drawnFrom(src, n, rng)
				if v := OfBoxes(s); v.Found() {
					t.Errorf("%s, %d boxes: %s", src.Name, n, v.Reading)
				}
				if v := OfBoxes(bare(s)); v.Found() {
					t.Errorf("%s, %d boxes without areas and outlines: %s", src.Name, n, v.Reading)
				}
			}
		}
	}
}

// power is how many of all draws from real files are found to have another
// convention, if they are written in it; Or counts as a name.
func power(sources []dataset.Source, n int, r reading.Reading, step int, rng *rand.Rand) (found, named float64) {
	draws := 0
	for i := range sources {
		if len(sources[i].Objects) < n {
			continue
		}
		for range 50 {
			v := OfBoxes(convert(drawnFrom(&sources[i], n, rng), r, step))
			draws++
			if v.Found() {
				found++
			}
			if v.Found() && (v.Reading == r || slices.Contains(v.Or, r)) {
				named++
			}
		}
	}
	return found / float64(draws), named / float64(draws)
}

// TestPowerOnBoxes: boxes of real files that are written for another reading are
// found, without areas and outlines, in draws of 8, 20, 50 and 200 boxes. The bars are
// a little below what was measured; docs/conventions.md has the numbers.
func TestPowerOnBoxes(t *testing.T) {
	sources := realfiles.RealSources(t)
	rng := rand.New(rand.NewPCG(3, 4))
	sizes := [4]int{8, 20, 50, 200}
	for _, c := range []struct {
		r    reading.Reading
		step int
		bars [4]float64
	}{
		{reading.Reading{Form: reading.Corners}, 1, [4]float64{.94, .97, .99, .99}},
		{reading.Reading{Form: reading.Corners}, 2, [4]float64{.45, .95, .97, .98}}, // every second box
		{reading.Reading{Form: reading.Centre}, 1, [4]float64{.18, .28, .50, .72}},
		{reading.Reading{Form: reading.Below}, 1, [4]float64{.11, .19, .40, .62}},
		{reading.Reading{Form: reading.Exchanged}, 1, [4]float64{.50, .70, .90, .92}},
		{reading.Reading{Form: reading.ExchangedCorners}, 1, [4]float64{.96, .96, .97, .99}},
		{reading.Reading{Form: reading.ExchangedPlace}, 1, [4]float64{.50, .70, .90, .96}},
		{reading.Reading{Form: reading.ExchangedSides}, 1, [4]float64{.02, .05, .16, .55}},
		{reading.Reading{Form: reading.Spans}, 1, [4]float64{.96, .96, .97, .98}},
		{reading.Reading{Form: reading.LowerRight}, 1, [4]float64{.36, .47, .62, .80}},
		{reading.Reading{Form: reading.Box, Unit: reading.Parts}, 1, [4]float64{1, 1, 1, 1}},
		{reading.Reading{Form: reading.Corners, Unit: reading.Parts}, 1, [4]float64{1, 1, 1, 1}},
		{reading.Reading{Form: reading.Centre, Unit: reading.Parts}, 1, [4]float64{1, 1, 1, 1}},
		{reading.Reading{Form: reading.ExchangedCorners, Unit: reading.Parts}, 1, [4]float64{1, 1, 1, 1}},
		{reading.Reading{Form: reading.Spans, Unit: reading.Parts}, 1, [4]float64{1, 1, 1, 1}},
		{reading.Reading{Form: reading.Box, Unit: reading.Percent}, 1, [4]float64{.60, .70, .88, .96}},
		{reading.Reading{Form: reading.Corners, Unit: reading.Percent}, 1, [4]float64{.76, .87, .93, .98}},
		{reading.Reading{Form: reading.Centre, Unit: reading.Percent}, 1, [4]float64{.65, .74, .93, .98}},
		{reading.Reading{Form: reading.Box, Unit: reading.Thousandths}, 1, [4]float64{0, .30, .52, .68}},
		{reading.Reading{Form: reading.ExchangedCorners, Unit: reading.Thousandths}, 1, [4]float64{.15, .60, .80, .90}},
	} {
		line := ""
		for k, n := range sizes {
			found, named := power(sources, n, c.r, c.step, rng)
			line += fmt.Sprintf("  %d: %.3f, named %.3f", n, found, named)
			if found < c.bars[k] {
				t.Errorf("%s in one of %d, %d boxes: %.3f are found, want %.2f", c.r, c.step, n, found, c.bars[k])
			}
		}
		t.Logf("%-60s 1/%d %s", c.r, c.step, line)
	}
}
