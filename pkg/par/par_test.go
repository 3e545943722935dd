package par

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDoRunsEveryJobOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 3, 200} {
		got := make([]int, 100)
		if err := Do(context.Background(), workers, len(got), func(i int) error { got[i]++; return nil }); err != nil {
			t.Fatal(err)
		}
		for i, n := range got {
			if n != 1 {
				t.Errorf("%d workers: job %d ran %d times", workers, i, n)
			}
		}
	}
}

func TestDoReturnsTheFirstErrorByIndex(t *testing.T) {
	err := Do(context.Background(), 4, 100, func(i int) error {
		if i >= 3 {
			return fmt.Errorf("job %d", i)
		}
		time.Sleep(time.Millisecond)
		return nil
	})
	if err == nil || err.Error() != "job 3" {
		t.Errorf("got %v, want job 3", err)
	}
}

func TestDoStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	err := Do(ctx, 1, 100, func(int) error {
		if n++; n == 5 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n != 5 {
		t.Errorf("got %v after %d jobs, want context.Canceled after 5", err, n)
	}
}

// numbers yields 0 to n-1.
func numbers(n int) func() (int, bool, error) {
	i := -1
	return func() (int, bool, error) { i++; return i, i < n, nil }
}

func TestPipeKeepsTheOrder(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		var got []int
		err := Pipe(context.Background(), workers, numbers(50), func(i int) int {
			time.Sleep(time.Duration(i%3) * time.Millisecond)
			return i * i
		}, func(r int) error { got = append(got, r); return nil })
		want := make([]int, 50)
		for i := range want {
			want[i] = i * i
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d workers: got %v, %v", workers, got, err)
		}
	}
}

func TestPipeEndsOnErrors(t *testing.T) {
	bad := errors.New("bad")
	square := func(i int) int { return i * i }
	for _, workers := range []int{1, 3} {
		failing := func() (int, bool, error) { return 0, false, bad }
		if err := Pipe(context.Background(), workers, failing, square, func(int) error { return nil }); !errors.Is(err, bad) {
			t.Errorf("%d workers: next: got %v", workers, err)
		}
		if err := Pipe(context.Background(), workers, numbers(50), square, func(r int) error {
			if r == 49 {
				return bad
			}
			return nil
		}); !errors.Is(err, bad) {
			t.Errorf("%d workers: done: got %v", workers, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := Pipe(ctx, workers, numbers(50), square, func(int) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("%d workers: context: got %v", workers, err)
		}
	}
}

func TestDoInOrder(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		var got []int
		err := DoInOrder(context.Background(), workers, 60, func() int { return 3 }, func(s, i int) (int, error) {
			time.Sleep(time.Duration(i%4) * time.Millisecond)
			return s * i, nil
		}, func(i, r int) {
			if r != 3*i {
				t.Errorf("job %d: got %d", i, r)
			}
			got = append(got, i)
		})
		if err != nil || len(got) != 60 || !slices.IsSorted(got) {
			t.Errorf("%d workers: got %v, %v", workers, got, err)
		}
	}
}

// TestWithin: a job that ends in time gives its result, and one that does not is left behind.
func TestWithin(t *testing.T) {
	if got, err := Within(time.Minute, func() (int, error) { return 3, nil }); got != 3 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	release := make(chan struct{})
	defer close(release)
	_, err := Within(time.Millisecond, func() (int, error) { <-release; return 3, nil })
	if !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v, expected ErrTooLong", err)
	}
}

// TestWatch: it looks again and again, and not after it was stopped.
func TestWatch(t *testing.T) {
	looked := make(chan int, 1000)
	stop := Watch(time.Millisecond, func() { looked <- 1 })
	for range 3 {
		<-looked
	}
	stop()
	n := len(looked)
	time.Sleep(5 * time.Millisecond)
	if stop(); len(looked) != n {
		t.Error("it looked after it was stopped")
	}
}

// TestPanicsReachTheCaller: a job that panics does not end the program, whoever waits for it can deal with it, and no
// goroutine is left behind.
func TestPanicsReachTheCaller(t *testing.T) {
	do := func(i int) error {
		if i == 5 {
			panic("five")
		}
		return nil
	}
	i := 0
	next := func() (int, bool, error) { i++; return i, i < 100, nil }
	for _, workers := range []int{1, 2, 8} {
		for name, f := range map[string]func(){
			"Do": func() { _ = Do(t.Context(), workers, 100, do) },
			"Do in Do": func() {
				_ = Do(t.Context(), workers, 3, func(int) error { return Do(t.Context(), workers, 100, do) })
			},
			"DoInOrder": func() {
				_ = DoInOrder(t.Context(), workers, 100, func() int { return 0 },
					func(_, i int) (int, error) { return i, nil }, func(i, _ int) { _ = do(i) })
			},
			"work of Pipe": func() {
				i = 0
				_ = Pipe(t.Context(), workers, next, do, func(error) error { return nil })
			},
			"done of Pipe": func() {
				i = 0
				_ = Pipe(t.Context(), workers, next, func(i int) int { return i }, do)
			},
			"next of Pipe": func() {
				i = 0
				_ = Pipe(t.Context(), workers, func() (int, bool, error) { i++; return i, true, do(i) },
					func(i int) int { return i }, func(int) error { return nil })
			},
		} {
			func() {
				defer func() {
					got := recover()
					if p, wrapped := got.(*Panic); wrapped {
						got = p.Value
						if !bytes.Contains(p.Stack, []byte("TestPanicsReachTheCaller")) {
							t.Errorf("%s, %d workers: the stack does not tell the place: %s", name, workers, p.Stack)
						}
					}
					if got != "five" {
						t.Errorf("%s, %d workers: got %v", name, workers, got)
					}
				}()
				f()
			}()
		}
	}
}
