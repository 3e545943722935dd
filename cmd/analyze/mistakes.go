package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"focalaudit/internal/spelling"
)

// speakPlainly lets a command and those below it tell of mistakes in the command line what was
// given, what was expected and what to do.
func speakPlainly(cmd *cobra.Command) {
	cmd.SetFlagErrorFunc(flagMistake)
	for _, c := range cmd.Commands() {
		speakPlainly(c)
	}
}

// flagMistake words an error of a flag.
func flagMistake(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			return fmt.Errorf("there is no flag -%s: %s --help lists the flags", unknown.GetSpecifiedName(), cmd.CommandPath())
		}
		name := unknown.GetSpecifiedName()
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		return fmt.Errorf("there is no flag --%s: %s; %s --help lists all", name, spelling.Near("--"+name, names, 3),
			cmd.CommandPath())
	case errors.As(err, &invalid):
		return fmt.Errorf("--%s %q: expected %s", invalid.GetFlag().Name, invalid.GetValue(), valueOf(invalid.GetFlag()))
	case errors.As(err, &missing):
		return fmt.Errorf("--%s has no value: expected %s behind it", missing.GetFlag().Name, valueOf(missing.GetFlag()))
	}
	return err
}

// valueOf says what a flag takes.
func valueOf(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return "true or false"
	case "int":
		return "a whole number"
	case "uint64":
		return "a whole number, not below 0"
	case "float64", "float64Slice":
		return "a number"
	}
	return "a text"
}

// notEmpty returns an error for a flag that names a file and is empty, such as "--policy $POLICY" without the variable:
// a gate without its policy or baseline would pass.
func notEmpty(cmd *cobra.Command) error {
	names := []string{"policy", "baseline", "config", "calibration", "learn", "images"}
	for _, name := range append(names, fileFlags()...) {
		f := cmd.Flags().Lookup(strings.TrimPrefix(name, "--"))
		if f != nil && f.Changed && f.Value.String() == "" {
			return fmt.Errorf("--%s \"\": expected a name (is a variable of the shell empty?)", f.Name)
		}
	}
	return nil
}

// exactly is the rule of a command that takes the named arguments, all of them.
func exactly(names ...string) cobra.PositionalArgs { return between(len(names), len(names), names...) }

// between is the rule of a command that takes at least low and at most high of the named arguments;
// high below 0 is no limit, and repeats the last name.
func between(low, high int, names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < low:
			return fmt.Errorf("%s is missing: %s (%s --help has examples)", names[len(args)], cmd.UseLine(), cmd.CommandPath())
		case high >= 0 && len(args) > high:
			return fmt.Errorf("%q is one argument too many: %s", args[high], cmd.UseLine())
		}
		return nil
	}
}

// noCommand is the rule of the program itself, whose arguments are commands.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	name := args[0]
	if _, err := os.Stat(name); err == nil {
		return fmt.Errorf("%q is a file or a directory, expected a command: analyze run %s", name, shell(name))
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return fmt.Errorf("there is no command %q: the nearest is %s; analyze --help lists all", name,
		spelling.Nearest(name, names, 1)[0])
}

// answerHelp makes the command help fail if its argument is no command. The library's own help prints a message then,
// and the exit status is 0.
func answerHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() != "help" {
			continue
		}
		help := c.Run
		c.Run = nil
		c.RunE = func(c *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			switch {
			case err != nil:
				return err
			case len(rest) > 0 && cmd == root:
				return noCommand(root, rest)
			case len(rest) > 0:
				return fmt.Errorf("%q is one argument too many: %s has no commands of that name", rest[0], cmd.CommandPath())
			}
			help(c, args)
			return nil
		}
	}
}

// literal is what the expression library says of a number that it can't hold.
var literal = regexp.MustCompile(`invalid (integer|float) literal: strconv\.\w+: parsing "([^"]*)": value out of range`)

// plainly writes an error without the words of Go's own: the operation before a path, the function that reads a number.
func plainly(err error) string {
	out := literal.ReplaceAllString(err.Error(), "the number $2 is too large")
	out = strings.ReplaceAll(out, "getwd: no such file or directory",
		"the working directory was removed: change to another one")
	for _, e := range pathErrors(err) {
		out = strings.ReplaceAll(out, e.Error(), e.Path+": "+e.Err.Error())
	}
	return out
}

// pathErrors returns the errors of files that an error is made of.
func pathErrors(err error) (all []*fs.PathError) {
	if e, ok := err.(*fs.PathError); ok {
		return []*fs.PathError{e}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			return pathErrors(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			all = append(all, pathErrors(inner)...)
		}
	}
	return all
}
