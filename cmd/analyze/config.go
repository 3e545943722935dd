package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"focalaudit/internal/smallyaml"
	"focalaudit/internal/spelling"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/show"
	"focalaudit/pkg/text"
)

// configName is the file that run and check look for.
const configName = "focalaudit.yaml"

// findConfig returns the configuration file in the directory of a path, or the
// nearest above it; "" if there is none.
func findConfig(path string) (string, error) {
	dir, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	for {
		file := filepath.Join(dir, configName)
		_, err := os.Lstat(file)
		switch {
		case err == nil:
			return relative(file), nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
		if dir == filepath.Dir(dir) {
			return "", nil
		}
		dir = filepath.Dir(dir)
	}
}

// configBelow returns the configuration file beside the annotations below a directory, if there is
// one. Where there are several, each is of a part of the annotations: they are named to errw, and
// none is taken.
func (f *runFlags) configBelow(dir string, errw io.Writer) (string, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", nil
	}
	annotations, err := find.Files([]string{dir}, f.include, f.exclude, endings())
	if err != nil {
		return "", nil // the run will tell of it
	}
	found := map[string]bool{} // by directory: whether it has one
	for _, file := range annotations {
		for at := filepath.Dir(file.Path); at != filepath.Clean(dir) && at != filepath.Dir(at); at = filepath.Dir(at) {
			if _, looked := found[at]; looked {
				break
			}
			_, err := os.Lstat(filepath.Join(at, configName))
			found[at] = err == nil
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
		}
	}
	maps.DeleteFunc(found, func(_ string, has bool) bool { return !has })
	dirs := slices.Sorted(maps.Keys(found))
	switch len(dirs) {
	case 0:
		return "", nil
	case 1:
		return filepath.Join(dirs[0], configName), nil
	}
	fmt.Fprintf(errw, "analyze: several directories of annotations have a %s, and none is taken: %s; --config names one\n",
		configName, text.Printable(show.Names(dirs)))
	return "", nil
}

// relative writes a path as seen from the working directory, if it is below it.
func relative(file string) string {
	wd, err := os.Getwd()
	if err != nil {
		return file
	}
	if rel, err := filepath.Rel(wd, file); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return file
}

// configure takes from the configuration file what the command line does not say:
// every flag has a key of its name, with hyphens or underscores. Paths in it are relative to it.
func (f *runFlags) configure(cmd *cobra.Command, paths []string) error {
	var err error
	own := ownRules(cmd) // before the file's keys are flags
	from := &f.gate.from
	search := func() (string, error) {
		path, err := findConfig(paths[0])
		if err == nil && path == "" {
			path, err = f.configBelow(paths[0], cmd.ErrOrStderr())
		}
		return path, err
	}
	if *from, err = openConfig(cmd, f.configFile, search, f.quiet); err != nil {
		return err
	}
	if from.path != "" {
		data, err := files.ReadSmall(from.path, gate.MaxFile)
		if err != nil {
			return err
		}
		if err := from.apply(cmd.Flags(), cmd.Flags(), data); err != nil {
			return fmt.Errorf("%s: %w", from.path, err)
		}
	}
	if err := f.reviewed(); err != nil {
		return err
	}
	if f.own = own; cmd.Name() == "merge" {
		return nil // parts have what lay beside their files; what lies beside the parts is not theirs
	}
	return f.keptBeside(paths, own, cmd.OutOrStdout(), cmd.ErrOrStderr())
}

// keptBeside takes the kept labels that review --apply wrote into the directories that are read, or into those of the
// files. own is the flag by which the user brings rules, "" for none: with it, only the file in the working directory
// is taken, and those that the user names, as it is with configuration files.
func (f *runFlags) keptBeside(paths []string, own string, out, errw io.Writer) error {
	var looked []string
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			path = filepath.Dir(path)
		}
		file := filepath.Join(path, keptName)
		if slices.Contains(looked, file) || !isThere(file) {
			continue
		}
		looked = append(looked, file)
		if begins, err := beginsAsPolicy(file); err != nil {
			return err
		} else if !begins { // a file of that name which is not review's, an annotation file say
			continue
		}
		mine := isWorkingDirectory(path) || sameFile(f.gate.from.path, file) || sameFile(f.gate.policy, file)
		if own != "" && !mine {
			fmt.Fprintf(errw, "analyze: kept labels not taken: %s: it lies with the data, and --%s brings rules of your own "+
				"(--config takes it, or its lines in your policy)\n", text.Printable(file), own)
			continue
		}
		prints, err := keptIn(file)
		if err != nil {
			return err
		}
		f.kept.Add(prints, mine)
		if f.quiet && !mine && len(prints) > 0 { // as of configuration files: it may have come with the data
			fmt.Fprintf(errw, "analyze: kept labels found: %s: %s\n", text.Printable(file), text.Plural(len(prints), "label"))
		}
		f.takeKept(file, prints, out)
	}
	return nil
}

// takeKept takes fingerprints of labels that a person kept, and says from where.
func (f *runFlags) takeKept(from string, prints []string, out io.Writer) {
	f.config.Reviewed = append(f.config.Reviewed, prints...)
	if !f.quiet && len(prints) > 0 {
		fmt.Fprintf(out, "kept     %s: %s that a person looked at and kept\n", text.InLine(from),
			text.Plural(len(prints), "label"))
	}
}

// keptIn returns the fingerprints in a file that review --apply wrote.
func keptIn(file string) ([]string, error) {
	data, err := files.ReadSmall(file, gate.MaxFile)
	if err != nil {
		return nil, err
	}
	list := string(data)
	ended := strings.HasSuffix(strings.TrimRight(list, " \t\r\n"), "\n"+keptEnds)
	if strings.Contains(list, "\n"+keptBegins) && !ended {
		return nil, fmt.Errorf("%s: it is cut off: its last line is not %q: write it again with analyze review --apply", file,
			keptEnds)
	}
	policy, _, err := gate.ParsePolicy(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if !ended && len(policy.Reviewed) == 0 { // before the first entry, or by another hand
		return nil, fmt.Errorf("%s: it is cut off or empty, and names no label: write it again with analyze review --apply, "+
			"or remove it", file)
	}
	return policy.Reviewed, nil
}

// beginsAsPolicy reports whether a file begins with the key gate; it reads no more of the file. An empty file, or one
// that ends within the key, was cut off. That is an error: otherwise the run would suspect the kept labels again.
func beginsAsPolicy(file string) (bool, error) {
	const begin = "gate:"
	f, err := files.Open(file)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, len(begin))
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err == nil && n < len(begin) && strings.HasPrefix(begin, string(head[:n])) {
		err = fmt.Errorf("%s: it is empty or cut off: write it again with analyze review --apply, or remove it", file)
	}
	return string(head[:n]) == begin, err
}

// reviewed takes from the policy which findings a person looked at and kept, gate or not.
func (f *runFlags) reviewed() error {
	for _, file := range []string{f.gate.from.path, f.gate.policy} {
		if file == "" {
			continue
		}
		data, err := files.ReadSmall(file, gate.MaxFile)
		if err != nil {
			return err
		}
		policy, _, err := gate.ParsePolicy(data)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		f.config.Reviewed = append(f.config.Reviewed, policy.Reviewed...)
	}
	return nil
}

// apply sets the flags that a configuration file has keys of, among those of run,
// which are the ones that it may have.
func (c *configFile) apply(flags, of *pflag.FlagSet, data []byte) error {
	data, _ = gate.CutReviewed(smallyaml.Unmarked(data))
	if err := smallyaml.Check(data); err != nil {
		return err
	}
	var keys yaml.MapSlice
	if err := smallyaml.Guard(func() error { return yaml.Unmarshal(data, &keys) }); err != nil {
		return errors.New(smallyaml.Plain(strings.TrimSpace(yaml.FormatError(err, false, true))))
	}
	written := map[string]string{} // how the file spells a key
	for _, item := range keys {
		spelt := fmt.Sprint(item.Key)
		key := strings.ReplaceAll(spelt, "_", "-") // as the policy's keys are written
		if first, twice := written[key]; twice {
			return fmt.Errorf("keys %s and %s are the same: expected one of them", first, spelt)
		}
		written[key] = spelt
		if key == "gate" {
			if _, isMap := item.Value.(map[string]any); !isMap && item.Value != nil {
				return errors.New(
					"gate: expected rules, waivers, baseline, only_new; to hold each run against them, use the flag --gate")
			}
			continue
		}
		if key == "force" {
			return errors.New("key force: is taken from the command line only")
		}
		if of.Lookup(key) == nil || key == "config" || key == "help" {
			return fmt.Errorf("key %q: there is no such flag; %s", spelt, nearestFlag(of, key))
		}
		flag := flags.Lookup(key)
		if flag == nil || flag.Changed {
			continue
		}
		values, isList := item.Value.([]any)
		if !isList {
			values = []any{item.Value}
		} else if !strings.HasPrefix(flag.Value.Type(), "string") || flag.Value.Type() == "string" {
			return fmt.Errorf("key %s: got a list, expected one value", key)
		}
		for _, v := range values {
			switch v.(type) {
			case nil:
				return fmt.Errorf("key %s: has no value", key)
			case []any, map[string]any, yaml.MapSlice:
				return fmt.Errorf("key %s: expected a text, a number or true or false", key)
			}
			text, taken, err := c.resolve(key, fmt.Sprint(v))
			if err == nil && taken && flags.Set(key, text) != nil {
				err = fmt.Errorf("got %q, expected %s", text, valueOf(flag))
			}
			if err != nil {
				return fmt.Errorf("key %s: %w", key, err)
			}
		}
	}
	return nil
}

// nearestFlag says which flags a mistyped key may mean.
func nearestFlag(flags *pflag.FlagSet, key string) string {
	var names []string
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Name != "config" && f.Name != "help" {
			names = append(names, f.Name)
		}
	})
	return spelling.Near(key, names, 3)
}
