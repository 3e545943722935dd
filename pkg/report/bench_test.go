package report

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// crowdOf makes a data set of n images of 640 × 480 px with 7 objects each,
// sides from 8 to 400 px, in 80 classes: about COCO's figures.
func crowdOf(n int) *dataset.Dataset {
	r := rand.New(rand.NewPCG(1, 1))
	d := &dataset.Dataset{Sources: make([]dataset.Source, 1)}
	for range 80 {
		d.Classes = append(d.Classes, dataset.Class{Name: "class " + string(rune('A'+len(d.Classes))), Known: true})
	}
	s := &d.Sources[0]
	s.Name = "bench.json"
	for i := range n {
		im := dataset.Image{ID: dataset.PlainID(int64(i * 5)), File: "000000.jpg", Size: geom.Size{W: 640, H: 480}, First: int32(len(s.Objects)), Line: 1, Offset: int64(i * 90)}
		for range 7 {
			w, h := math.Exp(2+4*r.Float64()), math.Exp(2+4*r.Float64())
			box := geom.Rect{X: math.Round(r.Float64()*60000) / 100, Y: math.Round(r.Float64()*45000) / 100, W: math.Round(w*100) / 100, H: math.Round(h*100) / 100}
			s.Objects = append(s.Objects, dataset.Object{ID: dataset.PlainID(int64(len(s.Objects) * 3)), Image: int32(i), Class: int32(r.IntN(80)), Box: box, Line: 1, Offset: r.Int64N(400e6)})
		}
		im.Last = int32(len(s.Objects))
		s.Images = append(s.Images, im)
	}
	return d
}

// BenchmarkTables writes each table of 20,000 images, a sixth of COCO
// train2017, to nowhere.
func BenchmarkTables(b *testing.B) {
	r, err := analysis.Run(context.Background(), crowdOf(20_000), analysis.Default())
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range tables {
		b.Run(t.name, func(b *testing.B) {
			size := counter(0)
			for range b.N {
				size = 0
				if err := t.write(context.Background(), &size, r, "bench"); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
}

// counter counts the bytes written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return io.Discard.Write(p)
}

// BenchmarkCells hands rows of every kind of column over value by value and, in turn, as
// structs to the Parquet library; of_the_library's is the ratio of the least times.
func BenchmarkCells(b *testing.B) {
	rows := anyRows(groupRows)
	own, library := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		start := time.Now()
		if err := anyTable.write(b.Context(), io.Discard, rows, "test"); err != nil {
			b.Fatal(err)
		}
		between := time.Now()
		if err := writeRows(b.Context(), io.Discard, "any", "test", slices.Values(rows)); err != nil {
			b.Fatal(err)
		}
		own, library = min(own, between.Sub(start)), min(library, time.Since(between))
	}
	b.ReportMetric(own.Seconds()/library.Seconds(), "of_the_library's")
}
