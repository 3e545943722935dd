package dataset

import "focalaudit/pkg/geom"

// Detection is a record of a results file.
type Detection struct {
	Class int32     // index in Dataset.Classes
	Score float64   // in [0,1]
	Box   geom.Rect // px of the annotated image, sides > 0
}

// Results are a detector's detections on the images of a data set.
type Results struct {
	Name       string // the file's last element
	Bytes      int64  // size of the file as stored
	SHA256     string // of the file as stored, hex
	Read       int64  // records
	Detections []Detection
	LeftOut    []ResultFlaw // the records that are not among them, by reason
	First      [][]int32    // by source and image: the index of its first detection; one more per source
}

// Of returns the detections of an image, in file order.
func (r *Results) Of(source, image int) []Detection {
	return r.Detections[r.First[source][image]:r.First[source][image+1]]
}

// ResultFlaw is a reason for which detections are left out.
type ResultFlaw struct {
	Code    string // one of the constants below
	N       int64  // records
	Offset  int64  // of the first of them, in the (decompressed) file
	Line    int32  // of that byte, from 1
	Message string // on the first of them
}

// The reasons for which detections are left out, codes of the catalogue.
const (
	ResultMalformed    = "detection-malformed"     // not an object, or without a box of four finite numbers and positive sides
	ResultScore        = "detection-score"         // no score in [0,1]
	ResultImageUnknown = "detection-image-unknown" // image_id is no image's of the data set
	ResultClassUnknown = "detection-class-unknown" // category_id is no category's of the data set
)
