// What `portalgen serve` adds to a page: tells the server which page this is, and shows what is wrong.
// livereload.js, which comes after it, holds the line and loads the page or its styles again.
(() => {
  const { site, route, shown } = document.currentScript.dataset;

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

  window.LiveReloadPluginDesk = class {
    static identifier = "desk";
    static version = "1";
    analyze() {
      return { site, route, shown };
    }
    reload(path) {
      if (path !== "problems") return false;
      showProblems();
      return true;
    }
  };
  showProblems();
})();
