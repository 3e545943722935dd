package dataset

import "hash/fnv"

// Sample returns a data set with one in so many images, and their annotations. Which images are
// taken depends on their ids and file names alone, not on their places. Annotations without an
// image, flaws and traits stay behind. If step is 1 or less it returns d itself.
func (d *Dataset) Sample(step int) *Dataset {
	if step <= 1 {
		return d
	}
	out := &Dataset{Classes: d.Classes}
	h, name := fnv.New64a(), []byte(nil)
	for s := range d.Sources {
		part := Source{Name: d.Sources[s].Name, Categories: d.Sources[s].Categories}
		for i, im := range d.each(s) {
			name = append(append(im.ID.Append(name[:0]), 0), im.File...)
			h.Reset()
			h.Write(name) // never an error
			if h.Sum64()%uint64(step) != 0 {
				continue
			}
			first := int32(len(part.Objects))
			part.Objects = append(part.Objects, d.Objects(s, i)...)
			for k := int(first); k < len(part.Objects); k++ {
				part.Objects[k].Image = int32(len(part.Images))
			}
			im.First, im.Last = first, int32(len(part.Objects))
			part.Images = append(part.Images, im)
		}
		out.Sources = append(out.Sources, part)
	}
	return out
}
