package trainer

// Family is a group of embedded presets that one kind of model has in common.
type Family struct {
	Name    string
	Users   string   // who uses it, in a line
	Presets []string // the one with most users first
}

// Families returns the families of the embedded presets, those with most users first. Each
// embedded preset is in one of them.
func Families() []Family {
	return []Family{
		{"ultralytics", "YOLOv8 to YOLO12 and YOLO26: by far the most users (11 million downloads a month)",
			[]string{"ultralytics-8.4-stal16", "ultralytics-8.4", "ultralytics-8.3"}},
		{"yolov5", "the repository ultralytics/yolov5, which many products still train with", []string{"yolov5"}},
		{"RetinaNet", "the one-stage baseline of torchvision, detectron2, mmdetection and Keras",
			[]string{"retinanet-torchvision", "retinanet-torchvision-0.14", "retinanet-detectron2", "retinanet-mmdet",
				"retinanet-keras-hub", "retinanet-keras-1.0", "retinanet-keras-0.5"}},
		{"Faster R-CNN", "its region proposal network, in torchvision and detectron2; Mask R-CNN has the same",
			[]string{"rpn-torchvision", "rpn-torchvision-0.14", "rpn-detectron2"}},
		{"FCOS", "detectors without anchors, in torchvision, detectron2 and mmdetection",
			[]string{"fcos-torchvision", "fcos-torchvision-0.14", "fcos-detectron2", "fcos-mmdet", "fcos-mmdet-center"}},
		{"YOLOX", "Megvii's YOLOX, which robots and drones often run", []string{"yolox"}},
		{"DETR", "set predictors: RT-DETR, D-FINE and RF-DETR",
			[]string{"rt-detr", "d-fine", "rf-detr", "rf-detr-seg-small", "rf-detr-seg-medium", "rf-detr-seg-xlarge"}},
		{"SSD", "small detectors for phones, in torchvision", []string{"ssd300-torchvision", "ssdlite320-torchvision"}},
		{"EfficientDet", "efficientdet-pytorch and google/automl",
			[]string{"efficientdet-d0-effdet", "efficientdet-d0-automl"}},
		{"ATSS", "mmdetection's default choice where anchors should choose themselves", []string{"atss-mmdet"}},
	}
}
