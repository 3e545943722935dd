package trainer

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"focalaudit/internal/smallyaml"
	"focalaudit/internal/spelling"
	"focalaudit/pkg/files"
)

//go:embed presets/*.yaml
var embedded embed.FS

// Default is the preset that is used when none is named.
const Default = "retinanet-torchvision"

// Names returns the names of the embedded presets, sorted.
func Names() []string {
	names, _ := fs.Glob(embedded, "presets/*.yaml")
	for i, f := range names {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(f, "presets/"), ".yaml")
	}
	slices.Sort(names)
	return names
}

// aliases are other names of embedded presets.
var aliases = map[string]string{
	"retinanet-keras": "retinanet-keras-0.5", // as it was called before 1.0 had its own
	"ultralytics":     "ultralytics-8.4-stal16",
}

// Aliases returns other names under which Load finds embedded presets, and the presets' own.
func Aliases() map[string]string { return maps.Clone(aliases) }

// models are names that people give to what a preset is for, in lower case and without - and _, each with the preset.
var models = []struct{ name, preset string }{
	{"yolov5", "yolov5"}, {"yolo5", "yolov5"}, {"yolox", "yolox"},
	{"yolo", "ultralytics"}, // YOLOv8, v9, v10, YOLO11, 12 and 26
	{"fasterrcnn", "rpn-torchvision"}, {"maskrcnn", "rpn-torchvision"}, {"rcnn", "rpn-torchvision"},
	{"retinanet", Default}, {"fcos", "fcos-torchvision"}, {"atss", "atss-mmdet"},
	{"ssdlite", "ssdlite320-torchvision"}, {"ssd", "ssd300-torchvision"},
	{"efficientdet", "efficientdet-d0-effdet"}, {"tfefficientdet", "efficientdet-d0-effdet"},
	{"rtdetr", "rt-detr"}, {"dfine", "d-fine"}, {"rfdetr", "rf-detr"}, {"detr", "rt-detr"},
}

// Near returns the preset that a mistyped name may stand for: one that is a mistyping away, or else one for a model of
// that name.
func Near(name string) string {
	nearest := spelling.Nearest(name, slices.Concat(Names(), slices.Collect(maps.Keys(aliases))), 1)[0]
	if spelling.Distance(strings.ToLower(name), nearest) <= 2 && !yolo(name) {
		return nearest
	}
	plain := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
	for _, m := range models {
		if strings.HasPrefix(plain, m.name) {
			return m.preset
		}
	}
	return nearest
}

// yolo reports whether a name is that of a YOLO, whose versions differ in one digit, and are other trainers.
func yolo(name string) bool {
	plain := strings.ToLower(name)
	return strings.HasPrefix(plain, "yolo") && strings.ContainsAny(plain, "0123456789") && !strings.Contains(plain, "5")
}

// Load returns the preset of a name or, if there is none, of a YAML file's
// path. A file that has the name of a preset goes by the name of the file. Errors name the
// file, the line and what was expected.
func Load(nameOrPath string) (Preset, error) {
	if data, err := Source(nameOrPath); err == nil {
		return parse(nameOrPath, data)
	}
	data, err := files.ReadSmall(nameOrPath, smallyaml.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return Preset{}, fmt.Errorf("no preset and no file %q: the nearest is %s; analyze presets lists all", nameOrPath,
			Near(nameOrPath))
	}
	if err != nil {
		return Preset{}, err
	}
	p, err := parse(nameOrPath, data)
	if slices.Contains(Names(), p.Name) { // a copy of a preset, which may have been changed
		p.Name = strings.TrimSuffix(filepath.Base(nameOrPath), filepath.Ext(nameOrPath))
	}
	return p, err
}

// MustLoad returns an embedded preset, for names that stand in a program's source. It
// panics if the name is not one of Names; a test loads each of these.
func MustLoad(name string) Preset {
	data, err := Source(name)
	if err != nil {
		panic(fmt.Sprintf("trainer: no embedded preset %q", name))
	}
	p, err := parse(name, data)
	if err != nil {
		panic("trainer: " + err.Error())
	}
	return p
}

// Source returns the YAML of an embedded preset: a start for one's own.
func Source(name string) ([]byte, error) {
	name = cmp.Or(aliases[name], name)
	return embedded.ReadFile("presets/" + name + ".yaml")
}

// parse reads a preset's YAML. The key `extends` names an embedded preset that
// gives every key which the file leaves out.
func parse(file string, data []byte) (Preset, error) {
	data = smallyaml.Unmarked(data)
	if err := smallyaml.Check(data); err != nil {
		return Preset{}, fmt.Errorf("%s: %w", file, err)
	}
	var base struct {
		Extends string `yaml:"extends"`
		Name    string `yaml:"name"`
		About   string `yaml:"about"`
	}
	if err := smallyaml.Guard(func() error { return yaml.Unmarshal(data, &base) }); err != nil {
		return Preset{}, fmt.Errorf("%s: %s", file, smallyaml.Plain(err.Error()))
	}
	var p Preset
	if base.Extends != "" {
		src, err := Source(base.Extends)
		if err != nil {
			return Preset{}, fmt.Errorf("%s: extends: no preset %q; presets are %s",
				file, base.Extends, strings.Join(Names(), ", "))
		}
		if p, err = parse(base.Extends, src); err != nil {
			return Preset{}, err
		}
	}
	d := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	if err := smallyaml.Guard(func() error { return d.Decode(&p) }); errors.Is(err, io.EOF) {
		return Preset{}, fmt.Errorf("%s: the file is empty, expected a preset", file)
	} else if err != nil {
		return Preset{}, fmt.Errorf("%s: %s", file, smallyaml.Plain(err.Error()))
	}
	if err := smallyaml.Guard(func() error { return d.Decode(new(any)) }); !errors.Is(err, io.EOF) {
		return Preset{}, fmt.Errorf("%s: more than one document, expected one preset", file)
	}
	if base.Extends != "" && base.Name == "" { // a changed preset must not pass for the original
		p.Name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	if base.Extends != "" && base.About == "" {
		p.About = "extends " + base.Extends
	}
	if err := p.Validate(); err != nil {
		return Preset{}, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}
