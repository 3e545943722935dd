package text

import (
	"fmt"
	"io"
	"slices"
)

// Lines prints lines, and keeps the first error: after it nothing is printed.
type Lines struct {
	w   io.Writer
	err error
}

// NewLines returns lines that go to w.
func NewLines(w io.Writer) *Lines { return &Lines{w: w} }

// Line prints a line by a format of package fmt. Texts among args may come from a data set: they
// are printed as Printable has them.
func (l *Lines) Line(format string, args ...any) {
	args = slices.Clone(args)
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			args[i] = Printable(s)
		}
	}
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, format+"\n", args...)
	}
}

// Err returns the first error.
func (l *Lines) Err() error { return l.err }
