import * as sutra from "./client.js";
import * as view from "./view.js";

const $ = (id) => document.getElementById(id);
const healthEvery = 10_000;

/** Runs what a form does while the form says that it is busy; what goes wrong is said in its notice. */
async function submit(form, notice, action) {
  if (form.getAttribute("aria-busy") === "true") {
    return;
  }
  form.setAttribute("aria-busy", "true");
  notice.hidden = true;
  try {
    await action();
  } catch (problem) {
    view.notify(notice, problem);
    if (problem.status === 401) {
      sutra.key.forget();
      showKey();
    }
  } finally {
    form.removeAttribute("aria-busy");
  }
}

// The key

function showKey() {
  const key = sutra.key.get();
  $("key-form").hidden = key !== null;
  $("key-chip").hidden = key === null;
  $("key-id").textContent = key ? `${key.slice(0, 6)}${key.slice(6).split("_")[0].slice(0, 4)}…` : "";
}

function needKey() {
  if (sutra.key.get() !== null) {
    return;
  }
  $("key").focus();
  throw new sutra.Problem({ title: "An API key is needed", detail: "Paste it at the top of the page first." });
}

$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  submit($("key-form"), $("key-notice"), async () => {
    const key = $("key").value.trim().replace(/^Bearer\s+/i, "");
    if (!/^[\x21-\x7e]+$/.test(key)) {
      $("key").focus();
      throw new sutra.Problem({ title: "That is not an API key", detail: "A key looks like sutra_… and has no spaces." });
    }
    await sutra.check(key);
    sutra.key.set(key);
    $("key").value = "";
    showKey();
    $("content").focus();
  });
});

$("key-forget").addEventListener("click", () => {
  sutra.key.forget();
  showKey();
  $("key").focus();
});

// Learn

function metadata() {
  const pairs = {};
  for (const row of $("pairs").children) {
    const [name, value] = [...row.querySelectorAll("input")].map((input) => input.value.trim());
    if (!name && !value) {
      continue;
    }
    if (!name || Object.hasOwn(pairs, name)) {
      row.querySelector("input").focus();
      throw new sutra.Problem(name
        ? { title: "A name stands twice", detail: `The metadata name “${name}” can be used once.` }
        : { title: "A name is missing", detail: `The metadata value “${value}” needs a name.` });
    }
    pairs[name] = value;
  }
  return pairs;
}

function addPair(focus) {
  const row = view.pair((removed) => {
    removed.remove();
    $("add-pair").focus();
  });
  $("pairs").append(row);
  if (focus) {
    row.querySelector("input").focus();
  }
}

$("add-pair").addEventListener("click", () => addPair(true));

$("learn-form").addEventListener("submit", (event) => {
  event.preventDefault();
  submit($("learn-form"), $("learn-notice"), async () => {
    needKey();
    const content = $("content").value;
    if (!content.trim()) {
      $("content").focus();
      throw new sutra.Problem({ title: "Nothing to learn", detail: "Write or paste a text first." });
    }
    const { concept_id: id, created, truncated } = await sutra.learn(content, metadata());
    view.notify($("learn-notice"), [
      created === false ? "Known already; its record was replaced: " : "Learned. It is on disk and can be asked about: ",
      view.element("code", {}, id),
      truncated ? ". It is longer than the model reads, so it is found by its beginning only." : "",
    ]);
    $("content").value = "";
    $("pairs").replaceChildren();
    addPair(false);
    $("content").focus();
  });
});

$("content").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    $("learn-form").requestSubmit();
  }
});

// Ask

$("ask-form").addEventListener("submit", (event) => {
  event.preventDefault();
  submit($("ask-form"), $("ask-notice"), async () => {
    needKey();
    const query = $("query").value.trim();
    if (!query) {
      $("query").focus();
      throw new sutra.Problem({ title: "Nothing asked", detail: "Write a question first." });
    }
    $("result").setAttribute("aria-busy", "true");
    try {
      const started = performance.now();
      const answer = await sutra.ask(query, Number($("top-k").value));
      $("result").replaceChildren(...view.result(answer, performance.now() - started));
      if (answer.truncated) {
        view.notify($("ask-notice"), "The question is longer than the model reads, so its nearest were looked for by its beginning only.");
      }
    } finally {
      $("result").removeAttribute("aria-busy");
    }
  });
});

// Health

const healthText = { healthy: "healthy", degraded: "degraded", unhealthy: "not healthy" };

async function showHealth() {
  const { state, components, detail } = await sutra.health();
  $("health").dataset.state = state;
  if ($("health-text").textContent !== healthText[state]) {
    $("health-text").textContent = healthText[state];
  }
  $("health-components").replaceChildren(...view.healthComponents(components, detail));
}

async function watchHealth() {
  if (document.visibilityState === "visible") {
    await showHealth();
  }
  setTimeout(watchHealth, healthEvery);
}

document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && showHealth());

document.querySelector(".keys").textContent = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘ Enter" : "Ctrl + Enter";
addPair(false);
showKey();
watchHealth();
