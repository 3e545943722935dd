package findings

// conventionEntries are the findings about what the numbers of whole files mean, one
// for each file or run.
var conventionEntries = []Entry{
	{Code: "box-convention", Family: Data, Severity: Error, Else: [2]Severity{Warning, Info}, About: AboutSource,
		Title: "Boxes written by another convention",
		Text: "The boxes of the file fit their images, their recorded areas or their outlines under another reading than " +
			"COCO's x, y, width and height in pixels. Trainers read them as COCO all the same: corners become boxes that " +
			"reach far to the right and down, parts of the sides become boxes of a pixel or less, and a detector learns " +
			"neither; every count and loss of this run is that of the wrong boxes. A single box that its outline or " +
			"area tells to be corners is enough; so are outlines of all x and then all y, VIA's two lists, with the boxes " +
			"around them. It is a warning where boxes contradict " +
			"their outlines under every reading, or have a shape in common that a known slip gives them: they begin at (0, " +
			"0), end at three times where they begin, lie below the diagonal, are multiples of one number, contain the box " +
			"of the record before, have half of their sides or one side for both, keep the same distance from one edge of " +
			"their images, begin in the upper left quarter, are hundredths of the image's sides, are the image, or reach far " +
			"beyond it, have a least side, or sides sorted by size, are cut off at one number of px, are one box that is " +
			"the mean of all others, or have the centres of a network's cells; or those that reach " +
			"beyond their images fit as " +
			"xmax, xmin, ymax, ymin or as turned by a quarter; or those of mirrored copies begin at width - x; or boxes are " +
			"off by the padding of letterboxed pictures; or where one " +
			"box in four is not the one around its " +
			"outline, or three boxes are those around one part of an outline of several; " +
			"and an info where some reach beyond the right and the lower edges only, as turned rectangles do whose " +
			"turn was left out (docs/conventions.md has the rules and their measured rates).",
		Example: `{"image_id": 7, "bbox": [300, 200, 390, 260]} in an image of 640 × 480 px: corners`,
		Fix: "Convert the boxes as the finding says, and area with them. Corners come from Pascal VOC, " +
			"torchvision and Albumentations (pascal_voc); centre and size from CreateML; parts of the sides from " +
			"YOLO and Darknet (centre and size), FiftyOne (left, top, width, height), OpenImages (spans) and " +
			"TensorFlow (corners with y before x); percent from Label Studio; 0 to 1000 from vision-language " +
			"models such as Gemini. Boxes that are off by (width - height)/2 in y, or (height - width)/2 in x, come from " +
			"tools that pad pictures to squares: take the padding off once. " +
			"If the boxes are right as they stand, waive the finding."},
	{Code: "image-size-convention", Family: Data, Severity: Warning, About: AboutSource,
		Title: "Image sizes that are not those of the annotated pictures",
		Text: "The boxes show that width and height of the image records belong to other pictures than those " +
			"that were annotated. Either no box reaches beyond the same part of both sides, as with boxes of a " +
			"resized picture, or exchanged widths and heights would put the boxes into their images, as with " +
			"pictures that carry an EXIF rotation, or boxes were clipped to exchanged sides, or the size of one picture " +
			"was written for all. Or the sizes are right and " +
			"the boxes are not: they lie in the middle of the shorter side, where a picture lies after it was padded to a " +
			"square; or they end at the size of the first image in all images; or those of square images end where the " +
			"picture ends that was scaled into the square, without the padding that moved it to the middle. torchvision " +
			"resizes by the picture itself, so that boxes of another size mark the wrong place in it.",
		Example: "images of 1280 × 960 px; of 194 boxes none reaches beyond half of the width or of the height",
		Fix: "Write the sizes of the pictures that were annotated, or scale the boxes. Sizes are exchanged where " +
			"a script unpacks an array's shape (height, width) as width, height, or where Pillow's Image.size " +
			"ignores the EXIF rotation that CVAT, LabelMe and browsers apply. Boxes of a resized picture come " +
			"from scripts that shrink pictures and boxes but keep the old width and height, or that put the " +
			"originals where the previews were. Boxes in the middle of the shorter side are the output of a detector whose " +
			"pictures were letterboxed (padded to a square, as YOLO does), scaled back without taking the padding off: where " +
			"width is above height, take height·(1 - height/width)/2 off y, and multiply y and h by width/height. Boxes that " +
			"end at the size of the first image come from converters that read one picture's size for all: multiply the parts " +
			"of the sides by each image's own. Where pictures were letterboxed and boxes only scaled, add the padding. " +
			"Boxes that reach beyond their images may be those of other images, joined by a " +
			"name that several have: no scaling mends these."},
	{Code: "boxes-carried-over", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutSource,
		Title: "Boxes of one image that stand again in the next",
		Text: "A fifth of the boxes or more stand again, number for number and with their class, in the next image by " +
			"id, by file name or by the ids of its annotations, beside other boxes; or a fifth of the images have the " +
			"very boxes of the one before; or pictures that are mirrored, by their names, have those of the original, or " +
			"those of a right camera the left one's; " +
			"or objects move and then stand still, number for number, to the end of their track, and hardly any that " +
			"stands so moves on. The usual causes are a script that fills one list for all images and never empties it, one " +
			"that copies the labels of a burst's first picture to the others, and one that ignores that a track is outside. " +
			"The objects of one picture are then trained at the same place of another, where they are not. In frames of a " +
			"camera at rest, or with tracks that were interpolated, the boxes may be right; and it is an info where pictures " +
			"that are copies of others by a word in their names (x_bright.jpg beside x.jpg) have the boxes of the original, " +
			"which is right for an augmentation that changes nothing but colours, or are there twice (x_copy.jpg).",
		Example: "1,204 of 2,310 boxes stand again in the next image by file name",
		Fix: "Empty the list of boxes for each image, and write the file anew; label each picture of a burst; mirror " +
			"boxes with their pictures; leave out the boxes of tracks behind the last picture of their object (outside " +
			"in CVAT, lost in VATIC). If the pictures do show the same objects at the same places, waive the finding."},
	{Code: "boxes-misjoined", Family: Data, Severity: Warning, Else: [2]Severity{Info, Error}, About: AboutSource,
		Title: "Boxes that seem to be joined to another image",
		Text: "Several directories have pictures of one name, and only one picture of each name has objects: they were " +
			"joined by the bare name (an error where hardly anything else explains it). Or, at the breaks between series of " +
			"pictures, the first image of a series is like the series before, or the last like the one behind: labels " +
			"are one frame off, as where frames are numbered from 0 and from 1; or labels go on from picture 1 to 10 and " +
			"not to 2: they were given to names that were sorted as text. Or boxes that are cut at the edge of a " +
			"tile go on in another tile than its neighbour, by row and column in the names: the two numbers of a tile " +
			"are exchanged (an info where the names do not say which number is the row). The objects of one picture " +
			"are then trained in another, where they are not.",
		Example: "225 bare file names are each that of pictures in several directories, and of each name only one " +
			"picture, mostly the last in the file, has objects",
		Fix: "Join objects to images by the whole path or the id; move labels by the frame that they are off; sort names " +
			"by their numbers; cut boxes as the tiles were cut. If the pictures do show these objects, waive the finding."},
	{Code: "annotations-cut", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutSource,
		Title: "Annotations that seem to be cut off",
		Text: "No image has more than a certain number of annotations, and three times as many images have exactly " +
			"that many as have one, two or three fewer, or lists in the order of the classes lack the last ones " +
			"there: a script kept the first few of each image, in all or in a part. Or, as info, the images behind " +
			"one place of the file have no annotation, and all before it have: a download stopped at a page, or " +
			"the pictures are background; or most images have exactly one to four annotations, and none has more; " +
			"or no box is smaller (or larger) than a limit of area at which many stand; or smaller objects of " +
			"another class hardly ever lie in larger ones. As a warning: every n-th image has no annotation and " +
			"the others have, or the other way round; or none of one file ending has any, and most of others have; " +
			"or no image has two objects of one class, or none of many that follow each other, while others have, " +
			"as where drop_duplicates took one record of each image and class (an info, if most images have one of " +
			"each of four classes or more: faces and forms do); or annotation ids go up by one within an image, " +
			"and one is missing for each image; or no two boxes of an image overlap by more than a limit, as 0.3, " +
			"and many by hardly less, as where non-maximum suppression was applied to labels; or boxes of one " +
			"class never overlap in part where boxes of two classes do, as if one box was made of all that touch, " +
			"or in a stretch of the images never overlap, as they do in the rest; or hardly a box ends at the " +
			"edges between the tiles of a picture, where many objects are cut; or several classes have exactly as " +
			"many objects as any has, drawn evenly (an info, if no image lacks some besides); or, as info, " +
			"annotation ids have holes in the images of a part. The objects that were left out are trained as " +
			"background.",
		Example: "no image has more than 20 annotations; 131 of 5,000 images have 20, and 34 have 19",
		Fix: "Enlarge the buffer for labels that cuts them (a fixed number of boxes an image), or fetch all pages " +
			"of the tool's API. Write objects of all sizes, and set iscrowd to 1 for those that no one should learn. If " +
			"the pictures do hold exactly as many objects, or none, waive the finding."},
	{Code: "classes-apart", Family: Data, Severity: Info, Else: [2]Severity{Warning}, About: AboutSource,
		Title: "Parts of a data set that have no class in common",
		Text: "Two files, or two directories of pictures in one file, have 200 images with objects each and not one class " +
			"in common, and one of them has three classes or more. It is a warning where the images of one file are two " +
			"stretches without a class in common (by place, ids or directories), though images of one mix classes, and an " +
			"info where several classes end at one place and as many begin there, as after a renaming of one part. If " +
			"a picture of one part shows objects of the other's " +
			"classes, which nobody marked there, they are trained as background: half of the data teaches what the other half " +
			"forbids.",
		Example: "people/ has 1 class and things/ 79 others, of one set of street scenes",
		Fix: "Look at some pictures of each part for objects of the other's classes. If there are any, mark them, or " +
			"train one detector for each part; if pictures were sorted by what they show, there is nothing to do."},
	{Code: "classes-filled", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutSource,
		Title: "Classes that were not chosen object by object",
		Text: "The column of classes counts up from record to record, as where a spreadsheet's fill handle was pulled; or " +
			"it was sorted apart from the boxes, so that classes begin amid the objects of an image and never go back. Or " +
			"the boxes of one class are, in size, shape and height in the image, a sample of those of all others, as where " +
			"a default stands for what a lookup did not find; or all objects of many images that follow each other, in the " +
			"file, by id or in a directory, have one class, while the others are mixed, and their boxes are like those of " +
			"all classes (an info, if they are not: the pictures may be sorted by what they show). Or the names of five " +
			"words or more number the objects of each image (person-1, person-2), or the classes of each " +
			"image are the first ones of the list, as many as it has, as where a list is made for each file. The detector " +
			"learns names that say nothing about the objects.",
		Example: `the boxes of "aeroplane", 3,301 of 14,976, differ from those of all other classes by 0.015 nats a ` +
			"record, the other classes by 0.26",
		Fix: "Write each object's own class: join classes to boxes by the id of the annotation, not by the row, and let a " +
			"lookup of a class by its name fail (names[name], not names.get(name, 0)). If a " +
			"class is meant for all the rest (other, unknown), or the pictures do show the classes in this order, waive the " +
			"finding."},
	{Code: "category-ids-shifted", Family: Data, Severity: Error, Else: [2]Severity{Warning}, About: AboutSource,
		Title: "Category ids seem one too high or too low, or cut",
		Text: "Annotations name categories that are not in the file, and each of the ids they use would be in it if " +
			"it were one lower, or one higher (of three ids or more, where only one of the two ways fits). Categories " +
			"were numbered from 0 and annotations from 1, or the other way round: every object is trained as the class " +
			"beside its own, and those at the end as none. As a warning: all objects have ids below 10 (100, 1,000, 256), " +
			"most of the ids that longer ones begin with are used, and many declared classes above have no object, as where a " +
			"column of text was cut to its first digits, or ids were kept in a byte.",
		Example: "all category ids of the annotations seem one too high: 66 of 688 annotations name a category that is " +
			"not in the file, and with ids one lower each of the 80 ids is one",
		Fix: "Renumber the annotations or the categories, in this file only, and look at some pictures with their class " +
			"names. The annotations of category-unknown are then right too."},
	{Code: "class-numbers-shifted", Family: Data, Severity: Warning, About: AboutSource,
		Title: "Classes that stand for others from one place of the file on",
		Text: "From one place of the file on, the classes fit the boxes far better, by what the images before it tell of " +
			"their size, shape and height in the image and of how common they are, if each is taken for the one that stands " +
			"up to three places before or behind it in the list of categories; and the images before the place fit better by " +
			"what those behind it tell if theirs are moved the other way; or so do the last few images, or the first, by what " +
			"all others tell. Or the classes explain the boxes of either side as they should, and what one side tells of them " +
			"explains the boxes of the other side worse than no class at all: the list has another order there. Files with " +
			"different lists of classes were joined, one counted from 0 and the other from 1, with a background in front, or " +
			"sorted by name. A detector learns two things under each name.",
		Example: "from image 002477.jpg on, classes seem to stand 1 place further down in the list of categories than before",
		Fix: "Look at some images on both sides of the place. Join files by the names of their categories, not by ids: " +
			"renumber one of them. If pictures on both sides are right, as where other scenes begin, waive the finding."},
	{Code: "splits-in-one-file", Family: Data, Severity: Warning, About: AboutSource,
		Title: "Images for training and for validation in one file",
		Text: "By a key of the image records (split, subset, set, phase, partition or usage), or by the directories of " +
			"their file names, some images of the file are for training and others for validation or testing. No trainer " +
			"reads such a key: each takes all images of the file it is given. So the images that were kept apart are trained, " +
			"and what is measured on them is not about unseen images.",
		Example: `{"images": [{"id": 1, "split": "train"}, {"id": 2, "split": "val"}]}`,
		Fix: "Write a file for each split, and read the one for training. If all images are meant to be trained, waive the " +
			"finding. Exports of a whole project (Label Studio, CVAT, FiftyOne) and dictionaries made from tables keep the " +
			"column of the split."},
	{Code: "crowd-outline", Family: Data, Severity: Warning, About: AboutSource,
		Title: "Crowds with the outline of a single object",
		Text: "iscrowd is set, and segmentation is a list of polygons. COCO's crowds are groups that nobody counted, and " +
			"have run lengths; the outline of one object goes with iscrowd 0. Scripts set the key for another reason: the " +
			"object is occluded, cut off or difficult, or has several parts. No trainer trains crowds as objects, and " +
			"anchors on them are background under most presets.",
		Example: `{"id": 9, "iscrowd": 1, "segmentation": [[10, 10, 60, 10, 60, 40, 10, 40]]}`,
		Fix: "Set iscrowd to 0 for single objects, and write what the key was set for under another name. Where the " +
			"polygons do stand for groups, waive the finding."},
	{Code: "records-change", Family: Data, Severity: Info, About: AboutSource,
		Title: "Annotations that another program wrote from one place on",
		Text: "Up to one image, in the order of the file or of the ids, annotations are written in one form, and from " +
			"there on in another, for 95 in 100 records on either side: boxes of whole numbers, then fractions; area, " +
			"iscrowd or ignore as a key, then not; areas of outlines, then width times height; or the other way round. " +
			"Two programs differ so, and two people who work with one program do not. Where two sources were joined, " +
			"this is as it should be. Where a project has model-assisted labels, the boxes from there on may be those " +
			"that a model proposed and nobody has corrected: a detector would be trained and measured on the output " +
			"of another; where the fractions have one denominator up to 16, as of scaled boxes, those of pictures of " +
			"another size.",
		Example: "10,058 of 10,058 records before have boxes of four whole numbers, and 0 of 3,711 from there on",
		Fix: "Look at some pictures on both sides of the place. If a model's boxes were exported with those of people, " +
			"review them, or leave these images out. Where two sources were joined by right, waive the finding."},
	{Code: "part-differs", Family: Data, Severity: Info, About: AboutSource,
		Title: "A part of the images whose boxes are unlike the rest",
		Text: "In images that follow each other, in the order of the file or of the ids, boxes differ from those of the " +
			"other images by more than chance and by more than their classes explain: more of them end at an edge, overlap, " +
			"or are whole numbers, or they are larger, elsewhere in the picture, or less like each other. Where other cameras " +
			"or other people begin there, this is as it should be. A program that cut, scaled, moved, joined or rounded the " +
			"boxes of that part alone leaves the same traces, and no other rule knows what it did.",
		Example: "from image 000301.jpg on, 31 % of the boxes end at the left edge of the picture, elsewhere 4 %",
		Fix: "Look at some pictures of the part and of the rest, with their boxes (--images). If the boxes are right in " +
			"both, waive the finding; else write the part anew from its source."},
	{Code: "category-order", Family: Data, Severity: Info, Else: [2]Severity{Warning}, About: AboutSource,
		Title: "COCO's class names in another order",
		Text: "The categories are COCO's 80 by name, or a part of them at COCO's ids, and in the order of the ids they " +
			"do not follow each other as in COCO. Lists that a script sorts or builds from a set are in another order: " +
			"the results of detectors that were trained on COCO, and files with COCO's ids, mean other classes by the " +
			"same number. If the annotations were numbered with the names, the file is right; if not, each annotation " +
			"means another class than it was given. It is a warning where the numbers of objects by class tell so: by " +
			"the names of the file they do not go with those of COCO train2017, and by COCO's own numbering they do.",
		Example: `id 1 is "airplane" and id 5 is "baseball bat", where COCO has "person" and "airplane"`,
		Fix: "Look at objects of three classes in their pictures (--images), or hold the file against COCO's " +
			"annotations or a detector, before you change a number. If the objects are what COCO has at their ids, " +
			"write the categories of COCO's own file (id 1 person to id 90 toothbrush) and leave the annotations. If " +
			"they are what the names say, the file is right by itself; waive the finding."},
	{Code: "objects-doubled", Family: Data, Severity: Warning, About: AboutSource,
		Title: "Objects that are labelled twice",
		Text: "One object in ten or more overlaps another one of its class by an IoU of 0.7 or more. Objects side by side " +
			"hardly do so: the boxes of two annotators, or those of people and of a model (pre-labels), stand in one file. " +
			"The anchors on the object are shared by chance, and in pycocotools' evaluation one of the two can hardly be " +
			"found. Or boxes around three or more objects of a class, or the same boxes as objects of a parent class, stand " +
			"beside the objects.",
		Example: "of 23,979 objects 10,400 overlap another one of their class by an IoU of 0.7 or more",
		Fix: "Keep the boxes of one source: by a key that only one writes, by the form of its numbers, or by the place in " +
			"the file. Pre-labels are often exported beside the boxes that people made of them. Set iscrowd to 1 for groups, " +
			"or give them a class of their own. Of classes and their parents, keep one level, or train with targets for " +
			"several classes and waive the finding."},
	{Code: "track-class-changed", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutSource,
		Title: "Tracks whose class changes on the way",
		Text: "Annotations carry the id of a track (track_id, instance_id, attributes.track_id), and from one image of the " +
			"track to the next its class changes, while the box stays where it is (IoU 0.5 or more). No object becomes " +
			"another one: files with different lists of classes were joined amid a video, or an annotator changed the " +
			"class from some frame on. Ids that number the objects of each image, which mostly do not stay, do not count. It " +
			"is an info where tracks change to and fro for some images each time, as the states of an object do.",
		Example: "track 17 is a \"Car\" up to frame_000207.PNG and a \"Bus\" from frame_000208.PNG on",
		Fix: "Look at the images before and behind the change. Where many tracks change at one image, join the files anew " +
			"by the names of their categories; else give each track one class."},
	{Code: "class-lookup", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutSource,
		Title: "Classes without objects whose names a lookup seems to miss",
		Text: "No class whose name has a blank has an object (or an underscore, a hyphen, a capital letter and so on), and " +
			"nearly all other classes have: by a chance under 1 in 200, were the classes with objects drawn from all. " +
			"Scripts that join annotations to the list of classes by name leave such files where the two write a name " +
			"differently, as fire_hydrant and fire hydrant, and a name that is not found falls back to a class, or its " +
			"annotation is dropped; those that look a class up by its supercategory leave only the last class of each, or " +
			"the first. The objects are then trained as another class, or as background. It is an info where no " +
			"class has a tenth of all objects to which the lookup may fall back: names with a blank may as well be those " +
			"of rare things.",
		Example: "none of the 21 classes whose names have a blank has an object, and 58 of the 59 others have",
		Fix: "Join the annotations anew, with names written as the list of categories has them, and stop at a name that " +
			"is not known: name2id[name] in the place of name2id.get(name, 1). If these classes were not annotated, remove " +
			"their categories, or waive the finding."},
	{Code: "class-unmarked", Family: Data, Severity: Warning, About: AboutClass,
		Title: "A class that a part of the data lacks",
		Text: "One part of the data (a run of images in the order of the file or of their ids, or a directory) has no " +
			"object of a class, while the rest has it throughout and the other classes are as frequent in this part as " +
			"elsewhere. Chance is excluded: images count in blocks of 20, and a class counts once in a series of similar " +
			"pictures. The usual causes are annotators who were told about the class too late, and merged files with " +
			"different lists of classes. Objects of the class in this part are trained as background.",
		Example: `no "bicycle" is annotated in 680 images that follow each other, and 412 of 1,300 in the rest have one`,
		Fix: "Look at some pictures of this part. If they show objects of the class, annotate them, or leave the part " +
			"out of training. If they show none, waive the finding."},
	{Code: "file-name-shifted", Family: Data, Severity: Error, Else: [2]Severity{Warning}, About: AboutSource,
		Title: "File names that stand one record off",
		Text: "In nine images of ten or more, the last number of the file's name (or the whole name) is the id of " +
			"the image record before or behind it, and in none its own. A difference between names and ids that is " +
			"the same throughout, such as ids from 1 and names from 0, does not count. Each picture is then " +
			"trained with the boxes of another one. It is a warning where ids are consecutive, and only the last " +
			"name, which is the first image's, tells.",
		Example: `{"images": [{"id": 9, "file_name": "000025.jpg"}, {"id": 25, "file_name": "000030.jpg"}]}`,
		Fix: "Move the names back by one record. A column that was sorted, shifted or filtered apart from the " +
			"others, and lists that were joined by place, leave such files: join names and ids by a key."},
	{Code: "columns-shifted", Family: Data, Severity: Error, Else: [2]Severity{Warning}, About: AboutSource,
		Title: "Boxes or labels that stand on other records",
		Text: "The boxes fit the records before or behind theirs in the file and not their own: at least ten boxes " +
			"reach beyond their own image and fit that of the neighbouring record, and hardly any the other way round; or " +
			"the classes explain how boxes differ in size, shape and height in the image much better if each box belongs to " +
			"the neighbour, in every quarter of the file; or one number of the boxes, as their height, is the neighbour's, so " +
			"that widths go with heights of other records, and boxes beyond their images would be inside with the number " +
			"moved back, in the file or in a part. " +
			"It is a warning if classes change at the border of two images no more often than within one, in " +
			"the file or in a stretch of it, as where the column of classes has slipped by more and more. Most boxes still " +
			"lie in the right image, since neighbours mostly " +
			"belong to one, so that no other check sees it; but labels are trained on other objects. No real file, " +
			"and no stretch of one, shows it (docs/conventions.md, section 4).",
		Example: `{"category_id": 1, "bbox": [box of the next annotation]}, and so on through the file`,
		Fix: "Move the column back by one record; one that slipped by more and more has to be joined anew. " +
			"Columns that were read with a header in one file and without in another, that were filtered or sorted alone, " +
			"or joined by place leave such files: join boxes, classes and image ids by a key. If only labels are off, the " +
			"boxes and image ids can stay."},
	{Code: "segmentation-rings", Family: Data, Severity: Warning, About: AboutSource,
		Title: "Outlines whose rings are no parts, or whose x and y are exchanged",
		Text: "The recorded areas show that the rings of some outlines are not the parts of an object, as COCO has " +
			"them: a ring inside another one is a hole, which pycocotools fills, or one ring is several parts " +
			"written behind each other, and covers what is between them. Or the outlines fit their boxes as y, x, and " +
			"leave their images, which the boxes do not; or the four points of rectangles stand in the order of reading, so " +
			"that two sides cross; or outlines are all x and then all y. Boxes are right all the same, while masks " +
			"and what is computed from them are not. Compared are outlines in some windows of the file, and all " +
			"with --check-outlines.",
		Example: `{"segmentation": [[0, 0, 9, 0, 9, 9, 0, 9], [3, 3, 6, 3, 6, 6, 3, 6]], "area": 72}`,
		Fix: "Write masks with holes as run lengths, as pycocotools.mask.encode does, or cut the outer ring open " +
			"towards the hole. Write each part as a list of its own: converters that flatten a MultiPolygon, or " +
			"take all coordinates of a shapefile's record, join them. Points from an array's indices are row and column: " +
			"skimage's find_contours returns such."},
	{Code: "detections-disagree", Family: Data, Severity: Error, Else: [2]Severity{Warning}, About: AboutRun,
		Title: "Detections that do not belong to the annotations",
		Text: "Too few objects are overlapped by a detection of their image for the two files to belong together: " +
			"hardly more than by detections of another image, or far fewer than under the reading that the finding " +
			"names, of all records or of a part. Or the classes disagree, since they are exchanged, hardly any " +
			"object has that of its detection, or labels have that of the record beside; or the boxes, image ids, " +
			"classes or scores of the results stand one record off; or the detections are the annotated boxes " +
			"themselves, from no detector. It is a warning, and labels are judged, if 9 in 10 detections are " +
			"annotated boxes, if one label in five is a detection's own box, if the labels of images are on other " +
			"boxes, if one part of the data fits far worse or has labels one row off, if the results of two models " +
			"with different lists are joined (labels are not judged then), or if detections lie on one side of the " +
			"boxes throughout. Nothing can be said about labels or about what a detector has learnt from an error; " +
			"in real pairs 81 % of the objects or more are overlapped at IoU 0.5, in pairs that were broken on " +
			"purpose 47 % at most (docs/conventions.md).",
		Example: "3 of 194 objects are overlapped by a detection; with image ids one higher, 176 would be",
		Fix: "The message says which of the two files is wrong where edges of pictures, boxes that leave them or the names " +
			"of series tell; else draw both on the images it names, before either is mended. In results, write x, y, width " +
			"and height in pixels of the annotated image, and the ids of the annotation file. torchvision, detectron2 and " +
			"Ultralytics return corners: subtract. Undo the resizing where a model returns boxes of its own input, such as " +
			"yolov5's letterbox or 800 by 1333 px, and a flip of the picture, as in augmentation at test time. Image ids " +
			"counted from 0 by a data loader, and class indices instead of category ids, need a look-up table."},
	{Code: "detections-repeated", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutRun,
		Title: "Detections that are there several times",
		Text: "At least half of the records repeat another one exactly, in image, category, box and score: the file was " +
			"written twice, or two equal files were merged; or 5 % stand with the same numbers in another image, as rows of a " +
			"buffer that an earlier picture filled, or more than 4 in 10 have another of their class where a mirror " +
			"shows them, or most have in a part: the results of mirrored pictures were added. Or images come again that " +
			"came before, and half of " +
			"their sure detections overlap one of their class from before by an IoU above 0.7: the results of several " +
			"epochs stand one behind the other. As info: more than 3 in 10 detections overlap another " +
			"of their class by an IoU above 0.9, as before non-maximum suppression. Each copy counts as a detection, so " +
			"that precision and what is concluded about duplicate labels are off.",
		Example: "1,776 of 1,776 detections repeat another in image, category, box and score",
		Fix: "Remove the copies, and write results into an empty file instead of appending to an old one. Read only as " +
			"many rows as the model says it found (num_dets). Mirror mirrored boxes back. For overlapping detections, apply " +
			"non-maximum suppression by class with an IoU of 0.5 to 0.7."},
	{Code: "detections-unranked", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutRun,
		Title: "Scores that do not tell which detections are sure",
		Text: "The scores do not tell right detections from wrong ones: of a random pair, a detection on an object of " +
			"its class and one on no object, the first has the higher score in fewer than 40 % of the cases (inverted " +
			"scores, of at least 30 of each kind), or in fewer than 55 % (scores without information, of at least 100). " +
			"Real results reach 73 % or more, random scores half; labels are not judged by such scores, nor if that is so in " +
			"a part: of the images, of a directory, or of the records of the results. The finding also " +
			"tells that the scores of each image add up to the same sum, that most images share one best score, or that " +
			"all detections of a class in an image have one score. As info it tells that all detections have one score, or " +
			"that the scores went through a sigmoid twice (0.5 to 0.731), or that they end below 1 as others do at 1.",
		Example: "of 311 detections on an object of their class and 577 that are not, the first has " +
			"the higher score in 14 % of the pairs",
		Fix: "Write the score of the detection's class, between 0 and 1, higher if surer. Inverted scores come from " +
			"scripts that write a distance, a loss or the probability of the background; scores that are all 1 come from a " +
			"default."},
	{Code: "detections-capped", Family: Data, Severity: Warning, About: AboutRun,
		Title: "Results that hold too few detections an image",
		Text: "No image has more than a certain number of detections, at least half of the images with detections have " +
			"exactly that many, and one image in ten has more objects; or the same holds of the detections of each class in " +
			"an image. The results were cut to the best few, so the other " +
			"objects seem not to be seen. COCO's evaluation takes 100 an image, and torchvision and detectron2 return as " +
			"many.",
		Example: "no image has more than 1 detection; 60 of 100 images have more objects",
		Fix: "Run the detector again with a low score threshold (0.01 or less) and at least 100 detections an image, of " +
			"each class too (max_output_boxes_per_class of ONNX's NonMaxSuppression)."},
	{Code: "detections-missing-classes", Family: Data, Severity: Warning, About: AboutRun,
		Title: "Classes without any detection in the results",
		Text: "Classes with 20 objects or more have no detection at all in the results, in whatever image. Their objects " +
			"seem to be missed by the detector, so that their anchors have the loss of the floor's score, and nothing can " +
			"be said about their labels. A detector that was trained on another list of classes, results of one class only, " +
			"and lost class numbers look so.",
		Example: `of 20 classes with 20 objects or more, 1 has no detection at all: "person" (5,227 objects)`,
		Fix: "Run a detector that was trained on these classes, or write the results of all classes, with the ids of the " +
			"annotation file's categories."},
	{Code: "detections-missing-images", Family: Data, Severity: Warning, Else: [2]Severity{Info}, About: AboutImage,
		Title: "Images without any detection in the results",
		Text: "The results have no record of some images in use; an info where none of them has an object, since a " +
			"detector that is right finds nothing there either. Either the detector found nothing there, or it " +
			"never saw them, or its records stand under other image ids: the file does not say which. Nothing is concluded " +
			"about the labels of these images, and their anchors count with the floor's score.",
		Example: "20 of 40 images have no detection, with 95 objects",
		Fix: "Run the detector on all images, with a low score threshold (0.01 or less), so that each image has " +
			"a record. Results of one part of a data set, or of a run that stopped, lack whole stretches of " +
			"images; ids that were rounded (float32 beyond 16,777,216), or all of a batch under its first image's id, leave " +
			"out every second or fourth. If the detector really is silent there, nothing has to be done."},
	{Code: "image-in-two-sources", Family: Data, Severity: Warning, Else: [2]Severity{Error}, About: AboutSource,
		Title: "One image in two annotation files",
		Text: "Two of the files that are read have images in common: by name, by name without its ending and what " +
			"export tools add (.rf. and a hash, %20) where boxes agree, or by size and all boxes under any name, from " +
			"one image on. Read together, such an image counts twice, and if the files hold different " +
			"objects, those of one file are background in the other. Where one file is for training and the other " +
			"for validation or testing, by their names, the finding is an error: what is measured on the second is " +
			"no longer about unseen images; more than 16 files that share images are one finding, except for such errors.",
		Example: "instances_val.json and person_keypoints_val.json have 10 images in common, such as a.jpg",
		Fix: "Remove the images from one of the files, or read one file only: of COCO's directory, which has " +
			"instances, person_keypoints and captions of the same images, `--include 'instances_*'`. If " +
			"different pictures have one name, write the directory into file_name. Leaks come from splits that are " +
			"drawn again for each export, from lists of annotations that are split instead of images, and from " +
			"images that were augmented before the split."},
}
