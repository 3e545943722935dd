#!/usr/bin/env python3
"""Times torchvision at what analyze does, on the first images of a COCO file.

    python3 bench/torchvision_peer.py FILE [--images 100] [--rounds 7] [--json]

For each image: AnchorGenerator, box_iou, Matcher, then sigmoid_focal_loss of
every anchor, with 1 class and with 80, as RetinaNet trains (800/1333, padded to
32, levels P3 to P7). An image's time is the best of its rounds, the figure the
median over the images, so it is torchvision at its best: the program is held
against that. Not timed: reading the file, resizing the boxes, the logits.

Needs torch and torchvision (Debian: apt-get install python3-torchvision); 80
classes need about 1 GB. Other work on the cores makes torch many times slower,
as its threads wait for each other in a loop: quote figures of a quiet machine.
"""

import argparse
import json
import os
import statistics
import sys
import time

try:
    import torch
    import torchvision
    from torchvision.models.detection._utils import Matcher
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.image_list import ImageList
    from torchvision.ops import box_iou, sigmoid_focal_loss
except ImportError as e:
    sys.exit(f"torchvision_peer: {e}; Debian has both as python3-torchvision (use /usr/bin/python3)")

STEPS = ("anchors", "iou", "matcher", "focal")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("file")
    p.add_argument("--images", type=int, default=100)
    p.add_argument("--rounds", type=int, default=7, help="rounds with one class; three of them with 80")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--json", action="store_true", help="write the figures as JSON")
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    images = prepare(args.file, args.images)
    result = {"version": torchvision.__version__, "torch": torch.__version__, "threads": args.threads,
              "images": len(images), "anchors_median": statistics.median(anchors_of(i) for i in images)}
    for classes, rounds in ((1, args.rounds), (80, min(args.rounds, 3))):
        result[str(classes)] = figures(images, classes, rounds)
    if args.json:
        json.dump(result, sys.stdout)
        return
    print(f"torchvision {result['version']}, torch {result['torch']}, {args.threads} threads, {len(images)} images; "
          "ms per image: best of the rounds, median of the images")
    for classes in ("1", "80"):
        print(f"K={classes:3}", "  ".join(f"{k} {v:.1f}" for k, v in result[classes].items()))


def prepare(path, n):
    """The first n images with objects: padded size, feature sizes, boxes, labels."""
    with open(path, "rb") as f:
        data = json.load(f)
    sizes = {i["id"]: (i["width"], i["height"]) for i in data["images"]}
    boxes = {}
    for a in data["annotations"]:
        x, y, w, h = a["bbox"]
        if not a.get("iscrowd") and w > 0 and h > 0 and a["image_id"] in sizes:
            boxes.setdefault(a["image_id"], []).append(((x, y, x + w, y + h), a["category_id"]))
    images = []
    for i in data["images"]:
        if i["id"] in boxes and len(images) < n:
            images.append(image(*sizes[i["id"]], boxes[i["id"]]))
    if not images:
        sys.exit("torchvision_peer: no image with objects")
    return images


def image(width, height, objects):
    """An image as RetinaNet sees it."""
    scale = min(800 / min(width, height), 1333 / max(width, height))
    new = int(height * scale), int(width * scale)
    ratio = torch.tensor([new[1] / width, new[0] / height] * 2)
    padded = tuple(-(-side // 32) * 32 for side in new)
    grid = [(padded[0] // s, padded[1] // s) for s in (8, 16, 32)]
    for _ in range(2):
        grid.append(tuple((side - 1) // 2 + 1 for side in grid[-1]))
    return (new, padded, grid, torch.tensor([b for b, _ in objects]) * ratio, torch.tensor([c for _, c in objects]))


def anchors_of(im):
    return 9 * sum(rows * columns for rows, columns in im[2])


def figures(images, classes, rounds):
    """Medians over the images of the best of the rounds, in ms."""
    sizes = tuple((s, int(s * 2 ** (1 / 3)), int(s * 2 ** (2 / 3))) for s in (32, 64, 128, 256, 512))
    generator = AnchorGenerator(sizes, ((0.5, 1.0, 2.0),) * 5)
    matcher = Matcher(0.5, 0.4, allow_low_quality_matches=True)
    best = []
    for im in images:
        logits = torch.full((anchors_of(im), classes), -4.6)
        all_rounds = [once(im, generator, matcher, logits) for _ in range(rounds)]
        best.append(min(all_rounds, key=lambda r: r["wall_ms"]))
    return {k: statistics.median(b[k] for b in best) for k in best[0]}


def once(im, generator, matcher, logits):
    """Times the four steps for one image."""
    new, padded, grid, boxes, labels = im
    picture = ImageList(torch.empty(1, 3, 1, 1).expand(1, 3, *padded), [new])
    features = [torch.empty(1).expand(1, 1, *g) for g in grid]
    classes = logits.shape[1]
    cpu, t = time.process_time(), [time.perf_counter()]
    anchors = generator(picture, features)[0]
    t.append(time.perf_counter())
    quality = box_iou(boxes, anchors)
    t.append(time.perf_counter())
    matched = matcher(quality)
    t.append(time.perf_counter())
    target = torch.zeros_like(logits)
    positive = matched >= 0
    target[positive, labels[matched[positive]] % classes] = 1.0
    valid = matched != matcher.BETWEEN_THRESHOLDS
    sigmoid_focal_loss(logits[valid], target[valid], reduction="sum") / max(1, int(positive.sum()))
    t.append(time.perf_counter())
    cpu = time.process_time() - cpu
    ms = {step: (b - a) * 1000 for step, a, b in zip(STEPS, t, t[1:])}
    return {**ms, "wall_ms": (t[-1] - t[0]) * 1000, "cpu_ms": cpu * 1000}


if __name__ == "__main__":
    main()
