package analysis

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"focalaudit/pkg/coco"
)

// TestShuffledResults: the order of the records in a results file changes nothing but
// where the first of those that are left out stands.
func TestShuffledResults(t *testing.T) {
	d, c := scored(t)
	run := func() *Result {
		r, err := Run(context.Background(), d, c)
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Config.Results[2].LeftOut {
			f := &r.Config.Results[2].LeftOut[i]
			f.Offset, f.Message = 0, ""
		}
		return r
	}
	want := run()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "detections.json"))
	if err != nil {
		t.Fatal(err)
	}
	var records []json.RawMessage
	if err := json.Unmarshal(data, &records); err != nil {
		t.Fatal(err)
	}
	for seed := range shortened(t, 3, 1) {
		r := rand.New(rand.NewPCG(seed, 43))
		r.Shuffle(len(records), func(i, k int) { records[i], records[k] = records[k], records[i] })
		file := filepath.Join(t.TempDir(), "detections.json")
		shuffled, err := json.Marshal(records)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, shuffled, 0o600); err != nil {
			t.Fatal(err)
		}
		if c.Results[2], err = coco.ReadResults(context.Background(), file, "", d, coco.Options{Workers: 2}); err != nil {
			t.Fatal(err)
		}
		got := run()
		if !reflect.DeepEqual(read(got.Book), read(want.Book)) || !reflect.DeepEqual(got.Metrics, want.Metrics) {
			t.Errorf("seed %d: another ledger", seed)
		}
		if !reflect.DeepEqual(got.Rows, want.Rows) {
			t.Errorf("seed %d: other losses of images or objects", seed)
		}
		if a, b := fmt.Sprint(got.Audit.Chances), fmt.Sprint(want.Audit.Chances); a != b { // NaN differs from itself
			t.Errorf("seed %d: other chances of errors", seed)
		}
		if len(got.Findings) != len(want.Findings) {
			t.Fatalf("seed %d: %d findings, want %d", seed, len(got.Findings), len(want.Findings))
		}
		for i := range got.Findings {
			a, b := got.Findings[i], want.Findings[i]
			if a.Code != b.Code || a.Box != b.Box || (a.Evidence == nil) != (b.Evidence == nil) {
				t.Errorf("seed %d: finding %d: %+v, want %+v", seed, i, a, b)
			} else if a.Evidence != nil && (a.Evidence.BCE != b.Evidence.BCE || a.Evidence.Focal != b.Evidence.Focal || a.Evidence.Score != b.Evidence.Score) {
				t.Errorf("seed %d: finding %d: %+v, want %+v", seed, i, a.Evidence, b.Evidence)
			}
		}
	}
}
