package foreign

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// jsonKind is a format that is known by the keys of its JSON: all paths of one of the
// alternatives are there. A + stands between paths.
type jsonKind struct {
	kind Kind
	has  []string
}

// The kinds that are not only in the table.
var (
	otherJSON = Kind{"JSON of another kind",
		"the audit reads an object with the arrays images, annotations and categories"}
	results = Kind{"a list of COCO results (detections with scores)",
		"give it as `--scores detections:FILE`, and the annotations of the images as PATH"}
	noBoxes = Kind{"annotations without boxes",
		"name the file whose annotations have bbox or segmentation; for COCO's images that is instances_*.json"}
	imageList = Kind{"a list of images without annotations",
		"name the file that has the annotations too; of a test part they are often not published"}
)

// jsonKinds are tried in their order. Where a name covers several files of a program,
// each alternative is one of them, and the last ones are for files without objects.
var jsonKinds = []jsonKind{
	{Kind{"COCO panoptic annotations (segments_info)",
		"panopticapi's converters/panoptic2detection_coco_format.py writes boxes from them; for COCO's images " +
			"instances_*.json has them"},
		[]string{"annotations/[]/segments_info", "[]/segments_info"}},
	{Kind{"COCO captions, which have no boxes",
		"for COCO's images instances_*.json has the boxes"},
		[]string{"annotations/[]/caption", "[]/caption + []/image_id"}},
	{results,
		[]string{"[]/image_id + []/score", "[]/image_id + []/scores"}},
	{Kind{"a list of COCO annotations without the object around it",
		"write {\"images\": [...], \"annotations\": THE LIST, \"categories\": [...]}; detections need a score " +
			"each, and go to `--scores detections:FILE`"},
		[]string{"[]/image_id + []/bbox", "[]/image_id + []/segmentation", "[]/image_id + []/keypoints",
			"[]/image_id + []/category_id"}},
	{Kind{"Datumaro annotations",
		fmt.Sprintf(byDatumaro, "datumaro")},
		[]string{"dm_format_version", "items + categories/label", "items/[]/annotations + items/[]/id",
			"items + categories + info"}},
	{Kind{"a FiftyOne data set",
		"`dataset.export(export_dir=NEW, dataset_type=fiftyone.types.COCODetectionDataset)` writes COCO"},
		[]string{"samples/[]/filepath", "samples/[]/_media_type", "labels/*/[]/bounding_box", "sample_fields",
			"samples/[]/*/detections", "[]/*/detections/[]/bounding_box", "classes/[] + labels",
			"_sample_collections"}},
	{Kind{"a Labelbox export",
		"in Python, read the boxes of its objects; " +
			byHand},
		[]string{"[]/Labeled Data", "[]/data_row + []/projects", "[]/Label/objects", "[]/DataRow ID",
			"data_row + projects"}},
	{Kind{"a Label Studio export",
		"in Label Studio, export as COCO; `label-studio-converter export -i FILE -c CONFIG.xml -o NEW -f COCO` " +
			"converts this file"},
		[]string{"[]/annotations/[]/result", "[]/completions/[]/result", "[]/predictions/[]/result",
			"[]/result/[]/value", "[]/*/[]/rectanglelabels", "[]/*/[]/polygonlabels", "[]/*/[]/brushlabels",
			"[]/*/[]/original_width", "[]/annotations + []/data", "[]/data/image", "[]/completions + []/data",
			"[]/annotation_id + []/annotator", "annotations/[]/result", "completions/[]/result",
			"predictions/[]/result", "result/[]/value", "annotations + data + predictions", "result + task"}},
	{Kind{"annotations of the VGG Image Annotator (VIA)",
		"in VIA, Annotation > Export Annotations (COCO format) writes COCO"},
		[]string{"_via_settings", "_via_img_metadata", "_via_data_format_version", "_via_image_id_list",
			"_via_attributes", "*/filename + */regions", "*/fileref + */regions",
			"*/filename + */file_attributes", "[]/filename + []/regions", "project/pid",
			"file + metadata + attribute", "metadata/*/av", "*/regions/*/shape_attributes",
			"*/regions/[]/shape_attributes"}},
	{Kind{"LabelMe annotations, a file for each picture",
		"`labelme2coco DIRECTORY` (pip install labelme2coco) writes COCO"},
		[]string{"shapes + imagePath", "shapes + imageData", "shapes/[]/points + shapes/[]/label",
			"shapes/[]/shape_type", "[]/shapes + []/imagePath", "imagePath + imageHeight", "imagePath + flags"}},
	{Kind{"a CVAT backup",
		"in CVAT, export the task as \"COCO 1.0\""},
		[]string{"[]/shapes + []/tracks", "shapes + tracks + tags", "[]/shapes/[]/points + []/shapes/[]/frame"}},
	{Kind{"Supervisely annotations",
		"in Supervisely, the app \"Export to COCO\" writes COCO"},
		[]string{"objects/[]/classTitle", "objects/[]/geometryType", "objects/[]/points/exterior",
			"size/height + objects", "classes/[]/title + classes/[]/shape", "classes + tags + projectType",
			"classes + projectType", "frames/[]/figures", "[]/annotation/objects/[]/classTitle"}},
	{Kind{"a SageMaker Ground Truth manifest",
		byHand +
			"; class_id, left, top, width and height stand under the job's name"},
		[]string{"source-ref", "[]/source-ref", "*/image_size + */annotations",
			"annotations/[]/class_id + image_size", "[]/datasetObjectId", "[]/dataObject/s3Uri",
			"answers/[]/answerContent", "[]/answers/[]/answerContent", "[]/*/image_size + []/*/annotations"}},
	{Kind{"CreateML annotations",
		"Roboflow converts them to COCO; by hand, x and y are the centre of the box, so bbox is [x - width/2, " +
			"y - height/2, width, height]"},
		[]string{"[]/annotations/[]/coordinates", "[]/annotation/[]/coordinates", "annotations/[]/coordinates",
			"[]/image + []/annotations", "[]/imagefilename", "[]/image + []/annotation",
			"image + annotation/[]/coordinates"}},
	{Kind{"BDD100K labels (Scalabel)",
		"`python -m bdd100k.label.to_coco` or `scalabel.label.to_coco` writes COCO"},
		[]string{"[]/labels/[]/box2d", "frames/[]/labels/[]/box2d", "frames/[]/objects/[]/box2d",
			"[]/labels/[]/category + []/name"}},
	{Kind{"a VoTT project",
		byHand},
		[]string{"asset + regions", "assets/*/regions", "assets + visitedFrames", "assets + sourceConnection",
			"frames + inputTags"}},
	{Kind{"V7 Darwin annotations",
		"`darwin convert coco FILES NEW` (pip install darwin-py) writes COCO"},
		[]string{"item + annotations", "annotations/[]/bounding_box + image"}},
	{Kind{"a Hasty export",
		"in Hasty, export as COCO"},
		[]string{"label_classes + images"}},
	{Kind{"Cityscapes annotations",
		fmt.Sprintf(byDatumaro, "cityscapes")},
		[]string{"imgHeight + imgWidth + objects"}},
	{Kind{"OpenLABEL annotations",
		byHand},
		[]string{"openlabel"}},
	{Kind{"GeoJSON",
		byHand},
		[]string{"features/[]/geometry", "features + crs"}},
	{Kind{"MMDetection's own format",
		byHand},
		[]string{"[]/ann/bboxes", "metainfo + data_list", "[]/detection/instances"}},
	{Kind{"detectron2's dicts (a list of images with their annotations within)",
		"detectron2.data.datasets.coco.convert_to_coco_json(DATASET, NEW) writes COCO"},
		[]string{"[]/file_name + []/annotations/[]/bbox_mode", "[]/annotations/[]/bbox_mode",
			"[]/file_name + []/annotations/[]/bbox"}},
	{Kind{"images with their annotations within each image",
		"write one array annotations beside images, each with the id of its image as image_id"},
		[]string{"images/[]/annotations[]", "images/[]/annotation[]", "images/[]/objects[]", "images/[]/labels[]"}},
	{Kind{"COCO with its annotations under another key than annotations",
		"rename the key: the audit and every trainer look for \"annotations\", in lower case and the plural"},
		[]string{"images[] + Annotations[]", "images[] + annotation[]", "images[] + Annotation[]",
			"images[] + ANNOTATIONS[]", "Images[] + Annotations[]"}},
	{Kind{"metadata of a Hugging Face image folder",
		byHand},
		[]string{"[]/objects/bbox", "[]/file_name + []/objects"}},
	{Kind{"annotations of Sloth",
		byHand},
		[]string{"[]/filename + []/annotations", "[]/filename + []/annotations/[]/class"}},
	{Kind{"COCO annotations within another value",
		"write the object that has images and annotations to a file of its own"},
		[]string{"*/images[] + */annotations[]", "[]/images[] + []/annotations[]"}},
	{noBoxes,
		[]string{"images + annotations/[]"}},
	{Kind{"annotations without the array images",
		"add it: the audit needs each image's id, width and height"},
		[]string{"annotations/[]/image_id", "annotations + categories"}},
	{Kind{"the annotations of one image, as SA-1B has them",
		"name the directory or the tar archive of such files, which are read together"},
		[]string{"image/image_id + annotations[]"}},
	{Kind{"a list of pictures",
		"name the file that holds the annotations"},
		[]string{"[]/picture", "images/[]/picture", "*/[]/picture"}},
	{imageList,
		[]string{"images[]", "[]/file_name"}},
}

// Kind returns the format of JSON that is no COCO file with boxes.
func (s *Sketch) Kind() Kind {
	if s.twice {
		return dumpedTwice
	}
	for _, k := range jsonKinds {
		if slices.ContainsFunc(k.has, s.all) {
			return k.kind
		}
	}
	return otherJSON
}

// all tells whether there is a path for each of the patterns, with + between them.
func (s *Sketch) all(patterns string) bool {
	for p := range strings.SplitSeq(patterns, " + ") {
		if !s.has(p) {
			return false
		}
	}
	return true
}

// Lines returns the format of JSON lines.
func Lines(r io.Reader) Kind {
	s := NewSketch()
	s.ReadLines(r)
	k := s.Kind()
	switch k {
	case otherJSON:
		return jsonLines
	case results:
		k.Help = "`jq -s . OLD > NEW` makes it one array, for `--scores detections:NEW`"
	}
	k.Name += ", as JSON lines (one JSON value after the other)"
	return k
}
