package classes

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
)

// cocoCounts are the objects of COCO train2017 by class, in the order of cocoNames, crowds left out: 849,942, as
// counted in the boxes of train2017.
var cocoCounts = [...]float64{
	257252, 7056, 43531, 8654, 5129, 6061, 4570, 9970, 10576, 12842, 1865, 1983, 1283, 9820, 10542, 4766, 5500,
	6567, 9223, 8014, 5484, 1294, 5269, 5128, 8713, 11265, 12342, 6448, 6112, 2681, 6623, 2681, 6299, 8802, 3273,
	3747, 5536, 6095, 4807, 24070, 7839, 20574, 5474, 7760, 6159, 14323, 9195, 5776, 4356, 6302, 7261, 7758, 2883,
	5807, 7005, 6296, 38073, 5779, 8631, 4192, 15694, 4149, 5803, 4959, 2261, 5700, 2854, 6422, 1672, 3334, 225,
	5609, 2634, 24077, 6320, 6577, 1464, 4729, 198, 1945,
}

// Shares says how the numbers of objects by class go with those of COCO: once with each class as the file names
// it, and once as COCO numbers it.
type Shares struct {
	Classes     int
	Own, Theirs float64 // rank correlations over the classes, from -1 to 1
}

// The other order is believed where the numbers go with COCO's by 4.4 standard errors, which are 1/√(n - 1) for n
// classes that have nothing to do with COCO's numbers, and the named order less by as many as 2.5.
const (
	sharesSure  = 4.4
	sharesApart = 2.5
)

// Wrong reports whether objects are numbered as COCO's and names are not: the former fits, and the latter does not.
func (s *Shares) Wrong() bool { return s.better(s.Theirs, s.Own) }

// Right reports whether names and objects go together.
func (s *Shares) Right() bool { return s.better(s.Own, s.Theirs) }

func (s *Shares) better(a, b float64) bool {
	unit := 1 / math.Sqrt(float64(max(s.Classes-1, 1)))
	return a >= sharesSure*unit && a-b >= sharesApart*unit
}

// sharesOf compares the objects of classes: those that own and theirs number in COCO's list, from 0 on, by what
// the file names them and by what COCO has at their numbers.
func sharesOf(src *dataset.Source, classes []int32, own, theirs []int) Shares {
	at := map[int32]int{}
	for i, c := range classes {
		at[c] = i
	}
	counts := make([]float64, len(classes))
	for k := range src.Objects {
		if o := &src.Objects[k]; o.LeftOut == dataset.InUse && o.Flags&dataset.Crowd == 0 {
			if i, ok := at[o.Class]; ok {
				counts[i]++
			}
		}
	}
	here, their := make([]float64, len(classes)), make([]float64, len(classes))
	for i := range classes {
		here[i], their[i] = cocoCounts[own[i]], cocoCounts[theirs[i]]
	}
	return Shares{Classes: len(classes), Own: rankCorrelation(counts, here), Theirs: rankCorrelation(counts, their)}
}

// rankCorrelation returns Spearman's coefficient, 0 where one of the two has no spread.
func rankCorrelation(a, b []float64) float64 {
	ra, rb := sample.RanksTwice(a), sample.RanksTwice(b)
	mean := float64(len(a) - 1) // of twice the ranks
	var ab, aa, bb float64
	for i := range ra {
		x, y := float64(ra[i])-mean, float64(rb[i])-mean
		ab, aa, bb = ab+float64(x*y), aa+float64(x*x), bb+float64(y*y)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(float64(aa*bb))
}
