package page

import (
	"bytes"
	"strings"
	"testing"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/trainer"
)

// TestTrainers: the page shows the counts that the comparison has, one trainer after the other, and of many
// presets one of each family, with the run's own; a run without a comparison has no such part.
func TestTrainers(t *testing.T) {
	r := analysed(t, "", sampleDir)
	if strings.Contains(written(t, r), `id="trainers"`) {
		t.Error("a run without a comparison shows one")
	}
	var all []trainer.Preset
	for _, name := range trainer.Names() {
		all = append(all, trainer.MustLoad(name))
	}
	config := analysis.CompareConfig(analysis.Default())
	few := []trainer.Preset{trainer.MustLoad("retinanet-torchvision"), trainer.MustLoad("ultralytics-8.3")}
	for _, presets := range [][]trainer.Preset{few, all} {
		of, err := analysis.Compare(t.Context(), r.Data, config, presets, nil)
		if err != nil {
			t.Fatal(err)
		}
		larger, err := of.Double(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		v := (&painter{Result: r, compared: &Compared{of, larger}}).trainers()
		shown := len(few)
		if len(presets) > maxTrainers {
			shown = len(trainer.Families()) // the run's own preset is the first of its family
		}
		if len(v.Rows) != shown || (v.Folded == "") != (len(presets) == shown) || v.Advice != marked(answer.Trainers(of, larger)) {
			t.Errorf("%d presets: %d rows, folded %q, advice %q", len(presets), len(v.Rows), v.Folded, v.Advice)
		}
		for _, row := range v.Rows {
			for i := range of.Of {
				o := &of.Of[i]
				if o.Preset.Name != row.Name {
					continue
				}
				n := o.All().Objects
				if row.Sort != n || row.Trained != count(n[0]) || row.Weakly != count(n[1]) || row.Never != count(n[2]) ||
					row.LeftOut != count(n[3]) || (row.About != "") != (row.Name == r.Config.Preset.Name) {
					t.Errorf("%s: %+v, want %v", row.Name, row, n)
				}
			}
		}
		var b bytes.Buffer
		if err := Write(&b, r, Extras{Compared: &Compared{of, larger}}, "1"); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{`<a href="#trainers">`, string(v.Advice), "≤\u202f"} {
			if !strings.Contains(b.String(), part) {
				t.Errorf("the page lacks %q", part)
			}
		}
	}
}
