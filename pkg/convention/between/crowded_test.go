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

// TestLeaksAmongMany: every file among many that has a leak, by a look at each two of them alone, is named in one,
// whatever other files have some of its boxes. Files of several directories have up to eight names in common, and their
// boxes are drawn from few, so that the first file with one of a file's boxes is mostly another picture.
func TestLeaksAmongMany(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 10))
	leaks, hidden := 0, 0
	for range 60 {
		d := &dataset.Dataset{}
		names, boxes := 3+rng.IntN(6), 4+rng.IntN(12)
		for i := range 40 {
			var files []string
			for _, k := range rng.Perm(names)[:1+rng.IntN(names)] {
				files = append(files, fmt.Sprintf("%d.jpg", k))
			}
			src := named(fmt.Sprintf("%02d/%s.json", i/(1+rng.IntN(2)), [3]string{"train", "val", "test"}[rng.IntN(3)]+fmt.Sprint(i)), files...)
			for k := range src.Objects {
				src.Objects[k].Box.X = float64(rng.IntN(boxes))
			}
			d.Sources = append(d.Sources, src)
		}
		slices.SortFunc(d.Sources, func(a, b dataset.Source) int { return strings.Compare(a.Name, b.Name) })
		named, first := map[int]bool{}, map[int]bool{}
		found := Beside(d)
		for _, s := range found {
			if s.Kind == Leak {
				named[s.A], named[s.B] = true, true
			}
		}
		if most := 3 * len(d.Sources) * names; len(found) > most {
			t.Errorf("%d pairs of %d files", len(found), len(d.Sources))
		}
		for b := range d.Sources {
			for a := range b {
				two := Beside(&dataset.Dataset{Sources: []dataset.Source{d.Sources[a], d.Sources[b]}})
				if len(two) == 0 || two[0].Kind != Leak {
					continue
				}
				if leaks++; !named[a] || !named[b] {
					t.Fatalf("%s and %s have a leak, and one is named in none", d.Sources[a].Name, d.Sources[b].Name)
				}
				if !first[b] {
					hidden++
				}
				first[b] = true
			}
		}
	}
	if leaks < 1000 || hidden < 500 {
		t.Errorf("%d leaks, in %d files", leaks, hidden)
	}
}

// TestOneLeakBehindMany: ten files for training and ten for validation have one of ten pictures in common with one each
// that has all of them, and these two stand behind them. Half of the pictures have to be the same for a leak, so that
// theirs is the only one.
func TestOneLeakBehindMany(t *testing.T) {
	const n = 10
	var files []string
	for k := range n {
		files = append(files, fmt.Sprintf("%d.jpg", k))
	}
	var sources []dataset.Source
	for r, role := range []string{"train", "val"} {
		for i := range n + 1 {
			src := named(fmt.Sprintf("%c%02d/%s.json", 'a'+r, i, role), files...)
			if i == n {
				src.Name = fmt.Sprintf("z%d/%s.json", r, role)
			}
			for k := range src.Objects {
				if src.Objects[k].Box.X = float64(100 * k); i != k && i != n {
					src.Objects[k].Box.X += float64(1 + i + r*n) // another picture
				}
			}
			sources = append(sources, src)
		}
	}
	var told []string
	for _, f := range comparing(sources...) {
		if f.Severity() == findings.Error {
			told = append(told, f.Message)
		}
	}
	if len(told) != 1 || !strings.HasPrefix(told[0], "z0/train.json and z1/val.json have 10 images in common") {
		t.Errorf("got %q", told)
	}
}

// TestManyWithoutLeak: 2,000 files for training and 2,000 for validation that have three names in common, and one picture
// of three: no leak, whichever two are looked at. That takes no time to speak of.
func TestManyWithoutLeak(t *testing.T) {
	var sources []dataset.Source
	for i := range 4000 {
		src := named(fmt.Sprintf("%04d/%s.json", i, [2]string{"train", "val"}[i%2]), "1.jpg", "2.jpg", "3.jpg")
		for k := 1; k < 3; k++ {
			src.Objects[k].Box.X = float64(3*i + k)
		}
		sources = append(sources, src)
	}
	for _, f := range comparing(sources...) {
		if f.Severity() == findings.Error {
			t.Fatal(f.Message)
		}
	}
}
