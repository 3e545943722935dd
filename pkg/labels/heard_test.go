package labels

import (
	"reflect"
	"testing"
)

// TestHeardAsAsked: what was said of the sample's images while learning is to the last bit what the models say when
// they are asked, and is not said of images that differ from them.
func TestHeardAsAsked(t *testing.T) {
	j := learnt()
	deaf := *j
	deaf.heard = hearings{}
	var heard, asked Verdicts
	for i, im := range cleanSet() {
		for _, changed := range []bool{false, true} {
			if changed && len(im.Detections) > 0 {
				im.Detections[0].Score /= 2
			}
			var settled Image
			settled.copyFrom(&im)
			settled.settle()
			if _, ok := j.heard.about(&settled); ok == changed && len(im.Detections) > 0 {
				t.Errorf("image %d, changed %v: it was heard of: %v", i, changed, ok)
			}
			j.Image(&heard, &im)
			deaf.Image(&asked, &im)
			if !reflect.DeepEqual(heard.Kinds, asked.Kinds) || !reflect.DeepEqual(heard.Missing, asked.Missing) {
				t.Fatalf("image %d, changed %v: heard %+v %+v, asked %+v %+v",
					i, changed, heard.Kinds, heard.Missing, asked.Kinds, asked.Missing)
			}
		}
	}
}
