package coco

import (
	"encoding/json"
	"io"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// Document is a COCO file to be written, as far as boxes go: some images of a source,
// with annotations that need not be those that were read.
type Document struct {
	file     document
	category map[int32]any // id of the category of each class
}

type document struct {
	Images      []imageRecord      `json:"images"`
	Annotations []annotationRecord `json:"annotations"`
	Categories  []categoryRecord   `json:"categories"`
}

type imageRecord struct {
	ID     any    `json:"id"`
	File   string `json:"file_name"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type annotationRecord struct {
	ID       int        `json:"id"`
	Image    any        `json:"image_id"`
	Category any        `json:"category_id"`
	Box      [4]float64 `json:"bbox"`
	Area     float64    `json:"area"`
	Crowd    int        `json:"iscrowd"`
	Ignore   int        `json:"ignore,omitempty"`
}

type categoryRecord struct {
	ID   any    `json:"id"`
	Name string `json:"name"`
}

// NewDocument returns a document with the categories of a source of d. A class that only
// other sources have is a category too, with foreign and its name as id.
func NewDocument(d *dataset.Dataset, source int, foreign string) *Document {
	doc := &Document{
		file:     document{Images: []imageRecord{}, Annotations: []annotationRecord{}},
		category: map[int32]any{},
	}
	for _, c := range d.Sources[source].Categories {
		id := jsonID(c.ID)
		if _, known := doc.category[c.Class]; !known {
			doc.category[c.Class] = id
		}
		doc.file.Categories = append(doc.file.Categories, categoryRecord{id, d.Classes[c.Class].Name})
	}
	for k := range d.Classes {
		if _, known := doc.category[int32(k)]; !known {
			name := d.Classes[k].Name
			doc.category[int32(k)] = foreign + name
			doc.file.Categories = append(doc.file.Categories, categoryRecord{foreign + name, name})
		}
	}
	return doc
}

// Image adds an image: what is added next is annotated in it.
func (d *Document) Image(im *dataset.Image) {
	d.file.Images = append(d.file.Images, imageRecord{jsonID(im.ID), im.File, im.Size.W, im.Size.H})
}

// Add adds an annotation of the last image, and returns its id: they are numbered from 1.
func (d *Document) Add(class int32, b geom.Rect) (id int) {
	id = len(d.file.Annotations) + 1
	d.file.Annotations = append(d.file.Annotations, annotationRecord{
		ID: id, Image: d.file.Images[len(d.file.Images)-1].ID, Category: d.category[class],
		Box: [4]float64{b.X, b.Y, b.W, b.H}, Area: b.W * b.H,
	})
	return id
}

// Copy adds an annotation that was read, with its flags.
func (d *Document) Copy(o *dataset.Object) {
	a := &d.file.Annotations[d.Add(o.Class, o.Box)-1]
	if o.Flags&dataset.Crowd != 0 {
		a.Crowd = 1
	}
	if o.Flags&dataset.Ignore != 0 {
		a.Ignore = 1
	}
}

// Write writes the document as JSON.
func (d *Document) Write(w io.Writer) error { return json.NewEncoder(w).Encode(&d.file) }

// jsonID is an id as JSON has it.
func jsonID(d dataset.ID) any {
	if n, whole := d.Int(); whole {
		return n
	}
	return d.String()
}
