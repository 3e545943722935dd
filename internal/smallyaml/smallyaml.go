// Package smallyaml refuses YAML that is too large or too deeply nested, before the YAML library
// decodes it: the library's time is quadratic in the depth of nesting, and aliases within aliases
// stand for more values than memory holds.
package smallyaml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxBytes is how large a file may be: a thousand waivers take as much. The library's time is
// quadratic in the number of keys, a second for so many.
const MaxBytes = 128 << 10

// The bounds of what a file holds. What a person writes is nested five deep.
const (
	maxDepth   = 50
	maxIndent  = 200     // columns
	maxLine    = 8 << 10 // bytes: the library's time to show the line of a mistake is quadratic in it
	maxCopied  = 4 << 20 // bytes that all aliases may stand for, at most
	maxAliases = 1000
	maxBlank   = 100 // blank lines behind each other: in a text after | or >, the library's time is quadratic in them
)

// Check returns an error for YAML that is too large, too deep, that has aliases which
// stand for other aliases, or that is several documents. It does not look at what the keys mean.
func Check(data []byte) error { return Guard(func() error { return check(data) }) }

// Unmarked returns a file without the mark that some editors, those of Windows above all, put before UTF-8. The library
// takes it for a part of the first key.
func Unmarked(file []byte) []byte { return bytes.TrimPrefix(file, []byte("\ufeff")) }

// Guard calls f, which has the YAML library read something, and returns its error. A panic becomes an error
// too: the library has them for some texts that are no YAML.
func Guard(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("this is no YAML that can be read: look for stray characters such as ! and *")
		}
	}()
	return f()
}

// check is Check, but for panics of the library.
func check(data []byte) error {
	if len(data) > MaxBytes {
		return fmt.Errorf("got %d bytes, expected at most %d KiB", len(data), MaxBytes>>10)
	}
	if err := checkLines(string(data)); err != nil {
		return err
	}
	if err := checkBlank(data); err != nil {
		return err
	}
	tokens := lexer.Tokenize(string(data))
	aliases, err := checkTokens(tokens)
	if err == nil {
		err = checkDocuments(tokens)
	}
	if err != nil || aliases == 0 {
		return err
	}
	if aliases > maxAliases || aliases*len(data) > maxCopied {
		return fmt.Errorf("got %d aliases (*name): expected fewer, or a smaller file", aliases)
	}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return errors.New(strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	for _, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		if len(ast.Filter(ast.AliasType, doc.Body)) == 0 {
			continue
		}
		for _, anchor := range ast.Filter(ast.AnchorType, doc.Body) {
			if of := anchor.(*ast.AnchorNode).Value; of != nil && len(ast.Filter(ast.AliasType, of)) > 0 {
				return fmt.Errorf("line %d: the value of an anchor (&name) holds an alias (*name): write it out",
					anchor.GetToken().Position.Line)
			}
		}
	}
	return nil
}

// checkLines returns an error for a line that is too long, or indented too far.
func checkLines(text string) error {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if strings.HasPrefix(line, strings.Repeat(" ", maxIndent+1)) {
			return fmt.Errorf("line %d is indented by more than %d columns: expected less nesting", n, maxIndent)
		}
		if len(line) > maxLine {
			return fmt.Errorf("line %d has %d bytes: expected at most %d, break it", n, len(line), maxLine)
		}
	}
	return nil
}

// checkBlank returns an error for too many blank lines behind each other. The library takes a lone carriage return
// for the end of a line too.
func checkBlank(data []byte) error {
	blank, n := 0, 1
	for i, b := range data {
		switch {
		case b == ' ' || b == '\t':
		case b == '\n' || b == '\r' && (i+1 == len(data) || data[i+1] != '\n'):
			blank++
			n++
		case b != '\r':
			blank = 0
		}
		if blank > maxBlank {
			return fmt.Errorf("line %d: more than %d blank lines: remove some", n, maxBlank)
		}
	}
	return nil
}

// checkTokens returns an error for nesting beyond maxDepth, and the number of aliases. In
// one line, each dash, question mark, anchor and tag may begin a level.
func checkTokens(tokens token.Tokens) (aliases int, err error) {
	open, line, inLine := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, inLine = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			open++
		case token.SequenceEndType, token.MappingEndType:
			open = max(open-1, 0)
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			inLine++
		case token.AliasType:
			aliases++
		}
		if open > maxDepth || inLine > maxDepth {
			return 0, fmt.Errorf("line %d is nested too deeply: expected at most %d levels", line, maxDepth)
		}
	}
	return aliases, nil
}

// checkDocuments returns an error for several documents. The library's parser drops an empty one with all that is
// behind it, and takes directives (%YAML 1.2) for a document of their own.
func checkDocuments(tokens token.Tokens) error {
	content, begun, ended, directive := false, false, false, 0 // directive is the line of the last one
	for _, t := range tokens {
		more := false
		switch {
		case t.Type == token.DirectiveType:
			directive = t.Position.Line
		case t.Type == token.CommentType || t.Position.Line == directive:
		case t.Type == token.DocumentHeaderType:
			more = begun || content
			begun = true
		case t.Type == token.DocumentEndType:
			ended = ended || begun || content
		default:
			more = ended
			content = true
		}
		if more {
			return fmt.Errorf("several documents, expected one: another begins in line %d", t.Position.Line)
		}
	}
	return nil
}
