package findings

import "focalaudit/pkg/geom"

// Kept are the fingerprints of findings that a person looked at and kept.
type Kept map[string]bool

// NewKept returns the fingerprints as a set.
func NewKept(prints []string) Kept {
	k := make(Kept, len(prints))
	for _, print := range prints {
		k[print] = true
	}
	return k
}

// By returns the fingerprints by which a finding counts as kept: its own, and of a suspected annotation those of the
// same annotation under every other kind of label error. Who kept an annotation has looked at it, whatever was
// suspected then. An object that may be missing has no annotation, and so only its own.
func (k Kept) By(print, code, file, class string, box geom.Rect, hasBox bool) (by []string) {
	if len(k) == 0 {
		return nil
	}
	if k[print] {
		by = append(by, print)
	}
	if byCode[code].Family != Label || code == missing {
		return by
	}
	for _, kind := range ofAnnotations {
		if kind == code {
			continue
		}
		if other := Fingerprint(kind, file, class, box, hasBox); k[other] {
			by = append(by, other)
		}
	}
	return by
}

// missing is the code of a label error that is about no annotation.
const missing = "missing"

// ofAnnotations are the codes of label errors that are about an annotation.
var ofAnnotations = func() (codes []string) {
	for _, e := range catalogue {
		if e.Family == Label && e.Code != missing {
			codes = append(codes, e.Code)
		}
	}
	return codes
}()
