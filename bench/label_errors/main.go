// Label_errors measures rankings of label errors, on every data set of a directory: errors
// are put into labels that are taken for right, by a program of its own (errors.go); sets
// whose errors are known (glyphs) are taken as they are.
//
//	go run ./bench/label_errors [-data ../shared] [-quick] [-only SUBSTRING]
//
// A line is the mean over the seeds. AUROC and average precision (AP) of a kind are against
// all other labels, those with other errors included; of missing objects there is the AP
// alone, over the detections: an object counts as found with the first detection of IoU 0.5
// on it, and never if there is none. "First 50" is the share of right entries among the first
// 50 of one list of all kinds, in which an entry has to name the right kind. CPU is the
// ranking's, in seconds. Then come second boxes, and KITTI's labels as people have checked
// them (checked.go), and before these how far estimates and probabilities hold (estimates.go, totals.go, -only estimates), what is
// estimated for right labels (clean.go, -only clean), how much one mended label changes (steadiness.go, -only steadiness),
// how much the draw of the simulation (draws.go, -only draws), and how labels are found in which one class stands for
// another (swaps.go, -only swaps).
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"focalaudit/internal/cputime"
	"focalaudit/pkg/labels"
)

func main() {
	b := bench{}
	flag.StringVar(&b.data, "data", "../shared", "directory of the data sets")
	flag.BoolVar(&b.quick, "quick", false, "small data sets alone, 5 % of each error, one seed")
	flag.StringVar(&b.only, "only", "", "only data sets, and tables of estimates and checked labels, whose name contains this")
	flag.StringVar(&b.ranking, "ranking", "", "only rankings whose name contains this")
	flag.Parse()
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "label_errors:", err)
		os.Exit(1)
	}
}

// bench is what is asked for.
type bench struct {
	data, only, ranking string
	quick               bool
}

// run prints all tables.
func (b *bench) run() error {
	for i := range sets {
		if strings.Contains(sets[i].name, b.only) && (sets[i].quick || !b.quick) {
			if err := b.injected(&sets[i]); err != nil {
				return err
			}
		}
	}
	for _, t := range []struct {
		name  string
		print func() error
	}{{"estimates", b.estimates}, {"clean", b.clean}, {"steadiness", b.steadiness}, {"draws", b.draws}, {"swaps", b.swaps}} {
		if b.quick || !strings.Contains(t.name, b.only) {
			continue
		}
		if err := t.print(); err != nil {
			return err
		}
	}
	if !strings.Contains("checked", b.only) && !strings.Contains("KITTI", b.only) {
		return nil
	}
	return b.checked()
}

// seeds and shares are what the errors are drawn by.
func (b *bench) seeds() int {
	if b.quick {
		return 1
	}
	return 3
}

func (b *bench) shares() []float64 {
	if b.quick {
		return []float64{0.05}
	}
	return []float64{0.01, 0.05, 0.10}
}

// chosen are the rankings that are asked for; those on samples only by name.
func (b *bench) chosen() []ranker {
	if b.ranking == "" {
		return rankings
	}
	all := slices.Concat(rankings, onSamples)
	return slices.DeleteFunc(all, func(r ranker) bool { return !strings.Contains(r.name, b.ranking) })
}

// header is the first lines of a table.
const header = `| ranking | class AUROC | AP | location AUROC | AP | spurious AUROC | AP | missing AP | first 50 | 100 | 200 | CPU s |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
`

// injected prints the tables of one data set.
func (b *bench) injected(n *named) error {
	s, err := n.load(b.data)
	if err != nil {
		return err
	}
	if s.known != nil {
		fmt.Printf("**%s**, its own errors\n\n%s", n.name, header)
		b.table(s, [][]image{s.known})
		return nil
	}
	for _, share := range b.shares() {
		var drawn [][]image
		for seed := range b.seeds() {
			r := rates{missing: share, location: share, class: share, spurious: share}
			drawn = append(drawn, s.part(n.every, seed).corrupted(r, uint64(seed+1)))
		}
		fmt.Printf("**%s**, %.0f %% of each error, seeds: %d\n\n%s", n.name, 100*share, len(drawn), header)
		b.table(s, drawn)
	}
	return b.duplicates(s, n)
}

// table prints a line a ranking.
func (b *bench) table(s *set, drawn [][]image) {
	for _, r := range b.chosen() {
		before := cputime.Used()
		mean := average(drawn, r)
		mean.cpu = (cputime.Used() - before).Seconds() / float64(len(drawn))
		fmt.Printf("| %s", r.name)
		for _, k := range []labels.Kind{labels.Class, labels.Location, labels.Spurious} {
			if !slices.Contains(r.kinds, k) || k == labels.Class && s.classes < 2 {
				fmt.Print(" | - | -")
			} else {
				fmt.Printf(" | %.3f | %.3f", mean.of[k].auroc, mean.of[k].ap)
			}
		}
		fmt.Printf(" | %.3f", mean.of[labels.Missing].ap)
		for _, p := range mean.first {
			fmt.Printf(" | %.2f", p)
		}
		fmt.Printf(" | %.1f |\n", mean.cpu)
	}
	fmt.Println()
}

// duplicates measures the kind that only our ranking has, in sets of its own.
func (b *bench) duplicates(s *set, n *named) error {
	var drawn [][]image
	for seed := range b.seeds() {
		drawn = append(drawn, s.part(n.every, seed).corrupted(rates{duplicate: 0.05}, uint64(seed+1)))
	}
	mean := average(drawn, rankings[0])
	f := mean.of[labels.Duplicate]
	fmt.Printf("Second boxes of 5 %% of the objects: AUROC %.3f, AP %.3f, first 50/100/200 %.2f/%.2f/%.2f\n\n",
		f.auroc, f.ap, mean.first[0], mean.first[1], mean.first[2])
	return nil
}
