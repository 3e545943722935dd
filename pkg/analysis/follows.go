package analysis

import (
	"slices"

	"focalaudit/pkg/findings"
)

// takeBoxes are the codes of findings that take the numbers of boxes at their word: where these have another
// convention, such findings come from that, and go with it. It is true for those that also come from image sizes that
// are not the pictures'.
var takeBoxes = map[string]bool{
	"box-outside": true, "box-partly-outside": true, "box-tiny": true, "object-without-positive": true,
	"object-rescued-only": true, "image-without-positive": true, "crowd-as-background": true, "beyond-the-cap": true,
	"zero-overlap-hazard": true,

	"box-empty": false, "box-negative": false, "aspect-extreme": false, "size-outlier": false, "aspect-outlier": false,
	"near-duplicate": false, "class-conflict": false, "object-count-outlier": false, "trainer-drops": false,
	"area-impossible": false,
}

// misread returns the code that says of which sources the boxes mean something else, and these sources, by their
// number; "" if there are none. A box here and there that is written as corners says nothing of the others, nor do
// warnings on boxes, which leave them about where they are.
func (r *Result) misread() (code string, sources []bool) {
	for i := range r.Findings {
		f := &r.Findings[i]
		sizes := f.Code == "image-size-convention"
		boxes := f.Code == "box-convention" && f.Severity() == findings.Error && f.Key != "corners" ||
			f.Code == "columns-shifted" && f.Key != ""
		if f.Source < 0 || f.Reviewed || !sizes && !boxes || code != "" && f.Code != code {
			continue
		}
		if code == "" {
			code, sources = f.Code, make([]bool, len(r.Data.Sources))
		}
		sources[f.Source] = true
	}
	return code, sources
}

// follow puts kinds behind the others whose findings all come from boxes that mean something else, and names the code
// that tells of those.
func (r *Result) follow(kinds []Kind) []Kind {
	kinds = r.followParents(kinds)
	code, misread := r.misread()
	if code == "" {
		return kinds
	}
	type key struct {
		code     string
		severity findings.Severity
	}
	own, all := map[key]bool{}, !slices.Contains(misread, false)
	for i := range r.Findings {
		f := &r.Findings[i]
		sizes, takes := takeBoxes[f.Code]
		takes = takes && (sizes || code != "image-size-convention")
		if !takes || f.Source >= 0 && !misread[f.Source] || f.Source < 0 && !all {
			own[key{f.Code, f.Severity()}] = true
		}
	}
	var front, behind []Kind
	for _, k := range kinds {
		if own[key{k.Code, k.Severity}] {
			front = append(front, k)
		} else {
			k.Follows = code
			behind = append(behind, k)
		}
	}
	return append(front, behind...)
}

// Takes says what the findings of a kind that follows from another one take as it stands.
func (k *Kind) Takes() string {
	if k.Follows == "objects-doubled" {
		return "records"
	}
	return "boxes"
}

// followParents puts class-conflict behind the other kinds, if all of its findings are of sources whose objects stand a
// second time as their parent class.
func (r *Result) followParents(kinds []Kind) []Kind {
	doubled := make([]bool, len(r.Data.Sources))
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Code == "objects-doubled" && f.Key == "parents" && f.Source >= 0 && !f.Reviewed {
			doubled[f.Source] = true
		}
	}
	at := slices.IndexFunc(kinds, func(k Kind) bool { return k.Code == "class-conflict" })
	if at < 0 || !slices.Contains(doubled, true) {
		return kinds
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Code == "class-conflict" && (f.Source < 0 || !doubled[f.Source]) {
			return kinds
		}
	}
	k := kinds[at]
	k.Follows = "objects-doubled"
	return append(slices.Delete(slices.Clone(kinds), at, at+1), k)
}
