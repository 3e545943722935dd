// Package anchorindex numbers the few anchors of an image that matter.
//
// An image has some 100,000 anchors; a rule labels a few hundred of them, and a detector
// scores a few thousand. Both keep these in a list, and ask again and again whether an
// anchor is in it already, and where. An array over all anchors would answer at once,
// but it is large, and it has to be cleared for every image. An Index answers nearly
// as fast, and costs what it holds:
//
//	var entries []entry
//	var index anchorindex.Index
//	index.Reset() // for every image
//	if at, known := index.Add(anchor, int32(len(entries))); known {
//		entries[at].merge(e)
//	} else {
//		entries = append(entries, e)
//	}
//
// It is a hash table with open addressing, at most half full. Each slot holds the
// generation that wrote it beside its anchor, so that Reset empties the table by raising
// the generation: no memory is touched. The table keeps the size that it has grown to,
// which is that of the largest image so far. Neighbouring anchors are the usual keys,
// so they are spread by Fibonacci hashing (Knuth, "The Art of Computer Programming",
// volume 3, section 6.4), four of them together.
//
// Package iou keeps the matches of an image by it, package belief the scores that
// detections give. No order of anchors is read off an Index: lists have the order in
// which anchors were added, and so no result depends on the hash.
package anchorindex

// Index maps anchors to the numbers that they were added with. The zero value needs a
// Reset before it is used. An Index belongs to one goroutine.
type Index struct {
	slots []slot
	shift uint   // 64 less the bits of a place in slots
	gen   uint32 // of the anchors that are in the index
	used  int
}

// slot holds a number under the key generation·2^32 + anchor.
type slot struct {
	key    uint64
	number int32
}

const firstSlots = 1 << 10

// Reset removes all anchors.
func (t *Index) Reset() {
	if t.slots == nil {
		t.resize(firstSlots)
	}
	if t.gen++; t.gen == 0 { // 2^32 resets later the generations begin anew
		clear(t.slots)
		t.gen = 1
	}
	t.used = 0
}

func (t *Index) resize(n int) {
	t.slots, t.shift = make([]slot, n), 64
	for ; n > 1; n >>= 1 {
		t.shift--
	}
}

// Add returns the number of an anchor that was added before, and true; otherwise it adds
// the anchor with the number next, and returns that and false.
func (t *Index) Add(anchor, next int32) (number int32, known bool) {
	s := t.place(anchor)
	key := t.key(anchor)
	if s.key == key {
		return s.number, true
	}
	*s = slot{key, next}
	if t.used++; 2*t.used > len(t.slots) {
		t.grow()
	}
	return next, false
}

// Lookup returns the number of an anchor, and whether it was added.
func (t *Index) Lookup(anchor int32) (number int32, known bool) {
	s := t.place(anchor)
	return s.number, s.key == t.key(anchor)
}

func (t *Index) key(anchor int32) uint64 { return uint64(t.gen)<<32 | uint64(uint32(anchor)) }

// place returns the slot that holds the anchor or where it would go.
func (t *Index) place(anchor int32) *slot {
	// 2^64 over the golden ratio; anchors that differ in the last two bits only lie side by side, in one line of the cache
	i := uint64(uint32(anchor)>>2)*0x9E3779B97F4A7C15>>(t.shift+2)<<2 | uint64(anchor&3)
	key := t.key(anchor)
	for {
		s := &t.slots[i]
		if s.key == key || uint32(s.key>>32) != t.gen {
			return s
		}
		if i++; i == uint64(len(t.slots)) {
			i = 0
		}
	}
}

// grow doubles the slots.
func (t *Index) grow() {
	old := t.slots
	t.resize(2 * len(old))
	for _, s := range old {
		if uint32(s.key>>32) == t.gen {
			*t.place(int32(uint32(s.key))) = s
		}
	}
}
