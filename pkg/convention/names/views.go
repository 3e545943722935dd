package names

import (
	"slices"
	"strings"

	"focalaudit/pkg/naming"
)

// View is what a picture's name says of the camera that took it beside another one.
type View uint8

// The Views.
const (
	NoView View = iota
	LeftView
	RightView
	OtherLight // the same view in other light, or at other depths: objects are at the same place
)

// views are words that are a directory's name, or a part of a file's name. image_2 and image_3 are KITTI's colour
// cameras, 0 and 1 its grey ones, cam0 and cam1 EuRoC's.
var views = map[string]View{
	"left": LeftView, "right": RightView, "leftimg8bit": LeftView, "rightimg8bit": RightView,
	"rgb": OtherLight, "color": OtherLight, "colour": OtherLight, "visible": OtherLight, "vis": OtherLight,
	"thermal": OtherLight, "ir": OtherLight, "tir": OtherLight, "lwir": OtherLight, "nir": OtherLight, "swir": OtherLight,
	"infrared": OtherLight, "fir": OtherLight, "depth": OtherLight, "gray": OtherLight, "grey": OtherLight,
}

// viewsOfDirectories are those of a directory's name only: a file's name may count so.
var viewsOfDirectories = map[string]View{
	"image_0": LeftView, "image_1": RightView, "image_00": LeftView, "image_01": RightView,
	"image_2": LeftView, "image_3": RightView, "image_02": LeftView, "image_03": RightView,
	"cam0": LeftView, "cam1": RightView, "cam_0": LeftView, "cam_1": RightView, "l": LeftView, "r": RightView,
	"image_left": LeftView, "image_right": RightView, "left_images": LeftView, "right_images": RightView,
}

// viewsAtEnd are those of the last part of a file's name: DJI's cameras write _T, _V, _W and _Z.
var viewsAtEnd = map[string]View{"l": LeftView, "r": RightView, "t": OtherLight, "v": OtherLight, "w": OtherLight}

// ViewOf returns what a name says of the camera, and the name with that word left out; NoView if it says nothing.
func ViewOf(file string) (v View, rest string) {
	file = naming.Normal(file)
	stem := NameStem(file)
	at := strings.LastIndexByte(stem, '/') + 1
	dirs := strings.Split(stem[:at], "/")
	for i := len(dirs) - 1; i >= 0; i-- {
		for _, table := range [...]map[string]View{views, viewsOfDirectories} {
			if v = table[dirs[i]]; v != NoView {
				dirs[i] = "*"
				return v, strings.Join(dirs, "/") + stem[at:]
			}
		}
	}
	name := stem[at:]
	for from := 0; from < len(name); {
		to := from
		for to < len(name) && strings.IndexByte("_-. ", name[to]) < 0 {
			to++
		}
		v = views[name[from:to]]
		if v == NoView && to == len(name) && from > 0 {
			v = viewsAtEnd[name[from:to]]
		}
		if v != NoView {
			return v, stem[:at] + name[:from] + "*" + name[to:]
		}
		from = to + 1
	}
	return NoView, ""
}

// SameView tells whether two names are those of one view in other light.
func SameView(a, b string) bool {
	v, x := ViewOf(a)
	u, y := ViewOf(b)
	return v == OtherLight && u == OtherLight && x == y
}

// Twice tells whether one of two names is the other with something behind its stem, as x_copy.jpg and x_1.jpg beside
// x.jpg: a copy of the picture, unless its word is that of a move.
func Twice(a, b string) bool {
	x, y := NameStem(naming.Normal(a)), NameStem(naming.Normal(b))
	if len(x) > len(y) {
		x, y = y, x
	}
	behind, ok := strings.CutPrefix(y, x)
	return ok && behind != "" && strings.IndexByte("_-. (", behind[0]) >= 0 &&
		!slices.ContainsFunc(moves, func(move string) bool { return strings.Contains(behind, move) })
}
