// Talks to the gateway. Every failure becomes a Problem, whatever it was: problem details, OpenAI's shape, or no answer at all.

const storageName = "sutra.key";

export class Problem extends Error {
  constructor({ title, detail, status = 0, traceId = null }) {
    super(detail || title);
    this.title = title;
    this.detail = detail;
    this.status = status;
    this.traceId = traceId;
  }
}

/** The API key: in this tab only, never in a cookie, an address or another tab. */
export const key = {
  get: () => sessionStorage.getItem(storageName),
  set: (text) => sessionStorage.setItem(storageName, text),
  forget: () => sessionStorage.removeItem(storageName),
};

export const learn = (content, metadata) => call("/api/learn", { body: { content, metadata } });

export const ask = (query, topK, signal) => call("/api/query", { body: { query, top_k: topK }, signal });

/** Throws when the gateway does not know the key; whatever else is wrong is not the key's fault. */
export async function check(candidate) {
  try {
    await call("/v1/models", { as: candidate });
  } catch (problem) {
    if (problem.status === 401 || problem.status === 0) {
      throw problem;
    }
  }
}

/** The health report, also when it is a bad one. */
export async function health() {
  try {
    const response = await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    const report = await json(response);
    return {
      state: (report?.components ? report.status : response.ok ? "Healthy" : "Unhealthy").toLowerCase(),
      components: report?.components ?? [],
      detail: report?.detail,
    };
  } catch {
    return { state: "unhealthy", components: [], detail: "The gateway does not answer." };
  }
}

async function call(path, { body, signal, as = key.get() }) {
  let response;
  try {
    response = await fetch(path, {
      method: body ? "POST" : "GET",
      headers: { Accept: "application/json", Authorization: `Bearer ${as}`, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new Problem({ title: "No answer", detail: "Sutra cannot be reached. Is it running?" });
  }

  const answer = await json(response);
  if (!response.ok) {
    throw problemOf(response, answer);
  }
  return answer;
}

async function json(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function problemOf(response, answer) {
  const fields = Object.entries(answer?.errors ?? {}).map(([name, messages]) => `${name}: ${[messages].flat().join(" ")}`);
  return new Problem({
    title: answer?.title ?? `Error ${response.status}`,
    detail: fields.length > 0 ? fields.join("\n") : answer?.detail ?? answer?.error?.message,
    status: response.status,
    traceId: answer?.traceId ?? answer?.error?.trace_id,
  });
}
