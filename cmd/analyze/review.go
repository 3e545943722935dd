package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"focalaudit/pkg/analysis"
	"focalaudit/pkg/dataset"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
	"focalaudit/pkg/findings"
	"focalaudit/pkg/page"
	"focalaudit/pkg/picture"
	"focalaudit/pkg/report"
	"focalaudit/pkg/review"
	"focalaudit/pkg/show"
	"focalaudit/pkg/text"
)

// reviewFlags are the flags of review.
type reviewFlags struct {
	run      runFlags
	first    int
	kinds    []string
	pictures string
	images   string   // the directory of the pictures
	apply    []string // files of decisions to carry out
	done     []string // files of decisions upon what is not handed over again
	output   string
}

func newReview() *cobra.Command {
	f := &reviewFlags{run: runFlags{config: analysis.Default()}}
	cmd := &cobra.Command{
		Use:   "review REPORT PATH...",
		Short: "Hand suspected labels to people, and take back what they decide",
		Long: `review writes the labels that the detector contradicts, the likeliest to be
wrong first, for people to look at: a table (review.csv), tasks for Label Studio
and CVAT with the suspected box drawn and the reason beside it, and COCO files
with only their images. REPORT is a report of analyze run with a detector, PATH
what that run read.

People decide label by label: keep, fix (another class or box), delete, or add
what is missing. --apply takes the file back, whichever of the three it is, and
writes corrected annotation files. They differ from yours in the records decided
upon alone, byte for byte elsewhere; yours stay as they are.`,
		Example: `  analyze review report annotations/ -o review
  analyze review report annotations/ -o review --first 50 --kind class
  analyze review report annotations/ --done review/review.csv -o review-2
  analyze review report annotations/ --apply review/review.csv \
      --apply review-2/review.csv -o corrected`,
		Args: between(2, -1, "REPORT", "PATH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run.memory.bound(cmd, func() error { return f.review(cmd, args[0], args[1:]) })
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&f.output, "output", "o", "", "new directory to write (required)")
	fs.StringArrayVar(&f.apply, "apply", nil,
		"file of decisions: review.csv, or what Label Studio (JSON) or CVAT (XML) exports (repeatable)")
	fs.IntVar(&f.first, "first", 100, "how many labels to hand over")
	fs.StringArrayVar(&f.done, "done", nil, "hand over no label that this file of decisions decides on (repeatable)")
	fs.StringSliceVar(&f.kinds, "kind", nil,
		"only these kinds: missing, spurious, location, class, duplicate (repeatable)")
	fs.StringVar(&f.pictures, "pictures", "/data/local-files/?d=",
		"what Label Studio puts before a picture's file name: a URL, or its own path to local files")
	fs.StringVar(&f.images, "images", "",
		"directory of the pictures: the table gets the path of each, relative to the table")
	f.run.choose(fs)
	fs.IntVarP(&f.run.config.Workers, "workers", "j", runtime.GOMAXPROCS(0), "cores to use; the files do not depend on it")
	f.run.memory.define(fs)
	fs.BoolVarP(&f.run.quiet, "quiet", "q", false, "say nothing but errors")
	return cmd
}

// check reports what is wrong with the flags, before any work.
func (f *reviewFlags) check(cmd *cobra.Command, paths []string) error {
	if f.output == "" {
		return errors.New("-o: name a new directory for what review writes")
	}
	switch {
	case slices.Contains(f.apply, ""):
		return errors.New("--apply: name the file of decisions")
	case slices.Contains(f.done, ""):
		return errors.New("--done: name the file of decisions")
	}
	if f.apply != nil {
		for _, name := range []string{"first", "kind", "done", "pictures", "images"} {
			if cmd.Flags().Changed(name) {
				return fmt.Errorf("--%s chooses what to hand over, --apply takes decisions back: leave one out", name)
			}
		}
	}
	if f.run.config.Workers < 1 {
		return fmt.Errorf("workers %d: expected 1 or more", f.run.config.Workers)
	}
	if f.first < 1 {
		return fmt.Errorf("--first %d: expected 1 or more", f.first)
	}
	for _, k := range f.kinds {
		if e, known := findings.Lookup(k); !known || e.Family != findings.Label {
			return fmt.Errorf("--kind %s: expected missing, spurious, location, class or duplicate", k)
		}
	}
	out, err := behindLinks(f.output)
	if err != nil {
		return err
	}
	for _, p := range paths {
		in, err := behindLinks(p)
		if err != nil {
			return err
		}
		if rel, err := filepath.Rel(in, out); err == nil && filepath.IsLocal(rel) {
			return fmt.Errorf("-o %s lies in %s, where the next run would find its files beside yours: name another directory",
				f.output, p)
		}
	}
	if f.images != "" {
		d, err := picture.Open(f.images)
		if err != nil {
			return fmt.Errorf("--images %s: expected the directory in which the pictures lie", f.images)
		}
		d.Close()
	}
	return files.Empty(f.output)
}

// sights are the places where people see the labels, and which pictures are not there.
type sights struct {
	review.Places
	pictures *picture.Dir    // nil without --images
	missing  map[string]bool // by file name, those that the table asked for
}

// close closes the directory of the pictures.
func (s *sights) close() {
	if s.pictures != nil {
		s.pictures.Close()
	}
}

// places returns where people see the labels of a report: on its page, and in the pictures, which are found as run
// finds them. Close it.
func (f *reviewFlags) places(dir string) (*sights, error) {
	out, err := behindLinks(f.output)
	if err != nil {
		return nil, err
	}
	s := &sights{Places: review.Places{Prefix: f.pictures, OnPage: page.MaxLabels}, missing: map[string]bool{}}
	fromTable := func(name string) string { // relative where it can be
		name, err := behindLinks(name)
		if err != nil {
			return ""
		}
		if rel, err := filepath.Rel(out, name); err == nil {
			name = rel
		}
		return filepath.ToSlash(name)
	}
	if at := filepath.Join(dir, report.PageName); isThere(at) {
		s.Page = fromTable(at)
	}
	if f.images == "" {
		return s, nil
	}
	if s.pictures, err = picture.Open(f.images); err != nil {
		return nil, err
	}
	pictures := fromTable(f.images)
	s.Picture = func(file string) string {
		at, ok := s.pictures.Find(file)
		if !ok {
			s.missing[file] = true
			return ""
		}
		return path.Join(pictures, at)
	}
	return s, nil
}

// behindLinks returns the absolute path that a path leads to, whose last elements need not exist.
func behindLinks(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for at := path; ; at = filepath.Dir(at) {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest), nil
		}
		if filepath.Dir(at) == at {
			return path, nil
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
}

func (f *reviewFlags) review(cmd *cobra.Command, dir string, paths []string) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	if err := f.check(cmd, paths); err != nil {
		return err
	}
	list, summary, err := report.LabelErrors(dir)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return noneToReview(summary, dir, paths)
	}
	found, others, results, err := f.filesOf(summary, paths, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	decisions, err := f.decisions()
	if err != nil {
		return err
	}
	p := newProgress(cmd.ErrOrStderr(), f.run.quiet)
	defer p.close()
	d := &dataset.Dataset{}
	if len(found) > 0 {
		if d, err = f.run.read(ctx, found, p); err != nil {
			return err
		}
	}
	r, err := review.New(d, list, summary.Inputs)
	if err != nil {
		return err
	}
	w := text.NewLines(out)
	if f.run.quiet {
		w = text.NewLines(io.Discard)
	}
	of, err := decided(r, decisions)
	if err != nil {
		return err
	}
	if f.apply != nil {
		before, err := report.Kept(dir)
		if err != nil {
			return err
		}
		name := ""
		done, err := r.Apply(ctx, f.output, found, of, func(tmp string) (err error) {
			name, err = remember(tmp, before, review.Kept(of))
			return err
		})
		if err != nil {
			return err
		}
		p.end()
		f.remembered(w, name)
		f.applied(w, dir, paths, results, done, progressOf(list, of), len(found))
		if others != nil {
			w.Wrap(text.Columns, "left out ", show.Names(others)+": not among the files of the report")
		}
		return w.Err()
	}
	if r.Without(of); len(r.Items) == 0 {
		return fmt.Errorf("all %s of %s are decided on: --apply carries the decisions out",
			text.Plural(len(list), "suspected label"), dir)
	}
	if r.First(f.first, f.kinds); len(r.Items) == 0 {
		return fmt.Errorf("%s has no label errors of kind %s", dir, strings.Join(f.kinds, ", "))
	}
	at, err := f.places(dir)
	if err != nil {
		return err
	}
	defer at.close()
	if err := r.Hand(ctx, f.output, at.Places, found); err != nil {
		return err
	}
	p.end()
	f.handed(w, dir, paths, r, len(list)-len(of), at)
	return w.Err()
}

// noneToReview is the error for a report in which people have already judged every suspected label, or which has none.
func noneToReview(s *report.Summary, dir string, paths []string) error {
	for _, m := range s.Metrics {
		if m.SuspectShare.BCE != nil { // a detector was asked about the labels
			return fmt.Errorf("%s has no label errors to review: the detector contradicts no label that nobody kept", dir)
		}
	}
	return fmt.Errorf("%s has no label errors to review: they come from a detector: "+
		"analyze run %s --scores detections:results.json", dir, shell(places(paths...)...))
}

// filesOf finds the files of a report below paths, others that the report is not of, and where its detections lie: only
// their name if they are not below paths.
func (f *reviewFlags) filesOf(s *report.Summary, paths []string, errw io.Writer) (
	found []find.File, others []string, results string, err error,
) {
	if found, err = f.run.find(paths, errw); err != nil {
		return nil, nil, "", err
	}
	results = resultsOf(s)
	isInput := map[string]bool{}
	for i := range s.Inputs {
		isInput[s.Inputs[i].Name] = true
	}
	found = slices.DeleteFunc(found, func(file find.File) bool {
		other := !isInput[file.Name]
		switch {
		case other && filepath.Base(file.Name) == results:
			results = file.Path
		case other:
			others = append(others, file.Name)
		}
		return other
	})
	return found, others, results, nil
}

// decisionFile is what a file of decisions holds.
type decisionFile struct {
	name    string
	content []byte
}

// decisions reads the files of decisions.
func (f *reviewFlags) decisions() (all []decisionFile, err error) {
	for _, name := range slices.Concat(f.apply, f.done) {
		content, err := files.ReadSmall(name, maxDecisions)
		if err != nil {
			return nil, err
		}
		all = append(all, decisionFile{name, content})
	}
	return all, nil
}

// decided joins the decisions of all files; nil without a file.
func decided(r *review.Review, of []decisionFile) ([]review.Decision, error) {
	if of == nil {
		return nil, nil
	}
	var names []string
	var lists [][]review.Decision
	for _, file := range of {
		list, err := r.Read(file.content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.name, err)
		}
		names, lists = append(names, text.Printable(file.name)), append(lists, list)
	}
	return r.Join(names, lists)
}

// maxDecisions bounds a file of decisions, in bytes.
const maxDecisions = 32 << 20

// handed says what lies where, and what to do with it.
func (f *reviewFlags) handed(w *text.Lines, dir string, paths []string, r *review.Review, all int, seen *sights) {
	at := func(name string) string { return filepath.Join(f.output, name) }
	expected := 0.0
	for k := range r.Items {
		expected += r.Items[k].Score
	}
	row := func(head, format string, args ...any) {
		w.Wrap(text.Columns, fmt.Sprintf("%-8s ", head), fmt.Sprintf(format, args...))
	}
	row("review", "%d of %s, the likeliest first: expect about %.0f of them to be wrong", len(r.Items),
		text.Plural(all, "suspected label"), max(1, expected))
	row("table", "%s: fill in the column decision: keep, fix, delete or add", at(review.SheetName))
	row("or", "%s: tasks for Label Studio, with the interface %s", at(review.TasksName), review.TemplateName)
	row("or", "%s: boxes for CVAT (CVAT for images 1.1), with the labels %s", at(review.CVATName), review.LabelsName)
	row("images", "%s: COCO files with these images only", at(review.ImagesName))
	if n := all - len(r.Items); n > 0 {
		row("rest", "%s more: --first %d hands over all, --done %s those that are not decided on there. Decide on the whole "+
			"list before you run again: each run learns anew from all labels, and makes another list", text.Group(int64(n)), all,
			at(review.SheetName))
	}
	f.seen(row, seen)
	var apply []string
	for _, file := range append(slices.Clone(f.done), at(review.SheetName)) {
		apply = append(apply, "--apply", file)
	}
	w.Line("then     %s", f.command(dir, paths, append(apply, "-o", free("corrected"))...))
}

// seen says where people see the labels.
func (f *reviewFlags) seen(row func(head, format string, args ...any), at *sights) {
	if at.Page != "" {
		row("pictures", "the column page of the table leads to the report's page: `analyze run` with --images DIR draws "+
			"up to %d suspects in their pictures there", at.OnPage)
	}
	switch {
	case f.images == "":
		row("", "the column picture is empty: --images DIR fills it with the paths of the pictures")
	case len(at.missing) > 0:
		first := slices.Min(slices.Collect(maps.Keys(at.missing)))
		row("missing", "%s could not be found in %s; the first is %s: the column picture is empty there",
			text.Plural(len(at.missing), "picture"), text.InLine(f.images), text.InLine(first))
	default:
		row("", "the column picture leads to the picture")
	}
}

// command is another call of review, of the same report and files, with more arguments.
func (f *reviewFlags) command(dir string, paths []string, more ...string) string {
	words := append([]string{"analyze", "review"}, places(append([]string{dir}, paths...)...)...)
	for _, glob := range f.run.include {
		words = append(words, "--include", glob)
	}
	for _, glob := range f.run.exclude {
		words = append(words, "--exclude", glob)
	}
	return shell(append(words, more...)...)
}

// free returns a name that nothing has: the one given, or one with the least number from 2 on behind it.
func free(name string) string {
	at := name
	for n := 2; isThere(at); n++ {
		at = fmt.Sprintf("%s-%d", name, n)
	}
	return at
}

// listed is how far people are with the list of a report.
type listed struct {
	all, open, wrong int     // suspects; those not decided on; those decided upon otherwise than to keep them
	expected, left   float64 // how many wrong ones the list expected among those decided on, and among the rest
}

// progressOf counts which suspects of a list were decided on.
func progressOf(list []report.LabelError, of []review.Decision) listed {
	l := listed{all: len(list), open: len(list) - len(of)}
	for k := range list {
		l.left += list[k].Score
	}
	for k := range of {
		l.expected += of[k].Score()
		if of[k].Verb != review.Keep {
			l.wrong++
		}
	}
	l.left = max(0, l.left-l.expected)
	return l
}

// isThere reports whether something has a name.
func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// keptName is the file of what people looked at and kept, in the form of a policy.
const keptName = "reviewed.yaml"

// keptWithWords is how many kept labels have words beside their fingerprints in a file. Nobody reads a longer list, and
// words take four times the bytes of the fingerprints.
const keptWithWords = 500

// The first and the last line of the list in such a file. One without the last line was cut off.
const (
	keptBegins = `  reviewed: # the last line is "# end"`
	keptEnds   = "# end"
)

// remember writes into a directory which labels were looked at and kept, now and before the report, so that later runs
// suspect them no more. It returns the name of the file, "" if no label was kept.
func remember(dir string, before []string, kept []*review.Item) (name string, err error) {
	if len(kept)+len(before) == 0 {
		return "", nil
	}
	name = keptName
	for n := 2; isThere(filepath.Join(dir, name)); n++ { // an annotation file may have the name
		name = fmt.Sprintf("reviewed-%d.yaml", n)
	}
	return name, files.Write(filepath.Join(dir, name), func(to io.Writer) error {
		lines := text.NewLines(to)
		lines.Line("gate:\n%s", keptBegins)
		for _, print := range before {
			lines.Line("    - %s", print)
		}
		for _, i := range kept {
			if len(kept)+len(before) > keptWithWords {
				lines.Line("    - %s", i.Fingerprint)
				continue
			}
			lines.Line("    - %s # %s: %s", i.Fingerprint, i.Code, text.Clip(text.InLine(i.Message), 80))
		}
		lines.Line(keptEnds)
		return lines.Err()
	})
}

// remembered says what the file of kept labels is for, if there is one.
func (f *reviewFlags) remembered(w *text.Lines, name string) {
	if name == "" {
		return
	}
	file := filepath.Join(f.output, name)
	told := fmt.Sprintf("%s: the run below reads it, as every run on %s does, and suspects these labels no more; for a "+
		"run on other paths copy its lines into %s", file, f.output, configName)
	if name != keptName { // no run looks for it
		told = fmt.Sprintf("%s: copy its lines into %s, and later runs suspect these labels no more", file, configName)
	}
	w.Wrap(text.Columns, "kept     ", told)
}

// resultsOf names the file of detections that a report's labels were audited with, without its directory, which reports
// do not have; "" if there was none.
func resultsOf(s *report.Summary) string {
	for _, of := range s.Configuration.Scores {
		if of.Detections != nil {
			return of.Detections.File
		}
	}
	return ""
}

// find returns where a file of detections lies that a report names without its directory: here, or beside the
// annotations; else its name.
func (f *reviewFlags) find(results string) string {
	for _, path := range append([]string{"."}, f.run.paths...) {
		for _, dir := range []string{path, filepath.Dir(path)} {
			if at := filepath.Join(dir, results); isThere(at) {
				return at
			}
		}
	}
	return results
}

// applied says what was done, how far people are with the list, and how to see what got better.
func (f *reviewFlags) applied(
	w *text.Lines, dir string, paths []string, results string, t review.Tally, l listed, n int,
) {
	w.Wrap(text.Columns, "applied  ",
		fmt.Sprintf("%d kept, %d fixed, %d deleted, %d added", t.Kept, t.Fixed, t.Deleted, t.Added))
	told := fmt.Sprintf("you looked at %s of %s: %s were expected to be wrong, and you found %s",
		text.Group(int64(l.all-l.open)), text.Plural(l.all, "suspected label"), text.Digits(l.expected),
		text.Group(int64(l.wrong)))
	if l.open == 0 {
		told = strings.Replace(told, text.Group(int64(l.all))+" of ", "all ", 1)
	}
	w.Wrap(text.Columns, "looked   ", told)
	if l.open > 0 {
		w.Wrap(text.Columns, "open     ", fmt.Sprintf("%s; expect %s of them to be wrong. The next step is to decide on "+
			"them: fill in more of %s, or hand over the next ones, and apply all files (--apply is repeatable) to a new "+
			"directory", text.Group(int64(l.open)), text.Digits(l.left), strings.Join(f.apply, ", ")))
		var done []string
		for _, file := range f.apply {
			done = append(done, "--done", file)
		}
		w.Line("next     %s", f.command(dir, paths, append(done, "-o", free("review"))...))
	}
	if t.Outlines > 0 {
		w.Wrap(text.Columns, "outlines ",
			fmt.Sprintf("%d gave way to the rectangle of their new box: draw them anew if you train masks", t.Outlines))
	}
	if t.Added > 0 {
		w.Wrap(text.Columns, "added    ", "the new records have id, image_id, category_id, bbox, area, iscrowd, "+
			"segmentation, and ignore 0 where all others have it; other keys of yours (attributes, difficult) they lack")
	}
	w.Line("written  %s: %s", f.output, text.Plural(n, "file"))
	scores, missing := "logits:DIR", "DIR being the directory of the logits"
	if results != "" {
		found := f.find(results)
		if missing = ""; !isThere(found) { // reports name it without its directory
			found, missing = filepath.Join("DIR", results), "DIR being the directory of the detections"
		}
		scores = "detections:" + found
	}
	after := free("after")
	if l.open > 0 {
		w.Wrap(text.Columns, "last     ", "once none is open, or you stop here: each run learns anew from all labels, and "+
			"makes another list")
	}
	w.Line("then     %s", shell("analyze", "run", places(f.output)[0], "--scores", scores, "-o", after))
	w.Line("         %s", shell("analyze", "diff", places(dir)[0], after))
	if missing != "" {
		w.Line("         %s", missing)
	}
}
