package iou

// touched finds a match by its anchor's index: a hash table with open
// addressing that is emptied by raising the generation. It takes the place of
// an array as long as the image has anchors.
type touched struct {
	slots []slot
	shift uint
	gen   uint32
	used  int
}

type slot struct {
	anchor int
	gen    uint32
	match  int32
}

const firstSlots = 1 << 10

// reset forgets all anchors.
func (t *touched) reset() {
	if t.slots == nil {
		t.resize(firstSlots)
	}
	if t.gen++; t.gen == 0 { // after 2^32 images the stamps begin anew
		clear(t.slots)
		t.gen = 1
	}
	t.used = 0
}

func (t *touched) resize(n int) {
	t.slots, t.shift = make([]slot, n), 64
	for ; n > 1; n >>= 1 {
		t.shift--
	}
}

// find returns the match of an anchor, or enters next as its match.
func (t *touched) find(anchor int, next int32) (match int32, known bool) {
	if 2*t.used >= len(t.slots) {
		t.grow()
	}
	s := t.place(anchor)
	if s.gen == t.gen {
		return s.match, true
	}
	*s = slot{anchor, t.gen, next}
	t.used++
	return next, false
}

// lookup returns the match of an anchor, if there is one.
func (t *touched) lookup(anchor int) (match int32, known bool) {
	s := t.place(anchor)
	return s.match, s.gen == t.gen
}

// place returns the slot that holds the anchor or where it would go.
func (t *touched) place(anchor int) *slot {
	// Fibonacci hashing: the golden ratio spreads neighbours far apart.
	i := uint64(anchor) * 0x9E3779B97F4A7C15 >> t.shift
	for {
		s := &t.slots[i]
		if s.gen != t.gen || s.anchor == anchor {
			return s
		}
		if i++; i == uint64(len(t.slots)) {
			i = 0
		}
	}
}

func (t *touched) grow() {
	old := t.slots
	gen := t.gen
	t.resize(2 * len(old))
	t.gen = 1
	for _, s := range old {
		if s.gen == gen {
			*t.place(s.anchor) = slot{s.anchor, 1, s.match}
		}
	}
}
