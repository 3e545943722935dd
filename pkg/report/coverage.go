package report

import (
	"context"

	"github.com/parquet-go/parquet-go"

	"focalaudit/pkg/gate"
	"focalaudit/pkg/ledger"
)

// coveredRow has the columns of objects.parquet that say how the trainer treats an object.
type coveredRow struct {
	LeftOut   *string `parquet:"left_out"`
	SizeClass *string `parquet:"size_class"`
	Positives *int32  `parquet:"positives"`
	Rescued   *int32  `parquet:"rescued"`
}

// coverage reads how the trainer treats the objects of the report in dir, all and by size; nil for
// a baseline, which does not say.
func coverage(dir string) (gate.Coverage, error) {
	s, err := readWhole(dir)
	if err != nil {
		return nil, err
	}
	if s.Baseline {
		return nil, nil
	}
	if err := s.verify(context.Background(), dir, "objects.parquet"); err != nil {
		return nil, err
	}
	out := gate.Coverage{{Size: "all"}}
	for size := range ledger.NumSizes {
		out = append(out, gate.Covered{Size: ledger.Size(size).String()})
	}
	err = Open(dir, "objects", func(in *parquet.File) error {
		rows, err := readRows[coveredRow](in)
		for i := range rows {
			for k := range out {
				if k == 0 || out[k].Size == valueOr(rows[i].SizeClass) {
					rows[i].count(&out[k])
				}
			}
		}
		return err
	})
	return out, err
}

// count counts the object among those of its size.
func (r *coveredRow) count(c *gate.Covered) {
	switch {
	case r.LeftOut != nil || r.Positives == nil || r.Rescued == nil:
		c.LeftOut++
	case *r.Positives == 0:
		c.None++
	case *r.Positives == *r.Rescued:
		c.Fallback++
	default:
		c.Trained++
	}
}
