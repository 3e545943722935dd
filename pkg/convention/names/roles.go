package names

import (
	"path"
	"strings"
)

// roles are the words by which files and directories say what they are for.
var roles = map[string]string{
	"train": "train", "training": "train", "trainset": "train", "trn": "train",
	"val": "val", "valid": "val", "validation": "val", "dev": "val", "eval": "val", "minival": "val",
	"test": "test", "testing": "test", "testset": "test", "tst": "test", "holdout": "test",
}

// Role returns "train", "val" or "test" if exactly one of them is a word of the name,
// digits behind it aside; the file's own name counts before its directories.
func Role(name string) string {
	name = strings.ToLower(name)
	for _, part := range []string{path.Base(name), path.Dir(name)} {
		found := map[string]bool{}
		for _, word := range strings.FieldsFunc(part, func(r rune) bool { return r < 'a' || r > 'z' }) {
			if r := roles[word]; r != "" {
				found[r] = true
			}
		}
		if len(found) == 1 {
			for r := range found {
				return r
			}
		}
		if len(found) > 1 {
			return ""
		}
	}
	return ""
}
