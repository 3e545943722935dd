// Package convention finds out what the numbers and names of a file mean. A file can
// be well-formed and mean something else than COCO's format: corners in the place of
// width and height, parts of the sides in the place of pixels, ids of another list.
//
// Every answer is about a whole source or run and rests on counts:
//
//   - OfBoxes: under which reading the boxes of a source fit their images, their
//     outlines and their areas;
//   - OfSizes: whether the image sizes are those of the annotated pictures;
//   - Judge: whether a detector's results belong to the annotations, and how to read
//     them if not; JoinIDs, CategoryRanks and Scores for what a reader refuses;
//   - Beside, Spellings: which images are in two sources, and which names are one.
//
// Inspect and Verdict.Findings put the answers into words. All functions are pure: the
// same counts and the same verdict at any order of the records. docs/methods.md has the
// rules with the rates that were measured, section 8.
package convention
