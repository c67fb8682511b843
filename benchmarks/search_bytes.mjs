// What one query costs a reader: `node benchmarks/search_bytes.mjs FOLDER [QUERIES]`, FOLDER being
// the index of a site (`public/main/tim-kiem`). Queries are drawn from the articles themselves: runs
// of one to four words as they stand in a text, and as many words picked apart. Counts the files of
// index and results that the browser's own script fetches, in bytes as Brotli sends them.
import { readdir, readFile } from "node:fs/promises";
import { brotliCompressSync, constants } from "node:zlib";
import { SearchIndex } from "../themes/portal/assets/search-index.js";

const [folder, count = "30"] = process.argv.slice(2);
const texts = (await readdir(folder)).filter((name) => name.startsWith("t-")).sort();
const sizes = new Map();
const size = async (name) => {
  if (!sizes.has(name)) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    sizes.set(name, brotliCompressSync(await readFile(`${folder}/${name}`), { params }).length);
  }
  return sizes.get(name);
};
let seed = 1;
const random = (below) => (seed = (seed * 48271) % 2147483647) % below; // Park and Miller

const rows = [];
for (const kind of ["as it stands", "picked apart"]) {
  for (const words of [1, 2, 3, 4]) {
    const costs = [];
    for (let turn = 0; turn < Number(count); turn++) {
      const articles = JSON.parse(await readFile(`${folder}/${texts[random(texts.length)]}`, "utf8"));
      const found = articles[random(articles.length)][4].match(/[\p{L}\p{N}]+/gu);
      const at = random(Math.max(1, found.length - words));
      const query = kind === "as it stands" ? found.slice(at, at + words)
        : Array.from({ length: words }, () => found[random(found.length)]);
      const fetched = new Set();
      const index = new SearchIndex("", (name) => fetched.add(name) && readFile(`${folder}/${name}`, "utf8"));
      const answer = await index.find(query.join(" "));
      await index.results(answer.numbers.slice(0, 10), answer);
      let cost = 0;
      for (const name of fetched) cost += await size(name);
      costs.push(cost);
    }
    costs.sort((a, b) => a - b);
    rows.push({ query: kind, words, "median KB": (costs[costs.length >> 1] / 1000).toFixed(1), "largest KB": (costs.at(-1) / 1000).toFixed(1) });
  }
}
console.table(rows);
