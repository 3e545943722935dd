package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"focalaudit/pkg/anchors"
	"focalaudit/pkg/text"
	"focalaudit/pkg/trainer"
)

func newPresets() *cobra.Command {
	long := false
	cmd := &cobra.Command{
		Use:       "presets [NAME]",
		Short:     "List the presets; with NAME, print its YAML",
		Example:   "  analyze presets\n  analyze presets retinanet-torchvision > mine.yaml",
		Args:      between(0, 1),
		ValidArgs: trainer.Names(),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			if len(args) == 0 {
				return listPresets(out, long)
			}
			src, err := presetSource(args[0])
			if err == nil {
				_, err = out.Write(src)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&long, "long", false, "with the parameters of each")
	return cmd
}

// presetSource returns the YAML of an embedded preset.
func presetSource(name string) ([]byte, error) {
	src, err := trainer.Source(name)
	if err != nil {
		return nil, fmt.Errorf("no preset %q: the nearest is %s; analyze presets lists all", name, trainer.Near(name))
	}
	return src, nil
}

// listPresets prints every preset, by family, in a line or two each, or with its parameters.
func listPresets(out io.Writer, long bool) error {
	p := text.NewLines(out)
	other := map[string]string{}
	for alias, name := range trainer.Aliases() {
		other[name] = alias
	}
	for _, f := range trainer.Families() {
		p.Wrap(text.Columns, "", fmt.Sprintf("%s: %s", f.Name, f.Users))
		for _, name := range f.Presets {
			preset, err := trainer.Load(name)
			if err != nil {
				return err
			}
			if long {
				describe(p, &preset)
				continue
			}
			about := preset.About
			if alias := other[name]; alias != "" {
				about += "; also " + alias
			}
			p.Line("  %s", name)
			p.Wrap(text.Columns, "      ", about)
		}
		p.Line("")
	}
	if !long {
		p.Wrap(text.Columns, "", "--long shows the parameters of each.")
	}
	p.Wrap(text.Columns, "", "docs/presets.md says what each value means; analyze presets NAME prints one as YAML.")
	return p.Err()
}

// describe prints a preset's parameters.
func describe(out *text.Lines, p *trainer.Preset) {
	line := func(key, format string, args ...any) {
		out.Wrap(text.Columns, fmt.Sprintf("  %-10s", key), fmt.Sprintf(format, args...))
	}
	out.Line("%s", p.Name)
	line("about", "%s", p.About)
	line("resize", "%s", resizeText(p))
	line("anchors", "%s", anchorsText(&p.Anchors))
	for _, l := range p.Anchors.Levels {
		if p.Anchors.Queries > 0 {
			break
		}
		line("", "stride %d: %s", l.Stride, levelText(l))
	}
	line("matching", "%s", p.Matcher.String())
	line("boxes", "%s; images that --skip-empty leaves out: %s", p.Boxes, p.Skip)
	line("loss", "%s", p.Loss)
}

func anchorsText(a *anchors.Anchors) string {
	if a.Queries > 0 {
		return fmt.Sprintf("%d queries, which have no place", a.Queries)
	}
	words := fmt.Sprintf("%s, strides %s, the first at %g of a stride", a.Arithmetic, a.Strides, a.Offset)
	if len(a.Ratios) > 0 && a.Arithmetic != anchors.SSDAnchors {
		words += ", ratios " + numbers(a.Ratios)
	}
	for i, aspect := range a.Aspects {
		words += fmt.Sprintf("%s %.4g × %.4g", [...]string{", aspects", ","}[min(i, 1)], aspect[0], aspect[1])
	}
	return words
}

func resizeText(p *trainer.Preset) string {
	switch r := p.Resize; {
	case r.Rule == anchors.ResizeNone:
		return fmt.Sprintf("none, padded to multiples of %d px", p.Pad)
	case r.Short == r.Long:
		return fmt.Sprintf("%s to %d × %d px", r.Rule, r.Short, r.Long)
	case p.Pad == 1:
		return fmt.Sprintf("%s to a short side of %d px, at most %d, not padded", r.Rule, r.Short, r.Long)
	}
	return fmt.Sprintf("%s to a short side of %d px, at most %d, padded to multiples of %d",
		p.Resize.Rule, p.Resize.Short, p.Resize.Long, p.Pad)
}

func levelText(l anchors.Level) string {
	if len(l.Boxes) > 0 {
		texts := make([]string, len(l.Boxes))
		for i, b := range l.Boxes {
			texts[i] = fmt.Sprintf("%g × %g", b[0], b[1])
		}
		return strings.Join(texts, ", ") + " px"
	}
	if len(l.Sizes) == 0 {
		return "no shape: a place a cell"
	}
	words := "sizes " + numbers(l.Sizes) + " px"
	if len(l.Ratios) > 0 {
		words += ", ratios 1 and " + numbers(l.Ratios) + ", lying and upright"
	}
	return words
}

func numbers(xs []float64) string {
	texts := make([]string, len(xs))
	for i, x := range xs {
		texts[i] = fmt.Sprintf("%.5g", x)
	}
	return strings.Join(texts, " ")
}
