// Package duckdb reads reports back with DuckDB. It is a module of its own
// because DuckDB's client needs cgo, which the program does without.
package duckdb

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
)

var analyze string // the program under test

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "focalaudit")
	if err != nil {
		panic(err)
	}
	analyze = filepath.Join(dir, "analyze")
	build := exec.Command("go", "build", "-o", analyze, "./cmd/analyze")
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, out))
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// runReport runs the program and returns the directory of its report.
func runReport(t *testing.T, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	if out, err := exec.Command(analyze, append([]string{"run", "-q", "-o", dir}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("analyze run %v: %v\n%s", args, err, out)
	}
	return dir
}

// shared returns the path of shared test material, and skips where it is absent.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs the shared test material: %s", filepath.Join(elem...))
	}
	return path
}

// reader asks questions of a report. The tables go by their names.
type reader struct {
	*testing.T
	db *sql.DB
}

var tables = []string{"images", "image_losses", "objects", "losses", "shapes", "classes", "source_classes", "findings", "curves", "whatifs", "exposure", "noise", "distributions", "suspects"}

func open(t *testing.T, dir string) reader {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	r := reader{t, db}
	for _, name := range tables {
		if _, err := db.Exec(fmt.Sprintf("create view %s as from '%s'", name, filepath.Join(dir, name+".parquet"))); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for _, query := range queries(t, "../../docs/report.md", dir) {
		if strings.HasPrefix(query, "create view all_image_losses ") {
			if _, err := db.Exec(query); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
		}
	}
	return r
}

// one returns the single value of a query.
func one[T any](r reader, query string) T {
	r.Helper()
	var v T
	if err := r.db.QueryRow(query).Scan(&v); err != nil {
		r.Fatalf("%s: %v", query, err)
	}
	return v
}

// none fails the test with the first row that a query finds.
func (r reader) none(query string) {
	r.Helper()
	rows, err := r.db.Query(query)
	if err != nil {
		r.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	if !rows.Next() {
		return
	}
	columns, _ := rows.Columns()
	values := make([]any, len(columns))
	pointers := make([]any, len(columns))
	for i := range values {
		pointers[i] = &values[i]
	}
	if err := rows.Scan(pointers...); err != nil {
		r.Fatal(err)
	}
	r.Errorf("%s\nfound %v = %v", strings.TrimSpace(query), columns, values)
}

// TestTablesAgree holds the tables of the shipped sample against each other:
// what stands in two places is the same in both.
func TestTablesAgree(t *testing.T) {
	dir := runReport(t, "../../testdata/sample", "--scores", "detections:../../testdata/detections.json")
	r := open(t, dir)
	for _, name := range tables {
		if n := one[int](r, "select count(*) from "+name); n == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	r.none("select * from images where anchors != positives + negatives + ignored")
	r.none("select * from images where left_out is not null and anchors > 0")
	r.none(`select * from
		(select source, image_id, sum(positives) p, sum(rescued) r, count(best_iou) n from objects where left_out is null group by all)
		join images using (source, image_id) where p != positives or r != rescued or n != objects`)
	r.none("select sum(anchors) a, sum(positives) p, sum(ignored) i from shapes having (a, p, i) != (select (sum(anchors), sum(positives), sum(ignored)) from images)")
	r.none("select sum(best_for) b from shapes having abs(b - (select count(level) from objects)) > 1e-9")
	r.none("select sum(annotations) a from classes having a != (select count(class) from objects)")
	r.none("select * from losses where loss_sum is null or isnan(loss_sum) or loss_sum < 0 or gradient_sum < 0 or loss_share not between 0 and 1")
	r.none(`select scores, objective, loss_function, gamma, sum(loss_share) s from losses where scope = 'all' group by all having abs(s - 1) > 1e-12`)
	// the scopes source and level, and the images, add up to the whole
	r.none(`with whole as (select scores, objective, loss_function, gamma, term_set, sum(terms) n, sum(loss_sum) total, sum(gradient_sum) gradient from losses where scope = 'all' group by all),
			part as (select scores, objective, loss_function, gamma, scope, term_set, sum(terms) n, sum(loss_sum) total, sum(gradient_sum) gradient from losses where scope in ('source', 'level') group by all)
		select * from part join whole using (scores, objective, loss_function, gamma, term_set)
		where part.n != whole.n or abs(part.total / whole.total - 1) > 1e-9 or abs(part.gradient / whole.gradient - 1) > 1e-9`)
	r.none(`with whole as (select scores, objective, loss_function, gamma, sum(loss_sum) total from losses where scope = 'all' group by all),
			part as (select scores, objective, loss_function, gamma, sum(positive_loss + other_class_loss + negative_loss) total from all_image_losses group by all)
		select * from part full join whole using (scores, objective, loss_function, gamma)
		where scores not like '%@%' and not coalesce(abs(part.total / whole.total - 1) <= 1e-9, false)`)
	// the detector's own floor is 0.01, so that is not among the others
	r.none("select scores from losses group by all having scores not in ('prior', 'article', 'detections', 'detections@0.001', 'detections@0.0001')")
	if n := one[int](r, "select count(distinct scores) from losses"); n != 5 {
		t.Errorf("%d scores in losses", n)
	}
	r.none("select * from (select *, lag(term_fraction) over w px, lag(loss_fraction) over w py from curves window w as (partition by scores, gamma, term_set order by term_fraction, loss_fraction)) where term_fraction < px or loss_fraction < py or term_fraction not between 0 and 1 or loss_fraction not between 0 and 1")
	r.none("select * from whatifs where abs(positive_share + negative_share - 1) > 1e-12 or easy_negative_share > negative_share + 1e-12 or loss_sum < 0")
	r.none("select * from exposure where loss_share not between 0 and 1 or total_loss_share > loss_share + 1e-12 or loss_share < fraction - 1e-9")
	r.none(`with whole as (select scores, sum(terms) n, sum(loss_sum) total from losses where scope = 'all' and objective = 'objectness' and loss_function = 'bce' group by all)
		select * from whatifs join whole using (scores) where scheme = 'bce' and (samples != n or abs(loss_sum / total - 1) > 1e-9)`)
	r.none("select * from findings where fingerprint = '' or message = '' or severity not in ('error', 'warning', 'info') or (score is not null) != (code in ('missing', 'spurious', 'location', 'class', 'duplicate'))")
	r.none("select * from findings where score not between 0.05 and 1 or score is not null and (bce is null or focal is null or loss_scores != 'detections') or detection_score is not null and (detection_width is null or score is null)")
	r.none("select * from (select *, lag(score) over (order by rank) s from findings where score is not null) where s < score")
	// the second box of the sample is among the suspects, with too low a score for a finding
	if n := one[int](r, "select count(distinct kind) from suspects"); n != 5 {
		t.Errorf("%d kinds of suspects", n)
	}
	if n := one[int](r, "select count(distinct code) from findings where score is not null"); n < 4 {
		t.Errorf("%d kinds of label errors", n)
	}
	r.none("select * from noise where loss_share not between 0 and 1 or total_loss_share > loss_share or loss_function = 'bce' and (amplification != 1 or control_amplification != 1)")
	r.none("select * from objects where suspect_score not between 0 and 1 or suspect_score is null and left_out is null")
	r.none("select * from findings where (loss_scores is null) != (bce is null) or score is null and loss_scores != 'prior'")
	r.none("select rank from findings where rank != (select count(*) from findings f where f.rank <= findings.rank)")
}

// TestSummaryAgrees holds summary.json against the tables.
func TestSummaryAgrees(t *testing.T) {
	dir := runReport(t, "../../testdata/sample")
	r := open(t, dir)
	data, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Images, Annotations struct{ Read int }
		Metrics             map[string]metrics
		Findings            struct {
			Total  int
			ByCode map[string]int `json:"by_code"`
		}
	}
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	if got := one[int](r, "select count(*) from images"); got != s.Images.Read {
		t.Errorf("images: %d rows, summary has %d", got, s.Images.Read)
	}
	if got := one[int](r, "select count(*) from objects"); got != s.Annotations.Read {
		t.Errorf("objects: %d rows, summary has %d", got, s.Annotations.Read)
	}
	if got := one[int](r, "select count(*) from findings where code = 'near-duplicate'"); got != s.Findings.ByCode["near-duplicate"] || got == 0 {
		t.Errorf("near-duplicates: %d rows, summary has %d", got, s.Findings.ByCode["near-duplicate"])
	}
	if got := one[int64](r, "select sum(anchors)::bigint from images"); got != s.Metrics["prior"].Anchors {
		t.Errorf("anchors: images have %d, summary has %d", got, s.Metrics["prior"].Anchors)
	}
	share := one[float64](r, "select loss_share from losses where (scores, objective, loss_function, scope, term_set) = ('prior', 'classes', 'bce', 'all', 'negative')")
	if got := s.Metrics["prior"].NegativeShare.BCE; math.Abs(got-share) > 1e-12 {
		t.Errorf("negative share: losses have %v, summary has %v", share, got)
	}
}

// goldens are the tables of what the trainers themselves assigned, and the
// preset that reproduces each.
var goldens = []struct{ set, data, table, preset string }{
	{"val", "coco/instances_val2014_100.json", "val2014_100.retinanet-torchvision-f64resize", "retinanet-torchvision"},
	{"taco", "taco/annotations.json", "taco.retinanet-torchvision-f64resize", "retinanet-torchvision"},
	{"val", "coco/instances_val2014_100.json", "val2014_100.retinanet-torchvision", "retinanet-torchvision-0.14"},
	{"taco", "taco/annotations.json", "taco.retinanet-torchvision", "retinanet-torchvision-0.14"},
	{"val", "coco/instances_val2014_100.json", "val2014_100.retinanet-detectron2", "retinanet-detectron2"},
	{"taco", "taco/annotations.json", "taco.retinanet-detectron2", "retinanet-detectron2"},
	{"taco", "taco/annotations.json", "taco.retinanet-mmdet", "retinanet-mmdet"},
	{"taco", "taco/annotations.json", "taco.ssd300-torchvision", "ssd300-torchvision"},
	{"taco", "taco/annotations.json", "taco.fasterrcnn-rpn-torchvision", "rpn-torchvision-0.14"},
	{"taco", "taco/annotations.json", "taco.yolov5", "yolov5"},
	{"taco", "taco/annotations.json", "taco.atss-mmdet", "atss-mmdet"},
}

// outputs are the K of the tables' sums: how many categories COCO and TACO have.
var outputs = map[string]string{"val": "80", "taco": "60"}

// differs is where an object o is not as the row g of a trainer's table says.
const differs = "(o.best_anchor, ties, anchors_at_negative, anchors_at_positive, positives) is distinct from (g.best_anchor, n_ties, n_ge_lo, n_ge_hi, n_assigned) or o.best_iou is distinct from g.best_iou::float"

// differsBy is that under rules for which some columns of the tables mean something else.
var differsBy = map[string]string{
	"yolov5":     "(anchors_at_positive, positives) is distinct from (n_ge_hi, n_assigned) or best_ratio is distinct from g.best_iou::float or o.best_iou is not null",
	"atss-mmdet": "(o.best_anchor, ties, positives) is distinct from (g.best_anchor, n_ties, n_assigned) or o.best_iou is distinct from g.best_iou::float",
}

// TestReportEqualsTrainers joins reports with the trainers' own tables in SQL:
// every image and every object, counts exactly, sums to the nine digits that
// the tables have.
func TestReportEqualsTrainers(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.table, func(t *testing.T) {
			images, gts := shared(t, "golden", g.table+".images.csv"), shared(t, "golden", g.table+".gts.csv")
			// The tables have an output a category, where torchvision's has one an id (docs/methods.md, 6.1).
			r := open(t, runReport(t, shared(t, "data", g.data), "--anchors", g.preset, "--classes", outputs[g.set], "--image-losses"))
			if n := one[int](r, "select count(*) from images"); n != one[int](r, "select count(*) from '"+images+"'") {
				t.Errorf("%d images", n)
			}
			wrong := cmp.Or(differsBy[g.preset], differs)
			rescued := "n_low_quality_ign2pos, n_low_quality_pos + n_low_quality_ign2pos"
			if g.preset == "atss-mmdet" { // the table counts positives below thresholds that play no part
				rescued = "0, 0"
			}
			r.none(`select * from images i full join '` + images + `' g on i.image_id_int = g.image_id
				where (i.width, i.height, trainer_height, trainer_width, i.padded_height, i.padded_width, anchors, objects, positives, negatives, ignored, rescued_from_ignored, rescued)
				is distinct from (g.width, g.height, g.resized_h, g.resized_w, g.padded_h, g.padded_w, n_anchors, n_gt, n_pos, n_neg, n_ign, ` + rescued + `)`)
			// TACO has two annotations with repeated ids: so join by place in the image.
			r.none(`with o as (select *, row_number() over (partition by image_id order by byte_offset) - 1 as ann_pos from objects)
				select * from o full join '` + gts + `' g on o.image_id_int = g.image_id and o.ann_pos = g.ann_pos
				where o.annotation_id_int is distinct from g.ann_id or (g.gt_index >= 0) is distinct from (left_out is null)
				or (g.gt_index >= 0 and (` + wrong + `))`)
			if g.preset != "yolov5" { // whose table has centres and sides as shares of the image
				r.none(`select o.annotation_id, trainer_x, x1, trainer_y, y1, trainer_box_width, x2, trainer_box_height, y2
					from (select *, row_number() over (partition by image_id order by byte_offset) - 1 as ann_pos from objects) o
					join '` + gts + `' g on o.image_id_int = g.image_id and o.ann_pos = g.ann_pos
					where left_out is null and not coalesce((trainer_x, trainer_y) = (x1::float, y1::float) and
					abs(trainer_x + trainer_box_width - x2) <= 1e-6 * x2 and abs(trainer_y + trainer_box_height - y2) <= 1e-6 * y2, false)`)
			}
			for _, loss := range [][2]string{{"loss_function = 'bce'", "bce"}, {"loss_function = 'focal' and gamma = 0", "abce"}, {"loss_function = 'focal' and gamma = 2", "fl"}} {
				r.none(sumsDiffer("classes", "positive_loss", loss[0], "kc_"+loss[1]+"_pos", images))
				r.none(sumsDiffer("classes", "other_class_loss", loss[0], "kc_"+loss[1]+"_off", images))
				r.none(sumsDiffer("classes", "negative_loss", loss[0], "kc_"+loss[1]+"_neg", images))
				r.none(sumsDiffer("objectness", "positive_loss", loss[0], "k1_"+loss[1]+"_pos", images))
				r.none(sumsDiffer("objectness", "negative_loss", loss[0], "k1_"+loss[1]+"_neg", images))
			}
			r.none(sumsDiffer("classes", "normalised_loss", "loss_function = 'focal' and gamma = 2", "kc_fl_normalised", images))
			r.none(sumsDiffer("objectness", "normalised_loss", "loss_function = 'focal' and gamma = 2", "k1_fl_normalised", images))
		})
	}
}

// sumsDiffer finds images whose sum differs from the trainer's by more than its
// table's ninth digit.
func sumsDiffer(objective, column, loss, golden, images string) string {
	return fmt.Sprintf(`select g.image_id, l.%[1]s, g.%[3]s from '%[4]s' g left join image_losses l on l.image_id::bigint = g.image_id
		and scores = 'prior' and objective = '%[5]s' and %[2]s
		where not coalesce(abs(l.%[1]s - g.%[3]s) <= 5.001e-9 * abs(g.%[3]s), false)`, column, loss, golden, images, objective)
}

// TestColumnNames: no column needs quotes, or has the name of an aggregate function, so that a
// query means what it seems to. rank is one to DuckDB only with an order within its parentheses.
func TestColumnNames(t *testing.T) {
	r := open(t, runReport(t, "../../testdata/sample"))
	r.none(`select table_name, column_name from information_schema.columns
		where column_name in (select keyword_name from duckdb_keywords() where keyword_category != 'unreserved')
		or column_name in (select function_name from duckdb_functions() where function_type = 'aggregate' and function_name != 'rank')`)
	for _, name := range tables {
		for _, column := range strings.Split(one[string](r, `select string_agg(column_name, ',') from information_schema.columns
			where table_name = '`+name+"'"), ",") {
			r.none("select " + column + " from " + name + " where " + column + " is null and " + column + " is not null group by " + column)
		}
	}
}

// reports are what queries are asked of: reports without a detector and with one.
func reports(t *testing.T) map[string]string {
	return map[string]string{
		"plain":    runReport(t, "../../testdata/sample"),
		"detector": runReport(t, "../../testdata/sample", "--scores", "detections:../../testdata/detections.json"),
	}
}

// queries returns the queries of a page, in which the report is the directory report/.
func queries(t *testing.T, page, dir string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(text), "```sql\n")[1:] {
		query, _, _ := strings.Cut(block, "```")
		all = append(all, strings.ReplaceAll(strings.TrimRight(query, ";\n "), "'report/", "'"+dir+"/"))
	}
	return all
}

// TestDocumentedQueries runs the queries of the README and of docs/. All of them find rows in the
// report with a detector; only those about label errors find none in the other.
func TestDocumentedQueries(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, "../../README.md")
	for name, dir := range reports(t) {
		r, asked := open(t, dir), 0
		for _, page := range pages {
			for _, query := range queries(t, page, dir) {
				asked++
				if strings.HasPrefix(query, "create ") { // open has made the view
					continue
				}
				n := one[int](r, "select count(*) from ("+query+")")
				if about := strings.Contains(query, "score is not null"); (n == 0) != (about && name == "plain") {
					t.Errorf("%s, %s: %d rows: %s", name, page, n, query)
				}
			}
		}
		if asked < 4 {
			t.Errorf("%d queries, expected four or more", asked)
		}
	}
}

// TestShareOfSuspects: the documented query on the suspects' part of the focal loss adds up to what the summary says.
func TestShareOfSuspects(t *testing.T) {
	dir := reports(t)["detector"]
	r := open(t, dir)
	for _, query := range queries(t, "../../docs/report.md", dir) {
		if !strings.Contains(query, "percent_of_focal_loss") {
			continue
		}
		got := one[float64](r, "select sum(percent_of_focal_loss) / 100 from ("+query+")")
		want := one[float64](r, "select metrics.detections.suspect_share.focal from '"+filepath.Join(dir, "summary.json")+"'")
		if !(math.Abs(got-want) <= 1e-9*want) || want == 0 {
			t.Errorf("the query says %v, the summary %v", got, want)
		}
		return
	}
	t.Fatal("docs/report.md has no such query")
}

// TestImageLosses: the view of docs/report.md has the rows that --image-losses writes: the counts
// to the last one, the losses to twelve digits. images.parquet has the same losses.
func TestImageLosses(t *testing.T) {
	const detector = "detections:../../testdata/detections.json"
	for name, of := range map[string]struct {
		data    string
		scores  int // sources of scores
		written int // of which image_losses has rows without --image-losses
		args    []string
	}{
		"prior":       {"../../testdata/sample", 2, 0, nil},
		"detector":    {"../../testdata/sample", 3, 1, []string{"--scores", detector}},
		"constant":    {"../../testdata/sample", 3, 0, []string{"--scores", "constant:pos=0.3,neg=0.2", "--easy", "0.85"}},
		"objectness":  {"../../testdata/sample", 3, 1, []string{"--objective", "objectness", "--scores", detector}},
		"no positive": {write(t, nothing), 2, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			lean := open(t, runReport(t, append(of.args, of.data)...))
			all := runReport(t, append(of.args, of.data, "--image-losses")...)
			if n := one[int](lean, "select count(distinct scores) from image_losses"); n != of.written {
				t.Errorf("image_losses has rows of %d sources of scores, want %d", n, of.written)
			}
			file := "'" + filepath.Join(all, "image_losses.parquet") + "'"
			rows := one[int](lean, "select count(*) from "+file)
			if images := one[int](lean, "select count(*) from images where left_out is null"); rows != images*of.scores*2*6 || rows == 0 {
				t.Errorf("%d rows of %d images: want 2 objectives and 6 losses for each source of scores", rows, images)
			}
			if n := one[int](lean, "select count(*) from all_image_losses"); n != rows {
				t.Errorf("the view has %d rows, want %d", n, rows)
			}
			lean.none(`select * from ` + file + ` a full join all_image_losses v using (source, image_id, scores, objective, loss_function, gamma)
				where (a.image_id_int, a.file_name, a.positive_terms, a.other_class_terms, a.negative_terms, a.easy_negative_terms) is distinct from
				(v.image_id_int, v.file_name, v.positive_terms, v.other_class_terms, v.negative_terms, v.easy_negative_terms)
				or not coalesce(abs(a.positive_loss - v.positive_loss) <= 1e-12 * a.positive_loss, false)
				or not coalesce(abs(a.other_class_loss - v.other_class_loss) <= 1e-12 * a.other_class_loss, false)
				or not coalesce(abs(a.negative_loss - v.negative_loss) <= 1e-12 * a.negative_loss, false)
				or not coalesce(abs(a.easy_negative_loss - v.easy_negative_loss) <= 1e-12 * a.easy_negative_loss, false)
				or not coalesce(abs(a.normalised_loss - v.normalised_loss) <= 1e-12 * a.normalised_loss, false)`)
			objective := "classes"
			if name == "objectness" {
				objective = name
			}
			for loss, where := range map[string]string{"bce": "loss_function = 'bce'", "focal": "loss_function = 'focal' and gamma = 2"} {
				lean.none(fmt.Sprintf(`select * from (select * from images where left_out is null) i
					left join (from %s where objective = '%s' and %s) l on i.source = l.source and i.image_id = l.image_id and scores = loss_scores
					where (positive_%[4]s, other_class_%[4]s, negative_%[4]s, easy_negative_%[4]s)
					is distinct from (positive_loss, other_class_loss, negative_loss, easy_negative_loss)`, file, objective, where, loss))
			}
			if got, want := one[string](lean, "select distinct loss_scores from images"), []string{"prior", "detections"}[of.written]; got != want {
				t.Errorf("images are under %s, want %s", got, want)
			}
		})
	}
}

// nothing is a data set without a positive anchor: its one object is a crowd.
const nothing = `{"images":[{"id":1,"file_name":"a.jpg","width":640,"height":480},{"id":2,"file_name":"b.jpg","width":300,"height":300}],
"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[100,100,60,60],"area":3600,"iscrowd":1}],
"categories":[{"id":1,"name":"cat"},{"id":3,"name":"dog"}]}`

// write writes an annotation file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "annotations.json")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNegativesQuery: the query of the README for the negatives' share has one row for each source
// of scores, loss and γ, with the numbers of summary.json.
func TestNegativesQuery(t *testing.T) {
	for name, dir := range reports(t) {
		r, found := open(t, dir), false
		for _, query := range queries(t, "../../README.md", dir) {
			if !strings.Contains(query, "negatives_percent") {
				continue
			}
			found = true
			r.none("select scores, loss_function, gamma, count(*) n from (" + query + ") group by all having n != 1")
			for scores, m := range metricsOf(t, dir) {
				for where, want := range map[string]float64{"loss_function = 'bce'": m.NegativeShare.BCE, "loss_function = 'focal' and gamma = 2": m.NegativeShare.Focal} {
					got := one[float64](r, "select negatives_percent from ("+query+") where scores = '"+scores+"' and "+where)
					if math.Abs(got-100*want) > 0.005+1e-9 {
						t.Errorf("%s, %s, %s: the query has %v %%, summary.json %v", name, scores, where, got, want)
					}
				}
			}
		}
		if !found {
			t.Error("the README has no query for negatives_percent")
		}
	}
}

// metricsOf reads the metrics of a report by source of scores.
func metricsOf(t *testing.T, dir string) map[string]metrics {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s struct{ Metrics map[string]metrics }
	if err := json.Unmarshal(data, &s); err != nil || len(s.Metrics) < 2 {
		t.Fatalf("%d metrics, %v", len(s.Metrics), err)
	}
	return s.Metrics
}

// metrics are some of the metrics in summary.json.
type metrics struct {
	Anchors       int64
	NegativeShare struct{ BCE, Focal float64 } `json:"negative_share"`
}

// TestPageQueries runs the queries that the page of a report offers.
func TestPageQueries(t *testing.T) {
	dir := runReport(t, "../../testdata/sample", "--scores", "detections:../../testdata/detections.json")
	r := open(t, dir)
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?s)<code>(select [^<]*)</code>`).FindAllStringSubmatch(string(page), -1) {
		query := strings.TrimRight(html.UnescapeString(m[1]), ";\n ")
		for _, name := range tables {
			if file := "'" + name + ".parquet'"; strings.Contains(query, file) {
				asked[name] = true
				query = strings.ReplaceAll(query, file, "'"+filepath.Join(dir, name+".parquet")+"'")
			}
		}
		if n := one[int](r, "select count(*) from ("+query+")"); n == 0 {
			t.Errorf("no rows: %s", query)
		}
	}
	for _, name := range tables {
		if !asked[name] {
			t.Errorf("no query of the page asks %s", name)
		}
	}
}
