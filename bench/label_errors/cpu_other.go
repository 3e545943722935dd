//go:build !unix

package main

import "time"

var begun = time.Now()

// cpu is the time since the program began: the CPU time is not asked for on this system.
func cpu() time.Duration { return time.Since(begun) }
