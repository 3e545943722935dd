package coco

import (
	"testing"

	"focalaudit/pkg/dataset"
)

// id reads an id as an annotation's image_id.
func id(t *testing.T, text string) dataset.ID {
	t.Helper()
	s, _ := source(t, file("", ann(`"image_id": `+text), ""))
	return s.ImageID(0)
}

func TestIDs(t *testing.T) {
	cases := []struct {
		text  string
		kind  dataset.IDKind
		str   string
		num   int64
		whole bool
	}{
		{`1`, dataset.Plain, "1", 1, true},
		{`0`, dataset.Plain, "0", 0, true},
		{`-0`, dataset.Plain, "0", 0, true},
		{`-7`, dataset.Plain, "-7", -7, true},
		{`9007199254740993`, dataset.Plain, "9007199254740993", 1<<53 + 1, true},
		{`9223372036854775807`, dataset.Plain, "9223372036854775807", 1<<63 - 1, true},
		{`-9223372036854775808`, dataset.Plain, "-9223372036854775808", -1 << 63, true},
		{`9223372036854775808`, dataset.Float, "9223372036854775808", 0, false},
		{`18446744073709551617`, dataset.Float, "18446744073709551617", 0, false}, // 2^64+1
		{`1.0`, dataset.Float, "1.0", 1, true},
		{`1e0`, dataset.Float, "1e0", 1, true},
		{`1E+2`, dataset.Float, "1E+2", 100, true},
		{`1200e-2`, dataset.Float, "1200e-2", 12, true},
		{`-0.0`, dataset.Float, "-0.0", 0, true},
		{`9007199254740993.0`, dataset.Float, "9007199254740993.0", 1<<53 + 1, true},
		{`0.00000000000000000001e20`, dataset.Float, "0.00000000000000000001e20", 1, true},
		{`1e19`, dataset.Float, "1e19", 0, false},
		{`5.5`, dataset.Float, "5.5", 0, false},
		{`1e-3`, dataset.Float, "1e-3", 0, false},
		{`"1"`, dataset.Text, "1", 1, true},
		{`"-5"`, dataset.Text, "-5", -5, true},
		{`"01"`, dataset.Text, "01", 0, false},
		{`"1.0"`, dataset.Text, "1.0", 0, false},
		{`"-0"`, dataset.Text, "-0", 0, false},
		{`"+1"`, dataset.Text, "+1", 0, false},
		{`""`, dataset.Text, "", 0, false},
		{`"9223372036854775808"`, dataset.Text, "9223372036854775808", 0, false},
		{`"\u0031"`, dataset.Text, "1", 1, true},
		{`"40_20201024 (1)"`, dataset.Text, "40_20201024 (1)", 0, false},
		{`null`, dataset.Absent, "", 0, false},
		{`true`, dataset.Absent, "", 0, false},
		{`[1]`, dataset.Absent, "", 0, false},
		{`NaN`, dataset.Absent, "", 0, false},
		{`1e999`, dataset.Absent, "", 0, false},
	}
	for _, c := range cases {
		d := id(t, c.text)
		n, whole := d.Int()
		if d.Kind() != c.kind || d.String() != c.str || n != c.num || whole != c.whole {
			t.Errorf("%s: kind %d, %q, %d, %v", c.text, d.Kind(), d, n, whole)
		}
	}
}

func TestSameIDs(t *testing.T) {
	same := [][]string{{`1`, `1.0`, `"1"`, `1e0`, `10e-1`}, {`0`, `-0`, `0.0`, `"0"`}, {`""`}, {`"01"`}, {`5.5`, `"5.5"`}, {`"a"`}}
	for i, a := range same {
		for j, b := range same {
			for _, x := range a {
				for _, y := range b {
					if got := id(t, x).Key() == id(t, y).Key(); got != (i == j) {
						t.Errorf("%s and %s are the same: %v", x, y, got)
					}
				}
			}
		}
	}
}
