// Finds articles in the files that portalgen lays out for search, fetching no more than it needs.
// What a query finds and fetches depends on the query and the index alone, not on what the browser
// already holds: the same question has the same answer.
//
// A term is a word or a pair of neighbouring words. `s-<tier>-<n>.json` holds lists of article numbers
// by term, `r-<n>.json` what a result shows, `t-<n>.json` whole texts for excerpts. Higher numbers are
// newer articles, and the newest stand in a tier of their own. The layout is told in
// relations/search.py of portalgen.

export const PAGE = 10;
// Characters fetched for the words side by side, results and their texts: beyond that, results show
// the beginning of a text.
const BUDGET = 62_000;
const TEXT = 2_400; // characters of an article, more or less
const EXCERPT = 220;
const BEGUN = 200; // characters: what is shorter is the whole text
const WORD = /[\p{L}\p{N}]+/gu;
const CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export const fold = (text) =>
  text.normalize("NFD").replace(/[\u0300-\u036f]+/g, "").replace(/[đĐ]/g, "d").normalize("NFC").toLowerCase();

// hòa and hoà, thủy and thuỷ are one word.
const spelling = (word) =>
  word.replace(/[òóỏõọ][ae]$|[ùúủũụ]y$/, (end) => {
    const [vowel, tone, last] = end.normalize("NFD");
    return (vowel + last + tone).normalize("NFC");
  });

const read = (text) => spelling(text.normalize("NFC").toLowerCase());
const words = (text) => (text.normalize("NFC").toLowerCase().match(WORD) ?? []).map(spelling);

const table = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});
const crc32 = (text) => {
  let crc = -1;
  for (const byte of new TextEncoder().encode(text)) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255];
  return ~crc >>> 0;
};

function decode(list) {
  const numbers = [];
  let number = 0, gap = 0, shift = 1;
  for (const char of list) {
    const value = CHARS.indexOf(char);
    gap += (value & 31) * shift;
    shift *= 32;
    if (value < 32) {
      numbers.push((number += gap));
      gap = 0;
      shift = 1;
    }
  }
  return numbers;
}

// Runs of words, and whether each was put in quotes: `lào cai "y tế"`.
export function parse(query) {
  const runs = [];
  for (const [, quoted, plain] of query.matchAll(/["“”]([^"“”]+)["“”]?|([^"“”]+)/g)) {
    const found = words(quoted ?? plain);
    if (found.length) runs.push({ words: found, quoted: quoted !== undefined && found.length > 1 });
  }
  return runs;
}

// Typed with marks it must be so written; typed without, any spelling will do.
const asTyped = (written, typed) => {
  const one = written.split(" ");
  return typed.split(" ").every((word, at) => word === fold(word) || word === one[at]);
};
const both = (some, other) => new Set([...some].filter((number) => other.has(number)));
const all = (sets) => sets.sort((a, b) => a.size - b.size).reduce(both);

export class SearchIndex {
  constructor(folder, get = (path) => fetch(path).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer)))) {
    this.folder = folder;
    this.get = get;
    this.files = new Map();
    this.sizes = new Map();
  }

  // `used` notes which files a query needs.
  file(name, used = new Set()) {
    used.add(name);
    if (!this.files.has(name)) {
      const made = this.get(this.folder + name).then((text) => {
        this.sizes.set(name, text.length);
        return JSON.parse(text);
      });
      made.catch(() => this.files.delete(name));
      this.files.set(name, made);
    }
    return this.files.get(name);
  }

  layout() {
    return this.file("index.json");
  }

  // Articles with a term: in any spelling, as typed, and as typed in the title.
  async term(typed, used) {
    const { tiers } = await this.layout();
    const [first, second] = fold(typed).split(" ");
    const value = second ? Math.imul(crc32(first), 31) + crc32(second) : crc32(first);
    const names = tiers.map((files, tier) => files && `s-${tier}-${(value & (files - 1)) >>> 0}.json`);
    const lists = await Promise.all(names.filter(Boolean).map((name) => this.file(name, used)));
    const found = { any: new Set(), exact: new Set(), title: new Set() };
    const folded = fold(typed);
    for (const [written, list] of lists.flatMap(Object.entries)) {
      if (fold(written) !== folded) continue;
      const [text, title] = list.split("|").map(decode);
      const same = asTyped(written, typed);
      for (const number of text) {
        found.any.add(number);
        if (same) found.exact.add(number);
      }
      for (const number of title ?? []) if (same) found.title.add(number);
    }
    return found;
  }

  // Numbers of the articles found: with the words side by side, then all others with every word, in
  // each case best first. `wider`: none has all the words.
  async find(query, { site = "", section = "" } = {}) {
    const used = new Set();
    const runs = parse(query);
    if (!runs.length) return { numbers: [], wider: false, runs, used };
    const terms = (typed, count = used) => Promise.all(typed.map((term) => this.term(term, count)));
    const pairs = (run) => run.words.slice(1).map((word, at) => `${run.words[at]} ${word}`);
    const [filters, close, single, bound] = await Promise.all([
      terms([site && `@${site}`, section && `#${section}`].filter(Boolean)),
      terms(runs.flatMap((run) => (run.words.length > 1 ? pairs(run) : run.words))),
      terms(runs.flatMap((run) => run.words), new Set()), // dear, but no reason to show less of a text
      terms(runs.flatMap((run) => (run.quoted ? pairs(run) : []))),
    ]);
    const within = filters.map((found) => found.any);
    const near = all([...close.map((found) => found.exact), ...within]);
    const rank = (numbers, terms, more = []) => {
      const count = (kind, number, some) => some.reduce((sum, term) => sum + term[kind].has(number), 0);
      return [...numbers]
        .map((number) => [
          count("exact", number, terms), count("title", number, [...terms, ...more]), count("any", number, more), number,
        ])
        .sort((a, b) => b[0] - a[0] || b[1] - a[1] || b[2] - a[2] || b[3] - a[3])
        .map((row) => row[3]);
    };
    let found = all([...single.map((term) => term.any), ...bound.map((term) => term.any), ...within]);
    let wider = false;
    if (!found.size && !bound.length && single.length > 1) {
      const counts = new Map();
      for (const term of single) for (const number of term.any) counts.set(number, (counts.get(number) ?? 0) + 1);
      const most = Math.max(0, ...counts.values());
      found = new Set([...counts].filter(([, count]) => count === most && 2 * count >= single.length).map(([n]) => n));
      if (within.length) found = all([found, ...within]);
      wider = found.size > 0;
    }
    const rest = rank(found, single, close).filter((number) => !near.has(number));
    return { numbers: [...rank(near, close), ...rest], wider, runs, used };
  }

  // What to show of these articles, found by a query: title, href, date, member, and an excerpt in
  // marked parts.
  async results(numbers, { runs, used }) {
    const { block } = await this.layout();
    const heads = await Promise.all(
      numbers.map(async (number) => {
        const rows = await this.file(`r-${Math.floor(number / block)}.json`, used);
        const row = rows.find(([n]) => n === number);
        return row && { row, beside: rows.length };
      }),
    );
    let spent = 0;
    for (const name of used) spent += this.sizes.get(name);
    return Promise.all(
      heads.filter(Boolean).map(async ({ row: [number, title, href, date, member, beginning], beside }) => {
        const marker = new Marker(runs, `${title} | ${beginning}`);
        const name = `t-${Math.floor(number / block)}.json`;
        const cost = used.has(name) ? 0 : beside * TEXT;
        if (marker.complete || spent + cost > BUDGET) {
          return { title: marker.mark(title), href, date, member, excerpt: marker.mark(begun(beginning)) };
        }
        spent += cost; // before anything is fetched: the others decide now, too
        const text = (await this.file(name, used)).find(([n]) => n === number)[4];
        const fuller = new Marker(runs, `${title} | ${text}`);
        return { title: fuller.mark(title), href, date, member, excerpt: fuller.mark(fuller.window(text)) };
      }),
    );
  }
}

// A beginning that stops in the middle of a sentence was cut.
const begun = (text) => (text.length > BEGUN && !/[.!?…]["”’)]*$/.test(text) ? `${text} …` : text);

// Finds the words of a query in a text, neighbours rather than single ones.
class Marker {
  // `whole` is all that will be shown: single words count only if no two of them stand together,
  // other spellings only if none is as typed.
  constructor(runs, whole) {
    this.typed = runs.flatMap((run) => run.words);
    this.pairs = new Set(runs.flatMap((run) => run.words.slice(1).map((word, at) => fold(`${run.words[at]} ${word}`))));
    this.exact = this.joined = false;
    const all = this.hits(whole);
    this.exact = all.some((hit) => hit.exact);
    this.joined = all.some((hit) => hit.joined && (hit.exact || !this.exact));
    const there = new Set(this.hits(whole).map((hit) => hit.folded));
    this.complete = this.typed.every((word) => there.has(fold(word)));
  }

  hits(text) {
    const found = [];
    for (const match of text.matchAll(WORD)) {
      const written = read(match[0]);
      const folded = fold(written);
      const typed = this.typed.filter((word) => fold(word) === folded);
      if (!typed.length) continue;
      const exact = typed.some((word) => asTyped(written, word));
      if (this.exact && !exact) continue;
      const hit = { start: match.index, end: match.index + match[0].length, folded, exact, joined: false };
      const last = found.at(-1);
      if (last && this.pairs.has(`${last.folded} ${folded}`) && !/[\p{L}\p{N}]/u.test(text.slice(last.end, hit.start))) {
        last.joined = hit.joined = true;
      }
      found.push(hit);
    }
    return this.joined ? found.filter((hit) => hit.joined) : found;
  }

  // The part of a text with most of the words in it.
  window(text) {
    if (text.length <= EXCERPT) return text;
    const hits = this.hits(text);
    let best = 0, most = 0;
    for (const hit of hits) {
      const inside = new Set(hits.filter((one) => one.start >= hit.start && one.end <= hit.start + EXCERPT * 0.8).map((one) => one.folded)).size;
      if (inside > most) [best, most] = [hit.start, inside];
    }
    let from = Math.max(0, best - EXCERPT / 4);
    if (from) from = text.indexOf(" ", from) + 1 || from;
    if (from > best) from = best;
    let to = Math.min(text.length, from + EXCERPT);
    if (to < text.length) to = text.lastIndexOf(" ", to);
    return `${from ? "… " : ""}${text.slice(from, to)}${to < text.length ? " …" : ""}`;
  }

  // The text in parts, [text, whether it is marked].
  mark(text) {
    const parts = [];
    let at = 0;
    for (const { start, end, joined } of this.hits(text)) {
      const last = parts.at(-1);
      const between = text.slice(at, start);
      if (joined && last?.[1] && /^[ -]+$/.test(between)) last[0] += between + text.slice(start, end);
      else parts.push([between, false], [text.slice(start, end), true]);
      at = end;
    }
    return [...parts, [text.slice(at), false]].filter(([part]) => part);
  }
}
