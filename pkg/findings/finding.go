// Package findings is the catalogue of what can be wrong with a data set, and the form in which a
// run reports it.
//
//  1. An Entry describes one code: what it means, an example, what to do, how severe it is. The
//     catalogue lists the entries by family, one file each (catalogue_data.go, …); Lookup finds one.
//  2. A Finding is one case: its code, place, message, evidence and cost.
//  3. Rank orders findings, and Fingerprint names one in a way that survives a new export.
//
// Reasons for which objects are left out, or have no anchor, stand in reasons.go.
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

// Finding is something wrong, or worth knowing, about one record, or about several that have it
// in common, with the evidence for it. Indices are those of the data set; -1 means none.
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

	// Cases counts the records that it is about where they are several, else it is 0.
	Cases int64

	// Positives counts the positive anchors of these, if they are objects.
	Positives int64

	// Key is the key of records that it is about, or the reason, where the code stands for several: a
	// part of the fingerprint.
	Key string

	// Level is the finding's severity where it is not that of its code, else 0. Its
	// code's entry must allow it (Entry.Else).
	Level Severity

	Evidence *Evidence // of the family label, else nil

	Reviewed bool // a person looked at it, and kept the record as it is
}

// Suspected reports whether the finding is a label that a detector contradicts, and that nobody
// looked at yet.
func (f *Finding) Suspected() bool { return f.Evidence != nil && !f.Reviewed }

// Evidence is what a detector says against a label. What is not known is NaN.
type Evidence struct {
	Score             float64 // the chance that the label is wrong, comparable among the codes of the family
	LikelihoodRatio   float64 // of this score, of wrong labels to right ones, as calibrated
	ExpectedPrecision float64 // of findings with this score, at the prevalence asked for
	BCE, Focal        float64 // loss of the object's own terms, or of the negative anchors that believe in a missing one
	Detection         Detection

	// Of a class that may be wrong: loss of the object's anchors by the output of the detection's class; NaN for others.
	OtherClassBCE, OtherClassFocal float64
}

// Detection is what the detector finds; class -1 if it finds nothing, or names no class.
type Detection struct {
	Score float64
	Class int32
	Box   geom.Rect
}

// NoDetection returns what stands for none.
func NoDetection() Detection { return Detection{Score: math.NaN(), Class: -1} }

// New returns a finding of the whole run, with no place and no evidence. The zero
// value would name the first source, image, object and class instead.
func New(code string) Finding {
	return Finding{Code: code, Source: -1, Image: -1, Object: -1, Other: -1, Class: -1, Offset: -1, IoU: math.NaN()}
}

// Severity returns the severity of the finding: its own, else that of its code.
func (f *Finding) Severity() Severity { return cmp.Or(f.Level, byCode[f.Code].Severity) }

// Rank returns findings in the order in which a person should look: errors first,
// then what a detector says against labels, all codes in one list by score, then
// by code, the most striking first, then by place.
func Rank(fs []Finding) []Finding {
	byGroup := make([][]int32, len(groups))
	for i := range fs {
		g, known := groupOf[kind{fs[i].Code, fs[i].Severity()}]
		if !known {
			panic("findings: the catalogue lacks the code " + fs[i].Code + ", or its severity " + fs[i].Severity().String())
		}
		byGroup[g] = append(byGroup[g], int32(i))
	}
	ranked := make([]Finding, 0, len(fs))
	for _, of := range byGroup {
		slices.SortFunc(of, func(i, j int32) int { return before(&fs[i], &fs[j], i, j) })
		for _, i := range of {
			ranked = append(ranked, fs[i])
		}
	}
	return ranked
}

// before compares findings of one code: the larger, else the earlier one. Most
// are told apart by the first comparison.
func before(a, b *Finding, i, j int32) int {
	if c := cmp.Compare(b.Size, a.Size); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.Offset, b.Offset),
		cmp.Compare(a.Message, b.Message), cmp.Compare(i, j),
	)
}

// BySource returns the numbers below n, those of one source behind each other: whoever looks up what many findings
// are about, in this order, has each source's records read once.
func BySource(n int, source func(i int) int32) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(source(a), source(b)) })
	return order
}

// kind is a code with one of the severities that its findings may have.
type kind struct {
	code     string
	severity Severity
}

// groups are the kinds that are ranked together, in the order of ranks: by
// severity, those of the family label first and as one, then each code by itself.
var groups = group(catalogue)

// groupOf is the group of each kind.
var groupOf = func() map[kind]int {
	of := map[kind]int{}
	for i, kinds := range groups {
		for _, k := range kinds {
			of[k] = i
		}
	}
	return of
}()

// rest is 0 for the family label, 1 for the others.
func rest(k kind) int {
	if byCode[k.code].Family == Label {
		return 0
	}
	return 1
}

func group(es []Entry) (groups [][]kind) {
	var kinds []kind
	for _, e := range es {
		for _, s := range e.Severities() {
			kinds = append(kinds, kind{e.Code, s})
		}
	}
	slices.SortFunc(kinds, func(a, b kind) int {
		return cmp.Or(cmp.Compare(a.severity, b.severity), cmp.Compare(rest(a), rest(b)), cmp.Compare(a.code, b.code))
	})
	for i, k := range kinds {
		if i > 0 && rest(k) == 0 && rest(kinds[i-1]) == 0 && k.severity == kinds[i-1].severity {
			groups[len(groups)-1] = append(groups[len(groups)-1], k)
		} else {
			groups = append(groups, []kind{k})
		}
	}
	return groups
}

// Name returns what the finding's fingerprint begins with: its code, and its key.
func (f *Finding) Name() string {
	if f.Key == "" {
		return f.Code
	}
	return f.Code + " " + f.Key
}

// Fingerprint identifies a finding across exports of one data set: it does not
// change when records are reordered or renumbered, or when a box moves by less
// than a pixel's rounding. Findings about equal records share it.
func Fingerprint(name, file, class string, box geom.Rect, hasBox bool) string {
	b := make([]byte, 0, 128)
	for _, s := range []string{name, file, class} {
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
