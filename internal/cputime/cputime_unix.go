//go:build unix

// Package cputime tells how long the program has kept cores busy.
package cputime

import (
	"syscall"
	"time"
)

// Used is the time that the program has used of all cores, its own and the system's for it.
func Used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // only an argument that is wrong
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
