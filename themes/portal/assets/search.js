// Searches the site's own index; letters are compared without marks, as portalgen folds them.
const form = document.querySelector("form[data-index]");
const results = document.getElementById("results");
const fold = (text) =>
  text.normalize("NFD").replace(/[\u0300-\u036f]+/g, "").replace(/[đĐ]/g, "d").toLowerCase();

let entries;
async function load() {
  if (!entries) {
    const answer = await fetch(form.dataset.index);
    entries = (await answer.json()).map(([title, href, summary, date, member]) => ({
      title, href, summary, date, member, inTitle: fold(title), inText: fold(summary),
    }));
  }
  return entries;
}

function show(found) {
  results.replaceChildren();
  if (!found.length) {
    const line = document.createElement("p");
    line.textContent = form.dataset.none;
    results.append(line);
  }
  for (const { entry } of found.slice(0, 50)) {
    const article = document.createElement("article");
    const heading = document.createElement("h2");
    const link = document.createElement("a");
    link.href = entry.href;
    link.textContent = entry.title;
    heading.append(link);
    const meta = document.createElement("p");
    meta.className = "meta";
    meta.textContent = [entry.member, entry.date].filter(Boolean).join(" · ");
    const text = document.createElement("p");
    text.textContent = entry.summary;
    article.append(heading, meta, text);
    article.className = "card";
    results.append(article);
  }
}

async function search() {
  const typed = form.q.value.trim();
  const words = fold(typed).split(/\s+/).filter(Boolean);
  if (!words.length) return results.replaceChildren();
  const exact = typed.normalize("NFC").toLowerCase();
  const found = [];
  for (const entry of await load()) {
    if (!words.every((word) => entry.inTitle.includes(word) || entry.inText.includes(word))) continue;
    let rank = words.every((word) => entry.inTitle.includes(word)) ? 2 : 0;
    if (entry.inTitle.includes(words.join(" "))) rank += 2;
    if (`${entry.title} ${entry.summary}`.toLowerCase().includes(exact)) rank += 3;
    found.push({ entry, rank });
  }
  found.sort((a, b) => b.rank - a.rank);
  show(found);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
form.q.addEventListener("input", search);
const asked = new URLSearchParams(location.search).get("q");
if (asked) {
  form.q.value = asked;
  search();
}
