package gate

import "focalaudit/pkg/analysis"

// Difference is what changed between two reports.
type Difference struct {
	Metrics          []MetricChange
	New, Gone, Kept  []Finding // by rank; what is gone is of the old report
	Moved            *Moved    // how the images' names have changed, nil if they have not
	OldSize, NewSize [2]int    // images and annotations read
	Presets          [2]string // of the old report and the new one
}

// MetricChange is a metric of a source of scores before and now, nil where it has no
// value.
type MetricChange struct {
	Scores string   `json:"scores" parquet:"scores"`
	Metric string   `json:"metric" parquet:"metric"`
	Old    *float64 `json:"old" parquet:"old"`
	New    *float64 `json:"new" parquet:"new"`
}

// Changed reports whether the metric is another one.
func (m *MetricChange) Changed() bool {
	return (m.Old == nil) != (m.New == nil) || m.Old != nil && *m.Old != *m.New
}

// Diff compares two reports: the metrics of the sources of scores that either has,
// and the findings, as Compare does.
func Diff(before, now *Subject) Difference {
	d := Difference{
		Presets: [2]string{before.Preset, now.Preset},
		OldSize: [2]int{before.Images, before.Annotations}, NewSize: [2]int{now.Images, now.Annotations},
	}
	scores := append([]string(nil), now.Scores...)
	for _, s := range before.Scores {
		if _, both := now.Metrics[s]; !both {
			scores = append(scores, s)
		}
	}
	for _, s := range scores {
		a, hadOld := before.Metrics[s]
		b, hasNew := now.Metrics[s]
		for _, name := range MetricNames() {
			m := MetricChange{Scores: s, Metric: name}
			m.Old, m.New = metricOf(a, name, hadOld), metricOf(b, name, hasNew)
			if m.Old != nil || m.New != nil {
				d.Metrics = append(d.Metrics, m)
			}
		}
	}
	gone, moved := Compare(now.Findings, before.Findings)
	d.Moved = moved
	for _, i := range gone {
		d.Gone = append(d.Gone, before.Findings[i])
	}
	for _, f := range now.Findings {
		if f.New {
			d.New = append(d.New, f)
		} else {
			d.Kept = append(d.Kept, f)
		}
	}
	return d
}

// metricOf returns a metric, nil if it is no number or has no value.
func metricOf(m analysis.Metrics, name string, there bool) *float64 {
	if !there {
		return nil
	}
	v, err := valueOf(m, name)
	if err != nil {
		return nil
	}
	return v
}
