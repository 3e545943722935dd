package analysis

import (
	"fmt"
	"strings"

	"focalaudit/pkg/dataset"
	"focalaudit/pkg/findings"
)

// saidKey is what keys say against annotations, whatever the keys are.
type saidKey struct {
	trait dataset.Trait
	may   bool // the key does not say that the record is wrong, but that nobody knows
	not   func(src *dataset.Source, n int) bool
	mend  string
}

// saidKeys are what keys may say against annotations. A source in which all annotations have the same value of a key
// that tells who has looked at them was made so, without anybody who would.
var saidKeys = []saidKey{
	{dataset.Outside, false, nil, "trainers read the box all the same, though its object has left the picture: " +
		"trackers mark so where a track ends, and CVAT and Datumaro keep its last box. Remove these annotations"},
	{dataset.Removed, false, nil, "trainers do not know the key, and learn what somebody took back. Remove these " +
		"annotations from the file"},
	{dataset.Prelabelled, false, nil, "trainers take a model's boxes, which nobody has looked at, for the truth. Look " +
		"at them, or remove them; compared with such labels, a detector looks as good as it is like that model"},
	{dataset.ModelMade, true, nil, "if nobody has looked at these boxes, training repeats the model's errors, and " +
		"a detector is compared with that model"},
	{dataset.Unreviewed, true, ofAll, "if that is so, look at them first: errors are likelier there"},
	{dataset.Covered, true, ofFewParts, "where it is the part that is hidden, and no level, nothing of these objects " +
		"shows, and trainers read the box all the same: remove them, or set iscrowd to 1"},
	{dataset.Stuff, false, nil, "panoptic files mark so what can't be counted, such as sky or grass, and trainers of " +
		"boxes learn one object for each region. Remove these annotations, and their categories, for a detector"},
}

// ofAll tells whether all annotations have the trait.
func ofAll(src *dataset.Source, n int) bool { return n == len(src.Objects) }

// leastParts is how many occlusions between 0 and 1 show that the key is a share, and no level of 0, 1, 2 or 3, as in
// KITTI, VisDrone and Caltech: one would do.
const leastParts = 3

// ofFewParts tells whether occlusion may be a level, or is 1 by default.
func ofFewParts(src *dataset.Source, n int) bool {
	return src.Traits[dataset.PartCovered].N < leastParts || 2*n >= len(src.Objects)
}

// findSaid tells what keys say against annotations and images.
func (r *keyFinder) findSaid(s int) {
	src := r.Data.Source(s)
	for i := range saidKeys {
		k := &saidKeys[i]
		tally := &src.Traits[k.trait]
		if tally.N == 0 || k.not != nil && k.not(src, tally.N) {
			continue
		}
		text, key := tally.Text, keyIn(tally.Text)
		if k.trait == dataset.Stuff {
			text, key = "isthing is 0 in the category of", "isthing"
		} else {
			text += " in"
		}
		f := r.aboutKey("key-unread", key, s, tally)
		if k.may {
			f.Level = findings.Info
		}
		f.Message = fmt.Sprintf("%s %s annotations, such as %s; %s", text, of(tally.N, len(src.Objects)),
			dataset.Label("annotation", src.Objects[tally.First].ID), k.mend)
		r.found = append(r.found, f)
	}
	r.findRemovedImages(s, src)
	r.findUnlabelled(s, src)
}

// keyIn returns the key that a text on a key begins with.
func keyIn(text string) string {
	key, _, _ := strings.Cut(text, " is ")
	return key
}

// aboutImages starts a finding on what keys say of images.
func (r *keyFinder) aboutImages(src *dataset.Source, s int, t *dataset.Tally) findings.Finding {
	im := &src.Images[t.First]
	f := findings.New("key-unread")
	f.Key, f.Source, f.Offset, f.Line = keyIn(t.Text), int32(s), im.Offset, im.Line
	f.Size, f.Cases = float64(t.N), int64(t.N)
	return f
}

// findRemovedImages tells of images that keys call deleted or rejected.
func (r *keyFinder) findRemovedImages(s int, src *dataset.Source) {
	t := &src.Traits[dataset.RemovedImage]
	if t.N == 0 {
		return
	}
	f := r.aboutImages(src, s, t)
	f.Message = fmt.Sprintf("%s in %s images, such as %s; trainers do not know the key, and train with these images. "+
		"Remove them from the file", t.Text, of(t.N, len(src.Images)), dataset.Label("image", src.Images[t.First].ID))
	r.found = append(r.found, f)
}

// begunPart: where more than one in so many of the images that are not labelled, as a key says, have objects, others of
// them may be without objects by right.
const begunPart = 20

// findUnlabelled tells of images without objects of which a key says that they are not labelled yet: as an info where
// others of them have objects, and not at all where more have than have not.
func (r *keyFinder) findUnlabelled(s int, src *dataset.Source) {
	t, begun := &src.Traits[dataset.Unlabelled], src.Traits[dataset.BegunImage].N
	if t.N == 0 || begun > t.N {
		return
	}
	f := r.aboutImages(src, s, t)
	where := "trainers take them for pictures that show no object"
	if begunPart*begun > t.N+begun {
		f.Level = findings.Info
		where = fmt.Sprintf("as do %d images with objects; where they are not labelled yet, trainers take them for pictures "+
			"that show no object", begun)
	}
	f.Message = fmt.Sprintf("%s in %s images, which have no object, such as %s; %s. Leave out of the file what is not "+
		"labelled yet", t.Text, of(t.N, len(src.Images)), dataset.Label("image", src.Images[t.First].ID), where)
	r.found = append(r.found, f)
}
