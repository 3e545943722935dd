//go:build unix

package analysis_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/convention"
	"focalaudit/pkg/convention/between"
	"focalaudit/pkg/dataset"
)

// BenchmarkRules measures what the rules of package convention cost: a file of COCO train2017's size, with its
// annotations in random order, is read and analysed, which asks the rules once, and then the rules are asked alone. Both
// are done in turn. It reports the least CPU seconds of each, and the percentage of the rules in the rest.
func BenchmarkRules(b *testing.B) {
	file := shuffled(b)
	whole, rules := time.Duration(1<<62), time.Duration(1<<62)
	for b.Loop() {
		from := cpu(b)
		d := train(b, file)
		if _, err := analysis.Run(context.Background(), d, analysis.Default()); err != nil {
			b.Fatal(err)
		}
		whole = min(whole, cpu(b)-from)
		for range 3 {
			runtime.GC()
			from = cpu(b)
			convention.InspectSource(d, 0)
			between.PartsOf(d, 0, true)
			rules = min(rules, cpu(b)-from)
		}
	}
	b.ReportMetric(whole.Seconds(), "cpu-s/run")
	b.ReportMetric(rules.Seconds(), "cpu-s/rules")
	b.ReportMetric(100*rules.Seconds()/(whole-rules).Seconds(), "%rules/bare")
}

// cpu is the CPU time of this process.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// train reads a file.
func train(b *testing.B, file string) *dataset.Dataset {
	files, err := coco.Find([]string{file}, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	d, err := coco.Read(context.Background(), files, coco.Options{Workers: runtime.GOMAXPROCS(0)})
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// shuffled writes COCO train2017 with its annotations in random order.
func shuffled(b *testing.B) string {
	real := filepath.Join("..", "..", "..", "shared", "data", "coco", "train2017_boxes.json.gz")
	if _, err := os.Stat(real); err != nil {
		b.Skip("needs the shared test material: coco/train2017_boxes.json.gz")
	}
	src := train(b, real).Source(0)
	var w strings.Builder
	w.WriteString(`{"categories":[`)
	for i := range src.Categories {
		if i > 0 {
			w.WriteByte(',')
		}
		w.WriteString(`{"id":` + src.Categories[i].ID.String() + `,"name":"` + strconv.Itoa(i) + `"}`)
	}
	w.WriteString(`],"images":[`)
	for i := range src.Images {
		if i > 0 {
			w.WriteByte(',')
		}
		im := &src.Images[i]
		w.WriteString("\n" + `{"id":` + im.ID.String() + `,"file_name":"` + im.File + `","width":` +
			strconv.Itoa(im.Size.W) + `,"height":` + strconv.Itoa(im.Size.H) + "}")
	}
	w.WriteString(`],"annotations":[`)
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	category := map[int32]string{}
	for i := range src.Categories {
		category[src.Categories[i].Class] = src.Categories[i].ID.String()
	}
	for n, k := range rand.New(rand.NewPCG(1, 2)).Perm(len(src.Objects)) {
		o := &src.Objects[k]
		if n > 0 {
			w.WriteByte(',')
		}
		w.WriteString("\n" + `{"id":` + strconv.Itoa(n+1) + `,"image_id":` + src.Images[o.Image].ID.String() +
			`,"category_id":` + category[o.Class] + `,"iscrowd":0,"area":` + number(float64(o.Box.W*o.Box.H)) +
			`,"bbox":[` + number(o.Box.X) + "," + number(o.Box.Y) + "," + number(o.Box.W) + "," + number(o.Box.H) + "]}")
	}
	w.WriteString("]}\n")
	file := filepath.Join(b.TempDir(), "train.json")
	if err := os.WriteFile(file, []byte(w.String()), 0o666); err != nil {
		b.Fatal(err)
	}
	return file
}
