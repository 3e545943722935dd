package coco

import "fmt"

// SyntaxError is the place at which a file stops being what it should be.
type SyntaxError struct {
	File         string // the source's name
	Line, Column int    // from 1; columns count bytes
	Offset       int64  // of the byte in the (decompressed) file, from 0
	Expected     string // what could stand there
	Found        string // what stands there
}

// Error names the place, what was expected and what stands there.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d (byte %d): expected %s, found %s",
		e.File, e.Line, e.Column, e.Offset, e.Expected, e.Found)
}
