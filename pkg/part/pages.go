package part

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"

	"focalaudit/internal/pack"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/pass"
)

// pages holds the stretches of records that were asked for last, and reads the others when they are asked for: what is
// in memory does not grow with the number of records. Whoever works on a frame that is put away keeps it alive.
type pages struct {
	set    *Set
	of     []where // by source of the data set
	cancel context.CancelCauseFunc
	least  int // pages that are held whatever their size: two for each worker, and two

	last [kinds]atomic.Pointer[hit] // what was asked for last, so that asking again costs next to nothing

	mu   sync.Mutex
	held map[pageKey]*list.Element
	used list.List // of *page, the one that was asked for last in front
	size int       // of all that are held
}

// heldBytes is how much the records that are held take, about: those of 300,000 boxes, so that smaller data sets are
// read once. Larger ones are gone through source by source, and there more would not help.
const heldBytes = 48 << 20

// bytesOf is what an image and an object take, with their names.
var bytesOf = [kinds][2]int{records: {88 + 32, 88}, slots: {120, 48}}

// hit is a source of the data set, its page, and its place there.
type hit struct {
	source int
	of     *page
	at     int
}

// where is a source of a part.
type where struct {
	part   *opened
	number int
}

type pageKey struct {
	part  *opened
	frame int
	kind  kind
}

// page is a frame with its records, or with what became of them.
type page struct {
	key     pageKey
	size    int
	once    sync.Once
	sources []*dataset.Source
	images  [][]pass.Image
	objects [][]pass.Object
}

func newPages(set *Set, workers int, cancel context.CancelCauseFunc) *pages {
	return &pages{set: set, cancel: cancel, least: int(kinds) * (workers + 1), held: map[pageKey]*list.Element{}}
}

// source returns a source with its records.
func (p *pages) source(i int) *dataset.Source {
	of, at := p.page(i, records)
	return of.sources[at]
}

// slots returns what became of a source's images and objects, nil if its part was not counted.
func (p *pages) slots(i int) ([]pass.Image, []pass.Object) {
	of, at := p.page(i, slots)
	return of.images[at], of.objects[at]
}

// page returns the page of a source with what is asked for, and the place of the source in it.
func (p *pages) page(i int, k kind) (*page, int) {
	if last := p.last[k].Load(); last != nil && last.source == i {
		return last.of, last.at
	}
	at := p.of[i]
	frames := at.part.frames
	lo, hi := 0, len(frames) // the last frame that begins at or before the source
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; frames[mid].first <= at.number {
			lo = mid
		} else {
			hi = mid
		}
	}
	key := pageKey{at.part, lo, k}
	p.mu.Lock()
	e := p.held[key]
	if e == nil {
		e = p.used.PushFront(&page{key: key, size: p.sizeOf(key)})
		p.held[key] = e
		p.size += e.Value.(*page).size
		for p.size > heldBytes && p.used.Len() > p.least {
			last := p.used.Remove(p.used.Back()).(*page)
			delete(p.held, last.key)
			p.size -= last.size
		}
	} else {
		p.used.MoveToFront(e)
	}
	of := e.Value.(*page)
	p.mu.Unlock()
	of.once.Do(func() {
		if err := p.load(of); err != nil {
			p.cancel(err)
			of.blank(p, k)
		}
	})
	p.last[k].Store(&hit{i, of, at.number - frames[lo].first})
	return of, at.number - frames[lo].first
}

// sizeOf returns how much memory the records of a frame take, about.
func (p *pages) sizeOf(key pageKey) (n int) {
	f := &key.part.frames[key.frame]
	for k := range f.n {
		images, objects := p.set.Data.Count(key.part.numbers[f.first+k])
		n += bytesOf[key.kind][0]*images + bytesOf[key.kind][1]*objects
	}
	return n
}

// load reads a frame.
func (p *pages) load(of *page) error {
	part := of.key.part
	f := &part.frames[of.key.frame]
	file, err := part.file(recordsName)
	if err != nil {
		return err
	}
	defer file.Close()
	offset, length := f.at(of.key.kind)
	b := make([]byte, length)
	if _, err := file.ReadAt(b, offset); err != nil {
		return part.changed(recordsName, err)
	}
	if b, err = decode(b); err != nil {
		return damaged(part.dir, recordsName, "it can't be read")
	}
	r := pack.NewReader(b)
	for k := range f.n {
		i := part.numbers[f.first+k]
		if of.key.kind == records {
			of.sources = append(of.sources, p.set.Data.UnpackRecords(r, i))
			continue
		}
		images, objects := pass.UnpackSlots(r)
		if n, m := p.set.Data.Count(i); len(images) != n || len(objects) != m {
			return damaged(part.dir, recordsName, "its counts do not fit its records")
		}
		of.images, of.objects = append(of.images, images), append(of.objects, objects)
	}
	if r.End() != nil {
		return damaged(part.dir, recordsName, "it can't be read")
	}
	return nil
}

// blank makes a page of sources whose records all are left out: the run ends before anybody sees them.
func (of *page) blank(p *pages, kind kind) {
	f := &of.key.part.frames[of.key.frame]
	of.sources, of.images, of.objects = nil, nil, nil
	for k := range f.n {
		src := p.set.Data.Blank(of.key.part.numbers[f.first+k])
		if kind == records {
			of.sources = append(of.sources, src)
			continue
		}
		of.images = append(of.images, make([]pass.Image, len(src.Images)))
		of.objects = append(of.objects, make([]pass.Object, len(src.Objects)))
		for i := range src.Images {
			of.images[k][i].LeftOut.Reading = src.Images[i].LeftOut
		}
		for i := range src.Objects {
			of.objects[k][i].LeftOut.Reading = src.Objects[i].LeftOut
		}
	}
}
