package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
	"focalaudit/pkg/verdict"
)

// configFile is a configuration file, and how far it is trusted. One that was found beside
// the data may come with them: it decides, but it names no file to be read or written. One
// that the user names, or that lies in the working directory, may name files below its own
// directory.
type configFile struct {
	path    string // "" if there is none
	trusted bool
	missed  []string  // keys that were not taken
	errw    io.Writer // is told of them
}

// openConfig returns the configuration file that the user names, or else the one that a
// search finds, which names itself. A quiet command still names one that lies
// elsewhere than in the working directory: it may have come with the data.
func openConfig(
	cmd *cobra.Command, named string, search func() (string, error), quiet bool,
) (configFile, error) {
	c := configFile{path: named, trusted: true, errw: cmd.ErrOrStderr()}
	if named != "" {
		return c, nil
	}
	var err error
	if c.path, err = search(); err != nil || c.path == "" {
		return c, err
	}
	c.trusted = isWorkingDirectory(filepath.Dir(c.path))
	if flag := ownRules(cmd); flag != "" && !c.trusted {
		fmt.Fprintf(c.errw, "analyze: configuration not taken: %s: it lies with the data, and --%s brings rules of your "+
			"own (--config takes it)\n", text.Printable(c.path), flag)
		c.path = ""
		return c, nil
	}
	if !quiet || !c.trusted {
		fmt.Fprintf(c.errw, "analyze: configuration found: %s\n", text.Printable(c.path))
	}
	return c, nil
}

// ownRules returns the flag by which the user brings rules of a gate, "" if none does. What is found beside the data
// must not weaken these: it could leave files out, or move the day of waivers.
func ownRules(cmd *cobra.Command) string {
	for _, name := range []string{"policy", "fail-if"} {
		if cmd.Flags().Changed(name) {
			return name
		}
	}
	return ""
}

// sameFile reports whether two paths are one file.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}

// isWorkingDirectory reports whether dir is the working directory.
func isWorkingDirectory(dir string) bool { return sameFile(dir, ".") }

// resolve returns the value of a key, its path relative to the file. It is not taken where it
// names a file, and this one may not.
func (c *configFile) resolve(key, value string) (resolved string, taken bool, err error) {
	before, path, after := pathIn(key, value)
	if path == "" {
		return value, true, nil
	}
	if path, err = c.take(key, path); err != nil || path == "" {
		return "", false, err
	}
	return before + path + after, true, nil
}

// pathIn returns the path in the value of a key, with what stands before and after it. It is
// empty where the value names no file.
func pathIn(key, value string) (before, path, after string) {
	switch key {
	case "output", "calibration", "baseline", "policy", "images", "learn":
		return "", value, ""
	case "anchors", "trainers":
		_, alias := trainer.Aliases()[value]
		if alias || slices.Contains(trainer.Names(), value) || key == "trainers" && value == allTrainers {
			return "", "", ""
		}
		return "", value, ""
	case "scores":
		for _, kind := range []string{"detections:", "logits:"} {
			if rest, ok := strings.CutPrefix(value, kind); ok {
				path, options, more := strings.Cut(rest, ",")
				if more {
					after = "," + options
				}
				return kind, path, after
			}
		}
		return "", "", ""
	}
	named := func(f verdict.Format) bool { return f.Flag == key && f.To == verdict.File }
	if slices.ContainsFunc(verdict.Formats(), named) {
		return "", value, ""
	}
	return "", "", ""
}

// take returns a path that the file names, relative to it; "" if it is not taken, which is told.
func (c *configFile) take(key, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	if !c.trusted {
		c.miss(key)
		return "", nil
	}
	dir := filepath.Dir(c.path)
	if err := staysBelow(dir, path); err != nil {
		return "", err
	}
	return filepath.Join(dir, path), nil
}

// miss tells, once for each key, that it is not taken, and with the first one why and what to do.
func (c *configFile) miss(key string) {
	if slices.Contains(c.missed, key) {
		return
	}
	c.missed = append(c.missed, key)
	if len(c.missed) > 1 {
		fmt.Fprintf(c.errw, "analyze: %s: key %s is not taken either; %s\n", text.Printable(c.path), key, instead(key))
		return
	}
	fmt.Fprintf(c.errw, "analyze: %s: key %s is not taken: only a file in the working directory, or one that you name, "+
		"may name other files; --config %s takes all of it, %s\n",
		text.Printable(c.path), key, text.Printable(c.path), instead(key))
}

// instead says which flag does what a key would.
func instead(key string) string { return "--" + strings.TrimPrefix(key, "gate.") + " this key alone" }

// decides reports that the rules can't be decided as the file means them, because a key was not taken
// by which they are: without its scores, say, there is no label error to count.
func (c *configFile) decides() error {
	for _, key := range c.missed {
		switch key {
		case "scores", "anchors", "calibration", "learn", "policy", "baseline", "gate.baseline":
			return fmt.Errorf("the gate can't be decided as %s means it, without its key %s: give --%s, or --config %s",
				c.path, key, strings.TrimPrefix(key, "gate."), c.path)
		}
	}
	return nil
}

// staysBelow reports that a path leaves the directory of the file that names it, by its
// elements or by a link.
func staysBelow(dir, path string) error {
	if filepath.IsAbs(path) || !filepath.IsLocal(path) {
		return fmt.Errorf("%q leaves the directory of the file: expected a path below it; "+
			"a flag on the command line may name any", path)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if _, err := root.Stat(filepath.Clean(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%q leads out of the directory of the file by a link, or can't be followed: "+
			"a flag on the command line may name any path", path)
	}
	return nil
}
