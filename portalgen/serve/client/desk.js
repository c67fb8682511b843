// Added to pages by `portalgen serve`: names the page to the server, shows problems, and replaces the
// part of the page that a save has changed. livereload.js, loaded after it, keeps the connection, and
// reloads the page or its styles where that is not enough.
(() => {
  const { site, route } = document.currentScript.dataset;
  let { digest } = document.currentScript.dataset;
  let served = null; // the page as sent, before any script changed it
  let last = Promise.resolve();

  const element = (name, ...children) => {
    const node = document.createElement(name);
    node.append(...children);
    return node;
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
    const response = await fetch(location.href);
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return { page, digest: page.querySelector("script[data-digest]").dataset.digest };
  }

  const resources = (page) =>
    [...page.querySelectorAll("link[rel=stylesheet], script[src]")].map((node) => node.getAttribute("href") ?? node.getAttribute("src")).join();

  // Child indices that lead to the smallest part that holds all differences of two nodes.
  function difference(old, now) {
    if (old.childNodes.length !== now.childNodes.length || !old.cloneNode().isEqualNode(now.cloneNode())) return [];
    const different = [...old.childNodes.keys()].filter((at) => !old.childNodes[at].isEqualNode(now.childNodes[at]));
    if (different.length !== 1) return [];
    const [at] = different;
    return [at, ...difference(old.childNodes[at], now.childNodes[at])];
  }

  // Replace the changed part of the page, unless a script has altered it; whether that was done.
  async function replaceChanged() {
    const now = await load();
    if (resources(now.page) !== resources(served)) return false;
    const path = difference(served.body, now.page.body);
    const [here, old, fresh] = [document, served, now.page].map((page) => path.reduce((node, at) => node?.childNodes[at], page.body));
    if (!here || here === document.body || !here.isEqualNode(old) || fresh.querySelector?.("script")) return false;
    here.replaceWith(document.importNode(fresh, true));
    document.title = now.page.title;
    ({ page: served, digest } = now);
    return true;
  }

  addEventListener("load", async () => {
    const now = await load().catch(() => null);
    if (now?.digest === digest) served = now.page;
  });

  window.LiveReloadPluginDesk = class {
    static identifier = "desk";
    static version = "1";
    analyze() {
      return { site, route, digest };
    }
    reload(path) {
      if (path === "problems") showProblems();
      else if (path !== "page" || !served) return false;
      else last = last.then(replaceChanged).catch(() => false).then((done) => done || location.reload());
      return true;
    }
  };
  showProblems();
})();
