package convention

// Foreign reports whether detections can't be taken as they stand: they do not overlap
// the objects, or their category ids are ranks.
func (v *Verdict) Foreign() bool { return v.Disagree || v.Classes.ByRank() >= 0 }
