package main

import (
	"bufio"
	"fmt"
	"strconv"
)

// document writes JSON as Python's json.dump does: one line, a blank after
// each comma and colon.
type document struct {
	*scene
	w     *bufio.Writer
	line  []byte // the record at hand
	later bool   // a record has been written to this array
	err   error
}

// open writes what stands before the first image.
func (d *document) open() {
	d.put(`{"info": {"description": "made up in the likeness of COCO 2017", "url": "", "version": "1.0", "year": 2017, "contributor": "focalaudit bench/generate", "date_created": "2017/09/01"}, "licenses": [{"url": "http://creativecommons.org/licenses/by-nc-sa/2.0/", "id": 1, "name": "Attribution-NonCommercial-ShareAlike License"}], "images": [`)
}

// next ends an array and begins another.
func (d *document) next(key string) {
	d.put(`], "` + key + `": [`)
	d.later = false
}

func (d *document) close() { d.put("]}") }

func (d *document) put(s string) {
	if d.err == nil {
		_, d.err = d.w.WriteString(s)
	}
}

// begin begins a record.
func (d *document) begin() []byte {
	b := d.line[:0]
	if d.later {
		b = append(b, ", "...)
	}
	d.later = true
	return b
}

// end writes a record.
func (d *document) end(b []byte) {
	d.line = b
	if d.err == nil {
		_, d.err = d.w.Write(b)
	}
}

// image writes image i.
func (d *document) image(i int) {
	p := d.picture(i)
	rng := d.from(i, ofLooks)
	d.end(fmt.Appendf(d.begin(), `{"license": %d, "file_name": "%012d.jpg", "coco_url": "http://images.cocodataset.org/train2017/%012d.jpg", "height": %d, "width": %d, "date_captured": "2013-11-%02d %02d:%02d:%02d", "flickr_url": "http://farm%d.staticflickr.com/%d/%d_%010x_z.jpg", "id": %d}`,
		1+rng.IntN(6), p.id, p.id, p.height, p.width, 14+rng.IntN(10), rng.IntN(24), rng.IntN(60), rng.IntN(60),
		1+rng.IntN(9), 1000+rng.IntN(9000), 1_000_000_000+rng.IntN(8_000_000_000), rng.Uint64N(1<<40), p.id))
}

// annotation writes object k of image i; the crowd is its last.
func (d *document) annotation(i, k int) {
	p := d.picture(i)
	if k >= p.objects {
		d.crowd(i, p)
		return
	}
	o, rng := d.object(i, k, p)
	polygons := outline(&o, rng)
	b := append(d.begin(), `{"segmentation": [`...)
	for n, points := range polygons {
		if n > 0 {
			b = append(b, ", "...)
		}
		b = append(b, '[')
		for m, at := range points {
			if m > 0 {
				b = append(b, ", "...)
			}
			b = append(hundredths(b, at.x), ", "...)
			b = hundredths(b, at.y)
		}
		b = append(b, ']')
	}
	b = decimal(append(b, `], "area": `...), area(polygons))
	b = fmt.Appendf(b, `, "iscrowd": 0, "image_id": %d, "bbox": [`, p.id)
	for n, v := range [4]int64{o.x, o.y, o.width, o.height} {
		if n > 0 {
			b = append(b, ", "...)
		}
		b = hundredths(b, v)
	}
	d.end(fmt.Appendf(b, `], "category_id": %d, "id": %d}`, d.categoryID(o.class), d.annotationID(i, k)))
}

// crowd writes the crowd of image i, whose id has COCO's form: 900, the
// category, the image.
func (d *document) crowd(i int, p picture) {
	p.objects = max(p.objects, 1)
	o, rng := d.object(i, p.objects, p)
	m := crowd(p, rng)
	b := append(d.begin(), `{"segmentation": {"counts": [`...)
	for n, c := range m.counts {
		if n > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(b, int64(c), 10)
	}
	category := d.categoryID(o.class)
	d.end(fmt.Appendf(b, `], "size": [%d, %d]}, "area": %d, "iscrowd": 1, "image_id": %d, "bbox": [%d, %d, %d, %d], "category_id": %d, "id": %d}`,
		p.height, p.width, m.area, p.id, m.x, m.y, m.width, m.height, category, 900_000_000_000+category*100_000_000+p.id))
}

// category writes a category.
func (d *document) category(class int) {
	if d.classes != len(cocoClasses) {
		d.end(fmt.Appendf(d.begin(), `{"supercategory": "thing", "id": %d, "name": "thing %06d"}`, class+1, class+1))
		return
	}
	c := cocoClasses[class]
	d.end(fmt.Appendf(d.begin(), `{"supercategory": "%s", "id": %d, "name": "%s"}`, c.super, c.id, c.name))
}

// detection writes a detection: float32 values with the digits of float64, as
// Python writes what comes from a tensor.
func (d *document) detection(f found) {
	b := fmt.Appendf(d.begin(), `{"image_id": %d, "category_id": %d, "bbox": [`, f.image, d.categoryID(f.class))
	for n, v := range f.box {
		if n > 0 {
			b = append(b, ", "...)
		}
		b = decimal(b, float64(v))
	}
	b = decimal(append(b, `], "score": `...), float64(f.score))
	d.end(append(b, '}'))
}

func (d *document) categoryID(class int) int {
	if d.classes == len(cocoClasses) {
		return cocoClasses[class].id
	}
	return class + 1
}

// annotationID numbers the objects that are no crowds; no two are equal.
func (d *document) annotationID(i, k int) int {
	if d.perImage > 0 {
		return 1 + i*d.perImage + k
	}
	return 1 + i<<7 + k // no image has more than 127
}

// hundredths appends v/100 as Python writes it: 3.0, 3.5, 3.25.
func hundredths(b []byte, v int64) []byte {
	b = append(strconv.AppendInt(b, v/100, 10), '.', byte('0'+v/10%10))
	if v%10 != 0 {
		b = append(b, byte('0'+v%10))
	}
	return b
}

// decimal appends v as Python writes it: the shortest digits that give v back.
func decimal(b []byte, v float64) []byte {
	n := len(b)
	b = strconv.AppendFloat(b, v, 'f', -1, 64)
	for _, c := range b[n:] {
		if c == '.' {
			return b
		}
	}
	return append(b, ".0"...)
}
