package results

import (
	"fmt"
	"math"
	"slices"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/text"
)

// Within is a stretch of the images of a source, in some order, most of which have something that few of the rest have.
type Within struct {
	Part    string // as messages have it; "" if there is none
	Yes     int    // images of it that have it
	Of      int    // images of it that tell
	Others  int    // images of the rest that have it
	Rest    int    // images of the rest that tell
	First   [2]int32
	members []int // places in the sample of all images of it
	nats    float64
}

// Found reports whether there is one.
func (s *Within) Found() bool { return s.Part != "" }

// A vote is what an image says.
type vote int8

const (
	abstains vote = 0
	has      vote = 1
	hasNot   vote = -1
)

// within looks for the stretch in which most images have something, at least three in four of those that tell. Both it
// and the rest have ten. If images had it as often as those of the rest do, or as often as the next one of an image
// that has it, chance would make such a stretch, of all in any order, in less than 1e-6 (Chernoff's bound).
func (v *Verdict) within(d *dataset.Dataset, of func(s *sampled) vote) (best Within) {
	votes := make([]vote, len(v.sample))
	yes, no := 0, 0
	for i := range v.sample {
		votes[i] = of(&v.sample[i])
		yes += sample.One(votes[i] == has)
		no += sample.One(votes[i] == hasNot)
	}
	if min(yes, no) < leastPartImages {
		return best
	}
	for _, o := range v.orders(d) {
		from, to := mostFor(votes, o.order)
		s := Within{members: o.order[from:to]}
		after, stays := 0, 0
		for i, k := range o.order {
			in := i >= from && i < to
			switch {
			case votes[k] == abstains:
			case in:
				s.Of++
				s.Yes += sample.One(votes[k] == has)
			default:
				s.Rest++
				s.Others += sample.One(votes[k] == has)
				if i+1 < len(o.order) && i+1 != from && votes[k] == has && votes[o.order[i+1]] != abstains {
					after++
					stays += sample.One(votes[o.order[i+1]] == has)
				}
			}
		}
		if s.Of < leastPartImages || s.Rest < leastPartImages || 4*s.Yes < 3*s.Of {
			continue
		}
		rate := float64(s.Others+1) / float64(s.Rest+2)
		if after >= leastAfter {
			rate = max(rate, float64(stays+1)/float64(after+2))
		}
		s.nats = sample.Nats(s.Yes, s.Of, rate) - math.Log(float64(len(o.order)*len(o.order)))
		if s.nats > -math.Log(sample.Unlikely) && s.nats > best.nats {
			best = s
			at := &v.sample[s.members[0]]
			best.First = [2]int32{at.source, at.image}
			src := d.Source(int(at.source))
			last := &v.sample[s.members[len(s.members)-1]]
			best.Part = between(&src.Images[at.image], &src.Images[last.image], o.ids)
		}
	}
	slices.Sort(best.members)
	return best
}

// leastAfter is how many images of the rest that have something, and another one behind, tell how it goes on.
const leastAfter = 5

// between names a stretch by its first and last image.
func between(a, b *dataset.Image, ids bool) string {
	if ids {
		return fmt.Sprintf("the images with ids from %s to %s", text.Printable(a.ID.String()), text.Printable(b.ID.String()))
	}
	return fmt.Sprintf("the images from %s to %s in the file", say.Label(a), say.Label(b))
}

// mostFor returns the part of an order with most images that have something, less those that have not.
func mostFor(votes []vote, order []int) (from, to int) {
	sum, start, most := 0, 0, 0
	for i, k := range order {
		if sum <= 0 {
			sum, start = 0, i
		}
		if sum += int(votes[k]); sum > most {
			most, from, to = sum, start, i+1
		}
	}
	return from, to
}
