// Empty measures an empty job: one that reads the same files as a run, and writes the same tables, and does
// nothing in between. So it shows what no change of the work in between can save.
//
//	go run ./bench/empty [-detections results.json] REPORT annotations.json
//
// REPORT is the report of a run over the annotations: its tables are read into memory, then written as they
// are. Of detections it also measures how long it takes to find the anchors that each reaches, and their
// overlaps, without any score or loss. One goroutine works; the collector's threads count too.
package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"focalaudit/internal/cputime"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/report"
	"focalaudit/pkg/trainer"
)

func main() {
	detections := flag.String("detections", "", "also read these `results`, and find what they reach")
	preset := flag.String("preset", "retinanet-torchvision", "the trainer that lays the anchors")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: empty [-detections FILE] [-preset NAME] REPORT ANNOTATIONS")
		os.Exit(2)
	}
	debug.SetGCPercent(30) // as cmd/analyze has it
	if err := run(os.Stdout, flag.Arg(0), flag.Arg(1), *detections, *preset); err != nil {
		fmt.Fprintln(os.Stderr, "empty:", err)
		os.Exit(1)
	}
}

// stage runs a part of the job, and prints what it took.
func stage(w io.Writer, name string, do func() error) (took time.Duration, err error) {
	runtime.GC() // of what the stage before has left
	before := cputime.Used()
	err = do()
	took = cputime.Used() - before
	fmt.Fprintf(w, "%-60s %6.2f CPU s\n", name, took.Seconds())
	return took, err
}

func run(w io.Writer, dir, annotations, detections, preset string) error {
	if _, err := stage(w, "the file's bytes, read and hashed", func() error { return hash(annotations) }); err != nil {
		return err
	}
	var d *dataset.Dataset
	reading, err := stage(w, "its records read, hashed, and joined by image", func() (err error) {
		files, err := coco.Find([]string{annotations}, nil, nil)
		if err != nil {
			return err
		}
		d, err = coco.Read(context.Background(), files, coco.Options{Workers: 1})
		return err
	})
	if err != nil {
		return err
	}
	writing, err := rewritten(w, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%-60s %6.2f CPU s\n", "the empty job: records read, tables written", (reading + writing).Seconds())
	if detections == "" {
		return nil
	}
	return reached(w, d, detections, preset)
}

// hash reads a file, and does with its bytes what every run does.
func hash(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{sha256.New()}, f, make([]byte, 512<<10))
	return err
}

// rewritten writes the tables of a report from memory, as the report's own writer does.
func rewritten(w io.Writer, dir string) (took time.Duration, err error) {
	var all []*held
	size := int64(0)
	for _, name := range report.Tables() {
		h, err := hold(filepath.Join(dir, name+".parquet"))
		if err != nil {
			return 0, err
		}
		size += h.size
		all = append(all, h)
	}
	wrote := int64(0)
	took, err = stage(w, "the report's tables written from memory", func() error {
		for _, h := range all {
			n, err := h.write()
			if err != nil {
				return err
			}
			wrote += n
		}
		return nil
	})
	fmt.Fprintf(w, "    %d bytes; the report's have %d\n", wrote, size)
	return took, err
}

// reached reads detections, and finds the anchors that they reach.
func reached(w io.Writer, d *dataset.Dataset, path, preset string) error {
	var results *dataset.Results
	if _, err := stage(w, "detections read", func() (err error) {
		results, err = coco.ReadResults(context.Background(), path, "", d, coco.Options{Workers: 1})
		return err
	}); err != nil {
		return err
	}
	p, err := trainer.Load(preset)
	if err != nil {
		return err
	}
	of, err := trainer.New(p)
	if err != nil {
		return err
	}
	reach, ok := p.Matcher.Reacher(0).(iou.PatchReacher)
	if !ok {
		return fmt.Errorf("the preset %s matches by no patches of anchors: choose one that matches by IoU", preset)
	}
	scene := of.NewScene(false)
	each := func(look func(detections []dataset.Detection)) func() error {
		return func() error {
			for s := range d.Sources {
				for i, im := range d.Source(s).Images {
					if im.LeftOut == dataset.InUse && scene.See(d, s, i) == trainer.Seen {
						look(results.Of(s, i))
					}
				}
			}
			return nil
		}
	}
	alone, err := stage(w, "images matched", each(func([]dataset.Detection) {}))
	if err != nil {
		return err
	}
	var anchors, patches int64
	var boxes []geom.Box
	both, err := stage(w, "images matched, and the anchors found that detections reach", each(func(of []dataset.Detection) {
		boxes = boxes[:0]
		for i := range of {
			if box, inside := scene.PlaceDetection(of[i].Box); inside {
				boxes = append(boxes, box)
			}
		}
		reach.Prepare(scene.Frame.Grids, boxes)
		for _, box := range boxes {
			ps := reach.Patches(box)
			patches += int64(len(ps.List))
			anchors += overlapping(ps)
		}
	}))
	n := float64(max(1, len(results.Detections)))
	fmt.Fprintf(w, "%-60s %6.2f CPU s\n", "finding them, without matching", (both - alone).Seconds())
	fmt.Fprintf(w, "    %.1f patches and %.1f anchors a detection, %d detections\n", float64(patches)/n, float64(anchors)/n, int(n))
	return err
}

// overlapping counts the anchors of some patches that overlap their box enough.
func overlapping(ps *iou.Patches) (n int64) {
	for i := range ps.List {
		p := &ps.List[i]
		for j := range p.Rows {
			row := p.Rows[j]
			for c := range p.Columns {
				if ps.IoU(p.Columns[c], row) >= ps.Low {
					n++
				}
			}
		}
	}
	return n
}
