// The search page: reads the query from the form or the address, shows what is found.
import { PAGE, SearchIndex } from "./search-index.js";

const form = document.querySelector("form[data-index]");
const [status, list, more] = ["status", "results", "more"].map((id) => document.getElementById(id));
const index = new SearchIndex(form.dataset.index);
let asked = 0;

const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const marked = (parts) => parts.map(([text, hit]) => (hit ? element("mark", {}, text) : text));

function show({ title, href, date, member, excerpt }) {
  const heading = element("h2", {}, element("a", { href }, ...marked(title)));
  const meta = element("p", { className: "meta" });
  if (member) meta.append(element("span", { className: "member" }, member), " · ");
  meta.append(date);
  return element("li", {}, heading, meta, element("p", {}, ...marked(excerpt)));
}

async function search() {
  const turn = ++asked;
  const [query, site, section] = ["q", "site", "section"].map((name) => form[name]?.value ?? "");
  const address = new URLSearchParams(Object.entries({ q: query, site, section }).filter(([, value]) => value));
  history.replaceState(null, "", `${location.pathname}${address.size ? `?${address}` : ""}`);
  list.replaceChildren();
  more.parentElement.hidden = true;
  status.textContent = "";
  if (!query.trim()) return;
  try {
    const found = await index.find(query, { site, section });
    if (turn !== asked) return;
    const next = async () => {
      const from = list.children.length;
      const results = await index.results(found.numbers.slice(from, from + PAGE), found);
      if (turn !== asked) return;
      list.append(...results.map(show));
      more.parentElement.hidden = list.children.length >= found.numbers.length;
      const { some, none, wider } = form.dataset;
      const counted = some.replace("{count}", found.numbers.length).replace("{shown}", `1–${list.children.length}`);
      status.textContent = found.numbers.length ? (found.wider ? `${wider} ${counted}` : counted) : none;
      if (from) list.children[from]?.querySelector("a").focus();
    };
    more.onclick = next;
    await next();
  } catch {
    if (turn === asked) status.textContent = form.dataset.failed;
  }
}

function choices(select, pairs) {
  if (!select) return;
  select.append(...pairs.map(([value, label]) => element("option", { value }, label)));
  select.disabled = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
form.addEventListener("change", (event) => event.target.matches("select") && search());

const given = new URLSearchParams(location.search);
form.q.value = given.get("q") ?? "";
const { sites, sections } = await index.layout().catch(() => ({ sites: [], sections: [] }));
choices(form.site, sites);
choices(form.section, sections);
for (const name of ["site", "section"]) if (form[name]) form[name].value = given.get(name) ?? "";
if (form.q.value) search();
else form.q.focus({ preventScroll: true });
