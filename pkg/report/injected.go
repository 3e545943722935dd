package report

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/geom"
	"focalaudit/pkg/inject"
)

// CheckInjected reports why annotations with errors can't be put into dir: other
// files are there.
func CheckInjected(dir string) error { return files.Empty(dir) }

// WriteInjected writes annotations with errors into dir: for each source a COCO file
// NAME.seed-N.json, with ids of images and categories as they were and annotations
// numbered anew, and for all of them truth.seed-N.csv, which says what was done to
// each annotation. images run parallel to places.
func WriteInjected(ctx context.Context, dir string, r *analysis.Result, places []analysis.Place, images []inject.Image, seed uint64) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	suffix := fmt.Sprintf(".seed-%d", seed)
	names := injectedNames(r)
	return files.Write(filepath.Join(dir, "truth"+suffix+".csv"), func(w io.Writer) error {
		truth := csv.NewWriter(w)
		if err := truth.Write([]string{"source", "image_id", "annotation_id", "error", "class", "x", "y", "width", "height", "was_class", "was_x", "was_y", "was_width", "was_height"}); err != nil {
			return err
		}
		for s := range r.Data.Sources {
			doc := injectedSource(r, s, places, images, truth)
			if err := ctx.Err(); err != nil {
				return err
			}
			err := files.Write(filepath.Join(dir, names[s]+suffix+".json"), func(w io.Writer) error { return json.NewEncoder(w).Encode(doc) })
			if err != nil {
				return err
			}
		}
		truth.Flush()
		return truth.Error()
	})
}

// injectedNames are what the sources' files are called: their names in one directory,
// numbered where two would be the same.
func injectedNames(r *analysis.Result) []string {
	var names []string
	seen := map[string]bool{}
	for s := range r.Data.Sources {
		base := strings.NewReplacer("/", "_", "\\", "_").Replace(r.Data.Sources[s].Name)
		for _, ext := range []string{".gz", ".zst", ".json"} {
			base = strings.TrimSuffix(base, ext)
		}
		name := base
		for n := 2; seen[name]; n++ {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		seen[name] = true
		names = append(names, name)
	}
	return names
}

// cocoDocument is a COCO file as far as boxes go.
type cocoDocument struct {
	Images      []cocoImage      `json:"images"`
	Annotations []cocoAnnotation `json:"annotations"`
	Categories  []cocoCategory   `json:"categories"`
}

type cocoImage struct {
	ID     any    `json:"id"`
	File   string `json:"file_name"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type cocoAnnotation struct {
	ID       int        `json:"id"`
	Image    any        `json:"image_id"`
	Category any        `json:"category_id"`
	Box      [4]float64 `json:"bbox"`
	Area     float64    `json:"area"`
	Crowd    int        `json:"iscrowd"`
	Ignore   int        `json:"ignore,omitempty"`
}

type cocoCategory struct {
	ID   any    `json:"id"`
	Name string `json:"name"`
}

// injectedSource makes the document of a source, and writes the truth about it.
func injectedSource(r *analysis.Result, source int, places []analysis.Place, images []inject.Image, truth *csv.Writer) *cocoDocument {
	src := &r.Data.Sources[source]
	doc := &cocoDocument{Images: []cocoImage{}, Annotations: []cocoAnnotation{}}
	category := map[int32]any{}
	for _, c := range src.Categories {
		if _, known := category[c.Class]; !known {
			category[c.Class] = plainID(c.ID)
		}
		doc.Categories = append(doc.Categories, cocoCategory{plainID(c.ID), r.Data.Classes[c.Class].Name})
	}
	for k := range r.Data.Classes { // a swapped object may have a class that only another source has
		if _, known := category[int32(k)]; !known {
			name := r.Data.Classes[k].Name
			category[int32(k)] = "injected " + name
			doc.Categories = append(doc.Categories, cocoCategory{"injected " + name, name})
		}
	}
	add := func(image any, class int32, b geom.Rect) *cocoAnnotation {
		doc.Annotations = append(doc.Annotations, cocoAnnotation{ID: len(doc.Annotations) + 1, Image: image, Category: category[class],
			Box: [4]float64{b.X, b.Y, b.W, b.H}, Area: b.W * b.H})
		return &doc.Annotations[len(doc.Annotations)-1]
	}
	for i, at := range places {
		if at.Source != source {
			continue
		}
		im := &src.Images[at.Image]
		id := plainID(im.ID)
		doc.Images = append(doc.Images, cocoImage{id, im.File, im.Size.W, im.Size.H})
		line := func(annotation string, o *inject.Object) {
			was := [5]string{}
			if o.Error == inject.Shifted || o.Error == inject.Duplicated {
				was = [5]string{"", decimal(o.Was.X), decimal(o.Was.Y), decimal(o.Was.W), decimal(o.Was.H)}
			}
			if o.Error == inject.Swapped {
				was[0] = r.Data.Classes[o.Old].Name
			}
			// an error of writing stays with the writer, and is found at its end
			_ = truth.Write(append([]string{src.Name, im.ID.String(), annotation, o.Error.String(), r.Data.Classes[o.Class].Name,
				decimal(o.Box.X), decimal(o.Box.Y), decimal(o.Box.W), decimal(o.Box.H)}, was[:]...))
		}
		for k := range images[i].Objects {
			o := &images[i].Objects[k]
			line(strconv.Itoa(add(id, o.Class, o.Box).ID), o)
		}
		for k := range images[i].Dropped {
			line("", &images[i].Dropped[k])
		}
		for k := im.First; k < im.Last; k++ { // what says nothing stays what it is
			if o := &src.Objects[k]; o.Flags&(dataset.Crowd|dataset.Ignore) != 0 && o.LeftOut != dataset.NoBox && o.Class >= 0 {
				a := add(id, o.Class, o.Box)
				if o.Flags&dataset.Crowd != 0 {
					a.Crowd = 1
				}
				if o.Flags&dataset.Ignore != 0 {
					a.Ignore = 1
				}
			}
		}
	}
	return doc
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// plainID is an id as JSON has it.
func plainID(d dataset.ID) any {
	if n, whole := d.Int(); whole {
		return n
	}
	return d.String()
}
