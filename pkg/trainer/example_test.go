package trainer_test

import (
	"context"
	"fmt"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/trainer"
)

// A scene sees one image after the other as a trainer does. Which loader and rule the
// preset names makes no difference to the caller.
func ExampleScene_See() {
	files, err := coco.Find([]string{"../../testdata/sample/harbour.json"}, nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := coco.Read(context.Background(), files, coco.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	preset, err := trainer.Load("retinanet-detectron2") // or a YAML file of your own
	if err != nil {
		fmt.Println(err)
		return
	}
	detectron2, err := trainer.New(preset)
	if err != nil {
		fmt.Println(err)
		return
	}
	scene := detectron2.NewScene(false)
	images := data.Sources[0].Images
	for i := range images {
		if why := scene.See(data, 0, i); why != trainer.Seen {
			fmt.Println(images[i].File, why)
			continue
		}
		fmt.Printf("%s: %d objects at %d × %d px; %d of %d anchors are positive\n", images[i].File,
			len(scene.Boxes), scene.Frame.Resized.W, scene.Frame.Resized.H, scene.Found.Positives, scene.Found.Anchors)
		for k, drop := range scene.Drops { // one for each annotation of the image
			if drop != trainer.Kept {
				fmt.Printf("  annotation %s is dropped: %s\n", data.Sources[0].Objects[int(images[i].First)+k].ID, drop)
			}
		}
	}
	// Output:
	// pier.png: 1 objects at 1067 × 800 px; 19 of 163206 anchors are positive
	//   annotation 2 is dropped: no-area-in-image
	// quay.png: 3 objects at 1067 × 800 px; 73 of 163206 anchors are positive
	//   annotation 4 is dropped: no-area-in-image
	// mole.png resized-to-nothing
}
