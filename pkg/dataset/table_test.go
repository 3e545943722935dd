package dataset

import "testing"

func TestTable(t *testing.T) {
	tab := newTable(2) // 80 dense slots
	ids := []ID{PlainID(0), PlainID(79), PlainID(80), PlainID(-1), PlainID(1 << 62), TextID(""), TextID("x"), NumberID("2.0")}
	for i, d := range ids {
		if tab.get(d) != -1 || tab.put(d, int32(i)) != int32(i) || tab.put(d, 99) != int32(i) || tab.get(d) != int32(i) {
			t.Errorf("%v", d)
		}
	}
	if tab.get(PlainID(2)) != 7 || tab.get(TextID("0")) != 0 {
		t.Error("notations differ")
	}
}

func TestReferences(t *testing.T) {
	var f refs
	for i, d := range []ID{PlainID(5), TextID("5"), PlainID(300), AbsentID(), PlainID(-5)} {
		want := []int32{0, 1, 2, -1, 3}[i]
		for range 2 {
			if got := f.index(d); got != want {
				t.Errorf("%v: %d, want %d", d, got, want)
			}
		}
	}
	if f.index(NumberID("5.0")) != 0 {
		t.Error("5.0 is not 5")
	}
}
