package classes

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// Balanced says that several classes have exactly as many objects as any has: annotations seem to be drawn, the same
// number of each class, so that images lack some of theirs.
type Balanced struct {
	Most    int   // objects of a class
	Full    int   // classes with so many
	Near    int   // classes with fewer, but more than half as many
	Classes int   // that have objects
	Empty   int   // images without objects
	Images  int   // in use
	Holed   int   // of 2,000 images at most: a number between their annotation ids is missing
	Of      int   // of these: whose ids tell
	Example int32 // the first image with several objects, -1 if there is nothing to tell
}

// Found reports whether classes are so.
func (b *Balanced) Found() bool { return b.Example >= 0 }

// Lacks reports whether something else says that objects are missing: one image in ten has none, or holes in its ids.
// Pictures that were made for it may have as many of each class.
func (b *Balanced) Lacks() bool { return 10*b.Empty >= b.Images || b.Of >= 30 && 10*b.Holed >= b.Of }

// balancedFirst is how many objects, spread over a source, are counted first; of most files one class is far commoner
// than the third one, and that settles it. balancedImages is how many images are looked at.
const (
	balancedFirst  = 2000
	balancedImages = 2000
	leastBalanced  = 10
)

// OfBalanced counts the objects of each class. Were numbers up to the highest as likely as those from half of it on,
// one class has the highest by 2 in so many: several have it by a chance below 1e-6 (Chernoff's bound).
func OfBalanced(src *dataset.Source) Balanced {
	none := Balanced{Example: -1}
	most := int32(-1)
	for i := range src.Categories {
		most = max(most, src.Categories[i].Class)
	}
	n := len(src.Objects)
	if most < 2 || n < 3*leastBalanced {
		return none
	}
	counts := make([]int, most+1)
	tops := func(step int) (a [3]int) {
		clear(counts)
		for k := 0; k < n; k += step {
			if c := src.Objects[k].Class; c >= 0 && c <= most {
				counts[c]++
			}
		}
		for _, of := range counts {
			if of > a[2] {
				a[2] = of
				slices.SortFunc(a[:], func(x, y int) int { return y - x })
			}
		}
		return a
	}
	if a := tops(n/balancedFirst + 1); float64(a[0]-a[2]) > 4*math.Sqrt(float64(a[0]+a[2])) {
		return none
	}
	b := Balanced{Most: tops(1)[0], Example: -1}
	for _, of := range counts {
		b.Classes += sample.One(of > 0)
		b.Full += sample.One(of == b.Most)
		b.Near += sample.One(of < b.Most && 2*of > b.Most)
	}
	if b.Full < 3 || b.Most < leastBalanced {
		return none
	}
	if sample.Nats(b.Full, b.Full+b.Near, 2/float64(b.Most)) <= -math.Log(sample.Unlikely) {
		return none
	}
	return b.inImages(src, counts)
}

// inImages looks at images. Where most have one object, or as many of each class, pictures were made or taken so.
func (b Balanced) inImages(src *dataset.Source, counts []int) Balanced {
	step := len(src.Images)/balancedImages + 1
	several, single, even := 0, 0, 0
	own := make([]int, len(counts))
	for i := 0; i < len(src.Images); i++ {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		b.Images++
		if im.First == im.Last {
			b.Empty++
		}
		if im.First == im.Last || i%step != 0 {
			continue
		}
		if im.Last-im.First == 1 {
			single++
			continue
		}
		several++
		if b.Example < 0 {
			b.Example = int32(i)
		}
		for k := im.First; k < im.Last; k++ {
			if c := src.Objects[k].Class; c >= 0 && int(c) < len(own) {
				own[c]++
			}
		}
		least, top := math.MaxInt, 0
		for c := range counts {
			if counts[c] == b.Most {
				least, top = min(least, own[c]), max(top, own[c])
			}
		}
		clear(own)
		even += sample.One(least == top && top > 0)
		if holes, ok := sample.Holes(src, im); ok {
			b.Of++
			b.Holed += sample.One(holes > 0)
		}
	}
	if several < leastBalanced || 4*several < single || 2*even >= several {
		b.Example = -1
	}
	return b
}

// Finding returns the finding on classes that were drawn evenly.
func (b *Balanced) Finding(src *dataset.Source, s int32) findings.Finding {
	im := &src.Images[b.Example]
	f := say.Finding("annotations-cut", s, im.Offset, im.Line, "%s: of %s, %s have exactly %s each, and none has more",
		text.Printable(src.Name), say.Plural(b.Classes, "class"), say.Group(b.Full), say.Plural(b.Most, "object"))
	if 10*b.Empty >= b.Images {
		f.Message += fmt.Sprintf("; %s of %s have none", say.Group(b.Empty), say.Plural(b.Images, "image"))
	}
	if b.Of >= 30 && 10*b.Holed >= b.Of {
		f.Message += fmt.Sprintf("; in %s of %s numbers are missing between the annotation ids of an image",
			say.Group(b.Holed), say.Plural(b.Of, "image"))
	}
	f.Message += ". Annotations seem to be drawn, as many of each class, so that images lack objects, which are " +
		"trained as background: draw images instead, with all of their objects. Pictures that were made with as " +
		"many of each are right. Example: " + say.Label(im)
	f.Size, f.Cases = float64(b.Full), int64(b.Full)
	if !b.Lacks() {
		f.Level = findings.Info
	}
	return f
}
