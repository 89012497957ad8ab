// Builds what is shown. Text from people and services only ever becomes text nodes, never markup.

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });
const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    node.setAttribute(attribute, value);
  }
  node.append(...children);
  return node;
}

/** Fills a notice with one message, or with a Problem and its trace id. */
export function notify(notice, message) {
  const problem = message instanceof Error ? message : null;
  notice.classList.toggle("error", problem !== null);
  notice.replaceChildren();
  if (problem) {
    notice.append(element("strong", {}, problem.title ?? "Something went wrong"), problem.detail ?? problem.message);
    if (problem.traceId) {
      notice.append(element("small", { class: "trace" }, "Trace ", element("code", {}, problem.traceId)));
    }
  } else {
    notice.append(...[message].flat());
  }
  notice.hidden = false;
}

export function result({ answer, confidence, evidence, no_answer_reason: reason, timing }, roundTrip) {
  const best = evidence[0]?.score ?? 0;
  return [
    element("article", { class: answer ? "answer" : "answer none", "aria-label": "Answer" },
      element("blockquote", { id: "answer" }, answer ?? noAnswer(reason)),
      element("div", { class: "facts" },
        element("div", { class: "confidence" },
          "Confidence", meter("Confidence", confidence, level(confidence)),
          element("b", {}, percent.format(confidence)), level(confidence)),
        element("div", { id: "timing", title: `Round trip ${number.format(roundTrip)} ms` }, stages(timing)))),
    element("h3", { class: "evidence-title" }, `Evidence (${evidence.length})`),
    element("ol", { class: "evidence", id: "evidence" },
      ...evidence.map((item, index) => evidenceItem(item, index + 1, best, answer))),
  ];
}

export function healthComponents(components, detail) {
  if (components.length === 0) {
    return [element("li", {}, "", element("span", {}, detail ?? "Everything answers."))];
  }
  return components.map(({ name, status, description, duration_ms: ms }) => element("li", { "data-state": status.toLowerCase() },
    element("span", { class: "dot", "aria-hidden": "true" }),
    element("span", {}, name, element("span", { class: "visually-hidden" }, ` ${status}`)),
    element("span", { class: "ms" }, Number.isFinite(ms) ? `${number.format(ms)} ms` : ""),
    ...(description ? [element("small", {}, description)] : [])));
}

export function pair(remove) {
  const row = element("div", { class: "pair" },
    element("input", { name: "name", "aria-label": "Metadata name", placeholder: "name", maxlength: "256", autocomplete: "off" }),
    element("input", { name: "value", "aria-label": "Metadata value", placeholder: "value", maxlength: "4096", autocomplete: "off" }),
    element("button", { type: "button", class: "quiet", "aria-label": "Remove this pair" }, "×"));
  row.lastChild.addEventListener("click", () => remove(row));
  return row;
}

function evidenceItem({ concept_id: id, content, score, metadata }, rank, best, answer) {
  const tags = Object.entries(metadata ?? {}).map(([name, value]) => tag(name, value));
  return element("li", {},
    element("span", { class: "rank", "aria-label": `Rank ${rank}` }, String(rank)),
    element("p", { class: "content" }, ...marked(content, answer)),
    element("div", { class: "score" }, score.toFixed(3), meter("Score, beside the best", best > 0 ? score / best : 0)),
    element("dl", { class: "tags" }, ...tags),
    element("code", { class: "id", title: "Concept id" }, id));
}

const tag = (name, value) => element("div", {}, element("dt", {}, name), element("dd", {}, value));

function meter(label, value, confidence = "") {
  const share = Math.min(1, Math.max(0, value));
  const bar = element("i");
  bar.style.inlineSize = percent.format(share);
  return element("div", {
    class: "meter", role: "meter", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "1",
    "aria-valuenow": share.toFixed(2), "data-level": confidence,
  }, bar);
}

const level = (confidence) => confidence >= 0.7 ? "high" : confidence >= 0.4 ? "medium" : "low";

const noAnswer = (reason) => `No answer: ${reason ?? "nothing that was learned supports one."}`;

function stages(timing) {
  return [["", timing?.total_ms, " ms"], ["embed ", timing?.embed_ms, ""], ["search ", timing?.search_ms, ""], ["answer ", timing?.answer_ms, ""]]
    .filter(([, ms]) => Number.isFinite(ms))
    .map(([stage, ms, unit]) => `${stage}${number.format(ms)}${unit}`)
    .join(" · ");
}

/** The text with the answer's sentences marked in it. */
function marked(text, answer) {
  const nodes = [];
  let from = 0;
  for (const [start, end] of found(text, answer)) {
    nodes.push(text.slice(from, start), element("mark", {}, text.slice(start, end)));
    from = end;
  }
  nodes.push(text.slice(from));
  return nodes;
}

function found(text, answer) {
  if (!answer) {
    return [];
  }
  const whole = text.indexOf(answer);
  if (whole >= 0) {
    return [[whole, whole + answer.length]];
  }
  const spans = [];
  let from = 0;
  for (const { segment } of sentences.segment(answer)) {
    const sentence = segment.trim();
    const start = sentence ? text.indexOf(sentence, from) : -1;
    if (start >= 0) {
      from = start + sentence.length;
      spans.push([start, from]);
    }
  }
  return spans;
}
