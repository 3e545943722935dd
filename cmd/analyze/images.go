package main

import (
	"context"
	"fmt"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/page"
	"focalaudit/pkg/par"
	"focalaudit/pkg/picture"
)

// checkImages reports why the pictures can't be used.
func (f *runFlags) checkImages() error {
	if f.cropped < 0 || f.cropped > page.MaxCrops {
		return fmt.Errorf("crops %d: expected 0 to %d", f.cropped, page.MaxCrops)
	}
	if f.images == "" {
		return nil
	}
	d, err := picture.Open(f.images)
	if err != nil {
		return fmt.Errorf("--images %s: expected the directory in which the pictures lie", f.images)
	}
	return d.Close()
}

// measure reads the sizes of the pictures.
func (f *runFlags) measure(ctx context.Context, d *dataset.Dataset, p *progress) error {
	if f.images == "" {
		return nil
	}
	dir, err := picture.Open(f.images)
	if err != nil {
		return err
	}
	defer dir.Close()
	type at struct{ source, image int }
	var all []at
	sizes := make([][]geom.Size, len(d.Sources))
	for s := range d.Sources {
		images, _ := d.Count(s)
		sizes[s] = make([]geom.Size, images)
		for first, run := range d.Runs(s) {
			for i := range run {
				if im := &run[i]; im.LeftOut == dataset.InUse && im.File != "" {
					all = append(all, at{s, first + i})
				}
			}
		}
	}
	p.stage("measuring pictures", int64(len(all)))
	f.config.Sizes = sizes
	return par.Do(ctx, f.config.Workers, len(all), func(k int) error {
		defer p.add(1)
		m, err := dir.Measure(d.Image(all[k].source, all[k].image).File)
		if err == nil { // those that are missing or broken are counted where the page shows them
			sizes[all[k].source][all[k].image] = m.Shown
		}
		return nil
	})
}

// crops cuts the crops of the page out of the pictures, nil if there are none.
func (f *runFlags) crops(ctx context.Context, r *analysis.Result, p *progress) (*page.Crops, error) {
	if f.images == "" {
		return nil, nil
	}
	dir, err := picture.Open(f.images)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	p.percent("cutting crops", 0)
	return page.CutCrops(ctx, dir, r, f.cropped)
}
