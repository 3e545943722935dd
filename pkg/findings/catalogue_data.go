package findings

// dataEntries are the findings about records: what reading a file meets, and
// what comparing its boxes with each other and with their classes shows.
var dataEntries = []Entry{
	{Code: "record-not-object", Family: Data, Severity: Error, About: AboutSource,
		Title: "Array element that is not an object",
		Text: "An element of images, annotations or categories is null, a number, a string or a list. pycocotools indexes " +
			"every element by key when it loads the file, so that one such element stops torchvision, detectron2 and " +
			"mmdetection with a TypeError before training starts. The audit leaves the element out and reads on. " +
			"It does the same with an element of more than 64 MiB, which a trainer would read: the message says which it is.",
		Example: `{"annotations": [{"id": 1, "image_id": 7}, null]}`,
		Fix:     "Delete the element, or mend the export that wrote it. Nothing can be trained from it in the meantime."},
	{Code: "file-bom", Family: Data, Severity: Error, About: AboutSource,
		Title: "File that begins with a byte order mark",
		Text: "The file begins with the three bytes EF BB BF, the byte order mark of UTF-8. Python's json.load refuses " +
			"such a text with a JSONDecodeError, \"Unexpected UTF-8 BOM (decode using utf-8-sig)\", so that pycocotools, " +
			"torchvision, detectron2 and mmdetection stop when they load the file. PowerShell's Out-File, Excel and .NET " +
			"write the mark. The audit reads on behind it.",
		Example: "EF BB BF 7B 22 69 6D 61 67 65 73 22, which is a mark and then {\"images\"",
		Fix: "Write the file without the mark: `sed -i '1s/^\\xEF\\xBB\\xBF//' FILE`, or in Python open it with " +
			"encoding=\"utf-8-sig\" and json.dump it to a new file."},
	{Code: "file-nested", Family: Data, Severity: Warning, About: AboutSource,
		Title: "Brackets nested deeper than some versions of Python read",
		Text: "Somewhere in the file arrays or objects lie in one another more than 993 levels deep. json.load of Python " +
			"3.6 to 3.11 then stops with a RecursionError, and so do the trainers that load the file with it; within many " +
			"functions it stops a little earlier. Python 3.12.1 reads 1,497 levels, 3.13.0 reads 9,998, and the audit " +
			"reads 10,000. COCO's own keys take 5 levels, so that a program must have written one value into the next.",
		Example: "\"info\": {\"parent\": {\"parent\": {\"parent\": … 1,000 times",
		Fix:     "Remove the key that is nested so: no trainer asks for it. `jq 'del(.info)' OLD > NEW` removes info."},
	{Code: "file-broken", Family: Data, Severity: Error, About: AboutSource,
		Title: "File of one image that can't be read",
		Text: "A source is a directory or a tar archive of files of one image each, as SA-1B has them, and this file is " +
			"not JSON, is cut off, lacks image, annotations or the image's id, or has the id of another file's image. A " +
			"loader that opens the files one by one stops when it comes to it, perhaps hours into an epoch. The audit " +
			"leaves the file out and reads the others.",
		Example: `{"image": {"image_id": 7, "width": 2250, "height": 1500, "file_name": "sa_7.jpg"}, "annota`,
		Fix: "Download or write the file anew; the message says at which byte it stops being what it should be. If it is " +
			"no file of annotations, move it elsewhere, or leave it out with --exclude."},
	{Code: "file-ending", Family: Data, Severity: Error, About: AboutSource,
		Title: "File whose name and first bytes disagree on compression",
		Text: "The file is gzip or zstd data, but its name does not end in .gz or .zst. The trainers' loaders open it as " +
			"text: pycocotools stops with a UnicodeDecodeError. Or the name has that ending and the file is plain JSON, at " +
			"which gunzip, pandas and other programs that go by names stop. A web server that packs or unpacks files on the " +
			"way makes both; the audit goes by the first bytes and reads the file.",
		Example: "instances_val.json, whose first bytes are 1F 8B",
		Fix: "Give a plain file a name that ends in .json. Unpack a compressed one: `mv FILE.json FILE.json.gz && " +
			"gunzip FILE.json.gz` (`unzstd` for zstd), or give it the ending that it should have."},
	{Code: "id-missing", Family: Data, Severity: Error, About: AboutSource, Title: "Record without an id",
		Text: "An image or category has no id, or any record a null or non-scalar one (annotations without the key: " +
			"key-absent). pycocotools reads the key id of every record and stops with a KeyError where it is missing, " +
			"and with it every trainer that loads through pycocotools. Nothing can refer to an image or a category " +
			"without an id; its objects are lost.",
		Example: `{"images": [{"file_name": "a.jpg", "width": 640, "height": 480}]}`,
		Fix: "Give the record an id that no other record of the array has. For annotations any unused number will do, " +
			"since nothing refers to them."},
	{Code: "id-type-mixed", Family: Data, Severity: Error, About: AboutAnnotation,
		Title: "Reference and id of different types",
		Text: "A reference is a number where the id is a string, or the other way round. Python does not find one by the " +
			"other: the trainers load the image without the annotation and say nothing, so that the object is trained as " +
			"background; with a category, detectron2 stops with a " + `KeyError and mmdetection drops the annotation. The ` +
			`audit takes 2299 and "2299" for the same id, so its counts include what the ` + "trainers lose.",
		Example: `{"images": [{"id": "2299"}], "annotations": [{"id": 1, "image_id": 2299}]}`,
		Fix: "Write ids and references in one type, best whole numbers. There is no setting of the trainers to live " +
			"with it."},
	{Code: "image-id-duplicate", Family: Data, Severity: Error, Else: [2]Severity{Warning}, About: AboutImage,
		Title: "Second image with the same id",
		Text: "Two image records share an id. pycocotools keeps the last record and hands it the annotations of both, so " +
			"that boxes drawn on one picture are trained on the pixels of the other, and one picture is never seen. The " +
			"audit keeps the first record and leaves the second out. As a warning: the annotations go through the images " +
			"twice, as after a merge that kept one record for each id and the annotations of both files, or the ids went " +
			"through floats of 32 bits, which make one id of several that are near.",
		Example: `{"images": [{"id": 7, "file_name": "a.jpg"}, {"id": 7, "file_name": "b.jpg"}]}`,
		Fix: "Renumber one of the images together with its annotations; this happens when files are concatenated without " +
			"shifting the ids. If the two records are equal, delete one."},
	{Code: "category-id-duplicate", Family: Data, Severity: Error, About: AboutClass,
		Title: "Second category with the same id",
		Text: "Two category records share an id. pycocotools keeps the last name, yet returns the id twice when asked for " +
			"all of them, and detectron2 and mmdetection number their classes by that list: the classes that follow move up " +
			"by one, past the number of classes the model was built for. The same holds if both records have the same name. " +
			"The audit goes by the first.",
		Example: `{"categories": [{"id": 1, "name": "cat"}, {"id": 1, "name": "dog"}, {"id": 2, "name": "cow"}]}`,
		Fix: "Delete the repeated record; if the names differ, find out which of the two each annotation means and give " +
			"one of them an id of its own."},
	{Code: "image-unknown", Family: Data, Severity: Error, About: AboutAnnotation,
		Title: "Annotation of an image that is not in the file",
		Text: "No image has the id that the annotation names, or it names none. The trainers go through the images and " +
			"ask for the annotations of each, so this one is never asked for: it is lost, with at most a line in the log. " +
			"Without any image_id, pycocotools stops with a KeyError.",
		Example: `{"images": [{"id": 1}], "annotations": [{"id": 9, "image_id": 2, "bbox": [1, 2, 30, 40]}]}`,
		Fix: "Add the image record, correct the reference, or delete the annotation. It is common after a file was split " +
			"by images but not by annotations; filter both."},
	{Code: "category-unknown", Family: Data, Severity: Error, About: AboutAnnotation,
		Title: "Annotation of a category that is not in the file",
		Text: "No category has the id that the annotation names, or it names none. detectron2 stops with a KeyError and " +
			"mmdetection drops the annotation. torchvision's reference training takes the number itself as the class: it " +
			"trains an output that has no name, or stops with an index error if the model has fewer classes. Without any " +
			"category_id, pycocotools stops with a KeyError.",
		Example: `{"categories": [{"id": 1, "name": "cat"}], "annotations": [{"id": 9, "category_id": 90}]}`,
		Fix: "Declare the category or correct the reference. If the class was removed on purpose, remove its annotations " +
			"too, and mind that the objects then count as background."},
	{Code: "image-size-differs", Family: Data, Severity: Error, About: AboutImage,
		Title: "Picture of another size than its record says",
		Text: "The file has another width and height than the image's record. Loaders scale boxes by the picture's size " +
			"and not by the record's, so that every box of the image is trained at the wrong place. Where width and height " +
			"are exchanged, a camera's EXIF orientation turns the picture: PIL and OpenCV treat it differently.",
		Example: `{"id": 1, "file_name": "a.jpg", "width": 640, "height": 480}, and a.jpg has 480 × 640 px`,
		Fix: "Export again with the sizes of the pictures as they are trained on. Turn pictures for good with " +
			"`jpegtran` or `exiftran -a`, and draw or scale the boxes to match."},
	{Code: "image-size-missing", Family: Data, Severity: Error, About: AboutImage,
		Title: "Image without a usable width and height",
		Text: "Width or height is missing, null, zero, or not a whole number of pixels below 2^24. detectron2 and " +
			"mmdetection read both keys and stop with a KeyError if one is missing; detectron2 also stops if they differ " +
			"from the picture, and mmdetection drops every annotation of an image of size zero. torchvision resizes by the " +
			"picture itself, but its training script divides the two when it groups images by aspect. Without a size no " +
			"anchors can be laid: the audit leaves the image and its annotations out.",
		Example: `{"images": [{"id": 7, "file_name": "a.jpg", "width": 0, "height": 0}]}`,
		Fix:     "Fill in both from the picture, after the rotation that your loader applies to it (the EXIF orientation)."},
	{Code: "box-missing", Family: Data, Severity: Error, About: AboutAnnotation, Title: "Annotation without a box",
		Text: "The annotation has no bbox, or null, and no outline from which to derive one. torchvision's reference " +
			"loader, detectron2 and mmdetection read bbox of every annotation that they train on and stop with an error " +
			"without it. The audit leaves the annotation out.",
		Example: `{"id": 9, "image_id": 7, "category_id": 1, "bbox": null}`,
		Fix: "Draw the box or delete the annotation. Annotations of another kind (captions, keypoints alone) belong " +
			"in a file of their own."},
	{Code: "box-malformed", Family: Data, Severity: Error, About: AboutAnnotation,
		Title: "Box that is not four numbers",
		Text: "bbox has fewer or more than four elements, or elements that are not numbers. mmdetection unpacks exactly " +
			"four and stops with a ValueError, detectron2 refuses lists of other lengths, and torchvision cannot make a " +
			"tensor of lists of unequal length. The audit leaves the annotation out unless its outline gives a box; true and " +
			"false it takes for 1 and 0, as Python does.",
		Example: `{"id": 9, "image_id": 7, "bbox": [12.5, 40, 31]}`,
		Fix: "Write x, y, width and height as numbers, in this order, in pixels. Look at the export: text instead of " +
			"numbers and rotated boxes of five numbers are common causes."},
	{Code: "box-not-finite", Family: Data, Severity: Error, About: AboutAnnotation,
		Title: "Box with NaN or an infinity",
		Text: "A coordinate is NaN or an infinity. Python's json module takes these literals, which JSON does not have, " +
			"so nothing complains: torchvision's reference loader and mmdetection silently drop a box with NaN, and cut one " +
			"of infinite width at the edge of the picture, which makes a box that nobody drew. In a loader of your own a NaN " +
			"also passes torchvision's check for degenerate boxes and reaches the loss. The audit leaves the annotation out " +
			"unless its outline gives a box.",
		Example: `{"id": 9, "image_id": 7, "bbox": [12, NaN, 30, 40]}`,
		Fix: "Draw the box again or delete the annotation; then look for the division by zero or the missing value in " +
			"the export that wrote it."},
	{Code: "box-negative", Family: Data, Severity: Error, About: AboutAnnotation,
		Title: "Box of negative width or height",
		Text: "Width or height is below 0. torchvision's reference loader and mmdetection drop the box in silence; " +
			"detectron2 swaps the corners and trains a box on the other side of the given one. To two of them the record is " +
			"nothing, to the third it is another box.",
		Example: `{"id": 9, "bbox": [200, 100, -50, 40]}`,
		Fix: "If the corners were written in the wrong order, add a negative width to x and a negative height to y, and " +
			"drop the sign: [200, 100, -50, 40] becomes [150, 100, 50, 40]. If the last two numbers are the other corner, " +
			"subtract the first two."},
	{Code: "box-empty", Family: Data, Severity: Error, About: AboutAnnotation, Title: "Box of width or height 0",
		Text: "The box has no area. torchvision's reference loader, detectron2 and mmdetection drop it in silence, so " +
			"that the object, if there is one, is trained as background. A loader that does not drop it makes torchvision's " +
			"models stop: all bounding boxes should have positive height and width.",
		Example: `{"id": 9, "bbox": [200, 100, 0, 40]}`,
		Fix: "Draw the box or delete the annotation. Empty boxes are often stray clicks of the annotation tool, or " +
			"coordinates between 0 and 1 that were rounded to whole numbers."},
	{Code: "box-outside", Family: Data, Severity: Error, About: AboutAnnotation, Title: "Box outside the image",
		Text: "The box does not overlap the image at all. torchvision's reference loader and detectron2 cut boxes at the " +
			"image's edge and drop what has no area left, mmdetection drops it outright; YOLOv5 skips the whole image if a " +
			"coordinate is outside. A loader that cuts nothing hands the matcher a box that no anchor overlaps, with the " +
			"effect told under zero-overlap-hazard.",
		Example: `{"images": [{"id": 7, "width": 640, "height": 480}], "annotations": [{"image_id": 7, "bbox": [700, 10, ` +
			`50, 40]}]}`,
		Fix: "Compare the size in the record with the picture: exchanged width and height, boxes of another resolution, " +
			"annotations of a wrong image, or a rectangle whose turn was left out are the usual causes. Then correct or " +
			"delete the box."},
	{Code: "key-repeated", Family: Data, Severity: Warning, About: AboutSource,
		Title: "Key that stands twice in a record",
		Text: "A key that matters occurs twice in one object. Python's json module keeps the last value without a word, " +
			"and so does the audit; other readers keep the first or refuse the file. Whichever value the author meant, one " +
			"is lost.",
		Example: `{"id": 9, "category_id": 1, "category_id": 3}`,
		Fix: "Keep the right one. If the file has to stay as it is, make sure that all your tools are written in " +
			"Python, so that they agree."},
	{Code: "annotation-id-duplicate", Family: Data, Severity: Warning, Else: [2]Severity{Error}, About: AboutSource,
		Title: "Ids that several annotations share",
		Text: "Two or more annotations have the same id; the finding counts those that repeat an earlier one's. " +
			"detectron2 and mmdetection assert that ids are unique, and stop. torchvision and keras-retinanet read through " +
			"pycocotools, which keeps only the last record of an id but lists the id for every image that uses it: they " +
			"load this record instead of the earlier ones, even on another image. The conversion for yolov5 does not read " +
			"ids (a warning there), and the audit counts every record of the file.",
		Example: `{"annotations": [{"id": 309, "image_id": 1}, {"id": 309, "image_id": 2}]}`,
		Fix: "Renumber the annotations from 1: nothing refers to their ids. If the file must stay as it is, use a " +
			"loader that finds annotations by image, not by id. detectron2 tolerates repeated ids only in files with " +
			"minival in their name."},
	{Code: "file-name-duplicate", Family: Data, Severity: Warning, Else: [2]Severity{Error}, About: AboutImage,
		Title: "File name that two images share",
		Text: "Two image records with different ids name the same file, so that the picture is trained on twice as often " +
			"as others (the conversions for yolov5 and ultralytics join both in one label file). If each record has boxes " +
			"that the other lacks, they are told of once more, as an error: each time the other's objects are trained as " +
			"background. If the records end up in training and validation, the result on the validation set is too good. " +
			"The same is told once of a file in which five images or more, and 5 % of all, have a copy under another name, " +
			"with equal sizes and boxes.",
		Example: `{"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "a.jpg"}]}`,
		Fix: "Merge the two records and their annotations, then look for near-duplicate boxes. If pictures in different " +
			"directories have one name, write the path into file_name."},
	{Code: "box-from-outline", Family: Data, Severity: Warning, About: AboutAnnotation,
		Title: "Box derived from the outline",
		Text: "bbox is missing, malformed or not finite, but segmentation gives an outline; the audit uses the box around " +
			"it. The trainers do no such thing: torchvision's reference loader, detectron2 and mmdetection read bbox itself " +
			"and stop with an error, or drop the annotation.",
		Example: `{"id": 9, "segmentation": [[10, 10, 60, 10, 60, 40, 10, 40]]}`,
		Fix: "Write the derived box into the file: smallest x and y, and the differences to the largest. To live with it, " +
			"use a loader that makes boxes from masks, as torchvision's masks_to_boxes does."},
	{Code: "number-not-finite", Family: Data, Severity: Warning, About: AboutSource,
		Title: "NaN or an infinity in another field",
		Text: "A field other than bbox holds NaN or an infinity, literals that JSON does not have. Python reads them, " +
			"most JSON readers of other languages refuse the file. A NaN area passes mmdetection's test for areas of 0, and " +
			"in pycocotools' evaluation it counts as within every range of sizes.",
		Example: `{"id": 9, "bbox": [10, 10, 50, 30], "area": NaN}`,
		Fix: "Write the right number, or leave the field out if nothing needs it. mmdetection and pycocotools' evaluation " +
			"do need area: width times height will do for boxes."},
	{Code: "crowd-key", Family: Data, Severity: Warning, About: AboutAnnotation,
		Title: "Key is_crowd or isCrowd instead of iscrowd",
		Text: "The record says is_crowd, isCrowd or the like, which the format calls iscrowd. The trainers do not know " +
			"it: detectron2 and mmdetection train the region as an ordinary object, and so does the audit under their " +
			"presets; torchvision's reference loader stops with a KeyError because iscrowd is missing, and under its " +
			"presets the audit drops the region as a crowd.",
		Example: `{"id": 9, "bbox": [10, 10, 300, 80], "is_crowd": 1}`,
		Fix:     "Rename the key to iscrowd."},
	{Code: "text-not-utf8", Family: Data, Severity: Error, About: AboutSource,
		Title: "Name or id with bytes that are not UTF-8",
		Text: "JSON is UTF-8 by definition (RFC 8259, section 8.1). Python's json.load stops at such a byte with a " +
			"UnicodeDecodeError, so that no trainer can read the file at all. The report shows each such byte as U+FFFD; " +
			"names that differ in nothing else look the same there.",
		Example: `a file_name written in Latin-1, where é is the byte E9`,
		Fix: "Convert the file to UTF-8, with `iconv -f LATIN1 -t UTF-8`, say. The file names on the disk have to " +
			"agree with it."},
	{Code: "flag-not-number", Family: Data, Severity: Info, Else: [2]Severity{Error}, About: AboutSource,
		Title: "Crowd or ignore flag other than 0 and 1",
		Text: "iscrowd or ignore is null, a boolean, text or another number: CSV and spreadsheet converters write text, " +
			"pandas and ORM exports null. " + `Some trainers keep what equals 0 (torchvision, detectron2, keras-retinanet), ` +
			`where null and "0" do not; the others drop what counts as true (mmdetection, the conversion for yolov5), where ` +
			`"0" does: ordinary objects are dropped as crowds, without a word. detectron2 stops ` + "with an assertion " +
			"unless ignore equals 0. It is an error if the preset drops annotations that do not mean it or stops, and an " +
			"info if the values come out as meant, as true and false do.",
		Example: `{"id": 9, "bbox": [10, 10, 50, 30], "iscrowd": "0"}`,
		Fix:     "Write 0 or 1. Booleans can stay if every reader is written in Python."},
	{Code: "ignore-flag", Family: Data, Severity: Warning, Else: [2]Severity{Error, Info}, About: AboutSource,
		Title: "Annotations marked ignore",
		Text: "ignore is set, which the COCO format does not define and the trainers treat in three ways: torchvision's " +
			"reference loader trains the boxes as ordinary objects, mmdetection drops them, detectron2 stops with an " +
			"assertion. It is a warning if the preset trains them, an error if it stops, and an info if it drops them. " +
			"pycocotools' evaluation overwrites the flag with iscrowd, so that it counts the object as one to be " +
			"found.",
		Example: `{"id": 9, "bbox": [10, 10, 12, 30], "iscrowd": 0, "ignore": 1}`,
		Fix: "Decide what is meant. To keep the objects out of training, set iscrowd to 1, which every trainer understands " +
			"(mmdetection understands ignore too); to train on them, delete the key. Before detectron2 reads the file, the " +
			"key has to go."},
	{Code: "category-unnamed", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutClass,
		Title: "Category without a name",
		Text: "A category record has no name, or, as an info, three or more names are the letters of one word. detectron2 " +
			"reads the name of every category and mmdetection selects categories by name; both stop with a KeyError. " +
			"torchvision's reference training uses the id alone and goes on.",
		Example: `{"categories": [{"id": 1}, {"id": 2, "name": "dog"}]}`,
		Fix:     "Give it a name. If it is a placeholder that no annotation uses, delete it."},
	{Code: "category-name-duplicate", Family: Data, Severity: Warning, About: AboutClass,
		Title: "Two categories with one name",
		Text: "Two ids of one file have the same name. The audit takes them for one class; torchvision and detectron2 " +
			"train two, which compete for the same objects. mmdetection selects categories by name, finds two ids for one " +
			"class and moves the labels of the classes that follow up by one.",
		Example: `{"categories": [{"id": 1, "name": "cat"}, {"id": 5, "name": "cat"}]}`,
		Fix: "Merge the two: move the annotations to one id and delete the other record. If they are different " +
			"things, name them apart."},
	{Code: "category-name-case", Family: Data, Severity: Warning, About: AboutClass,
		Title: "Category names alike but for case, separators or a plural s",
		Text: "Two names differ only in upper and lower case, in surrounding space, in \"_\", \"-\" or spaces between " +
			"letters, or in the s of a plural, as after a merge of two data sets. To the audit and to every trainer " +
			"they are two classes: the objects are divided between two outputs that are punished for each other's " +
			"detections. mmdetection also selects by the exact name, and leaves out the spelling that its configuration does " +
			"not list.",
		Example: `{"categories": [{"id": 1, "name": "Car"}, {"id": 5, "name": "car "}]}`,
		Fix: "Settle on one spelling and merge the categories. If both are meant, for example a brand and a word, choose " +
			"names that differ in more than that."},
	{Code: "category-clash", Family: Data, Severity: Warning, About: AboutClass,
		Title: "Id with another name in another file",
		Text: "An earlier file of this run gives the id to another name. The audit goes by names and keeps the classes " +
			"apart; a training run that simply joins the files goes by ids and mixes the two classes. torchvision's " +
			"reference training takes the id itself as the label, even with one file after the other.",
		Example: `a.json: {"id": 1, "name": "cat"}; b.json: {"id": 1, "name": "dog"}`,
		Fix: "Before joining the files, renumber the categories of one of them by name. If the files are trained on " +
			"separately, the finding means nothing."},
	{Code: "no-objects", Family: Data, Severity: Error, About: AboutSource, Title: "Nothing to train",
		Text: "A run, a file with images or annotations, or a class with annotations has no object that the trainer would " +
			"train. Training then sees background alone; the gate must not pass such a data set. Common causes are an export " +
			"without its annotations, boxes in another convention, and masks that a tool wrote as crowds.",
		Example: `{"images": [{"id": 1, "file_name": "a.jpg", "width": 640, "height": 480}], "annotations": []}`,
		Fix: "The message names the reason for which most annotations are left out: mend that one first. Leave a file of " +
			"background images out of the run with --exclude if it is meant to be empty."},
	{Code: "mostly-crowd", Family: Data, Severity: Warning, About: AboutSource,
		Title: "More than a fifth of the annotations are crowds",
		Text: "iscrowd: 1 marks a group of objects in one region. Trainers leave crowds out, and evaluation forgives " +
			"detections on them. In COCO 1.2 % of the annotations are crowds. CVAT writes iscrowd: 1 for every mask, since " +
			"it stores masks as run lengths: all of these objects are then lost.",
		Example: `{"id": 7, "image_id": 1, "category_id": 2, "bbox": [10, 20, 30, 40], "iscrowd": 1}`,
		Fix: "Set iscrowd to 0 where the annotation is one object; keep it where it is a group. In CVAT, export polygons, " +
			"or convert masks to polygons before the export."},
	{Code: "category-id-zero", Family: Data, Severity: Warning, Else: [2]Severity{Error}, About: AboutClass,
		Title: "Category id 0 where 0 means something else",
		Text: "torchvision takes category ids as labels and 0 for the background; the usual conversions to yolov5's label " +
			"files write id - 1, which is -1. It is an error where the chosen trainer loses these objects, or where the id is " +
			"below 0, and a warning where its loss trains them all the same. detectron2, mmdetection and keras-retinanet rank " +
			"the ids and have no such trouble. Label Studio, Roboflow and many scripts number categories from 0.",
		Example: `{"categories": [{"id": 0, "name": "ship"}, {"id": 1, "name": "buoy"}]}`,
		Fix:     "Number the categories from 1, in the categories and in every annotation's category_id."},
	{Code: "class-outputs", Family: Data, Severity: Info, About: AboutRun, Title: "Another number of outputs than classes",
		Text: "The trainer numbers its model's outputs by category id, and the ids are not 1, 2, 3 … or 0, 1, 2 …: the " +
			"model has outputs that no class uses. Each of them is trained as background on every anchor, which adds to the " +
			"negatives' share of the loss. COCO's 80 classes have ids up to 90: 91 outputs in torchvision.",
		Example: `{"categories": [{"id": 1, "name": "car"}, {"id": 44, "name": "bottle"}]}: 45 outputs for 2 classes`,
		Fix:     "Renumber the categories without gaps, or give --classes if your training script maps the ids."},
	{Code: "class-absent", Family: Data, Severity: Info, About: AboutSource,
		Title: "Source without classes",
		Text: "The format of the source has no classes: SA-1B's files of one image each hold masks and boxes without a " +
			"category. The audit counts all of the objects as one class, object, as a class-agnostic detector would train " +
			"them. What a report says of classes says nothing about this source.",
		Example: `{"image": {"image_id": 7}, "annotations": [{"id": 1, "bbox": [10, 20, 30, 40]}]}`,
		Fix: "Nothing, if the detector is to find objects of any kind. For classes, write COCO files whose annotations " +
			"have a category_id."},
	{Code: "class-unused", Family: Data, Severity: Info, Else: [2]Severity{Warning}, About: AboutRun,
		Title: "Declared class without an annotation",
		Text: "A category is declared and no annotation has it. The model has an output for it, which is trained as " +
			"background on every anchor. Roboflow writes the root of its class tree as category 0; other tools declare " +
			"_background_, or every class of a larger project. It is a warning where all annotations, 200 or more, have one " +
			"class and ten others or more have none: then a default may stand where each one's category belongs.",
		Example: `{"categories": [{"id": 0, "name": "pets-pqsz"}, {"id": 1, "name": "cat"}]}, and no annotation of ` +
			`category 0`,
		Fix: "Remove the category, or find out where its annotations went."},
	{Code: "class-not-object", Family: Data, Severity: Warning, About: AboutClass,
		Title: "Class whose name says that it is no object",
		Text: "The class has objects in use, and a name such as DontCare, ignored regions, unlabeled or background. " +
			"Trainers know nothing of names: they train it as a class like any other, so the detector learns to find what " +
			"is to be left alone, and the class counts in the mean precision. The places are also no background for the " +
			"other classes any more.",
		Example: `"ignored regions": 112 objects, trained as a class of its own`,
		Fix: "Set iscrowd to 1 where the trainer ignores crowds (detectron2 and torchvision leave them out, pycocotools' " +
			"evaluation ignores what lies in them), or remove the annotations and their category."},
	{Code: "class-rare", Family: Data, Severity: Info, About: AboutClass, Title: "Class with fewer than 10 objects",
		Text: "Fewer than 10 objects of the class are in use, crowds and dropped annotations not counted. That is too few " +
			"to learn a class from by the usual recipes, and a validation part of one tenth may well hold none: pycocotools " +
			"then gives the class no precision and leaves it out of the mean. Its output is still trained, as background " +
			"nearly everywhere.",
		Example: `"sea lion": 3 objects, where the median class has 410`,
		Fix: "Look for a misspelt or retired class first. Then merge it, label more, or drop it; to live with it, sample " +
			"its images more often and read its precision with its count."},
	{Code: "id-not-integer", Family: Data, Severity: Info, About: AboutSource,
		Title: "Id that is not a whole number of 64 bits",
		Text: "A record's own id is a string, a number written with a fraction or an exponent, or a whole number of " +
			"2^63 or more. Python takes 7 and 7.0 for the same key, and detectron2 and mmdetection, which ask for " +
			"lists of ids, manage with either. Asked for one image, pycocotools takes a string for a list of its " +
			"letters and finds nothing for 7.0, so that torchvision's CocoDetection fails. Its evaluation writes " +
			"annotation ids into an array of float64, where text is an error and large numbers are rounded; torch " +
			"makes no int64 of an id of 2^63 or more.",
		Example: `{"images": [{"id": "cjtolrm1gfh9t0835fhjhuiwj", "file_name": "a.jpg"}]}`,
		Fix: "Number the records from 1 and keep the old id under another key. To live with it, stay with loaders that " +
			"ask for lists of ids, and renumber before the evaluation."},
	{Code: "file-name-missing", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutImage,
		Title: "Image without a file name",
		Text: "The image has no file_name, or, told once as an info, no file_name of the file ends as a picture's does. " +
			"Boxes and anchors do not depend on it, so the audit is complete without; but torchvision, detectron2 and " +
			"mmdetection find the picture by it and stop with an error. A finding about an image without a name can be " +
			"recognised only by its ids.",
		Example: `{"images": [{"id": 7, "width": 640, "height": 480}]}`,
		Fix: "Write the path relative to the image directory into file_name. If your loader finds pictures in another " +
			"way, there is nothing to do."},
	{Code: "box-tiny", Family: Data, Severity: Warning, About: AboutAnnotation,
		Title: "Box under 1 px wide or high after resizing",
		Text: "A side of the box is under 1 px in the frame in which the trainer sees it. The shortest side of " +
			"RetinaNet's anchors is about 22 px, so that no anchor overlaps the box by more than an IoU of 0.05: only the " +
			"low-quality rule can assign it any, and those anchors are trained to see an object where hardly a pixel shows " +
			"it. mmdetection drops boxes under 1 px in the picture itself.",
		Example: `{"bbox": [100, 100, 0.4, 35]} in a picture that is resized by 1.25: 0.5 px wide`,
		Fix: "Delete the annotation if it is a slip. If the object is real, train at a higher resolution, on tiles, " +
			"or with smaller anchors."},
	{Code: "near-duplicate", Family: Data, Severity: Warning, About: AboutAnnotation,
		Title: "Two boxes of one class that are nearly equal",
		Text: "Two annotations of one class overlap by an IoU of 0.9 or more. The anchors on the object go to the box " +
			"that they overlap more, to the first one on ties, and the other is left with few or none. In pycocotools' " +
			"evaluation the repeated box is an object of its own that can hardly be found, since non-maximum suppression " +
			"leaves one detection for the two. YOLOv5 removes exact repeats only.",
		Example: `{"annotations": [{"id": 1, "bbox": [10, 10, 100, 50]}, {"id": 2, "bbox": [11, 10, 100, 50]}]}`,
		Fix: "Delete the repeated annotation: it often comes from merging files, or from two annotators. If two objects " +
			"really lie one upon the other, keep both and waive the finding."},
	{Code: "class-conflict", Family: Data, Severity: Warning, About: AboutAnnotation,
		Title: "Two boxes nearly equal but of different classes",
		Text: "Two annotations of different classes overlap by an IoU of 0.9 or more. The matchers of torchvision, " +
			"detectron2 and mmdetection give each anchor to one object, on ties to the first: with sigmoid outputs, the " +
			"class of the other is trained towards 0 on the very anchors that show the object. The detector cannot satisfy " +
			"both labels, and focal loss gives most weight to just such terms.",
		Example: `{"annotations": [{"category_id": 3, "bbox": [10, 10, 100, 50]}, {"category_id": 8, "bbox": [10, 10, ` +
			`100, 50]}]}`,
		Fix: "Keep the right class. If objects may carry two labels, train with targets for several classes; these " +
			"trainers have none. Pairs that really share a box, such as a picture and its frame, can be waived."},
	{Code: "box-off-outline", Family: Data, Severity: Warning, About: AboutAnnotation,
		Title: "Box that disagrees with its outline",
		Text: "The box around the segmentation and bbox overlap by an IoU below 0.8, and some side differs by more than 2 " +
			"px. One of the two is wrong: detectors are trained on the box, and evaluation of masks on the outline. Compared " +
			"only if asked for (--check-outlines), since outlines are most of a file; where box-convention tells that all " +
			"boxes are so, it stands for them.",
		Example: `{"bbox": [10, 10, 60, 40], "segmentation": [[210, 10, 270, 10, 270, 50, 210, 50]]}`,
		Fix: "Take the box from the outline, or draw the outline anew. Tools that resize or crop images and forget " +
			"one of the two are the common cause."},
	{Code: "box-partly-outside", Family: Data, Severity: Info, About: AboutAnnotation,
		Title: "Box that reaches beyond the image",
		Text: "Part of the box lies outside the image. torchvision's reference loader, detectron2 and mmdetection cut it " +
			"at the edge, before matching; yolov5 does too while the centre is within; keras-retinanet drops the box. The " +
			"audit does as its preset does. pycocotools' evaluation does not cut, so that a perfect detection of the visible " +
			"part loses overlap with the box.",
		Example: `{"images": [{"id": 7, "width": 640, "height": 480}], "annotations": [{"image_id": 7, "bbox": [600, 10, ` +
			`60, 40]}]}`,
		Fix: "Cut the boxes at the edge of the picture, unless they are meant to include the hidden part. A pixel or " +
			"less is rounding and can stay."},
	{Code: "object-count-outlier", Family: Data, Severity: Info, About: AboutImage,
		Title: "Image with far more or fewer objects than usual",
		Text: "The logarithm of the number of objects is more than 6 spreads from the median of the images that have any; " +
			"the spread is the scaled median absolute deviation, at least a quarter octave. Nothing is flagged if more than " +
			"1 % of the images are that far.",
		Example: "an image with 180 objects, where most have 2 to 6",
		Fix: "Look whether the image was annotated by another rule (each grape instead of the bunch), twice, or not to " +
			"the end. Real crowds are fine; iscrowd says so."},
	{Code: "aspect-extreme", Family: Data, Severity: Info, About: AboutAnnotation,
		Title: "Box at least 20 times as long as wide",
		Text: "One side is 20 times the other or more. Anchors with ratios from 1:2 to 2:1, as RetinaNet has, overlap " +
			"such a box by an IoU below 0.2 at best, so that it can only be learnt through the low-quality rule. Some such " +
			"objects are real (poles, wires, lines of text); others are slips of the annotation tool.",
		Example: `{"bbox": [0, 200, 640, 8]}: 80 times as long as wide`,
		Fix: "Look at a few. If they are real and matter, add anchors of more extreme ratios or split the objects " +
			"into shorter boxes."},
	{Code: "size-outlier", Family: Data, Severity: Info, About: AboutAnnotation,
		Title: "Box of a size that is unusual for its class",
		Text: "The size of the box, as log2 of the square root of its area, is more than 6 spreads from the median of its " +
			"class. Median and spread (the median absolute deviation, scaled to a standard deviation) are taken over the " +
			"class's matched objects in all files, for classes of 30 or more; the spread counts as a quarter octave at " +
			"least, and where more than 1 % of a class are that far to one side, these are usual too. Rare is not wrong, but " +
			"a wrong class and a slip of the mouse look like this.",
		Example: `"bus": a box of 6 px in a class with a median of 180 px and a spread of 0.8 octaves`,
		Fix: "Look at them in the order of the report, the farthest first. What is right can be waived; many of one class " +
			"mean that it holds two kinds of thing, near and far or part and whole."},
	{Code: "aspect-outlier", Family: Data, Severity: Info, About: AboutAnnotation,
		Title: "Box of an aspect that is unusual for its class",
		Text: "log2 of height over width is more than 6 spreads from the median of the class. Median and spread are found " +
			"as for size-outlier. A box that is far too long or flat for its class is often one that spans two objects, " +
			"covers a part only, or carries the wrong label.",
		Example: `"person": a box 12 times as wide as high in a class with a median height/width of 2.1 and a spread of ` +
			`0.5 octaves`,
		Fix: "Look at them in the order of the report, the farthest first, and correct the box or the class. What is " +
			"right, such as a person lying down, can be waived."},
	{Code: "image-without-objects", Family: Data, Severity: Info, About: AboutImage,
		Title: "Image in which no object is matched",
		Text: "The image has no annotations, or only such as take no part in the matching: all its anchors are negative. " +
			"Most training runs never see it: detectron2 and mmdetection leave out images without objects in their stock " +
			"configurations, and torchvision's reference training leaves out those of which no box is over 1 px. The audit " +
			"counts its anchors as background unless it is told to skip such images (--skip-empty): then those that the " +
			"preset's loader skips count as left out, under skipped-by-loader, and have no such finding.",
		Example: "COCO train2017: 1,021 of 118,287 images",
		Fix: "Run with --skip-empty to see what your trainer sees. If the images are meant as examples of background, " +
			"tell the loader to keep them; if they should have objects, have them annotated. Many images are empty on " +
			"purpose, so that this is an info, and the labels of a few images can be lost without a warning. To notice that, " +
			"compare with a baseline: under only_new, the rule count(\"image-without-objects\") > 0 fails where an image " +
			"has become empty. With a detector's results, the lost objects are suspected as missing."},
}
