package spelling

import (
	"strings"
	"testing"

	"github.com/expr-lang/expr"
)

// TestExpression: what the library itself says of broken expressions, in plain words. No message may speak of tokens.
func TestExpression(t *testing.T) {
	for text, want := range map[string]string{
		"score >":                          `it ends too early: expected a name or a value behind "score >"`,
		"score > (":                        `expected a name or a value behind "score > ("`,
		"(score > 1":                       `it ends too early: expected ')' behind "(score > 1"`,
		"score > 1 and":                    `expected a name or a value behind "score > 1 and"`,
		"score > 1 ? 2":                    `expected a colon and a value behind "score > 1 ? 2"`,
		"code in [":                        `expected a name or a value behind "code in ["`,
		"code in [1":                       `expected ']' behind "code in [1"`,
		" ":                                "expected a condition, such as errors > 0",
		"{":                                `expected a name or a value behind "{"`,
		"score > 1 )":                      `got ")" at column 11: expected an operator such as and, or, ==, or the end`,
		"score > > 1":                      `got ">" at column 9: expected a name or a value`,
		"max(nil, 1) > 0":                  "max of nil: expected a value",
		"score score":                      `got "score" at column 7: expected an operator`,
		"score\n> 1 2":                     `got "2" in line 2, column 5: expected an operator`,
		`score > "abc`:                     "the quote \" is not closed: expected another one",
		`"a" == 'abc`:                      "the quote ' is not closed: expected another one",
		"/* score":                         "a comment that begins here has no end",
		"score > 0x":                       `"0x" is no number`,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa ==": `behind "…aaaaaaaaaaaaaaaaa =="`,
	} {
		_, err := expr.Compile(text)
		if err == nil {
			t.Errorf("%q is no mistake", text)
			continue
		}
		got := Expression(text, err.Error())
		if !strings.Contains(got, want) || strings.Contains(got, "token") || strings.Contains(got, "strconv") {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := Expression("a", "unknown name a (1:1)"); got != "unknown name a (1:1)" {
		t.Errorf("another message was changed: %q", got)
	}
}
