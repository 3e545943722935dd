package dataset_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
)

// labels is a file of a small format: the image's name and size on the first
// line, then a box on each line, as its class and its left, upper, right and lower
// edges.
const labels = `pier.png 640 480
boat 10 20 110 70
boat 600 400 680 470
buoy 30 30 20 40
gull 5 5 25 25
buoy 7
`

// classNames are the classes that the format's other file declares.
var classNames = []string{"boat", "buoy"}

// A reader of another format: it passes images, objects and categories to a
// Builder, and says what is wrong with a record where it sees it. What is wrong
// between records, such as a box outside its image, Join finds.
func ExampleBuilder() {
	b := dataset.NewBuilder("pier.txt", dataset.Fields{Image: "image", Category: "class", Box: "box", File: "name"})
	for i, name := range classNames {
		b.Category(dataset.PlainID(int64(i)), name, 0, 1)
	}
	offset := int64(0)
	for i, line := range strings.Split(strings.TrimSuffix(labels, "\n"), "\n") {
		at, words := int32(i+1), strings.Fields(line)
		switch {
		case i == 0:
			w, _ := strconv.Atoi(words[1])
			h, _ := strconv.Atoi(words[2])
			b.Image(&dataset.Image{
				ID: dataset.TextID(words[0]), File: words[0], Size: geom.Size{W: w, H: h}, Offset: offset, Line: at,
			})
		case len(words) != 5:
			b.Bad(dataset.Annotations, offset, at, "a line of %d words, expected a class and four edges", len(words))
		default:
			b.Object(annotation(words, offset, at))
		}
		offset += int64(len(line)) + 1
	}
	d, err := dataset.Join(context.Background(), 1, []dataset.Outcome{{Name: "pier.txt", Builder: b}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range d.Sources {
		for _, o := range s.Objects {
			fmt.Printf("%s in %s: %v\n", d.Classes[o.Class].Name, s.Images[o.Image].File, o.Box)
		}
		for _, f := range s.Flaws {
			fmt.Printf("line %d, %s: %s\n", f.Line, f.Code, f.Message)
		}
	}
	// Output:
	// boat in pier.png: {10 20 100 50}
	// boat in pier.png: {600 400 80 70}
	// buoy in pier.png: {30 30 -10 10}
	// category gull (undeclared) in pier.png: {5 5 20 20}
	// line 3, box-partly-outside: annotation 2: box [600, 400, 80, 70] sticks out of its image of 640 x 480 by 40 px
	// line 4, box-negative: annotation 3: box has width -10, expected > 0
	// line 5, category-unknown: annotation 4: class is "gull", expected the id of a category in the file
	// line 6, record-not-object: a line of 2 words, expected a class and four edges
}

// annotation returns the object that a line stands for.
func annotation(words []string, offset int64, line int32) *dataset.Annotation {
	var v [4]float64
	for i := range v {
		v[i], _ = strconv.ParseFloat(words[i+1], 64)
	}
	return &dataset.Annotation{
		ID: dataset.PlainID(int64(line) - 1), Image: dataset.TextID("pier.png"), Category: classID(words[0]),
		Box:    geom.Rect{X: v[0], Y: v[1], W: v[2] - v[0], H: v[3] - v[1]},
		Offset: offset, Line: line, Flags: dataset.NoArea,
	}
}

// classID returns the number of a class, its name if it has none.
func classID(name string) dataset.ID {
	for i, n := range classNames {
		if n == name {
			return dataset.PlainID(int64(i))
		}
	}
	return dataset.TextID(name)
}
