// Generate writes made-up COCO annotation files of any size, in the likeness of
// train2017, for measuring the program. Equal flags give equal bytes.
//
// What it copies from the original: the number of objects per image, image
// sizes, class frequencies, box sizes and their dependence on the number of
// objects, the number of crowds, outlines of a median of 15 points, the order
// of keys, and the random order of the annotations. At the default size a file
// has about 860,000 annotations in about 474 MB.
//
//	go run ./bench/generate -o train_like.json
//	go run ./bench/generate -images 1 -per-image 200000 -o one_image.json
//	go run ./bench/generate -images 40000 -sources 10000 -o DIR
//	go run ./bench/generate -detections 5000000 -o detections.json
//
// Detections belong to the file that the same -images, -seed, -classes and
// -per-image make.
//
// The files, and what makes them: scene.go draws images, objects and
// detections, each from a seed of its own, so that none is ever stored;
// outline.go draws polygons and run lengths; document.go writes JSON.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// trainImages is the number of images of COCO train2017.
const trainImages = 118287

// options are the flags.
type options struct {
	scene
	output     string
	shuffle    bool
	sources    int
	detections int
}

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = o.write()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(2)
	}
}

func parse(args []string) (options, error) {
	var o options
	var big bool
	fs := flag.NewFlagSet("generate", flag.ContinueOnError)
	fs.IntVar(&o.images, "images", trainImages, "number of images")
	fs.Uint64Var(&o.seed, "seed", 1, "seed of everything random")
	fs.StringVar(&o.output, "o", "", "file to write, or directory with -sources (default: standard output)")
	fs.BoolVar(&o.shuffle, "shuffle", true, "write images and annotations in random order, as COCO does")
	fs.IntVar(&o.classes, "classes", len(cocoClasses), "number of classes; 80 are COCO's own")
	fs.BoolVar(&big, "big-classes", false, "short for -classes 100000")
	fs.IntVar(&o.perImage, "per-image", 0, "objects in every image (default: COCO's mix)")
	fs.IntVar(&o.sources, "sources", 1, "divide the images among so many files in the directory -o")
	fs.IntVar(&o.detections, "detections", 0, "write a results list of so many detections of these images instead")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if big {
		o.classes = 100_000
	}
	switch {
	case fs.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case o.images < 1 || o.classes < 1 || o.perImage < 0 || o.sources < 1 || o.detections < 0:
		return o, errors.New("a number is out of range")
	case o.sources > o.images:
		return o, errors.New("more -sources than -images")
	case o.sources > 1 && o.output == "":
		return o, errors.New("-sources needs a directory, -o DIR")
	case o.sources > 1 && o.detections > 0:
		return o, errors.New("-sources and -detections exclude each other")
	}
	return o, nil
}

// write writes what the options ask for.
func (o *options) write() error {
	o.prepare()
	switch {
	case o.sources > 1:
		return o.writeSources()
	case o.detections > 0:
		return toFile(o.output, func(w *bufio.Writer) error { return o.writeDetections(w, o.detections) })
	}
	return toFile(o.output, func(w *bufio.Writer) error { return o.writeDocument(w, 0, o.images) })
}

// writeSources divides the images among numbered files.
func (o *options) writeSources() error {
	if err := os.MkdirAll(o.output, 0o755); err != nil {
		return err
	}
	for s := range o.sources {
		name := filepath.Join(o.output, fmt.Sprintf("instances_%05d.json", s))
		first, end := share(o.images, o.sources, s), share(o.images, o.sources, s+1)
		if err := toFile(name, func(w *bufio.Writer) error { return o.writeDocument(w, first, end) }); err != nil {
			return err
		}
	}
	return nil
}

// writeDocument writes the images first to end, and what belongs to them, as
// one annotation file.
func (o *options) writeDocument(w *bufio.Writer, first, end int) error {
	d := document{scene: &o.scene, w: w}
	images, objects := o.order(first, end)
	d.open()
	for _, i := range images {
		d.image(int(i))
	}
	d.next("annotations")
	seen := make([]uint32, end-first)
	for _, i := range objects {
		d.annotation(int(i), int(seen[int(i)-first]))
		seen[int(i)-first]++
	}
	d.next("categories")
	for class := range o.classes {
		d.category(class)
	}
	d.close()
	return d.err
}

// order gives the images in the order of the file, and one entry of objects for
// each object: its image. Four bytes an object are all that is ever stored.
func (o *options) order(first, end int) (images, objects []uint32) {
	for i := first; i < end; i++ {
		images = append(images, uint32(i))
		for range o.count(i) {
			objects = append(objects, uint32(i))
		}
	}
	if o.shuffle {
		rng := rand.New(rand.NewPCG(o.seed, uint64(first)))
		rng.Shuffle(len(images), func(i, j int) { images[i], images[j] = images[j], images[i] })
		rng.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
	}
	return images, objects
}

// writeDetections writes n detections, spread evenly over the images.
func (o *options) writeDetections(w *bufio.Writer, n int) error {
	d := document{scene: &o.scene, w: w}
	d.put("[")
	for i := range o.images {
		for _, found := range o.detect(i, share(n, o.images, i+1)-share(n, o.images, i)) {
			d.detection(found)
		}
	}
	d.put("]")
	return d.err
}

// share is the number of things among the first part of parts, divided evenly.
func share(things, parts, part int) int { return int(int64(things) * int64(part) / int64(parts)) }

// toFile calls f with a writer to the named file, or to standard output.
func toFile(name string, f func(*bufio.Writer) error) (err error) {
	var out io.Writer = os.Stdout
	if name != "" {
		file, e := os.Create(name)
		if e != nil {
			return e
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = file
	}
	w := bufio.NewWriterSize(out, 1<<20)
	return errors.Join(f(w), w.Flush())
}
