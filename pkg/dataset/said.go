package dataset

// said is what a key of an image says against it.
type said struct {
	trait Trait
	image int32
	text  string
}

// Said notes what a key of an image says against it: RemovedImage, or Unlabelled, whatever objects it has.
func (r Record) Said(t Trait, text string) { r.b.said = append(r.b.said, said{t, r.number, text}) }

// Thing notes that the category that was added last stands for countable things, or for none, as sky and grass.
func (b *Builder) Thing(is bool) {
	if is {
		b.things++
	}
	b.categories[len(b.categories)-1].stuff = !is
}

// said settles what keys say of images and categories.
func (j *joiner) said() {
	for _, of := range j.b.said {
		im := &j.images[of.image]
		if im.LeftOut != InUse {
			continue
		}
		if of.trait == Unlabelled && im.First < im.Last {
			of.trait = BegunImage
		}
		if t := &j.b.traits[of.trait]; t.N == 0 {
			*t = Tally{1, of.image, of.text}
		} else {
			t.N++
		}
	}
	j.stuff()
}

// stuff counts objects of categories that are no countable things, where some are: where none is, the key has one value
// throughout, and tells nothing.
func (j *joiner) stuff() {
	if j.b.things == 0 || j.b.things == len(j.b.categories) {
		return
	}
	classes := map[int32]bool{}
	for i := range j.b.categories {
		if c := &j.b.categories[i]; c.stuff {
			for _, of := range j.m.categories {
				if of.ID.Key() == c.id.Key() {
					classes[of.Class] = true
				}
			}
		}
	}
	if len(classes) == 0 {
		return
	}
	t := &j.b.traits[Stuff]
	for k := range j.objects {
		o := &j.objects[k]
		if !classes[o.Class] {
			continue
		}
		if t.N == 0 || o.Offset < j.objects[t.First].Offset {
			t.First = int32(k)
		}
		t.N++
	}
}
