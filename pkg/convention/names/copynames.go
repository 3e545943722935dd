package names

import (
	"slices"
	"strings"

	"focalaudit/pkg/naming"
)

// leastOfWord is how many pictures have to be named by a word as copies of others: pictures of a class may have its
// name now and then.
const leastOfWord = 5

// notAugmented are the words in names of copies that are no other pictures, and moves those of pictures in which
// objects stand elsewhere than in the original, so that its boxes are wrong.
var (
	notAugmented = []string{"copy", "kopie", "copie", "copia", "dup", "backup", "orig"}
	moves        = []string{
		"flip", "mirror", "rot", "turn", "crop", "zoom", "scale", "shear", "shift", "transl", "transpos", "warp", "affine",
		"persp", "mosaic", "resiz",
	}
)

// NameParts returns the parts of a file's name that stand between joints, without its ending.
func NameParts(file string) []string {
	joint := func(r rune) bool { return strings.ContainsRune("_-. /()", r) }
	return strings.FieldsFunc(NameStem(naming.Normal(file)), joint)
}

// addedWord returns the letters of what one list of parts has more than another, in one place, if these are the word
// of a copy with other colours: of three letters at least, as in x_bright.jpg beside x.jpg.
func addedWord(long, short []string) (word string, ok bool) {
	n := len(long) - len(short)
	if n <= 0 {
		return "", false
	}
	i := 0
	for i < len(short) && long[i] == short[i] {
		i++
	}
	if !slices.Equal(long[i+n:], short[i:]) {
		return "", false
	}
	return augmentWord(long[i : i+n])
}

// augmentWord returns the letters of some parts of a name, if they may be the word of a copy with other colours.
func augmentWord(parts []string) (word string, ok bool) {
	word = strings.Map(func(r rune) rune {
		if r < 0x80 && !isLetter(byte(r)) {
			return -1
		}
		return r
	}, strings.Join(parts, ""))
	in := func(s string) bool { return strings.Contains(word, s) }
	return word, len(word) >= 3 && !slices.ContainsFunc(notAugmented, in) && !slices.ContainsFunc(moves, in)
}

// Augmented tells of pairs of file names, by their place, whether one is that of a copy of the other with other
// colours, by a word that is behind five names at least; originals may have all names, by which two copies of one
// picture are known, or none.
func Augmented(pairs [][2]string, originals map[string]bool) []bool {
	words, counts := make([][]string, len(pairs)), map[string]int{}
	for k, p := range pairs {
		a, b := NameParts(p[0]), NameParts(p[1])
		if len(a) > len(b) {
			a, b = b, a
		}
		word, ok := addedWord(b, a)
		if ok {
			words[k] = []string{word}
		} else if one, other, ok := copiesOf(a, b, originals); ok {
			words[k] = []string{one, other}
		}
		for _, word := range words[k] {
			counts[word]++
		}
	}
	is := make([]bool, len(pairs))
	for k := range words {
		is[k] = len(words[k]) > 0 &&
			!slices.ContainsFunc(words[k], func(word string) bool { return counts[word] < leastOfWord })
	}
	return is
}

// copiesOf returns the words by which two names are those of copies of one picture.
func copiesOf(a, b []string, originals map[string]bool) (one, other string, ok bool) {
	i, j := 0, 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	for j < len(a)-i && a[len(a)-1-j] == b[len(b)-1-j] {
		j++
	}
	if !originals[strings.Join(slices.Concat(a[:i], a[len(a)-j:]), "_")] {
		return "", "", false
	}
	one, okA := augmentWord(a[i : len(a)-j])
	other, okB := augmentWord(b[i : len(b)-j])
	return one, other, okA && okB
}
