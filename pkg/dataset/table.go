package dataset

// table finds records by their ids. Small whole numbers, which most ids are,
// index a slice; its length keeps to the number of records, so that one huge id
// costs nothing.
type table struct {
	dense []int32 // index + 1
	rest  map[IDKey]int32
}

// newTable returns a table for about n records. Eight slots a record hold the
// ids of data sets of which a part was taken.
func newTable(n int) *table {
	return &table{dense: make([]int32, 8*n+64), rest: map[IDKey]int32{}}
}

// get returns the index of an id, -1 if it has none.
func (t *table) get(d ID) int32 {
	n, whole := d.Int()
	if whole && n >= 0 && n < int64(len(t.dense)) {
		return t.dense[n] - 1
	}
	if i, ok := t.rest[d.Key()]; ok {
		return i
	}
	return -1
}

// put gives an id its index if it has none yet, and returns the one it has.
func (t *table) put(d ID, i int32) int32 {
	n, whole := d.Int()
	if whole && n >= 0 && n < int64(len(t.dense)) {
		if t.dense[n] == 0 {
			t.dense[n] = i + 1
		}
		return t.dense[n] - 1
	}
	k := d.Key()
	if had, ok := t.rest[k]; ok {
		return had
	}
	t.rest[k] = i
	return i
}

// set gives an id another index.
func (t *table) set(d ID, i int32) {
	if n, whole := d.Int(); whole && n >= 0 && n < int64(len(t.dense)) {
		t.dense[n] = i + 1
		return
	}
	t.rest[d.Key()] = i
}

// idSet tells which ids were seen before. Small whole numbers are bits of a
// slice, 64 times as many as there are records.
type idSet struct {
	dense []uint64
	rest  map[IDKey]bool
}

func newIDSet(n int) *idSet {
	return &idSet{dense: make([]uint64, n+1), rest: map[IDKey]bool{}}
}

// add adds an id, and tells whether it was there.
func (s *idSet) add(d ID) (had bool) {
	n, whole := d.Int()
	if whole && n >= 0 && n < 64*int64(len(s.dense)) {
		word, bit := &s.dense[n/64], uint64(1)<<(n%64)
		had = *word&bit != 0
		*word |= bit
		return had
	}
	k := d.Key()
	had = s.rest[k]
	s.rest[k] = true
	return had
}

// textual tells strings from numbers, which Python's dictionaries keep apart.
func textual(d ID) bool { return d.Kind() == Text }

// refs numbers the category ids that annotations name, by first use.
type refs struct {
	ids   []ID
	small []int32 // number + 1 of plain ids below maxSmall, up to the largest
	rest  map[refKey]int32
}

// maxSmall bounds the ids that are found without hashing.
const maxSmall = 256

// refKey keeps 1 and "1" apart, to tell which of them does not match.
type refKey struct {
	id   IDKey
	text bool
}

// index returns the number of an id, -1 for none.
func (f *refs) index(d ID) int32 {
	plain, whole := d.Int()
	small := whole && d.Kind() == Plain && plain >= 0 && plain < maxSmall
	if small && plain < int64(len(f.small)) {
		if n := f.small[plain]; n > 0 {
			return n - 1
		}
	}
	if d.Kind() == Absent {
		return -1
	}
	k := refKey{d.Key(), textual(d)}
	n, ok := f.rest[k]
	if !ok {
		if f.rest == nil {
			f.rest = map[refKey]int32{}
		}
		n = int32(len(f.ids))
		f.ids = append(f.ids, d)
		f.rest[k] = n
	}
	if small {
		if more := int(plain) + 1 - len(f.small); more > 0 {
			f.small = append(f.small, make([]int32, more)...)
		}
		f.small[plain] = n + 1
	}
	return n
}
