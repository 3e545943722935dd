package analysis

// Review marks the findings that a person looked at and kept.
func (r *Result) Review() { r.review() }

// Remedy exports the change that is tried against a cause of weak anchors.
var Remedy = remedy
