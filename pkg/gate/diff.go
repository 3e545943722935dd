package gate

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/findings"
)

// Difference is what changed between two reports; of two values, the old report's is the first.
type Difference struct {
	Metrics          []MetricChange
	New, Gone, Kept  []Finding // by rank; what is gone is of the old report
	Unread           []Finding // of the old report, in files that could not be read for the new one: in no other list
	UnreadCount      int64     // annotations of the old report in such files
	Refused          [2][]Refusal
	Moved            *Moved    // how the images' names have changed, nil if they have not
	OldSize, NewSize [2]int    // images and annotations read
	Presets          [2]string // of the old report and the new one
	Paths            string    // the annotations, as a shell reads them, for a command that is advised; "" if not known
	Settings         []string  // that differ, in words; empty if none do
	OtherPreset      bool      // the presets differ: findings about what a trainer makes of the data do not compare
	Apart            [2]int    // findings of either report that do not compare, and are in none of the lists
	Only             [2][]string
	Coverage         [2]Coverage // nil where a report does not say
	Emptied          []Emptied   // classes that have no annotation left in a file that is still there
	Labels           [2]*Labels  // nil where no detector was asked about the labels
	List             *List       // what became of the old report's suspects; nil before Trace, or where nobody can tell
	Losses           [2]*Losses  // under the scores of the detector that was asked; nil unless both compare

	// Parted says that the findings that are gone with their records are marked (Finding.Deleted): not before Trace, nor
	// where the new report does not keep its labels, or could not read a file.
	Parted bool

	parting  parting
	suspects []Finding     // of the old report, without those that were kept before it
	kept     findings.Kept // before the new report
}

// Emptied is a class that has no annotation left in some files.
type Emptied struct {
	Class       string   `json:"class"`
	Sources     []string `json:"sources"`
	Annotations int64    `json:"annotations"` // in these files, before
}

// Losses are the sums of the losses of all terms, under the run's setting.
type Losses struct {
	BCE   float64 `json:"bce"`
	Focal float64 `json:"focal"`
}

// Setting is what the numbers of a report depend on beside the data and the scores.
type Setting struct {
	Preset    string // all of its parameters
	Objective string
	K         int      // outputs
	Alpha     *float64 // of focal loss, nil for none
	Gamma     float64
	EasyFrom  float64 // p_t from which on a term is easy; 0 where a report does not say
	SkipEmpty bool    // images without objects are left out
	Scores    map[string]ScoreSetting
}

// ScoreSetting is what the numbers under a source of scores depend on. Positive and Negative are the probabilities of
// terms whose scores nobody gives; of a detector, its floor.
type ScoreSetting struct {
	Kind               string // detections, logits, or "" where there are no other scores
	Positive, Negative float64
}

// Coverage says how a trainer treats the objects: all, and by size.
type Coverage []Covered

// Covered counts the objects of a size.
type Covered struct {
	Size    string // all, small, medium or large
	Trained int64  // they have anchors that fit
	Weakly  int64  // they have fallback (low-quality) matches only, or fewer points than the trainer would give
	None    int64  // they take part, and have no positive anchor
	LeftOut int64  // the trainer's loader drops them
}

// Labels is what a detector says of the labels.
type Labels struct {
	Suspects int     // without those that were reviewed and kept
	Wrong    float64 // how many of them are expected to be wrong: the sum of their scores
	Reviewed int
}

// MetricChange is a metric of a source of scores before and now, nil where it has no
// value.
type MetricChange struct {
	Scores string   `json:"scores" parquet:"scores"` // empty for counts, which are the same under all scores
	Metric string   `json:"metric" parquet:"metric"`
	Old    *float64 `json:"old" parquet:"old"`
	New    *float64 `json:"new" parquet:"new"`
}

// leastChange is the relative change from which on a metric is another one: 0.01 %.
const leastChange = 1e-4

// Changed reports whether the metric is another one.
func (m *MetricChange) Changed() bool {
	if m.Old == nil || m.New == nil {
		return (m.Old == nil) != (m.New == nil)
	}
	return *m.Old != *m.New && math.Abs(*m.New-*m.Old) >= leastChange*math.Abs(*m.Old)
}

// countMetrics are the metrics that no scores change.
var countMetrics = []string{
	"images", "annotations", "objects", "anchors", "positives", "negatives", "ignored", "negatives_per_positive",
	"objects_without_positive", "objects_rescued", "images_without_positive",
}

// vagueMetrics are estimates without an interval: how many labels have such an error nobody can count, so that
// a change of them tells nothing.
var vagueMetrics = []string{"estimated_wrong.missing", "estimated_wrong.spurious", "estimated_wrong.duplicate"}

// Diff compares two reports: the metrics that both have and whose settings agree, and the
// findings, as Compare does.
func Diff(before, now *Subject) Difference {
	d := Difference{
		Presets: [2]string{before.Preset, now.Preset},
		OldSize: [2]int{before.Images, before.Annotations}, NewSize: [2]int{now.Images, now.Annotations},
		Settings: before.Setting.others(&now.Setting, before.Preset, now.Preset),
		Coverage: [2]Coverage{before.Coverage, now.Coverage},
		Labels:   [2]*Labels{before.labels(), now.labels()},
		Refused:  [2][]Refusal{before.Refused, now.Refused},
	}
	d.OtherPreset = before.Setting.Preset != now.Setting.Preset
	d.Emptied = emptied(before, now)
	d.metrics(before, now)
	d.parting = partingOf(now, before)
	d.judged(before, now)
	of := [2][]Finding{before.Findings, now.Findings}
	for i := range of {
		of[i], d.Apart[i] = d.comparable(of[i])
	}
	gone, moved := Compare(of[1], of[0], d.parting.pairs)
	d.Moved = moved
	for _, i := range gone {
		if d.parting.unread[of[0][i].Source] {
			d.Unread = append(d.Unread, of[0][i])
		} else {
			d.Gone = append(d.Gone, of[0][i])
		}
	}
	for i := range before.Sources {
		if was := &before.Sources[i]; d.parting.unread[was.Name] {
			d.UnreadCount += was.Annotations
		}
	}
	for _, f := range of[1] {
		if f.New {
			d.New = append(d.New, f)
		} else {
			d.Kept = append(d.Kept, f)
		}
	}
	return d
}

// emptied returns the classes that lost all of their annotations in a file that is there before and now, in the order
// of their names; nil where a report does not say.
func emptied(before, now *Subject) (out []Emptied) {
	if before.SourceClasses == nil || now.SourceClasses == nil {
		return nil
	}
	before = now.under(before)
	has := byName(now.SourceClasses, nameOfSourceClass)
	here := byName(now.Sources, nameOfSource)
	at := map[string]int{}
	for _, c := range before.SourceClasses {
		if here[c.Source] == nil || has[nameOfSourceClass(&c)] != nil {
			continue
		}
		k, known := at[c.Class]
		if !known {
			k = len(out)
			at[c.Class] = k
			out = append(out, Emptied{Class: c.Class})
		}
		out[k].Sources = append(out[k].Sources, c.Source)
		out[k].Annotations += c.Annotations
	}
	slices.SortFunc(out, func(a, b Emptied) int { return strings.Compare(a.Class, b.Class) })
	return out
}

// judged notes the suspects of the old report, what people had kept before the new one, and what all labels cost
// under the detector's scores if the two reports differ in labels alone.
func (d *Difference) judged(before, now *Subject) {
	if d.Labels[0] == nil || d.Labels[1] == nil {
		return
	}
	d.kept = findings.NewKept(now.Kept)
	for i := range now.Findings { // a report of an earlier version has them there alone
		if f := &now.Findings[i]; f.Reviewed && len(now.Kept) == 0 {
			d.kept[f.Fingerprint] = true
		}
	}
	for i := range before.Findings {
		if f := &before.Findings[i]; f.suspect() && !f.Reviewed && !d.parting.unread[f.Source] {
			d.suspects = append(d.suspects, *f)
		}
	}
	of := now.auditor()
	if d.Settings == nil && d.OldSize[0] == d.NewSize[0] && before.auditor() == of && now.Results[of] != "" &&
		before.Results[of] == now.Results[of] {
		d.Losses = [2]*Losses{before.Losses, now.Losses}
	}
}

// auditor returns the name of the scores whose detector was asked about the labels, "" if none was.
func (s *Subject) auditor() string {
	for _, name := range s.Scores {
		if s.Metrics[name].SuspectShare.BCE != nil {
			return name
		}
	}
	return ""
}

// comparable returns the findings that the other report could have too, and how many others there
// are: those about what a trainer makes of the data if the presets differ, and those of a detector if
// one report has none.
func (d *Difference) comparable(all []Finding) (rest []Finding, apart int) {
	oneDetector := (d.Labels[0] == nil) != (d.Labels[1] == nil)
	for i := range all {
		e, _ := findings.Lookup(all[i].Code)
		ofDetector := e.Family == findings.Label || strings.HasPrefix(e.Code, "detection")
		if d.OtherPreset && e.Family == findings.Trainer || oneDetector && ofDetector {
			apart++
		} else {
			rest = append(rest, all[i])
		}
	}
	return rest, apart
}

// others says in words which settings are others now.
func (s *Setting) others(now *Setting, preset, presetNow string) []string {
	var out []string
	differ := func(what string, a, b any) {
		if a != b {
			out = append(out, fmt.Sprintf("%s %v → %v", what, a, b))
		}
	}
	switch {
	case preset != presetNow:
		differ("preset", preset, presetNow)
	case s.Preset != now.Preset:
		out = append(out, "other parameters of the preset "+preset)
	}
	differ("objective", s.Objective, now.Objective)
	differ("K", s.K, now.K)
	differ("α", alphaOf(s), alphaOf(now))
	differ("γ", s.Gamma, now.Gamma)
	if !s.sameEasy(now) {
		differ("easy from", s.EasyFrom, now.EasyFrom)
	}
	differ("skip empty images", s.SkipEmpty, now.SkipEmpty)
	for _, name := range slices.Sorted(maps.Keys(now.Scores)) {
		out = append(out, s.otherScores(name, now)...)
	}
	return out
}

// sameEasy reports whether terms are easy from the same p_t on, as far as both reports say.
func (s *Setting) sameEasy(now *Setting) bool {
	return s.EasyFrom == 0 || now.EasyFrom == 0 || s.EasyFrom == now.EasyFrom
}

// otherScores says in words what is other now of a source of scores that both reports have.
func (s *Setting) otherScores(name string, now *Setting) []string {
	a, there := s.Scores[name]
	b, here := now.Scores[name]
	switch {
	case !there || !here || a == b:
		return nil
	case a.Kind != b.Kind:
		return []string{fmt.Sprintf("scores %s %s → %s", name, cmp.Or(a.Kind, "constant"), cmp.Or(b.Kind, "constant"))}
	case a.Kind == "detections":
		return []string{fmt.Sprintf("floor of %s %v → %v", name, a.Positive, b.Positive)}
	case a.Positive == a.Negative && b.Positive == b.Negative:
		return []string{fmt.Sprintf("%s %v → %v", name, a.Positive, b.Positive)}
	}
	return []string{fmt.Sprintf("%s %v, %v → %v, %v", name, a.Positive, a.Negative, b.Positive, b.Negative)}
}

// alphaOf returns α, -1 for none.
func alphaOf(s *Setting) float64 {
	if s.Alpha == nil {
		return -1
	}
	return *s.Alpha
}

// ofEmpty are the counts that images without objects are part of.
var ofEmpty = []string{"images", "anchors", "negatives", "ignored", "negatives_per_positive"}

// comparable reports whether a metric of a source of scores means the same under two settings.
func (s *Setting) comparable(scores, metric string, now *Setting) bool {
	if slices.Contains(countMetrics, metric) {
		return s.SkipEmpty == now.SkipEmpty || !slices.Contains(ofEmpty, metric)
	}
	sameTerms := s.Objective == now.Objective && s.K == now.K && s.SkipEmpty == now.SkipEmpty &&
		s.otherScores(scores, now) == nil
	sameAlpha := alphaOf(s) == alphaOf(now)
	if strings.HasPrefix(metric, "easy_negative") && !s.sameEasy(now) {
		return false
	}
	switch {
	case strings.HasSuffix(metric, ".bce"), metric == "easy_negative_fraction",
		strings.HasPrefix(metric, "estimated_wrong"):
		return sameTerms
	case strings.HasSuffix(metric, ".alpha_bce"), metric == "gamma_balance":
		return sameTerms && sameAlpha
	}
	return sameTerms && sameAlpha && s.Gamma == now.Gamma
}

// asked returns the settings, in words, that the user asked for otherwise now and that a metric of a source of scores
// depends on. The preset and the number of classes are not among them: a class more in the data may be why.
func (s *Setting) asked(scores, metric string, now *Setting) []string {
	asked := *now
	asked.Preset, asked.K = s.Preset, s.K
	asked.Scores = map[string]ScoreSetting{}
	if of, ok := now.Scores[scores]; ok {
		asked.Scores[scores] = of
	}
	if s.comparable(scores, metric, &asked) {
		return nil
	}
	return s.others(&asked, "", "")
}

// metrics compares the metrics of the sources of scores that both reports have.
func (d *Difference) metrics(before, now *Subject) {
	var both []string
	for _, s := range now.Scores {
		if _, ok := before.Metrics[s]; ok {
			both = append(both, s)
		} else {
			d.Only[1] = append(d.Only[1], s)
		}
	}
	for _, s := range before.Scores {
		if !slices.Contains(now.Scores, s) {
			d.Only[0] = append(d.Only[0], s)
		}
	}
	add := func(scores, metric string, a, b analysis.Metrics) {
		m := MetricChange{Scores: scores, Metric: metric, Old: metricOf(a, metric), New: metricOf(b, metric)}
		if (m.Old != nil || m.New != nil) && before.Setting.comparable(scores, metric, &now.Setting) {
			d.Metrics = append(d.Metrics, m)
		}
	}
	for _, metric := range countMetrics {
		add("", metric, before.Metrics[before.Scores[0]], now.Metrics[now.Scores[0]])
	}
	for _, s := range both {
		for _, metric := range MetricNames() {
			if !slices.Contains(countMetrics, metric) && !slices.Contains(vagueMetrics, metric) {
				add(s, metric, before.Metrics[s], now.Metrics[s])
			}
		}
	}
}

// labels returns what the detector says of the labels, nil if none was asked.
func (s *Subject) labels() *Labels {
	if s.auditor() == "" {
		return nil
	}
	l := &Labels{}
	for i := range s.Findings {
		switch f := &s.Findings[i]; {
		case math.IsNaN(f.Score):
		case f.Reviewed:
			l.Reviewed++
		default:
			l.Suspects++
			l.Wrong += f.Score
		}
	}
	return l
}

// metricOf returns a metric, nil if it is no number or has no value.
func metricOf(m analysis.Metrics, name string) *float64 {
	v, err := valueOf(m, name)
	if err != nil {
		return nil
	}
	return v
}
