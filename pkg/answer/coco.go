package answer

// cocoRatio is the number of negatives per positive that each preset gives COCO train2017, by the anchors
// that are positive, ignored and negative over the 849,942 boxes of its 117,266 images with
// objects: analyze trainers on instances_train2017.json.
var cocoRatio = map[string]float64{
	"efficientdet-d0-automl":     5744012601. / 14217063,
	"efficientdet-d0-effdet":     5744130803. / 14098861,
	"fcos-detectron2":            2207643430. / 7637415,
	"fcos-mmdet":                 2189668454. / 25612391,
	"fcos-mmdet-center":          2207633946. / 7646899,
	"fcos-torchvision":           2207339385. / 7757510,
	"fcos-torchvision-0.14":      2207334559. / 7762336,
	"retinanet-keras-1.0":        19523622770. / 18530611,
	"retinanet-keras-hub":        14031523655. / 17147890,
	"ssdlite320-torchvision":     375473020. / 3765224,
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
