package names

import (
	"strings"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// tileName is a file name that ends with two numbers, as those of the tiles of one picture do: by row and column, or by
// the pixels where a tile begins.
type tileName struct {
	picture string // what stands before the two numbers, less the word before the first
	words   [2]string
	at      [2]int32
}

// tileOf reads such a name: picture_1_2.png, picture-r1-c2.png, picture_x0_y512.png, picture (1,2).png.
func tileOf(file string) (t tileName, ok bool) {
	rest := strings.TrimRight(NameStem(file), ")] ")
	for k := 1; k >= 0; k-- {
		from := len(rest)
		n, unit := int32(0), int32(1)
		for from > 0 && rest[from-1] >= '0' && rest[from-1] <= '9' && len(rest)-from < mostTileDigits {
			from--
			n += unit * int32(rest[from]-'0')
			unit *= 10
		}
		if from == len(rest) {
			return t, false
		}
		t.at[k] = n
		if rest = rest[:from]; from > 0 && rest[from-1] >= '0' && rest[from-1] <= '9' { // a longer number
			return t, false
		}
		for from > 0 && isLetter(rest[from-1]) {
			from--
		}
		t.words[k] = rest[from:]
		if k == 1 {
			rest = strings.TrimRight(rest[:from], "_-, ;x")
			if len(rest)+len(t.words[k])+4 < from { // more than a joint
				return t, false
			}
		} else {
			rest = rest[:from]
		}
	}
	t.picture = rest
	return t, true
}

// mostTileDigits is how many digits a number of a tile has at most.
const mostTileDigits = 6

// NameStem is a file name without its ending.
func NameStem(file string) string {
	if dot := strings.LastIndexByte(file, '.'); dot > strings.LastIndexByte(file, '/') {
		return file[:dot]
	}
	return file
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// LastNumber returns a name's stem up to its last number, and the number as it is written; "" if there is none.
func LastNumber(file string) (before, number string) {
	stem := NameStem(file)
	to := len(stem)
	for to > 0 && (stem[to-1] < '0' || stem[to-1] > '9') {
		to--
	}
	from := to
	for from > 0 && stem[from-1] >= '0' && stem[from-1] <= '9' {
		from--
	}
	return stem[:from], stem[from:to]
}

// pictureOf is what the names of the tiles of one picture, or of the pictures of one series, have in common.
func pictureOf(file string) (tiles, series string) {
	if t, ok := tileOf(file); ok {
		tiles = t.picture
	}
	series, _ = LastNumber(file)
	return tiles, series
}

// InPictures tells whether the images of each of some stretches of the file, n images from each place on, are tiles of
// one picture or a series by their names, and those of the next one are others; nine in ten are enough.
func InPictures(src *dataset.Source, places []int32, n int) bool {
	of, same := 0, [2]int{}
	for _, at := range places {
		if at == 0 || int(at)+n > len(src.Images) {
			continue
		}
		of++
		var before, first, last [2]string
		before[0], before[1] = pictureOf(src.Images[at-1].File)
		first[0], first[1] = pictureOf(src.Images[at].File)
		last[0], last[1] = pictureOf(src.Images[int(at)+n-1].File)
		for k := range same {
			same[k] += sample.One(first[k] != "" && first[k] == last[k] && first[k] != before[k])
		}
	}
	return of > 0 && 10*max(same[0], same[1]) >= 9*of
}

// OnePlace tells whether images at every n-th place of the file are the same part of one picture after the other, as a
// tile, a crop or a camera: nine in ten have the last two numbers of the name in common with the one before, or the
// last number has a third as many values as there are images.
func OnePlace(src *dataset.Source, first, n, images int) bool {
	same, numbers := 0, map[string]bool{}
	for k := range images {
		b := src.Images[first+k*n].File
		_, number := LastNumber(b)
		if number == "" {
			return false
		}
		numbers[number] = true
		if k == 0 {
			continue
		}
		x, okX := tileOf(src.Images[first+(k-1)*n].File)
		y, okY := tileOf(b)
		same += sample.One(okX && okY && x.at == y.at && x.picture != y.picture)
	}
	return 3*len(numbers) <= images || 10*same >= 9*(images-1)
}
