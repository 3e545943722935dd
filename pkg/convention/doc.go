// Package convention finds out what the numbers and names of a file mean. A file can
// be well-formed and mean something else than COCO's format: corners in the place of
// width and height, parts of the sides in the place of pixels, ids of another list.
//
// Every answer is about a whole source and rests on counts:
//
//   - OfBoxes: under which reading the boxes of a source fit their images, their
//     outlines and their areas;
//   - OfSizes: whether the image sizes are those of the annotated pictures;
//   - Beside, Spellings: which images are in two sources, and which names are one.
//
// Inspect puts the answers into words. All functions are pure: the same counts and the
// same verdict at any order of the records. docs/methods.md has the rules with the rates
// that were measured, section 8.
//
// Whether a detector's results belong to the annotations is the question of the package
// results. What both ask with stands beneath: the ways to write a box (reading), which
// records are looked at (sample), the words of messages (say).
package convention
