package coco

import (
	"errors"
	"math"

	"focalaudit/internal/jsonscan"
)

// assembly puts the blocks of a file together: it holds the state behind the
// last byte that is settled. A block's scan counts only if it began in that
// state; otherwise the block is scanned again from the true one.
type assembly struct {
	file   string
	state  state
	begun  bool
	marked bool   // the file begins with a byte order mark
	base   int64  // offset of the first byte that is not settled
	line   int32  // newlines before it
	bol    int64  // offset of its line's first byte
	carry  []byte // bytes from base on, whose blocks are done with
	need   int    // how long carry must get before it is worth another scan
	part   part   // for scans of its own
	data   []byte // from base on: what was scanned; valid while a part is taken
	out    taker
}

// taker is given the records of a file in their order.
type taker interface {
	take(a *assembly, p *part) error
}

// errEnough ends the reading of a file that has shown to be no COCO.
var errEnough = errors.New("enough")

// block is a stretch of a file and what its scan yields.
type block = jsonscan.Block[part]

// speculate scans a block in the state that it would have to begin in, without
// knowing what stands before it. first is the state that the file begins in.
func speculate(b *block, first state) {
	switch {
	case b.Guess: // in the hope that it begins behind a comma in an array of records
		first.at = atRecord
		b.Part.scan(b.Data, b.Base, b.Final, first)
	case b.First:
		b.Part.scan(b.Data, b.Base, b.Final, first)
	default:
		b.Part.used = -1
	}
}

// add takes the next block.
func (a *assembly) add(b *block) error {
	if len(a.carry) > 0 {
		a.carry = append(a.carry, b.Data...)
		if len(a.carry) < a.need && !b.Final && b.Err == nil {
			return nil
		}
		return a.again(a.carry, b)
	}
	if a.base = b.Base; !a.begun {
		a.begun, a.bol, a.marked = true, b.Base, b.Base > 0
	}
	if !a.expected(b) {
		return a.again(b.Data, b)
	}
	return a.settle(&b.Part, b.Data, b)
}

// expected tells whether a block was scanned from the state that its
// predecessor ended in.
func (a *assembly) expected(b *block) bool {
	if b.Guess {
		return a.state.at == atRecord
	}
	return a.state.at == atStart && b.Part.used >= 0
}

// again scans what is not settled from the true state.
func (a *assembly) again(data []byte, b *block) error {
	a.part.scan(data, a.base, b.Final, a.state)
	return a.settle(&a.part, data, b)
}

// settle takes what the scan of data yielded. The block is the last that
// belongs to data.
func (a *assembly) settle(p *part, data []byte, b *block) error {
	if p.runs[0].kind == unknown {
		p.runs[0].kind = a.state.kind
	}
	a.data = data
	if err := a.out.take(a, p); err != nil {
		return err
	}
	if p.bad != nil {
		return a.syntaxError(p.bad)
	}
	kind := a.state.kind
	a.state = p.state
	if p.state.kind == unknown && a.inArray() {
		a.state.kind = kind
	}
	if a.state.at == atList {
		return errEnough
	}
	a.line = min(a.line, math.MaxInt32-p.lines-1) + p.lines // beyond, all lines are the last
	if p.bol >= 0 {
		a.bol = p.bol
	}
	a.base += int64(p.used)
	a.carry = append(a.carry[:0], data[p.used:]...)
	a.need = min(2*len(a.carry), a.state.limit+1)
	if b.Err != nil || len(a.carry) <= a.state.limit {
		return b.Err
	}
	if at := a.state.at; (at == atFirstRecord || at == atRecord) && a.state.kind != list {
		return a.passOver(b)
	}
	return &SyntaxError{File: a.file, Offset: a.base, Line: int(a.line) + 1, Column: int(a.base-a.bol) + 1,
		Expected: "a key or number of at most 64 MiB", Found: "a longer one"}
}

// passOver leaves out the record that begins where nothing is settled, since it is too
// long: the rest of it passes through bounded memory, and the next record is read.
func (a *assembly) passOver(b *block) error {
	long := part{
		recs: []raw{tooLong(jsonscan.Place{Offset: a.base})},
		runs: []run{{kind: a.state.kind}},
		over: -1,
	}
	a.data = nil
	if err := a.out.take(a, &long); err != nil {
		return err
	}
	a.state.at, a.state.in = inRecord, jsonscan.Skipper{}
	return a.again(a.carry, b)
}

// inArray tells whether the state is inside an array of records.
func (a *assembly) inArray() bool {
	at := a.state.at
	return at == atFirstRecord || at == atRecord || at == afterRecord
}

// syntaxError completes a fault.
func (a *assembly) syntaxError(f *jsonscan.Fault) *SyntaxError {
	bol := a.bol
	if f.LineStart >= 0 {
		bol = f.LineStart
	}
	return &SyntaxError{
		File: a.file, Offset: f.Offset, Expected: f.Expected, Found: f.Found,
		Line: int(a.line+f.Line) + 1, Column: int(f.Offset-bol) + 1,
	}
}
