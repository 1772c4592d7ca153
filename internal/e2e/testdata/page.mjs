// Looks at a page in Chromium and writes what there is to see as JSON.
//
// usage: node page.mjs DIRECTORY-WITH-NODE_MODULES CHROMIUM PAGE PDF PROBES SEARCH
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const [, , modules, executablePath, page, pdf, probes, search] = process.argv;
const require = createRequire(modules + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const url = pathToFileURL(page).href;

// Whoever is root has no sandbox.
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const seen = { looks: [], requests: [], messages: [] };

async function open(options) {
  // Only the test itself may run a script in the page that its policy forbids.
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  tab.on("console", (message) => seen.messages.push(message.text()));
  tab.on("pageerror", (error) => seen.messages.push(String(error)));
  tab.on("request", (request) => seen.requests.push(request.url()));
  await tab.goto(url);
  return tab;
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1100, 400]) {
    const tab = await open({ colorScheme, viewport: { width, height: 900 } });
    await tab.evaluate(axe);
    const violations = await tab.evaluate(async () => (await axe.run()).violations.map((v) => `${v.id}: ${v.help}: ${v.nodes[0].html}`));
    const look = await tab.evaluate(() => ({
      scrolls: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      background: getComputedStyle(document.documentElement).backgroundColor,
      cut: [...document.querySelectorAll("td, th, dd, dt, h1, h2, figcaption")]
        .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((e) => e.textContent),
    }));
    seen.looks.push({ colorScheme, width, violations, ...look });
    await tab.context().close();
  }
}

const tab = await open({ viewport: { width: 1100, height: 900 } });
// A probe is a chart, a class of its shapes and a share of its width and height.
seen.marks = await tab.evaluate((probes) => probes.map(({ chart, shape, x, y }) => {
  const figure = [...document.querySelectorAll("figure")].find((f) => f.querySelector("b").textContent === chart);
  const plot = figure.querySelector(".plot");
  const path = plot.querySelector(shape);
  const box = plot.viewBox.baseVal;
  return path !== null && path.isPointInFill(new DOMPoint(x * box.width, (1 - y) * box.height));
}), JSON.parse(probes));
seen.shapes = await tab.evaluate(() => [...document.querySelectorAll("figure")].map((f) => ({
  chart: f.querySelector("b").textContent,
  shapes: [...f.querySelectorAll(".plot path:not(.grid)")].map((p) => ({ name: p.getAttribute("class"), width: p.getBoundingClientRect().width })),
})));

const rows = tab.locator("#rows tbody tr");
const visible = () => rows.filter({ visible: true }).count();
seen.rows = await rows.count();
await tab.getByRole("searchbox").fill(search);
seen.found = await visible();
seen.foundText = await tab.locator("#found").textContent();
await tab.getByRole("searchbox").fill("no row has this");
seen.foundNone = await visible();
await tab.getByRole("searchbox").fill("");
seen.foundAll = await visible();
await tab.pdf({ path: pdf, format: "A4" });
await tab.context().close();

const still = await open({ javaScriptEnabled: false });
seen.withoutScript = await still.locator("body").innerText();
await browser.close();
process.stdout.write(JSON.stringify(seen));
