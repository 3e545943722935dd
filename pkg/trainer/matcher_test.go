package trainer_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"focalaudit/pkg/iou"
	"focalaudit/pkg/trainer"
)

// TestPresetRoundTrips: what is written as JSON, as in a report's summary.json, or as a
// preset's file reads back as the same preset.
func TestPresetRoundTrips(t *testing.T) {
	for _, name := range trainer.Names() {
		want := preset(t, name)
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got trainer.Preset
		if err := json.Unmarshal(text, &got); err != nil || !samePreset(got, want) || got.Matcher.Name() != want.Matcher.Name() {
			t.Errorf("%s: JSON gives %+v, %v, want %+v\n%s", name, got, err, want, text)
		}
		if text, err = yaml.Marshal(want); err != nil {
			t.Fatal(err)
		}
		got, err = load(t, string(text))
		if err != nil || got.Name != "mine" {
			t.Errorf("%s: a file with a preset's name goes by %q, %v", name, got.Name, err)
		}
		if got.Name = want.Name; !samePreset(got, want) || got.Matcher.Name() != want.Matcher.Name() {
			t.Errorf("%s: YAML gives %+v, %v, want %+v\n%s", name, got, err, want, text)
		}
	}
}

// oldMatchers are the rules in the summary.json of reports from before rules were types of
// their own, written by the program of that time: every rule had a key low_quality.
var oldMatchers = map[string]string{
	"atss-mmdet":                 `{"rule":"atss","low_quality":false,"candidates":9}`,
	"retinanet-detectron2":       `{"positive":0.5,"negative":0.4,"low_quality":true}`,
	"retinanet-keras-0.5":        `{"rule":"inclusive-iou","positive":0.5,"negative":0.4,"low_quality":false,"ignore_outside":true}`,
	"retinanet-mmdet":            `{"positive":0.5,"negative":0.4,"low_quality":true,"low_quality_overwrites":true}`,
	"retinanet-torchvision":      `{"positive":0.5,"negative":0.4,"low_quality":true}`,
	"retinanet-torchvision-0.14": `{"positive":0.5,"negative":0.4,"low_quality":true}`,
	"rpn-detectron2":             `{"positive":0.7,"negative":0.3,"low_quality":true}`,
	"rpn-torchvision":            `{"positive":0.7,"negative":0.3,"low_quality":true}`,
	"rpn-torchvision-0.14":       `{"positive":0.7,"negative":0.3,"low_quality":true}`,
	"ssd300-torchvision":         `{"positive":0.5,"negative":0.5,"low_quality":true,"low_quality_overwrites":true,"low_quality_first":true}`,
	"yolov5":                     `{"rule":"shape-ratio","low_quality":false,"max_ratio":4}`,
}

// TestOldReportsAreRead: the rule of an old report is the preset's of today.
func TestOldReportsAreRead(t *testing.T) {
	for name, text := range oldMatchers {
		var got trainer.Matcher
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := preset(t, name).Matcher; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got.Rule, want.Rule)
		}
	}
	err := json.Unmarshal([]byte(`{"rule":"nearest"}`), new(trainer.Matcher))
	if err == nil || !strings.Contains(err.Error(), `matcher.rule: got "nearest", allowed: atss`) {
		t.Errorf("an unknown rule: got %v", err)
	}
}

// TestExtendsChangesTheRule: a preset may take another rule than the one that it extends.
// Of the old rule's keys those stay that the new rule has; low_quality is a key of each.
func TestExtendsChangesTheRule(t *testing.T) {
	for _, c := range []struct {
		yaml string
		want iou.Rule
	}{
		{"extends: ssd300-torchvision\nmatcher: {rule: max-iou}",
			&iou.MaxIoU{Positive: 0.5, Negative: 0.5, LowQuality: true, Overwrite: true, First: true}},
		{"extends: retinanet-torchvision\nanchors: {ratios: [1], levels: [{stride: 8, sizes: [64]}]}\n" +
			"matcher: {rule: atss, candidates: 5, low_quality: false}", &iou.ATSS{Candidates: 5}},
		{"extends: atss-mmdet\nmatcher: {rule: max-iou, positive: 0.6, negative: 0.3}", &iou.MaxIoU{Positive: 0.6, Negative: 0.3}},
		{"extends: retinanet-keras\nmatcher: {negative: 0.3}", &iou.InclusiveIoU{High: 0.5, Low: 0.3, Inside: true}},
	} {
		p, err := load(t, c.yaml)
		if err != nil || !reflect.DeepEqual(p.Matcher.Rule, c.want) {
			t.Errorf("%s: got %+v, %v, want %+v", c.yaml, p.Matcher.Rule, err, c.want)
		}
	}
}
