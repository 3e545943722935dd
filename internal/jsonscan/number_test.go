package jsonscan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// fataler is a *testing.T or a *rapid.T.
type fataler interface {
	Fatalf(format string, args ...any)
}

// numberOf reads text in both ways; ok is false if it is no number.
func numberOf(text string) (value float64, sign int, finite, ok bool) {
	s := New([]byte(text+"]"), 0, true)
	value, ok = s.Value()
	if !ok || s.p != len(text) {
		return 0, 0, false, false
	}
	s.p = 0
	s.Number()
	sign, finite = s.Sign()
	return value, sign, finite, true
}

func checkNumber(t fataler, text string) {
	want, err := strconv.ParseFloat(text, 64)
	got, sign, finite, ok := numberOf(text)
	if !ok || math.Float64bits(got) != math.Float64bits(want) {
		t.Fatalf("%s: %v %v, want %v", text, got, ok, want)
	}
	if finite != (err == nil) || sign != cmpZero(want) && finite {
		t.Fatalf("%s: sign %d, finite %v", text, sign, finite)
	}
}

// Numbers are what strconv makes of them, to the bit.
func TestNumbers(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "0.0", "-0.0", "1", "-1", "0.1", "123456789012345678", "1234567890123456789", "12345678901234567890",
		"9007199254740991", "9007199254740993", "0.30000000000000004", "2765.1486500000005", "1e22", "1e23", "1e-22", "1e-23",
		"9007199254740993e22", "4.9e-324", "2e-324", "1e-400", "1e308", "1.8e308", "-1e400", "1e999999999999", "1e-999999999999",
		"0e999999999999", "1e0000000000000000005", "0.000000000000000000000000000001", "179769313486231570814527423731704356798070",
		"5e-1", "5E+1", "100000000000000000000000",
	} {
		checkNumber(t, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		checkNumber(t, rapid.StringMatching(`-?(0|[1-9][0-9]{0,22})(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,3})?`).Draw(t, "text"))
		f := rapid.Float64().Draw(t, "f")
		if !math.IsInf(f, 0) && !math.IsNaN(f) {
			checkNumber(t, strconv.FormatFloat(f, 'g', -1, 64))
			checkNumber(t, fmt.Sprintf("%.2f", math.Mod(f, 1e15)))
		}
	})
}

func TestNotNumbers(t *testing.T) {
	for _, text := range []string{"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "--1", "1.2.3", "0x1", "1_0", "nan", "inf", "Inf", "-NaN", "Infinit", "NaNN"} {
		if v, _, _, ok := numberOf(text); ok {
			t.Errorf("%q is %v", text, v)
		}
	}
	for _, text := range []string{"NaN", "Infinity", "-Infinity"} {
		if _, _, finite, ok := numberOf(text); finite || !ok {
			t.Errorf("%s: finite %v, %v", text, finite, ok)
		}
	}
}

// TestQuotient holds numbers of more digits than a float64 has against strconv: random ones, such as are written for
// float32 and float64, and those halfway between two float64s.
func TestQuotient(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 4))
	texts := []string{"9007199254740993", "9007199254740995", "90071992547409.93", "1.00000000000000011", "0.500000000000000055"}
	for range 200000 {
		switch r.IntN(4) {
		case 0:
			texts = append(texts, strconv.FormatFloat(float64(r.Float32())*float64(int64(1)<<r.IntN(20)), 'f', -1, 64))
		case 1:
			texts = append(texts, strconv.FormatFloat(r.Float64()*1000, 'f', -1, 64))
		case 2:
			whole := strconv.FormatInt(r.Int64N(1e18), 10)
			at := r.IntN(len(whole))
			texts = append(texts, whole[:at+1]+"."+whole[at+1:]+"5")
		default: // halfway
			texts = append(texts, strconv.FormatUint(1<<53+2*r.Uint64N(1<<53)+1, 10))
		}
	}
	exact := 0
	for _, text := range texts {
		s := New([]byte(text+","), 0, true)
		m, places, ok := s.Short()
		if !ok || m == 0 {
			continue
		}
		exact++
		want, err := strconv.ParseFloat(text, 64)
		if got := quotient(uint64(m), places); err != nil || got != want {
			t.Fatalf("%s: got %v, want %v (strconv)", text, got, want)
		}
	}
	if exact < 100000 {
		t.Errorf("only %d numbers are short enough", exact)
	}
}
