// Package convention answers what the boxes, sizes and records of an annotation file mean, and asks all rules that look
// at one source. A file can be well-formed and mean something else than COCO's format: corners in the place of width
// and height, parts of the sides in the place of pixels, columns that stand one record off.
//
// InspectSource asks the rules in the order of rules.go. Those of this package look
//
//   - at the numbers of boxes and sizes (OfBoxes, OfSizes and what they share, a tally): boxes.go, sizes.go, slips.go,
//     moved.go, beyond.go, lone.go, columns.go;
//   - at some images and what their objects have in common (a glance): streaks.go, padded.go, unpadded.go, once.go,
//     doubled.go, onelabel.go, twoparts.go;
//   - at the records in the order of the file, by the shapes of classes: columns.go, filled.go, added.go,
//     renumbered.go, reordered.go, onecolumn.go;
//   - at what is left out: cut.go, filtered.go, joined.go, grouped.go, rounds.go.
//
// The others have packages of their own: series (the names and the order of images) and classes (the list of
// categories). What sources say of each other is the question of between, and whether a detector's results belong to
// the annotations that of results. None of these four imports another. What all ask with stands beneath: the ways to
// write a box (reading), which records are looked at (sample), the names of pictures (names), the words of messages
// (say).
//
// All functions are pure: the same counts and the same verdict at any order of the records. docs/conventions.md has the
// rules with the rates that were measured, section 8.
package convention
