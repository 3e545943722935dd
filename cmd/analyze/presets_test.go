package main

import "testing"

func TestPresetsNameTheNearest(t *testing.T) {
	analyze(t, "presets", "yolov55").expect(t, statusTrouble, "err:the nearest is yolov5;")
}
