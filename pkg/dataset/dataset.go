// Package dataset holds what annotation files say, whatever their format: the images, objects, classes and
// flaws that every other part of the program works on.
//
// How a data set is made, in order:
//
//  1. A reader, such as package coco, adds the records of one file to a Builder in
//     the order of the file, with a Flaw for each fault that it sees in a record
//     (builder.go).
//  2. Join takes the builders of all files, sorted by name. It settles the classes,
//     which have the same name in all files (classes.go).
//  3. It finds each annotation's image and class by their ids and lays the objects
//     out image by image. References that lead nowhere, ids that are used twice
//     and boxes outside their image become flaws too (join.go).
//  4. A ResultsBuilder joins a detector's detections to the images and classes of
//     a finished data set (results.go).
//
// Flaws are data, not errors: a record that lacks something or breaks a rule stays
// where it is, with a Reason if it takes no part, and a Flaw tells what is wrong
// and where.
package dataset

import (
	"cmp"
	"iter"
	"slices"

	"focalaudit/pkg/geom"
)

// Dataset is everything that was read.
type Dataset struct {
	Sources []Source   // sorted by name
	Classes []Class    // of all sources, in order of first appearance
	Skipped []Skip     // files without boxes, sorted by name
	Refused []*Refusal // the files that could not be read, sorted by name

	records Records  // of a data set whose Sources hold none, else nil
	sizes   []blanks // by source, where records is not nil
}

// Source returns a source with its images and objects. Whoever needs all of these takes the source from here; what else
// a source has stands in Sources too.
func (d *Dataset) Source(i int) *Source {
	if d.records == nil {
		return &d.Sources[i]
	}
	return d.records.Source(i)
}

// Images returns the images of a source. Whoever needs no objects takes them from here: where records are read when
// they are asked for, its objects stay unread.
func (d *Dataset) Images(i int) []Image {
	if d.records == nil {
		return d.Sources[i].Images
	}
	return d.records.Images(i)
}

// Runs yields the images of a source by runs, in their order, each with the number of its first image. Whoever goes
// through all of them takes them from here: where records are read when they are asked for, one run is in memory.
func (d *Dataset) Runs(source int) iter.Seq2[int, []Image] {
	return func(yield func(int, []Image) bool) {
		n, _ := d.Count(source)
		for first := 0; first < n; {
			run := d.Sources[source].Images
			if d.records != nil {
				run = d.records.Run(source, first)
			}
			if !yield(first, run) {
				return
			}
			first += len(run)
		}
	}
}

// each yields the images of a source by their numbers, as Runs does.
func (d *Dataset) each(source int) iter.Seq2[int, Image] {
	return func(yield func(int, Image) bool) {
		for first, run := range d.Runs(source) {
			for i := range run {
				if !yield(first+i, run[i]) {
					return
				}
			}
		}
	}
}

// Image returns an image of a source. Whoever needs a few takes them from here: where records are read when they are
// asked for, the others stay unread.
func (d *Dataset) Image(source, image int) *Image {
	if d.records == nil {
		return &d.Sources[source].Images[image]
	}
	return d.records.Image(source, image)
}

// Object returns an object of a source, as Image does an image.
func (d *Dataset) Object(source, object int) *Object {
	if d.records == nil {
		return &d.Sources[source].Objects[object]
	}
	return d.records.Object(source, object)
}

// Objects returns the objects of an image of a source, as Image does the image.
func (d *Dataset) Objects(source, image int) []Object {
	if d.records == nil {
		im := &d.Sources[source].Images[image]
		return d.Sources[source].Objects[im.First:im.Last]
	}
	return d.records.Objects(source, image)
}

// ImageID is Source.ImageID of an object, as Image is an image.
func (d *Dataset) ImageID(source, object int) ID {
	if d.records == nil {
		return d.Sources[source].ImageID(object)
	}
	return d.records.ImageID(source, object)
}

// ClassName returns the name of a class, "" for -1.
func (d *Dataset) ClassName(class int32) string {
	if class < 0 {
		return ""
	}
	return d.Classes[class].Name
}

// Source is one annotation file.
type Source struct {
	Name    string  // path relative to the argument it was found under, with /
	Bytes   int64   // size of the file as stored
	SHA256  string  // of the file as stored, hex
	Images  []Image // in file order, those without a usable size included
	Objects []Object
	Flaws   []Flaw // sorted by offset, then code

	// Categories are the ids that categories declare and annotations use.
	Categories []Category

	// Parents are the names that categories have as their supercategory, but for their own.
	Parents map[string]bool

	// Uses counts images by the text that says for what they are ("train"), as far as they have one.
	Uses map[string]int

	// Traits are what the keys of its annotations have that is told once for a source.
	Traits [NumTraits]Tally

	// AreaParts says how areas compare with boxes and outlines, nil if none was compared.
	AreaParts *AreaParts

	// Unlisted counts, by code, the flaws beyond the first 100,000 of a code.
	Unlisted map[string]int

	// odd are the image_ids of objects that are not written as their image's id, by object.
	odd []imageRef

	// Returns counts the annotations that stand behind one of a later image in the file: 0 if
	// annotations follow the order of the images.
	Returns int

	// BadImages and BadAnnotations count what stands in the place of a record
	// and is none: nothing of it is kept but a Flaw.
	BadImages, BadAnnotations int
}

// imageRef is the image_id of an object.
type imageRef struct {
	object int32
	id     ID
}

// ImageID returns the image_id of Objects[object] as its record has it, Absent if it has none. Nearly all are
// written as the id of their image, and stand there only.
func (s *Source) ImageID(object int) ID { return s.imageID(object, s.Objects[object].Image) }

// imageID is ImageID of an object whose image stands at a place of Images, -1 for none.
func (s *Source) imageID(object int, image int32) ID {
	k, odd := slices.BinarySearchFunc(s.odd, int32(object), func(r imageRef, at int32) int {
		return cmp.Compare(r.object, at)
	})
	switch {
	case odd:
		return s.odd[k].id
	case image >= 0:
		return s.Images[image].ID
	}
	return absent
}

// Image is an image as its file describes it.
type Image struct {
	ID          ID
	File        string    // name of its file, "" if the record has none
	Size        geom.Size // as annotated; see LeftOut if it is not usable
	Offset      int64     // of the record's first byte in the (decompressed) file
	Line        int32     // of that byte, from 1
	First, Last int32     // Source.Objects[First:Last] are its annotations
	LeftOut     Reason    // InUse, NoID, DuplicateImage or NoImageSize
}

// Object is an annotation of an image: a box with a class. Within Source.Objects the
// objects of one image stand together in file order, images in file order; those
// that belong to no image come last, in file order, with Image -1.
type Object struct {
	ID      ID
	Image   int32     // index in Source.Images, -1 if there is none with that id
	Class   int32     // index in Dataset.Classes, -1 if the record names no category
	Box     geom.Rect // as the file has it, or derived from the outline (FromOutline)
	Offset  int64     // of the record's first byte in the (decompressed) file
	Line    int32     // of that byte, from 1
	Flags   Flags
	LeftOut Reason  // InUse, NoImage, NoBox or ImageLeftOut
	Outline Outline // how Box and segmentation agree, where the reader compared them
}

// Flags are what an annotation says of itself.
type Flags uint16

// The flags of an Object.
const (
	Crowd         Flags = 1 << iota // iscrowd (or is_crowd) is 1 or true
	Ignore                          // ignore is not 0
	AreaNotAbove0                   // area is given and <= 0
	NoArea                          // area is not given

	// NoValidPolygon: segmentation is a non-empty list in which no polygon has an
	// even number of at least 6 coordinates.
	NoValidPolygon

	FromOutline // Box was derived from segmentation

	// What the recorded area says of the four numbers of Box, a, b, c and d. At most
	// one of the three is set, none if the area fits an outline inside the box.
	AreaAsBox     // the area is c·d up to rounding
	AreaAsCorners // the area is (c-a)·(d-b) up to rounding, and not c·d
	AreaAboveBox  // the area is larger than (c+1)·(d+1), which no outline inside the box has

	AreaZeroOutline // the area is <= 0, and there is an outline
)

// Outline says which reading of an annotation's box its segmentation confirms.
// Readers compare a part of a file only, the same part in every run, since
// outlines take long to read.
type Outline uint8

// The four numbers of the box are a, b, c and d. The first reading that agrees
// with the box around the segmentation counts.
const (
	OutlineNone      Outline = iota // not compared, or there is no outline
	OutlineBox                      // left, top, width, height: as COCO has it
	OutlineCorners                  // left, top, right, bottom
	OutlineCentre                   // centre, then width and height
	OutlineBelow                    // left, bottom, width, height
	OutlineExchanged                // top, left, height, width
	OutlineHeight                   // left, something else, width, height: b may count from the bottom
	OutlineOther                    // none of these
	OutlineApart                    // none of these, and box and outline have an IoU below 0.5 as COCO
)

// More flags. The bits between are those of what area and outlines say of Box.
const (
	// IntegerBox: all four numbers of the box are integers in the file, without a
	// point or an exponent.
	IntegerBox Flags = 1 << 10

	crowdShift  = 11 // two bits each, a FlagValue
	ignoreShift = 13

	// OnlyCorners: the segmentation spans the corners (a, b) and (c, d) to within a pixel, and the
	// box as COCO has it is far from it. Unlike Outline, it is looked for in every record.
	OnlyCorners Flags = 1 << 15
)

// FlagValue is the value of a key that should be 0 or 1, as far as Python tells values
// apart: by `== 0` and by truth. Crowd and Ignore are what its author meant.
type FlagValue uint8

// The values of a flag.
const (
	FlagAbsent FlagValue = iota // there is no such key
	FlagZero                    // equal to 0: 0, 0.0, false
	FlagEmpty                   // neither equal to 0 nor true: null, "", [], {}
	FlagTrue                    // true: 1, any number but 0, any other text, "0" and "false" too
)

// CrowdValue returns the value of the key iscrowd; is_crowd does not count.
func (f Flags) CrowdValue() FlagValue { return FlagValue(f >> crowdShift & 3) }

// IgnoreValue returns the value of the key ignore.
func (f Flags) IgnoreValue() FlagValue { return FlagValue(f >> ignoreShift & 3) }

// SetCrowd sets the value of the key iscrowd.
func (f *Flags) SetCrowd(v FlagValue) { *f = *f&^(3<<crowdShift) | Flags(v)<<crowdShift }

// SetIgnore sets the value of the key ignore.
func (f *Flags) SetIgnore(v FlagValue) { *f = *f&^(3<<ignoreShift) | Flags(v)<<ignoreShift }

// Class is what objects are told apart by. Categories of equal names are one
// class, whatever their ids and sources.
type Class struct {
	Name  string // as in the file; for ids that no category has: "category ID (undeclared)"
	Known bool   // some source's categories declare it
}

// ClassesInUse counts the classes that annotations have.
func (d *Dataset) ClassesInUse() (n int) {
	used := make([]bool, len(d.Classes))
	for s := range d.Sources {
		for _, o := range d.Source(s).Objects {
			if c := o.Class; c >= 0 && !used[c] {
				used[c] = true
				n++
			}
		}
	}
	return n
}

// Category is what an id of a category stands for in one source.
type Category struct {
	ID    ID
	Class int32  // index in Dataset.Classes
	Group string // its supercategory, "" if it has none
}

// Skip is a file that was found but holds no boxes.
type Skip struct{ Name, Why string }

// SkippedWhy returns the names of the files that were skipped, by the reason, in the
// order of the first names.
func (d *Dataset) SkippedWhy() iter.Seq2[string, []string] {
	return func(yield func(why string, names []string) bool) {
		var order []string
		names := map[string][]string{}
		for _, s := range d.Skipped {
			if names[s.Why] == nil {
				order = append(order, s.Why)
			}
			names[s.Why] = append(names[s.Why], s.Name)
		}
		for _, why := range order {
			if !yield(why, names[why]) {
				return
			}
		}
	}
}
