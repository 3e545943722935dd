package pass_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/iou"
	"focalaudit/pkg/ledger"
	"focalaudit/pkg/pass"
	"focalaudit/pkg/trainer"
)

// added adds up the slots of a pass.
func added(r *analysis.Result) *ledger.Book {
	b := r.Book.Like()
	for s := range r.Data.Sources {
		for i := range r.ImageSlots(s) {
			addImage(b, r, s, i)
		}
		for k := range r.ObjectSlots(s) {
			addObject(b, r, s, k)
		}
	}
	return b
}

func addImage(b *ledger.Book, r *analysis.Result, s, i int) {
	im := &r.ImageSlots(s)[i]
	if im.LeftOut != (pass.LeftOut{}) {
		return
	}
	b.Image(s, &ledger.Tally{
		Images: 1, Objects: int64(im.Objects), Anchors: int64(im.Anchors),
		Positives: int64(im.Positives), Negatives: int64(im.Negatives), Ignored: int64(im.Ignored),
		RescuedNegative: int64(im.RescuedNegative), RescuedIgnored: int64(im.RescuedIgnored),
	})
	seen := map[int32]bool{}
	src := &r.Data.Sources[s]
	for k := src.Images[i].First; k < src.Images[i].Last; k++ {
		if c := src.Objects[k].Class; c >= 0 && r.ObjectSlots(s)[k].Matched() && !seen[c] {
			seen[c] = true
			b.Classes[c].Images++ // once an image, however many objects of the class it has
		}
	}
}

func addObject(b *ledger.Book, r *analysis.Result, s, k int) {
	o, got := &r.Data.Sources[s].Objects[k], &r.ObjectSlots(s)[k]
	size := ledger.SizeOf(o.Box)
	if got.Matched() {
		b.Sizes[size].Objects++
		b.Sizes[size].Positives += int64(got.Positives)
	}
	if o.Class < 0 {
		return
	}
	c := &b.Classes[o.Class]
	c.Annotations++
	if got.Matched() {
		c.Objects++
		c.Positives += int64(got.Positives)
		c.BySize[size]++
		if got.Positives == 0 {
			c.WithoutPositive++
		} else if got.Positives == got.Rescued {
			c.Rescued++
		}
	}
}

// TestCountsAreSumsOverSlots under every preset, on the sample, whose files have images and
// annotations that reading and trainers leave out, and on worlds drawn from a seed.
func TestCountsAreSumsOverSlots(t *testing.T) {
	world, _ := testrun.World(t, 1, 80)
	leftOut := map[string]bool{}
	for _, preset := range trainer.Names() {
		for _, path := range []string{testrun.Sample, world} {
			c := testrun.Config(t, preset)
			c.SkipEmpty = true
			r := testrun.Run(t, testrun.Read(t, path), c)
			want := added(r)
			if r.Total != want.Total || !reflect.DeepEqual(r.Sources, want.Sources) {
				t.Errorf("%s, %s: got %+v, want %+v", preset, path, r.Total, want.Total)
			}
			if !reflect.DeepEqual(r.Classes, want.Classes) || r.Sizes != want.Sizes {
				t.Errorf("%s, %s: classes %+v, want %+v", preset, path, r.Classes, want.Classes)
			}
			var levels ledger.Tally
			best, matched := int64(0), int64(0)
			for s := range r.Data.Sources {
				for k := range r.ObjectSlots(s) {
					if o := &r.ObjectSlots(s)[k]; o.Matched() && o.Best() {
						matched++
					}
				}
			}
			for level := range r.Levels {
				l := r.Levels[level]
				levels.Add(&l)
				for shape := range r.Shapes[level] {
					best += r.Shapes[level][shape].BestFor
				}
			}
			if best != matched*iou.TieUnit {
				t.Errorf("%s, %s: shapes are best for %d parts of objects, want those of %d", preset, path, best, matched)
			}
			if levels.Anchors != want.Total.Anchors || levels.Positives != want.Total.Positives || levels.Ignored != want.Total.Ignored || levels.Negatives != want.Total.Negatives {
				t.Errorf("%s, %s: levels have %+v, want %+v", preset, path, levels, want.Total)
			}
			for s := range r.Data.Sources {
				for i := range r.ImageSlots(s) {
					leftOut[r.ImageSlots(s)[i].LeftOut.String()] = true
				}
				for k := range r.ObjectSlots(s) {
					leftOut[r.ObjectSlots(s)[k].LeftOut.String()] = true
				}
			}
		}
	}
	for _, reason := range []string{"", "crowd", "skipped-by-loader", "image-left-out", "image-refused", "image-size-missing", "image-unknown"} {
		if !leftOut[reason] {
			t.Errorf("nothing is left out as %q: %v", reason, leftOut)
		}
	}
}

// TestClassImages: of class a two objects lie in the first image and one in the second;
// the third has only a crowd of it, which takes no part.
func TestClassImages(t *testing.T) {
	path := t.TempDir() + "/gt.json"
	testrun.Write(t, path, testrun.COCO([]string{
		`{"id":1,"file_name":"1.png","width":200,"height":200}`, `{"id":2,"file_name":"2.png","width":200,"height":200}`,
		`{"id":3,"file_name":"3.png","width":200,"height":200}`,
	}, []string{
		`{"id":1,"image_id":1,"category_id":1,"bbox":[10,10,50,50]}`, `{"id":2,"image_id":1,"category_id":2,"bbox":[70,10,50,50]}`,
		`{"id":3,"image_id":1,"category_id":1,"bbox":[10,70,50,50]}`, `{"id":4,"image_id":2,"category_id":1,"bbox":[10,10,50,50]}`,
		`{"id":5,"image_id":3,"category_id":1,"bbox":[10,10,50,50],"iscrowd":1}`, `{"id":6,"image_id":77,"category_id":1,"bbox":[10,10,50,50]}`,
	}, `{"id":1,"name":"a"},{"id":2,"name":"b"}`))
	r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, trainer.Default))
	a, b := r.Classes[0], r.Classes[1]
	if a.Images != 2 || a.Objects != 3 || a.Annotations != 5 { // that of no image is an annotation too
		t.Errorf("class a: got %d images, %d objects, %d annotations, want 2, 3, 5", a.Images, a.Objects, a.Annotations)
	}
	if b.Images != 1 || b.Objects != 1 || b.Annotations != 1 {
		t.Errorf("class b: got %d images, %d objects, %d annotations, want 1 each", b.Images, b.Objects, b.Annotations)
	}
}

// TestPairsOfOnePlace: of thousands of equal boxes in an image 1,000 pairs of a code are
// listed, all are counted, and the first finding says so. Another image is not touched.
func TestPairsOfOnePlace(t *testing.T) {
	path := t.TempDir() + "/gt.json"
	var anns []string
	for i := range 4000 {
		anns = append(anns, fmt.Sprintf(`{"id":%d,"image_id":1,"category_id":%d,"bbox":[10,10,50,50]}`, i+1, 1+i/2000))
	}
	anns = append(anns, `{"id":5001,"image_id":2,"category_id":1,"bbox":[10,10,50,50]}`, `{"id":5002,"image_id":2,"category_id":1,"bbox":[10,10,50,50]}`)
	testrun.Write(t, path, testrun.COCO([]string{
		`{"id":1,"file_name":"1.png","width":200,"height":200}`, `{"id":2,"file_name":"2.png","width":200,"height":200}`,
	}, anns, `{"id":1,"name":"a"},{"id":2,"name":"b"}`))
	r := testrun.Run(t, testrun.Read(t, path), testrun.Config(t, trainer.Default))
	listed, told := map[string]int{}, map[string]int{}
	for _, f := range r.Findings {
		if listed[f.Code]++; strings.Contains(f.Message, "of which 1000 are listed") {
			told[f.Code]++
		}
	}
	counts := r.Counts()
	// each object but the first of its class repeats one of its class; each of the second
	// class that has an object of the first among its 8 next to the left conflicts
	if listed["near-duplicate"] != 1001 || counts["near-duplicate"] != 1999*2+1 || told["near-duplicate"] != 1 {
		t.Errorf("near-duplicate: %d listed, %d counted, told %d times", listed["near-duplicate"], counts["near-duplicate"], told["near-duplicate"])
	}
	if listed["class-conflict"] != counts["class-conflict"] || counts["class-conflict"] != 8 || told["class-conflict"] != 0 {
		t.Errorf("class-conflict: %d listed, %d counted", listed["class-conflict"], counts["class-conflict"])
	}
	for _, k := range r.Kinds() {
		if k.N != counts[k.Code] {
			t.Errorf("%s: %d, counted %d", k.Code, k.N, counts[k.Code])
		}
	}
}

// TestLeftOutString: reports have one reason, whichever step left the record out.
func TestLeftOutString(t *testing.T) {
	for want, of := range map[string]pass.LeftOut{
		"":                   {},
		"box-missing":        {Reading: dataset.NoBox},
		"image-left-out":     {Reading: dataset.ImageLeftOut},
		"crowd":              {Trainer: trainer.DropCrowd},
		"image-refused":      {Trainer: trainer.RefuseImage},
		"resized-to-nothing": {Image: trainer.Nothing},
		"too-many-anchors":   {Image: trainer.Huge},
		"skipped-by-loader":  {Image: trainer.Empty},
		"image-under-10-px":  {Image: trainer.Under10},
	} {
		if got := of.String(); got != want {
			t.Errorf("%+v: got %q, want %q", of, got, want)
		}
		if o := (pass.Object{LeftOut: of}); o.Matched() != (want == "") {
			t.Errorf("%+v: matched is %v", of, o.Matched())
		}
	}
	if got := (pass.LeftOut{Image: trainer.Refused}).String(); got != "image-refused" {
		t.Errorf("got %q for the image, want what its annotations have", got)
	}
}

// TestPlacer: a placer has the boxes that were matched, under every preset, in any order of
// objects.
func TestPlacer(t *testing.T) {
	points := 0
	defer func() {
		if points < 1000 {
			t.Errorf("%d objects have points, want those of 9 presets", points)
		}
	}()
	for _, preset := range trainer.Names() {
		r := testrun.Run(t, testrun.Read(t, testrun.Sample), testrun.Config(t, preset))
		placer, scene, compared := r.NewPlacer(), r.Trainer.NewScene(false), 0
		for s := range r.Data.Sources {
			for i := range r.Data.Sources[s].Images {
				if r.ImageSlots(s)[i].LeftOut != (pass.LeftOut{}) {
					continue
				}
				scene.See(r.Data, s, i)
				for k, object := range scene.Index {
					if got := placer.Box(s, object); got != scene.Boxes[k] {
						t.Errorf("%s: object %d is at %v, and was matched at %v", preset, object, got, scene.Boxes[k])
					}
					if levels := placer.AtLevels(scene.Boxes[k]); levels != nil {
						n := int32(0)
						for _, of := range levels {
							n += int32(of)
						}
						if want := r.ObjectSlots(s)[object].AtHigh; n != want || len(levels) != len(scene.Frame.Grids) {
							t.Errorf("%s: object %d has %v points, want %d", preset, object, levels, want)
						}
						points++
					}
					compared++
				}
			}
		}
		if compared < 100 {
			t.Errorf("%s: compared %d boxes", preset, compared)
		}
	}
}
