package belief

import (
	"testing"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/trainer"
)

// agreed returns how the classes of detections on the objects' boxes, all of the first class, agree with the objects.
func agreed(t *testing.T, scene *trainer.Scene, p *Plan, b *ledger.Book, boxes ...geom.Box) ledger.Agreement {
	t.Helper()
	builder, err := dataset.NewResultsBuilder("r.json", p.Data, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, box := range boxes {
		if reason, err := builder.Add(dataset.PlainID(1), dataset.PlainID(1), 0.5, box.Rect()); reason != "" || err != nil {
			t.Fatal(reason, err)
		}
	}
	if p.Results[2], err = builder.Join(); err != nil {
		t.Fatal(err)
	}
	counted(b, scene)
	if err := p.Scorer(2, scene).Image(0, 0, b); err != nil {
		t.Fatal(err)
	}
	return b.Accounts[2].Agreement
}

// TestAgreementInAnyOrder: a detection on two labels of one box agrees with the one of its class, whichever stands first.
func TestAgreementInAnyOrder(t *testing.T) {
	for first := range 2 {
		p, b, scene := planned(t, detectionSource(0.01), square(4, 4), square(4, 4))
		p.Data.Source(0).Objects[first].Class = 1
		if got := agreed(t, scene, p, b, square(4, 4)); got != (ledger.Agreement{Pairs: 1, All: 500, Same: 500}) {
			t.Errorf("the label of the other class is number %d: %+v", first, got)
		}
	}
	p, b, scene := planned(t, detectionSource(0.01), square(4, 4))
	p.Data.Source(0).Objects[0].Class = 1
	if got := agreed(t, scene, p, b, square(4, 4)); got != (ledger.Agreement{Pairs: 1, All: 500, Higher: 500}) {
		t.Errorf("an object of the next class: %+v", got)
	}
}

// TestAgreementIsBounded: of very many detections in an image, the surest are compared.
func TestAgreementIsBounded(t *testing.T) {
	p, b, scene := planned(t, detectionSource(0.01), square(4, 4))
	boxes := make([]geom.Box, 3*mostCompared)
	for i := range boxes {
		boxes[i] = square(4, 4)
	}
	if got := agreed(t, scene, p, b, boxes...); got.Pairs != mostCompared {
		t.Errorf("%d pairs, want %d", got.Pairs, mostCompared)
	}
}
