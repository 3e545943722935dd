package main

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// losses are damages of which each can pass the default policy, and the rule of the policy to start with that finds it,
// or the line that a baseline gives without a rule.
var losses = []struct {
	name, rule string
	damage     func(t *testing.T, r *guarded)
}{
	{"boxes of half the size", "no new errors, and nothing new", func(_ *testing.T, r *guarded) {
		r.boxes(80, func(b []any) {
			for i := range b {
				b[i] = b[i].(float64) / 2
			}
		})
	}},
	{"annotations twice, with new ids", "no new errors, and nothing new", func(_ *testing.T, r *guarded) {
		for k, a := range slices.Clone(r.train.Annotations[:50]) {
			a = maps.Clone(a)
			a["id"] = 1e10 + float64(k)
			r.train.Annotations = append(r.train.Annotations, a)
		}
	}},
	{"objects without an anchor", "no new trouble with anchors", func(_ *testing.T, r *guarded) {
		for _, a := range r.train.Annotations[:60] {
			b := a["bbox"].([]any)
			x, y := b[0].(float64), b[1].(float64)
			a["bbox"], a["area"] = []any{x, y, 3., 3.}, 9.
			a["segmentation"] = [][]float64{{x, y, x + 3, y, x + 3, y + 3, x, y + 3}}
		}
	}},
	{"three in ten annotations gone", "images and annotations do not shrink", func(_ *testing.T, r *guarded) {
		r.train.Annotations = r.train.Annotations[:len(r.train.Annotations)*7/10]
	}},
	{"half of the images for validation gone", "no file shrinks", func(_ *testing.T, r *guarded) {
		all := r.val
		r.val.Images, r.val.Annotations = all.Images[:10], nil
		for _, im := range r.val.Images {
			r.val.Annotations = append(r.val.Annotations, all.of(im)...)
		}
	}},
	{"one class", "no class vanishes", func(_ *testing.T, r *guarded) {
		for _, a := range r.train.Annotations {
			a["category_id"] = 1
		}
	}},
	{"a class deleted", "no class vanishes", func(t *testing.T, r *guarded) {
		id := r.class(t, "chair")
		for _, f := range []*cocoFile{&r.train, &r.val} {
			f.Annotations = slices.DeleteFunc(f.Annotations, func(a map[string]any) bool { return a["category_id"] == id })
			f.Categories = slices.DeleteFunc(slices.Clone(f.Categories), func(c map[string]any) bool { return c["id"] == id })
		}
	}},
	{"a class deleted from training alone", "no class vanishes from a file", func(t *testing.T, r *guarded) {
		id := r.class(t, "chair")
		r.train.Annotations = slices.DeleteFunc(r.train.Annotations, func(a map[string]any) bool { return a["category_id"] == id })
	}},
	{"a class renamed", "no class vanishes", func(t *testing.T, r *guarded) {
		id := r.class(t, "chair")
		for _, f := range []*cocoFile{&r.train, &r.val} {
			f.Categories = slices.Clone(f.Categories)
			for i, c := range f.Categories {
				if c["id"] == id {
					f.Categories[i] = map[string]any{"id": id, "name": "seat"}
				}
			}
		}
	}},
	{"classes moved by one rank", "no class loses a fifth of its annotations", func(_ *testing.T, r *guarded) {
		next := map[any]any{}
		for i, c := range r.train.Categories {
			next[c["id"]] = r.train.Categories[(i+1)%len(r.train.Categories)]["id"]
		}
		for _, a := range r.train.Annotations {
			a["category_id"] = next[a["category_id"]]
		}
	}},
	{"one box moved off its outline", "no new errors, and nothing new", func(t *testing.T, r *guarded) {
		a := r.train.Annotations[slices.IndexFunc(r.train.Annotations, large)]
		b := slices.Clone(a["bbox"].([]any))
		b[0] = b[0].(float64) - b[2].(float64)/2 // IoU 1/3 with the outline's box
		a["bbox"] = b
	}},
	{"all labels of three images", "no image loses all of its labels", func(_ *testing.T, r *guarded) {
		for _, im := range r.train.Images[40:43] {
			r.train.Annotations = slices.DeleteFunc(r.train.Annotations, func(a map[string]any) bool { return a["image_id"] == im["id"] })
		}
	}},
	{"a third of the persons are dogs", "no class loses a fifth of its annotations", func(t *testing.T, r *guarded) {
		r.relabel(t, "person", "dog", 3)
	}},
	{"an eighth of the persons are dogs", "no class grows by more than half", func(t *testing.T, r *guarded) {
		r.relabel(t, "person", "dog", 8)
	}},
	{"validation deleted", "val.json is gone", func(_ *testing.T, r *guarded) { r.val.Images = nil }},
	{"no images", "val.json has no image any more", func(_ *testing.T, r *guarded) {
		r.val.Images, r.val.Annotations = []map[string]any{}, []map[string]any{}
	}},
	{"no annotations", "val.json has no annotation any more", func(_ *testing.T, r *guarded) {
		r.val.Annotations = []map[string]any{}
	}},
}

// large tells the annotations whose outline is far larger than 2 px, below which a box is not off it, and that can move
// left by half of their width within the image.
func large(a map[string]any) bool {
	b := a["bbox"].([]any)
	return a["iscrowd"] == 0. && b[2].(float64) > 50 && b[3].(float64) > 50 && b[0].(float64) > b[2].(float64)
}

// relabel makes every n-th training label of a class one of another class.
func (r *guarded) relabel(t *testing.T, from, to string, n int) {
	k := 0
	for _, a := range r.train.Annotations {
		if a["category_id"] == r.class(t, from) {
			if k++; k%n == 0 {
				a["category_id"] = r.class(t, to)
			}
		}
	}
}

// TestPolicyToStartWith: the policy that docs/ci.md offers finds each of these losses, by a rule that is there for it,
// and passes a data set that did not change, was reordered, or has more.
func TestPolicyToStartWith(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(section(t, string(page), "## A policy to start with"), "```yaml\n")
	policy, _, _ := strings.Cut(rest, "```")
	base := filepath.Join(t.TempDir(), "focalaudit-baseline")
	write(t, filepath.Join(filepath.Dir(base), configName), policy)
	config := filepath.Join(filepath.Dir(base), configName)
	report := filepath.Join(t.TempDir(), "report")
	analyze(t, "run", newGuarded(t).write(t), "-q", "-o", report, "--config", config).expect(t, statusFine)
	analyze(t, "baseline", report, "-o", base, "-q").expect(t, statusFine)
	held := func(t *testing.T, damage func(*testing.T, *guarded)) result {
		r := newGuarded(t)
		damage(t, r)
		return analyze(t, "run", r.write(t), "--gate", "-o", filepath.Join(t.TempDir(), "now"), "--config", config).unwrapped()
	}
	for _, c := range losses {
		t.Run(c.name, func(t *testing.T) {
			switch r := held(t, c.damage); {
			case strings.HasPrefix(c.rule, "val.json"):
				r.expect(t, statusGate, "gate FAIL "+c.rule)
			case strings.Contains(c.rule, "anchors"), strings.Contains(c.rule, "grows"):
				r.expect(t, statusFine, `gate warn rule "`+c.rule)
			default:
				r.expect(t, statusGate, `gate FAIL rule "`+c.rule)
			}
		})
	}
	for name, damage := range map[string]func(*testing.T, *guarded){
		"as it was": func(*testing.T, *guarded) {},
		"reordered": func(_ *testing.T, r *guarded) { slices.Reverse(r.train.Annotations); slices.Reverse(r.train.Images) },
		"an image more, without objects": func(_ *testing.T, r *guarded) {
			im := maps.Clone(r.train.Images[0])
			im["id"], im["file_name"] = 1e10, "background.jpg"
			r.train.Images = append(r.train.Images, im)
		},
		"a twentieth less": func(_ *testing.T, r *guarded) {
			r.train.Annotations = slices.DeleteFunc(r.train.Annotations, func(a map[string]any) bool { return int(a["id"].(float64))%20 == 0 })
		},
	} {
		t.Run(name, func(t *testing.T) { held(t, damage).expect(t, statusFine, "gate pass") })
	}
}

// TestStarterCommands: in an empty repository, the policy to start with and the commands that docs/ci.md prints beside it
// make a baseline, and the line for a job then passes, fails a change with words about it, and names the policy once.
func TestStarterCommands(t *testing.T) {
	page := pages(t)["ci.md"]
	_, rest, _ := strings.Cut(section(t, page, "## A policy to start with"), "```yaml\n")
	policy, rest, _ := strings.Cut(rest, "```")
	_, rest, _ = strings.Cut(rest, "```sh\n")
	commands, _, _ := strings.Cut(rest, "```")
	_, rest, _ = strings.Cut(section(t, page, "## GitHub Actions"), "run: /tmp/analyze ")
	line, _, _ := strings.Cut(rest, "\n")
	r := newGuarded(t)
	from := r.write(t)
	t.Chdir(t.TempDir())
	if err := os.Rename(from, "annotations"); err != nil {
		t.Fatal(err)
	}
	write(t, configName, policy)
	const found = "analyze: configuration found: " + configName + "\n"
	n := 0
	for command := range strings.Lines(commands) {
		words := strings.Fields(command)
		r := analyze(t, words[1:]...)
		r.errw = strings.TrimPrefix(r.errw, found)
		r.expect(t, statusFine)
		n++
	}
	if n != 2 || !strings.Contains(line, "--gate") {
		t.Fatalf("%d commands, and the line %q", n, line)
	}
	fine := analyze(t, strings.Fields(line)...)
	fine.errw = strings.TrimPrefix(fine.errw, found)
	fine.expect(t, statusFine, "none new")
	if strings.Contains(fine.out, "analyze diff") {
		t.Error(fine.out)
	}
	id := r.class(t, "chair")
	r.val.Annotations = slices.DeleteFunc(r.val.Annotations, func(a map[string]any) bool { return a["category_id"] == id })
	if err := errors.Join(os.RemoveAll("annotations"), os.Rename(r.write(t), "annotations")); err != nil {
		t.Fatal(err)
	}
	// 11 chairs: counted in the file of the sample, in the last 20 images by id
	bad := analyze(t, strings.Fields(line)...).unwrapped()
	bad.expect(t, statusGate, "chair has no object in val.json any more, 11 in the baseline", "::error file=annotations/val.json,line=1,",
		"if the change is meant, write the baseline anew: analyze baseline focalaudit-report -o focalaudit-baseline")
}
