package analysis

// Review marks the findings that a person looked at and kept.
func (r *Result) Review() { r.review() }
