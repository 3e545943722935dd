package convention

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// shared returns the path of shared test material, and skips where it is absent.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs the shared test material: %s", filepath.Join(elem...))
	}
	return path
}

// read reads annotation files.
func read(t testing.TB, outlines bool, paths ...string) *dataset.Dataset {
	t.Helper()
	files, err := coco.Find(paths, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := coco.Read(context.Background(), files, coco.Options{Workers: 2, Outlines: outlines})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// once is what is read once for all tests, which leave it as it is.
type once[T any] struct {
	sync.Once
	value T
}

func (o *once[T]) get(t testing.TB, read func() T) T {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	shared(t, "data") // skips before Do, which would take a skip for done
	shared(t, "glyphs")
	o.Do(func() { o.value = read() })
	return o.value
}

var allSources once[[]dataset.Source]

// realSources returns the sources of all real annotation files.
func realSources(t testing.TB) []dataset.Source {
	t.Helper()
	all := allSources.get(t, func() (all []dataset.Source) {
		for _, dir := range []string{"data", "glyphs"} {
			all = append(all, read(t, false, shared(t, dir)).Sources...)
		}
		return all
	})
	if len(all) < 16 {
		t.Fatalf("%d sources", len(all))
	}
	return slices.Clone(all)
}

// firstImages returns the sources of all real annotation files, of which 5,000 images show as much as all.
func firstImages(t testing.TB) []dataset.Source {
	t.Helper()
	all := realSources(t)
	for i := range all {
		if src := &all[i]; len(src.Images) > 5000 {
			src.Images = src.Images[:5000]
			src.Objects = src.Objects[:src.Images[4999].Last]
			src.AreaParts = nil // names objects of all images
		}
	}
	return all
}

var usables = map[*dataset.Source][]int32{}

// usable returns the objects of a source that could tell, in any order.
func usable(src *dataset.Source) []int32 {
	all, ok := usables[src]
	if !ok {
		each(src, func(k int32, _ *dataset.Object, _, _ float64) { all = append(all, k) })
		usables[src] = all
	}
	return all
}

// sample returns a source with n objects drawn from another one, with their
// images, all if n is 0. Only objects that could tell are drawn.
func sample(src *dataset.Source, n int, rng *rand.Rand) *dataset.Source {
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

// write returns the four numbers by which a file with another reading has a box.
func write(r Reading, b geom.Rect, image geom.Size) geom.Rect {
	if whole := r.Unit.whole(); whole > 0 {
		sx, sy := whole/float64(image.W), whole/float64(image.H)
		b = geom.Rect{X: b.X * sx, Y: b.Y * sy, W: b.W * sx, H: b.H * sy}
	}
	switch x1, y1 := b.X+b.W, b.Y+b.H; r.Form {
	case Corners:
		return geom.Rect{X: b.X, Y: b.Y, W: x1, H: y1}
	case Centre:
		return geom.Rect{X: b.X + b.W/2, Y: b.Y + b.H/2, W: b.W, H: b.H}
	case Below:
		return geom.Rect{X: b.X, Y: y1, W: b.W, H: b.H}
	case Exchanged:
		return geom.Rect{X: b.Y, Y: b.X, W: b.H, H: b.W}
	case ExchangedCorners:
		return geom.Rect{X: b.Y, Y: b.X, W: y1, H: x1}
	case ExchangedPlace:
		return geom.Rect{X: b.Y, Y: b.X, W: b.W, H: b.H}
	case ExchangedSides:
		return geom.Rect{X: b.X, Y: b.Y, W: b.H, H: b.W}
	case Spans:
		return geom.Rect{X: b.X, Y: x1, W: b.Y, H: y1}
	case LowerRight:
		return geom.Rect{X: x1, Y: y1, W: b.W, H: b.H}
	case FromBottom:
		return geom.Rect{X: b.X, Y: float64(image.H) - y1, W: b.W, H: b.H}
	case FromRight:
		return geom.Rect{X: float64(image.W) - x1, Y: b.Y, W: b.W, H: b.H}
	case TurnedLeft:
		return geom.Rect{X: b.Y, Y: float64(image.W) - x1, W: b.H, H: b.W}
	case TurnedRight:
		return geom.Rect{X: float64(image.H) - y1, Y: b.X, W: b.H, H: b.W}
	case FromCorner:
		return geom.Rect{X: float64(image.W) - x1, Y: float64(image.H) - y1, W: b.W, H: b.H}
	}
	return b
}

// convert returns a source whose boxes are written for another reading, every
// one of a step, without what areas and outlines tell.
func convert(src *dataset.Source, r Reading, step int) *dataset.Source {
	out := *src
	out.Objects = slices.Clone(src.Objects)
	i := 0
	each(&out, func(_ int32, o *dataset.Object, w, h float64) {
		o.Outline = dataset.OutlineNone
		o.Flags = 0
		if i%step == 0 {
			o.Box = write(r, o.Box, geom.Size{W: int(w), H: int(h)})
		}
		i++
	})
	return &out
}

// bare is what a file without areas and outlines has.
func bare(src *dataset.Source) *dataset.Source { return convert(src, Reading{}, 1) }

// TestNoFalseAlarmOnBoxes: no real file is taken for one of another convention, with
// its areas and outlines or without, as a whole or cut to a few boxes.
func TestNoFalseAlarmOnBoxes(t *testing.T) {
	sources := realSources(t)
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
				s := sample(src, n, rng)
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
func power(sources []dataset.Source, n int, r Reading, step int, rng *rand.Rand) (found, named float64) {
	draws := 0
	for i := range sources {
		if len(sources[i].Objects) < n {
			continue
		}
		for range 50 {
			v := OfBoxes(convert(sample(&sources[i], n, rng), r, step))
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
// a little below what was measured; docs/methods.md has the numbers.
func TestPowerOnBoxes(t *testing.T) {
	sources := realSources(t)
	rng := rand.New(rand.NewPCG(3, 4))
	sizes := [4]int{8, 20, 50, 200}
	for _, c := range []struct {
		r    Reading
		step int
		bars [4]float64
	}{
		{Reading{Form: Corners}, 1, [4]float64{.94, .97, .99, .99}},
		{Reading{Form: Corners}, 2, [4]float64{.45, .95, .97, .98}}, // every second box
		{Reading{Form: Centre}, 1, [4]float64{.18, .28, .50, .72}},
		{Reading{Form: Below}, 1, [4]float64{.11, .19, .40, .62}},
		{Reading{Form: Exchanged}, 1, [4]float64{.50, .70, .90, .92}},
		{Reading{Form: ExchangedCorners}, 1, [4]float64{.96, .96, .97, .99}},
		{Reading{Form: ExchangedPlace}, 1, [4]float64{.50, .70, .90, .96}},
		{Reading{Form: ExchangedSides}, 1, [4]float64{.02, .05, .16, .55}},
		{Reading{Form: Spans}, 1, [4]float64{.96, .96, .97, .98}},
		{Reading{Form: LowerRight}, 1, [4]float64{.36, .47, .62, .80}},
		{Reading{Box, Parts}, 1, [4]float64{1, 1, 1, 1}},
		{Reading{Corners, Parts}, 1, [4]float64{1, 1, 1, 1}},
		{Reading{Centre, Parts}, 1, [4]float64{1, 1, 1, 1}},
		{Reading{ExchangedCorners, Parts}, 1, [4]float64{1, 1, 1, 1}},
		{Reading{Spans, Parts}, 1, [4]float64{1, 1, 1, 1}},
		{Reading{Box, Percent}, 1, [4]float64{.60, .70, .88, .96}},
		{Reading{Corners, Percent}, 1, [4]float64{.76, .87, .93, .98}},
		{Reading{Centre, Percent}, 1, [4]float64{.65, .74, .93, .98}},
		{Reading{Box, Thousandths}, 1, [4]float64{0, .30, .52, .68}},
		{Reading{ExchangedCorners, Thousandths}, 1, [4]float64{.15, .60, .80, .90}},
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
