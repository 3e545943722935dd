package between

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"path"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/naming"
)

// Key is what an image is known again by: 128 bits of a hash.
type Key [16]byte

func keyOf(name string) Key {
	sum := sha256.Sum256([]byte(name))
	return Key(sum[:16])
}

// List is a rule by which images are known again.
type List uint8

// The lists.
const (
	Names   List = iota // file names, as Beside compares them
	Layouts             // the size and all boxes
	Stems               // file names without what export tools add to them
	Lists   = iota
)

// Sighting is an image under a key by which it may be known again.
type Sighting struct {
	Key           Key
	Source, Image int32

	Base Key      // in Stems: of the name with its ending
	Size [2]int32 // in Stems: width and height
}

// Compare orders sightings by their key, then their place.
func (a *Sighting) Compare(b *Sighting) int {
	if c := bytes.Compare(a.Key[:], b.Key[:]); c != 0 {
		return c
	}
	return a.place(b)
}

func (a *Sighting) place(b *Sighting) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Image, b.Image))
}

// Sight appends the sightings of a source's images that a list has.
func (l List) Sight(all []Sighting, src *dataset.Source, s int32) []Sighting {
	for i := range src.Images {
		im := &src.Images[i]
		if im.LeftOut != dataset.InUse {
			continue
		}
		one := Sighting{Source: s, Image: int32(i)}
		switch l {
		case Names:
			if im.File == "" {
				continue
			}
			one.Key = keyOf(naming.Normal(im.File))
		case Layouts:
			key, ok := layout(src, int32(i))
			if !ok {
				continue
			}
			binary.BigEndian.PutUint64(one.Key[:8], key[0])
			binary.BigEndian.PutUint64(one.Key[8:], key[1])
		case Stems:
			plain := ""
			if im.File != "" {
				plain = stem(im.File)
			}
			if plain == "" {
				continue
			}
			one.Key, one.Base = keyOf(plain), keyOf(path.Base(naming.Normal(im.File)))
			one.Size = [2]int32{int32(im.Size.W), int32(im.Size.H)}
		}
		all = append(all, one)
	}
	return all
}

// Sighted returns the sightings of all images of a data set that a list has, sorted.
func Sighted(d *dataset.Dataset, l List) iter.Seq[Sighting] {
	return func(yield func(Sighting) bool) {
		n := 0
		for s := range d.Sources {
			images, _ := d.Count(s)
			n += images
		}
		all := make([]Sighting, 0, n)
		for s := range d.Sources {
			all = l.Sight(all, d.Source(s), int32(s))
		}
		SortSightings(all)
		for i := range all {
			if !yield(all[i]) {
				return
			}
		}
	}
}

// SortSightings sorts sightings.
func SortSightings(all []Sighting) {
	slices.SortFunc(all, func(a, b Sighting) int { return a.Compare(&b) })
}

// again yields the sightings of each key that several images have, sorted by their place. The slice is good until the
// next.
func again(sorted iter.Seq[Sighting]) iter.Seq[[]Sighting] {
	return func(yield func([]Sighting) bool) {
		var same []Sighting
		ready := func() bool {
			if len(same) < 2 {
				return true
			}
			slices.SortFunc(same, func(a, b Sighting) int { return a.place(&b) })
			return yield(same)
		}
		for one := range sorted {
			if len(same) > 0 && same[0].Key != one.Key {
				if !ready() {
					return
				}
				same = same[:0]
			}
			same = append(same, one)
		}
		ready()
	}
}

// firstOfEach keeps the first sighting of each source.
func firstOfEach(same []Sighting) []Sighting {
	return slices.CompactFunc(same, func(a, b Sighting) bool { return a.Source == b.Source })
}
