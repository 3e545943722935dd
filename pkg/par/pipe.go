package par

import (
	"context"
	"sync"
)

// Pipe is a pipeline that keeps its order. It takes items from next until that
// says false or fails, turns each into a result with work on up to workers
// goroutines, and gives the results to done in the order of the items. next
// and done run on the calling goroutine, never at the same time; at most
// workers+1 items are under way. With one worker everything runs on the
// calling goroutine. Pipe returns when all its goroutines have ended, with the
// first error of next, done or ctx. If work panics, Pipe does, with a *Panic, when it comes
// to the item.
func Pipe[T, R any](
	ctx context.Context, workers int,
	next func() (T, bool, error), work func(T) R, done func(R) error,
) error {
	if workers <= 1 {
		return pipeAlone(ctx, next, work, done)
	}
	type result struct {
		r      R
		broken *Panic
	}
	type slot struct {
		item T
		out  chan result
	}
	try := func(item T) (out result) {
		defer func() { out.broken = caught(recover()) }()
		out.r = work(item)
		return out
	}
	jobs := make(chan slot, workers+1)
	var workersDone sync.WaitGroup
	defer workersDone.Wait()
	closeJobs := sync.OnceFunc(func() { close(jobs) })
	defer closeJobs()
	for range workers {
		workersDone.Go(func() {
			for s := range jobs {
				s.out <- try(s.item) // has room: one result a slot
			}
		})
	}
	var waiting []chan result
	drain := func(most int) (err error) {
		for len(waiting) > most {
			r := <-waiting[0]
			waiting = waiting[1:]
			if r.broken != nil {
				panic(r.broken)
			}
			if err == nil {
				err = done(r.r)
			}
		}
		return err
	}
	var err error
	for err = ctx.Err(); err == nil; err = ctx.Err() {
		var item T
		var ok bool
		if item, ok, err = next(); err != nil || !ok {
			break
		}
		out := make(chan result, 1)
		jobs <- slot{item, out}
		waiting = append(waiting, out)
		if err = drain(workers); err != nil {
			break
		}
	}
	closeJobs()
	if err != nil {
		return err // results under way have room and are dropped
	}
	return drain(0)
}

func pipeAlone[T, R any](ctx context.Context, next func() (T, bool, error), work func(T) R, done func(R) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		item, ok, err := next()
		if err != nil || !ok {
			return err
		}
		if err := done(work(item)); err != nil {
			return err
		}
	}
}
