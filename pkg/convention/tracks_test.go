package convention

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"focalaudit/internal/realfiles"
)

// tracked writes a file of two tracks in 6 images, one of which turns, and reads what is said of it.
func tracked(t *testing.T, key func(track int) string, step int, turn bool, shuffle *rand.Rand) []string {
	t.Helper()
	var images, all []string
	for i := range 6 {
		images = append(images, fmt.Sprintf(`{"id": %d, "file_name": "%d.jpg", "width": 900, "height": 400}`, i, i))
		for track := range 2 {
			class := track + 1
			if turn && track == 1 && i >= 4 {
				class = 3
			}
			all = append(all, fmt.Sprintf(`{"id": %d, "image_id": %d, "category_id": %d, "iscrowd": 0, "area": 800, %s,
				"bbox": [%d, %d, 40, 20]}`, 2*i+track+1, i, class, key(track), 5+step*i, 100*track+9))
		}
	}
	if shuffle != nil {
		shuffle.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	path := filepath.Join(t.TempDir(), "a.json")
	text := fmt.Sprintf(`{"images": [%s], "annotations": [%s], "categories": [{"id": 1, "name": "car"},
		{"id": 2, "name": "bus"}, {"id": 3, "name": "van"}]}`, strings.Join(images, ","), strings.Join(all, ","))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, m := range messages(t, realfiles.Read(t, false, path)) {
		if strings.Contains(m, "track-class-changed") {
			said = append(said, m)
		}
	}
	return said
}

// TestTracks: of two tracks one turns, whatever the key and the order of the records. Nothing is said where it does not,
// where the object is elsewhere (a step of 40 px, a box of 40), and without an id.
func TestTracks(t *testing.T) {
	keys := map[string]func(track int) string{
		"track_id":    func(track int) string { return fmt.Sprintf(`"track_id": %d`, track) },
		"text":        func(track int) string { return fmt.Sprintf(`"instance_id": "t%d"`, track) },
		"attributes":  func(track int) string { return fmt.Sprintf(`"attributes": {"x": [1], "track_id" : %d}`, track) },
		"attributes,": func(track int) string { return fmt.Sprintf(`"attributes": {"track_id":%d, "keyframe": true}`, track) },
	}
	for what, key := range keys {
		for _, shuffle := range []*rand.Rand{nil, rand.New(rand.NewPCG(1, 2))} {
			said := tracked(t, key, 3, true, shuffle)
			if len(said) != 1 || !strings.Contains(said[0], `the class of 1 of 2 tracks changes`) ||
				!strings.Contains(said[0], `4.jpg`) || !strings.HasSuffix(said[0], `as "van"`) {
				t.Errorf("%s: %q", what, said)
			}
		}
		if said := tracked(t, key, 3, false, nil); said != nil {
			t.Errorf("%s, no turn: %q", what, said)
		}
		if said := tracked(t, key, 40, true, nil); said != nil {
			t.Errorf("%s, elsewhere: %q", what, said)
		}
	}
	for _, none := range []string{`"track_id": null`, `"track_id": ""`, `"attributes": {"id": 7}`, `"attributes": {}`} {
		if said := tracked(t, func(int) string { return none }, 3, true, nil); said != nil {
			t.Errorf("%s: %q", none, said)
		}
	}
}

// TestTracksOfVideos: tracks are numbered anew in each video, and one that turns is found once, in whatever order the
// images stand in the file.
func TestTracksOfVideos(t *testing.T) {
	for _, turns := range []int{0, 1} {
		var images, all []string
		for i := range 40 {
			video, frame := i%4, i/4
			images = append(images, fmt.Sprintf(`{"id": %d, "file_name": "v%d/%d.jpg", "width": 900, "height": 400}`, i, video, frame))
			class := 1 + video%3
			if turns > 0 && video == 2 && frame >= 6 {
				class = 1
			}
			all = append(all, fmt.Sprintf(`{"id": %d, "image_id": %d, "category_id": %d, "iscrowd": 0, "area": 800,
				"track_id": 1, "bbox": [%d, 9, 40, 20]}`, i+1, i, class, 5+2*frame))
		}
		for seed := range uint64(3) {
			rng := rand.New(rand.NewPCG(seed, 2))
			rng.Shuffle(len(images), func(i, j int) { images[i], images[j] = images[j], images[i] })
			path := filepath.Join(t.TempDir(), "a.json")
			text := fmt.Sprintf(`{"images": [%s], "annotations": [%s], "categories": [{"id": 1, "name": "car"},
				{"id": 2, "name": "bus"}, {"id": 3, "name": "van"}]}`, strings.Join(images, ","), strings.Join(all, ","))
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			said := strings.Join(messages(t, realfiles.Read(t, false, path)), "\n")
			if strings.Contains(said, "track-class-changed") != (turns > 0) ||
				turns > 0 && !strings.Contains(said, "the class of 1 of 4 tracks changes from one image to the next, while the object stays where it is (1 time)") {
				t.Errorf("%d turns: %s", turns, said)
			}
		}
	}
}

// TestRealTracks: of the 32 tracks of CVAT's export none turns. With the classes of the last third of its images in the
// order of their names, those tracks turn that go on there and whose class moves.
func TestRealTracks(t *testing.T) {
	path := realfiles.Shared(t, "data", "exporters", "cvat_traffic.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	said := func(path string) (all []string) {
		for _, m := range messages(t, realfiles.Read(t, false, path)) {
			if strings.Contains(m, "track-class-changed") {
				all = append(all, m)
			}
		}
		return all
	}
	if got := said(path); got != nil {
		t.Errorf("%q", got)
	}
	images := file["images"].([]any)
	late := map[any]bool{}
	for _, im := range images[len(images)*2/3:] {
		late[im.(map[string]any)["id"]] = true
	}
	to := map[any]float64{1.0: 2, 2.0: 1, 3.0: 5, 4.0: 4, 5.0: 3} // Bus, Car, Pedestrian, Tram, Truck
	for _, a := range file["annotations"].([]any) {
		if o := a.(map[string]any); late[o["image_id"]] {
			o["category_id"] = to[o["category_id"]]
		}
	}
	out := filepath.Join(t.TempDir(), "turned.json")
	if b, err = json.Marshal(file); err == nil {
		err = os.WriteFile(out, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := said(out); len(got) != 1 || !strings.Contains(got[0], "of 32 tracks changes") {
		t.Errorf("%q", got)
	} else {
		t.Log(got[0])
	}
}

// TestStates: classes that follow each other to and fro for some images, each track in its own time, are states, of which
// an info tells. All tracks at once, as in files that were joined, single images, as slips are, or one turn of each track
// are none.
func TestStates(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		what  string
		class func(track, image int) int
		info  bool
	}{
		{"states", func(track, i int) int { return 1 + (i+3*track)/8%2 }, true},
		{"three states", func(track, i int) int { return 1 + (i+3*track)/8%3 }, false}, // no track turns back
		{"at once", func(_, i int) int { return 1 + i/8%2 }, false},
		{"at once, exchanged", func(track, i int) int { return 1 + (track+i/8)%2 }, false},
		{"drawn", func(int, int) int { return 1 + rng.IntN(2) }, false},
		{"slips", func(track, i int) int {
			if (i+2*track)%13 == 0 {
				return 2
			}
			return 1
		}, false},
		{"once", func(track, i int) int {
			if i > 9+2*track {
				return 1 + track%2
			}
			return 2 - track%2
		}, false},
	} {
		var images, all []string
		for i := range 60 {
			images = append(images, fmt.Sprintf(`{"id": %d, "file_name": "%d.jpg", "width": 900, "height": 700}`, i, i))
			for track := range 7 {
				all = append(all, fmt.Sprintf(`{"id": %d, "image_id": %d, "category_id": %d, "iscrowd": 0, "area": 800,
					"track_id": %d, "bbox": [%d, %d, 40, 20]}`, 7*i+track+1, i, c.class(track, i), track, 5+2*i, 80*track+9))
			}
		}
		path := filepath.Join(t.TempDir(), "a.json")
		text := fmt.Sprintf(`{"images": [%s], "annotations": [%s], "categories": [{"id": 1, "name": "car"},
			{"id": 2, "name": "car standing"}, {"id": 3, "name": "van"}]}`, strings.Join(images, ","), strings.Join(all, ","))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, m := range messages(t, realfiles.Read(t, false, path)) {
			if strings.Contains(m, "track-class-changed") {
				said += m
			}
		}
		if said == "" || strings.Contains(said, "changes to and fro") != c.info {
			t.Errorf("%s: %s", c.what, said)
		}
	}
}
