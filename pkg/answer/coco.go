package answer

// cocoRatio is the number of negatives per positive that each preset gives COCO train2017, by the anchors
// that are positive, ignored and negative over the 849,942 boxes of its 117,266 images with
// objects: analyze trainers on instances_train2017.json.
var cocoRatio = map[string]float64{
	"atss-mmdet":                 2207534798. / 7746047,
	"retinanet-detectron2":       19882385925. / 19022014,
	"retinanet-keras-0.5":        19521442614. / 19293758,
	"retinanet-mmdet":            19882385767. / 19022221,
	"retinanet-torchvision":      19879635228. / 19553970,
	"retinanet-torchvision-0.14": 19879634354. / 19554066,
	"rpn-detectron2":             26436841253. / 5048092,
	"rpn-torchvision":            26433560377. / 5523437,
	"rpn-torchvision-0.14":       26433553982. / 5525982,
	"ssd300-torchvision":         1020711948. / 3254764,
	"yolov5":                     2944286470. / 10816730,
}
