package page

import (
	"fmt"
	"strings"

	"focalaudit/pkg/text"
)

// inputsView is what the report was made from.
type inputsView struct {
	Files   []fileView
	More    string
	Skipped []string
	Refused []string
	Setting []settingView
}

// fileView is a file that was read.
type fileView struct{ Name, About, Size, Images, Annotations, SHA256 string }

// settingView is a setting of the run.
type settingView struct{ Name, Value string }

// maxFiles is how many files the page lists.
const maxFiles = 40

func (p *painter) inputs() (v inputsView) {
	for i := range p.Data.Sources {
		s := &p.Data.Sources[i]
		images, objects := p.Data.Count(i)
		v.Files = append(v.Files, fileView{name(s.Name), "annotations", bytesOf(s.Bytes), count(images), count(objects),
			s.SHA256})
	}
	for _, of := range p.Config.Results {
		if of != nil {
			v.Files = append(v.Files, fileView{name(of.Name), "detections", bytesOf(of.Bytes), "–", count(of.Read), of.SHA256})
		}
	}
	if n := len(v.Files) - maxFiles; n > 0 {
		v.Files, v.More = v.Files[:maxFiles], plural(n, "more file")
	}
	for _, s := range p.Data.Skipped {
		if len(v.Skipped) < maxFiles {
			v.Skipped = append(v.Skipped, name(s.Name)+": "+clip(s.Why))
		}
	}
	for _, err := range p.Data.Refused {
		if len(v.Refused) < maxFiles {
			v.Refused = append(v.Refused, clip(err.Error()))
		}
	}
	c := &p.Config
	v.Setting = []settingView{
		{"Trainer", name(c.Preset.Name) + ": " + clip(c.Preset.About)},
		{"Loss terms", fmt.Sprintf("%s, K = %d", p.Setting.Objective, p.Setting.K)},
		{"Focal loss", p.focalName()},
		{"Easy from", fmt.Sprintf("p_t %s; hard below %s", short(c.Edges.Easy), short(c.Edges.Hard))},
		{"Images in use", fmt.Sprintf("%s, with %s", count(p.Total.Images), plural(p.Total.Objects, "object"))},
		{"Anchors", fmt.Sprintf("%s: %s positive, %s ignored, %s negative", count(p.Total.Anchors), count(p.Total.Positives),
			count(p.Total.Ignored), count(p.Total.Negatives))},
	}
	if of := p.Approximates(p.main); of != "" {
		v.Setting = append(v.Setting, settingView{"Loss is approximated", clip(of)})
	}
	return v
}

// clip cuts a text that may have names of the data set in it.
func clip(s string) string { return text.Clip(s, maxMessage) }

// bytesOf writes a size.
func bytesOf(n int64) string {
	switch {
	case n >= 1e6:
		return digits3(float64(n)/1e6) + " MB"
	case n >= 1e3:
		return digits3(float64(n)/1e3) + " kB"
	}
	return plural(n, "byte")
}

// tableView is a table of the report, with a question that it answers.
type tableView struct{ File, Asks, SQL string }

// tables are the questions, and the SQL that answers them, run in the report's directory. Some
// need the scores of a detector.
func (p *painter) tables() []tableView {
	all := []tableView{
		{"findings", "What should I look at first?",
			"select rank, severity, code, file_name, annotation_id, message\nfrom 'findings.parquet' order by rank limit 20;"},
		{"objects", "Which objects do the anchors serve badly, and why?",
			"select class, size_class, why, count(*) as objects, avg(best_iou) as best_iou\nfrom 'objects.parquet'\n" +
				"where left_out is null and positives = rescued\ngroup by all order by objects desc;"},
		{"losses", "What share of the loss do the negatives hold, as γ rises?",
			"select scores, loss_function, gamma, sum(loss_share) as negatives\nfrom 'losses.parquet'\n" +
				"where objective = 'classes' and scope = 'all' and term_set = 'negative'\ngroup by all order by all;"},
		{"classes", "Which classes train badly?",
			"select class, objects, objects_without_positive, objects_rescued, prior_focal\nfrom 'classes.parquet' " +
				"order by objects_without_positive / greatest(objects, 1) desc;"},
		{"source_classes", "What does each file have of each class?",
			"select class, source, annotations, objects\nfrom 'source_classes.parquet' order by class, source;"},
		{"images", "Which images cost the most?",
			"select file_name, objects, loss_scores, positive_focal + other_class_focal + negative_focal as focal\n" +
				"from 'images.parquet' where left_out is null order by focal desc limit 20;"},
		{"shapes", "Which anchors are never used?",
			"select level, size, ratio, anchors, positives, best_for\nfrom 'shapes.parquet' order by positives;"},
		{"curves", "How is the loss spread over easy and hard terms?",
			"select * from 'curves.parquet' where term_fraction >= 0.9 order by all;"},
		{"whatifs", "What would another sampling train on?",
			"select scores, scheme, samples, positive_share, easy_negative_share\nfrom 'whatifs.parquet' order by all;"},
		{"exposure", "How much loss sits on the hardest samples?",
			"select * from 'exposure.parquet' where loss_function = 'focal' and gamma = 2 order by all;"},
		{"distributions", "Which classes stand together?",
			"select source, class, other_class, items, share from 'distributions.parquet'\nwhere figure = 'together' " +
				"order by items desc limit 20;"},
	}
	if p.main == 0 && !p.Config.ImageLosses {
		return all
	}
	all = append(all, tableView{"image_losses", "How does the loss of the images change with γ?",
		"select file_name, gamma, normalised_loss from 'image_losses.parquet'\nwhere loss_function = 'focal' " +
			"order by file_name, gamma limit 20;"})
	if p.Audit == nil {
		return all
	}
	return append(all, []tableView{
		{"noise", "How much of the focal loss do suspected labels carry, and what does γ make of it?",
			fmt.Sprintf("select sample_kind, gamma, total_loss_share, amplification, control_amplification\n"+
				"from 'noise.parquet' where scores = '%s' and loss_function = 'focal' order by all;",
				strings.ReplaceAll(text.InLine(p.Config.Scores[p.Audit.Scores].Name), "'", "''"))},
		{"suspects", "Which objects did nobody annotate?",
			"select file_name, score, detection_class, detection_x, detection_y, detection_width, detection_height\n" +
				"from 'suspects.parquet' where kind = 'missing' order by rank limit 20;"},
	}...)
}
