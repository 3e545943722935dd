package convention

import (
	"cmp"
	"fmt"
	"slices"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/text"
)

// Rows compares the class of the surest confident detection of an object with the labels of the
// records beside it: the column of labels may stand one row off.
type Rows struct {
	By        int // 1 if labels belong to the record behind theirs, -1 if to the one before, 0 if they are in place
	Own, Next int // objects detected as their own record says, as the neighbour's says
	Of        int // objects detected whose label differs from the neighbour's
}

// leastRows is how many objects must tell that labels are one row off.
const leastRows = 20

// rows looks for labels that stand one row off. Only objects tell whose label differs from the neighbour's:
// 20 at least, six in ten detected as the neighbour's record says and a quarter at most as their own. It
// looks at neighbours only where the classes of fewer than 19 in 20 objects are those of a detection.
func (v *Verdict) rows(d *dataset.Dataset) Rows {
	if v.Swap.Pairs < leastRows || 20*v.Swap.Same > 19*v.Swap.Pairs {
		return Rows{}
	}
	for _, r := range v.besideRows(d) {
		if r.Of >= leastRows && 10*r.Next >= 6*r.Of && 4*r.Own <= r.Of {
			return r
		}
	}
	return Rows{}
}

// besideRows compares the labels of objects with those of the record before and of that behind.
func (v *Verdict) besideRows(d *dataset.Dataset) (of [2]Rows) {
	order, place := -1, []int32(nil)
	var inFile []int32
	for i := range v.sample {
		s := &v.sample[i]
		src := d.Source(int(s.source))
		if order != int(s.source) {
			inFile, place = fileOrder(src)
			order = int(s.source)
		}
		for k, at := range s.objects {
			if s.seen[k] == unseenClass {
				continue
			}
			for side, by := range [...]int{-1, 1} {
				next := int(place[at]) + by
				if next < 0 || next >= len(inFile) {
					continue
				}
				should, other := src.Objects[at].Class, src.Objects[inFile[next]].Class
				if should == other {
					continue
				}
				r := &of[side]
				r.By = by
				r.Of++
				r.Own += one(s.same[k])
				r.Next += one(s.seen[k] == other)
			}
		}
	}
	return of
}

// fileOrder returns the objects of a source in the order of their file, and the place of each in it.
func fileOrder(src *dataset.Source) (order, place []int32) {
	order, place = make([]int32, len(src.Objects)), make([]int32, len(src.Objects))
	for k := range order {
		order[k] = int32(k)
	}
	if src.Returns > 0 {
		sortByOffset(src.Objects, order)
	}
	for i, k := range order {
		place[k] = int32(i)
	}
	return order, place
}

// message says that labels stand one row off.
func (r *Rows) message() string {
	where := "behind"
	if r.By < 0 {
		where = "before"
	}
	return fmt.Sprintf("the column of labels seems to stand one row off in the annotations: of %s whose label differs "+
		"from that of the record %s theirs, %s %s detected as that record says, and %s as their own does. Move the "+
		"labels back", plural(r.Of, "object"), where, group(r.Next), are(r.Next), group(r.Own))
}

// Sorted counts images whose labels are those of the detections, but on other boxes: labels were sorted, or
// shuffled, apart from the boxes.
type Sorted struct {
	Images, Of int      // with such labels, with objects detected of two classes at least
	Example    [2]int32 // source and image, -1 if there is none
}

// Found reports whether labels seem to be sorted: 10 images, and one in ten. In the real pairs 1 % are so at most.
func (s *Sorted) Found() bool { return s.Images >= 10 && 10*s.Images >= s.Of }

// sorted compares the labels of whole images with what is detected on their objects.
func (v *Verdict) sorted(d *dataset.Dataset) Sorted {
	found := Sorted{Example: [2]int32{-1, -1}}
	labels := newClassCounts(len(d.Classes))
	for i := range v.sample {
		s := &v.sample[i]
		first, mixed, other, within := int32(unseenClass), false, 0, true
		for _, k := range s.objects {
			if c := d.Source(int(s.source)).Objects[k].Class; c >= 0 {
				labels.add(c)
			}
		}
		for k, c := range s.seen {
			if c == unseenClass {
				continue
			}
			if first == unseenClass {
				first = c
			}
			mixed = mixed || c != first
			other += one(!s.same[k])
			labels.n[c]--
			within = within && labels.n[c] >= 0
			labels.n[c] = max(0, labels.n[c])
		}
		labels.clear()
		if !mixed {
			continue
		}
		found.Of++
		if within && other > 1 {
			if found.Images++; found.Images == 1 {
				found.Example = [2]int32{s.source, s.image}
			}
		}
	}
	return found
}

// message says that labels were sorted apart from their boxes.
func (s *Sorted) message(d *dataset.Dataset) string {
	src := d.Source(int(s.Example[0]))
	return fmt.Sprintf("in %s of %s with objects of two classes or more, the labels have all detected classes, but "+
		"on other boxes. The labels of an image seem to be sorted or shuffled apart from its boxes: join "+
		"both anew. Example: %s of %s", group(s.Images), plural(s.Of, "image"), label(&src.Images[s.Example[1]]),
		text.Printable(src.Name))
}

// sortByOffset sorts all objects by their places in the file. Records are about as long as each other, so that a place
// tells the bucket in which few others are: sorting 860,000 objects so takes a tenth of the time.
func sortByOffset(objects []dataset.Object, order []int32) {
	low, high := objects[0].Offset, objects[0].Offset
	for k := range objects {
		low, high = min(low, objects[k].Offset), max(high, objects[k].Offset)
	}
	n := len(objects)
	bucket := func(k int32) int {
		return int(float64(objects[k].Offset-low) / float64(high-low+1) * float64(n-1))
	}
	ends := make([]int32, n+1)
	for k := range objects {
		ends[bucket(int32(k))+1]++
	}
	for b := range n {
		ends[b+1] += ends[b]
	}
	from := slices.Clone(ends[:n])
	for k := range objects {
		b := bucket(int32(k))
		order[from[b]] = int32(k)
		from[b]++
	}
	for b := range n {
		if in := order[ends[b]:ends[b+1]]; len(in) > 1 {
			slices.SortFunc(in, func(a, b int32) int { return cmp.Compare(objects[a].Offset, objects[b].Offset) })
		}
	}
}

// stretchBuckets is how many parts of a file stretches counts objects in.
const stretchBuckets = 4096

// buckets has the part of its file for each object of a source.
type buckets struct {
	low   int64
	scale float64
	of    []uint16
}

// newBuckets returns buckets that are to be filled, or nil if so many stretches of so many objects are found without
// them.
func newBuckets(src *dataset.Source, n, size int) *buckets {
	objects := src.Objects
	if src.Returns == 0 || 2*n*size >= len(objects) {
		return nil
	}
	low, high := objects[0].Offset, objects[0].Offset
	for i := range stretchBuckets { // about where the records begin and end: those beyond are in the outer buckets
		at := objects[int(int64(i)*int64(len(objects))/stretchBuckets)].Offset
		low, high = min(low, at), max(high, at)
	}
	return &buckets{low, float64(stretchBuckets) / float64(high-low+1), make([]uint16, len(objects))}
}

// fill notes the buckets of objects from one on.
func (b *buckets) fill(first int32, objects []dataset.Object) {
	of := b.of[first : int(first)+len(objects)]
	for k := range objects {
		of[k] = b.at(objects[k].Offset)
	}
}

// at is the bucket of a place.
func (b *buckets) at(offset int64) uint16 {
	return uint16(max(0, min(int(float64(offset-b.low)*b.scale), stretchBuckets-1)))
}

// stretches returns n stretches of so many objects, in the order of their file: the q-th begins behind q/n of all. They
// are those of fileOrder, found without sorting the objects in between. placed are the buckets of all objects, if there
// are any.
func stretches(src *dataset.Source, n, size int, placed *buckets) [][]int32 {
	objects, of := src.Objects, make([][]int32, n)
	if placed == nil {
		if placed = newBuckets(src, n, size); placed != nil {
			placed.fill(0, objects)
		}
	}
	if placed == nil {
		order, _ := fileOrder(src)
		for q := range of {
			from := len(order) * q / n
			of[q] = order[from : from+size]
		}
		return of
	}
	var ranks [stretchBuckets + 1]int // of the first object of a bucket
	for _, b := range placed.of {
		ranks[b+1]++
	}
	for b := range stretchBuckets {
		ranks[b+1] += ranks[b]
	}
	var in [stretchBuckets]bool // some stretch has objects of the bucket
	for q := range of {
		from := len(objects) * q / n
		for b := range in {
			in[b] = in[b] || ranks[b] < from+size && ranks[b+1] > from
		}
	}
	buckets := make([][]int32, stretchBuckets)
	for k, b := range placed.of {
		if in[b] {
			buckets[b] = append(buckets[b], int32(k))
		}
	}
	for b := range buckets {
		slices.SortFunc(buckets[b], func(a, b int32) int { return cmp.Compare(objects[a].Offset, objects[b].Offset) })
	}
	for q := range of {
		from := len(objects) * q / n
		of[q] = make([]int32, 0, size)
		for b := range buckets {
			if in[b] && ranks[b] < from+size && ranks[b+1] > from {
				part := buckets[b][max(0, from-ranks[b]):min(len(buckets[b]), from+size-ranks[b])]
				of[q] = append(of[q], part...)
			}
		}
	}
	return of
}
