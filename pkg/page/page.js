// The page is readable without this script. It sorts and filters tables, shows values under
// the pointer, copies texts, and opens what a link leads to.
(() => {
	"use strict";
	const all = (selector, within = document) => [...within.querySelectorAll(selector)];

	// Sorting: the headers of a table that can be sorted become buttons.
	const valueOf = (row, column, numeric) => {
		const cell = row.cells[column];
		const text = cell.dataset.v ?? cell.textContent.trim();
		return numeric ? (text === "" ? -Infinity : parseFloat(text.replace(/,/g, ""))) : text;
	};
	for (const table of all("table.sort")) {
		for (const th of all("thead th[data-by]", table)) {
			const button = document.createElement("button");
			button.type = "button";
			button.append(...th.childNodes);
			th.append(button);
			button.addEventListener("click", () => {
				const numeric = th.dataset.by === "n";
				const before = th.getAttribute("aria-sort");
				const up = before ? before === "descending" : !numeric || th.cellIndex === 0;
				for (const other of all("th[aria-sort]", table)) other.removeAttribute("aria-sort");
				th.setAttribute("aria-sort", up ? "ascending" : "descending");
				const body = table.tBodies[0];
				const keyed = [...body.rows].map((row) => [valueOf(row, th.cellIndex, numeric), row]);
				keyed.sort(([a], [b]) => (numeric ? a - b : a.localeCompare(b)) * (up ? 1 : -1));
				body.append(...keyed.map(([, row]) => row));
			});
		}
	}

	// Filters of the labels.
	const tools = document.querySelector(".tools");
	if (tools) {
		const kind = document.getElementById("kind"), find = document.getElementById("find");
		const shown = document.getElementById("shown"), table = document.getElementById("suspects");
		const rows = all("tbody tr", table);
		const total = table.dataset.total; // with those that only the report has
		const rest = parseFloat(total.replace(/,/g, "")) > rows.length ? ", the likeliest of " + total : "";
		const more = document.createElement("button");
		const expand = () => {
			table.classList.remove("short");
			more.remove();
		};
		if (rows.length > 25) {
			table.classList.add("short");
			more.type = "button";
			more.className = "more";
			more.textContent = "Show all " + rows.length;
			more.addEventListener("click", () => {
				expand();
				rows[25].scrollIntoView({block: "nearest"});
			});
			table.parentElement.after(more);
			addEventListener("beforeprint", expand);
			addEventListener("hashchange", expand);
			if (/^#f\d+$/.test(location.hash)) expand();
		}
		const filter = () => {
			if (kind.value !== "" || find.value !== "") expand();
			const wanted = find.value.trim().toLowerCase();
			let n = 0;
			for (const row of rows) {
				row.hidden = (kind.value !== "" && row.dataset.kind !== kind.value) ||
					!row.textContent.toLowerCase().includes(wanted);
				n += row.hidden ? 0 : 1;
			}
			shown.textContent = n + " of " + rows.length + " shown" + rest;
		};
		kind.addEventListener("change", filter);
		find.addEventListener("input", filter);
		tools.hidden = false;
		filter();
	}

	// A link to a finding or a code opens it.
	const open = () => {
		const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
		if (!target) return;
		target.hidden = false;
		const details = target.closest("details");
		if (details) details.open = true;
	};
	addEventListener("hashchange", open);
	open();

	// Texts to copy.
	for (const pre of all("pre.copy")) {
		const button = document.createElement("button");
		button.type = "button";
		button.className = "copy-button";
		button.textContent = "Copy";
		button.addEventListener("click", async () => {
			const text = pre.querySelector("code").textContent;
			try {
				await navigator.clipboard.writeText(text);
				button.textContent = "Copied";
			} catch {
				getSelection().selectAllChildren(pre.querySelector("code"));
				button.textContent = "Selected";
			}
		});
		pre.append(button);
	}

	// Values under the pointer: of the curves at one place, and what titles say elsewhere.
	const tip = document.createElement("div");
	tip.id = "tip";
	tip.hidden = true;
	document.body.append(tip);
	const show = (event, text) => {
		tip.textContent = text;
		tip.hidden = text === "";
		const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
		const y = Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8);
		// The policy allows no style attributes, but a script may set properties.
		tip.style.left = Math.max(0, x) + "px";
		tip.style.top = Math.max(0, y) + "px";
	};
	const left = 40, right = 292, top = 8, bottom = 166;
	const heightAt = (line, x) => {
		let [ax, ay] = line[0];
		for (const [bx, by] of line) {
			if (bx >= x) return bx === ax ? by : ay + (by - ay) * (x - ax) / (bx - ax);
			[ax, ay] = [bx, by];
		}
		return ay;
	};
	for (const figure of all("svg.curves")) {
		const curves = all("polyline", figure).map((line) => ({
			name: line.firstElementChild.textContent,
			points: line.getAttribute("points").split(" ").map((p) => p.split(",").map(Number)),
		}));
		for (const title of all("title", figure)) title.remove();
		figure.addEventListener("pointermove", (event) => {
			const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(figure.getScreenCTM().inverse());
			const x = Math.min(right, Math.max(left, at.x));
			const percent = (v) => (100 * v).toFixed(1) + " %";
			show(event, "The easiest " + percent((x - left) / (right - left)) + " hold: " + curves.map((c) =>
				c.name + ": " + percent((bottom - heightAt(c.points, x)) / (bottom - top))).join("; "));
		});
		figure.addEventListener("pointerleave", (event) => show(event, ""));
	}
})();
