// Package coco reads COCO-style annotation files: what they say, and where
// they are broken.
//
// The steps, in order:
//
//  1. Find turns paths into files, named and sorted.
//  2. Read cuts each file into blocks between two records (blocks.go), decodes
//     the blocks on all cores (scan.go, record.go) and puts them together in
//     the order of the file (assemble.go, extract.go).
//  3. The records are joined: annotations to images, category ids to classes
//     (join.go). What a record lacks or breaks becomes a Flaw beside it.
//
// Flaws are data, not errors: one bad record never costs the next one. Only a
// file that is not JSON, is cut off or is not COCO is refused, as a whole, with
// its place (SyntaxError); the others are still read.
package coco

import (
	"strconv"

	"focalaudit/pkg/geom"
)

// Dataset is everything that was read.
type Dataset struct {
	Sources []Source // sorted by name
	Classes []Class  // of all sources, in order of first appearance
	Skipped []Skip   // files without boxes, sorted by name
	Refused []error  // files that could not be read, sorted by name; each a *SyntaxError or an I/O error that names the file
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

	// Unlisted counts, by code, the flaws beyond the first 100,000 of a code.
	Unlisted map[string]int

	// BadImages and BadAnnotations count the elements of the two arrays that
	// are not JSON objects: nothing of them is kept but a Flaw each.
	BadImages, BadAnnotations int
}

// Image is a record of the array "images".
type Image struct {
	ID          ID
	File        string    // file_name, "" if the record has none
	Size        geom.Size // as annotated; see LeftOut if it is not usable
	Offset      int64     // of the record's first byte in the (decompressed) file
	Line        int32     // of that byte, from 1
	First, Last int32     // Source.Objects[First:Last] are its annotations
	LeftOut     Reason    // InUse, NoID, DuplicateImage or NoImageSize
}

// Object is a record of the array "annotations". Within Source.Objects the
// objects of one image stand together in file order, images in file order; those
// that belong to no image come last, in file order, with Image -1.
type Object struct {
	ID      ID
	ImageID ID        // as the record has it
	Image   int32     // index in Source.Images, -1 if there is none with that id
	Class   int32     // index in Dataset.Classes, -1 if the record has no category_id
	Box     geom.Rect // as the file has it, or derived from the outline (FromOutline)
	Offset  int64     // of the record's first byte in the (decompressed) file
	Line    int32     // of that byte, from 1
	Flags   Flags
	LeftOut Reason // InUse, NoImage, NoBox or ImageLeftOut
}

// Flags are what an annotation says of itself.
type Flags uint16

// The flags of an Object.
const (
	Crowd          Flags = 1 << iota // iscrowd (or is_crowd) is 1 or true
	Ignore                           // ignore is not 0
	AreaNotAbove0                    // area is given and <= 0
	NoArea                           // area is not given
	NoValidPolygon                   // segmentation is a non-empty list in which no polygon has an even number of at least 6 coordinates
	FromOutline                      // Box was derived from segmentation
)

// Reason says why a record takes no part; InUse if it does.
type Reason uint8

// The reasons for which reading leaves a record out.
const (
	InUse          Reason = iota
	NoID                  // an image without an id: nothing can refer to it
	DuplicateImage        // a second image with the id of an earlier one
	NoImageSize           // an image whose width or height is missing or not a whole number in [1, 2^24)
	NoImage               // an annotation whose image_id no image has
	NoBox                 // an annotation without a box, or with one that is not four finite numbers, and no outline to derive it from
	ImageLeftOut          // an annotation of an image that is left out
)

// Class is what objects are told apart by. Categories of equal names are one
// class, whatever their ids and sources.
type Class struct {
	Name  string // as in the file; for ids that no category has: "category ID (undeclared)"
	Known bool   // some source's categories declare it
}

// Category is what an id of a category stands for in one source.
type Category struct {
	ID    ID
	Class int32 // index in Dataset.Classes
}

// ID is an id as it stands in a file: a number or a string. 1, 1.0 and "1" are
// the same id; Key tells.
type ID struct {
	num   int64
	other *idText // nil: the whole number num, written plainly
}

type idText struct {
	text string // as it stands, strings without their quotes
	kind IDKind
	num  int64 // meaningful if whole
	// whole: the id is a whole number in another notation ("7", 7.0, 7e0)
	whole bool
}

// IDKind is the JSON type of an id.
type IDKind uint8

// The kinds of an ID.
const (
	Plain  IDKind = iota // a whole number written plainly
	Float                // a number with a fraction, an exponent, or beyond int64
	Text                 // a string
	Absent               // no id, null, or a value of another type
)

// PlainID returns the ID of a whole number.
func PlainID(n int64) ID { return ID{num: n} }

// Kind returns the JSON type of the id.
func (d ID) Kind() IDKind {
	if d.other == nil {
		return Plain
	}
	return d.other.kind
}

// String returns the id as it stands in the file, without quotes; "" if absent.
func (d ID) String() string {
	if d.other == nil {
		return strconv.FormatInt(d.num, 10)
	}
	return d.other.text
}

// Int returns the id's value and true if it is a whole number that fits int64,
// in whatever notation.
func (d ID) Int() (int64, bool) {
	if d.other == nil {
		return d.num, true
	}
	return d.other.num, d.other.whole
}

// IDKey is comparable: two ids are the same exactly if their keys are equal.
type IDKey struct {
	num   int64
	text  string
	other bool // text counts; without it the id "" would be the id 0
}

// Key returns the id's identity.
func (d ID) Key() IDKey {
	if n, ok := d.Int(); ok {
		return IDKey{num: n}
	}
	return IDKey{text: d.other.text, other: true}
}

// Skip is a file that was found but holds no boxes.
type Skip struct{ Name, Why string }

// Flaw is something wrong with one record, tolerated. Code is one of the
// constants below; the catalogue in package findings says what each means.
type Flaw struct {
	Code    string
	Offset  int64 // of the record's first byte in the (decompressed) file
	Line    int32 // of that byte, from 1
	Image   int32 // index in Source.Images, -1 if it concerns none
	Object  int32 // index in Source.Objects, -1 if it concerns none
	Record  ID    // the id of the record itself
	Message string
}
