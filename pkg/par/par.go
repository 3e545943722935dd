// Package par holds the program's goroutines: all of them start here, so that one
// page shows that each of them ends and how many there are.
//
// Jobs write their results to slots of their own, by index; the caller reduces
// the slots in order afterwards. So results never depend on the number of
// workers or on which of them was faster.
package par

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Panic is what a job panicked with, and where. It panics again on the goroutine that waits for the job, so that
// whoever called can deal with it.
type Panic struct {
	Value any
	Stack []byte
}

// Error says what it is, and where: the goroutine that it ends knows nothing of the place.
func (p *Panic) Error() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// caught returns what was recovered, with the stack of the goroutine; nil if nothing was.
func caught(p any) *Panic {
	switch p := p.(type) {
	case nil:
		return nil
	case *Panic: // of jobs within a job
		return p
	}
	return &Panic{p, debug.Stack()}
}

// Do runs job(i) for every i in [0,n) on up to workers goroutines, and returns
// when all of them have ended. It stops handing out jobs when ctx is done or a
// job has failed, and returns the error of the lowest i that failed, else
// ctx's. If a job panics, Do does, with a *Panic, when all of them have ended.
func Do(ctx context.Context, workers, n int, job func(i int) error) error {
	return DoWith(ctx, workers, n, func() struct{} { return struct{}{} },
		func(_ struct{}, i int) error { return job(i) })
}

// DoWith is Do for jobs that need scratch space: each worker makes one with
// scratch and gives it to all of its jobs.
func DoWith[S any](ctx context.Context, workers, n int, scratch func() S, job func(s S, i int) error) error {
	workers = max(1, min(workers, n))
	errs := make([]error, n)
	var next atomic.Int64
	var failed atomic.Bool
	var broken atomic.Pointer[Panic]
	work := func() {
		defer func() {
			if p := caught(recover()); p != nil {
				broken.CompareAndSwap(nil, p)
				failed.Store(true)
			}
		}()
		s := scratch()
		for ctx.Err() == nil && !failed.Load() {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			if errs[i] = job(s, i); errs[i] != nil {
				failed.Store(true)
			}
		}
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	if p := broken.Load(); p != nil {
		panic(p)
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// DoInOrder is DoWith for jobs whose results are put together in the order of
// the jobs: done is given them one at a time, each as soon as those before it
// are there. It may run on any of the goroutines. When a job has failed or ctx is
// done, some results never reach it.
func DoInOrder[S, R any](
	ctx context.Context, workers, n int,
	scratch func() S, job func(s S, i int) (R, error), done func(i int, r R),
) error {
	var mu sync.Mutex
	waiting := map[int]R{}
	next := 0
	return DoWith(ctx, workers, n, scratch, func(s S, i int) error {
		r, err := job(s, i)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		waiting[i] = r
		for r, ok := waiting[next]; ok; r, ok = waiting[next] {
			delete(waiting, next)
			done(next, r)
			next++
		}
		return nil
	})
}
