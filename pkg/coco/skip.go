package coco

// maxDepth is how deep arrays and objects may be nested, as in encoding/json.
const maxDepth = 10000

// skipper is the state of a value that is being skipped, between two of its
// tokens or inside a string: enough to go on in the next stretch, so that a
// value of any size passes through bounded memory.
type skipper struct {
	open []byte // the brackets that are open, outermost first
	next token
	at   int // position up to which everything is done
}

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

// skip checks a value and moves behind it. depth is the number of brackets that
// are open around the value.
func (s *scan) skip(k *skipper, depth int) bool {
	for {
		if k.next != inText && k.next != inKey {
			s.space()
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
func (s *scan) skipToken(k *skipper, depth int) bool {
	switch k.next {
	case aValue:
		return s.skipStart(k, depth)
	case aFirst:
		if s.peek() == ']' {
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
		if s.peek() != ':' {
			return s.fail(`":"`)
		}
		s.p++
		k.next = aValue
		return true
	}
	return s.skipKey(k)
}

func (s *scan) skipKey(k *skipper) bool {
	switch {
	case s.peek() == '"':
		s.p++
		k.next = inKey
		return true
	case k.next == aFirstKey && s.peek() == '}':
		return s.skipClose(k)
	}
	return s.fail("a key in quotes")
}

// skipStart reads the beginning of a value: all of it if it is a number or a
// literal.
func (s *scan) skipStart(k *skipper, depth int) bool {
	switch c := s.peek(); c {
	case '"':
		s.p++
		k.next = inText
		return true
	case '[', '{':
		if len(k.open)+depth >= maxDepth {
			return s.failWith("at most 10000 levels of nesting", "more")
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

func (s *scan) skipComma(k *skipper) bool {
	inside := k.open[len(k.open)-1]
	switch c := s.peek(); {
	case c == ',' && inside == '[':
		k.next = aValue
	case c == ',':
		k.next = aKey
	case c == ']' && inside == '[', c == '}' && inside == '{':
		return s.skipClose(k)
	case inside == '[':
		return s.fail(`"," or "]"`)
	default:
		return s.fail(`"," or "}"`)
	}
	s.p++
	return true
}

func (s *scan) skipClose(k *skipper) bool {
	s.p++
	k.open = k.open[:len(k.open)-1]
	k.next = aComma
	return true
}

// recordDepth is the number of brackets open inside a record: the file's, the
// array's and its own.
const recordDepth = 3

// skipValue checks a value inside a record and moves behind it.
func (s *scan) skipValue() bool {
	switch s.peek() {
	case '"':
		s.p++
		return s.rest()
	case '[', '{':
		k := skipper{open: s.open[:0]}
		ok := s.skip(&k, recordDepth)
		s.open = k.open
		return ok
	}
	return s.scalar()
}
