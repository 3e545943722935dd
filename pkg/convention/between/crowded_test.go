package between

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// comparing returns what some sources say of each other.
func comparing(sources ...dataset.Source) []findings.Finding {
	slices.SortFunc(sources, func(a, b dataset.Source) int { return strings.Compare(a.Name, b.Name) })
	d := &dataset.Dataset{Sources: sources}
	return Compare(d, nil, func(l List) iter.Seq[Sighting] { return Sighted(d, l) })
}

// TestManyFilesOfOneName: 5,000 files that have an image of one name, of which 12,497,500 pairs were told, are told of
// once: in one directory, in one each, and in spellings that are one name.
func TestManyFilesOfOneName(t *testing.T) {
	const n = 5000
	for name, of := range map[string]func(i int) dataset.Source{
		"one directory": func(i int) dataset.Source { return named(fmt.Sprintf("%d.json", i), "image.jpg") },
		"directories":   func(i int) dataset.Source { return named(fmt.Sprintf("%d/a.json", i), "image.jpg") },
		"case": func(i int) dataset.Source {
			file := []byte("abcdefghijklm.jpg")
			for k := range 13 {
				file[k] -= byte(i >> k & 1 << 5)
			}
			return named(fmt.Sprintf("%d.json", i), string(file))
		},
	} {
		var sources []dataset.Source
		for i := range n {
			sources = append(sources, of(i))
		}
		got := comparing(sources...)
		if len(got) != 1 || got[0].Code != "image-in-two-sources" || got[0].Cases != n-1 {
			t.Fatalf("%s: %d findings, the first: %+v", name, len(got), got[:min(1, len(got))])
		}
		if got[0].Severity() != findings.Warning || !strings.HasPrefix(got[0].Message, "5,000 files have images in common") {
			t.Errorf("%s: %s: %s", name, got[0].Severity(), got[0].Message)
		}
	}
}

// TestManyLeaks: of 60 files for training and 60 for validation, each of these that has a picture of the others is named
// in an error, whatever else has a picture of that name: in one directory, and in one each where boxes tell.
func TestManyLeaks(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 8))
	const n = 60
	for _, apart := range []bool{false, true} {
		for _, share := range []int{0, 1, 7, n} {
			var sources []dataset.Source
			names := rng.Perm(1000) // of the directories, so that either comes first in some
			leaks := map[string]bool{}
			for i := range 2 * n {
				role, k := [2]string{"train", "val"}[i%2], i/2
				src := named(fmt.Sprintf("%03d_%s.json", names[i], role), "image.jpg", fmt.Sprintf("%d.jpg", i))
				leak := k < share
				if apart {
					src.Name = fmt.Sprintf("%03d/%s.json", names[i], role)
					src.Objects[0].Box.X += float64(i) // a picture of its own
					if leak {
						src.Objects[0].Box.X = float64(1000 + k) // that of one other
					}
				} else if !leak && role == "val" {
					src.Images[0].File = "other.jpg"
				}
				if leak {
					leaks[src.Name] = role == "val"
				}
				sources = append(sources, src)
			}
			told := map[string]bool{}
			for _, f := range comparing(sources...) {
				if f.Severity() != findings.Error {
					continue
				}
				for name := range leaks {
					if strings.Contains(f.Message, name) {
						told[name] = true
					}
				}
				if len(leaks) == 0 {
					t.Errorf("no leak: %s", f.Message)
				}
			}
			for name, val := range leaks {
				if (val || apart) && !told[name] {
					t.Errorf("apart %t, %d leaks: none is told of %s", apart, share, name)
				}
			}
		}
	}
}

// TestCrowdedAsPairs: what is told of two sources among many is what is told of the two by themselves.
func TestCrowdedAsPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 9))
	told := 0
	for range 20 {
		d := &dataset.Dataset{}
		for i := range 30 {
			files := []string{"1.jpg", "2.jpg", "3.jpg", fmt.Sprintf("%d.jpg", 10+i/3), fmt.Sprintf("%d.jpg", 100+i)}
			src := named(fmt.Sprintf("%02d/%s.json", i/2, [2]string{"train", "val"}[rng.IntN(2)]+fmt.Sprint(i)), files...)
			for k := range src.Objects {
				src.Objects[k].Box.X = float64(rng.IntN(6))
			}
			d.Sources = append(d.Sources, src)
		}
		slices.SortFunc(d.Sources, func(a, b dataset.Source) int { return strings.Compare(a.Name, b.Name) })
		for _, s := range Beside(d) {
			if !s.crowded {
				continue
			}
			two := Beside(&dataset.Dataset{Sources: []dataset.Source{d.Sources[s.A], d.Sources[s.B]}})
			if len(two) != 1 {
				t.Fatalf("%+v among many, %+v alone", s, two)
			}
			two[0].A, two[0].B, two[0].crowded = s.A, s.B, true
			if two[0] != s {
				t.Fatalf("%+v among many, %+v alone", s, two[0])
			}
			told++
		}
	}
	if told < 100 {
		t.Errorf("%d pairs", told)
	}
}
