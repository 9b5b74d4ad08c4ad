// A page whose cells run in the reader's browser. One button; then each cell can be edited and run.
// Nothing is fetched from anywhere until the button is pressed.

const settings = JSON.parse(document.getElementById("live-settings").textContent);

const make = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};
const button = (text, label, action) => {
  const node = make("button", { type: "button", textContent: text, className: "live-button", onclick: action });
  if (label) node.setAttribute("aria-label", label);
  return node;
};
const onPhone = () => matchMedia("(max-width: 36rem)").matches; // as in mlderived.figures
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

// ---- the worker -------------------------------------------------------------------------------------------------

class Python {
  // A Pyodide in a worker. `ask` answers with a promise; `stop` ends the worker and rejects what was asked.
  constructor(onprogress) {
    this.waiting = new Map();
    this.count = 0;
    this.bytes = 0;
    this.worker = new Worker(settings.worker, { type: "module" });
    this.worker.onmessage = ({ data }) => {
      if (data.progress) {
        this.bytes = data.progress.bytes;
        return onprogress(data.progress);
      }
      const { resolve, reject, told } = this.waiting.get(data.id) ?? {};
      if (data.partial !== undefined) return told?.(data.partial);
      this.waiting.delete(data.id);
      if (data.bytes) this.bytes = data.bytes;
      return data.ok ? resolve?.(data.value) : reject?.(Object.assign(new Error(data.error), { fatal: data.fatal }));
    };
    this.worker.onerror = (event) => this.stop(event.message || "the worker could not be started");
    const absolute = (url) => new URL(url, location.href).href;
    this.ready = this.ask("start", {
      pyodide: absolute(settings.pyodide), wheel: absolute(settings.wheel), kernel: absolute(settings.kernel),
    });
  }
  ask(what, rest, told) {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, told });
      this.worker.postMessage({ id, what, ...rest });
    });
  }
  stop(reason) {
    this.worker.terminate();
    for (const { reject } of this.waiting.values()) reject(new Error(reason));
    this.waiting.clear();
  }
}

// ---- outputs ----------------------------------------------------------------------------------------------------

const LINE = /^[✓✗] ((?:eq|no)-[a-z0-9-]+): (.+) \((\w+(?:, .+?)?)\)(?:; (.+))?$/u;

function checkLine(text) {
  const found = LINE.exec(text);
  if (!found) return null;
  const [, label, what, how, forms] = found;
  const equation = document.getElementById(`equation-${label}`);
  const number = equation?.querySelector(".eqno")?.firstChild?.textContent.trim() ?? label;
  const said = forms ? forms.split(/, (?=(?:fails|holds) with )/).map((form) => form.replace(/^(fails|holds) with (.*)$/, "; $2 $1")).join("") : "";
  return make("p", { className: "check-line" },
    make("span", { className: "check-mark", textContent: `${text[0]} ` }),
    make("a", { href: `#equation-${label}`, textContent: number }),
    make("span", { className: "check-what", textContent: ` ${what} ` }),
    make("span", { className: "check-how", textContent: `${how.replace("_", " ").replace(/e-0(?=\d)/g, "e-")}${said}` }));
}

function plainText(text, kind) {
  return make("div", { className: `output ${kind} highlight notranslate` }, make("pre", { textContent: text, tabIndex: 0 }));
}

const QUOTED = { "✓ quoted: ": "quoted-line", "△ quoted: ": "quoted-moved" };
const TURN = { "◦ your turn: ": "waiting", "✓ your turn: ": "right", "✗ your turn: ": "wrong" };

function streamed({ type, text }) {
  const made = [];
  let plain = [];
  const flush = () => {
    if (plain.some((line) => line.trim())) made.push(plainText(plain.join("\n"), type === "stderr" ? "stderr" : "stream"));
    plain = [];
  };
  const lines = text.replace(/\n$/, "").split("\n");
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i], state = TURN[line.slice(0, 13)];
    if (state) { // the line, and those about it that follow indented
      flush();
      const from = i;
      while (lines[i + 1]?.startsWith("  ")) i += 1;
      made.push(make("p", { className: `turn-line ${state}`, textContent: lines.slice(from, i + 1).map((l) => l.trim()).join("\n") }));
      continue;
    }
    const quoted = QUOTED[line.slice(0, 10)];
    const node = checkLine(line) ?? (quoted ? make("p", { className: quoted, textContent: line }) : null);
    if (node) {
      flush();
      made.push(node);
    } else plain.push(line);
  }
  flush();
  return made;
}

const picture = (frame) => (frame.startsWith("data:") ? frame : `data:image/svg+xml,${encodeURIComponent(frame)}`);

function failed({ kind, text, label }) {
  const box = make("div", { className: "live-failure", role: "alert" });
  if (kind === "CheckFailed") {
    const [claim, ...lines] = text.split("\n");
    const equation = label && document.getElementById(`equation-${label}`);
    const number = equation?.querySelector(".eqno")?.firstChild?.textContent.trim();
    box.append(make("p", { className: "live-failure-title", textContent: number ? `The check of ${number} fails` : "The check fails" }),
      make("p", { textContent: claim }), make("pre", { textContent: lines.map((line) => line.trim()).join("\n"), tabIndex: 0 }));
  } else {
    box.append(make("p", { className: "live-failure-title", textContent: "The cell stopped with an error" }), make("pre", { textContent: text, tabIndex: 0 }));
  }
  return box;
}

// ---- the reader's edits, kept on this device ------------------------------------------------------------------------

class Edits {
  // The code of edited cells by a hash of the book's own, so that an edit never lands in another cell than its own.
  constructor() {
    this.place = `live:${location.pathname}`;
    this.kept = true; // until storage fails: then leaving the page warns
    try { this.stored = JSON.parse(localStorage.getItem(this.place) ?? "{}"); } catch { this.stored = {}; }
    window.addEventListener("beforeunload", (event) => { if (!this.kept && this.any) event.preventDefault(); });
  }

  static key(source, seen) {
    let hash = 0xcbf29ce484222325n; // FNV-1a
    for (const letter of source) hash = BigInt.asUintN(64, (hash ^ BigInt(letter.codePointAt(0))) * 0x100000001b3n);
    const key = hash.toString(36);
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return `${key}.${seen.get(key)}`; // cells that read the same are told apart by their order
  }

  save(cells) {
    const edited = cells.filter((cell) => cell.code !== cell.source);
    this.any = edited.length > 0;
    try {
      if (this.any) localStorage.setItem(this.place, JSON.stringify(Object.fromEntries(edited.map((cell) => [cell.key, cell.code]))));
      else localStorage.removeItem(this.place);
    } catch { this.kept = false; }
  }
}

// ---- cells ------------------------------------------------------------------------------------------------------

class Cell {
  constructor(node, number) {
    this.node = node;
    this.number = number;
    this.box = node.querySelector(".cell_input");
    this.shown = this.box.querySelector(".highlight");
    this.source = this.shown.querySelector("pre").textContent.replace(/\n$/, "");
    this.state = "idle";
    this.output = node.querySelector(":scope > .cell_output");
    this.figure = this.output?.querySelector("figure:not(.mld-slider)") ?? null;
    this.printed = this.output ? [...this.output.childNodes].map((child) => child.cloneNode(true)) : [];
  }

  enliven(page) {
    this.page = page;
    this.runButton = button("Run", `Run cell ${this.number}`, () => (page.running === this ? page.stop() : page.run(this)));
    this.resetButton = button("Reset", `Reset cell ${this.number} to the book's text`, () => this.reset());
    this.note = make("span", { className: "live-note" });
    this.tools = make("div", { className: "live-tools" }, this.runButton, this.resetButton, this.note);
    this.box.append(this.tools);
    const { EditorState, EditorView, keymap, drawSelection, defaultKeymap, history, historyKeymap } = page.editor;
    const { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting, python, classHighlighter } = page.editor;
    this.node.querySelector(".live-answer")?.remove();
    const run = () => {
      page.run(this);
      return true;
    };
    this.view = new EditorView({
      state: EditorState.create({
        doc: this.source,
        extensions: [
          EditorView.lineWrapping, history(), drawSelection(), bracketMatching(), indentOnInput(), indentUnit.of("    "), python(), syntaxHighlighting(classHighlighter),
          EditorView.contentAttributes.of({ "aria-label": `Code of cell ${this.number}` }),
          keymap.of([
            { key: "Shift-Enter", run }, { key: "Mod-Enter", run },
            { key: "Escape", run: () => { this.runButton.focus(); return true; } },
            ...defaultKeymap, ...historyKeymap,
          ]),
          EditorView.updateListener.of((update) => { if (update.docChanged) this.edited(); }),
        ],
      }),
    });
    this.shown.hidden = true;
    this.shown.after(this.view.dom);
    this.edited();
  }

  get code() {
    return this.view.state.doc.toString();
  }

  put(code) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: code } });
  }

  edited() {
    const changed = this.code !== this.source;
    this.page.keep();
    this.resetButton.hidden = !changed;
    this.node.classList.toggle("live-edited", changed);
    if (this.ran !== undefined && this.ran !== this.code) this.mark("idle", "edited since it ran");
  }

  reset() {
    this.put(this.source);
    if (this.ran !== undefined && this.ran !== this.source) this.forget();
    this.runButton.focus();
  }

  forget() {
    // Back to what the book printed; the cell counts as not run.
    this.ran = undefined;
    this.outputs = undefined;
    this.output?.replaceChildren(...this.printed.map((child) => child.cloneNode(true)));
    this.figure = this.output?.querySelector("figure:not(.mld-slider)") ?? null;
    this.mark("idle", "");
  }

  mark(state, note = "") {
    this.state = state;
    this.note.textContent = note;
    this.node.dataset.live = state;
    this.runButton.textContent = state === "running" ? "Stop" : "Run";
    this.runButton.setAttribute("aria-label", `${state === "running" ? "Stop" : "Run"} cell ${this.number}`);
  }

  show(outputs) {
    this.outputs = outputs;
    if (!this.output) {
      this.output = make("div", { className: "cell_output docutils container" });
      this.node.append(this.output);
    }
    const nodes = outputs.flatMap((output) => {
      if (output.type === "error") return [failed(output)];
      if (output.type === "image") return [this.drawn(output)];
      if (output.type === "html") return [this.marked(output)];
      if (output.type === "text") return [plainText(output.text, "text_plain")];
      return streamed(output);
    });
    this.output.replaceChildren(...nodes);
    this.moved = outputs.flatMap(({ text = "" }) => text.match(/^△ quoted: /gmu) ?? []).length;
    if (outputs.some((output) => output.type === "error")) this.unfold();
  }

  unfold() {
    for (let box = this.node; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
    for (const fold of this.node.querySelectorAll("details")) fold.open = true;
  }

  goTo() {
    this.unfold();
    this.node.scrollIntoView({ block: this.node.offsetHeight < innerHeight ? "center" : "start" });
    this.runButton.focus({ preventScroll: true });
  }

  answer() {
    // To the place that a cell of "your turn" leaves open.
    const gap = this.code.indexOf("...");
    if (gap >= 0) this.view.dispatch({ selection: { anchor: gap, head: gap + 3 } });
    this.node.scrollIntoView({ block: "center" });
    this.view.focus();
  }

  drawn({ svg }) {
    // The figure keeps its place, its caption and its words; only the picture is new.
    const figure = this.figure?.cloneNode(true) ?? make("figure", {}, make("img", { alt: "figure drawn by this cell" }));
    this.figure = this.figure ?? figure;
    const image = figure.querySelector("img");
    for (const source of figure.querySelectorAll("source")) source.remove(); // drawn for this screen, whichever it is
    image.removeAttribute("width");
    image.removeAttribute("height");
    image.src = picture(svg);
    return figure;
  }

  marked({ html }) {
    const box = make("div", { className: "output text_html", innerHTML: html });
    for (const slider of box.querySelectorAll(".mld-slider")) this.slide(slider);
    return box;
  }

  slide(slider) {
    // On a live page the control draws what it is set to, in finer steps than the frames that were printed.
    const [image, source, input, output] = ["img", "source", "input", "output"].map((tag) => slider.querySelector(tag));
    if (source && onPhone()) image.src = source.srcset;
    source?.remove();
    const values = JSON.parse(slider.dataset.values);
    const start = values[Number(input.value)];
    const [low, high] = [Math.min(...values), Math.max(...values)];
    Object.assign(input, { min: low, max: high, step: "any" });
    input.value = start;
    input.step = (high - low) / 200;
    let wanted = null, busy = false;
    const draw = async () => {
      if (busy) return;
      busy = true;
      while (wanted !== null) {
        const value = wanted;
        wanted = null;
        try {
          const { svg, text, alt } = await this.page.python.ask("redraw", { name: slider.id, value, phone: onPhone() });
          image.src = picture(svg);
          image.alt = alt;
          output.value = text;
          input.setAttribute("aria-valuetext", text);
        } catch (error) {
          if (error.fatal) this.page.afresh("The slider broke Python down. ");
          else this.page.say(`The slider could not be drawn: ${error.message}`);
        }
      }
      busy = false;
    };
    input.oninput = () => {
      wanted = Number(input.value);
      draw();
    };
  }
}

// ---- the page ---------------------------------------------------------------------------------------------------

class Page {
  constructor() {
    this.cells = [...document.querySelectorAll("div.cell")]
      .filter((node) => node.querySelector(".cell_input .highlight pre"))
      .map((node, index) => new Cell(node, index + 1));
    this.status = make("span", { className: "live-status", role: "status" });
    this.begin = button("Run this page", "", () => this.start());
    this.begin.title = "Edit and run the page's cells in your browser; loads about 40 MB, once";
    this.bar = document.querySelector(".live-bar");
    this.bar.append(this.begin, this.status);
    this.edits = new Edits();
    const seen = new Map();
    for (const cell of this.cells) cell.key = Edits.key(cell.source, seen);
    for (const cell of this.cells.filter((c) => c.node.matches(".tag_your-turn"))) {
      const answer = button("Answer here", "", () => this.start(cell));
      answer.title = this.begin.title;
      cell.box.append(make("div", { className: "live-answer" }, answer));
    }
  }

  say(text) {
    this.status.textContent = text;
  }

  connect() {
    this.python = new Python(({ bytes, what }) => {
      this.what = what ?? this.what;
      if (!this.running) this.say(`Loading ${this.what ?? "Python"}: ${megabytes(bytes)} so far`);
      else this.running.mark("running", `loading ${this.what ?? ""}: ${megabytes(bytes)} so far`);
    });
    return this.python.ready;
  }

  keep() {
    if (this.enlivened) this.edits.save(this.cells);
  }

  restore() {
    // What the reader had written when he was here last; how many cells that is, in words.
    const stored = Object.entries(this.edits.stored), mine = new Map(this.cells.map((cell) => [cell.key, cell]));
    const back = stored.filter(([key]) => mine.has(key));
    for (const [key, code] of back) mine.get(key).put(code);
    this.enlivened = true;
    this.keep();
    const lost = stored.length - back.length;
    const said = back.length ? ["Your edits are back; Reset all discards them."] : [];
    if (lost) said.push(`${lost === 1 ? "One edit is" : `${lost} edits are`} dropped, for the book has changed there since.`);
    if (!this.edits.kept) said.push("Edits cannot be kept on this device: they last until you leave.");
    return said.join(" ");
  }

  async start(turn) {
    this.turn = turn ?? this.turn; // where the reader wants to begin
    if (this.begin.disabled) return;
    const since = performance.now();
    this.begin.disabled = true;
    turn?.node.querySelector(".live-answer").append(make("span", { className: "live-note", textContent: "loading Python …" }));
    this.say("Loading Python …");
    try {
      this.editor = this.editor ?? (await import(new URL(settings.editor, location.href)));
      await this.connect();
    } catch (error) {
      this.python?.stop("not started");
      this.python = null;
      this.begin.disabled = false;
      this.begin.textContent = "Try again";
      for (const note of document.querySelectorAll(".live-answer .live-note")) note.textContent = "Python could not be loaded";
      this.say(`Python could not be loaded (${error.message}). Check the network, and try again.`);
      return;
    }
    this.startTime = (performance.now() - since) / 1000;
    document.documentElement.classList.add("live");
    for (const cell of this.cells) cell.enliven(this);
    const all = button("Run all", "", () => this.run(this.cells.at(-1), true));
    this.stopButton = button("Stop", "Stop the running cell", () => this.stop());
    this.stopButton.disabled = true;
    const reset = button("Reset all", "Reset every cell to the book's text", () => this.reset());
    this.begin.replaceWith(all, this.stopButton, reset);
    const back = this.restore();
    if (this.turn) this.turn.answer();
    else all.focus();
    window.dispatchEvent(new Event("resize")); // what has become too wide is marked anew
    this.say(`Ready in ${seconds(since)}, ${megabytes(this.python.bytes)}. Shift+Enter runs a cell, and those above it that have not run. ${back}`.trim());
  }

  async run(cell, everything = false, past = null) {
    // Runs a cell after those above it that have not run; `past` a cell that failed, as if that were none of them.
    if (this.running) return this.say(`Cell ${this.running.number} is still running; Stop ends it.`);
    const queue = this.cells.filter((c) => c.number < cell.number && (past ? c.number > past.number : true) && (everything || c.state !== "done"));
    queue.push(cell);
    for (const old of document.querySelectorAll(".live-offer")) old.remove();
    const since = performance.now();
    this.stopButton.disabled = false;
    for (const next of queue) {
      const begun = performance.now();
      this.running = next;
      next.mark("running", "running …");
      this.say(`Running cell ${next.number} of ${this.cells.length}`);
      const code = next.code;
      try {
        await this.python.ready;
        const outputs = await this.python.ask("run", { code, number: next.number, phone: onPhone() },
          (text) => next.show([{ type: "stdout", text }]));
        next.ran = code;
        next.show(outputs);
        const failure = outputs.find((output) => output.type === "error");
        const moved = next.moved === 1 ? "a number of the text has moved" : `${next.moved} numbers of the text have moved`;
        next.mark(failure ? "failed" : "done", failure ? "failed" : next.moved ? `${seconds(begun)}; ${moved}` : seconds(begun));
        if (failure) {
          this.say(next === cell ? `Cell ${next.number} failed.` : `Cell ${next.number}, above, failed; cell ${cell.number} was not run.`);
          if (next !== cell) this.offer(next, cell, everything);
          break;
        }
      } catch (error) {
        next.ran = undefined;
        next.mark("failed", "did not finish");
        if (!this.stopping) this.broken(next, error);
        break;
      }
    }
    const ended = this.cells.filter((c) => queue.includes(c) && c.state === "done").length;
    if (ended === queue.length) this.say(`${ended === 1 ? `Cell ${cell.number}` : `${ended} cells`} ran in ${seconds(since)}.`);
    this.running = null;
    this.stopping = false;
    window.dispatchEvent(new Event("resize"));
    this.stopButton.disabled = true;
  }

  broken(cell, error) {
    // The cell did not run to an end, not even to an exception: what stood below it is of an earlier run, and goes.
    const deep = /call stack|recursion/i.test(error.message);
    const why = error.fatal
      ? `Python itself broke down here${deep ? ", in calls within calls that never end" : ""} (${error.message}).`
      : `The cell could not be run: ${error.message}.`;
    cell.show([{ type: "error", kind: "broken", text: why }]);
    if (error.fatal) this.afresh(`Cell ${cell.number} broke Python down. `);
    else this.say(`Cell ${cell.number} could not be run. Run it again to try again.`);
  }

  offer(failed, cell, everything) {
    // Beside what the reader pressed, name the cell above that failed, and the ways on.
    const words = make("span", { textContent: everything ? "" : `Cell ${failed.number}, above, failed` });
    const there = button("Go to it", `Go to cell ${failed.number}`, () => failed.goTo());
    const on = button("Run on from here", `Run on after cell ${failed.number}`, () => this.run(cell, everything, failed));
    if (!everything) cell.unfold();
    (everything ? this.bar : cell.tools).append(make("span", { className: "live-offer" }, words, there, on));
    if (everything) this.say(`Cell ${failed.number} failed; the cells below it were not run.`);
  }

  stop() {
    // A worker in an endless loop hears nothing: it is ended, and a new one begins with nothing run.
    this.stopping = true;
    this.afresh(this.running ? `Cell ${this.running.number} was stopped. ` : "");
  }

  afresh(why) {
    this.python.stop("stopped");
    for (const cell of this.cells) if (cell.state === "done") cell.mark("idle", "");
    this.connect().then(
      () => this.say(`${why}Python started afresh; cells run again when they are needed.`),
      (error) => this.say(`Python could not be started again (${error.message}). Reload the page.`),
    );
  }

  reset() {
    if (this.running) this.stop();
    for (const cell of this.cells) {
      cell.put(cell.source);
      cell.forget();
    }
    this.say("Every cell is as the book has it.");
  }
}

const page = new Page();
window.livePage = page; // for the tests and the curious
