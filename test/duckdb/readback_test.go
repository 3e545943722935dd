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

var tables = []string{"images", "image_losses", "objects", "losses", "shapes", "classes", "findings", "curves", "whatifs", "exposure", "noise", "distributions"}

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
	r.none("select sum(annotations) a from classes having a != (select count(class) from objects)")
	r.none("select * from losses where sum is null or isnan(sum) or sum < 0 or grad < 0 or share not between 0 and 1")
	r.none(`select scores, objective, loss, gamma, sum(share) s from losses where scope = 'all' group by all having abs(s - 1) > 1e-12`)
	// the scopes source and level, and the images, add up to the whole
	r.none(`with whole as (select scores, objective, loss, gamma, set, sum(n) n, sum(sum) sum, sum(grad) grad from losses where scope = 'all' group by all),
			part as (select scores, objective, loss, gamma, scope, set, sum(n) n, sum(sum) total, sum(grad) grad from losses where scope in ('source', 'level') group by all)
		select * from part join whole on (part.scores, part.objective, part.loss, part.set) = (whole.scores, whole.objective, whole.loss, whole.set)
			and part.gamma = whole.gamma
		where part.n != whole.n or abs(part.total / whole.sum - 1) > 1e-9 or abs(part.grad / whole.grad - 1) > 1e-9`)
	r.none(`with whole as (select scores, objective, loss, gamma, sum(sum) total from losses where scope = 'all' group by all),
			part as (select scores, objective, loss, gamma, sum(positive_sum + other_class_sum + negative_sum) total from image_losses group by all)
		select * from part full join whole on (part.scores, part.objective, part.loss, part.gamma) = (whole.scores, whole.objective, whole.loss, whole.gamma)
		where whole.loss != 'alpha_bce' and whole.scores not like '%@%' and not coalesce(abs(part.total / whole.total - 1) <= 1e-9, false)`)
	// the detector's own floor is 0.01, so that is not among the others
	r.none("select scores from losses group by all having scores not in ('prior', 'article', 'detections', 'detections@0.001', 'detections@0.0001')")
	if n := one[int](r, "select count(distinct scores) from losses"); n != 5 {
		t.Errorf("%d scores in losses", n)
	}
	r.none("select * from (select *, lag(x) over w px, lag(y) over w py from curves window w as (partition by scores, gamma, set order by x, y)) where x < px or y < py or x not between 0 and 1 or y not between 0 and 1")
	r.none("select * from whatifs where abs(positive_share + negative_share - 1) > 1e-12 or easy_negative_share > negative_share + 1e-12 or loss < 0")
	r.none("select * from exposure where share not between 0 and 1 or total_share > share + 1e-12 or share < fraction - 1e-9")
	r.none(`with whole as (select scores, sum(n) n, sum(sum) total from losses where scope = 'all' and objective = 'objectness' and loss = 'bce' group by all)
		select * from whatifs join whole using (scores) where scheme = 'bce' and (samples != n or abs(loss / total - 1) > 1e-9)`)
	r.none("select * from findings where fingerprint = '' or message = '' or severity not in ('error', 'warning', 'info') or (score is not null) != (code in ('missing', 'spurious', 'location', 'class', 'duplicate'))")
	r.none("select * from findings where score not between 0.05 and 1 or score is not null and (bce is null or focal is null) or detection_score is not null and (detection_width is null or score is null)")
	r.none("select * from (select *, lag(score) over (order by rank) s from findings where score is not null) where s < score")
	if n := one[int](r, "select count(distinct code) from findings where score is not null"); n != 5 {
		t.Errorf("%d kinds of label errors", n)
	}
	r.none("select * from noise where share not between 0 and 1 or total_share > share or loss = 'bce' and (amplification != 1 or control_amplification != 1)")
	r.none("select * from objects where suspect_score not between 0 and 1 or suspect_score is null and left_out is null")
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
		Metrics             map[string]struct {
			Anchors       int64
			NegativeShare struct{ BCE, Focal float64 } `json:"negative_share"`
		}
		Findings struct {
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
	share := one[float64](r, "select share from losses where (scores, objective, loss, scope, set) = ('prior', 'classes', 'bce', 'all', 'negative')")
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
			r := open(t, runReport(t, shared(t, "data", g.data), "--anchors", g.preset, "--classes", outputs[g.set]))
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
			r.none(`with o as (select *, row_number() over (partition by image_id order by "offset") - 1 as ann_pos from objects)
				select * from o full join '` + gts + `' g on o.image_id_int = g.image_id and o.ann_pos = g.ann_pos
				where o.annotation_id_int is distinct from g.ann_id or (g.gt_index >= 0) is distinct from (left_out is null)
				or (g.gt_index >= 0 and (` + wrong + `))`)
			for _, loss := range [][2]string{{"loss = 'bce'", "bce"}, {"loss = 'focal' and gamma = 0", "abce"}, {"loss = 'focal' and gamma = 2", "fl"}} {
				r.none(sumsDiffer("classes", "positive_sum", loss[0], "kc_"+loss[1]+"_pos", images))
				r.none(sumsDiffer("classes", "other_class_sum", loss[0], "kc_"+loss[1]+"_off", images))
				r.none(sumsDiffer("classes", "negative_sum", loss[0], "kc_"+loss[1]+"_neg", images))
				r.none(sumsDiffer("objectness", "positive_sum", loss[0], "k1_"+loss[1]+"_pos", images))
				r.none(sumsDiffer("objectness", "negative_sum", loss[0], "k1_"+loss[1]+"_neg", images))
			}
			r.none(sumsDiffer("classes", "normalised", "loss = 'focal' and gamma = 2", "kc_fl_normalised", images))
			r.none(sumsDiffer("objectness", "normalised", "loss = 'focal' and gamma = 2", "k1_fl_normalised", images))
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

// TestReadmeQueries runs the queries of the README.
func TestReadmeQueries(t *testing.T) {
	dir := runReport(t, "../../testdata/sample", "--scores", "detections:../../testdata/detections.json")
	r := open(t, dir)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(readme), "```sql\n")[1:]
	if len(blocks) < 3 {
		t.Errorf("the README has %d queries, expected three or more", len(blocks))
	}
	for _, b := range blocks {
		query, _, _ := strings.Cut(b, "```")
		query = strings.ReplaceAll(strings.TrimRight(query, ";\n "), "'report/", "'"+dir+"/")
		if n := one[int](r, "select count(*) from ("+query+")"); n == 0 {
			t.Errorf("no rows: %s", query)
		}
	}
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
