package jsonscan

// maxDepth is how deep arrays and objects may be nested, as in encoding/json.
const maxDepth = 10000

// PythonDepth is how deep Python's json.load reads at most where one function calls it, as pycocotools' COCO does. By
// trial, with arrays and with objects, Python 3.7 to 3.11 read 993 levels there (3.6 one fewer), and one fewer in each
// further function, since they count against the recursion limit of 1,000; 3.12.1 reads 1,497, and 3.13.0 9,998.
const PythonDepth = 993

// Skipper is the state of a value that is being skipped, between two of its
// tokens or inside a string: enough to go on in the next stretch, so that a value
// of any size passes through bounded memory. Its zero value is before the value.
type Skipper struct {
	open []byte // the brackets that are open, outermost first
	next token
	at   int
}

// Pos returns the position up to which everything is done, in the stretch that was
// scanned last.
func (k *Skipper) Pos() int { return k.at }

// token is what may come next in a value that is being skipped.
type token uint8

const (
	aValue    token = iota
	aFirst          // a value or ]
	aKey            // a key
	aFirstKey       // a key or }
	aComma          // , or the closing bracket
	inText          // the rest of a string
	inKey           // the rest of a key
	aColon
)

// behind returns what follows a string.
func (t token) behind() token {
	if t == inKey {
		return aColon
	}
	return aComma
}

// Skip goes on with a value that is skipped and moves behind it. If it says false
// without a Fault, the rest of the value can be skipped by a scanner of the bytes
// from k.Pos on. depth is the number of brackets that
// are open around the value.
func (s *Scanner) Skip(k *Skipper, depth int) bool {
	for {
		if k.next != inText && k.next != inKey {
			s.Space()
		}
		k.at = s.p
		if !s.skipToken(k, depth) {
			return false
		}
		if len(k.open) == 0 && k.next == aComma {
			return true
		}
	}
}

// skipToken reads one token of k, or as much of a string as there is.
func (s *Scanner) skipToken(k *Skipper, depth int) bool {
	switch k.next {
	case aValue:
		return s.skipStart(k, depth)
	case aFirst:
		if s.Peek() == ']' {
			return s.skipClose(k)
		}
		return s.skipStart(k, depth)
	case inText, inKey:
		ok := s.rest()
		k.at = s.p
		if ok {
			k.next = k.next.behind()
		}
		return ok
	case aComma:
		return s.skipComma(k)
	case aColon:
		if s.Peek() != ':' {
			return s.Fail(`":"`)
		}
		s.p++
		k.next = aValue
		return true
	}
	return s.skipKey(k)
}

func (s *Scanner) skipKey(k *Skipper) bool {
	switch {
	case s.Peek() == '"':
		s.p++
		k.next = inKey
		return true
	case k.next == aFirstKey && s.Peek() == '}':
		return s.skipClose(k)
	}
	return s.Fail("a key in quotes")
}

// skipStart reads the beginning of a value: all of it if it is a number or a
// literal.
func (s *Scanner) skipStart(k *Skipper, depth int) bool {
	switch c := s.Peek(); c {
	case '"':
		s.p++
		k.next = inText
		return true
	case '[', '{':
		if s.deep < 0 && len(k.open)+depth >= PythonDepth {
			s.deep = s.p
		}
		if len(k.open)+depth >= maxDepth {
			return s.FailWith("at most 10000 levels of nesting", "more")
		}
		s.p++
		k.open = append(k.open, c)
		k.next = aFirst
		if c == '{' {
			k.next = aFirstKey
		}
		return true
	}
	if !s.scalar() {
		return false
	}
	k.next = aComma
	return true
}

func (s *Scanner) skipComma(k *Skipper) bool {
	inside := k.open[len(k.open)-1]
	switch c := s.Peek(); {
	case c == ',' && inside == '[':
		k.next = aValue
	case c == ',':
		k.next = aKey
	case c == ']' && inside == '[', c == '}' && inside == '{':
		return s.skipClose(k)
	case inside == '[':
		return s.Fail(`"," or "]"`)
	default:
		return s.Fail(`"," or "}"`)
	}
	s.p++
	return true
}

func (s *Scanner) skipClose(k *Skipper) bool {
	s.p++
	k.open = k.open[:len(k.open)-1]
	k.next = aComma
	return true
}

// SkipValue checks a value and moves behind it. depth is the number of brackets
// that are open around it.
func (s *Scanner) SkipValue(depth int) bool {
	switch s.Peek() {
	case '"':
		s.p++
		return s.rest()
	case '[', '{':
		k := Skipper{open: s.open[:0]}
		ok := s.Skip(&k, depth)
		s.open = k.open
		return ok
	}
	return s.scalar()
}
