package dataset

// Flaw is something wrong with one record, tolerated. Code is one of the
// constants below; the catalogue in package findings says what each means.
type Flaw struct {
	Code    string
	Offset  int64 // of the record's first byte in the (decompressed) file
	Line    int32 // of that byte, from 1
	Image   int32 // index in Source.Images, -1 if it concerns none
	Object  int32 // index in Source.Objects, -1 if it concerns none
	Record  ID    // the id of the record itself
	Cases   int   // how many records it is about, 0 for one
	Message string
}

// The codes of flaws, the keys of the catalogue of findings.
const (
	FileBOM          = "file-bom"                // the file begins with a UTF-8 byte order mark
	FileBroken       = "file-broken"             // a file of a source that is made up of several can't be read
	ClassAbsent      = "class-absent"            // a source whose format has no classes: its objects count as one class
	FileEnding       = "file-ending"             // the file is compressed, and its name does not say so
	FileNested       = "file-nested"             // brackets are nested deeper than Python up to 3.11 reads
	RecordNotObject  = "record-not-object"       // an element of images, annotations or categories is not an object
	KeyRepeated      = "key-repeated"            // a record has a key that matters twice; the last counts, as in Python
	TextGarbled      = "text-not-utf8"           // a name or an id holds bytes that are not UTF-8
	IDMissing        = "id-missing"              // a record without an id
	IDNotInteger     = "id-not-integer"          // a record's own id is a string or not written as a whole number
	IDTypeMixed      = "id-type-mixed"           // a reference and the id it refers to are of different JSON types
	ImageDuplicate   = "image-id-duplicate"      // a second image with one id
	ObjectDuplicate  = "annotation-id-duplicate" // ids of annotations that are used more than once
	CategoryRepeated = "category-id-duplicate"
	ImageUnknown     = "image-unknown"    // an annotation of an image that is not in the file
	CategoryUnknown  = "category-unknown" // an annotation of a category that is not in the file, or of none
	ImageNoSize      = "image-size-missing"
	FileNoName       = "file-name-missing"
	FileDuplicate    = "file-name-duplicate"
	BoxMissing       = "box-missing"      // no bbox, or null; nothing to derive it from
	BoxMalformed     = "box-malformed"    // bbox is not four numbers
	BoxNotFinite     = "box-not-finite"   // NaN or an infinity in bbox
	BoxFromOutline   = "box-from-outline" // bbox missing, malformed or not finite; taken from segmentation
	BoxOffOutline    = "box-off-outline"  // bbox and segmentation disagree; if they are compared (Options.Outlines)
	BoxNegative      = "box-negative"     // a negative width or height
	BoxEmpty         = "box-empty"        // width or height 0
	BoxOutside       = "box-outside"      // no overlap with the image
	BoxPartlyOutside = "box-partly-outside"
	NotFinite        = "number-not-finite" // NaN or an infinity in another field that is read
	CrowdKey         = "crowd-key"         // is_crowd in place of iscrowd
	CategoryNoName   = "category-unnamed"
	CategorySameName = "category-name-duplicate" // two ids of one source have one name: one class
	CategoryCase     = "category-name-case"      // names alike but for case, separators and a plural s: two classes
	CategoryClash    = "category-clash"          // an id that an earlier source gives to another name
)
