/*
 * Comforts for readers whose browser runs scripts.  Every page works
 * without this file; nothing here holds a rule or a text that the page
 * does not have already.
 *
 * 1 theme and other choices  2 times  3 copy  4 address lookup  5 keys of the desk
 * 6 progress of a fan-out  7 news of the desk  8 drafts
 */
"use strict";

(function () {
	const root = document.documentElement;
	const $ = (sel, from) => (from || document).querySelector(sel);
	const $$ = (sel, from) =>
		Array.from((from || document).querySelectorAll(sel));
	const node = (tag, set, ...inside) => {
		const n = Object.assign(document.createElement(tag), set);
		n.append(...inside);
		return n;
	};
	const say = (text) => {
		if (!$("#say"))
			document.body.append(node("p",
			    {id: "say", className: "away", role: "status"}));
		$("#say").textContent = text;
	};

	/* What the server says; null when it says no, or cannot be reached:
	 * then the page keeps what it shows. */
	const ask = async (path, how) => {
		try {
			const r = await fetch(path, how);
			return r.ok ? await r.json() : null;
		} catch {
			return null;
		}
	};
	/* Calls fn(seen) whenever the page comes into sight, or leaves it. */
	const sight = (fn) => document.addEventListener("visibilitychange",
	    () => fn(!document.hidden));

	/* 1: what the reader chose wins over the system */

	/* Storage may be forbidden: then it holds for this page only. */
	const stored = (k, v) => {
		try {
			return v ? localStorage.setItem(k, v) :
			    localStorage.getItem(k);
		} catch {
			return null;
		}
	};
	const theme = (v) => {
		if (v)
			root.dataset.theme = v;
	};
	const isDark = () => root.dataset.theme ?
		root.dataset.theme === "dark" :
		matchMedia("(prefers-color-scheme: dark)").matches;

	theme(stored("theme"));

	function themeButton() {
		const place = $("[data-theme-place]");
		if (!place)
			return;
		const b = node("button", {type: "button", className: "link"});
		const other = () => isDark() ? "light" : "dark";
		const label = () => {
			b.textContent = isDark() ? "Light" : "Dark";
			b.ariaLabel = b.textContent + " colours";
		};
		b.addEventListener("click", () => {
			stored("theme", other());
			theme(other());
			label();
		});
		label();
		place.append(b);
	}

	/* 2: pages show UTC; the title adds local time and age */

	function age(ms) {
		const s = ms / 1000, size = Math.abs(s);
		const [unit, n] = size >= 86400 ? ["day", 86400] :
		    size >= 3600 ? ["hour", 3600] : ["minute", 60];
		return new Intl.RelativeTimeFormat("en", {numeric: "auto"})
		    .format(size < 60 ? 0 : Math.round(s / n), unit);
	}

	/* What is due is shown as how far away it is. */
	function due(t, left) {
		const m = Math.floor(Math.abs(left) / 60000);
		const text = m >= 2880 ? Math.floor(m / 1440) + " d" :
		    m >= 60 ? Math.floor(m / 60) + " h " + m % 60 : m + " min";
		t.title = t.textContent + ", " + t.title;
		t.textContent = left < 0 ? text + " over" : "in " + text;
		t.classList.toggle("overdue", left < 0);
		t.classList.toggle("soon", left >= 0 && m < 60);
	}

	function times(from) {
		for (const t of $$("time[datetime]", from)) {
			const when = new Date(t.dateTime);
			if (isNaN(when))
				continue;
			t.title = when.toLocaleString(undefined, {
				dateStyle: "medium", timeStyle: "long",
			}) + ", " + age(when - Date.now());
			if (t.closest(".due"))
				due(t, when - Date.now());
		}
	}

	/* 3: the page shows 192[.]0[.]2[.]7, the button copies the address */

	function copyButtons(from) {
		if (!navigator.clipboard)
			return;
		for (const n of $$("[data-copy]", from)) {
			const b = node("button", {
				type: "button", className: "copy",
				ariaLabel: "Copy " + n.dataset.copy,
			}, "copy");
			b.addEventListener("click", () => {
				navigator.clipboard.writeText(n.dataset.copy)
				    .then(() => {
					b.textContent = "copied";
					say("Copied " + n.dataset.copy);
				}, () => {
					b.textContent = "not copied";
				});
				setTimeout(() => {
					b.textContent = "copy";
				}, 1500);
			});
			n.after(b);
		}
	}

	/* 4: whose address is it?  Asked 350 ms after the last key. */

	const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]+)$/i;

	function lookup(field) {
		const out = document.getElementById(field.dataset.lookup);
		let timer = 0, asked = "";
		if (!out)
			return;
		const look = async () => {
			const ip = field.value.trim().split(/[\s,;]+/)[0]
			    .replace(/\[\.\]/g, ".").replace(/\/\d+$/, "");
			if (ip === asked)
				return;
			asked = ip;
			const a = ADDRESS.test(ip) ? await ask(
			    "/api/v1/lookup?ip=" + encodeURIComponent(ip)) : null;
			if (ip !== asked)
				return;
			out.textContent = a ? a.says : "";
			out.className = a && a.verdict !== "outside" ?
			    "answer yes" : "answer";
		};
		field.addEventListener("input", () => {
			clearTimeout(timer);
			timer = setTimeout(look, 350);
		});
		if (field.value)
			look();
	}

	/* 5: keys of the desk, off while something is typed */

	const typing = (n) => n.closest?.("input:not([type=checkbox]), " +
	    "textarea, select, [contenteditable]");
	let row = -1;

	function rows() {
		return $$("table.rows tbody tr, .neighbours li")
		    .filter((r) => r.offsetParent !== null && $("a", r));
	}

	function go(step) {
		const all = rows();
		if (!all.length)
			return;
		if (row < 0)
			row = all.findIndex((r) => $("[aria-current]", r));
		row = Math.max(0, Math.min(all.length - 1, row + step));
		all.forEach((r, i) => r.classList.toggle("at", i === row));
		const link = $("a.row", all[row]) || $("a", all[row]);
		link.focus({preventScroll: true});
		all[row].scrollIntoView({block: "nearest"});
	}

	/* Those of this page at once, and how many they are. */
	function ticks() {
		const act = $(".picked button:not([name])"), head = $("th.tick");
		if (!act || !head)
			return;
		const words = act.textContent;
		const boxes = $$("td.tick input");
		const all = node("input",
		    {type: "checkbox", ariaLabel: "All on this page"});
		const count = () => {
			const n = boxes.filter((b) => b.checked).length;
			act.textContent = n ? words + " (" + n + ")" : words;
			all.checked = n === boxes.length;
			all.indeterminate = n > 0 && n < boxes.length;
		};
		all.addEventListener("change", () => {
			for (const b of boxes)
				b.checked = all.checked;
			count();
		});
		for (const b of boxes)
			b.addEventListener("change", count);
		head.replaceChildren(all);
		count(); /* a browser may remember them */
	}

	function help() {
		if (!$("dialog.help")) {
			const dl = node("dl", {});
			const keys = [["j k", "next, previous in the list"],
			    ["Enter", "open it"], ["x", "select it"],
			    ["/", "search"]];
			for (const n of $$("[data-key]"))
				keys.push([n.dataset.key, n.dataset.keyName ||
				    n.textContent.trim()]);
			keys.push(["?", "this list"]);
			for (const [k, what] of keys)
				dl.append(node("dt", {}, node("kbd", {}, k)),
				    node("dd", {}, what));
			const box = node("input", {
				type: "checkbox",
				checked: stored("keys") !== "off",
			});
			box.addEventListener("change", () =>
				stored("keys", box.checked ? "on" : "off"));
			const d = node("dialog", {className: "help"},
			    node("h2", {id: "help-title"}, "Keys"), dl,
			    node("form", {method: "dialog"},
				node("label", {className: "choice"}, box,
				    node("span", {}, "Single keys do something " +
				    "(? always opens this)")),
				node("button", {}, "Close")));
			d.setAttribute("aria-labelledby", "help-title");
			document.body.append(d);
		}
		$("dialog.help").showModal();
	}

	function openAct(id) {
		const at = id && document.getElementById(id);
		const act = at && at.closest("details.act");
		if (!act)
			return false;
		act.open = true;
		act.scrollIntoView({block: "start"});
		const first = $("textarea, input:not([type=hidden]), select",
		    act) || $("button", act);
		if (first)
			first.focus({preventScroll: true});
		return true;
	}

	function keys(e) {
		if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) ||
		    $("dialog[open]") ||
		    (stored("keys") === "off" && e.key !== "?"))
			return;
		const act = /^[a-z]$/.test(e.key) &&
		    $('[data-key="' + e.key + '"]');
		if (e.key === "j" || e.key === "k")
			go(e.key === "j" ? 1 : -1);
		else if (e.key === "x" && rows()[row])
			$$("input[type=checkbox]", rows()[row])
			    .forEach((b) => b.click());
		else if (e.key === "/" && $("input[type=search]"))
			$("input[type=search]").focus();
		else if (e.key === "?")
			help();
		else if (act)
			act.click();
		else
			return;
		e.preventDefault();
	}

	/* 6: the ledger's numbers, asked again while something waits */

	function ledger() {
		const box = $("[data-progress]");
		if (!box || box.dataset.done)
			return;
		let timer = 0;
		const look = async () => {
			const a = await ask(box.dataset.progress);
			if (a)
				show(a);
			clearTimeout(timer); /* one at a time */
			if (!document.hidden && !box.dataset.done)
				timer = setTimeout(look, 2000);
		};
		const show = (a) => {
			for (const cell of $$("[data-count]", box)) {
				const v = a[cell.dataset.count];
				if (typeof v !== "number")
					continue;
				cell.textContent = v.toLocaleString("en");
				cell.parentNode.classList.toggle("zero", !v);
			}
			$("progress", box).max = a.total || 1;
			$("progress", box).value = a.done;
			$("[data-pace]", box).textContent = a.done + " of " +
			    a.total + (!a.busy ? "" :
			    (a.rate ? ", " + a.rate + " a second" : "") +
			    (a.left ? ", " + a.left + " s left" : ""));
			if (!a.busy || (box.dataset.state &&
			    a.state !== box.dataset.state)) {
				box.dataset.done = "1";
				if (box.dataset.reload)
					location.reload();
			}
		};
		setTimeout(look, 1000);
		sight((seen) => seen && look());
	}

	/* 7: news, heard while the page is looked at.  Nothing moves under the
	 * reader's eyes: the numbers change, and a line offers the rest. */

	const HIDDEN_MS = 5000;  /* a page out of sight leaves the line */
	const NUMBERS_MS = 5000; /* between two looks at the numbers */
	const AGAIN_MS = 60000;  /* after the server said no */

	async function numbers() {
		const n = await ask("/api/v1/queue");
		for (const at of n ? $$("[data-n]") : []) {
			at.textContent = n[at.dataset.n];
			if (at.dataset.n === "overdue")
				at.classList.toggle("late", n.overdue > 0);
		}
	}

	/* At once, then not again for a while; the last call is not lost. */
	function calm(fn, ms) {
		let timer = 0, again = false;
		const run = () => {
			again = false;
			fn();
			timer = setTimeout(() => {
				timer = 0;
				if (again)
					run();
			}, ms);
		};
		return () => {
			again = true;
			if (!timer)
				run();
		};
	}

	const touched = (f) => f.type === "file" ? f.files.length > 0 :
	    f.type === "checkbox" ? f.checked !== f.defaultChecked :
	    f.type !== "hidden" && f.value !== f.defaultValue;

	/* The ticket as it is now, around what is open or was typed. */
	async function renew(path) {
		const r = await fetch(path);
		const old = $("#main");
		const page = new DOMParser().parseFromString(await r.text(),
		    "text/html");
		const now = page.getElementById("main");
		if (!r.ok || r.redirected || !now || !now.dataset.ticket)
			return false;
		const known = $$("[id]", old).map((n) => n.id);
		for (const act of $$("details.act, details.zones", old)) {
			if (!act.open && !$$("input, textarea", act).some(touched))
				continue;
			const to = act.id ? page.getElementById(act.id) :
			    $("details.zones", page);
			for (const name of ["version", "since"]) {
				const b = to && $(`[name="${name}"]`, to);
				for (const a of b ? $$(`[name="${name}"]`, act) : [])
					a.value = b.value;
			}
			if (to)
				to.replaceWith(act);
			else
				now.append(act);
		}
		old.replaceWith(now);
		times(now);
		copyButtons(now);
		const first = $$(".thread > [id]", now)
		    .find((n) => !known.includes(n.id)) || $("h1", now);
		first.tabIndex = -1;
		first.focus();
		return true;
	}

	function also(what, words) {
		const p = $(`[data-${what}]`);
		if (!p)
			return;
		p.hidden = !words;
		$("strong", p).textContent = words || "";
	}

	function live() {
		const views = $("[data-live]"), main = $("#main");
		if (!views || !window.EventSource)
			return;
		const ticket = main.dataset.ticket;
		const path = "/desk/tickets/" + ticket;
		let line = null, heard = views.dataset.live, changes = 0, over = false;
		let later = 0, news = null;
		const bar = node("div",
		    {id: "live", className: "live", role: "status"});
		$(".panes").before(bar);

		const show = async (e) => {
			if (!ticket)
				return; /* the link loads the page again */
			e.preventDefault();
			if (!await renew(path).catch(() => false))
				return;
			changes = 0;
			news = null;
			bar.textContent = "";
			root.classList.remove("told");
		};
		const tell = calm(() => {
			const a = node("a", {href: ticket ? path :
			    location.pathname + location.search}, "show");
			a.addEventListener("click", show);
			bar.replaceChildren(node("p", {}, !ticket ? changes +
			    (changes === 1 ? " change: " : " changes: ") :
			    news.text + " at " + news.at.slice(11, 16) + " Z" +
			    (changes > 1 ? ", and " + (changes - 1) +
			    " more: " : ": "), a));
			root.classList.add("told");
		}, NUMBERS_MS);
		const count = calm(numbers, NUMBERS_MS);

		const close = () => {
			if (line)
				line.close();
			line = null;
		};
		const open = () => {
			clearTimeout(later);
			if (line || over || document.hidden)
				return;
			const at = new URLSearchParams({since: heard});
			if (ticket) {
				at.set("ticket", ticket);
				at.set("version", $("#main").dataset.version);
			}
			line = new EventSource("/api/v1/stream?" + at);
			line.addEventListener("queue", (e) => {
				heard = e.lastEventId;
				count();
				if (ticket)
					return;
				changes += JSON.parse(e.data).changes;
				tell();
			});
			line.addEventListener("ticket", (e) => {
				heard = e.lastEventId;
				news = JSON.parse(e.data);
				changes++;
				tell();
			});
			line.addEventListener("here", (e) => {
				const who = JSON.parse(e.data);
				also("also", who.names);
				also("writing", who.writing);
			});
			line.addEventListener("bye", () => {
				over = true;
				close();
			});
			line.addEventListener("error", () => {
				if (!line || line.readyState !== EventSource.CLOSED)
					return;
				close();
				later = setTimeout(open, AGAIN_MS);
			});
		};
		sight((seen) => {
			clearTimeout(later);
			if (seen)
				open();
			else
				later = setTimeout(close, HIDDEN_MS);
		});
		open();
	}

	/* 8: what is written on a ticket is kept when the typing stops */

	const DRAFT_MS = 2000;

	function drafts() {
		const ticket = $("#main") && $("#main").dataset.ticket;
		if (!ticket)
			return;
		const waiting = new Map(); /* form -> timer */
		let under_way = null;

		const calmed = (form) => {
			clearTimeout(waiting.get(form));
			waiting.delete(form);
		};
		const keep = (form, leaving) => {
			const at = $("[data-draft]", form);
			calmed(form);
			const body = new URLSearchParams({form: at.dataset.draft});
			for (const [k, v] of new FormData(form))
				if (typeof v === "string" && k !== "form")
					body.append(k, v);
			under_way = fetch("/api/v1/tickets/" + ticket + "/draft",
			    {method: "POST", body, keepalive: leaving, headers:
			    {"X-CSRF-Token": body.get("csrf")}})
			    .then(async (r) => {
				const d = r.ok ? await r.json() : null;
				at.textContent = !d ? "The draft is not kept." :
				    d.updated ? "Draft kept " +
				    d.updated.slice(11, 16) + " Z" : "";
			}).catch(() => {
				at.textContent = "The draft is not kept: the " +
				    "server cannot be reached.";
			}).finally(() => {
				under_way = null;
			});
		};
		const of = (e) => {
			const form = e.target.closest?.("form");
			return form && $("[data-draft]", form) ? form : null;
		};

		document.addEventListener("input", (e) => {
			const form = of(e);
			if (!form)
				return;
			calmed(form);
			waiting.set(form, setTimeout(keep, DRAFT_MS, form, false));
		});
		/* Nothing is kept behind what is being sent. */
		document.addEventListener("submit", async (e) => {
			const form = of(e);
			if (!form)
				return;
			calmed(form);
			if (!under_way)
				return;
			e.preventDefault();
			await under_way;
			form.requestSubmit(e.submitter);
		});
		sight((seen) => {
			for (const form of seen ? [] : [...waiting.keys()])
				keep(form, true);
		});
	}

	themeButton();
	times();
	copyButtons();
	$$("[data-lookup]").forEach(lookup);
	ledger();
	ticks();
	live();
	drafts();
	if (root.classList.contains("desk"))
		document.addEventListener("keydown", keys);
	document.addEventListener("click", (e) => {
		const a = e.target.closest?.('a[href^="#"]');
		if (!a)
			return;
		if (openAct(a.getAttribute("href").slice(1)))
			e.preventDefault();
		else if (a.closest(".summary"))
			/* a problem may name the box around its field */
			setTimeout(() => $(":target :is(input, textarea, select)")
			    ?.focus({preventScroll: true}), 0);
	});
	if ($(".summary"))
		$(".summary").focus();
	else if (location.hash)
		openAct(location.hash.slice(1));
}());
