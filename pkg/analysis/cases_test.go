package analysis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/golden"
	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
)

// cases are files that mean something else than they seem to, and what is to be said of
// each under a preset.
var cases = []struct {
	file, preset string
	objects      int // in use; -1 to leave it open

	// want are findings as "severity code: part of the message", all that there are of these
	// codes; nil for a file without errors and warnings.
	want []string
	not  []string // codes of which there is none
}{
	{"clean.json", "retinanet-torchvision", 194, nil, newCodes},
	{"clean.json", "retinanet-detectron2", 194, nil, newCodes},
	{"clean.json", "retinanet-mmdet", 194, nil, newCodes},
	{"clean.json", "retinanet-keras", 194, []string{}, newCodes},
	{"clean.json", "yolov5", 194, []string{}, newCodes},

	// Keys that the trainer reads.
	{"keys_absent.json", "retinanet-torchvision", 1, []string{
		"error key-absent: stops with a Python KeyError: iscrowd is absent from 1 of 1 annotations",
		"error key-absent: stops with a Python KeyError: area is absent from 1 of 1 annotations",
		"error key-absent: stops with a Python KeyError: segmentation is absent from 1 of 1 annotations",
	}, nil},
	{"keys_absent.json", "retinanet-mmdet", 1, []string{
		"info key-absent: this stops keras-retinanet, torchvision and yolox, not retinanet-mmdet; write \"iscrowd\": 0",
		"error key-absent: stops with a Python KeyError: area is absent from 1 of 1 annotations",
		"info key-absent: segmentation is absent from 1 of 1 annotations, such as annotation 1; this stops torchvision, not",
	}, nil},
	{"keys_absent.json", "retinanet-detectron2", 1, []string{
		"info key-absent: iscrowd", "info key-absent: area", "info key-absent: segmentation",
	}, nil},
	{"keys_absent.json", "yolov5", 1, []string{
		"info key-absent: iscrowd", "info key-absent: area", "info key-absent: segmentation",
	}, nil},
	{"area_absent.json", "retinanet-torchvision", 194, []string{
		"error key-absent: area is absent from 194 of 194 annotations",
	}, nil},
	{"area_absent.json", "retinanet-mmdet", 194, []string{
		"error key-absent: area is absent from 194 of 194 annotations",
	}, nil},
	{"area_absent.json", "retinanet-keras", 194, []string{
		"info key-absent: this stops mmdetection, rf-detr, torchvision and yolox, not retinanet-keras",
	}, nil},
	{"area_impossible.json", "retinanet-torchvision", 106, []string{
		"warning area-impossible: 106 of 106 annotations have an area",
	}, nil},
	{"segmentation_empty.json", "retinanet-torchvision", 29, []string{
		"error segmentation-unusable: stops with a Python IndexError: segmentation is [] in 29 of 29 annotations",
	}, nil},
	{"segmentation_empty.json", "retinanet-detectron2", 29, []string{
		"info segmentation-unusable: this stops torchvision, not retinanet-detectron2",
	}, []string{"trainer-drops"}},

	// Flags as text or null.
	{"iscrowd_null.json", "retinanet-torchvision", 0, []string{
		"error flag-not-number: drops 1 of 1 annotations: iscrowd is null",
	}, nil},
	{"iscrowd_null.json", "retinanet-detectron2", 0, []string{
		"error flag-not-number: drops 1 of 1 annotations: iscrowd is null",
	}, nil},
	{"iscrowd_null.json", "retinanet-keras", 0, []string{
		"error flag-not-number: drops 1 of 1 annotations: iscrowd is null",
	}, nil},
	{"iscrowd_null.json", "retinanet-mmdet", 1, []string{"info flag-not-number: iscrowd is null"}, nil},
	{"iscrowd_null.json", "yolov5", 1, []string{"info flag-not-number: iscrowd is null"}, nil},
	{"iscrowd_text_0.json", "retinanet-torchvision", 0, []string{`error flag-not-number: iscrowd is "0"`}, nil},
	{"iscrowd_text_0.json", "retinanet-detectron2", 0, []string{`error flag-not-number: iscrowd is "0"`}, nil},
	{"iscrowd_text_0.json", "retinanet-mmdet", 0, []string{`error flag-not-number: iscrowd is "0"`}, nil},
	{"ignore_text_0.json", "retinanet-torchvision", 0, []string{
		`error flag-not-number: drops 29 of 29 annotations: iscrowd is "0"`,
		`info flag-not-number: ignore is "0" in annotation 1, and neither 0 nor 1 in 29 of 29 annotations`,
	}, []string{"trainer-drops", "trainer-refuses"}},
	{"ignore_text_0.json", "retinanet-mmdet", 0, []string{
		`error flag-not-number: drops 29 of 29 annotations: iscrowd is "0"`,
		`error flag-not-number: drops 29 of 29 annotations: ignore is "0"`,
	}, []string{"trainer-drops"}},
	{"ignore_text_0.json", "retinanet-detectron2", 0, []string{
		`error flag-not-number: stops with an error: ignore is "0"`,
		`error flag-not-number: drops 29 of 29 annotations: iscrowd is "0"`,
	}, []string{"trainer-refuses"}},

	// Ids.
	{"annotation_id_0.json", "retinanet-torchvision", -1, []string{
		"info annotation-id-zero: id is 0 in 1 of 29 annotations",
	}, []string{"annotation-id-duplicate"}},
	{"annotation_ids_all_0.json", "retinanet-torchvision", -1, []string{
		"error annotation-id-duplicate: retinanet-torchvision loads the last box of such an id in every image that has the id", "info annotation-id-zero: id is 0 in 29 of 29 annotations",
	}, nil},
	{"annotation_ids_all_0.json", "retinanet-detectron2", -1, []string{
		"error annotation-id-duplicate: retinanet-detectron2 stops with an AssertionError", "info annotation-id-zero: ",
	}, nil},
	{"annotation_ids_all_0.json", "yolov5", -1, []string{
		"warning annotation-id-duplicate: annotation id 0 is used 29 times", "info annotation-id-zero: ",
	}, nil},
	{"id_over_int64.json", "retinanet-torchvision", 29,
		times(6, "info id-not-integer: a whole number that does not fit 64 bits; it is kept as it stands"),
		[]string{"image-unknown"}},
}

// newCodes are the codes of the findings that cases are about.
var newCodes = []string{
	"key-absent", "segmentation-unusable", "area-impossible", "annotation-id-zero", "flag-not-number",
}

func times(n int, want string) []string { return slices.Repeat([]string{want}, n) }

// TestCases: of each file is said what it means: its findings of the codes that want names,
// and no others of these codes.
func TestCases(t *testing.T) {
	for _, c := range cases {
		t.Run(c.file+"/"+c.preset, func(t *testing.T) {
			r := testrun.Run(t, testrun.Read(t, golden.Shared(t, "cases", c.file)), testrun.Config(t, c.preset))
			if got := int(r.Total.Objects); c.objects >= 0 && got != c.objects {
				t.Errorf("%d objects in use, want %d", got, c.objects)
			}
			if c.want == nil {
				nothingGrave(t, r)
			}
			codes := slices.Clone(c.not)
			for _, w := range c.want {
				_, code, _ := strings.Cut(strings.SplitN(w, ":", 2)[0], " ")
				codes = append(codes, code)
			}
			left := slices.Clone(c.want)
			for i := range r.Findings {
				f := &r.Findings[i]
				if !slices.Contains(codes, f.Code) {
					continue
				}
				at := slices.IndexFunc(left, func(w string) bool {
					what, part, _ := strings.Cut(w, ": ")
					return what == fmt.Sprintf("%s %s", f.Severity(), f.Code) && strings.Contains(f.Message, part)
				})
				if at < 0 {
					t.Errorf("not expected: %s %s: %s", f.Severity(), f.Code, f.Message)
					continue
				}
				left = slices.Delete(left, at, at+1)
			}
			for _, w := range left {
				t.Errorf("missing: %s", w)
			}
		})
	}
}

// nothingGrave: there is neither an error nor a warning.
func nothingGrave(t *testing.T, r *analysis.Result) {
	t.Helper()
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Severity() != findings.Info {
			t.Errorf("%s %s: %s", f.Severity(), f.Code, f.Message)
		}
	}
}
