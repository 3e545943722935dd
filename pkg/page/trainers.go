package page

import (
	"fmt"
	"html/template"
	"slices"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/answer"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/trainer"
)

// Compared is a comparison of trainers on the data set of the run.
type Compared struct {
	Trainers *analysis.Trainers
	Larger   *analysis.Larger // nil if no larger input would change anything
}

// trainersView is the trainers side by side.
type trainersView struct {
	Rows    []trainerRow
	Advice  template.HTML
	Bounds  bool   // some rows have bounds
	Folded  string // which presets are not shown, "" if all are
	Command string // preset whose input sizes a command sweeps, "" if its input has one size
}

// trainerRow is one trainer. Texts that end in Sort are numbers to sort by.
type trainerRow struct {
	Name, About                      string
	Bar                              template.HTML
	Trained, Weakly, Never, LeftOut  string
	Sort                             [4]int64 // of these four
	Sizes                            []sortedText
	Positives, Negatives, BCE, Focal string
	PositivesSort, NegativesSort     string
	BCESort, FocalSort               string
}

// sortedText is a text with the number to sort by.
type sortedText struct{ Text, Sort string }

// maxTrainers is how many presets are shown one by one; of more, each family shows one.
const maxTrainers = 12

// trainers returns the comparison, nil if there was none.
func (p *painter) trainers() *trainersView {
	if p.compared == nil {
		return nil
	}
	t := p.compared.Trainers
	v := &trainersView{Advice: marked(answer.Trainers(t, p.compared.Larger))}
	shown := t.Shown(nil)
	if len(shown) > maxTrainers {
		shown = t.Shown(trainer.Families())
		for i := range t.Of { // the run's own, and presets of one's own, which are of no family
			of := t.Of[i].Preset.Name
			if !slices.Contains(shown, i) && (of == p.Config.Preset.Name || !slices.Contains(trainer.Names(), of)) {
				shown = append(shown, i)
			}
		}
	}
	if n := len(t.Of) - len(shown); n > 0 {
		v.Folded = plural(n, "preset")
	}
	for _, i := range shown {
		v.Rows = append(v.Rows, p.trainer(&t.Of[i]))
		v.Bounds = v.Bounds || t.Of[i].Preset.Matcher.Thresholds().Bounds
	}
	if own := &p.Config.Preset; own.Resize.Short > 0 {
		if _, err := own.AtSize(int(own.Resize.Short)); err == nil {
			v.Command = name(own.Name)
		}
	}
	return v
}

// trainer makes the row of one trainer.
func (p *painter) trainer(of *analysis.Trainer) trainerRow {
	all := of.All().Objects
	row := trainerRow{Name: name(of.Preset.Name), Sort: all}
	if of.Preset.Name == p.Config.Preset.Name {
		row.About = "this report's"
	}
	row.Trained, row.Weakly = count(all[analysis.Trained]), count(all[analysis.Weakly])
	row.Never, row.LeftOut = count(all[analysis.Unassigned]), count(all[analysis.NotTrained])
	total := float64(max(1, all[0]+all[1]+all[2]+all[3]))
	share := func(t analysis.Treatment) float64 { return float64(all[t]) / total }
	row.Bar = bar(part{"pos", share(analysis.Trained)}, part{"hard", share(analysis.Weakly)},
		part{"never", share(analysis.Unassigned)}, part{"easy", share(analysis.NotTrained)})
	for s := range of.Resized {
		cell := sortedText{"–", "-1"}
		if missed, of := of.Missed(ledger.Size(s)); of > 0 {
			x := float64(missed) / float64(of)
			cell = sortedText{percent(x), fine(x)}
		}
		row.Sizes = append(row.Sizes, cell)
	}
	least, most := "", ""
	if of.Preset.Matcher.Thresholds().Bounds {
		least, most = "≥\u202f", "≤\u202f"
	}
	row.Positives, row.Negatives = "–", "–"
	if of.Total.Objects > 0 {
		x := float64(of.Total.Positives) / float64(of.Total.Objects)
		row.Positives, row.PositivesSort = most+digits3(x), fine(x)
	}
	if x := of.Metrics.NegativesPerPositive; x != nil {
		row.Negatives, row.NegativesSort = least+digits3(*x), fine(*x)
	}
	row.BCE, row.Focal = shareOf(of.FromStart.BCE), shareOf(of.FromStart.Focal)
	if of.FromStart.BCE != nil && of.FromStart.Focal != nil {
		row.BCESort, row.FocalSort = fmt.Sprint(*of.FromStart.BCE), fmt.Sprint(*of.FromStart.Focal)
	}
	return row
}
