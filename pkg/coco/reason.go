package coco

// String returns the reason as reports have it, "" for InUse.
func (r Reason) String() string {
	return [...]string{
		InUse: "", NoID: "id-missing", DuplicateImage: "image-id-duplicate", NoImageSize: "image-size-missing",
		NoImage: "image-unknown", NoBox: "box-missing", ImageLeftOut: "image-left-out",
	}[r]
}
