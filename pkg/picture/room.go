package picture

import (
	"sync"
	"sync/atomic"
)

// room bounds the pixels that are decoded at one time: a picture of 48 megapixels takes 400 MB as a PNG of 16 bits, on
// each core.
type room struct {
	size  int64
	mu    sync.Mutex
	given sync.Cond
	left  int64
}

func newRoom(size int64) *room {
	r := &room{size: size, left: size}
	r.given.L = &r.mu
	return r
}

// take waits until there is room for n pixels. What needs more than there ever is gets all of it.
func (r *room) take(n int64) {
	n = min(n, r.size)
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.left < n {
		r.given.Wait()
	}
	r.left -= n
}

// give returns what take took.
func (r *room) give(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left += min(n, r.size)
	r.given.Broadcast()
}

// second returns a function that calls f when it is called for the second time.
func second(f func()) func() {
	var called atomic.Bool
	return func() {
		if called.Swap(true) {
			f()
		}
	}
}
