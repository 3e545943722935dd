package trainer

import (
	"fmt"

	"focalaudit/pkg/anchors"
)

// Imbalance is how a trainer keeps background from leading its classification loss. By is "" where nobody said.
type Imbalance struct {
	By Remedy `yaml:"by" json:"by"`

	// Gamma and Alpha are those of focal loss, 0 under the other remedies.
	Gamma float64 `yaml:"gamma,omitempty" json:"gamma,omitempty"`
	Alpha float64 `yaml:"alpha,omitempty" json:"alpha,omitempty"`
}

// Remedy names what a trainer does against the imbalance.
type Remedy string

// The remedies.
const (
	ByFocal   Remedy = "focal"          // focal loss over all anchors: Lin et al. 2017
	ByScore   Remedy = "varifocal"      // negatives weigh as their score to a power: Zhang et al. 2021
	ByMining  Remedy = "hard-negatives" // the three negatives with the highest loss a positive: Liu et al. 2016
	BySample  Remedy = "sampling"       // 256 anchors an image, at most half of them positive: Ren et al. 2015
	ByNothing Remedy = "none"           // cross entropy over all anchors
)

// validateImbalance checks what the trainer does against the imbalance.
func (p *Preset) validateImbalance() error {
	i := &p.Imbalance
	if i.By == "" && i.Gamma == 0 && i.Alpha == 0 {
		return nil
	}
	if err := anchors.OneOf("imbalance.by", i.By, ByFocal, ByScore, ByMining, BySample, ByNothing); err != nil {
		return err
	}
	if i.By != ByFocal {
		if i.Gamma != 0 || i.Alpha != 0 {
			return fmt.Errorf("imbalance: gamma and alpha are those of by: %s; leave them out", ByFocal)
		}
		return nil
	}
	if !(i.Gamma > 0 && i.Gamma <= maxGamma) {
		return fmt.Errorf("imbalance.gamma: got %g, allowed: above 0 and up to %d", i.Gamma, maxGamma)
	}
	if !(i.Alpha > 0 && i.Alpha < 1) {
		return fmt.Errorf("imbalance.alpha: got %g, allowed: above 0 and below 1", i.Alpha)
	}
	return nil
}

// maxGamma is the largest γ that a preset may have.
const maxGamma = 20
