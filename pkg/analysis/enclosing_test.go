package analysis_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"focalaudit/internal/testrun"
	"focalaudit/pkg/findings"
)

// TestEnclosing: where boxes are those around turned rectangles already, by CVAT's rotation, nothing is told; where they
// are those before the turn, it is. Rectangles of 40 to 120 by 20 to 30 px are turned by any angle.
func TestEnclosing(t *testing.T) {
	for _, around := range []bool{true, false} {
		rng := rand.New(rand.NewPCG(1, 4))
		var all []string
		for id := range 300 {
			turn, w, h := 360*rng.Float64(), 40+80*rng.Float64(), 20+10*rng.Float64()
			x, y := 600*rng.Float64(), 400*rng.Float64()
			if sin, cos := math.Sincos(turn * math.Pi / 180); around {
				sin, cos = math.Abs(sin), math.Abs(cos)
				w, h = float64(w*cos)+float64(h*sin), float64(w*sin)+float64(h*cos)
			}
			all = append(all, fmt.Sprintf(`{"id":%d,"image_id":1,"category_id":1,"bbox":[%.2f,%.2f,%.2f,%.2f],"area":%.2f,`+
				`"iscrowd":0,"attributes":{"rotation":%.1f}}`, id+1, x, y, w, h, w*h, turn))
		}
		r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, strings.Join(all, ","))),
			testrun.Config(t, "retinanet-detectron2"))
		told := slices.ContainsFunc(r.Findings, func(f findings.Finding) bool { return f.Code == "key-unread" })
		if told == around {
			t.Errorf("boxes around turned rectangles: %v, told of: %v", around, told)
		}
	}
}

// TestEnclosingByArea: areas of turned rectangles tell of boxes around them where few are turned far, and rectangles are
// of any shape; the area of a box that was not turned tells nothing.
func TestEnclosingByArea(t *testing.T) {
	for _, around := range []bool{true, false} {
		rng := rand.New(rand.NewPCG(1, 5))
		var all []string
		for id := range 100 {
			turn := 0.0
			if id%3 == 0 {
				turn = 5 + 25*rng.Float64()
			}
			w, h := 20+80*rng.Float64(), 20+80*rng.Float64()
			area := w * h
			if sin, cos := math.Sincos(turn * math.Pi / 180); around {
				w, h = float64(w*cos)+float64(h*sin), float64(w*sin)+float64(h*cos)
			}
			all = append(all, fmt.Sprintf(`{"id":%d,"image_id":1,"category_id":1,"bbox":[%.2f,%.2f,%.2f,%.2f],"area":%.2f,`+
				`"iscrowd":0,"attributes":{"rotation":%.1f}}`, id+1, 600*rng.Float64(), 400*rng.Float64(), w, h, area, turn))
		}
		r := testrun.Run(t, testrun.Read(t, testrun.OneImage(t, strings.Join(all, ","))),
			testrun.Config(t, "retinanet-detectron2"))
		told := slices.ContainsFunc(r.Findings, func(f findings.Finding) bool { return f.Code == "key-unread" })
		if told == around {
			t.Errorf("boxes around turned rectangles: %v, told of: %v", around, told)
		}
	}
}
