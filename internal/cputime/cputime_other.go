//go:build !unix

// Package cputime tells how long the program has run, where the system is not asked for the time of its cores.
package cputime

import "time"

var begun = time.Now()

// Used is the time since the program began.
func Used() time.Duration { return time.Since(begun) }
