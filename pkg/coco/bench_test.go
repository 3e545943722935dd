package coco

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/find"
)

// synthetic returns a file in the manner of COCO train2017: n images with seven
// annotations each, outlines of about fifteen points, as one line.
func synthetic(n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString(`{"info": {"description": "synthetic", "year": 2017}, "licenses": [{"id": 1, "name": "none"}], "images": [`)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"license": 4, "file_name": "%012d.jpg", "coco_url": "http://images.cocodataset.org/train2017/%012d.jpg", "height": %d, "width": 640, "date_captured": "2013-11-14 17:02:52", "flickr_url": "http://farm7.staticflickr.com/6116/6255196340_da26cf2c9e_z.jpg", "id": %d}`,
			i*5, i*5, 400+i%80, i*5)
	}
	b.WriteString(`], "annotations": [`)
	for i := range 7 * n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(`{"segmentation": [[`)
		for k := range 2 * (8 + rng.IntN(24)) {
			if k > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%d.%d", rng.IntN(640), rng.IntN(100))
		}
		fmt.Fprintf(&b, `]], "area": %v, "iscrowd": 0, "image_id": %d, "bbox": [%d.%d, %d.%d, %d.%d, %d.%d], "category_id": %d, "id": %d}`,
			rng.Float64()*10000, rng.IntN(n)*5, rng.IntN(300), rng.IntN(99), rng.IntN(200), rng.IntN(99),
			1+rng.IntN(300), rng.IntN(99), 1+rng.IntN(190), rng.IntN(99), 1+rng.IntN(80), 100000+i*2)
	}
	b.WriteString(`], "categories": [`)
	for i := range 80 {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"supercategory": "thing", "id": %d, "name": "thing %d"}`, i+1, i+1)
	}
	b.WriteString("]}")
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	data := synthetic(20000)
	path := filepath.Join(b.TempDir(), "train.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	files := []find.File{{Name: "train.json", Path: path, Size: int64(len(data)), Listed: true}}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				d, err := Read(context.Background(), files, Options{Workers: workers})
				if err != nil || len(d.Sources) != 1 || len(d.Sources[0].Objects) != 140000 {
					b.Fatal(err, d)
				}
			}
		})
	}
}

func BenchmarkBlock(b *testing.B) {
	data := synthetic(1000)
	data = data[bytes.Index(data, []byte(`"annotations": [`))+len(`"annotations": [`):]
	data = data[:bytes.LastIndex(data, []byte(", {"))+1]
	var p part
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		p.scan(data, 0, false, state{at: atRecord, limit: maxRecord})
		if p.bad != nil || p.used != len(data) {
			b.Fatal(p.bad, p.used)
		}
	}
}

// BenchmarkReadResults reads 200,000 detections, float32 written as float64.
func BenchmarkReadResults(b *testing.B) {
	const n = 200_000
	rng := rand.New(rand.NewPCG(3, 4))
	d := &dataset.Dataset{Sources: []dataset.Source{{Name: "a.json"}}}
	src := &d.Sources[0]
	for i := range 5000 {
		src.Images = append(src.Images, dataset.Image{ID: dataset.PlainID(int64(5 * i))})
	}
	for i := range 80 {
		d.Classes = append(d.Classes, dataset.Class{Name: fmt.Sprint(i)})
		src.Categories = append(src.Categories, dataset.Category{ID: dataset.PlainID(int64(i + 1)), Class: int32(i)})
	}
	data := []byte("[")
	for i := range n {
		if i > 0 {
			data = append(data, ", "...)
		}
		data = fmt.Appendf(data, `{"image_id": %d, "category_id": %d, "bbox": [%v, %v, %v, %v], "score": %v}`, 5*rng.IntN(5000), 1+rng.IntN(80),
			float64(rng.Float32()*500), float64(rng.Float32()*400), float64(rng.Float32()*100+1), float64(rng.Float32()*100+1), float64(rng.Float32()))
	}
	path := filepath.Join(b.TempDir(), "dt.json")
	if err := os.WriteFile(path, append(data, ']'), 0o600); err != nil {
		b.Fatal(err)
	}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := ReadResults(context.Background(), path, "", d, Options{Workers: workers})
				if err != nil || len(r.Detections) != n {
					b.Fatal(err, len(r.Detections))
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "detections/s")
		})
	}
}
