package part

import (
	"container/list"
	"context"
	"slices"
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
var bytesOf = [kinds][2]int{images: {88 + 32, 0}, objects: {0, 88}, imageSlots: {120, 0}, objectSlots: {0, 48}}

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

// page is a frame of a kind: each kind fills a field of its own.
type page struct {
	key         pageKey
	size        int
	once        sync.Once
	images      [][]dataset.Image
	sources     []*dataset.Source // with their images and objects
	imageSlots  [][]pass.Image
	objectSlots [][]pass.Object
}

func newPages(set *Set, workers int, cancel context.CancelCauseFunc) *pages {
	return &pages{set: set, cancel: cancel, least: int(kinds) * (workers + 1), held: map[pageKey]*list.Element{}}
}

// source returns a source with its records.
func (p *pages) source(i int) *dataset.Source {
	of, at := p.page(i, objects)
	return of.sources[at]
}

// images returns the images of a source.
func (p *pages) images(i int) []dataset.Image {
	of, at := p.page(i, images)
	return of.images[at]
}

// imageSlots returns what became of a source's images; its part was counted.
func (p *pages) imageSlots(i int) []pass.Image {
	of, at := p.page(i, imageSlots)
	return of.imageSlots[at]
}

// objectSlots returns what became of a source's objects; its part was counted.
func (p *pages) objectSlots(i int) []pass.Object {
	of, at := p.page(i, objectSlots)
	return of.objectSlots[at]
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
			of.blank(p)
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

// room is the memory in which a frame is decoded: what is unpacked of it is a copy.
type room struct{ packed, bytes []byte }

var rooms = sync.Pool{New: func() any { return &room{} }}

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
	room := rooms.Get().(*room)
	defer rooms.Put(room)
	room.packed = slices.Grow(room.packed[:0], int(length))[:length]
	if _, err := file.ReadAt(room.packed, offset); err != nil {
		return part.changed(recordsName, err)
	}
	if room.bytes, err = decode(room.packed, room.bytes[:0]); err != nil {
		return damaged(part.dir, recordsName, "it can't be read")
	}
	r := pack.NewReader(room.bytes)
	for k := range f.n {
		i := part.numbers[f.first+k]
		n, m := p.set.Data.Count(i)
		fit := true
		switch of.key.kind {
		case images:
			of.images = append(of.images, p.set.Data.UnpackImages(r, i))
		case objects:
			of.sources = append(of.sources, p.set.Data.UnpackObjects(r, i, p.images(i)))
		case imageSlots:
			of.imageSlots = append(of.imageSlots, pass.UnpackImages(r))
			fit = len(of.imageSlots[k]) == n
		case objectSlots:
			of.objectSlots = append(of.objectSlots, pass.UnpackObjects(r))
			fit = len(of.objectSlots[k]) == m
		}
		if !fit {
			return damaged(part.dir, recordsName, "its counts do not fit its records")
		}
	}
	if r.End() != nil {
		return damaged(part.dir, recordsName, "it can't be read")
	}
	return nil
}

// blank makes a page of sources whose records all are left out: the run ends before anybody sees them.
func (of *page) blank(p *pages) {
	f := &of.key.part.frames[of.key.frame]
	of.images, of.sources, of.imageSlots, of.objectSlots = nil, nil, nil, nil
	for k := range f.n {
		src := p.set.Data.Blank(of.key.part.numbers[f.first+k])
		of.images, of.sources = append(of.images, src.Images), append(of.sources, src)
		of.imageSlots = append(of.imageSlots, make([]pass.Image, len(src.Images)))
		of.objectSlots = append(of.objectSlots, make([]pass.Object, len(src.Objects)))
		for i := range src.Images {
			of.imageSlots[k][i].LeftOut.Reading = src.Images[i].LeftOut
		}
		for i := range src.Objects {
			of.objectSlots[k][i].LeftOut.Reading = src.Objects[i].LeftOut
		}
	}
}
