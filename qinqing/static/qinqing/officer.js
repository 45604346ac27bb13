"use strict";

// Narrows the list of facts while the officer types; without scripts the browser's own search finds them.
document.addEventListener("DOMContentLoaded", () => {
  const search = document.querySelector("[data-vocabulary-search]");
  if (!search) {
    return;
  }
  search.closest("label").hidden = false;
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    for (const group of document.querySelectorAll("[data-vocabulary-group]")) {
      const isNamed = group.querySelector("summary").textContent.toLowerCase().includes(wanted);
      let found = 0;
      for (const word of group.querySelectorAll("[data-vocabulary-word]")) {
        const matches = isNamed || word.textContent.toLowerCase().includes(wanted);
        word.hidden = !matches;
        found += matches ? 1 : 0;
      }
      group.hidden = found === 0;
      group.open = wanted !== "" && found > 0;
    }
  });
});
