package ledger

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"focalaudit/pkg/geom"
	"focalaudit/pkg/loss"
	"focalaudit/pkg/scores"
)

// near allows for the rounding of sums in another order.
func near(got, want float64) bool { return math.Abs(got-want) <= 1e-11*math.Abs(want) }

// key names an entry.
type key struct {
	scores, loss string
	gamma        float64
	objective    Objective
	scope        Scope
	name         string
	set          Set
	difficulty   Difficulty
}

// directly adds up every term of every anchor by the definitions of docs/methods.md, 5.1
// and 6: under a floor a term has its detection's score, or the floor if that is higher.
func directly(s *Setting, as []anchor) map[key]Line {
	sums := map[key]Line{}
	for i := range as {
		a := &as[i]
		a.eachTerm(func(o Objective, set Set, class int32, score float64) {
			scopes := map[Scope]string{All: "", BySource: names.Sources[a.source], ByLevel: names.Levels[a.level]}
			if a.object >= 0 {
				scopes[BySizeClass] = a.size.String()
			}
			if class >= 0 {
				scopes[ByClass] = names.Classes[class]
			}
			for _, floor := range []float64{0.005, 0.01, 0.001, 0.0001} {
				source := "detections"
				if floor != 0.005 {
					source = fmt.Sprintf("detections@%g", floor)
				}
				price(sums, s, source, loss.LogitOf(max(score, floor)), o, set, scopes)
			}
			for _, c := range s.Scores[:detector] {
				z := c.Negative
				if set == Positive {
					z = c.Positive
				}
				price(sums, s, c.Name, z, o, set, scopes)
			}
		})
	}
	return sums
}

func price(sums map[key]Line, s *Setting, source string, z loss.Logit, o Objective, set Set, scopes map[Scope]string) {
	d := s.Edges.Of(loss.PT(z, set.Target()))
	for _, l := range s.Losses {
		for scope, name := range scopes {
			k := key{source, l.Name, l.Gamma, o, scope, name, set, d}
			line := sums[k]
			line.N++
			line.Sum += l.Loss(z, set.Target())
			line.Grad += l.Grad(z, set.Target())
			sums[k] = line
		}
	}
}

// TestEntriesAreDirect holds every entry against the sum over its terms, one by one: of
// constants and of a detector under each floor, in every scope.
func TestEntriesAreDirect(t *testing.T) {
	s := setting(t)
	for seed := range uint64(4) {
		as := draw(rand.New(rand.NewPCG(seed, 1)), 8, 0)
		want := directly(s, as)
		seen := 0
		for e := range bookOf(s, as).Entries() {
			seen++
			w := want[key{e.Scores, e.Loss.Name, e.Loss.Gamma, e.Objective, e.Scope, e.Name, e.Set, e.Difficulty}]
			if e.N != w.N || !near(e.Sum, w.Sum) || !near(e.Grad, w.Grad) {
				t.Fatalf("seed %d: got %+v, want %+v", seed, e, w)
			}
		}
		if seen != len(want) || seen < 1000 {
			t.Errorf("seed %d: %d entries, want %d", seed, seen, len(want))
		}
	}
}

// TestPartsAddUp: sources and levels are parts of the whole, with all of its terms and its
// loss; so are classes and size classes of its positive terms. The shares of the whole
// add up to 1.
func TestPartsAddUp(t *testing.T) {
	s := setting(t)
	b := bookOf(s, draw(rand.New(rand.NewPCG(5, 1)), 12, 0))
	type view struct {
		scores    string
		objective Objective
		loss      NamedLoss
	}
	n, sum, share := map[view]map[Scope]int64{}, map[view]map[Scope]float64{}, map[view]map[Scope]float64{}
	for e := range b.Entries() {
		v := view{e.Scores, e.Objective, e.Loss}
		if n[v] == nil {
			n[v], sum[v], share[v] = map[Scope]int64{}, map[Scope]float64{}, map[Scope]float64{}
		}
		scope := e.Scope
		if e.Set == Positive { // of the whole, and of parts that have nothing but positive terms in common with it
			n[v][scope+" positive"] += e.N
			share[v][scope+" positive"] += e.Share
		}
		n[v][scope] += e.N
		sum[v][scope] += e.Sum
		share[v][scope] += e.Share
	}
	for v := range n {
		if math.Abs(share[v][All]-1) > 1e-12 {
			t.Errorf("%+v: shares add up to %v", v, share[v][All])
		}
		for _, scope := range []Scope{BySource, ByLevel} {
			if n[v][scope] != n[v][All] || !near(sum[v][scope], sum[v][All]) {
				t.Errorf("%+v, %s: %d terms of %v, want %d of %v", v, scope, n[v][scope], sum[v][scope], n[v][All], sum[v][All])
			}
		}
		for _, scope := range []Scope{ByClass, BySizeClass} {
			if p := scope + " positive"; n[v][p] != n[v]["all positive"] || math.Abs(share[v][p]-share[v]["all positive"]) > 1e-12 {
				t.Errorf("%+v, %s: %d positive terms, want %d", v, scope, n[v][p], n[v]["all positive"])
			}
		}
	}
	// 2 constants and a detector under 4 floors, 2 objectives, 4 losses: bce, γ = 0, 1, 2
	if len(n) != 6*2*4 {
		t.Errorf("%d ledgers, want 48", len(n))
	}
}

// TestAddIsCommutativeAndAssociative: books of parts, and accounts, add up to the same
// bits in any order and however they are grouped; and to the book of the whole.
func TestAddIsCommutativeAndAssociative(t *testing.T) {
	s := setting(t)
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 2))
		var parts [3][]anchor
		var whole []anchor
		for i := range parts {
			parts[i] = draw(r, r.IntN(6), 30*i)
			whole = append(whole, parts[i]...)
		}
		sum := func(books ...*Book) *Book {
			b := books[0].Like()
			for _, o := range books {
				b.Add(o)
			}
			return b
		}
		a, b, c := bookOf(s, parts[0]), bookOf(s, parts[1]), bookOf(s, parts[2])
		want := sum(bookOf(s, whole))
		for name, got := range map[string]*Book{
			"a+b+c": sum(a, b, c), "c+b+a": sum(c, b, a), "b+a+c": sum(b, a, c),
			"a+(b+c)": sum(a, sum(b, c)), "(c+a)+b": sum(sum(c, a), b),
		} {
			if !reflect.DeepEqual(got, want) {
				t.Errorf("seed %d: %s is another book than that of the whole", seed, name)
			}
		}
		x, y := a.Like().Accounts[detector], a.Like().Accounts[detector]
		for i, of := range []*Book{a, b, c} {
			x.Add(of.Accounts[detector])
			y.Add([]*Book{c, a, b}[i].Accounts[detector])
		}
		if !reflect.DeepEqual(x, y) || !reflect.DeepEqual(x, want.Accounts[detector]) {
			t.Errorf("seed %d: accounts depend on the order of addition", seed)
		}
	}
}

// TestAccountFlags: counts add up, and one image with scores of objectness only makes the
// whole so.
func TestAccountFlags(t *testing.T) {
	a := NewAccount([]float64{0.01}, 0, 1, 1, 1)
	b := NewAccount([]float64{0.01}, 0, 1, 1, 1)
	a.Missing, a.Placed, a.Outside, a.Agreement = 1, 20, 3, Agreement{1, 2, 3, 4, 5}
	b.Missing, b.Placed, b.Outside, b.Agreement, b.Plain = 2, 40, 5, Agreement{10, 20, 30, 40, 50}, true
	a.Add(b)
	if a.Missing != 3 || a.Placed != 60 || a.Outside != 8 || a.Agreement != (Agreement{11, 22, 33, 44, 55}) {
		t.Errorf("got %+v", a)
	}
	if a.Has(PerClass) || !a.Has(Objectness) || !(*Account)(nil).Has(PerClass) {
		t.Error("a plain account has objectness only; a source without a detector has both")
	}
}

// TestSheetIsReused: an image that was entered leaves nothing for the next.
func TestSheetIsReused(t *testing.T) {
	s := setting(t)
	all := draw(rand.New(rand.NewPCG(9, 9)), 10, 0)
	want, got := bookOf(s, all), bookOf(s, nil)
	for i := range 10 { // each image with sheets of its own
		var one []anchor
		for _, a := range all {
			if a.image == i {
				one = append(one, a)
			}
		}
		got.Add(bookOf(s, one))
	}
	if !reflect.DeepEqual(got.Accounts, want.Accounts) {
		t.Error("sheets that are reused give another account than fresh ones")
	}
}

// TestPricesAreDirect holds the losses of single images and of objects against their
// terms, one by one.
func TestPricesAreDirect(t *testing.T) {
	s := setting(t)
	as := draw(rand.New(rand.NewPCG(3, 3)), 8, 0)
	b := bookOf(s, as)
	compared := 0
	for _, p := range b.Prices() {
		for image := range 8 {
			var want ImageLoss
			var counts [2]int64 // of positive and negative anchors
			source := 0
			for i := range as {
				a := &as[i]
				if a.image != image {
					continue
				}
				source = a.source
				if a.object >= 0 {
					counts[0]++
				} else {
					counts[1]++
				}
				a.eachTerm(func(o Objective, set Set, _ int32, score float64) {
					if o != p.Objective {
						return
					}
					z := scoreNamed(s, p.Scores, set, score)
					want.N[set]++
					want.Sum[set] += p.Loss.Loss(z, set.Target())
					if set == Negative && s.Edges.Of(loss.PT(z, loss.Zero)) == Easy {
						want.EasyNegatives++
						want.EasyNegativeSum += p.Loss.Loss(z, loss.Zero)
					}
				})
			}
			var got ImageLoss
			p.Of(&got, source, image, counts[0], counts[1])
			want.Normalised = (want.Sum[0] + want.Sum[1] + want.Sum[2]) / float64(max(1, counts[0]))
			same := got.N == want.N && got.EasyNegatives == want.EasyNegatives &&
				near(got.EasyNegativeSum, want.EasyNegativeSum) && near(got.Normalised, want.Normalised)
			for set := range want.Sum {
				same = same && near(got.Sum[set], want.Sum[set])
			}
			if !same {
				t.Fatalf("%s, %s, %+v, image %d: got %+v, want %+v", p.Scores, p.Objective, p.Loss, image, got, want)
			}
			compared++
		}
	}
	if compared != 8*3*2*4 { // images, sources, objectives, losses
		t.Errorf("compared %d losses of images, want 192", compared)
	}
}

// scoreNamed is the score of a term under a source by its name.
func scoreNamed(s *Setting, name string, set Set, score float64) loss.Logit {
	for i, of := range s.Scores {
		switch {
		case of.Name != name:
		case i == detector:
			return loss.LogitOf(max(score, 0.005))
		case set == Positive:
			return of.Positive
		default:
			return of.Negative
		}
	}
	return loss.Logit(math.NaN())
}

// TestOwnIsDirect: an object's own terms are those of its positive anchors for its class.
func TestOwnIsDirect(t *testing.T) {
	s := setting(t)
	as := draw(rand.New(rand.NewPCG(4, 4)), 8, 0)
	b := bookOf(s, as)
	type object struct{ source, index int }
	want, positives := map[object]float64{}, map[object]int64{}
	for i := range as {
		if a := &as[i]; a.object >= 0 {
			o := object{a.source, a.object}
			positives[o]++
			want[o] += s.Focal.Loss(loss.LogitOf(max(a.scores[a.class], 0.005)), loss.One)
		}
	}
	owns := b.Owns(detector)
	for o, n := range positives {
		if got := owns.Of(o.source, o.index, n)[s.Index(s.Focal)]; !near(got, want[o]) {
			t.Errorf("object %+v: got %v, want %v", o, got, want[o])
		}
	}
	// The prior gives one price to all: -0.25·0.99²·ln 0.01, from the focal-loss paper's
	// equation 5 with p = 0.01.
	if got := b.PositiveCost().Of(3).Focal; !near(got, 3*0.25*0.99*0.99*math.Log(100)) {
		t.Errorf("three positive anchors cost %v", got)
	}
}

// TestPricesWithoutAlpha: without α, focal loss at γ = 0 is cross entropy, and keeps its
// rows all the same.
func TestPricesWithoutAlpha(t *testing.T) {
	s := NewSetting(scores.Default(), loss.Focal{Alpha: loss.Off, Gamma: 2}, []float64{0, 0.5, 1, 2, 5}, Edges{0.5, 0.9}, PerClass, 3)
	got := map[string]int{}
	for _, p := range NewBook(s, names, []int{1, 1}).Prices() {
		got[p.Loss.Name]++
	}
	if got["bce"] != 4 || got["focal"] != 20 || len(got) != 2 { // 2 scores, 2 objectives, 5 γ
		t.Errorf("got %v", got)
	}
}

// TestLosses: every γ of the sweep and of the run has one row, in rising order, and so has 0,
// where focal loss is α-balanced cross entropy, whether it was asked for or not.
func TestLosses(t *testing.T) {
	run := loss.Focal{Alpha: 0.25, Gamma: 1.5}
	got := Losses(run, []float64{2, 1.5})
	want := []NamedLoss{
		{"bce", loss.BCE},
		{"focal", loss.Focal{Alpha: 0.25}}, {"focal", run}, {"focal", loss.Focal{Alpha: 0.25, Gamma: 2}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestEdges: a p_t on an edge, or less than Tolerance below it, is above it.
func TestEdges(t *testing.T) {
	e := Edges{Hard: 0.5, Easy: 0.9}
	for _, c := range []struct {
		pt   float64
		want Difficulty
	}{
		{0, Hard}, {0.5 - 2*Tolerance, Hard}, {0.5 - Tolerance/2, Medium}, {0.5, Medium},
		{0.9 - 2*Tolerance, Medium}, {0.9 - Tolerance/2, Easy}, {0.9, Easy}, {1, Easy},
		{loss.PT(loss.LogitOf(0.9), loss.One), Easy}, {loss.PT(loss.LogitOf(0.1), loss.Zero), Easy}, // through logits
		{loss.PT(loss.LogitOf(0.5), loss.One), Medium}, {math.NaN(), Hard},
	} {
		if got := e.Of(c.pt); got != c.want {
			t.Errorf("Of(%v) = %s, want %s", c.pt, got, c.want)
		}
	}
	for _, bad := range []Edges{{0, 0.9}, {0.9, 0.5}, {0.5, 1}, {math.NaN(), 0.9}, {0.5, math.NaN()}} {
		if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), "0 < hard <= easy < 1") {
			t.Errorf("%+v: got %v", bad, err)
		}
	}
	if err := (Edges{0.5, 0.5}).Validate(); err != nil { // no term is medium
		t.Error(err)
	}
}

func TestParseObjective(t *testing.T) {
	for name, want := range map[string]Objective{"": Preset, "objectness": Objectness, "classes": PerClass} {
		if got, err := ParseObjective(name); got != want || err != nil || got.String() != name {
			t.Errorf("ParseObjective(%q) = %q, %v", name, got, err)
		}
	}
	_, err := ParseObjective("class")
	if want := `objective "class": expected objectness or classes`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestSizeOf: the limits are COCO's areaRng, 32² and 96²; pycocotools takes an area on a
// limit for both classes, this program for the upper one.
func TestSizeOf(t *testing.T) {
	for _, c := range []struct {
		w, h float64
		want Size
	}{{0, 0, SmallBox}, {32, 31.9, SmallBox}, {32, 32, MediumBox}, {16, 64, MediumBox}, {96, 95.9, MediumBox}, {96, 96, LargeBox}, {-50, 50, SmallBox}} {
		if got := SizeOf(geom.Rect{X: 5, Y: 5, W: c.w, H: c.h}); got != c.want {
			t.Errorf("%v × %v px: got %s, want %s", c.w, c.h, got, c.want)
		}
	}
}

// TestTermsOf: with K classes a positive anchor has its own term and K - 1 others, a
// negative one K.
func TestTermsOf(t *testing.T) {
	s := setting(t)
	if got, want := s.termsOf(5, 7, PerClass), (Terms{5, 5 * 2, 7 * 3}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := s.termsOf(5, 7, Objectness), (Terms{5, 0, 7}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestClassBalance: with two scores, γ has a closed form: at equal sums,
// P α q_p^γ l_p = N (1-α) q_n^γ l_n, where q is 1 - p_t and l the cross entropy of a term.
func TestClassBalance(t *testing.T) {
	s := setting(t)
	b := NewBook(s, Names{Classes: []string{"some", "none"}}, nil)
	b.Total = Tally{Positives: 900, Negatives: 400_000}
	b.Classes[0].Positives = 700
	z := s.Scores[0]
	q := func(z loss.Logit, y loss.Target) float64 { return 1 - loss.PT(z, y) }
	p, n := 700*s.Focal.Alpha*loss.BCE.Loss(z.Positive, loss.One), 400_000*(1-s.Focal.Alpha)*loss.BCE.Loss(z.Negative, loss.Zero)
	want := math.Log(p/n) / math.Log(q(z.Negative, loss.Zero)/q(z.Positive, loss.One))
	if got := b.ClassBalance(0); s.Objective != PerClass || !(want > 0) || math.Abs(got-want) > 1e-6 {
		t.Errorf("objective %s: got γ = %v, want %v", s.Objective, got, want)
	}
	if got := b.ClassBalance(1); !math.IsNaN(got) {
		t.Errorf("a class without positives: got %v", got)
	}
	s.Objective = Objectness
	if got := b.ClassBalance(0); !math.IsNaN(got) {
		t.Errorf("under objectness: got %v", got)
	}
}
