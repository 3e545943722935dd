package dataset

// Reason says why a record takes no part; InUse if it does.
type Reason uint8

// The reasons for which reading leaves a record out.
const (
	InUse          Reason = iota
	NoID                  // an image without an id: nothing can refer to it
	DuplicateImage        // a second image with the id of an earlier one
	NoImageSize           // an image whose width or height is missing or not a whole number in [1, 2^24)
	NoImage               // an annotation whose image_id no image has
	NoBox                 // an annotation without a box of four finite numbers, or an outline to derive it from
	ImageLeftOut          // an annotation of an image that is left out
)

// String returns the reason as reports have it, "" for InUse.
func (r Reason) String() string {
	return [...]string{
		InUse: "", NoID: "id-missing", DuplicateImage: "image-id-duplicate", NoImageSize: "image-size-missing",
		NoImage: "image-unknown", NoBox: "box-missing", ImageLeftOut: "image-left-out",
	}[r]
}
