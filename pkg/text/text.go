// Package text writes lines for people, with names from data sets in them.
//
//  1. Lines prints line after line and keeps the first error (lines.go).
//  2. Printable, InLine, Clip and Cell make a name from a data set harmless: it
//     commands neither a terminal nor a CI server, and is no markup (names.go).
//  3. Group, Plural, Short and JSON write numbers, counts and values (numbers.go,
//     json.go).
package text
