package coco_test

import (
	"context"
	"fmt"

	"focalaudit/pkg/coco"
)

// Find lists the annotation files of a directory, Read reads them into one data set.
// What is wrong in them are flaws of their sources, no errors.
func Example() {
	files, err := coco.Find([]string{"../../testdata/sample"}, nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := coco.Read(context.Background(), files, coco.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range data.Sources {
		fmt.Printf("%s: %d images, %d annotations, %d flaws\n", s.Name, len(s.Images), len(s.Objects), len(s.Flaws))
	}
	flaw := data.Sources[0].Flaws[0]
	fmt.Printf("the first flaw is on line %d: %s\n", flaw.Line, flaw.Code)
	// Output:
	// harbour.json: 3 images, 8 annotations, 11 flaws
	// street.json: 40 images, 167 annotations, 1 flaws
	// the first flaw is on line 15: box-empty
}
