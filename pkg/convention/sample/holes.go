package sample

import "focalaudit/pkg/dataset"

// farIDs is how many times as many numbers as objects the ids of an image may span: beyond, they do not run with
// images.
const farIDs = 3

// Holes returns how many whole numbers between the lowest and the highest annotation id of an image no annotation of it
// has. It is not ok if the image has fewer than two, an id is no whole number or stands twice, or ids are far apart.
func Holes(src *dataset.Source, im *dataset.Image) (holes int, ok bool) {
	n := int64(im.Last - im.First)
	if n < 2 {
		return 0, false
	}
	low, high := int64(0), int64(0)
	for k := im.First; k < im.Last; k++ {
		id, whole := src.Objects[k].ID.Int()
		if !whole {
			return 0, false
		}
		if k == im.First {
			low, high = id, id
		}
		low, high = min(low, id), max(high, id)
	}
	span := high - low + 1
	if span < n || span > farIDs*n+farIDs {
		return 0, false
	}
	return int(span - n), true
}
