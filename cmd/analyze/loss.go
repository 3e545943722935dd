package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"focalaudit/pkg/loss"
	"focalaudit/pkg/text"
)

// newLoss prints what single scores cost: the table of the article on any scores.
func newLoss() *cobra.Command {
	var negatives []float64
	focal := loss.Focal{Alpha: 0.25, Gamma: 2}
	c := &cobra.Command{
		Use:   "loss [SCORE]... [--negative SCORE]...",
		Short: "Print what single scores cost under cross entropy and focal loss",
		Long: `loss prints the cross entropy and the focal loss of scores (probabilities
between 0 and 1) of anchors that match an object, and after --negative of
anchors that match none.

  p_t   the score of the truth: of a positive its score, of a negative 1 - score
  BCE   -ln p_t
  focal -α_t (1 - p_t)^γ ln p_t; α_t is α for positives, 1 - α for negatives`,
		Example: "  analyze loss 0.95 0.5 --negative 0.9\n  analyze loss 0.6 --gamma 5 --alpha -1",
		RunE: func(cmd *cobra.Command, args []string) error {
			var positives []float64
			for _, arg := range args {
				p, err := strconv.ParseFloat(arg, 64)
				if err != nil {
					return fmt.Errorf("score %q: expected a number between 0 and 1, such as 0.95", arg)
				}
				positives = append(positives, p)
			}
			return printLosses(cmd.OutOrStdout(), focal, positives, negatives)
		},
	}
	c.Flags().Float64SliceVar(&negatives, "negative", nil, "score of an anchor without an object; repeatable")
	c.Flags().Float64Var(&focal.Gamma, "gamma", focal.Gamma, "γ of focal loss, 0 or more")
	c.Flags().Float64Var(&focal.Alpha, "alpha", focal.Alpha, "α of positives, 0 to 1; -1 for none")
	return c
}

// printLosses writes a line for each score.
func printLosses(out io.Writer, f loss.Focal, positives, negatives []float64) error {
	switch {
	case len(positives)+len(negatives) == 0:
		return fmt.Errorf("no score: give one or more, such as analyze loss 0.95 0.5 --negative 0.9")
	case !(f.Gamma >= 0 && f.Gamma <= 100):
		return fmt.Errorf("--gamma %s: expected a number from 0 to 100", text.Short(f.Gamma))
	case !(f.Alpha >= 0 && f.Alpha <= 1) && f.Alpha != loss.Off:
		return fmt.Errorf("--alpha %s: expected a number from 0 to 1, or -1 for none", text.Short(f.Alpha))
	}
	for _, p := range slices.Concat(positives, negatives) {
		if !(p > 0 && p < 1) {
			return fmt.Errorf("score %s: expected a number between 0 and 1, both excluded, as a sigmoid gives it",
				text.Short(p))
		}
	}
	alpha := fmt.Sprintf("α = %s for positives, %s for negatives", text.Short(f.Alpha), text.Digits(1-f.Alpha))
	if f.Alpha == loss.Off {
		alpha = "without α"
	}
	fmt.Fprintf(out, "γ = %s, %s\n\n", text.Short(f.Gamma), alpha)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "anchor\tscore\tp_t\tBCE\t(1-p_t)^γ\tα_t\tfocal\tfocal/BCE")
	for i, scores := range [][]float64{positives, negatives} {
		name, target := "positive", loss.One
		if i == 1 {
			name, target = "negative", loss.Zero
		}
		for _, p := range scores {
			z := loss.LogitOf(p)
			pt := loss.PT(z, target)
			ce, fl := loss.BCE.Loss(z, target), f.Loss(z, target)
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, text.Short(p), text.Digits(pt), text.Digits(ce),
				text.Digits(math.Pow(1-pt, f.Gamma)), text.Digits(f.Weight(target)), text.Digits(fl), text.Digits(fl/ce))
		}
	}
	return w.Flush()
}
