package convention

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// realSources returns the sources of all real annotation files.
func realSources(t testing.TB) []dataset.Source {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var all []dataset.Source
	for _, dir := range []string{"data", "glyphs"} {
		all = append(all, read(t, false, shared(t, dir)).Sources...)
	}
	if len(all) < 16 {
		t.Fatalf("%d sources", len(all))
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
	case FromBottom:
		return geom.Rect{X: b.X, Y: float64(image.H) - y1, W: b.W, H: b.H}
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

var broken = []Reading{
	{Form: Corners}, {Form: Centre}, {Form: Below}, {Form: Exchanged}, {Form: ExchangedCorners}, {Form: ExchangedPlace}, {Form: ExchangedSides}, {Form: Spans},
	{Box, Parts}, {Corners, Parts}, {Centre, Parts}, {ExchangedCorners, Parts},
	{Box, Percent}, {Corners, Percent}, {Centre, Percent},
	{Box, Thousandths}, {Corners, Thousandths}, {ExchangedCorners, Thousandths},
}

func TestMeasureBoxes(t *testing.T) {
	sources := realSources(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range sources {
		src := &sources[i]
		if v := OfBoxes(src); v.Found() {
			t.Errorf("%s: %s by %d, %d of %d", src.Name, v.Reading, v.By, v.Fits, v.Of)
		}
		if v := OfBoxes(bare(src)); v.Found() {
			t.Errorf("%s without areas and outlines: %s, %d of %d", src.Name, v.Reading, v.Fits, v.Of)
		}
		c := count(src)
		fmt.Println(src.Name, *c)
	}
	sizes := []int{5, 8, 20, 50, 200}
	wrong := map[string]int{}
	draws := map[int]int{}
	for i := range sources {
		for _, n := range sizes {
			for range 1000 {
				s := bare(sample(&sources[i], n, rng))
				draws[n]++
				if v := OfBoxes(s); v.Found() {
					wrong[fmt.Sprint(n, " ", v.Reading, " ", sources[i].Name)]++
				}
			}
		}
	}
	fmt.Println("false alarms", draws, wrong)
	for _, r := range broken {
		line := fmt.Sprintf("%-50s", r)
		for _, n := range append(sizes, 0) {
			sum, named, k, worst, worstName := 0.0, 0.0, 0.0, 1.0, ""
			for i := range sources {
				if sources[i].Objects == nil || len(sources[i].Objects) < n || len(sources[i].Objects) > 100000 && n == 0 {
					continue
				}
				hit, nm, draws := 0, 0, 60
				if n == 0 {
					draws = 1
				}
				for range draws {
					v := OfBoxes(convert(sample(&sources[i], n, rng), r, 1))
					if v.Found() {
						hit++
						if v.Reading == r || slices.Contains(v.Or, r) {
							nm++
						}
					}
				}
				p := float64(hit) / float64(draws)
				sum += p
				named += float64(nm) / float64(draws)
				k++
				if p < worst {
					worst, worstName = p, sources[i].Name
				}
			}
			line += fmt.Sprintf(" | %d: %.2f %.2f %.2f %s", n, sum/k, named/k, worst, strings.TrimSuffix(filepath.Base(worstName), ".json"))
		}
		fmt.Println(line)
	}
	_ = math.Pi
}
