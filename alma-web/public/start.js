/**
 * A page whose own files did not come can't say so itself: this does, and loads it again when the server answers.
 *
 * Small and without imports; it runs after the styles came or failed, and before the page's own script.
 */
const AGAIN_MS = 3_000;
const place = document.getElementById("root");
let told = false;

function tell() {
  if (told || place.childElementCount > 0) return;
  told = true;
  place.dataset.missing = "";
  const alert = document.createElement("div");
  alert.setAttribute("role", "alert");
  alert.style.cssText =
    "max-width: 30rem; margin: 20vh auto; padding: 1rem; font-family: system-ui, sans-serif";
  const title = document.createElement("strong");
  title.textContent = "The server can't be reached";
  const hint = document.createElement("p");
  hint.textContent = "This page tries again by itself. Look whether ALMA runs and the network is up.";
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Try again";
  again.addEventListener("click", () => window.location.reload());
  alert.append(title, hint, again);
  place.append(alert);
  setInterval(look, AGAIN_MS);
}

async function look() {
  const answer = await fetch("/api/v1/monitoring/health/live", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) window.location.reload();
}

window.addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLScriptElement && target.type === "module") tell();
  },
  true,
);
/** What did not come has no rules; some browsers give an empty shell of it that can't be looked into. */
function hasCome({ sheet }) {
  try {
    return sheet.cssRules.length > 0;
  } catch {
    return false;
  }
}

if (![...document.querySelectorAll("link[rel=stylesheet]")].every(hasCome)) tell();
