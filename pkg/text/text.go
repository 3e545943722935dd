// Package text writes lines for people, with names from data sets in them.
//
//  1. Lines prints line after line and keeps the first error (lines.go); Wrap breaks long ones
//     (wrap.go).
//  2. Printable makes a name from a data set harmless: it commands neither a terminal nor
//     a CI server. InLine, Clip, Cell and CSVCell do so within a line, a column, a Markdown
//     table and a CSV file (names.go). EscapeJSON escapes the same characters, so that a
//     program still reads the name as it is (json.go).
//  3. Group, Plural, Digits, Percent, Short and JSON write numbers, counts and values
//     (numbers.go, json.go).
package text
