package par

import (
	"errors"
	"time"
)

// ErrTooLong is the error of a job that did not end in its time.
var ErrTooLong = errors.New("took too long")

// Within runs a job that may wait for something outside the program, and waits for it no
// longer than limit. Then the error is ErrTooLong, and the job's goroutine is left behind:
// it ends when what it waits for answers, and its result is dropped.
func Within[R any](limit time.Duration, job func() (R, error)) (R, error) {
	type result struct {
		r   R
		err error
	}
	done := make(chan result, 1)
	go func() {
		r, err := job()
		done <- result{r, err}
	}()
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case out := <-done:
		return out.r, out.err
	case <-late.C:
		var none R
		return none, ErrTooLong
	}
}
