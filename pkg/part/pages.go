package part

import (
	"container/list"
	"context"
	"io"
	"iter"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"focalaudit/internal/pack"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/pass"
)

// pages holds the records that were asked for last, and reads the others when they are asked for: what is in memory
// does not grow with the number of records. Whoever works on a frame that is put away keeps it alive.
type pages struct {
	set    *Set
	of     []where // by source of the data set
	cancel context.CancelCauseFunc
	least  int // pages that are held whatever their size: two for each worker, and two

	last [kinds][2]atomic.Pointer[hit] // what was asked for last, of a stretch and whole: asking again costs little

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

// hit is records of a source of the data set: those of a stretch, or all; their page, and the source's place there.
type hit struct {
	source   int
	from, to int // the numbers of the images or the objects
	page     *page
	at       int
}

// where is a source of a part.
type where struct {
	part   *opened
	number int
}

// pageKey names a page: a frame, or all frames of a source that is divided, of which this is the first.
type pageKey struct {
	part  *opened
	frame int
	kind  kind
	whole bool
}

// page is a frame of a kind, or all of a source: each kind fills a field of its own, by source.
type page struct {
	key         pageKey
	size        int
	once        sync.Once
	images      [][]dataset.Image
	sources     []*dataset.Source // with the images and objects
	imageSlots  [][]pass.Image
	objectSlots [][]pass.Object
}

func newPages(set *Set, workers int, cancel context.CancelCauseFunc) *pages {
	return &pages{set: set, cancel: cancel, least: int(kinds) * (workers + 1), held: map[pageKey]*list.Element{}}
}

// Source implements dataset.Records.
func (p *pages) Source(i int) *dataset.Source {
	of := p.whole(i, objects)
	return of.page.sources[of.at]
}

// Images implements dataset.Records.
func (p *pages) Images(i int) []dataset.Image {
	of := p.whole(i, images)
	return of.page.images[of.at]
}

// ImageSlots implements pass.Slots, for a source whose part was counted.
func (p *pages) ImageSlots(i int) []pass.Image {
	of := p.whole(i, imageSlots)
	return of.page.imageSlots[of.at]
}

// ObjectSlots implements pass.Slots, for a source whose part was counted.
func (p *pages) ObjectSlots(i int) []pass.Object {
	of := p.whole(i, objectSlots)
	return of.page.objectSlots[of.at]
}

// Run implements dataset.Records.
func (p *pages) Run(source, image int) []dataset.Image {
	of := p.stretch(source, images, image)
	return of.page.images[of.at][image-of.from:]
}

// SlotRun implements pass.Slots.
func (p *pages) SlotRun(source, image int) []pass.Image {
	of := p.stretch(source, imageSlots, image)
	return of.page.imageSlots[of.at][image-of.from:]
}

// Image implements dataset.Records.
func (p *pages) Image(source, image int) *dataset.Image { return &p.Run(source, image)[0] }

// ImageSlot implements pass.Slots.
func (p *pages) ImageSlot(source, image int) *pass.Image { return &p.SlotRun(source, image)[0] }

// Object implements dataset.Records.
func (p *pages) Object(source, object int) *dataset.Object {
	of := p.stretch(source, objects, object)
	return &of.page.sources[of.at].Objects[object-of.from]
}

// Objects implements dataset.Records.
func (p *pages) Objects(source, image int) []dataset.Object {
	im := p.Image(source, image)
	if im.First == im.Last {
		return nil
	}
	of := p.stretch(source, objects, int(im.First))
	all := of.page.sources[of.at].Objects
	return all[int(im.First)-of.from : min(int(im.Last)-of.from, len(all))]
}

// ImageID implements dataset.Records.
func (p *pages) ImageID(source, object int) dataset.ID {
	of := p.stretch(source, objects, object)
	at := p.of[source]
	f := &at.part.frames[of.page.key.frame]
	return of.page.sources[of.at].ImageIDIn(f.of, object)
}

// ObjectSlot implements pass.Slots.
func (p *pages) ObjectSlot(source, object int) *pass.Object {
	of := p.stretch(source, objectSlots, object)
	return &of.page.objectSlots[of.at][object-of.from]
}

// whole returns all records of a source.
func (p *pages) whole(i int, k kind) *hit {
	if last := p.last[k][1].Load(); last != nil && last.source == i {
		return last
	}
	at := p.of[i]
	span := at.part.spans[at.number]
	of := p.page(pageKey{at.part, int(span.frame), k, span.n > 1})
	found := &hit{source: i, page: of, at: at.number - at.part.frames[span.frame].first}
	p.last[k][1].Store(found)
	return found
}

// stretch returns the records of a source among which a number is: of an image, or of an object, as the kind asks.
func (p *pages) stretch(i int, k kind, n int) *hit {
	if last := p.last[k][0].Load(); last != nil && last.source == i && last.from <= n && n < last.to {
		return last
	}
	at := p.of[i]
	span := at.part.spans[at.number]
	found := &hit{source: i}
	frame := int(span.frame)
	if span.n > 1 {
		frames := at.part.frames[frame:][:span.n]
		frame += sort.Search(len(frames)-1, func(f int) bool {
			_, to := bounds(frames[f].of, k)
			return n < to
		})
		found.from, found.to = bounds(at.part.frames[frame].of, k)
	} else {
		_, found.to = bounds(p.set.Data.Whole(i), k)
	}
	found.page, found.at = p.page(pageKey{at.part, frame, k, false}), at.number-at.part.frames[frame].first
	p.last[k][0].Store(found)
	return found
}

// bounds returns the numbers of the records of a stretch, those of a kind.
func bounds(of dataset.Stretch, k kind) (from, to int) {
	if k == images || k == imageSlots {
		return of.Image, of.Image + of.Images
	}
	return of.Object, of.Object + of.Objects
}

// page returns a page.
func (p *pages) page(key pageKey) *page {
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
	return of
}

// parts yields what a page has of each source of the part.
func (p *pages) parts(key pageKey) iter.Seq2[int, dataset.Stretch] {
	return func(yield func(int, dataset.Stretch) bool) {
		f := &key.part.frames[key.frame]
		for s := f.first; s < f.first+f.n; s++ {
			of := f.of
			if key.whole || !f.divided() {
				of = p.set.Data.Whole(key.part.numbers[s])
			}
			if !yield(s, of) {
				return
			}
		}
	}
}

// sizeOf returns how much memory a page takes, about.
func (p *pages) sizeOf(key pageKey) (n int) {
	for _, of := range p.parts(key) {
		n += bytesOf[key.kind][0]*of.Images + bytesOf[key.kind][1]*of.Objects
	}
	return n
}

// room is the memory in which a frame is decoded: what is unpacked of it is a copy.
type room struct{ packed, bytes []byte }

// read reads a piece of records.pack.
func (r *room) read(p *opened, file io.ReaderAt, at piece) (err error) {
	r.packed = slices.Grow(r.packed[:0], int(at.length))[:at.length]
	if _, err := file.ReadAt(r.packed, at.offset); err != nil {
		return p.changed(recordsName, err)
	}
	if r.bytes, err = decode(r.packed, r.bytes[:0]); err != nil {
		return damaged(p.dir, recordsName, "it can't be read")
	}
	return nil
}

var rooms = sync.Pool{New: func() any { return &room{} }}

// load reads a page.
func (p *pages) load(of *page) error {
	part := of.key.part
	file, err := part.file(recordsName)
	if err != nil {
		return err
	}
	defer file.Close()
	room := rooms.Get().(*room)
	defer rooms.Put(room)
	for s, all := range p.parts(of.key) {
		of.begin(p, s, all)
	}
	first, n := of.key.frame, 1
	if of.key.whole {
		n = int(part.spans[part.frames[first].first].n)
	}
	for i := range part.frames[first:][:n] {
		f := &part.frames[first+i]
		if err := room.read(part, file, f.at(of.key.kind)); err != nil {
			return err
		}
		r := pack.NewReader(room.bytes)
		for s, stretch := range p.parts(pageKey{part: part, frame: first + i}) {
			if !of.add(r, s, stretch) {
				return damaged(part.dir, recordsName, "its counts do not fit its records")
			}
		}
		if r.End() != nil {
			return damaged(part.dir, recordsName, "it can't be read")
		}
	}
	return nil
}

// begin makes room for records of a source of the part.
func (of *page) begin(p *pages, s int, all dataset.Stretch) {
	switch i := of.key.part.numbers[s]; of.key.kind {
	case images:
		of.images = append(of.images, make([]dataset.Image, 0, all.Images))
	case objects:
		of.sources = append(of.sources, p.set.Data.Begin(i, p.imagesOf(i, all), all.Objects))
	case imageSlots:
		of.imageSlots = append(of.imageSlots, make([]pass.Image, 0, all.Images))
	case objectSlots:
		of.objectSlots = append(of.objectSlots, make([]pass.Object, 0, all.Objects))
	}
}

// imagesOf returns the images of a stretch of a source.
func (p *pages) imagesOf(i int, of dataset.Stretch) []dataset.Image {
	switch {
	case of == p.set.Data.Whole(i):
		return p.Images(i)
	case of.Images == 0:
		return nil
	}
	return p.Run(i, of.Image)
}

// add unpacks a stretch of a source of the part, and reports whether as many records as it has were there.
func (of *page) add(r *pack.Reader, s int, stretch dataset.Stretch) bool {
	k := s - of.key.part.frames[of.key.frame].first
	switch of.key.kind {
	case images:
		before := len(of.images[k])
		of.images[k] = dataset.UnpackImages(r, stretch, of.images[k])
		return len(of.images[k]) == before+stretch.Images
	case objects:
		src := of.sources[k]
		before := len(src.Objects)
		own := src.Images
		if of.key.whole {
			own = own[stretch.Image:][:stretch.Images]
		}
		dataset.UnpackObjects(r, stretch, own, src)
		return len(src.Objects) == before+stretch.Objects
	case imageSlots:
		before := len(of.imageSlots[k])
		of.imageSlots[k] = pass.UnpackImages(r, of.imageSlots[k])
		return len(of.imageSlots[k]) == before+stretch.Images
	default:
		before := len(of.objectSlots[k])
		of.objectSlots[k] = pass.UnpackObjects(r, of.objectSlots[k])
		return len(of.objectSlots[k]) == before+stretch.Objects
	}
}

// blank makes a page of sources whose records all are left out: the run ends before anybody sees them.
func (of *page) blank(p *pages) {
	of.images, of.sources, of.imageSlots, of.objectSlots = nil, nil, nil, nil
	for s, stretch := range p.parts(of.key) {
		src := p.set.Data.Blank(of.key.part.numbers[s], stretch)
		of.images, of.sources = append(of.images, src.Images), append(of.sources, src)
		k := len(of.images) - 1
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
