package trainer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// Boxes names a loader: the arithmetic by which a trainer turns x, y, width, height
// into corners in the resized image, and with it the annotations that it drops.
type Boxes string

// loader is what one trainer's data loader does with annotations. Each stands in a file
// of its own.
type loader struct {
	// place returns the corners of an annotation in a frame, computed as the trainer
	// computes them, or why the trainer leaves it out. Most trainers hold corners in
	// float32, and so they are float32's numbers.
	place func(t *Trainer, f *anchors.Frame, a Annotation) (geom.Box, Drop)

	// row, if not nil, returns what makes two annotations of a class the same to a
	// trainer that drops repetitions.
	row func(t *Trainer, box geom.Rect, image geom.Size) [4]float32

	// finish, if not nil, drops annotations of a source for what the others of the image are.
	finish func(s *Scene, src *dataset.Source)

	crowdAt, ignoreAt values // of iscrowd and ignore at which it leaves an annotation out or stops

	// stops are the errors, by their names in Python, with which it stops at a trait of a
	// source's annotations.
	stops map[dataset.Trait]string

	repeated string // what becomes of annotations with one id, "" if each is its own

	// byName: boxes are read from a file of the picture's name, to which the conversion appends: records
	// of one picture are joined.
	byName bool

	minSide int     // least side, in px, of an annotated image that the loader takes
	small   Refusal // why it takes no smaller one; Seen where no image is smaller

	// capStops: the trainer stops with an error at an image with more objects than it takes.
	capStops bool

	// truncates: the fractions of resized corners are cut off where the numbers of a box
	// are integers in the file.
	truncates bool

	with *companions // nil if its boxes go with every other key
}

// loaders are all of them, by name.
var loaders = map[Boxes]loader{}

// register enters a loader under the name that presets call it by.
func register(name Boxes, l loader) Boxes {
	if _, had := loaders[name]; had {
		panic("trainer: two loaders are called " + string(name))
	}
	loaders[name] = l
	return name
}

// loaderNames returns the names of all loaders, sorted.
func loaderNames() []Boxes { return slices.Sorted(maps.Keys(loaders)) }

// Truncates reports whether the loader cuts the fractions of resized corners off where
// the numbers of a box are integers in the file.
func (b Boxes) Truncates() bool { return loaders[b].truncates }

// Annotation is what loaders look at to decide whether an annotation is trained on.
type Annotation struct {
	Box            geom.Rect // finite
	Crowd, Ignore  bool      // as the author of the file means them
	CrowdValue     dataset.FlagValue
	IgnoreValue    dataset.FlagValue
	NoValidPolygon bool // an outline of polygons of which none has 6 coordinates, in pairs
	AreaNotAbove0  bool // its area is given and not above 0
	NoClass        bool // its category is not declared
	IntegerBox     bool // its four numbers are integers in the file

	// Detection says that this is a detector's box rather than an annotation: it is
	// clipped to the image where the trainer would refuse an annotation.
	Detection bool
}

// AnnotationOf returns what loaders see of an object, one of the given classes.
func AnnotationOf(o *dataset.Object, classes []dataset.Class) Annotation {
	return Annotation{
		Box:            o.Box,
		Crowd:          o.Flags&dataset.Crowd != 0,
		Ignore:         o.Flags&dataset.Ignore != 0,
		CrowdValue:     o.Flags.CrowdValue(),
		IgnoreValue:    o.Flags.IgnoreValue(),
		NoValidPolygon: o.Flags&dataset.NoValidPolygon != 0,
		AreaNotAbove0:  o.Flags&dataset.AreaNotAbove0 != 0,
		NoClass:        o.Class < 0 || !classes[o.Class].Known,
		IntegerBox:     o.Flags&dataset.IntegerBox != 0,
	}
}

// values is a set of values of a flag.
type values uint8

// The values at which loaders leave annotations out.
const (
	counted   values = 1 << dataset.FlagTrue           // if ann.get("iscrowd", False)
	notZero          = counted | 1<<dataset.FlagEmpty  // unless obj.get("iscrowd", 0) == 0
	unlessKey        = notZero | 1<<dataset.FlagAbsent // unless obj["iscrowd"] == 0
)

func (v values) has(value dataset.FlagValue) bool { return v&(1<<value) != 0 }

// crowd returns why a loader leaves an annotation out for its iscrowd. One without the
// key, at which a loader stops, is taken for what its author means by is_crowd.
func (t *Trainer) crowd(a *Annotation) Drop {
	switch {
	case !t.loader.crowdAt.has(a.CrowdValue):
		return Kept
	case a.Crowd:
		return DropCrowd
	case a.CrowdValue == dataset.FlagAbsent:
		return Kept
	}
	return DropFlag
}

// MisreadsCrowd reports whether the trainer takes an annotation for a crowd that its
// author does not mean so.
func (t *Trainer) MisreadsCrowd(f dataset.Flags) bool {
	v := f.CrowdValue()
	return t.loader.crowdAt.has(v) && v != dataset.FlagAbsent && f&dataset.Crowd == 0
}

// MisreadsIgnore reports whether the trainer takes ignore for set, or stops at it, where
// the annotation's author has not set it.
func (t *Trainer) MisreadsIgnore(f dataset.Flags) bool {
	return t.loader.ignoreAt.has(f.IgnoreValue()) && f&dataset.Ignore == 0
}

// StopsAt returns the error, by its name in Python, with which the trainer stops at a trait
// of annotations; "" if it does not.
func (t *Trainer) StopsAt(trait dataset.Trait) string { return t.loader.stops[trait] }

// Repeated says what the trainer does with annotations that have one id: it goes on after
// the trainer's name. "" if each is its own to it.
func (t *Trainer) Repeated() string { return t.loader.repeated }

// JoinsByName reports whether image records that name one picture are one image to the trainer.
func (t *Trainer) JoinsByName() bool { return t.loader.byName }

// StoppingAt returns the names of the loaders that stop at a trait of annotations, sorted.
func StoppingAt(trait dataset.Trait) (names []string) {
	for _, name := range loaderNames() {
		if loaders[name].stops[trait] != "" {
			names = append(names, string(name))
		}
	}
	return names
}

// What becomes of annotations with one id: pycocotools takes the last one for all of them,
// unless the trainer asserts that ids are unique.
const (
	lastOfAll     = "loads the last box of such an id in every image that has the id"
	assertsUnique = "stops with an AssertionError"
)

// companions are the values of other keys that a loader's boxes need, and that need
// its boxes: all are one trainer's. An empty value is not asked for.
type companions struct {
	what       string // "what yolov5 does"
	boxes      Boxes
	arithmetic anchors.Arithmetic
	rule       string
	resize     anchors.ResizeRule
	unresized  bool // resize: none will do as well
	common     bool // other trainers have the arithmetic and the resize too
	also       func(p *Preset) error
}

// check reports the first key of a preset that is the trainer's while another is not.
func (c *companions) check(p *Preset) error {
	resize := p.Resize.Rule
	its := !c.common && (p.Anchors.Arithmetic == c.arithmetic || resize == c.resize)
	if p.Boxes != c.boxes && p.Matcher.Name() != c.rule && !its {
		return nil
	}
	if c.unresized && resize == anchors.ResizeNone {
		resize = c.resize
	}
	return cmp.Or(
		c.same("boxes", string(p.Boxes), string(c.boxes)),
		c.same("anchors.arithmetic", string(p.Anchors.Arithmetic), string(cmp.Or(c.arithmetic, p.Anchors.Arithmetic))),
		c.same("matcher.rule", p.Matcher.Name(), cmp.Or(c.rule, p.Matcher.Name())),
		c.same("resize.rule", string(resize), string(c.resize)),
		c.more(p),
	)
}

func (c *companions) same(key, got, want string) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%s: got %q, allowed with %s: %s", key, got, c.what, want)
}

func (c *companions) more(p *Preset) error {
	if c.also == nil {
		return nil
	}
	return c.also(p)
}

func clip(x, most float32) float32 { return max(0, min(x, most)) }
