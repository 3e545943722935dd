package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/report"
	"focalaudit/pkg/text"
	"focalaudit/pkg/verdict"
)

// gateFlags are the flags of run and check about the gate.
type gateFlags struct {
	ofRun    bool // the command is run, or merge
	on       bool // --gate of run
	rules    []string
	policy   string
	baseline string
	onlyNew  bool
	today    string
	prefix   string

	// The values of the flags of verdict.Formats, by flag: the file of a format that
	// has one, "" if it is not asked for; else whether it is asked for.
	files    map[string]*string
	switches map[string]*bool

	from      configFile // the configuration file
	force     bool
	keepGoing bool // files that could not be read are accepted

	sources      []find.File          // of a run; none for a check
	modified     map[string]time.Time // when each source was, by its path
	usedBaseline string               // of the flag or the policy
	used         string               // which policy the rules are of, in words
	dir          string               // of the report that is judged

	inputs []string // all files and directories that are read
}

// define declares the flags.
func (g *gateFlags) define(fs *pflag.FlagSet, run bool) {
	if g.ofRun = run; run {
		fs.BoolVar(&g.on, "gate", false,
			"check the report against the policy in focalaudit.yaml (without one, errors fail and warnings warn); "+
				"exit status 1 if it fails")
	}
	fs.StringArrayVar(&g.rules, "fail-if", nil,
		"expression over metrics and count(\"CODE\"); exit status 1 if it is true (repeatable)")
	fs.StringVar(&g.policy, "policy", "", "file with the key gate (default: focalaudit.yaml)")
	fs.StringVar(&g.baseline, "baseline", "", "directory of an earlier report, or of analyze baseline, to compare with")
	fs.BoolVar(&g.onlyNew, "only-new", false, "count only findings that are not in the baseline")
	g.files, g.switches = map[string]*string{}, map[string]*bool{}
	for _, f := range verdict.Formats() {
		switch {
		case f.Usage == "": // the flag is another format's
		case f.To == verdict.File:
			g.files[f.Flag] = fs.String(f.Flag, "", f.Usage)
		default:
			g.switches[f.Flag] = fs.Bool(f.Flag, false, f.Usage)
		}
	}
	fs.BoolVar(&g.force, "force", false,
		"let "+strings.Join(fileFlags(), ", ")+" replace files that no earlier run wrote; never an input")
	fs.StringVar(&g.prefix, "prefix", "",
		"path from the repository's root to the annotation files, for --sarif and --github (default: found by .git)")
	fs.StringVar(&g.today, "today", "", "day, YYYY-MM-DD, on which waivers have to hold (default: today)")
}

// fileFlags are the flags that name a file to be written.
func fileFlags() []string {
	var names []string
	for _, f := range verdict.Formats() {
		if f.To == verdict.File {
			names = append(names, "--"+f.Flag)
		}
	}
	return names
}

// wanted reports whether a run is to be held against anything.
func (g *gateFlags) wanted() bool {
	if g.on || len(g.rules) > 0 || g.policy != "" || g.baseline != "" || g.onlyNew || g.today != "" {
		return true
	}
	return slices.ContainsFunc(verdict.Formats(), func(f verdict.Format) bool { return f.Flag != "" && g.asked(f) })
}

// asked reports whether a format of the verdict is to be written.
func (g *gateFlags) asked(f verdict.Format) bool {
	switch {
	case f.Flag == "":
		return true
	case f.To == verdict.File:
		return *g.files[f.Flag] != ""
	}
	return *g.switches[f.Flag]
}

// prepared is a gate that is ready before a run starts.
type prepared struct {
	gate     *gate.Gate
	baseline *gate.Subject
	missing  string // the baseline that the policy names, where it is not there yet
	day      time.Time
}

// prepare compiles the policy and loads the baseline, so that their mistakes show
// before any work. The result is nil if nothing is asked for. Where the baseline is not
// protected by checksums, errw is told.
func (g *gateFlags) prepare(ctx context.Context, sources []string, errw io.Writer) (*prepared, error) {
	if !g.wanted() {
		return nil, nil
	}
	g.on = g.on || len(g.rules) == 0 // a verdict without a rule would say nothing
	policy, err := g.load()
	if err != nil {
		return nil, err
	}
	if g.ofRun && g.policy != "" && g.policy != g.from.path && len(policy.Beside) > 0 {
		fmt.Fprintf(errw, "analyze: %s: --policy takes the key gate, and not %s: --config %s takes all\n",
			text.Printable(g.policy), text.Printable(strings.Join(policy.Beside, ", ")), shell(g.policy))
	}
	if err := g.from.decides(); err != nil {
		return nil, err
	}
	p := &prepared{day: time.Now()}
	if g.today != "" {
		if p.day, err = time.Parse(time.DateOnly, g.today); err != nil {
			return nil, fmt.Errorf("--today %q: expected YYYY-MM-DD", g.today)
		}
	}
	if p.gate, err = gate.New(policy, sources); err != nil {
		return nil, err
	}
	switch {
	case policy.Baseline == "":
	case isThere(policy.Baseline):
		g.usedBaseline = policy.Baseline
		if err := verify(ctx, policy.Baseline, errw); err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
		if p.baseline, err = report.Load(policy.Baseline); err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
	case g.baseline != "":
		return nil, fmt.Errorf("baseline %s: there is no such directory. Make one of a report of the data as they were: "+
			"analyze baseline REPORT -o %s", text.Printable(g.baseline), shell(places(g.baseline)...))
	default: // the report is written all the same, and can be made the baseline
		p.missing = policy.Baseline
	}
	return p, nil
}

// verify holds the files of a report against their checksums, and tells errw if it has none.
func verify(ctx context.Context, dir string, errw io.Writer) error {
	protected, err := report.Verify(ctx, dir)
	if err == nil && !protected {
		fmt.Fprintf(errw, "analyze: %s has no checksums, as an older version wrote it: damage to its tables "+
			"can't be noticed; write it anew with analyze run\n", text.Printable(dir))
	}
	return err
}

// targets reports why a verdict can't be written, or would be written over something else.
func (g *gateFlags) targets(dir string) error {
	g.dir = dir
	seen := map[string]bool{}
	for _, f := range verdict.Formats() {
		if !g.asked(f) {
			continue
		}
		if file := os.Getenv(f.Env); f.To == verdict.AppendEnv && file != "" {
			if err := g.guard(file).Spare(); err != nil {
				return fmt.Errorf("%s: %w", f.Env, err)
			}
		}
		if f.To != verdict.File {
			continue
		}
		file := *g.files[f.Flag]
		at := realPath(file)
		if strings.HasPrefix(at, realPath(dir)+string(filepath.Separator)) {
			return fmt.Errorf("%s is within the report, which holds its own files only: name another place", file)
		}
		if seen[at] {
			return fmt.Errorf("%s is named twice", file)
		}
		seen[at] = true
		if err := g.output(f).Check(); err != nil {
			return fmt.Errorf("--%s: %w", f.Flag, err)
		}
	}
	return nil
}

// reads are the files and directories that the gate reads.
func (g *gateFlags) reads() []string {
	var paths []string
	for _, p := range []string{g.policy, g.from.path, g.usedBaseline} {
		if p != "" {
			paths = append(paths, p)
		}
	}
	for _, f := range g.sources {
		paths = append(paths, f.Path)
	}
	return paths
}

// output is the file of a format that has one.
func (g *gateFlags) output(f verdict.Format) *files.Output {
	o := g.guard(*g.files[f.Flag])
	o.Kind, o.Former, o.Force = f.Kind, f.Former, g.force
	return o
}

// guard is a file that is written, unless it is an input or holds data.
func (g *gateFlags) guard(file string) *files.Output {
	return &files.Output{Path: file, Inputs: g.inputs, IsData: coco.IsData}
}

// realPath returns the absolute path of a file that need not be there, as far as there is
// one without links.
func realPath(path string) string {
	at, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(at); err == nil {
		return real
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(at)); err == nil {
		return filepath.Join(dir, filepath.Base(at))
	}
	return at
}

// load reads the policy, and adds what flags say.
func (g *gateFlags) load() (gate.Policy, error) {
	file, given := g.policy, g.policy != ""
	if !given {
		file = g.from.path
	}
	policy := gate.Policy{}
	read := false // it has a key gate
	if file != "" && (g.on || given) {
		data, err := files.ReadSmall(file, gate.MaxFile)
		if err != nil {
			return policy, err
		}
		var ok bool
		if policy, ok, err = gate.ParsePolicy(data); err != nil {
			return policy, fmt.Errorf("%s: %w", file, err)
		}
		if given && !ok {
			return policy, fmt.Errorf("%s: has no key gate", file)
		}
		read = ok
		from := configFile{path: file, trusted: given || g.from.trusted, errw: g.from.errw}
		if file == g.from.path {
			from.missed = g.from.missed // why keys are not taken was told with these
		}
		if g.baseline != "" {
			policy.Baseline = "" // the command line wins
		}
		if policy.Baseline, err = from.take("gate.baseline", policy.Baseline); err != nil {
			return policy, fmt.Errorf("%s: key gate.baseline: %w", file, err)
		}
		if file == g.from.path {
			g.from.missed = from.missed
		} else {
			g.from.missed = append(g.from.missed, from.missed...)
		}
	}
	if g.on && len(policy.Rules) == 0 {
		policy.Rules = gate.Default().Rules
	}
	g.used = policyText(file, read, &policy, len(g.rules))
	for _, rule := range g.rules {
		if strings.TrimSpace(rule) == "" {
			return policy, fmt.Errorf("--fail-if %q: expected an expression over metrics, such as errors > 0", rule)
		}
		policy.Rules = append(policy.Rules, gate.PolicyRule{FailIf: rule})
	}
	if g.baseline != "" {
		policy.Baseline = g.baseline
	}
	policy.OnlyNew = policy.OnlyNew || g.onlyNew
	return policy, nil
}

// policyText says which policy there is: the file's if it was read and has one, and the rules of the
// command line beside it.
func policyText(file string, read bool, p *gate.Policy, flags int) string {
	var parts []string
	switch {
	case read:
		parts = append(parts, file, text.Plural(len(p.Rules), "rule"))
		if n := len(p.Waivers); n > 0 {
			parts = append(parts, text.Plural(n, "waiver"))
		}
		if n := len(p.Reviewed); n > 0 {
			parts = append(parts, text.Plural(n, "finding")+" reviewed")
		}
	case len(p.Rules) > 0 && file != "":
		parts = append(parts, "default ("+file+" has no key gate): errors fail, warnings warn")
	case len(p.Rules) > 0:
		parts = append(parts, "default (no "+configName+" found; --config names one): errors fail, warnings warn")
	}
	if flags > 0 {
		parts = append(parts, text.Plural(flags, "rule")+" of --fail-if")
	}
	return strings.Join(parts, ", ")
}

// verdict holds a report against a prepared gate.
func (g *gateFlags) verdict(ctx context.Context, subject *gate.Subject, p *prepared) (*gate.Verdict, error) {
	if p.missing != "" {
		v := gate.NoBaseline(subject, p.missing, "make it of this report, unless the data are a change to be judged: "+
			g.again(p.missing)+"; then commit it")
		return &v, nil
	}
	p.gate.Partial = g.keepGoing
	v, err := p.gate.Hold(ctx, subject, p.baseline, p.day)
	return &v, err
}

// again is the command that makes the judged report the baseline.
func (g *gateFlags) again(baseline string) string {
	return "analyze baseline " + shell(places(g.dir)...) + " -o " + shell(places(baseline)...)
}

// tell writes of a verdict what is asked for, and says whether the report passes.
func (g *gateFlags) tell(v *gate.Verdict, out io.Writer, quiet bool) error {
	if slices.ContainsFunc(verdict.Formats(), func(f verdict.Format) bool { return f.Columns && g.asked(f) }) {
		g.columns(v)
	}
	if err := g.write(v, out, quiet); err != nil {
		return err
	}
	var failed []string
	var undecided error
	for _, o := range v.Rules {
		switch {
		case o.Status == gate.Fail:
			failed = append(failed, text.Clip(o.Title, maxTitle))
		case o.Status == gate.Undecided && o.File == "" && !o.Unjudged: // the caller tells of files, without a gate too
			why := o.Error // of a rule it names the rule
			if o.Rule == o.Name && o.Title == o.Name {
				why = o.Name + ": " + why
			}
			undecided = errors.Join(undecided, fmt.Errorf("%w: %s", gate.ErrUndecided, why))
		}
	}
	if len(failed) > 0 {
		undecided = errors.Join(undecided, fmt.Errorf("%w: %s", errGate, strings.Join(failed, "; ")))
	}
	return undecided
}

// maxTitle is how much of a rule's title the last line repeats: the verdict above it has the whole.
const maxTitle = 60

// write writes the verdict in every format that is asked for, and as text. With quiet, the text is written
// only if the report fails.
func (g *gateFlags) write(v *gate.Verdict, out io.Writer, quiet bool) error {
	var failed error
	o := verdict.Options{
		Prefix: g.prefix, Paths: g.paths(), Version: version, Policy: g.used, Report: unbroken(places(g.dir)...),
	}
	if g.usedBaseline != "" {
		o.Baseline = unbroken(places(g.usedBaseline)...)
	}
	for _, f := range verdict.Formats() {
		passes := v.Status == gate.Pass || v.Status == gate.Warn
		if !g.asked(f) || f.Flag == "" && quiet && passes {
			continue
		}
		failed = errors.Join(failed, g.writeOne(f, v, o, out))
	}
	return failed
}

// writeOne writes the verdict in one format to where the format goes.
func (g *gateFlags) writeOne(f verdict.Format, v *gate.Verdict, o verdict.Options, out io.Writer) error {
	write := func(w io.Writer) error { return f.Write(w, v, o) }
	switch f.To {
	case verdict.File:
		return g.output(f).Write(write)
	case verdict.AppendEnv:
		file := os.Getenv(f.Env)
		if file == "" {
			return nil
		}
		if err := g.guard(file).Spare(); err != nil {
			return fmt.Errorf("%s: %w", f.Env, err)
		}
		return appendTo(file, write)
	}
	return write(out)
}

// appendTo adds to the end of a file.
func appendTo(file string, write func(io.Writer) error) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// configure takes from the configuration file the flags that check shares with run.
func (g *gateFlags) configure(cmd *cobra.Command) error {
	if g.from.path == "" {
		return nil
	}
	data, err := files.ReadSmall(g.from.path, gate.MaxFile)
	if err != nil {
		return err
	}
	if err := g.from.apply(cmd.Flags(), newRun().Flags(), data); err != nil {
		return fmt.Errorf("%s: %w", g.from.path, err)
	}
	return nil
}

func newCheck() *cobra.Command {
	g := &gateFlags{on: true}
	quiet, config := false, ""
	var memory memoryFlag
	cmd := &cobra.Command{
		Use:   "check DIR",
		Short: "Check a report against a policy",
		Long: `check checks the report in DIR against a policy: the key gate of
focalaudit.yaml, searched from DIR upward, then from the working directory
upward. Without one, errors fail and warnings warn.

Exit status: 0 passed or warned, 1 failed, 2 could not be decided.`,
		Example: `  analyze check report
  analyze check report --policy ci/focalaudit.yaml \
      --baseline main-report --only-new
  analyze check report --sarif focalaudit.sarif --junit focalaudit.xml`,
		Args: exactly("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			search := func() (string, error) {
				path, err := findConfig(args[0])
				if err == nil && path == "" { // the report lies outside of what the policy is for
					path, err = findConfig(".")
				}
				return path, err
			}
			if g.from, err = openConfig(cmd, config, search, quiet); err != nil {
				return err
			}
			if err := g.configure(cmd); err != nil {
				return err
			}
			return memory.bound(cmd, func() error { return g.check(cmd, args[0], quiet) })
		},
	}
	cmd.Flags().SortFlags = false
	g.define(cmd.Flags(), false)
	cmd.Flags().StringVar(&config, "config", "",
		"configuration file (default: focalaudit.yaml in DIR, or the nearest above it)")
	memory.define(cmd.Flags())
	cmd.Flags().BoolVar(&g.keepGoing, "keep-going", false, "accept that the run could not read some of its files")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "print nothing unless the gate fails")
	return cmd
}

// check holds the report in a directory against the policy.
func (g *gateFlags) check(cmd *cobra.Command, dir string, quiet bool) error {
	if err := verify(cmd.Context(), dir, cmd.ErrOrStderr()); err != nil {
		return err
	}
	s, err := report.Load(dir)
	if err != nil {
		return err
	}
	p, err := g.prepare(cmd.Context(), s.Scores, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	places := func(f verdict.Format) bool { return f.Places && g.asked(f) }
	if g.prefix == "" && slices.ContainsFunc(verdict.Formats(), places) {
		if err := g.seek(cmd.Context(), dir, cmd.ErrOrStderr()); err != nil {
			return err
		}
	}
	g.inputs = g.reads()
	if err := g.targets(dir); err != nil {
		return err
	}
	v, err := g.verdict(cmd.Context(), s, p)
	if err != nil {
		return err
	}
	return errors.Join(g.refused(s.Refused), g.tell(v, cmd.OutOrStdout(), quiet))
}

// refused is the error of a report of a run that could not read all of its files.
func (g *gateFlags) refused(files []gate.Refusal) error {
	if len(files) == 0 || g.keepGoing {
		return nil
	}
	var whys strings.Builder
	for _, of := range files {
		whys.WriteString(of.Why + "\n")
	}
	return fmt.Errorf("%s%d of the files %w; the report is about the others (--keep-going accepts that)",
		whys.String(), len(files), errRefused)
}
