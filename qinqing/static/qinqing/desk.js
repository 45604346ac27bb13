"use strict";

// The editor of rules: checks while the officer types, marks the place, and inserts facts where she writes.
// Without this file the fields are plain, and rules are checked when they are saved.
(() => {
  const HERE = "▮";
  let writing = null;

  const catalogue = () => document.querySelector("[data-vocabulary]");
  const made = (tag, classes, parent) => {
    const element = document.createElement(tag);
    element.className = classes;
    parent.append(element);
    return element;
  };

  // The browser's own insertion keeps the history of the field, so that Ctrl+Z brings back what stood there.
  function write(field, text) {
    field.focus();
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function insert(form) {
    // A table that was drawn anew has other cells.
    if (writing && !writing.isConnected) writing = null;
    if (!writing) return;
    const before = writing.value.slice(0, writing.selectionStart);
    const joined = (/[\p{L}\p{N}_")\]]$/u.test(before) && !form.startsWith(".") ? " " : "") + form;
    const place = joined.indexOf(HERE);
    const start = writing.selectionStart;
    close();
    write(writing, joined.replace(HERE, ""));
    if (place >= 0) writing.setSelectionRange(start + place, start + place);
  }

  function open(field) {
    writing = field;
    catalogue().classList.add("is-open");
    catalogue().querySelector("[data-vocabulary-search]").focus();
  }

  function close() {
    catalogue().classList.remove("is-open");
    if (writing) writing.focus();
  }

  function mark(field, wrong) {
    const text = field.value;
    const ground = field.parentElement.querySelector(".feel-ground");
    ground.textContent = "";
    if (wrong) {
      const from = Number(wrong.dataset.position);
      const until = Math.max(from + Number(wrong.dataset.length), from + 1);
      // A fault at the very end has nothing to stand on but a space.
      const place = document.createElement("mark");
      place.textContent = text.slice(from, until) || " ";
      ground.append(text.slice(0, from), place, text.slice(until));
    }
    field.toggleAttribute("aria-invalid", Boolean(wrong));
    ground.scrollTop = field.scrollTop;
  }

  // What the last save said of this rule is said here as it reads now, so it is not said twice.
  function answered(field, wrong) {
    mark(field, wrong);
    const said = document.querySelectorAll(`#${CSS.escape(field.id)}_error .feel-excerpt`);
    for (const excerpt of said) excerpt.closest("li").remove();
  }

  function frame(field) {
    const editor = document.createElement("div");
    editor.className = "feel-editor";
    field.before(editor);
    const ground = made("div", "feel-ground", editor);
    ground.setAttribute("aria-hidden", "true");
    editor.append(field);
    const look = getComputedStyle(field);
    for (const name of ["padding", "border", "fontFamily", "fontSize", "lineHeight", "letterSpacing", "tabSize"]) {
      ground.style[name] = look[name];
    }
    ground.style.borderColor = "transparent";
    field.addEventListener("scroll", () => { ground.scrollTop = field.scrollTop; });
    field.addEventListener("input", () => mark(field, null));
    return editor;
  }

  function prepare(field) {
    if (field.dataset.desk || field.closest(".empty-form") || field.name.includes("__prefix__")) return;
    field.dataset.desk = "yes";
    const editor = frame(field);
    const button = made("button", "feel-open", editor);
    button.type = "button";
    button.textContent = catalogue().dataset.openLabel;
    button.addEventListener("click", () => open(field));
    const result = made("div", "feel-result", editor);
    result.id = `${field.id}_looked_at`;
    result.setAttribute("role", "status");
    field.setAttribute("aria-describedby", result.id);
    field.addEventListener("focus", () => { writing = field; });
    const address = new URL(catalogue().dataset.check, location.href);
    address.searchParams.set("field", field.name);
    if (/(amount|limit)_feel$/.test(field.name)) address.searchParams.set("is_amount", "1");
    if (field.name === "payee_feel") address.searchParams.set("is_payee", "1");
    // The whole form goes along: what a rule may call by name stands in it, saved or not.
    const asks = {
      "hx-post": address.pathname + address.search,
      "hx-trigger": "input changed delay:300ms, look",
      "hx-target": `#${CSS.escape(result.id)}`,
      "hx-sync": "this:queue last",
      "hx-headers": JSON.stringify({ "X-CSRFToken": field.form.querySelector("[name=csrfmiddlewaretoken]").value }),
    };
    for (const [name, value] of Object.entries(asks)) field.setAttribute(name, value);
    window.htmx.process(field);
    // Within the result the count is swapped by itself.
    result.addEventListener("htmx:afterSwap", (event) => {
      if (event.target === result) answered(field, result.querySelector(".feel-wrong"));
    });
    const told = { field, editor, write, catalogue: catalogue() };
    document.dispatchEvent(new CustomEvent("feel:prepared", { detail: told }));
    if (field.value.trim()) window.htmx.trigger(field, "look");
  }

  // A cell of a decision table is completed as what it stands for: a test of its column's input, or a rule.
  function prepareCell(cell) {
    const area = cell.closest(".grid-frame").nextElementSibling;
    const kind = /^id_tables-\d+-(inputs|rows)$/.exec(area ? area.id : "");
    const column = cell.closest("td").cellIndex;
    if (!kind || cell.dataset.desk || (kind[1] === "inputs" && column < 2)) return;
    cell.dataset.desk = "yes";
    const editor = area.parentElement;
    editor.classList.add("feel-cells");
    const isShown = (list) => editor.querySelector(`[aria-controls="${CSS.escape(list.id)}"]`);
    for (const list of editor.querySelectorAll(":scope > .feel-suggestions")) if (!isShown(list)) list.remove();
    cell.id = `${area.id}_${cell.closest("tr").rowIndex}_${column}`;
    const input = () => {
      const inputs = document.getElementById(area.id.replace(/rows$/, "inputs")).value.split("\n");
      return kind[1] === "rows" && inputs[column] ? inputs[column].split("\t")[2] || "" : "";
    };
    const told = {
      field: cell,
      editor,
      write,
      catalogue: catalogue(),
      before: () => (input() ? `${input()} in (` : ""),
      after: () => (input() ? ")" : ""),
    };
    document.dispatchEvent(new CustomEvent("feel:prepared", { detail: told }));
  }

  const fields = (within) => within.querySelectorAll("textarea.feel");
  const visible = () => Array.from(catalogue().querySelectorAll("[data-insert]")).filter((word) => word.offsetParent);

  // Down and up go from word to word, left and right between its Chinese and its English name.
  function step(from, key) {
    const all = visible();
    const row = (word) => word.closest("[data-vocabulary-word]");
    const place = all.indexOf(from);
    const next = {
      ArrowDown: () => all.slice(place + 1).find((word) => row(word) !== row(from)),
      ArrowUp: () => all.slice(0, Math.max(place, 0)).reverse().find((word) => row(word) !== row(from)),
      ArrowRight: () => row(from).contains(all[place + 1]) && all[place + 1],
      ArrowLeft: () => row(from).contains(all[place - 1]) && all[place - 1],
    }[key]();
    if (next) next.focus();
    else if (key === "ArrowUp") catalogue().querySelector("[data-vocabulary-search]").focus();
  }

  // The word that is called just so, or begins so, or else holds what is sought.
  function called(sought) {
    const fits = [(text) => text === sought, (text) => text.startsWith(sought), (text) => text.includes(sought)];
    for (const fit of fits) {
      const found = visible().find((word) => fit(word.textContent.toLowerCase()));
      if (found) return found;
    }
    return null;
  }

  function onSearchKey(event) {
    const first = visible()[0];
    if (event.key === "ArrowDown" && first) first.focus();
    else if (event.key === "Enter" && first) {
      const sought = event.target.value.trim().toLowerCase();
      insert((called(sought) || first).dataset.insert);
    } else return;
    event.preventDefault();
  }

  function onCatalogueKey(event) {
    if (event.key === "Escape") close();
    else if (event.target.matches("[data-vocabulary-search]")) return onSearchKey(event);
    else if (!event.target.matches("[data-insert]")) return undefined;
    else if (event.key === "Enter" || event.key === " ") insert(event.target.dataset.insert);
    else if (event.key.startsWith("Arrow")) step(event.target, event.key);
    else return undefined;
    event.preventDefault();
    return undefined;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const list = catalogue();
    if (!list || !window.htmx) return;
    for (const word of list.querySelectorAll("[data-insert]")) {
      word.tabIndex = 0;
      word.setAttribute("role", "button");
    }
    for (const hidden of list.querySelectorAll("[data-vocabulary-hint], [data-vocabulary-close]")) hidden.hidden = false;
    list.addEventListener("keydown", onCatalogueKey);
    list.addEventListener("mousedown", (event) => {
      // The field keeps the focus and its cursor.
      if (event.target.closest("[data-insert]")) event.preventDefault();
    });
    list.addEventListener("click", (event) => {
      const word = event.target.closest("[data-insert]");
      if (word) insert(word.dataset.insert);
      if (event.target.closest("[data-vocabulary-close]")) close();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === " " && event.ctrlKey && event.target.matches("textarea.feel")) {
        event.preventDefault();
        open(event.target);
      }
    });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-write]");
      if (!button) return;
      const field = button.closest(".feel-editor").querySelector("textarea");
      field.select();
      write(field, button.dataset.write);
    });
    document.addEventListener("focusin", (event) => {
      if (!event.target.matches(".grid-cell")) return;
      prepareCell(event.target);
      writing = event.target;
    });
    document.addEventListener("formset:added", (event) => fields(event.target).forEach(prepare));
    // What the facts are depends on what the policy pays once for.
    const subject = document.querySelector("select[name=subject]");
    const again = () => fields(document).forEach((field) => field.value.trim() && window.htmx.trigger(field, "look"));
    if (subject) subject.addEventListener("change", again);
    for (const parts of document.querySelectorAll("#parameters-group, #tables-group")) parts.addEventListener("change", again);
    fields(document).forEach(prepare);
  });
})();
