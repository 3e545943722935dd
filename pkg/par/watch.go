package par

import (
	"sync"
	"time"
)

// Watch calls look every so often, on a goroutine that ends when stop is called; stop
// waits for it.
func Watch(every time.Duration, look func()) (stop func()) {
	end := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-end:
				return
			case <-t.C:
				look()
			}
		}
	})
	return sync.OnceFunc(func() { close(end); ended.Wait() })
}
