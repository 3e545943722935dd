//go:build unix

package main

import (
	"syscall"
	"time"
)

// cpu is the time that the program has used of all cores.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // only an argument that is wrong
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
