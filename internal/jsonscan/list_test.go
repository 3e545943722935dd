package jsonscan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// listed is what encoding/json says of a list of numbers: how many, and whether it is one.
func listed(inside string) (n int, ok bool) {
	var list []json.Number
	if json.Unmarshal([]byte("["+inside+"]"), &list) != nil {
		return 0, false
	}
	for _, x := range list {
		if x == "" { // null
			return 0, false
		}
	}
	return len(list), !strings.ContainsRune(inside, '"') // a number in quotes is a json.Number too
}

// checkList holds Numbers against encoding/json, with other bytes behind the list and with none.
func checkList(t fataler, inside string) {
	end := strings.IndexByte(inside, ']')
	if end >= 0 {
		inside = inside[:end]
	}
	want, good := listed(inside)
	for _, behind := range []string{"", "],[1.5,2]]}, 99999999"} {
		n, ok := Numbers([]byte(inside+"]"+behind), len(inside))
		if ok != good || ok && n != want {
			t.Fatalf("%q before %q: %d numbers, %v; encoding/json: %d, %v", inside, behind, n, ok, want, good)
		}
	}
}

var lists = []string{
	"", " ", "1", "-1", "0", "-0", "1,2", "1, 2", "1 ,2", "1 , 2", "12.5, 0.25, 1e5, 1E-5, -3.25e+10, 123456789012345678",
	"1.2.3", "01", "-01", "00.5", "0.5.", ".5", "5.", "-.5", "-", "1-2", "1,,2", ",1", "1,", "1, ", "1 2", "1\n2", "1\n,\n2",
	"+1", "1e", "1e+", "1e5.5", "0x10", "1a", "None", "nan", "NaN", "null", "true", "1,null", "\"1\"", "[1]", "{", "1}",
	"1.234567", "1.2345678", "1.23456789", "12345678", "123456789", "1234567.", "12345678.", "0.00000001", "00000001",
	"<<<<<<< HEAD", "1, 2\x00, 3", "1\v2", "1.5,2.5,3.5,4.5,5.5,6.5,7.5,8.5,9.5",
}

func TestNumberLists(t *testing.T) {
	for _, inside := range lists {
		checkList(t, inside)
	}
}

func FuzzNumbers(f *testing.F) {
	for _, inside := range lists {
		f.Add(inside)
	}
	f.Fuzz(func(t *testing.T, inside string) { checkList(t, inside) })
}

// BenchmarkNumbers: the list of an outline, against bytes.IndexByte, which only looks for its end.
func BenchmarkNumbers(b *testing.B) {
	list := []byte(strings.Repeat("239.97, 260.24, ", 20) + "222.04, 270.49]")
	end := len(list) - 1
	b.Run("numbers", func(b *testing.B) {
		b.SetBytes(int64(len(list)))
		for b.Loop() {
			if n, ok := Numbers(list, end); n != 42 || !ok {
				b.Fatal(n, ok)
			}
		}
	})
	b.Run("end only", func(b *testing.B) {
		b.SetBytes(int64(len(list)))
		for b.Loop() {
			if bytes.IndexByte(list, ']') != end {
				b.Fatal()
			}
		}
	})
}
