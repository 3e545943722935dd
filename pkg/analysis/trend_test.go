package analysis_test

import (
	"testing"

	"focalaudit/pkg/analysis"
)

// TestTrendOf: a mean loss has changed only beyond the margin, 2 % here.
func TestTrendOf(t *testing.T) {
	margin := analysis.Margin{Positive: 0.02, Negative: 0.02}
	means := func(positive, negative float64) *analysis.Metrics {
		return &analysis.Metrics{MeanPositive: analysis.ByLoss{BCE: &positive}, MeanNegative: analysis.ByLoss{BCE: &negative}}
	}
	for _, c := range []struct {
		positive, negative float64 // of what it was
		want               analysis.Trend
	}{
		{1, 1, analysis.Unchanged}, {0.99, 1.01, analysis.Unchanged},
		{0.3, 1, analysis.PositivesOnly}, {0.3, 0.1, analysis.PositivesOnly}, {0.3, 2, analysis.PositivesFiring},
		{1, 18, analysis.Firing}, {3, 400, analysis.BothWorse}, {1.5, 0.1, analysis.PositivesWorse}, {1, 0.1, analysis.NegativesOnly},
	} {
		if got, ok := analysis.TrendOf(means(1, 1), means(c.positive, c.negative), margin); got != c.want || !ok {
			t.Errorf("%v, %v: got %v, want %v", c.positive, c.negative, got, c.want)
		}
	}
	if _, ok := analysis.TrendOf(&analysis.Metrics{}, means(1, 1), margin); ok {
		t.Error("without positives there is nothing to compare")
	}
}
