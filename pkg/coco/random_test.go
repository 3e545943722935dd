package coco

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// odds are values that stand where others should.
var odds = []string{
	`null`, `true`, `false`, `0`, `1`, `-0`, `2`, `1.0`, `1e0`, `0.5`, `-3`, `640`, `1e400`, `1e-400`, `9223372036854775808`, `16777216`,
	`"1"`, `""`, `"x"`, `"01"`, `"\u0031"`, `"}, {"`, `"]"`, `"\"\\"`, `[]`, `{}`, `[1]`, `{"id": 1}`, `[{"a": 1}, {"b": 2}]`,
	`[1, 2, 3, 4]`, `[0, 0, 10, 10]`, `[1, 2, 3]`, `[5, 5, -1, 0]`, `["1", 2, 3, 4]`, `[[1, 2, 3, 4, 5, 6]]`, `[[1, 2], [3, 4, 5, 6, 7, 8]]`,
	`[[1, 2, 3, 4, 5, "]"]]`, `[[[1]], 2]`, `{"size": [3, 4], "counts": [4, 2, 1, 1, 4]}`, `{"size": [3, 4], "counts": "421O3"}`, `[ ]`, ` [ 1 , 2 , 3 , 4 ] `,
}

var anyKeys = append([]string{"other", "I\\u0044", "i\\u0064", "segments_info", "attributes"}, fieldNames[:]...)

// genRecord makes records that are mostly fine.
func genRecord(kind string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 30).Draw(t, "odd element") == 0 {
			return rapid.SampledFrom(odds).Draw(t, "element")
		}
		id := rapid.IntRange(0, 5)
		var fields []string
		add := func(key string, value any) {
			if rapid.IntRange(0, 15).Draw(t, "odd value") == 0 {
				value = rapid.SampledFrom(odds).Draw(t, "value")
			}
			if rapid.IntRange(0, 20).Draw(t, "missing") > 0 {
				fields = append(fields, fmt.Sprintf("%q: %v", key, value))
			}
		}
		add("id", id.Draw(t, "id"))
		switch kind {
		case "images":
			add("file_name", `"a.jpg"`)
			add("width", id.Draw(t, "w")*20)
			add("height", 50)
		case "annotations":
			add("image_id", id.Draw(t, "image"))
			add("category_id", id.Draw(t, "category"))
			add("bbox", fmt.Sprintf("[%d, 1, 2.5, %d]", id.Draw(t, "x"), id.Draw(t, "h")))
			add("area", 5)
			add("iscrowd", 0)
			add("segmentation", "[[1, 2, 3, 4, 5, 6]]")
		default:
			add("name", `"cat"`)
		}
		if rapid.IntRange(0, 5).Draw(t, "more") == 0 {
			key := rapid.SampledFrom(anyKeys).Draw(t, "key")
			fields = append(fields, `"`+key+`": `+rapid.SampledFrom(odds).Draw(t, "value"))
		}
		if rapid.IntRange(0, 5).Draw(t, "order") == 0 {
			fields = rapid.Permutation(fields).Draw(t, "fields")
		}
		sep := rapid.SampledFrom([]string{", ", ",", " ,\n\t", ",\r\n"}).Draw(t, "separator")
		return "{" + strings.Join(fields, sep) + "}"
	})
}

func genFile() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var members []string
		for _, kind := range []string{"images", "annotations", "categories"} {
			recs := rapid.SliceOfN(genRecord(kind), 0, 12).Draw(t, kind)
			sep := rapid.SampledFrom([]string{", ", ",", ",\n"}).Draw(t, "separator")
			members = append(members, fmt.Sprintf("%q: [%s]", kind, strings.Join(recs, sep)))
		}
		for range rapid.IntRange(0, 2).Draw(t, "others") {
			recs := rapid.SliceOfN(genRecord("annotations"), 0, 12).Draw(t, "other")
			members = append(members, `"other": [`+strings.Join(recs, ", ")+`]`)
		}
		members = rapid.Permutation(members).Draw(t, "members")
		return "{" + strings.Join(members, ", ") + "}"
	})
}

// Files made up of everything that can be odd read as encoding/json reads them,
// whatever the blocks, and so does any beginning of them: it is refused.
func TestRandomFiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := genFile().Draw(t, "file")
		if rapid.IntRange(0, 5).Draw(t, "cut") == 0 {
			text = text[:rapid.IntRange(0, len(text)-1).Draw(t, "length")]
		}
		files := map[string]string{"a.json": text}
		d := texts(blockSize, 1, files)
		for _, v := range [][2]int{{32, 1}, {200, 2}, {700, 3}} {
			if other := texts(v[0], v[1], files); !reflect.DeepEqual(d, other) {
				t.Fatalf("blocks of %d, %d workers:\n%+v\nat once:\n%+v", v[0], v[1], other, d)
			}
		}
		invariants(t, d)
		compare(t, []byte(text), d)
	})
}
