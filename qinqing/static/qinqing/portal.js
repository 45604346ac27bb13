// The pages work without this file; with it the sum follows the ticks, a form is sent once, and what comes by itself is
// read aloud.
"use strict";

// Amounts are added up in fen, as whole numbers.
const shown = (fen) =>
  "¥" + (fen / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function sumOf(form) {
  const ticked = (name) => Array.from(form.querySelectorAll(`input[name="${name}"]:checked`));
  const lines = ticked("line").filter((box) => document.getElementById(box.dataset.offer).checked);
  return [...ticked("offer"), ...lines].reduce((sum, box) => sum + Number(box.dataset.fen), 0);
}

function follow(form) {
  const sum = sumOf(form);
  form.querySelectorAll("[data-sum]").forEach((place) => { place.textContent = shown(sum); });
  const button = form.querySelector("[data-submit]");
  // Who may not claim may still tick and see the sum.
  button.disabled = sum <= 0 || "barred" in button.dataset;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-claim]");
  if (form) follow(form);
});

document.addEventListener("submit", (event) => {
  const button = event.target.querySelector("[data-submit]");
  if (!button) return;
  // A second click while the first is under way would only be answered with the first claim; spare the wait.
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
  button.setAttribute("aria-busy", "true");
});

function ready(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((button) => { button.removeAttribute("aria-busy"); });
}

// A live region is read aloud only where it stays in its place, and htmx brings what the page shows anew.
function hear(text) {
  const place = document.getElementById("heard");
  if (place && place.textContent !== text) place.textContent = text;
}

document.addEventListener("htmx:afterSwap", () => {
  const said = document.querySelector("[data-said]");
  hear(said ? said.textContent.trim() : "");
});

// The same answer to another question is read aloud once more.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("form")) hear("");
});

// Who pressed a button and gets no answer is told so; what a page asks by itself it asks again.
function unanswered(event) {
  const form = event.target.closest("form"), note = document.getElementById("unanswered");
  if (!form || !note) return;
  ready(form);
  form.querySelector("[data-answer]").replaceChildren(note.content.cloneNode(true));
}
["htmx:sendError", "htmx:responseError"].forEach((name) => document.addEventListener(name, unanswered));

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// A page that the browser brings back from its memory may be sent again, and its ticks may have been kept.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form").forEach(ready);
  document.querySelectorAll("form[data-claim]").forEach(follow);
});
