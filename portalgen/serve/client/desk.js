// What `portalgen serve` adds to a page: tells the server which page this is, shows what is wrong, and
// exchanges the part of the page that a save has changed. livereload.js, which comes after it, holds the
// line, and loads the page or its styles again where that is not enough.
(() => {
  const { site, route } = document.currentScript.dataset;
  let { shown } = document.currentScript.dataset;
  let served = null; // the page as it came, before any script touched it
  let last = Promise.resolve();

  const element = (name, ...children) => {
    const made = document.createElement(name);
    made.append(...children);
    return made;
  };

  async function showProblems() {
    const { title, notes } = await (await fetch("/~/problems")).json();
    document.getElementById("desk-problems")?.remove();
    if (!notes.length) return;
    const items = notes.map(({ place, message }) => element("li", ...(place ? [element("code", place), " "] : []), message));
    const panel = element("details", element("summary", title), element("ol", ...items));
    panel.id = "desk-problems";
    panel.open = true;
    panel.setAttribute("role", "status");
    document.body.append(panel);
  }

  async function load() {
    const answer = await fetch(location.href);
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return { page, shown: page.querySelector("script[data-shown]").dataset.shown };
  }

  const resources = (page) =>
    [...page.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => one.getAttribute("href") ?? one.getAttribute("src")).join();

  // The way down to the smallest part in which all differences of two nodes lie: numbers of children.
  function difference(old, now) {
    if (old.childNodes.length !== now.childNodes.length || !old.cloneNode().isEqualNode(now.cloneNode())) return [];
    const different = [...old.childNodes.keys()].filter((at) => !old.childNodes[at].isEqualNode(now.childNodes[at]));
    if (different.length !== 1) return [];
    const [at] = different;
    return [at, ...difference(old.childNodes[at], now.childNodes[at])];
  }

  // Whether the page shows what it would if it were loaded again: only where no script has been at work.
  async function exchange() {
    const now = await load();
    if (resources(now.page) !== resources(served)) return false;
    const way = difference(served.body, now.page.body);
    const [here, old, fresh] = [document, served, now.page].map((page) => way.reduce((node, at) => node?.childNodes[at], page.body));
    if (!here || here === document.body || !here.isEqualNode(old) || fresh.querySelector?.("script")) return false;
    here.replaceWith(document.importNode(fresh, true));
    document.title = now.page.title;
    ({ page: served, shown } = now);
    return true;
  }

  addEventListener("load", async () => {
    const now = await load().catch(() => null);
    if (now?.shown === shown) served = now.page;
  });

  window.LiveReloadPluginDesk = class {
    static identifier = "desk";
    static version = "1";
    analyze() {
      return { site, route, shown };
    }
    reload(path) {
      if (path === "problems") showProblems();
      else if (path !== "page" || !served) return false;
      else last = last.then(exchange).catch(() => false).then((done) => done || location.reload());
      return true;
    }
  };
  showProblems();
})();
