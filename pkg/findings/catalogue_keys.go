package findings

// keyEntries are the findings about keys of annotations, one for a source and key.
var keyEntries = []Entry{
	{Code: "annotation-id-zero", Family: Data, Severity: Info, About: AboutSource,
		Title: "Annotation with the id 0",
		Text: "pycocotools' evaluation writes the id of the matched annotation beside each detection and takes 0 for no " +
			"match. So a detection of an annotation with the id 0 counts as a false positive, however well it fits, " +
			"and the mean precision comes out too low. Scripts that number by Python's enumerate write such files.",
		Example: `{"annotations": [{"id": 0, "image_id": 1, "bbox": [10, 10, 50, 30]}]}`,
		Fix:     "Number annotations from 1. Training does not depend on it."},
	{Code: "area-impossible", Family: Data, Severity: Warning, About: AboutSource,
		Title: "Area that its box or outline cannot have",
		Text: "The key area is larger than width times height by more than rounding, it is not above 0 although there is " +
			"an outline, or most areas, of the file or of a part of its images, are one and the same part of what they " +
			"should be, three in four are below an eighth of it, or large ones are less by 65,536, as numbers of 16 " +
			"bits. pycocotools' evaluation sorts objects into small, medium and large by this key, and mmdetection " +
			"drops what is not above 0. Files of resized or cropped images keep the old areas; converters that compute " +
			"the area from corners, or as a part of the image, write such values.",
		Example: `{"id": 9, "bbox": [10, 10, 50, 30], "area": 60000}`,
		Fix:     "Compute the areas anew: of the outlines where there are any, else width times height."},
	{Code: "key-absent", Family: Data, Severity: Info, Else: [2]Severity{Error}, About: AboutSource, Mends: true,
		Title: "Key of annotations that some trainers read is absent",
		Text: "id, iscrowd, area or segmentation is absent from annotations, or area is null or text. torchvision's " +
			"reference loader reads all four without asking and stops with a KeyError; pycocotools, and so every " +
			"trainer but the conversion for yolov5, reads id, keras-retinanet iscrowd, and mmdetection area " +
			"(JSON2YOLO reads iscrowd, Ultralytics' convert_coco does without). It is an error if the trainer of the " +
			"preset stops, else an info; the audit goes on as if the key were there. Converters from formats of boxes " +
			"alone (VOC, YOLO, KITTI, CSV) often leave them out.",
		Example: `{"id": 9, "image_id": 7, "category_id": 1, "bbox": [10, 10, 50, 30]}`,
		Fix: "Write \"iscrowd\": 0, the area (of the outline, else width times height), an outline (the box as a polygon " +
			"of four corners will do) and ids from 1."},
	{Code: "key-unread", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutSource, Mends: true,
		Title: "Key that no trainer reads, but that speaks against the record",
		Text: "A key says that a record is no plain object, or does not hold, and trainers read the box alone. With " +
			"attributes.rotation, the box is that of a rectangle before it was turned (CVAT); with a visibility of 0 or an " +
			"occlusion of 1 (in fewer than half of the annotations), or mot_conf 0, nothing of the object shows, or the " +
			"benchmark leaves it out (MOT), as VOC's does with difficult, unless ignore says so too; with IsGroupOf, one box " +
			"is around many objects (OpenImages); with a score between 0 and 1, or a model as its source, a detector drew the " +
			"box, and no one may have looked at it. Others say that the object is not in the picture (outside, of CVAT and " +
			"Datumaro), that somebody took the record back (deleted, a status such as rejected), that an image without " +
			"objects is not labelled yet (a status such as todo), or that a category has no countable things (isthing 0, in " +
			"panoptic files). It is an info where the key only says that nobody may have looked, or " +
			"where occlusion may be a level.",
		Example: `{"id": 9, "bbox": [10, 10, 50, 30], "attributes": {"rotation": 37.5}}`,
		Fix: "Write the upright box around a turned rectangle. Remove objects that do not show, or set their iscrowd to 1, " +
			"and records that were taken back; leave out images that are not labelled yet. " +
			"Look at a detector's boxes before they count as labels, and leave the key out where you did."},
	{Code: "segmentation-unusable", Family: Data, Severity: Info, Else: [2]Severity{Error, Warning}, About: AboutSource,
		Mends: true,
		Title: "Segmentation that stops a trainer",
		Text: "segmentation is null, [], a list of numbers without the list of polygons around it, begins with a " +
			"polygon of fewer than 5 coordinates, has compressed counts, or holds something else than numbers: points as " +
			"pairs, text, objects, null. torchvision's reference loader hands every outline to pycocotools' frPyObjects, " +
			"which raises an error at each of these (an IndexError at []), even if only boxes are trained; it makes NaN of " +
			"null among coordinates, with a mask that may be anything (a warning), and reads numbers as text as numbers (an " +
			"info). detectron2 stops at lists of numbers and at what is no number in a mask's counts or size, those of " +
			"crowds included, takes [] for no outline, and drops polygons under three points (no-valid-polygon). It is an " +
			"error if the trainer of the preset stops, and the audit goes on with the box; Label Studio, CVAT and Roboflow " +
			"write [] for boxes, and counts that begin with b', from str() of Python's bytes, are at least a warning, since " +
			"no program decodes them.",
		Example: `{"id": 9, "bbox": [10, 10, 50, 30], "segmentation": []}`,
		Fix: "Write the box as a polygon, here [[10, 10, 60, 10, 60, 40, 10, 40]], or train with a loader that leaves " +
			"masks out. Write points one behind the other, [x1, y1, x2, y2, ...], as numbers. For torchvision write counts " +
			"as lists of numbers, not what pycocotools' encode returns: decode the mask and count its runs. For bytes, call " +
			"counts.decode() before json.dump, where str(counts) stands now."},
}
