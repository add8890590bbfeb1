#!/usr/bin/env python3
"""report.html in a real browser: report_page_test.py TBENCH_SUMMARIZE RUN[,RUN]...

At a phone's width and at a desktop's, light and dark: nothing scrolls sideways, nothing is fetched, all text can be read
and no text of a chart is cut or lies on another. Exits with 77, which is "skipped", where no Chromium runs.
"""

import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

SKIPPED = 77
WIDTHS = (400, 1200)
LEAST_CONTRAST = 4.5  # WCAG 2.2, AA
LEAST_CHART_TEXT = 9  # CSS px, as displayed
VOID = {"meta", "link", "br", "hr", "img", "input"}

# Runs in the parent of an iframe of the wanted width: a headless window does not get as narrow as a phone.
MEASURE = r"""
const frame = document.querySelector('iframe'), page = frame.contentDocument, view = frame.contentWindow;
const parse = color => {
  const n = color.match(/[\d.]+/g).map(Number);
  return n.length < 4 ? [...n, 1] : n;
};
const luminance = color => {
  const [r, g, b] = color.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};
const groundOf = element => {
  for (let e = element; e; e = e.parentElement) {
    const color = parse(view.getComputedStyle(e).backgroundColor);
    if (color[3] === 1) return color;
  }
  return [255, 255, 255];
};
const result = {width: view.innerWidth, scroll: page.scrollingElement.scrollWidth, texts: 0, charts: 0, faults: [],
                fetched: view.performance.getEntriesByType('resource').map(e => e.name),
                ground: view.getComputedStyle(page.body).backgroundColor};
const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
for (let node; (node = walker.nextNode());) {
  const element = node.parentElement;
  if (!node.textContent.trim() || element.closest('script, style, title, desc')) continue;
  const style = view.getComputedStyle(element), svg = element.closest('svg');
  const ground = svg ? parse(view.getComputedStyle(svg.querySelector('rect')).fill) : groundOf(element);
  const ratio = contrast(parse(svg ? style.fill : style.color), ground);
  result.texts++;
  if (ratio < LEAST_CONTRAST) result.faults.push(`contrast ${ratio.toFixed(2)}: ${node.textContent}`);
}
for (const svg of page.querySelectorAll('svg')) {
  const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
  const name = svg.querySelector('title').textContent;
  const texts = [...svg.querySelectorAll('text')].map(text => ({
    said: text.textContent, box: text.getBoundingClientRect(), size: parseFloat(view.getComputedStyle(text).fontSize)}));
  result.charts++;
  for (const [i, text] of texts.entries()) {
    const at = `${name}: "${text.said}"`, size = text.size * scale;
    if (size < LEAST_CHART_TEXT) result.faults.push(`${size.toFixed(1)} px: ${at}`);
    if (text.box.left < box.left - 0.5 || text.box.right > box.right + 0.5 || text.box.top < box.top - 0.5 ||
        text.box.bottom > box.bottom + 0.5) result.faults.push(`cut: ${at}`);
    for (const other of texts.slice(i + 1)) {
      const wide = Math.min(text.box.right, other.box.right) - Math.max(text.box.left, other.box.left);
      const high = Math.min(text.box.bottom, other.box.bottom) - Math.max(text.box.top, other.box.top);
      if (wide > 1 && high > 3.5) result.faults.push(`overlap: ${at} and "${other.said}"`);
    }
  }
}
const out = document.createElement('pre');
out.id = 'result';
out.textContent = JSON.stringify(result);
document.body.append(out);
"""


def browser():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        # Ubuntu's is a stub that asks for a snap.
        if path and subprocess.run([path, "--version"], capture_output=True).returncode == 0:
            return path
    return None


class Balanced(html.parser.HTMLParser):
    """Fails where an element is closed that is not the innermost open one."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> at {self.getpos()} closes {self.open[-3:]}"
        self.open.pop()


def check_text(page, folder):
    parser = Balanced()
    parser.feed(page)
    assert not parser.open, f"never closed: {parser.open}"
    assert not re.search(r"<script|\bsrc=|@import|url\(|<link(?! rel=\"icon\" href=\"data:,\")", page), (
        "something is fetched"
    )
    for svg in folder.glob("charts/*.svg"):
        assert svg.read_text() in page, f"{svg.name} is not what the page shows"
        xml.etree.ElementTree.parse(svg)


def measure(chromium, folder, page, width, scheme):
    harness = folder / "harness.html"
    source = page.replace("&", "&amp;").replace('"', "&quot;")
    constants = f"const LEAST_CONTRAST = {LEAST_CONTRAST}, LEAST_CHART_TEXT = {LEAST_CHART_TEXT};"
    harness.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><body style="margin:0"><iframe srcdoc="{source}" '
        f'style="width:{width}px;height:900px;border:0;color-scheme:{scheme}"></iframe>'
        f"<script>onload = () => {{{constants}{MEASURE}}}</script></body>"
    )
    # preferredColorScheme: 0 is dark, 1 is light.
    command = [
        chromium,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1300,1000",
        "--hide-scrollbars",
        f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
        f"--user-data-dir={folder}/profile",
        "--dump-dom",
        harness.as_uri(),
    ]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    found = re.search(r'<pre id="result">(.*)</pre>', dom)
    assert found, f"the page was not measured: {dom[-500:]}"
    return json.loads(html.unescape(found.group(1)))


def check_page(chromium, folder, page):
    grounds = {}
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            seen = measure(chromium, folder, page, width, scheme)
            where = f"{width} px, {scheme}"
            assert seen["width"] == width, f"{where}: measured at {seen['width']} px"
            assert seen["scroll"] <= width, f"{where}: scrolls sideways, {seen['scroll']} px"
            assert not seen["fetched"], f"{where}: fetched {seen['fetched']}"
            assert not seen["faults"], f"{where}: {len(seen['faults'])} faults:\n  " + "\n  ".join(seen["faults"][:20])
            assert seen["texts"] > 50, f"{where}: only {seen['texts']} texts"
            assert seen["charts"] > 5, f"{where}: {seen['charts']} charts"
            grounds.setdefault(scheme, seen["ground"])
    assert grounds["light"] != grounds["dark"], f"light and dark are both on {grounds['light']}"


def main():
    summarize, *runs = sys.argv[1:]
    chromium = browser()
    if chromium is None:
        print("skipped: no Chromium runs here")
        return SKIPPED
    for run in runs:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            status = subprocess.run([summarize, *run.split(","), "-o", folder], stderr=subprocess.PIPE, text=True)
            implausible = "is implausible: " in status.stderr
            assert status.returncode == int(implausible), status.stderr
            page = (folder / "report.html").read_text()
            check_text(page, folder)
            check_page(chromium, folder, page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
