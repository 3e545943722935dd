// Package names answers what the names of pictures say: their directory, their tile, their number, the original that
// they are copies of, and what a file is for.
package names

import (
	"path"
	"strings"

	"focalaudit/pkg/dataset"
)

// CommonDirectory returns the directory that all file names of a source are in, with a "/" behind it, or "".
func CommonDirectory(src *dataset.Source) string {
	common := path.Dir(src.Images[0].File) + "/"
	for i := range src.Images {
		for !strings.HasPrefix(src.Images[i].File, common) {
			common = common[:strings.LastIndexByte(common[:max(len(common)-1, 0)], '/')+1]
		}
	}
	return common
}

// Below returns the first directory of a file below another one, with that one's name; "" if there is none.
func Below(file, common string) string {
	n := strings.IndexByte(file[len(common):], '/')
	if n < 0 {
		return ""
	}
	return file[:len(common)+n]
}
