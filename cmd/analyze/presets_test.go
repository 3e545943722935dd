package main

import "testing"

// TestPresetsNameTheNearest: a mistyping, or else the preset for the model of that name.
func TestPresetsNameTheNearest(t *testing.T) {
	for name, want := range map[string]string{
		"yolov55": "yolov5", "retinanet-torchvison": "retinanet-torchvision", // mistyped
		"yolov8": "ultralytics", "yolov8n.pt": "ultralytics", "YOLO11s": "ultralytics", "yolov5s": "yolov5",
		"retinanet": "retinanet-torchvision", "Faster-RCNN": "rpn-torchvision", "rtdetr": "rt-detr", "ssd": "ssd300-torchvision",
	} {
		analyze(t, "presets", name).expect(t, statusTrouble, "err:the nearest is "+want+";")
		analyze(t, "run", sampleDir, "-a", name).expect(t, statusTrouble, "err:the nearest is "+want+";")
	}
}
