package testrun

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// World writes annotations and detections drawn from a seed: objects that overlap,
// crowds, and detections near objects, beside them and of other classes, with scores
// from 0 to 1. The classes a, b and c have the category ids 5, 2 and 9.
func World(t testing.TB, seed uint64, images int) (annotations, detections string) {
	t.Helper()
	w := world{Rand: rand.New(rand.NewPCG(seed, 11))}
	for i := range images {
		w.image(i + 1)
	}
	for i := range images {
		w.objects(i + 1)
	}
	dir := t.TempDir()
	annotations, detections = filepath.Join(dir, "gt.json"), filepath.Join(dir, "dt.json")
	const categories = `{"id":5,"name":"a"},{"id":2,"name":"b"},{"id":9,"name":"c"}`
	Write(t, annotations, COCO(w.images, w.annotations, categories))
	Write(t, detections, "["+strings.Join(w.detections, ",")+"]")
	return annotations, detections
}

// world is a data set in the making: the records of its files.
type world struct {
	*rand.Rand
	images, annotations, detections []string
}

var categories = []int{5, 2, 9}

func (w *world) image(id int) {
	wide, high := 120+w.IntN(200), 100+w.IntN(150)
	w.images = append(w.images, fmt.Sprintf(`{"id":%d,"file_name":"%d.png","width":%d,"height":%d}`, id, id-1, wide, high))
}

// objects adds up to three objects to an image, with up to two detections near each, and
// up to two detections anywhere.
func (w *world) objects(image int) {
	for range w.IntN(4) {
		x, y, wide, high := w.Float64()*90, w.Float64()*70, 4+w.Float64()*80, 4+w.Float64()*60
		w.annotations = append(w.annotations, fmt.Sprintf(
			`{"id":%d,"image_id":%d,"category_id":%d,"bbox":[%v,%v,%v,%v],"iscrowd":%d}`,
			len(w.annotations)+1, image, categories[w.IntN(3)], x, y, wide, high, w.IntN(12)/11))
		for range w.IntN(3) {
			class := categories[(w.IntN(5)+3)/4+w.IntN(2)]
			w.detection(image, class, x+w.Float64()*wide/4, y, wide, high*(0.8+w.Float64()/2))
		}
	}
	for range w.IntN(3) {
		w.detection(image, categories[w.IntN(3)], w.Float64()*150, w.Float64()*90, 1+w.Float64()*60, 1+w.Float64()*60)
	}
}

func (w *world) detection(image, category int, x, y, wide, high float64) {
	score := []float64{0, 0.003, 0.02, 0.5, 0.97, 1}[w.IntN(6)] * (1 - w.Float64()/100)
	w.detections = append(w.detections, fmt.Sprintf(`{"image_id":%d,"category_id":%d,"bbox":[%v,%v,%v,%v],"score":%v}`,
		image, category, x, y, wide, high, score))
}

// OneImage writes a file with the given annotations on one image of 800 × 800 px, a size
// that presets of a short side of 800 px keep, and returns its name. The classes a and b
// have the category ids 1 and 2.
func OneImage(t testing.TB, annotations string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "one.json")
	Write(t, path, COCO([]string{`{"id":1,"file_name":"a.jpg","width":800,"height":800}`},
		[]string{annotations}, `{"id":1,"name":"a"},{"id":2,"name":"b"}`))
	return path
}

// COCO returns the text of an annotation file of records.
func COCO(images, annotations []string, categories string) string {
	return `{"images":[` + strings.Join(images, ",") + `],"annotations":[` + strings.Join(annotations, ",") +
		`],"categories":[` + categories + `]}`
}

// Write writes a file.
func Write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// WriteArray writes values as a .npy file of float32 (descr "<f4") or float64 ("<f8"), as
// numpy.save does.
func WriteArray(t testing.TB, path, descr, shape string, values []float64) {
	t.Helper()
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, shape)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	data := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	data = append(data, header...)
	for _, v := range values {
		if descr == "<f4" {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(v)))
		} else {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
		}
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
