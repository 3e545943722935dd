package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// findNothing tells where nothing can be trained: of the run, else of a source, and of a
// class that has annotations.
func (r *Result) findNothing() {
	if r.Total.Objects == 0 {
		f := findings.New("no-objects")
		f.Message = fmt.Sprintf("no object can be trained: %s in %s, none in use%s",
			text.Plural(int(r.annotations()), "annotation"),
			text.Plural(r.images(), "image"), r.mostLeftOut(-1, -1))
		r.Findings = append(r.Findings, f)
		return
	}
	for s := range r.Data.Sources {
		images, objects := r.Data.Count(s)
		if r.Sources[s].Objects > 0 || objects+images == 0 {
			continue
		}
		f := findings.New("no-objects")
		f.Source, f.Cases = int32(s), int64(objects)
		f.Message = fmt.Sprintf("%s: no object can be trained: %s in %s, none in use%s", r.Data.Sources[s].Name,
			text.Plural(objects, "annotation"), text.Plural(images, "image"), r.mostLeftOut(s, -1))
		r.Findings = append(r.Findings, f)
	}
	for i := range r.Classes {
		c := &r.Classes[i]
		if c.Objects > 0 || c.Annotations == 0 || !r.Data.Classes[i].Known {
			continue
		}
		f := findings.New("no-objects")
		f.Class, f.Cases = int32(i), c.Annotations
		f.Message = fmt.Sprintf("class %q: no object can be trained: %s, none in use%s", r.Data.Classes[i].Name,
			text.Plural(int(c.Annotations), "annotation"), r.mostLeftOut(-1, int32(i)))
		r.Findings = append(r.Findings, f)
	}
}

// images and annotations count the records of all sources.
func (r *Result) images() (n int) {
	for s := range r.Data.Sources {
		images, _ := r.Data.Count(s)
		n += images
	}
	return n
}

func (r *Result) annotations() (n int64) {
	for s := range r.Data.Sources {
		_, objects := r.Data.Count(s)
		n += int64(objects)
	}
	return n
}

// mostLeftOut says for which reason most annotations are left out, of a source and a
// class, -1 for all.
func (r *Result) mostLeftOut(source int, class int32) string {
	counts := map[string]int64{}
	for s := range r.Digests {
		if source < 0 || s == source {
			addTo(counts, r.Digests[s].ByReason(class, class < 0))
		}
	}
	most := ""
	for why, n := range counts {
		if why != "" && (n > counts[most] || n == counts[most] && why < most || most == "") {
			most = why
		}
	}
	if most == "" {
		return ""
	}
	return fmt.Sprintf("; reason %s: %s", most, text.Plural(int(counts[most]), "annotation"))
}

// manyCrowdsShare is the share of crowds in a source's annotations above which they seem a
// mistake: a fifth. In COCO train2017 they are 1.2 %; a CVAT export of masks has all.
const manyCrowdsShare = 0.2

// manyCrowds tells of a source whose annotations are mostly crowds.
func (r *Result) manyCrowds(s int) (f findings.Finding, ok bool) {
	src := r.Data.Source(s)
	n, first := 0, -1
	for k := range src.Objects {
		if src.Objects[k].Flags&dataset.Crowd != 0 {
			if n++; first < 0 {
				first = k
			}
		}
	}
	if float64(n) <= manyCrowdsShare*float64(len(src.Objects)) {
		return f, false
	}
	f = findings.New("mostly-crowd")
	o := &src.Objects[first]
	f.Source, f.Cases, f.Offset, f.Line = int32(s), int64(n), o.Offset, o.Line
	f.Size = float64(n) / float64(len(src.Objects))
	what, of := "1", fmt.Sprintf("%d of %s", n, text.Plural(len(src.Objects), "annotation"))
	if odd := src.Traits[dataset.OddCrowd]; odd.N > 0 {
		what = "set"
		of += fmt.Sprintf(" (neither 0 nor 1 in %d: %s in %s)", odd.N, odd.Text,
			dataset.Label("annotation", src.Objects[odd.First].ID))
	}
	f.Message = fmt.Sprintf("%s: iscrowd is %s in %s, which no trainer trains; the first is %s", src.Name, what, of,
		dataset.Label("annotation", o.ID))
	return f, true
}

// findUnused tells of declared classes without annotations: each is an output of the
// model all the same.
func (r *Result) findUnused() {
	var names []string
	used, annotations := -1, 0
	for i := range r.Classes {
		if n := int(r.Classes[i].Annotations); n > 0 {
			if used = i; annotations > 0 {
				used = -1
			}
			annotations += n
		}
		if r.Data.Classes[i].Known && r.Classes[i].Annotations == 0 {
			name := ""
			if len(names) < maxListed { // looking for it takes as long as there are categories
				name = r.unusedName(int32(i))
			}
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return
	}
	f := findings.New("class-unused")
	f.Size, f.Cases = float64(len(names)), int64(len(names))
	f.Message = fmt.Sprintf("no annotation has %d of %s, each an output of the model all the same: %s",
		len(names), text.Plural(len(r.Classes), "class"), listed(names))
	if used >= 0 && annotations >= manyOfOne && len(names) > 1 {
		f.Message += fmt.Sprintf(". All %s are %q%s: ", text.Plural(annotations, "annotation"), r.Data.Classes[used].Name,
			r.firstOfList(int32(used)))
		if len(names) >= manyUnused {
			f.Level = findings.Warning
			f.Message += "a default seems to stand where each one's category belongs, unless the other classes were left out " +
				"on purpose"
		} else {
			f.Message += "unless the other classes were left out on purpose, a default stands where each one's category belongs"
		}
	}
	r.Findings = append(r.Findings, f)
}

// So many annotations of one class, beside so many classes without any, look like a default. Of the real files one has
// a single class in use beside others, five of them, by right: that is an info.
const (
	manyOfOne  = 200
	manyUnused = 10
)

// firstOfList says that a class is the first of a source's categories, to which a lookup that fails often leads.
func (r *Result) firstOfList(class int32) string {
	for s := range r.Data.Sources {
		if all := r.Data.Sources[s].Categories; len(all) > 0 && all[0].Class == class {
			return ", the first class of the list"
		}
	}
	return ""
}

// unusedName quotes a class's name, and says what kind of class it seems to be.
func (r *Result) unusedName(class int32) string {
	name := strconv.Quote(r.Data.Classes[class].Name)
	if isBackground(&r.Data.Classes[class]) {
		return name + " (the background, which no trainer wants as a class)"
	}
	if id, ok := r.idOf(class); ok && id == 0 && r.isParent(r.Data.Classes[class].Name) {
		return name + " (id 0: the root of an export's class tree, as Roboflow writes it)"
	}
	return name
}

// isParent tells whether another category has a name as its supercategory.
func (r *Result) isParent(name string) bool {
	for s := range r.Data.Sources {
		if r.Data.Sources[s].Parents[name] {
			return true
		}
	}
	return false
}

// idOf returns the category id of a class in the first source that has one.
func (r *Result) idOf(class int32) (int64, bool) {
	for s := range r.Data.Sources {
		for _, c := range r.Data.Sources[s].Categories {
			if c.Class == class {
				return c.ID.Int()
			}
		}
	}
	return 0, false
}

// maxListed is how many names a message lists.
const maxListed = 5

// listed joins names, and says how many more there are.
func listed(names []string) string {
	if len(names) <= maxListed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), len(names)-maxListed)
}

// Outputs says why the model has another number of outputs than there are classes; "" if
// it has not, or if the run was told how many.
func (r *Result) Outputs() string {
	o := r.Trainer.Outputs(r.Data)
	if r.Config.Classes != 0 || o.K != r.Setting.K {
		return ""
	}
	return o.String()
}

// findNumbering tells how the trainer numbers classes where that is a surprise.
func (r *Result) findNumbering() {
	if o := r.Trainer.Outputs(r.Data); r.Outputs() != "" && o.Unused() > 0 {
		f := findings.New("class-outputs")
		f.Size, f.Cases = float64(o.Unused()), int64(o.Unused())
		f.Message = fmt.Sprintf("outputs of the model: %s; no class has %d of them", o, o.Unused())
		r.Findings = append(r.Findings, f)
	}
	words, lost := r.Trainer.ZeroID()
	if words == "" {
		return
	}
	for s := range r.Data.Sources {
		for _, c := range r.Data.Sources[s].Categories {
			n, whole := c.ID.Int()
			if !whole || n > 0 || r.Classes[c.Class].Annotations == 0 || isBackground(&r.Data.Classes[c.Class]) {
				continue
			}
			f := findings.New("category-id-zero")
			f.Source, f.Class, f.Size = int32(s), c.Class, float64(r.Classes[c.Class].Objects)
			if lost {
				f.Level = findings.Error
			}
			name, objects := r.Data.Classes[c.Class].Name, text.Plural(int(r.Classes[c.Class].Objects), "object")
			f.Message = fmt.Sprintf("%s: class %q has category id 0, which is %s (%s)", r.Data.Sources[s].Name, name,
				words, objects)
			if n < 0 {
				f.Level = findings.Error
				f.Message = fmt.Sprintf("%s: class %q has category id %d, and ids below 0 are no classes to this trainer: it "+
					"stops, leaves the images out, or trains the objects as something else (%s). Number the categories from 1",
					r.Data.Sources[s].Name, name, n, objects)
			}
			r.Findings = append(r.Findings, f)
		}
	}
}
