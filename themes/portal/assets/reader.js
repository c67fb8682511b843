// What a page offers beyond its HTML: the clock line, text size, contrast, reading aloud, sharing.
const page = document.documentElement;
const remember = (key, value) => {
  try {
    if (value === undefined) return localStorage.getItem(key) ?? "";
    value ? localStorage.setItem(key, value) : localStorage.removeItem(key);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  return "";
};
const set = (name, value) => (value ? (page.dataset[name] = value) : delete page.dataset[name]);
const every = (selector, act) => document.querySelectorAll(selector).forEach(act);
const offer = (button, act) => {
  button.hidden = false;
  button.addEventListener("click", () => act(button));
};

set("size", remember("size"));
set("contrast", remember("contrast"));

every("[data-clock]", (line) => {
  const tell = () => {
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    const vi = page.lang === "vi";
    const day = new Intl.DateTimeFormat(page.lang, { weekday: "long" }).format(now);
    const date = vi
      ? `ngày ${two(now.getDate())} tháng ${two(now.getMonth() + 1)} năm ${now.getFullYear()}`
      : new Intl.DateTimeFormat(page.lang, { dateStyle: "long" }).format(now);
    line.textContent = `${day}, ${date}, ${two(now.getHours())}:${two(now.getMinutes())}`;
    setTimeout(tell, 60_000 - (now % 60_000));
  };
  tell();
});

every("button[data-size]", (button) => {
  const show = () => button.setAttribute("aria-pressed", (page.dataset.size ?? "") === button.dataset.size);
  offer(button, () => {
    remember("size", button.dataset.size);
    set("size", button.dataset.size);
    page.dispatchEvent(new Event("resized"));
  });
  page.addEventListener("resized", show);
  show();
});

every("[data-contrast]:not(html)", (button) => {
  const show = () => button.setAttribute("aria-pressed", page.dataset.contrast === "high");
  offer(button, () => {
    const high = page.dataset.contrast === "high" ? "" : "high";
    remember("contrast", high);
    set("contrast", high);
    show();
  });
  show();
});

every("[data-read]", (button) => {
  const speech = globalThis.speechSynthesis;
  if (!speech) return;
  const label = button.textContent;
  const voice = () => speech.getVoices().find(({ lang }) => lang.toLowerCase().startsWith(page.lang));
  const stop = () => {
    speech.cancel();
    button.textContent = label;
  };
  const toggle = () => {
    if (speech.speaking) return stop();
    const parts = document.querySelectorAll(".article h1, .article .lead, .body :is(h2, h3, p, li, td)");
    for (const part of parts) {
      const said = new SpeechSynthesisUtterance(part.innerText);
      said.voice = voice();
      said.lang = page.lang;
      if (part === parts[parts.length - 1]) said.onend = stop;
      speech.speak(said);
    }
    button.textContent = button.dataset.stop;
  };
  button.addEventListener("click", toggle);
  const look = () => (button.hidden = !voice());
  speech.addEventListener?.("voiceschanged", look);
  look();
  addEventListener("pagehide", stop);
});

every("[data-copy]", (button) => {
  if (!navigator.clipboard) return;
  const label = button.textContent;
  offer(button, async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = label), 2000);
  });
});

every("[data-share]", (button) => {
  if (!navigator.share) return;
  offer(button, () => navigator.share({ title: document.title, url: button.dataset.share }).catch(() => {}));
});

every("[data-print]", (button) => offer(button, () => print()));
