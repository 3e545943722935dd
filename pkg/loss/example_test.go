package loss_test

import (
	"fmt"
	"math"

	"focalaudit/pkg/loss"
)

// Ten positives that cost 3 each, against 10,000 easy negatives at 0.1: the
// negatives weigh 33 times as much. Focal loss with γ=2 turns that around.
func Example() {
	positive := loss.Mass{N: 10, Z: loss.Logit(-math.Log(math.Expm1(3))), Target: loss.One}       // p_t = e^-3
	negative := loss.Mass{N: 10_000, Z: loss.Logit(math.Log(math.Expm1(0.1))), Target: loss.Zero} // p_t = e^-0.1
	for _, f := range []loss.Focal{loss.BCE, {Alpha: loss.Off, Gamma: 2}} {
		fmt.Printf("γ=%g: positives %.3f, negatives %.3f\n", f.Gamma,
			f.Sum([]loss.Mass{positive}), f.Sum([]loss.Mass{negative}))
	}
	// Output:
	// γ=0: positives 30.000, negatives 1000.000
	// γ=2: positives 27.087, negatives 9.056
}

// The modulating factor (1-p_t)² for an easy positive, one on the fence, a
// negative that is taken for an object, and an easy negative.
func ExampleFocal_Loss_modulatingFactor() {
	focal := loss.Focal{Alpha: loss.Off, Gamma: 2}
	for _, c := range []struct {
		p float64
		y loss.Target
	}{{0.95, loss.One}, {0.5, loss.One}, {0.9, loss.Zero}, {0.1, loss.Zero}} {
		z := loss.LogitOf(c.p)
		fmt.Printf("target %d, p=%g: %.4f\n", c.y, c.p, focal.Loss(z, c.y)/loss.BCE.Loss(z, c.y))
	}
	// Output:
	// target 1, p=0.95: 0.0025
	// target 1, p=0.5: 0.2500
	// target 0, p=0.9: 0.8100
	// target 0, p=0.1: 0.0100
}

// Cross entropy, focal loss and their quotient for easy and hard samples, with
// γ=2 and α=0.25.
func ExampleFocal() {
	focal := loss.Focal{Alpha: 0.25, Gamma: 2}
	fmt.Println("  p_t         BCE   FL positive  BCE/FL   FL negative  BCE/FL")
	for _, pt := range []float64{0.95, 0.9, 0.8, 0.5, 0.3, 0.1} {
		one, zero := loss.LogitOf(pt), loss.LogitOf(1-pt)
		bce, pos, neg := loss.BCE.Loss(one, loss.One), focal.Loss(one, loss.One), focal.Loss(zero, loss.Zero)
		fmt.Printf("%5.2f %.9f   %.9f %7.1f   %.9f %7.1f\n", pt, bce, pos, bce/pos, neg, bce/neg)
	}
	// Output:
	//   p_t         BCE   FL positive  BCE/FL   FL negative  BCE/FL
	//  0.95 0.051293294   0.000032058  1600.0   0.000096175   533.3
	//  0.90 0.105360516   0.000263401   400.0   0.000790204   133.3
	//  0.80 0.223143551   0.002231436   100.0   0.006694307    33.3
	//  0.50 0.693147181   0.043321699    16.0   0.129965096     5.3
	//  0.30 1.203972804   0.147486669     8.2   0.442460006     2.7
	//  0.10 2.302585093   0.466273481     4.9   1.398820444     1.6
}
