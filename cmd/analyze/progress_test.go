package main

import (
	"bytes"
	"regexp"
	"testing"
	"time"
)

// TestProgressLines: without a terminal a stage tells its share, or the MB that are written where
// nobody knows how many there will be; a stage that told its share ends at 100 %.
func TestProgressLines(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, false)
	due := func() { p.next = time.Time{} }
	p.bytes("reading", 200)
	due()
	p.set(50)
	p.percent("auditing labels", 100)
	p.add(1) // no line is due
	p.bytes("writing", 0)
	due()
	p.add(63_400_000)
	if name, done := p.where(); name != "writing" || done != -1 {
		t.Errorf("where: %s, %v", name, done)
	}
	p.timings()
	want := regexp.MustCompile(`^reading: 25 %\nreading: 100 %\nwriting: 63.4 MB\n` +
		`timings: reading [\d.]+ s, auditing labels [\d.]+ s, writing [\d.]+ s\n$`)
	if !want.MatchString(b.String()) {
		t.Errorf("got %q", b.String())
	}
}
