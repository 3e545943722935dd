package analysis

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/scores"
)

// scored reads the sample, with its detections and the illustration as scores.
func scored(t *testing.T) (*dataset.Dataset, Config) {
	t.Helper()
	ctx := context.Background()
	files, err := coco.Find([]string{filepath.Join("..", "..", "testdata", "sample")}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := coco.Read(ctx, files, coco.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	c := Default()
	file := filepath.Join("..", "..", "testdata", "detections.json")
	for _, spec := range []string{"detections:" + file, "geometry"} {
		if c.Scores, err = scores.Apply(c.Scores, spec); err != nil {
			t.Fatal(err)
		}
	}
	c.Results = make([]*dataset.Results, len(c.Scores))
	if c.Results[2], err = coco.ReadResults(ctx, file, "", d, coco.Options{Workers: 2}); err != nil {
		t.Fatal(err)
	}
	return d, c
}

// bookOf does some jobs and returns their book alone.
func bookOf(t *testing.T, d *dataset.Dataset, c Config, jobs []job) *ledger.Book {
	t.Helper()
	r, err := prepare(d, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.do(context.Background(), jobs, make([][]findings.Finding, len(d.Sources))); err != nil {
		t.Fatal(err)
	}
	r.Rows = make([]*ledger.Rows, len(c.Scores)) // not summed: whoever adds up parts puts them one after the other
	return r.Book
}

// TestBooksAddUp: a data set is divided anywhere, between sources or within one, in two
// or more parts, and the books of the parts are added in any order: the result is the
// book of the whole, bit for bit, with everything that is read off it.
func TestBooksAddUp(t *testing.T) {
	d, c := scored(t)
	whole := jobsOf(d, make([]bool, len(d.Sources)))
	want := bookOf(t, d, c, whole)
	for seed := range shortened(t, 12, 3) {
		r := rand.New(rand.NewPCG(seed, 41))
		parts := make([][]job, 2+r.IntN(3))
		for _, j := range whole {
			for from := j.first; ; {
				to := from + 1 + r.IntN(j.last-j.first+1)
				if to >= j.last {
					to = j.last
				}
				k := r.IntN(len(parts))
				parts[k] = append(parts[k], job{j.source, from, to})
				if from = to; from == j.last {
					break
				}
			}
		}
		got := want.Like()
		for _, k := range r.Perm(len(parts)) {
			got.Add(bookOf(t, d, c, parts[k]))
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: the parts %v add up to another book", seed, parts)
		}
		got.SumLevels()
		sum := want.Like()
		sum.Add(want)
		sum.SumLevels()
		if !reflect.DeepEqual(read(got), read(sum)) {
			t.Fatalf("seed %d: another ledger is read off the book", seed)
		}
	}
}

// shortened returns how many seeds a test takes: fewer under -short.
func shortened(t *testing.T, seeds, short uint64) uint64 {
	if testing.Short() {
		t.Logf("-short: %d seeds of %d", short, seeds)
		return short
	}
	return seeds
}

// read returns all that is read off a book.
func read(b *ledger.Book) (all []any) {
	for e := range b.Entries() {
		if e.Share != e.Share { // NaN differs from itself
			e.Share = -1
		}
		all = append(all, e)
	}
	for w := range b.WhatIfs() {
		all = append(all, w)
	}
	for c := range b.Curves() {
		all = append(all, c)
	}
	return all
}
