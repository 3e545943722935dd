package gate

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// ofNumber makes a function of one number.
func ofNumber(f func(float64) float64) func([]any) (any, error) {
	return func(args []any) (any, error) {
		if len(args) != 1 {
			return nil, fmt.Errorf("got %d arguments, expected one number", len(args))
		}
		x, ok := args[0].(float64)
		if !ok {
			return nil, fmt.Errorf("got %s, expected a number", describe(args[0]))
		}
		return exact(f(x))
	}
}

// ofNumbers makes a function of numbers: its arguments, lists of them included.
func ofNumbers(f func([]float64) float64) func([]any) (any, error) {
	return func(args []any) (any, error) {
		var xs []float64
		var add func(v any) error
		add = func(v any) error {
			switch v := v.(type) {
			case float64:
				xs = append(xs, v)
				return nil
			case []any:
				for _, x := range v {
					if err := add(x); err != nil {
						return err
					}
				}
				return nil
			}
			return fmt.Errorf("got %s, expected a number", describe(v))
		}
		if err := add(args); err != nil {
			return nil, err
		}
		if len(xs) == 0 {
			return nil, errors.New("got no numbers")
		}
		return exact(f(xs))
	}
}

// ofText makes a function of one text.
func ofText(f func(string) string) func([]any) (any, error) {
	return func(args []any) (any, error) {
		if len(args) != 1 {
			return nil, fmt.Errorf("got %d arguments, expected one text", len(args))
		}
		s, ok := args[0].(string)
		if !ok {
			return nil, fmt.Errorf("got %s, expected a text", describe(args[0]))
		}
		return f(s), nil
	}
}

// length counts the characters of a text, or the elements of a list.
func length(args []any) (any, error) {
	if len(args) == 1 {
		switch v := args[0].(type) {
		case string:
			return float64(utf8.RuneCountInString(v)), nil
		case []any:
			return float64(len(v)), nil
		}
	}
	return nil, errors.New("expected one text or list")
}

func sum(xs []float64) (s float64) {
	for _, x := range xs {
		s += x
	}
	return s
}

// median is the middle number, or the mean of the middle two.
func median(xs []float64) float64 {
	slices.Sort(xs)
	n := len(xs)
	return (xs[(n-1)/2] + xs[n/2]) / 2
}
