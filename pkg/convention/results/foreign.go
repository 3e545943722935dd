package results

// Foreign reports whether nothing can be concluded from the detections: they do not belong
// to the annotations, or their scores do not tell which are surer.
func (v *Verdict) Foreign() bool {
	return v.Disagrees() || v.Beside.Found() || v.Order.Unranked() ||
		!v.Order.One && (v.Traces.Shuffled() || v.Unranked.Found())
}

// Disagrees reports whether the detections do not belong to the annotations as they stand.
func (v *Verdict) Disagrees() bool {
	return v.Disagree || v.Classes.ByRank() >= 0 || v.Swap.wrong || v.Rows.By != 0 || v.shifted() || v.Copies.All()
}

// shifted reports whether a column of the results stands one record off.
func (v *Verdict) shifted() bool {
	column, _ := v.Shifts.found()
	return column != "" && v.Rows.By == 0
}
