package iou

// Index numbers anchors in the order in which they are entered: a hash table
// with open addressing that is emptied by raising the generation. It takes the
// place of an array as long as the image has anchors. The zero value is empty.
type Index struct {
	slots []slot
	shift uint
	gen   uint32
	used  int
}

// slot holds a number under the key generation·2^32 + anchor.
type slot struct {
	key   uint64
	match int32
}

const firstSlots = 1 << 10

// Reset forgets all anchors.
func (t *Index) Reset() {
	if t.slots == nil {
		t.resize(firstSlots)
	}
	if t.gen++; t.gen == 0 { // after 2^32 images the stamps begin anew
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

// Find returns the number of an anchor, or gives it the number next. Reset must
// have been called before.
func (t *Index) Find(anchor, next int32) (match int32, known bool) {
	s := t.place(anchor)
	key := t.key(anchor)
	if s.key == key {
		return s.match, true
	}
	*s = slot{key, next}
	if t.used++; 2*t.used > len(t.slots) {
		t.grow()
	}
	return next, false
}

// lookup returns the match of an anchor, if there is one.
func (t *Index) lookup(anchor int32) (match int32, known bool) {
	s := t.place(anchor)
	return s.match, s.key == t.key(anchor)
}

func (t *Index) key(anchor int32) uint64 { return uint64(t.gen)<<32 | uint64(uint32(anchor)) }

// place returns the slot that holds the anchor or where it would go.
func (t *Index) place(anchor int32) *slot {
	// Fibonacci hashing: the golden ratio spreads neighbours far apart.
	i := uint64(uint32(anchor)) * 0x9E3779B97F4A7C15 >> t.shift
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

func (t *Index) grow() {
	old := t.slots
	t.resize(2 * len(old))
	for _, s := range old {
		if uint32(s.key>>32) == t.gen {
			*t.place(int32(uint32(s.key))) = s
		}
	}
}
