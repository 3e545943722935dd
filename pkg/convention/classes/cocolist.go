package classes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"focalaudit/pkg/convention/sample"
	"focalaudit/pkg/convention/say"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/text"
)

// cocoNames are the names of COCO's instances by their ids, from 1 on; 10 ids have none.
var cocoNames = [...]string{
	"person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
	"fire hydrant", "", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
	"elephant", "bear", "zebra", "giraffe", "", "backpack", "umbrella", "", "", "handbag", "tie", "suitcase",
	"frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard",
	"surfboard", "tennis racket", "bottle", "", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana",
	"apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
	"potted plant", "bed", "", "dining table", "", "", "toilet", "", "tv", "laptop", "mouse", "remote",
	"keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "", "book", "clock",
	"vase", "scissors", "teddy bear", "hair drier", "toothbrush",
}

// cocoAlias are names of the same classes in other lists, as Darknet's coco.names.
var cocoAlias = map[string]string{
	"aeroplane": "airplane", "motorbike": "motorcycle", "sofa": "couch", "tvmonitor": "tv", "tvset": "tv",
	"hairdryer": "hair drier",
}

// Listed says that the classes of a source have COCO's names under other ids than COCO's.
type Listed struct {
	Names  int  // all of which are COCO's
	Others int  // of these, whose id is another one's; 0 if nothing was found
	Mixed  bool // the ids are COCO's own for these names, in another order
	Sorted bool // the names rise with the ids, by the alphabet
	Class  int32
	ID     int64 // of Class
	Should int64 // COCO's id of Class
	Here   string
	Shares // which of the two numberings the objects go with
}

// Found reports whether names stand in another order than COCO's.
func (l *Listed) Found() bool { return l.Others > 0 }

// leastListed is how many names are enough to know a part of COCO's list by.
const leastListed = 5

// OfListed compares names and ids with COCO's list. Ids are COCO's own if they are those that COCO has for the names,
// with a gap: lists that were numbered anew have none. Names are in another order too if they are COCO's 80, and their
// order by id is not COCO's.
func OfListed(d *dataset.Dataset, src *dataset.Source) Listed {
	none := Listed{Class: -1}
	if len(src.Categories) < leastListed || len(d.Classes) == 0 {
		return none
	}
	type entry struct {
		id, own int64
		class   int32
	}
	ids := cocoIDs()
	var list []entry
	for i := range src.Categories {
		c := &src.Categories[i]
		if !d.Classes[c.Class].Known {
			continue
		}
		own, is := ids[plainName(d.Classes[c.Class].Name)]
		id, whole := c.ID.Int()
		if !is || !whole {
			return none
		}
		list = append(list, entry{id, own, c.Class})
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.id, b.id) })
	l := Listed{Names: len(list), Class: -1, Sorted: true}
	var is, should []int64
	rising := true
	for i, e := range list {
		is, should = append(is, e.id), append(should, e.own)
		if e.id != e.own {
			if l.Others++; l.Class < 0 {
				l.Class, l.ID, l.Should = e.class, e.id, e.own
			}
		}
		if i > 0 {
			rising = rising && list[i-1].own < e.own
			l.Sorted = l.Sorted && d.Classes[list[i-1].class].Name < d.Classes[e.class].Name
		}
	}
	slices.Sort(should)
	distinct := len(slices.Compact(slices.Clone(should))) == len(list)
	if len(list) < leastListed || rising || !distinct {
		return none
	}
	gap := is[len(is)-1]-is[0] >= int64(len(is))
	l.Mixed = gap && slices.Equal(is, should)
	if !l.Mixed && len(list) != len(ids) {
		return none
	}
	if l.Mixed {
		l.Here = cocoNames[l.ID-1]
	}
	var classes []int32
	var own, theirs []int
	for i, e := range list { // the ids of all but whole lists are COCO's
		classes, own, theirs = append(classes, e.class), append(own, cocoPlace(e.own)), append(theirs, cocoPlace(should[i]))
	}
	l.Shares = sharesOf(src, classes, own, theirs)
	return l
}

// cocoPlace returns the place of COCO's id among those with a name, from 0.
func cocoPlace(id int64) (n int) {
	for _, name := range cocoNames[:id-1] {
		n += sample.One(name != "")
	}
	return n
}

// cocoIDs returns COCO's ids by plain names.
func cocoIDs() map[string]int64 {
	ids := map[string]int64{}
	for i, name := range cocoNames {
		if name != "" {
			ids[plainName(name)] = int64(i + 1)
		}
	}
	return ids
}

// plainName is a name without what lists write differently.
func plainName(name string) string {
	plain := strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(name))
	if other, ok := cocoAlias[plain]; ok {
		return plainName(other)
	}
	return plain
}

// Finding returns the finding on the order of the names.
func (l *Listed) Finding(d *dataset.Dataset, src *dataset.Source, s int32) findings.Finding {
	order := ""
	if l.Sorted {
		order = ", sorted by the alphabet"
	}
	name := d.Classes[l.Class].Name
	what := fmt.Sprintf("the %s are COCO's, in another order%s: %q has the id %d, and %d in COCO",
		say.Plural(l.Names, "name"), order, name, l.ID, l.Should)
	if l.Mixed {
		what = fmt.Sprintf("the %s and their names are COCO's, but %s have the id of another%s: %q has %d, which is %q in "+
			"COCO, where it has %d", say.Plural(l.Names, "category id"), say.Group(l.Others), order, name, l.ID, l.Here,
			l.Should)
	}
	numbers := fmt.Sprintf("the numbers of objects by class go with those of COCO train2017 by a rank correlation of "+
		"%.2f as the file names the classes, and of %.2f as COCO numbers them", l.Shares.Own, l.Shares.Theirs)
	switch {
	case l.Wrong():
		what += ". Objects seem to be numbered as in COCO, and only the names to be sorted or put in another order: " +
			numbers + ". Look at objects of three classes (--images), and if they are what COCO has at their ids, " +
			"give the ids COCO's names and leave the annotations as they are"
	case l.Right():
		what += ". Objects and names seem to be numbered together: " + numbers + ". Then the file is right; but results of " +
			"a detector that was trained on COCO, and files with COCO's ids, number the classes otherwise: join by names"
	default:
		what += ". If the annotations were numbered anew with the names, the file is right, and only results of a detector " +
			"that was trained on COCO, and files with COCO's ids, number the classes otherwise: join by names. If not, all " +
			"labels are wrong. The file alone does not tell which: before you change a number, look at objects of three " +
			"classes (--images), or hold the file against COCO's own annotations or a detector"
	}
	f := say.Finding("category-order", s, 0, 1, "%s: %s", text.Printable(src.Name), what)
	f.Cases, f.Size = int64(l.Others), float64(l.Others)
	if l.Wrong() {
		f.Level = findings.Warning
	}
	return f
}
