// Package foreign recognises files and directories that do not hold COCO annotations, and says how
// to convert them.
//
//  1. Text knows formats by their first bytes: compressed files, pointers of Git LFS,
//     XML, HTML, YOLO's label files (text.go, xml.go). AtFault recognises text that looks
//     like JSON but is not, by the bytes at which a JSON reader stopped.
//  2. A Sketch notes the keys of JSON and where they are, and Kind finds the format that
//     has these keys (sketch.go; the table is in json.go).
//  3. Directory looks for the annotations of other formats in a directory (directory.go).
//
// Nothing here is asked about a file that can be read as COCO: a wrong guess costs a
// misleading message, and never a file.
package foreign

// Kind is a format that is not COCO.
type Kind struct {
	Name string // a noun with its article: "a Git LFS pointer"
	Help string // what to do, without a full stop
}

// String returns the name, and what to do.
func (k Kind) String() string {
	if k.Help == "" {
		return k.Name
	}
	return k.Name + ": " + k.Help
}

// The ways to COCO that several formats share. The commands are those of Datumaro
// (pip install datumaro) and FiftyOne (pip install fiftyone).
const (
	byDatumaro = "`datum convert -if %s -i DIRECTORY -f coco_instances -o NEW` (Datumaro) writes COCO"
	byFiftyOne = "`fiftyone convert --input-dir DIRECTORY --input-type fiftyone.types.%s " +
		"--output-dir NEW --output-type fiftyone.types.COCODetectionDataset` writes COCO"
	byHand = "write COCO from it: the objects' corner, width and height in pixels as bbox, and each image's size"
)
