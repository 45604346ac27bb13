"use strict";

// The finance desk: a sample that follows the layout as it is typed, and a place to drop a file on.
document.addEventListener("DOMContentLoaded", () => {
  const frame = document.querySelector("[data-sample]");
  const form = document.querySelector("#banktemplate_form");
  if (frame && form) {
    let waiting;
    let latest = 0;
    const show = async () => {
      const turn = ++latest;
      const answer = await fetch(frame.dataset.sample, { method: "POST", body: new FormData(form) });
      const text = await answer.text();
      // An answer that was overtaken by a later one is not shown.
      if (answer.ok && turn === latest) {
        frame.querySelector("[data-sample-text]").innerHTML = text;
      }
    };
    const later = () => {
      clearTimeout(waiting);
      waiting = setTimeout(show, 300);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    show();
  }
  for (const drop of document.querySelectorAll("input[type=file].officer-drop")) {
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, () => drop.classList.add("is-over"));
    }
    for (const name of ["dragleave", "drop"]) {
      drop.addEventListener(name, () => drop.classList.remove("is-over"));
    }
  }
});
