package part

import (
	"io"

	"focalaudit/internal/pack"
)

// stretch is where the rows of a source stand in rows.pack.
type stretch struct {
	source         int // of the part
	name           string
	offset, length int64
}

// counter counts the bytes that are written.
type counter struct {
	io.Writer
	n int64
}

// Write writes to the underlying writer, and counts what it took.
func (c *counter) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += int64(n)
	return n, err
}

// writeRows writes rows.pack.
func writeRows(to io.Writer, p *Part) (rows []stretch, err error) {
	w := &counter{Writer: to}
	if _, err := io.WriteString(w, magic); err != nil || p.Rows == nil || p.Counted == nil {
		return nil, err
	}
	for s := range p.Data.Sources {
		offset := w.n
		has, err := p.Rows(w, s)
		if err != nil {
			return nil, err
		}
		if has {
			rows = append(rows, stretch{s, p.Data.Sources[s].Name, offset, w.n - offset})
		}
	}
	return rows, nil
}

func packRows(w *pack.Writer, rows []stretch) {
	w.Len(len(rows))
	for _, of := range rows {
		w.Len(of.source)
		w.Text(of.name)
		w.Int(of.offset)
		w.Int(of.length)
	}
}

func unpackRows(r *pack.Reader, sources int) (rows []stretch) {
	for range r.Len(4) {
		of := stretch{r.Below(sources), r.Text(), r.Int(), r.Int()}
		if of.offset < 0 || of.length < 0 {
			r.Fail()
		}
		rows = append(rows, of)
	}
	return rows
}

// rowsFile reads a stretch of rows.pack. It opens the file for each read: a merge has as many as there are sources.
type rowsFile struct {
	set    *Set
	part   *opened
	offset int64
}

// ReadAt implements io.ReaderAt.
func (f *rowsFile) ReadAt(b []byte, offset int64) (int, error) {
	file, err := f.part.file(rowsName)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	n, err := file.ReadAt(b, f.offset+offset)
	if err != nil {
		err = f.part.changed(rowsName, err)
	}
	return n, err
}
