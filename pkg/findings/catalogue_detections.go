package findings

// detectionEntries are the findings about a detector's scores, one for each kind
// of flaw.
var detectionEntries = []Entry{
	{Code: "detection-malformed", Family: Data, Severity: Warning, About: AboutRun,
		Title: "Detections without a usable box",
		Text: "Records of the results file are not objects, or their bbox is not four finite numbers with a width and a " +
			"height above 0. They are left out, so the anchors that they cover are assumed to have the floor's score. The " +
			"finding counts them and shows the first.",
		Example: `{"image_id": 7, "category_id": 1, "bbox": [10, 20, -3, 40], "score": 0.8}`,
		Fix: "COCO results have x, y, width and height in pixels of the annotated image. Negative sides come from " +
			"corners written as sizes, or from an error in undoing the resizing."},
	{Code: "detection-score", Family: Data, Severity: Warning, About: AboutRun,
		Title: "Detections without a score from 0 to 1",
		Text: "Records of the results file have no score, or one that is no probability: a logit, a percentage, NaN. They " +
			"are left out. The finding counts them and shows the first.",
		Example: `{"image_id": 7, "category_id": 1, "bbox": [10, 20, 30, 40], "score": 87.5}`,
		Fix:     "Write the sigmoid or softmax output of the detector, between 0 and 1."},
	{Code: "detection-image-unknown", Family: Data, Severity: Warning, About: AboutRun,
		Title: "Detections on images that are not annotated",
		Text: "Records of the results file name images that the annotations do not have. They are left out; if all are, " +
			"the run stops, since the file belongs to another data set. If it is a part, what follows from the scores holds " +
			"for the images that do join.",
		Example: `{"image_id": 9000001, "category_id": 1, "bbox": [10, 20, 30, 40], "score": 0.9} and no image 9000001`,
		Fix: "Run the detector on the images that the annotations list, and write their ids. Ids made from file names or " +
			"counted from 0 are the common causes."},
	{Code: "detection-class-unknown", Family: Data, Severity: Warning, About: AboutRun,
		Title: "Detections of categories that are not annotated",
		Text: "Records of the results file name categories that the annotations do not have. They are left out. The " +
			"usual causes are a detector that was trained on another list of classes, and results that hold the number of " +
			"the output instead of the category's id.",
		Example: `{"image_id": 7, "category_id": 0, "bbox": [10, 20, 30, 40], "score": 0.9} where ids begin at 1`,
		Fix: "Write the ids of the annotations' categories; map those of another list, and drop the classes that are " +
			"not annotated."},
	{Code: "detection-key-repeated", Family: Data, Severity: Warning, About: AboutRun,
		Title: "Detections with a key that stands there twice",
		Text: "Records of the results file have image_id, category_id, bbox or score more than once. JSON does not say " +
			"which one counts. Python's json takes the last one, and so does this program; others take the first. The " +
			"finding counts the records and shows the first.",
		Example: `{"image_id": 7, "category_id": 1, "bbox": [10, 20, 30, 40], "score": 0.1, "score": 0.9}`,
		Fix: "Write each key once. Look at the program that writes the results: text that is put together by hand, " +
			"or two records of which one lost its brackets.",
	},
	{Code: "detection-class-shifted", Family: Data, Severity: Warning, About: AboutRun,
		Title: "Detections whose category ids seem off by one",
		Text: "Where a detection lies on an annotated object, the classes seldom agree; with every category id of the " +
			"detections one higher, or one lower, they mostly do. Every figure by class is wrong under these scores.",
		Example: "of 5,000 detections that lie on an object, weighed by score, 3 % have its class, and 88 % would with " +
			"ids one higher",
		Fix: "Add or take 1 from the category ids of the detections: most often outputs are counted from 0 and the " +
			"categories from 1."},
	{Code: "detection-outside", Family: Data, Severity: Warning, About: AboutRun,
		Title: "Detections outside of their image",
		Text: "Boxes of the results file do not overlap their image at all, so they score no anchor. The usual cause " +
			"are boxes of an enlarged image. Boxes of a smaller image, and boxes in parts of the sides, stay inside; " +
			"detections-disagree finds those.",
		Example: `{"image_id": 7, "category_id": 1, "bbox": [1900, 20, 30, 40], "score": 0.9} on an image 640 px wide`,
		Fix:     "Write boxes in pixels of the annotated image, before any resizing."},
	{Code: "logits-missing", Family: Data, Severity: Warning, About: AboutImage, Title: "Images without logits",
		Text: "The directory of logits has no file for some of the images that are audited. Their anchors count as at " +
			"initialisation, with the score of the prior. What follows from these scores is a mixture of both.",
		Example: "scores logits: 12 of 4,952 images in use have no logits",
		Fix: "Write a file for every image, named by its id or by the stem of its file name, one way for the whole " +
			"directory."},
}
