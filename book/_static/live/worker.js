// The web worker of a live page: starts Pyodide, loads what cells import, runs them one at a time.
// It answers each {id, …} with {id, ok} or {id, error}; in between it reports {progress: {bytes, what}}.

let pyodide, kernel, bytes = 0, reported = 0;

const report = (what) => self.postMessage({ progress: { bytes, what } });

// Count what comes over the network, so that the page can say how much.
const plainFetch = self.fetch.bind(self);
self.fetch = async (...request) => {
  const answer = await plainFetch(...request);
  if (!answer.ok || !answer.body) return answer;
  const count = new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes - reported > 200_000) {
        reported = bytes;
        report();
      }
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = answer;
  return new Response(answer.body.pipeThrough(count), { status, statusText, headers });
};

async function fetched(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer;
}

async function start({ pyodide: index, wheel, kernel: source }) {
  report("Python");
  const { loadPyodide } = await import(index + "pyodide.mjs");
  pyodide = await loadPyodide({ indexURL: index, stdout() {}, stderr() {} });
  const [archive, text] = await Promise.all([fetched(wheel).then((r) => r.arrayBuffer()), fetched(source).then((r) => r.text())]);
  await pyodide.unpackArchive(archive, "wheel");
  pyodide.FS.writeFile("/home/pyodide/live_kernel.py", text);
  pyodide.runPython("import mlderived");
  kernel = pyodide.pyimport("live_kernel");
}

async function load(code) {
  const names = kernel.packages(code).toJs();
  const faults = [];
  await pyodide.loadPackagesFromImports(names.map((name) => `import ${name}`).join("\n"), {
    messageCallback: (message) => report(message),
    errorCallback: (message) => faults.push(message),
  });
  if (faults.length) throw new Error(faults.join("; "));
}

function plain(proxy) {
  const value = proxy.toJs({ dict_converter: Object.fromEntries });
  proxy.destroy?.();
  return value;
}

// The kernel catches whatever a cell raises; what gets past it has broken the interpreter, and a new one must begin.
async function alive(id, call) {
  try {
    return plain(await call());
  } catch (error) {
    self.postMessage({ id, ok: false, error: String(error.message ?? error), fatal: true });
    return undefined;
  }
}

self.onmessage = async ({ data: { id, what, ...rest } }) => {
  const tell = (partial) => self.postMessage({ id, partial });
  try {
    let value;
    if (what === "start") value = (await start(rest)) ?? null;
    if (what === "run") {
      await load(rest.code);
      value = await alive(id, () => kernel.run(rest.code, rest.number, rest.phone, tell));
    }
    if (what === "redraw") value = await alive(id, () => kernel.redraw(rest.name, rest.value, rest.phone));
    if (value !== undefined) self.postMessage({ id, ok: true, value, bytes });
  } catch (error) {
    self.postMessage({ id, ok: false, error: String(error.message ?? error) });
  }
};
