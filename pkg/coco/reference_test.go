package coco

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// summary is what two ways of reading agree on.
type summary struct {
	images  []imageSummary
	objects []objectSummary
	bad     [2]int
	unsure  bool // a record has several keys that are spelt like iscrowd: which one is last, a map can't tell
}

type imageSummary struct {
	id, file string
	size     geom.Size
}

type objectSummary struct {
	id, image, class string
	box              geom.Rect
	flags            dataset.Flags
}

// summarize returns what the reader says of its first source.
func summarize(d *dataset.Dataset) summary {
	src := &d.Sources[0]
	s := summary{bad: [2]int{src.BadImages, src.BadAnnotations}}
	for _, im := range src.Images {
		s.images = append(s.images, imageSummary{idSummary(im.ID), repaired(im.File), im.Size})
	}
	order := make([]int, len(src.Objects))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(src.Objects[a].Offset - src.Objects[b].Offset) })
	for _, i := range order {
		o := &src.Objects[i]
		class := ""
		if o.Class >= 0 {
			class = repaired(d.Classes[o.Class].Name)
		}
		s.objects = append(s.objects, objectSummary{idSummary(o.ID), idSummary(src.ImageID(i)), class, o.Box, o.Flags &^ derived})
	}
	return s
}

// derived are the flags that compare fields with each other; TestArea and TestOnlyCorners are about them.
const derived = dataset.AreaAsBox | dataset.AreaAsCorners | dataset.AreaAboveBox | dataset.AreaZeroOutline |
	dataset.OnlyCorners

func idSummary(d dataset.ID) string {
	n, whole := d.Int()
	return fmt.Sprint(d.Kind(), " ", repaired(d.String()), " ", n, " ", whole)
}

// repaired replaces what is not UTF-8 as encoding/json does.
func repaired(s string) string { return string([]rune(s)) }

// decode is a reader by way of encoding/json, as plain as can be.
func decode(data []byte) summary {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var file map[string]any
	if err := dec.Decode(&file); err != nil {
		panic(err) // only valid files come here
	}
	var s summary
	images, _ := file["images"].([]any)
	for _, v := range images {
		r, ok := v.(map[string]any)
		if !ok {
			s.bad[0]++
			continue
		}
		name, _ := r["file_name"].(string)
		s.images = append(s.images, imageSummary{refID(r["id"]).String(), name, geom.Size{W: refSize(r["width"]), H: refSize(r["height"])}})
	}
	names := refCategories(file["categories"])
	anns, _ := file["annotations"].([]any)
	for _, v := range anns {
		r, ok := v.(map[string]any)
		if !ok {
			s.bad[1]++
			continue
		}
		s.objects = append(s.objects, refObject(r, names))
		s.unsure = s.unsure || len(refAliases(r)) > 1
	}
	return s
}

func refCategories(v any) map[string]string {
	names := map[string]string{}
	cats, _ := v.([]any)
	for _, v := range cats {
		r, ok := v.(map[string]any)
		if !ok {
			continue
		}
		d := refID(r["id"])
		if d.kind == dataset.Absent {
			continue
		}
		name, _ := r["name"].(string)
		if name == "" {
			name = "category " + d.text
		}
		if _, ok := names[d.key()]; !ok {
			names[d.key()] = name
		}
	}
	return names
}

func refObject(r map[string]any, names map[string]string) objectSummary {
	o := objectSummary{id: refID(r["id"]).String(), image: refID(r["image_id"]).String()}
	if d := refID(r["category_id"]); d.kind != dataset.Absent {
		o.class = "category " + strings.TrimPrefix(d.key(), "text ") + " (undeclared)"
		if name, ok := names[d.key()]; ok {
			o.class = name
		}
	}
	if refCrowd(r) {
		o.flags |= dataset.Crowd
	}
	if refFlag(r["ignore"]) {
		o.flags |= dataset.Ignore
	}
	o.flags.SetCrowd(refValue(r, "iscrowd"))
	o.flags.SetIgnore(refValue(r, "ignore"))
	switch area, ok := refFloat(r["area"]); {
	case !ok:
		o.flags |= dataset.NoArea
	case area <= 0:
		o.flags |= dataset.AreaNotAbove0
	}
	list, ok := r["segmentation"].([]any)
	if ok && len(list) > 0 && !slices.ContainsFunc(list, refPolygon) && !slices.ContainsFunc(list, refScalar) {
		o.flags |= dataset.NoValidPolygon
	}
	box, integers, ok := refBox(r["bbox"])
	if o.box = box; ok {
		if integers {
			o.flags |= dataset.IntegerBox
		}
		return o
	}
	if box, ok := refOutline(r["segmentation"]); ok {
		o.box = box
		o.flags |= dataset.FromOutline
	}
	return o
}

// refCrowd tells whether a record is a crowd: by iscrowd, or else by a key that is spelt like it.
func refCrowd(r map[string]any) bool {
	if v, ok := r["iscrowd"]; ok {
		return refFlag(v)
	}
	for _, key := range refAliases(r) {
		return refFlag(r[key])
	}
	return false
}

// refAliases returns the keys that are spelt like iscrowd.
func refAliases(r map[string]any) (keys []string) {
	for key := range r {
		if key != "iscrowd" && len(key) < 2*len("iscrowd") && strings.EqualFold(strings.ReplaceAll(key, "_", ""), "iscrowd") {
			keys = append(keys, key)
		}
	}
	return keys
}

// refIdentity is an ID, found in another way.
type refIdentity struct {
	kind  dataset.IDKind
	text  string
	num   int64
	whole bool
}

func (d refIdentity) String() string {
	return fmt.Sprint(d.kind, " ", d.text, " ", d.num, " ", d.whole)
}

func (d refIdentity) key() string {
	if d.whole {
		return fmt.Sprint(d.num)
	}
	return "text " + d.text
}

func refID(v any) refIdentity {
	switch v := v.(type) {
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		if err == nil && fmt.Sprint(n) == v {
			return refIdentity{dataset.Text, v, n, true}
		}
		return refIdentity{dataset.Text, v, 0, false}
	case json.Number:
		if _, ok := refFloat(v); !ok {
			break
		}
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return refIdentity{dataset.Plain, fmt.Sprint(n), n, true}
		}
		r, _ := new(big.Rat).SetString(string(v))
		if r.IsInt() && r.Num().IsInt64() {
			return refIdentity{dataset.Float, string(v), r.Num().Int64(), true}
		}
		return refIdentity{dataset.Float, string(v), 0, false}
	}
	return refIdentity{kind: dataset.Absent}
}

// refFloat returns a number that is finite.
func refFloat(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(n), 64)
	return f, err == nil
}

func refSize(v any) int {
	f, ok := refFloat(v)
	if !ok || f < 1 || f >= 1<<24 || f != math.Floor(f) {
		return 0
	}
	return int(f)
}

func refFlag(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return v == "1" || strings.EqualFold(v, "true")
	}
	f, ok := refFloat(v)
	return ok && f != 0
}

// refValue returns the value of a flag, by Python's rules.
func refValue(r map[string]any, key string) dataset.FlagValue {
	v, there := r[key]
	if !there {
		return dataset.FlagAbsent
	}
	number, finite := refFloat(v)
	if v == false || finite && number == 0 {
		return dataset.FlagZero
	}
	list, isList := v.([]any)
	object, isObject := v.(map[string]any)
	if v == nil || v == "" || isList && len(list) == 0 || isObject && len(object) == 0 {
		return dataset.FlagEmpty
	}
	return dataset.FlagTrue
}

// refScalar tells what has no length in Python.
func refScalar(v any) bool {
	_, number := v.(json.Number)
	_, boolean := v.(bool)
	return v == nil || number || boolean
}

// refPolygon is detectron2's len(poly) % 2 == 0 and len(poly) >= 6.
func refPolygon(v any) bool {
	n := 0
	switch v := v.(type) {
	case []any:
		n = len(v)
	case string:
		n = utf8.RuneCountInString(v)
	}
	return n >= 6 && n%2 == 0
}

func refBox(v any) (box geom.Rect, integers, ok bool) {
	list, _ := v.([]any)
	if len(list) != 4 {
		return geom.Rect{}, false, false
	}
	integers = true
	var f [4]float64
	for i, v := range list {
		if b, is := v.(bool); is {
			if b {
				f[i] = 1
			}
			continue
		}
		var ok bool
		if f[i], ok = refFloat(v); !ok {
			return geom.Rect{}, false, false
		}
		integers = integers && !strings.ContainsAny(string(v.(json.Number)), ".eE")
	}
	return geom.Rect{X: f[0], Y: f[1], W: f[2], H: f[3]}, integers, true
}

// refOutline derives a box from polygons, and from masks by way of the reader's
// own code: their boxes are tested apart.
func refOutline(v any) (geom.Rect, bool) {
	list, ok := v.([]any)
	if !ok {
		text, _ := json.Marshal(v)
		return outlineBox(text)
	}
	if len(list) > 0 {
		if _, ok := list[0].(json.Number); ok {
			list = []any{list}
		}
	}
	var x, y []float64
	for _, v := range list {
		polygon, ok := v.([]any)
		if !ok || len(polygon)%2 != 0 {
			return geom.Rect{}, false
		}
		for i, v := range polygon {
			f, ok := refFloat(v)
			if !ok {
				return geom.Rect{}, false
			}
			if i%2 == 0 {
				x = append(x, f)
			} else {
				y = append(y, f)
			}
		}
	}
	if len(x) == 0 {
		return geom.Rect{}, false
	}
	b := geom.Box{X0: slices.Min(x), Y0: slices.Min(y), X1: slices.Max(x), Y1: slices.Max(y)}
	r := b.Rect()
	return r, isFinite(r.W) && isFinite(r.H)
}
