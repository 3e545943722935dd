package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"focalaudit/pkg/coco"
	"focalaudit/pkg/files"
	"focalaudit/pkg/find"
	"focalaudit/pkg/gate"
	"focalaudit/pkg/report"
	"focalaudit/pkg/text"
)

// paths returns the paths of the sources from the repository's root, with /: the root
// of the repository that the working directory is in, if the file is in it too, else of
// the file's own. Outside of any repository the path is the one from the working directory.
// Files that lie elsewhere have no path.
func (g *gateFlags) paths() map[string]string {
	paths := map[string]string{}
	if g.prefix != "" { // the user knows better
		return paths
	}
	here, err := os.Getwd()
	if err != nil {
		return paths
	}
	for _, f := range g.sources {
		at, err := filepath.Abs(f.Path)
		if err != nil || f.Err != nil {
			continue
		}
		for _, root := range []string{repository(here), repository(filepath.Dir(at)), here} {
			if rel, err := filepath.Rel(root, at); root != "" && err == nil && filepath.IsLocal(rel) {
				paths[f.Name] = filepath.ToSlash(rel)
				break
			}
		}
	}
	return paths
}

// repository returns the nearest directory from dir upward that has a .git: a directory,
// or a file in worktrees and submodules. It is "" if there is none.
func repository(dir string) string {
	for {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// seek finds the files that an earlier run read, of which its report knows the names: below the root of the
// repository that the working directory is in, else of the report's, else below the working directory.
// A file is taken if its path ends in the name and its content is as it was read. errw is told of those that
// are not there.
func (g *gateFlags) seek(ctx context.Context, dir string, errw io.Writer) error {
	summary, err := report.ReadSummary(dir)
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	root := here
	for _, of := range []string{realPath(dir), here} {
		if r := repository(of); r != "" {
			root = r
		}
	}
	found, err := find.Files([]string{root}, nil, nil, endings())
	if err != nil {
		return err
	}
	may := make(map[string][]find.File, len(summary.Inputs)) // by the name in the report
	for i := range summary.Inputs {
		may[summary.Inputs[i].Name] = nil
	}
	for _, f := range found {
		for name, more := f.Name, true; more; _, name, more = strings.Cut(name, "/") {
			if of, named := may[name]; named {
				may[name] = append(of, f)
			}
		}
	}
	var sources []find.File
	for _, in := range summary.Inputs {
		f, ok := find.File{}, false
		for _, f = range may[in.Name] {
			if ok = isInput(f, &in); ok || ctx.Err() != nil {
				break
			}
		}
		if !ok {
			fmt.Fprintf(errw, "analyze: %s of the report is nowhere below %s with the content that was read: it goes by "+
				"its name in the report; --prefix names its directory\n", text.Printable(in.Name), text.Printable(root))
			continue
		}
		sources = append(sources, find.File{Name: in.Name, Path: f.Path, Size: f.Size})
	}
	g.setSources(sources)
	return ctx.Err()
}

// isInput reports whether a file has the content of one that a report was made of.
func isInput(f find.File, in *report.Input) bool {
	if f.Err != nil || f.Size != in.Bytes {
		return false
	}
	file, err := files.Open(f.Path)
	if err != nil {
		return false
	}
	defer file.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return err == nil && hex.EncodeToString(sum.Sum(nil)) == in.SHA256
}

// setSources notes which files a run reads, as they are before.
func (g *gateFlags) setSources(of []find.File) {
	g.sources, g.modified = of, map[string]time.Time{}
	for _, f := range of {
		if info, err := os.Stat(f.Path); err == nil {
			g.modified[f.Path] = info.ModTime()
		}
	}
}

// isAsRead reports whether a source is still as it was before the run.
func (g *gateFlags) isAsRead(f find.File) bool {
	info, err := os.Stat(f.Path)
	return err == nil && info.Size() == f.Size && info.ModTime().Equal(g.modified[f.Path])
}

// columns finds the columns of the findings' records, which the report does not have, by
// reading the files again. A file that can't be read, or that has changed since, has none.
func (g *gateFlags) columns(v *gate.Verdict) {
	offsets := map[string][]int64{}
	for i := range v.Findings {
		if f := &v.Findings[i]; f.Line > 0 {
			offsets[f.Source] = append(offsets[f.Source], f.Offset)
		}
	}
	columns := map[string]map[int64]int{}
	for _, f := range g.sources {
		of := offsets[f.Name]
		switch {
		case len(of) == 0 || f.Members != nil:
		case !g.isAsRead(f):
			fmt.Fprintf(g.from.errw, "analyze: %s changed since it was read: findings are told without columns\n",
				text.Printable(f.Path))
		default:
			columns[f.Name], _ = coco.Columns(f, of)
		}
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		f.Column = columns[f.Source][f.Offset]
	}
}
