"""The ledger: every claim of the book with its formula and its checks, as a page, as `ledger.json`, and in totals."""

import json

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from mlderived import check

from .checklines import how
from .claims import store

WORDS = "book/using-this-book"  # the page that explains the verbs, each at #word-…


def equation_number(env, docname, label):
    numbers = env.toc_fignumbers.get(docname, {}).get("displaymath", {}).get(f"equation-{label}")
    return ".".join(map(str, numbers)) if numbers else ""


def box_number(env, docname, label):
    for kind in ("theorem", "lemma", "proposition", "corollary"):
        numbers = env.toc_fignumbers.get(docname, {}).get(kind, {}).get(label)
        if numbers:
            return f"{kind.capitalize()} " + ".".join(map(str, numbers))
    return ""


def ledger(env):
    """The ledger as data: totals, then each chapter's claims with their checks, and the cited results."""
    chapters = []
    for docname in sorted(store(env)):
        page = store(env)[docname]
        if not (page.claims or page.cited):
            continue
        rows = [
            {
                "label": claim.label,
                "number": equation_number(env, docname, claim.label),
                "name": claim.name,
                "box": box_number(env, docname, claim.box) if claim.box else "",
                "tex": claim.tex,
                "place": f"{docname}.html#equation-{claim.label}",
                "checks": [
                    {
                        "kind": c.kind,
                        "what": c.what,
                        "tolerance": c.tolerance,
                        "wrong_forms": c.wrong,
                        "corrected_forms": c.corrected,
                        "place": f"{docname}.html#{c.anchor}",
                    }
                    for c in page.checks
                    if c.label == claim.label
                ],
            }
            for claim in page.claims
        ]
        chapters.append(
            {
                "chapter": docname,
                "number": env.toc_secnumbers.get(docname, {}).get("", (None,))[0],
                "title": env.titles[docname].astext(),
                "claims": [row for row in rows if not row["label"].startswith("no-")],
                "refuted": [row for row in rows if row["label"].startswith("no-")],
                "cited": [
                    {"label": label, "number": box_number(env, docname, label), "name": name}
                    for label, name, _ in page.cited
                ],
                "quoted": page.quoted,
            }
        )
    return {"totals": totals(chapters), "chapters": chapters}


def totals(chapters):
    rows = [row for chapter in chapters for row in chapter["claims"]]
    checks = [c for row in rows for c in row["checks"]]
    return {
        "claims": len(rows),
        "checks": len(checks),
        "wrong forms": sum(len(c["wrong_forms"]) for c in checks),
        "refuted": sum(len(chapter["refuted"]) for chapter in chapters),
        "cited": sum(len(chapter["cited"]) for chapter in chapters),
        "quoted": sum(chapter["quoted"] for chapter in chapters),
        "chapters": len(chapters),
    }


class ledger_table(nodes.General, nodes.Element):
    """Stands for the ledger until all pages have been read."""


class ledger_total(nodes.Inline, nodes.TextElement):
    """Stands for one of the ledger's totals until all pages have been read."""


def note_ledger_doc(env):
    if not hasattr(env, "mld_ledger_docs"):
        env.mld_ledger_docs = set()
    env.mld_ledger_docs.add(env.docname)


class LedgerDirective(SphinxDirective):
    """`{ledger}`: every claim of the book with its checks, chapter by chapter."""

    def run(self):
        note_ledger_doc(self.env)
        return [ledger_table()]


def total_role(name, rawtext, text, lineno, inliner, options=None, content=()):
    """`{total}`claims``: one of the ledger's totals, as a number in the text."""
    env = inliner.document.settings.env
    note_ledger_doc(env)
    return [ledger_total(rawtext, text, of=text)], []


class FillLedger(SphinxPostTransform):
    """Put the ledger and its totals into the pages that ask for them."""

    default_priority = 5

    def run(self, **kwargs):
        wanted = list(self.document.findall(lambda n: isinstance(n, (ledger_table, ledger_total))))
        if not wanted:
            return
        data = ledger(self.env)
        for node in wanted:
            if isinstance(node, ledger_total):
                if node["of"] not in data["totals"]:
                    raise ExtensionError(f"{self.env.docname}: total: there is no total of {node['of']!r}")
                node.replace_self(nodes.Text(f"{data['totals'][node['of']]:,}"))
            else:
                made = [part for chapter in data["chapters"] for part in self.chapter(chapter)]
                node.replace_self(made or [nodes.paragraph("", "No claim has been made yet.")])

    def link(self, text, place, *classes):
        docname, _, anchor = place.partition(".html#")
        uri = self.app.builder.get_relative_uri(self.env.docname, docname) + "#" + anchor
        return nodes.reference("", text, refuri=uri, internal=True, classes=list(classes))

    def chapter(self, chapter):
        uri = self.app.builder.get_relative_uri(self.env.docname, chapter["chapter"])
        prefix = f"{chapter['number']} " if chapter["number"] else ""
        heading = nodes.rubric("", "", nodes.reference("", prefix + chapter["title"], refuri=uri, internal=True))
        yield heading
        for rows, caption in ((chapter["claims"], None), (chapter["refuted"], "False statements, each refuted")):
            if rows:
                if caption:
                    yield nodes.paragraph("", "", nodes.emphasis("", caption))
                yield self.table(rows)
        if chapter["cited"]:
            yield nodes.paragraph(
                "", "", nodes.emphasis("", "Stated with a source, not proved here: "), self.cited(chapter)
            )

    def cited(self, chapter):
        said = nodes.inline()
        for i, row in enumerate(chapter["cited"]):
            said += nodes.Text("; " if i else "")
            said += self.link(f"{row['number']} {row['name']}".strip(), f"{chapter['chapter']}.html#{row['label']}")
        return said

    def table(self, rows):
        table = nodes.table(classes=["ledger"])
        group = nodes.tgroup(cols=3)
        table += group
        group += [nodes.colspec(colwidth=width) for width in (10, 45, 45)]
        head = nodes.thead()
        head += self.row([nodes.Text("Number")], [nodes.Text("Claim")], [nodes.Text("How it is checked")])
        group += head
        body = nodes.tbody()
        group += body
        for claim in rows:
            name = nodes.inline("", claim["name"])
            where = [nodes.inline("", f" {claim['box']}", classes=["ledger-box"])] if claim["box"] else []
            label = nodes.literal("", claim["label"], classes=["ledger-label"])
            formula = nodes.math_block(claim["tex"], claim["tex"], nowrap=False, number=None, label=None)
            row = nodes.row()
            row += nodes.entry("", nodes.paragraph("", "", self.link(f"({claim['number']})", claim["place"])))
            row += nodes.entry("", nodes.paragraph("", "", name, *where, nodes.Text(" "), label), formula)
            row += nodes.entry("", nodes.paragraph("", "", *(self.check(claim["label"], c) for c in claim["checks"])))
            row["ids"].append(f"ledger-{claim['label']}")
            body += row
        return table

    def check(self, label, c):
        """What was compared, linked to the place; and how, its verb linked to what it means."""
        result = check.Result(
            label, c["what"], c["kind"], c["tolerance"], tuple(c["wrong_forms"]), tuple(c["corrected_forms"])
        )
        verb = c["kind"].replace("_", " ")
        known = WORDS in self.env.all_docs
        meant = self.link(verb, f"{WORDS}.html#word-{c['kind'].replace('_', '-')}") if known else nodes.Text(verb)
        line = nodes.inline("", "", classes=["ledger-check"])
        line += [self.link(c["what"], c["place"]), nodes.Text(" ("), meant, nodes.Text(how(result)[len(verb) :] + ")")]
        return line

    @staticmethod
    def row(*entries):
        row = nodes.row()
        for entry in entries:
            paragraph = nodes.paragraph("", "", *entry)
            row += nodes.entry("", paragraph)
        return row


def shows(app, env):
    return dict.fromkeys(getattr(env, "mld_ledger_docs", ()), ledger(env))


def data(app, env):
    return {"ledger.json": json.dumps(ledger(env), indent=1, ensure_ascii=False) + "\n"}


def setup(app):
    app.add_node(ledger_table)
    app.add_node(ledger_total)
    app.add_directive("ledger", LedgerDirective)
    app.add_role("total", total_role)
    app.add_post_transform(FillLedger)
    app.connect("mld-shows", shows)
    app.connect("mld-files", data)
