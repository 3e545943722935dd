package findings

import (
	"maps"
	"slices"
	"strings"

	"focalaudit/internal/spelling"
)

// Word is a word that the program uses in a sense of its own, with the other words that users have for it.
type Word struct {
	Name    string
	Aliases []string
	Text    string // what it means
	Do      string // where to see it, and what to do
}

// words are all of them: those of anchors, of the loss, of labels, and of the gate.
var words = slices.Concat(firstWords, furtherWords)

var firstWords = []Word{
	{
		Name: "fallback",
		Aliases: []string{"fallback-match", "fallback-only", "low-quality", "low-quality-match", "low-quality-matches",
			"rescued", "weak", "weakly"},
		Text: "An anchor is positive if it overlaps an object by the IoU that the trainer asks for. For an object " +
			"that no anchor overlaps so much, many trainers take its best anchor all the same, however badly it " +
			"fits: a fallback, or low-quality, match. An object with such anchors only is trained weakly: its few " +
			"anchors lie far from its box. The tables say rescued for it.",
		Do: "`analyze show DIR objects --where 'positives > 0 and positives == rescued'` lists these objects, and " +
			"the column why says what keeps anchors from them. `analyze fit` finds anchors that suit them. `analyze " +
			"explain object-rescued-only` says more.",
	},
	{
		Name:    "untrained",
		Aliases: []string{"never", "never-trained", "not-trained", "unmatched", "without-anchor", "no-anchor", "unassigned"},
		Text: "An object without any positive anchor is never trained: no term of the loss asks the model to find " +
			"it, and the anchors on it count as background. An object that the trainer's loader drops is not trained " +
			"either; it counts as left out.",
		Do: "`analyze show DIR objects --where 'positives == 0 or left_out != nil'` lists both, with the reason. " +
			"`analyze explain object-without-positive` says what to do.",
	},
	{
		Name:    "anchors",
		Aliases: []string{"anchor", "positive", "positives", "negative", "negatives", "ignored", "matching"},
		Text: "An anchor is a box that the model corrects and classifies: some shapes at each point of some grids. " +
			"The trainer makes an anchor positive if it overlaps an object enough, negative, which is background, if " +
			"it overlaps none by much, and ignores those between: they have no loss.",
		Do: "`analyze presets` lists the trainers' anchors and rules. docs/methods.md has each rule.",
	},
	{
		Name:    "easy-negatives",
		Aliases: []string{"easy-negative", "easy", "medium", "hard", "hard-negatives", "hard-negative"},
		Text: "A negative is easy if the model gives it a score of 0.1 or less: p_t, the probability of the truth, " +
			"is 0.9 or more. It is hard if p_t is below 0.5. Each easy negative costs little, but there are " +
			"thousands for each positive, so that together they can carry most of cross entropy.",
		Do: "The loss lines of `analyze run` say how much. --easy and --hard set the edges. `analyze loss 0.95 0.5 " +
			"--negative 0.1` prices single scores.",
	},
	{
		Name: "balance",
		Aliases: []string{"imbalance", "class-imbalance", "foreground-background", "gamma", "γ", "gamma-balance",
			"γ-to-balance", "gamma-to-balance", "negatives-share", "negatives'-share", "domination", "focal-loss", "focal",
			"head", "heads", "bias", "prior-bias", "initial-bias"},
		Text: "The balance is how the loss is shared between positives and negatives. Focal loss multiplies the cost " +
			"of a term by (1 - p_t)^γ, which mutes the easy ones, most of which are negatives. γ to balance is the γ " +
			"at which both sides cost the same under the given scores: it measures the imbalance at that moment.",
		Do: "Do not train with γ to balance: it changes as the model learns (1.22 before training and 1.55 after it " +
			"on VOC2007). Keep γ = 2 and α = 0.25 unless your own validation says otherwise. If negatives lead a " +
			"trained detector's focal loss (--scores detections:FILE), look at its false alarms. The heads of torchvision's, " +
			"detectron2's and mmdetection's RetinaNet start at 0.01 by themselves. In a head of your own, set the bias of the " +
			"last layer to -ln((1 - 0.01) / 0.01) = -4.6: from 0.5, negatives lead focal loss too.",
	},
	{
		Name: "scores",
		Aliases: []string{"prior", "article", "detections", "logits", "floor", "initialisation",
			"source-of-scores", "before-training"},
		Text: "The loss depends on the score that the model gives each anchor. prior: every anchor scores 0.01, as " +
			"RetinaNet starts. article: each positive costs 3 and each negative 0.1, as in the article. detections: " +
			"a detector's results, placed on the anchors by the trainer's own rule; anchors without a detection " +
			"score a floor of 0.01, which is an assumption. logits: what the model gave every anchor, without any assumption.",
		Do: "--scores adds a source. docs/detections.md and docs/dump_logits.md have the lines that write them.",
	},
	{
		Name: "suspects",
		Aliases: []string{"suspect", "suspected", "suspected-label", "suspected-labels", "wrong-labels", "wrong-label",
			"wrong", "label-errors", "label-error", "mislabelled", "mislabeled", "noise", "label-noise"},
		Text: "A suspect is a label that a detector contradicts: an unlabelled object (missing), a label on nothing " +
			"(spurious), a box that is off (location), a wrong class (class), or a second box of one object " +
			"(duplicate). Each has a score: the chance that the label is wrong. Most suspects are right labels all the same.",
		Do: "`analyze show DIR --where 'score > 0 and not reviewed'` lists them, the likeliest first. `analyze " +
			"review` hands them to people. `analyze explain missing`, or another kind, says what to do with one.",
	},
	{
		Name: "score",
		Aliases: []string{"chance", "probability", "expected", "expected-wrong", "expected-precision", "expect",
			"estimated-wrong", "confidence"},
		Text: "The score of a suspect is the chance that its label is wrong in any way, at the share of wrong labels " +
			"that was estimated on these data. Scores add up: the sum over the first 100 is how many of them to " +
			"expect to be wrong. suspects.parquet has a row for each kind of error of a label: there score is " +
			"the chance of that kind alone, and label_score that of any. A detection's own confidence is detection_score.",
		Do: "Look at labels in the order of their scores, and stop where too few are wrong. Detections of a model " +
			"that was trained on these very labels make all scores too low, though the order suffers little.",
	},
	{
		Name:    "rank",
		Aliases: []string{"number", "order", "numbering"},
		Text: "The rank of a finding is its place in findings.parquet: errors, then warnings, then infos. The number " +
			"of a suspect counts suspects alone, from 1, the likeliest first: the page, `analyze review` and the " +
			"column number of findings.parquet and suspects.parquet have the same.",
		Do: "Name a suspect by its fingerprint where it has to outlive the next run: numbers change as labels are mended.",
	},
}

// furtherWords are those of how sure the program is, and of the gate (docs/ci.md).
var furtherWords = []Word{
	{
		Name: "range",
		Aliases: []string{"ranges", "interval", "intervals", "confidence-interval", "estimate", "estimates", "estimated",
			"bound", "bounds", "sure", "how-sure", "certain", "uncertainty"},
		Text: "An estimate says how many labels should be wrong; the range beside it is where the true number should lie. " +
			"The answer's number is the sum of all chances. Its range was measured on data sets whose errors are known: it " +
			"held in 85 of 91 tests. It fails, and more labels are wrong, if the detector was trained on these very labels. " +
			"estimated_wrong in summary.json is a second count, of the share of each kind.",
		Do: "To be surer, judge labels by hand: `analyze review` hands them over, and says how many were expected to be " +
			"wrong and how many you found. docs/label-errors.md has the tests.",
	},
	{
		Name:    "judged",
		Aliases: []string{"unjudged", "judge", "labels-judged", "judged-labels"},
		Text: "A label is judged if the detector has results for its image and the trainer takes part in it: not with " +
			"iscrowd or ignore, not left out, with a usable box and class. Labels that were not judged have no score, and " +
			"are not in the number of labels that should be wrong.",
		Do: "The lines \"suspects\" of `analyze run` count those that were not, by the reason. Give detections for all " +
			"images, or set `--include` to the files that have some.",
	},
	{
		Name:    "validation",
		Aliases: []string{"validation-set", "val", "calibrate", "calibration", "tested", "tests"},
		Text: "Your validation set are images that the model was not trained on. The program trains no model: `fit` says " +
			"how well anchors suit the objects that it saw, and others will fit a little less well. How well label errors are " +
			"found is tested by errors that are put in, whose truth is known: `calibrate`.",
		Do: "`analyze trainers VALIDATION -a PRESET -a FILE` shows two presets on it. `analyze calibrate PATH --scores " +
			"detections:FILE` says how well errors are found that are put in, not how often your own list is right.",
	},
	{
		Name:    "gate",
		Aliases: []string{"ci", "check", "pass", "fail", "failed", "undecided", "exit-status"},
		Text: "The gate holds a report against a policy. Exit status 0: the data pass, or a rule warns; 1: they fail; 2: " +
			"it could not be decided, because of a broken file, a mistake in the policy, or a metric without a value.",
		Do: "`analyze run PATH --gate` audits and checks in one step, `analyze check DIR` checks a report. docs/ci.md has " +
			"the rules and the formats.",
	},
	{
		Name:    "policy",
		Aliases: []string{"policies", "rule", "rules", "fail-if", "warn-if", "focalaudit.yaml", "config"},
		Text: "The policy is the key gate of focalaudit.yaml, in the directory of the annotations or the nearest above it: " +
			"rules with fail_if or warn_if over metrics, a baseline, waivers, and labels that were reviewed. Without a " +
			"policy, errors fail and warnings warn: a class that was deleted passes.",
		Do: "Copy the policy to start with from docs/ci.md. --config names another file, --policy another one for the " +
			"rules alone.",
	},
	{
		Name:    "baseline",
		Aliases: []string{"baselines", "only-new", "known", "already-in-the-baseline"},
		Text: "A baseline is an earlier report, or the small part of it that a comparison needs. A finding is an old one " +
			"if the baseline has its fingerprint, or one of its code on the same image whose box has an IoU of 0.5 with it. " +
			"With only_new, rules count new findings only. A file that the baseline has and the run lacks fails by itself.",
		Do: "`analyze baseline REPORT -o DIR` writes one to be committed; the key baseline of the policy, or --baseline, " +
			"names it. Write it anew in the commit of a change that is meant.",
	},
	{
		Name:    "waiver",
		Aliases: []string{"waivers", "waive", "waived", "accept", "accepted", "reviewed", "kept"},
		Text: "A waiver takes findings out of the counts, one by fingerprint or all of a code, with a reason and a last " +
			"day. One that has expired fails, one that matches nothing warns. A label that a person looked at and kept is " +
			"reviewed instead: it needs neither a reason nor a last day.",
		Do: "Write both into the policy, under waivers and reviewed. `analyze show DIR --columns fingerprint,code,message` " +
			"has the fingerprints; `analyze review --apply` writes the list of what was kept.",
	},
}

// LookupWord returns a word by its name or one of its aliases, whether it is written with blanks, hyphens or
// underscores, in capitals or not.
func LookupWord(name string) (Word, bool) {
	name = strings.NewReplacer(" ", "-", "_", "-").Replace(strings.ToLower(strings.TrimSpace(name)))
	for _, w := range words {
		if w.Name == name || slices.Contains(w.Aliases, name) {
			return w, true
		}
	}
	return Word{}, false
}

// Words returns all words, in the order in which they are told.
func Words() []Word { return slices.Clone(words) }

// NearestName returns the n names nearest to a mistyped one, the nearest first, in alphabetical order among equals:
// codes, reasons, words and their aliases.
func NearestName(name string, n int) []string {
	names := map[string]bool{}
	for code := range byCode {
		names[code] = true
	}
	for _, r := range reasons {
		names[r.Code] = true
	}
	for _, w := range words {
		names[w.Name] = true
		for _, a := range w.Aliases {
			names[a] = true
		}
	}
	return spelling.Nearest(name, slices.Sorted(maps.Keys(names)), n)
}
