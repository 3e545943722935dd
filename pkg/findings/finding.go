package findings

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strconv"

	"focalaudit/pkg/geom"
)

// Finding is something wrong, or worth knowing, about one record, with the
// evidence for it. Indices are those of the data set; -1 means none.
type Finding struct {
	Code    string
	Message string
	Source  int32
	Image   int32 // in the source
	Object  int32 // in the source
	Other   int32 // another object of the source that takes part
	Class   int32
	Line    int32     // of the record, from 1; 0 if there is none
	Offset  int64     // of the record's first byte in the decompressed file; -1 if there is none
	Box     geom.Rect // px of the annotated image
	HasBox  bool
	IoU     float64 // between the box and the other one, NaN if there is no other
	Size    float64 // how far from the usual, for the order among findings of one code
}

// Severity returns the severity of the finding's code.
func (f *Finding) Severity() Severity { return byCode[f.Code].Severity }

// Rank returns findings in the order in which a person should look: errors
// first, then by code, the most striking first, then by place.
func Rank(fs []Finding) []Finding {
	byCode := map[string][]int32{}
	for i := range fs {
		byCode[fs[i].Code] = append(byCode[fs[i].Code], int32(i))
	}
	ranked := make([]Finding, 0, len(fs))
	for _, e := range bySeverity {
		of := byCode[e.Code]
		slices.SortFunc(of, func(i, j int32) int { return before(&fs[i], &fs[j], i, j) })
		for _, i := range of {
			ranked = append(ranked, fs[i])
		}
	}
	if len(ranked) != len(fs) {
		panic("findings: a code is missing from the catalogue")
	}
	return ranked
}

// before compares findings of one code: the larger, else the earlier one. Most
// are told apart by the first comparison.
func before(a, b *Finding, i, j int32) int {
	if c := cmp.Compare(b.Size, a.Size); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Message, b.Message), cmp.Compare(i, j))
}

// bySeverity is the catalogue by severity and code.
var bySeverity = slices.SortedFunc(slices.Values(catalogue), func(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Code, b.Code))
})

// Fingerprint identifies a finding across exports of one data set: it does not
// change when records are reordered or renumbered, or when a box moves by less
// than a pixel's rounding. Findings about equal records share it.
func Fingerprint(code, file, class string, box geom.Rect, hasBox bool) string {
	b := make([]byte, 0, 128)
	for _, s := range []string{code, file, class} {
		b = strconv.AppendQuote(b, s)
	}
	if hasBox {
		for _, x := range []float64{box.X, box.Y, box.W, box.H} {
			b = strconv.AppendFloat(append(b, ' '), math.Round(x)+0, 'f', 0, 64)
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}
