package main

import (
	"path/filepath"
	"reflect"
	"testing"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// TestRemediesArePresets: what --for prints is the preset that a run tries against the same reason.
func TestRemediesArePresets(t *testing.T) {
	printed := 0
	for _, name := range trainer.Names() {
		for why := range iou.Whys() {
			want, _, ok := analysis.Remedy(trainer.MustLoad(name), iou.Why(why))
			if !ok {
				continue
			}
			r := analyze(t, "presets", name, "--for", iou.Why(why).String())
			r.expect(t, statusFine, "extends: "+name)
			file := filepath.Join(t.TempDir(), "mine.yaml")
			write(t, file, r.out)
			got, err := trainer.Load(file)
			if err != nil {
				t.Errorf("%s for %s: %v\n%s", name, iou.Why(why), err, r.out)
				continue
			}
			if got.Name != "mine" || !reflect.DeepEqual(got.Anchors, want.Anchors) || got.Resize != want.Resize || got.Pad != want.Pad {
				t.Errorf("%s for %s: %+v, want %+v", name, iou.Why(why), got, want)
			}
			printed++
		}
	}
	if printed < 20 {
		t.Errorf("%d remedies", printed)
	}
	analyze(t, "presets", "yolov5", "--for", "tiny").expect(t, statusTrouble, "err:for yolov5, expected one of off-grid, too-small, too-large")
	analyze(t, "presets", "--for", "aspect").expect(t, statusTrouble, "err:name the preset to change")
	analyze(t, "presets", "yolov55").expect(t, statusTrouble, "err:the nearest is yolov5;")
}
