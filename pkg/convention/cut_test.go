package convention

import (
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/geom"
)

// hands is a source of images with some objects each, of which class returns the class.
func hands(images int, objects func(image int) int, class func(image, object int) int32) *dataset.Source {
	src := &dataset.Source{Name: "hands.json"}
	for i := range images {
		im := dataset.Image{ID: dataset.PlainID(int64(i)), Size: geom.Size{W: 640, H: 480}, First: int32(len(src.Objects))}
		for k := range objects(i) {
			src.Objects = append(src.Objects, dataset.Object{
				Image: int32(i), Class: class(i, k), Box: geom.Rect{X: float64((83*i + 50*k) % 590), Y: float64(i * 97 % 430), W: 40, H: 40},
			})
		}
		im.Last = int32(len(src.Objects))
		src.Images = append(src.Images, im)
	}
	return src
}

// TestFixedSets: images that end at a hand with its five fingers are an info, since they have each of these; those that
// end at six objects of any class are a warning.
func TestFixedSets(t *testing.T) {
	objects := func(i int) int { return [...]int{6, 6, 6, 6, 1, 2, 6, 6}[i%8] }
	for name, c := range map[string]struct {
		class func(i, k int) int32
		want  findings.Severity
	}{
		"a hand and fingers": {func(_, k int) int32 { return int32(min(k, 1)) }, findings.Info},
		"any classes":        {func(i, k int) int32 { return int32((i*7 + k*k) % 5) }, 0},
		"one class":          {func(int, int) int32 { return 0 }, 0},
	} {
		src := hands(200, objects, c.class)
		cut := OfCut(src)
		if !cut.Capped() {
			t.Errorf("%s: nothing is told", name)
		} else if f := cut.Finding(src, 0); f.Level != c.want {
			t.Errorf("%s: %s", name, f.Message)
		}
	}
}
