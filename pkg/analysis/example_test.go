package analysis_test

import (
	"context"
	"fmt"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/coco"
)

// Run audits a data set under the settings of RetinaNet's article.
func ExampleRun() {
	ctx := context.Background()
	files, err := coco.Find([]string{"../../testdata/sample"}, nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := coco.Read(ctx, files, coco.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := analysis.Run(ctx, data, analysis.Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d images, %d of %d anchors are positive\n", r.Total.Images, r.Total.Positives, r.Total.Anchors)
	prior := r.Metrics[0] // a detector as it is initialised
	fmt.Printf("negatives carry %.2f %% of the cross entropy\n", 100**prior.NegativeShare.BCE)
	gravest := r.Findings[0]
	fmt.Printf("%d findings, first %s: %s\n", len(r.Findings), gravest.Severity(), gravest.Code)
	// Output:
	// 42 images, 3968 of 7290711 anchors are positive
	// negatives carry 97.91 % of the cross entropy
	// 31 findings, first error: annotation-id-duplicate
}
