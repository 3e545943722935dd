package findings

// trainerEntries are the findings about what the trainer of the chosen preset
// makes of a record that can be read.
var trainerEntries = []Entry{
	{Code: "trainer-refuses", Family: Trainer, Severity: Error, About: AboutAnnotation,
		Title: "Record on which the trainer stops with an error",
		Text: "The trainer of the chosen preset does not start, or stops when it comes to this record. " +
			"torchvision's models raise a ValueError if a box has no area left after resizing; " +
			"keras-retinanet raises a KeyError at a category that is not declared; yolov5 goes on, but without the whole " +
			"image, if one of its boxes is centred outside or larger than it. No trainer takes an image of which a side is " +
			"resized to 0 px, and one with more than 2^26 anchors is too large for this program. The finding says which it " +
			"is.",
		Example: `{"id": 9, "category_id": 7, "bbox": [10, 10, 12, 30]} under retinanet-keras, without a category 7`,
		Fix: "Correct or delete the record: a trainer has no setting to pass over it. The finding depends on the preset; " +
			"another trainer may take the record as it is."},
	{Code: "zero-overlap-hazard", Family: Trainer, Severity: Error, About: AboutAnnotation,
		Title: "Object that no anchor overlaps",
		Text: "The best IoU of any anchor with the object is 0. The low-quality rule makes every anchor positive whose " +
			"IoU with the object equals its best, and 0 is what all of them have: run on one such box, torchvision, " +
			"detectron2 and mmdetection made all anchors of the image positive. The loaders of these trainers cut boxes at " +
			"the image's edge and drop the empty ones, which prevents it; a loader of your own, or anchors that leave part " +
			"of the image uncovered, may not.",
		Example: "An image of 1088 × 800 px with a box at [3000, 3000, 10, 10]: 163,206 of 163,206 anchors positive",
		Fix: "Cut boxes at the image's edge and drop those without area before matching, then check that the anchors " +
			"cover the image. Switching the low-quality rule off removes the hazard too."},
	{Code: "beyond-the-cap", Family: Trainer, Severity: Error, About: AboutImage,
		Title: "Image with more objects than the trainer takes",
		Text: "YOLOX pads or cuts the list of labels of an image to 120 rows: what comes later in the file is trained as " +
			"background, in every epoch. RT-DETR, D-FINE and " +
			"RF-DETR match one object to one of 300 queries (100 or 200 in some segmentation models), and at each step the " +
			"objects beyond have none. No loader warns of it; google/automl's EfficientDet stops at 100 objects. The finding " +
			"says how many objects are beyond the cap, and the column left_out of objects.parquet says which, where the order " +
			"of the file decides it.",
		Example: "An image of VisDrone with 284 people and cars: yolox trains the first 120 rows",
		Fix: "Raise the cap (max_labels, num_queries) in the trainer's configuration, or cut such images into tiles " +
			"with fewer objects each. Do not rely on the order of annotations: it decides what is lost."},
	{Code: "object-without-positive", Family: Trainer, Severity: Warning, About: AboutClass,
		Title: "Objects of a class without a positive anchor",
		Text: "No anchor is assigned to these objects: the trainer never learns them, and the anchors on them are " +
			"background or belong to their neighbours. There is one finding for each class and reason: no anchor has their " +
			"size or shape (too small, too large, aspect, or size and aspect at once), one would suit but not where the " +
			"anchors lie (off grid), or the anchors that suit them were given to other objects (out-competed). Even an " +
			"anchor that the fallback (low-quality) rule rescues for an object goes, in torchvision and detectron2, to the " +
			"object that it overlaps most; keras-retinanet has no such rule, yolov5 compares sides, and ATSS wants an anchor " +
			"centred in the object. `analyze show DIR objects --where 'positives == 0'` lists the objects.",
		Example: "torchvision's RetinaNet: 4 of 830 objects of 100 COCO images, 29 of 4,784 of TACO",
		Fix: "Too small or too large: change the resizing or the anchor sizes. Aspect: add ratios. Off grid: a smaller " +
			"stride or more scales. Out-competed: look for near-duplicate boxes first. A few in a thousand are usual in " +
			"crowded images."},
	{Code: "image-without-positive", Family: Trainer, Severity: Warning, About: AboutImage,
		Title: "Image with objects but no positive anchor",
		Text: "The image has objects that take part in the matching, and none of them has a positive anchor. All its " +
			"anchors are background or ignored, those on the objects included: the image teaches the detector not to see " +
			"them. torchvision divides an image's loss by the number of its positive anchors, at least 1, so that nothing " +
			"tempers these negatives.",
		Example: "3 objects of 9 × 9 px after resizing; the best IoU is 0.08 and the low-quality rule is off",
		Fix: "Mend the cause that object-without-positive names for each of the objects. To live with it, leave the " +
			"image out of training."},
	{Code: "trainer-drops", Family: Trainer, Severity: Warning, About: AboutAnnotation,
		Title: "Annotation that the trainer leaves out",
		Text: "The data loader of the chosen trainer drops the annotation without a word, and what it shows is trained as " +
			"background. The finding says why: detectron2 finds no valid " +
			"polygon in its outline, even if the box is fine, or a side of at most 0.00001 px after resizing; mmdetection " +
			"drops what is under 1 px wide or high, has an area of 0 or a category that is not declared; " +
			"keras-retinanet what is under 1 px wide or high or reaches beyond the image, by however little; yolov5 what " +
			"repeats the class and box of an earlier record.",
		Example: `{"bbox": [10, 10, 50, 30], "segmentation": [[10, 10, 60, 40]]}: two points are no polygon to detectron2`,
		Fix: "Correct what the reason names. For detectron2, delete the broken segmentation or put the box's corners in " +
			"its place; a box alone is enough to train a detector."},
	{Code: "object-rescued-only", Family: Trainer, Severity: Info, Else: [2]Severity{Warning}, About: AboutClass,
		Title: "Objects of a class with fallback anchors only",
		Text: "No anchor reaches the positive threshold for these objects: they have the anchors that overlap them most, " +
			"whatever their IoU, by the fallback (low-quality) rule. Such anchors are few and fit badly, so that the objects " +
			"are learnt weakly and their boxes have to be regressed from far off; the focal-loss article has no such rule, " +
			"and would train none of them. There is one finding for each class and reason, as for object-without-positive; " +
			"where half of a class has fallback anchors only, the main reason is a warning (in classes of 10 objects or more, " +
			"and in all classes where half of all objects has).",
		Example: "torchvision's RetinaNet: no anchor reaches IoU 0.5 for 106 of 830 objects of 100 COCO images, 1,374 of " +
			"4,784 of TACO",
		Fix: "One in ten is usual in COCO. If a class or a size that matters is hit, adapt the anchors or the resizing to " +
			"it; `analyze show DIR objects --where 'positives > 0 && positives == rescued'` lists the objects."},
	{Code: "crowd-as-background", Family: Trainer, Severity: Info, About: AboutAnnotation,
		Title: "Crowd region trained as background",
		Text: "The region is marked iscrowd and takes no part in the matching, but nothing keeps its anchors out of the " +
			"loss: torchvision and detectron2 drop the annotation, and mmdetection's RetinaNet keeps it as a region to " +
			"ignore that its setting ignore_iof_thr = -1 never uses. The finding gives the number of anchors that are " +
			"trained as background though their IoU with the region is at least the negative threshold; under ATSS and " +
			"yolov5, those that the region would have as an object. keras-retinanet and yolov5's conversion drop crowds too. " +
			"pycocotools' evaluation forgives detections there, training punishes them.",
		Example: `{"bbox": [0, 240, 640, 240], "iscrowd": 1} alone in an image of 640 × 480 px: 61 anchors of ` +
			`torchvision's RetinaNet`,
		Fix: "In mmdetection, set ignore_iof_thr to 0.5, say. Elsewhere, annotate the objects one by one, or paint the " +
			"region over. A few crowds in a large data set do little harm."},
}
