package ledger_test

import (
	"context"
	"fmt"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/coco"
	"focalaudit/pkg/ledger"
)

// A book has the loss of every set of terms, for the whole data set and for each part of
// it: here the focal loss of each size class, of a detector as it is initialised.
func ExampleBook_Entries() {
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
	for e := range r.Book.Entries() {
		if e.Scores == "prior" && e.Objective == ledger.Objectness && e.Loss.Focal == r.Setting.Focal && e.Scope == ledger.BySizeClass {
			fmt.Printf("%s objects: %d %s terms of %.1f nats, %.1f %% of the loss\n", e.Name, e.N, e.Set, e.Sum, 100*e.Share)
		}
	}
	// Output:
	// small objects: 377 positive terms of 425.4 nats, 9.5 % of the loss
	// medium objects: 1765 positive terms of 1991.6 nats, 44.4 % of the loss
	// large objects: 1826 positive terms of 2060.4 nats, 46.0 % of the loss
}
