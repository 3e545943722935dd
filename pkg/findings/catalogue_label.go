package findings

// keep says what to do with an annotation that is right.
const keep = " If the annotation is right, decide keep in analyze review: until its class or box changes, later runs " +
	"suspect no error of any kind in it."

// labelEntries are the findings for which a detector speaks against a label.
var labelEntries = []Entry{
	{Code: "missing", Family: Label, Severity: Warning, About: AboutAnnotation,
		Title: "Object that looks unlabelled",
		Text: "The detector finds an object where nothing is annotated, or beside an annotation that another detection " +
			"fits better. The anchors on this object are trained as background, and focal loss weighs them most of all: " +
			"the detector is sure, and the label says the opposite.",
		Example: `the detector finds a "car" (score 0.93) where nothing is annotated`,
		Fix: "Annotate the object. If objects of this kind are not to be annotated, draw a box with iscrowd 1, which " +
			"every preset keeps out of the objects (ignore does not work everywhere: detectron2 stops at that key). If " +
			"there is nothing to annotate, decide keep in analyze review: later runs suspect no object in this place."},
	{Code: "spurious", Family: Label, Severity: Warning, About: AboutAnnotation,
		Title: "Annotation that looks like it has no object",
		Text: "The detector finds nothing here that fits, although it finds most objects of this class and size. The " +
			"anchors of the box are trained as an object that is not there.",
		Example: `"person" of 120 × 300 px; the surest detection on it scores 0.04`,
		Fix: "Look at the image. Remove the annotation, or set iscrowd to 1 where nobody can tell. (ignore does that " +
			"under mmdetection only: torchvision trains such objects, and detectron2 stops.) Keep objects that are merely " +
			"hard to see." + keep},
	{Code: "location", Family: Label, Severity: Warning, About: AboutAnnotation,
		Title: "Annotation whose box looks off",
		Text: "The detected object overlaps the annotated box in part only, and the detector places objects of this class " +
			"and size better as a rule. The anchors between both boxes learn the wrong side.",
		Example: `"dog": a detection of 0.98 at IoU 0.55`,
		Fix: "Draw the box anew. Boxes with their origin or scale mixed up come in groups: look at the image's other " +
			"annotations." + keep},
	{Code: "class", Family: Label, Severity: Warning, About: AboutAnnotation,
		Title: "Annotation whose class looks wrong",
		Text: "The detector finds an object of another class in this box, and seldom takes one class for the other. " +
			"Under a sigmoid per class both terms of every positive anchor are wrong then. The surer the detector is, the " +
			"more focal loss weighs them.",
		Example: `"cat", and a detection of "dog" with 0.97 at IoU 0.91`,
		Fix: "Correct the category. If two classes are hard to tell apart, write down a rule for annotators, and " +
			"review both classes whole." + keep},
	{Code: "duplicate", Family: Label, Severity: Warning, About: AboutAnnotation,
		Title: "Annotation that looks like a duplicate",
		Text: "Two annotations of a class overlap where the detector finds one object. The object's loss counts twice, " +
			"and anchors between the boxes go to either. Detectors suppress neighbours, so they may also find one object " +
			"where two hide each other: look before removing.",
		Example: `two boxes of "person" at IoU 0.8, and one detection on both`,
		Fix: "Remove the worse of the two boxes. Annotators' tools that merge the work of several people are the " +
			"common cause." + keep},
}
