package report

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/audit"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

// Summary is summary.json.
type Summary struct {
	Program       Program                     `json:"focalaudit"`
	Baseline      bool                        `json:"baseline"` // only what a comparison needs: baseline.go
	Configuration Configuration               `json:"configuration"`
	Inputs        []Input                     `json:"inputs"`
	Skipped       []Skipped                   `json:"skipped"`
	Refused       []string                    `json:"refused"`
	RefusedFiles  []string                    `json:"refused_files"` // their names, in the same order
	Images        Counted                     `json:"images"`
	Annotations   Counted                     `json:"annotations"`
	Classes       int                         `json:"classes"`
	Metrics       map[string]analysis.Metrics `json:"metrics"` // by source of scores
	Answers       []answer.Answer             `json:"answers"`
	Drift         []Drift                     `json:"drift"` // by figure
	Findings      FindingCounts               `json:"findings"`
	Checksums     map[string]string           `json:"checksums"` // SHA-256 by file; whole.go
}

// Program names what wrote a report.
type Program struct {
	Version string `json:"version"`
	Schema  int    `json:"schema"`
}

// Configuration is what the run was asked for.
type Configuration struct {
	Preset    trainer.Preset `json:"preset"`
	Scores    []ScoreSource  `json:"scores"`
	Objective string         `json:"objective"`
	K         int            `json:"classes"`
	Alpha     *float64       `json:"alpha"`
	Gamma     float64        `json:"gamma"`
	Gammas    []float64      `json:"gammas"`
	EasyFrom  float64        `json:"easy_from"`
	HardBelow float64        `json:"hard_below"`
	SkipEmpty bool           `json:"skip_empty"`

	// What was looked for: boxes that disagree with their outlines, in all objects, and pictures of another size than
	// their record says, of half of the images in use at least.
	CheckOutlines bool   `json:"check_outlines"`
	Compared      *int64 `json:"outlines_compared,omitempty"` // boxes that have one; nil where it was not asked for
	Pictures      bool   `json:"pictures"`

	LearntOn *LearntOn `json:"learnt_on,omitempty"` // nil if the model of label errors was learnt from all labels

	// Reviewed are the fingerprints of the findings that a person looked at and kept before the run, sorted, whether the
	// run has them or not.
	Reviewed []string `json:"reviewed,omitempty"`
}

// LearntOn is the sample that the model of label errors was learnt on.
type LearntOn struct {
	Sources    []audit.File `json:"sources"`
	Detections *audit.File  `json:"detections,omitempty"`
	Images     int          `json:"images"` // with detections
	Labels     int          `json:"labels"` // in these images
}

// ScoreSource is a source of scores with its probabilities.
type ScoreSource struct {
	Name     string  `json:"name"`
	Positive float64 `json:"positive"`
	Negative float64 `json:"negative"`

	Detections *Detections `json:"detections,omitempty"`
	Logits     *Logits     `json:"logits,omitempty"`
}

// Logits counts the images in use that have logits.
type Logits struct {
	Images  int64 `json:"images"`
	Missing int64 `json:"missing"`

	// Targets is the sum of the soft targets, where the trainer chooses positives by these logits and
	// the boxes beside them.
	Targets *float64 `json:"targets,omitempty"`
}

// Detections is the results file that scores come from.
type Detections struct {
	File    string    `json:"file"`
	Bytes   int64     `json:"bytes"`
	SHA256  string    `json:"sha256"`
	Records int64     `json:"records"`
	Joined  int       `json:"joined"`
	Floors  []AtFloor `json:"floors"` // the detector's own first

	// Silent counts the images in use that have no detection, by input in its order; empty if all have some, nil in a
	// report of an earlier version.
	Silent []Silent `json:"silent"`
}

// Silent counts images in use without a detection, and those of them that have objects in use.
type Silent struct {
	Images      int `json:"images"`
	WithObjects int `json:"with_objects"`
}

// AtFloor is the negatives' share of the loss under one floor.
type AtFloor struct {
	Floor         float64         `json:"floor"`
	NegativeShare analysis.ByLoss `json:"negative_share"`
}

// Input is an annotation file that was read.
type Input struct {
	Name        string  `json:"name"`
	Bytes       int64   `json:"bytes"`
	SHA256      string  `json:"sha256"`
	Images      Counted `json:"images"`
	Annotations Counted `json:"annotations"`
}

// Counted says how many records there were: Read = InUse + those left out.
type Counted struct {
	Read    int            `json:"read"`
	InUse   int            `json:"in_use"`
	LeftOut map[string]int `json:"left_out"` // by reason
}

// Skipped is a file without boxes.
type Skipped struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// FindingCounts counts findings.
type FindingCounts struct {
	Total      int            `json:"total"`
	Listed     int            `json:"listed"` // rows of findings.parquet, which leaves out what is only counted
	BySeverity map[string]int `json:"by_severity"`
	ByCode     map[string]int `json:"by_code"`
}

// notObject is the reason for which an element of an array that is no object
// is left out.
const notObject = "record-not-object"

// Summarise collects the summary of a run.
func Summarise(r *analysis.Result, version string) *Summary {
	s := &Summary{
		Program:       Program{version, Schema},
		Configuration: configuration(r),
		Skipped:       []Skipped{},
		Refused:       []string{},
		RefusedFiles:  []string{},
		Images:        Counted{LeftOut: map[string]int{}},
		Annotations:   Counted{LeftOut: map[string]int{}},
		Classes:       len(r.Data.Classes),
		Metrics:       map[string]analysis.Metrics{},
		Drift:         drifts(r),
		Findings:      countFindings(r),
		Answers:       answer.Of(r),
	}
	for i := range r.Data.Sources {
		in := input(r, i)
		s.Images.add(in.Images)
		s.Annotations.add(in.Annotations)
		s.Inputs = append(s.Inputs, in)
	}
	for _, k := range r.Data.Skipped {
		s.Skipped = append(s.Skipped, Skipped(k))
	}
	for _, err := range r.Data.Refused {
		s.Refused, s.RefusedFiles = append(s.Refused, err.Error()), append(s.RefusedFiles, err.Name)
	}
	for i := range r.Metrics {
		s.Metrics[r.Config.Scores[i].Name] = r.Metrics[i]
	}
	return s
}

// WriteSummary writes summary.json, with the SHA-256 of the tables that stand beside it, by the
// name of their file, and its own; nil leaves checksums out.
func WriteSummary(w io.Writer, r *analysis.Result, version string, sums map[string]string) error {
	return Summarise(r, version).write(w, sums)
}

// write writes the summary with the checksums of the other files; with none if sums is nil.
func (s *Summary) write(w io.Writer, sums map[string]string) error {
	if sums != nil {
		s.Checksums = maps.Clone(sums)
		s.Checksums[summaryName] = zeroSum
	}
	var b bytes.Buffer
	if err := text.JSON(&b, s); err != nil {
		return err
	}
	_, err := w.Write(sealed(b.Bytes()))
	return err
}

// maxSummary is how large summary.json may be, in bytes: it has a row for each input file.
const maxSummary = 256 << 20

// ReadSummary reads the summary of the report in dir.
func ReadSummary(dir string) (*Summary, error) {
	data, err := files.ReadSmall(filepath.Join(dir, summaryName), maxSummary)
	if err != nil {
		return nil, err
	}
	var s Summary
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, damaged(dir, summaryName, "it can't be read as JSON")
	}
	return &s, nil
}

func configuration(r *analysis.Result) Configuration {
	c := Configuration{
		Preset: r.Config.Preset, Objective: r.Setting.Objective.String(), K: r.Setting.K,
		Gamma: r.Config.Focal.Gamma, Gammas: r.Config.Gammas,
		EasyFrom: r.Config.Edges.Easy, HardBelow: r.Config.Edges.Hard, SkipEmpty: r.Config.SkipEmpty,
		CheckOutlines: r.Config.Outlines, Pictures: measured(r),
	}
	c.Reviewed = slices.Compact(slices.Sorted(slices.Values(r.Config.Reviewed)))
	if r.Config.Focal.Alpha >= 0 {
		c.Alpha = &r.Config.Focal.Alpha
	}
	if c.CheckOutlines {
		n := outlined(r)
		c.Compared = &n
	}
	if l := r.Config.Learnt; l != nil {
		c.LearntOn = &LearntOn{Sources: l.Sources, Images: l.Images, Labels: l.Labels}
		if l.Detections != (audit.File{}) {
			c.LearntOn.Detections = &l.Detections
		}
	}
	for i, s := range r.Config.Scores {
		of := ScoreSource{Name: s.Name, Positive: digits(s.Positive.P()), Negative: digits(s.Negative.P())}
		if s.Detector != nil {
			in := r.Config.Results[i]
			of.Detections = &Detections{
				File: in.Name, Bytes: in.Bytes, SHA256: in.SHA256, Records: in.Read, Joined: in.Joined, Silent: []Silent{},
			}
			if v := r.Verdicts[i]; v != nil && v.Missing.Images > 0 {
				for _, in := range v.Missing.Sources {
					of.Detections.Silent = append(of.Detections.Silent, Silent(in))
				}
			}
			for _, f := range r.AtFloors(i) {
				of.Detections.Floors = append(of.Detections.Floors, AtFloor(f))
			}
		}
		if s.Logits != nil {
			missing := r.Accounts[i].Missing
			of.Logits = &Logits{Images: r.Total.Images - missing, Missing: missing}
			if r.Plan.ChosenBy(i) {
				targets := r.Accounts[i].Targets()
				of.Logits.Targets = &targets
			}
		}
		c.Scores = append(c.Scores, of)
	}
	return c
}

// outlined counts the annotations whose box was compared with an outline.
func outlined(r *analysis.Result) (n int64) {
	for s := range r.Data.Sources {
		objects := r.Data.Source(s).Objects
		for i := range objects {
			if objects[i].Outline != dataset.OutlineNone {
				n++
			}
		}
	}
	return n
}

// measured reports whether the pictures of half of the images in use were measured.
func measured(r *analysis.Result) bool {
	n, of := 0, 0
	for s := range r.Config.Sizes {
		for first, run := range r.Data.Runs(s) {
			for i := range run {
				if run[i].LeftOut != dataset.InUse {
					continue
				}
				if of++; r.Config.Sizes[s][first+i] != (geom.Size{}) {
					n++
				}
			}
		}
	}
	return n > 0 && 2*n >= of
}

// digits rounds a probability to 12 significant digits: more than anybody
// gives, less than the rounding of its logit.
func digits(p float64) float64 {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(p, 'g', 12, 64), 64)
	if short <= 0 || short >= 1 {
		return p
	}
	return short
}

func input(r *analysis.Result, i int) Input {
	src := &r.Data.Sources[i]
	images, objects := r.Data.Count(i)
	in := Input{Name: src.Name, Bytes: src.Bytes, SHA256: src.SHA256,
		Images:      Counted{Read: images + src.BadImages, LeftOut: map[string]int{}},
		Annotations: Counted{Read: objects + src.BadAnnotations, LeftOut: map[string]int{}},
	}
	d := &r.Digests[i]
	for why, n := range d.Images {
		in.Images.count(why, int(n))
	}
	for why, n := range d.ByReason(-1, true) {
		in.Annotations.count(why, int(n))
	}
	in.Images.count(notObject, src.BadImages)
	in.Annotations.count(notObject, src.BadAnnotations)
	return in
}

func (c *Counted) count(leftOut string, n int) {
	switch {
	case leftOut == "":
		c.InUse += n
	case n > 0:
		c.LeftOut[leftOut] += n
	}
}

func (c *Counted) add(o Counted) {
	c.Read += o.Read
	c.InUse += o.InUse
	for why, n := range o.LeftOut {
		c.LeftOut[why] += n
	}
}

func countFindings(r *analysis.Result) FindingCounts {
	c := FindingCounts{
		BySeverity: map[string]int{"error": 0, "warning": 0, "info": 0},
		ByCode:     r.Counts(), Listed: len(r.Findings),
	}
	for _, k := range r.Kinds() {
		c.BySeverity[k.Severity.String()] += k.N
		c.Total += k.N
	}
	return c
}
