package results

import (
	"math"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/iou"
)

// Repeats counts detections that are there more than once.
type Repeats struct {
	Exact, Of  int // with an equal record in their image
	Near, Seen int // with another of their class at an IoU above 0.9, of those in images that were looked at
	Mirrored   int // of Seen: with another of their class where a mirror shows them, which is not their own place

	Stale, Drawn int    // with an equal record in another image, of those that were drawn
	Step         int    // one in so many was drawn, by its numbers
	Image        [2]int // source and image of the last such record
}

// Leftover reports whether detections of one image seem to stand in another: 5 % and 20 at least have
// box, class and score of another image's, to all digits. In the real files none has.
func (p *Repeats) Leftover() bool { return p.Stale*p.Step >= 20 && 20*p.Stale >= p.Drawn }

// Flipped reports whether the detections of mirrored pictures seem to stand beside those of the
// pictures.
func (p *Repeats) Flipped() bool { return p.Seen >= 50 && 10*p.Mirrored > 4*p.Seen }

// Twice reports whether the file seems to have each detection several times.
func (p *Repeats) Twice() bool { return p.Of >= 20 && 2*p.Exact >= p.Of }

// Raw reports whether the detections seem not to be suppressed.
func (p *Repeats) Raw() bool { return p.Seen >= 50 && 10*p.Near > 3*p.Seen }

// repeats looks for detections that repeat another.
func (v *Verdict) repeats(d *dataset.Dataset, r *dataset.Results) Repeats {
	const most = 300 // of an image: enough for a share
	var p Repeats
	for s := range d.Sources {
		for i := range d.Source(s).Images {
			all := r.Of(s, i) // equal ones are neighbours
			p.Of += len(all)
			for k := range all {
				if k > 0 && all[k].Equal(all[k-1]) || k+1 < len(all) && all[k].Equal(all[k+1]) {
					p.Exact++
				}
			}
		}
	}
	p.stale(d, r)
	for i := range v.sample {
		all := v.sample[i].detections
		all = all[:min(most, len(all))]
		p.Seen += len(all)
		for k := range all {
			b := all[k].Box.Box()
			moved, twin := mirrored(all, k, v.sample[i].w)
			p.Mirrored += sample.One(twin)
			v.sample[i].moved += sample.One(moved)
			v.sample[i].mirrored += sample.One(twin)
			for j := range all {
				if c := all[j].Box.Box(); j != k && all[j].Class == all[k].Class && c.X0 < b.X1 && b.X0 < c.X1 &&
					!all[j].Equal(all[k]) && iou.Of(b, c) > 0.9 {
					p.Near++
					break
				}
			}
		}
	}
	return p
}

// maxDrawn is about how many detections are compared with those of other images.
const maxDrawn = 20_000

// stale counts detections that have the box, class and score of one of another image. Equal ones
// are drawn together, since their numbers decide.
func (p *Repeats) stale(d *dataset.Dataset, r *dataset.Results) {
	p.Step = len(r.Detections)/maxDrawn + 1
	at := map[dataset.Detection][2]int{}
	for s := range d.Sources {
		for i := range d.Source(s).Images {
			for _, n := range r.Of(s, i) {
				if p.Step > 1 && sample.Mix(math.Float64bits(n.Score)^sample.Mix(math.Float64bits(n.Box.X)))%uint64(p.Step) != 0 {
					continue
				}
				p.Drawn++
				n.Row = 0 // what is compared are the numbers
				here := [2]int{s, i}
				if first, ok := at[n]; !ok {
					at[n] = here
				} else if first != here {
					p.Stale++
					p.Image = here
				}
			}
		}
	}
}

// mirrored tells whether a mirror moves a detection in an image of some width, and whether another one of its class
// stands where it shows it then.
func mirrored(all boxSet, k int, width float64) (moved, twin bool) {
	b := all[k].Box.Box()
	m := geom.Box{X0: width - b.X1, Y0: b.Y0, X1: width - b.X0, Y1: b.Y1}
	if iou.Of(b, m) >= overlap {
		return false, false
	}
	for j := range all {
		if c := all[j].Box.Box(); all[j].Class == all[k].Class && c.X0 < m.X1 && m.X0 < c.X1 && iou.Of(m, c) > sure {
			return true, true
		}
	}
	return true, false
}
